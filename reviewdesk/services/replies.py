"""Writing: drafts, and handing what is written to the outbox in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from reviewdesk.domain import outbox as machine
from reviewdesk.domain.capabilities import Available, Capability, ProviderSpec
from reviewdesk.domain.clock import Clock
from reviewdesk.domain.errors import AlreadyQueued, ErrorInfo, InvalidInput, NotAvailable, ReviewdeskError
from reviewdesk.domain.letters import USERNAME, is_letter, person_of, seen_of_keys
from reviewdesk.domain.models import (
    APPROVAL_KEY,
    Account,
    ActionKind,
    Approval,
    Draft,
    OutboxItem,
    OutboxState,
    ProviderState,
    ReviewDetail,
    ReviewKind,
    Role,
    Target,
)
from reviewdesk.domain.person import ANONYMOUS
from reviewdesk.domain.templates import gaps
from reviewdesk.domain.text import clean
from reviewdesk.services import checks
from reviewdesk.services.accounts import AccountService
from reviewdesk.services.approval import APPROVED_KINDS, WRITTEN_BY, asked_by_settings, author
from reviewdesk.store import accounts as stored_accounts
from reviewdesk.store import drafts, journal, message_drafts, messages, outbox, reviews, twins

if TYPE_CHECKING:
    from reviewdesk.store.database import Reader, Store, Tx

__all__ = ["CAPABILITY_OF", "TEXT_KINDS", "ReplyService", "already_words", "bounded_delay"]

CAPABILITY_OF: Mapping[ActionKind, Capability] = {
    ActionKind.REPLY: Capability.REPLY,
    ActionKind.EDIT_REPLY: Capability.EDIT_REPLY,
    ActionKind.DELETE_REPLY: Capability.REPLY,
    ActionKind.CONVERSATION_STATE: Capability.CONVERSATION_STATE,
    ActionKind.MESSAGE: Capability.PRIVATE_MESSAGE,
    ActionKind.RESOLUTION: Capability.RESOLUTION,
    ActionKind.FLAG: Capability.FLAG,
    ActionKind.PUBLISH: Capability.PUBLISH,
    ActionKind.FIND_REVIEWER: Capability.CUSTOMER_DATA,
    ActionKind.PROVIDER_TAGS: Capability.CUSTOMER_DATA,
    ActionKind.INVITE_LINK: Capability.INVITE_LINK,
    ActionKind.INVITE_EMAIL: Capability.INVITE_EMAIL,
    ActionKind.WITHDRAW_INVITE: Capability.WITHDRAW_INVITE,
    ActionKind.PRODUCT_ADD: Capability.PRODUCT_EDIT,
    ActionKind.PRODUCT_REMOVE: Capability.PRODUCT_EDIT,
    ActionKind.PRODUCT_IMAGE: Capability.PRODUCT_EDIT,
    ActionKind.CUSTOMER_ERASE: Capability.CUSTOMER_DATA,
}
TEXT_KINDS = frozenset(
    {
        ActionKind.REPLY,
        ActionKind.EDIT_REPLY,
        ActionKind.MESSAGE,
        ActionKind.RESOLUTION,
        ActionKind.FIND_REVIEWER,
    }
)
_DRAFTED = frozenset({ActionKind.REPLY, ActionKind.MESSAGE, ActionKind.RESOLUTION})
EDITS = "edit:"
"""Before a comment's id where a public draft keeps its subject: the draft changes that published reply."""
OFFERS = "offer:resolution"
"""Where a private draft keeps its subject: the draft offers a resolution, which has no subject of its own."""
LONGEST_DELAY_S = 60.0
_GONE = "The review or its account is no longer in this program."


class ReplyService:
    """Drafts and the way into the outbox. Any thread; ``draft`` may be called on the window's."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        accounts: AccountService,
        *,
        on_published: Callable[[OutboxItem], None],
    ) -> None:
        self._store = store
        self._clock = clock
        self._accounts = accounts
        self._on_published = on_published

    # --- drafts ------------------------------------------------------------------------------------------

    def draft(self, review_id: int, target: Target) -> Draft | None:
        """The draft for this review and reader, by one indexed look-up."""
        with self._store.read() as reader:
            return drafts.get(reader, review_id, target)

    def save_draft(self, review_id: int, target: Target, text: str, subject: str = "") -> Future[None]:
        """Store what is written so far. The future resolves after the commit: only then it is saved.

        What the author has seen is noted when a draft begins, not again at each save.
        """

        def write(tx: Tx) -> None:
            if drafts.get(tx, review_id, target) is None:
                detail = reviews.detail(tx, review_id)
                drafts.save(tx, review_id, target, text, subject=subject, seen=_seen(detail))
            else:
                drafts.save(tx, review_id, target, text, subject=subject)

        return self._store.write(write)

    def discard_draft(self, review_id: int, target: Target) -> Future[None]:
        """Take the draft away; its last version stays in the history."""

        def write(tx: Tx) -> None:
            drafts.delete(tx, review_id, target)

        return self._store.write(write)

    def draft_versions(self, review_id: int, target: Target) -> Sequence[drafts.DraftVersion]:
        """Earlier texts, the latest first; also after the draft was sent or discarded. Blocking."""
        with self._store.read() as reader:
            return drafts.versions(reader, review_id, target)

    # --- what can be done ----------------------------------------------------------------------------------

    def can(self, review_id_or_account: int | Account, capability: Capability) -> Available:
        """Whether the review's account (or this account) can do it, and if not, why."""
        if isinstance(review_id_or_account, Account):
            account: Account | None = review_id_or_account
        else:
            with self._store.read() as reader:
                account = _account_of(reader, review_id_or_account)
        if account is None:
            return Available(False, _GONE)
        return self._accounts.capabilities(account)[capability]

    def why_not(self, review_id: int, target: Target, text: str) -> str:
        """What ``publish`` would refuse about this reply now, as a sentence; empty when it would take it. Blocking."""
        with self._store.read() as reader:
            detail, account = reviews.detail(reader, review_id), _account_of(reader, review_id)
            if detail is None or account is None:
                return _GONE
            try:
                self._check(account, detail, ActionKind.REPLY, clean(text).strip(), {}, override=False)
            except ReviewdeskError as error:
                return error.message
            live = outbox.live_for(reader, review_id, target, kind=ActionKind.REPLY)
            if live is not None:
                return already_words(live)
            rival = twins.rival(reader, review_id) if target is Target.PUBLIC else None
            return rival.sentence() if rival is not None else ""

    # --- into the outbox -----------------------------------------------------------------------------------

    def publish(
        self,
        review_id: int,
        target: Target,
        text: str,
        *,
        kind: ActionKind = ActionKind.REPLY,
        payload: Mapping[str, Any] | None = None,
        delay_s: float = 0.0,
        override: bool = False,
        then_done: bool = False,
        schedule_at: float | None = None,
        kept: Iterable[str] = (),
        ask_approval: bool = False,
    ) -> Future[OutboxItem]:
        """Queue an action on a review and close its draft, in one transaction.

        ``delay_s``: seconds in which it can be taken back. ``schedule_at``: not before this moment (UTC seconds).
        ``kept``: rules of the pre-send check whose findings the author keeps on purpose; with another finding that
        must be settled the item is ``held`` with the reason, unless ``override``. What was kept or overridden is
        written into the journal. ``ask_approval`` (or a setting of the profile or the account): a text to the
        customer is held until somebody approves it; nothing overrides that.
        The future fails with ``NotAvailable`` (what the account can't do) or ``InvalidInput`` (what can't be
        right); then nothing is queued and the draft is as it was.
        """
        content = clean(text).strip() if kind in TEXT_KINDS else ""
        details = dict(payload or {})
        if then_done:
            details["then_done"] = True
        on_purpose = tuple(dict.fromkeys(kept))
        if on_purpose:
            details[checks.KEPT] = list(on_purpose)

        def write(tx: Tx) -> OutboxItem:
            detail = reviews.detail(tx, review_id)
            account = _account_of(tx, review_id)
            if detail is None or account is None:
                raise InvalidInput(_GONE)
            self._check(account, detail, kind, content, details, override=override)
            live = outbox.live_for(tx, review_id, target, kind=kind)
            if live is not None:
                raise AlreadyQueued(already_words(live))
            # The same review through another door: a reply goes out through one of them.
            first = kind is ActionKind.REPLY and target is Target.PUBLIC
            rival = twins.rival(tx, review_id) if first else None
            if rival is not None and rival.live:
                raise AlreadyQueued(rival.sentence())
            draft = _draft_of(drafts.get(tx, review_id, target), kind, details)
            now = self._clock.now()
            found = checks.unsettled(tx, detail, kind, target, content, on_purpose)
            if kind in APPROVED_KINDS:
                details[WRITTEN_BY] = author(tx)
            person = self._person(account, detail, kind)
            if person:
                details[USERNAME] = person
            asked = (ask_approval and kind in APPROVED_KINDS) or asked_by_settings(tx, kind, account.id)
            if asked:
                details[APPROVAL_KEY] = Approval.ASKED.value
            stopped = (bool(found) or rival is not None) and not override
            held = stopped or asked
            why = " ".join(filter(None, (checks.reason_of(found), rival.sentence() if rival else "")))
            item = outbox.insert(
                tx,
                OutboxItem(
                    id=0,
                    kind=kind,
                    account_id=account.id,
                    review_id=review_id,
                    target=target,
                    text=content,
                    payload=details,
                    state=OutboxState.HELD if held else OutboxState.WAITING,
                    created_at=now,
                    error=ErrorInfo("conflict", why) if stopped else machine.APPROVAL if asked else None,
                    finished_at=now if held else None,
                    seen=draft.seen if draft is not None else _seen(detail),
                    not_before=schedule_at if schedule_at is not None else now + bounded_delay(delay_s),
                    scheduled_for=schedule_at,
                    override=override,
                ),
            )
            if draft is not None:
                drafts.delete(tx, review_id, target)
            _journal(tx, item, "held" if held else "queued")
            if asked:
                _journal(tx, item, "approval asked")
            overridden = dict.fromkeys([*on_purpose, *(f.rule.id for f in found if override)])
            if overridden:
                _journal(tx, item, "check overridden", ", ".join(overridden))
            return item

        return self._tell_after(self._store.write(write))

    def _person(self, account: Account, detail: ReviewDetail, kind: ActionKind) -> str:
        """By whose name a private message is looked for after an unclear answer; empty where nobody can."""
        private = kind in (ActionKind.MESSAGE, ActionKind.RESOLUTION)
        name = (detail.author.username or "").strip()
        if not private or not self._accounts.spec(account.provider).messages_by_name:
            return ""
        return "" if name.startswith(ANONYMOUS) else name

    def publish_for_account(
        self,
        account_id: int,
        kind: ActionKind,
        *,
        payload: Mapping[str, Any],
        delay_s: float = 0.0,
        override: bool = False,
    ) -> Future[OutboxItem]:
        """Queue an action that belongs to no review (invitations, products, customer data)."""

        def write(tx: Tx) -> OutboxItem:
            account = stored_accounts.get(tx, account_id)
            if account is None:
                raise InvalidInput("The account is no longer there.")
            self._check_capability(account, kind)
            now = self._clock.now()
            item = outbox.insert(
                tx,
                OutboxItem(
                    id=0,
                    kind=kind,
                    account_id=account_id,
                    review_id=None,
                    target=Target.PRIVATE,
                    text="",
                    payload=dict(payload),
                    state=OutboxState.WAITING,
                    created_at=now,
                    not_before=now + bounded_delay(delay_s),
                    override=override,
                ),
            )
            _journal(tx, item, "queued")
            return item

        return self._tell_after(self._store.write(write))

    def _tell_after(self, future: Future[OutboxItem]) -> Future[OutboxItem]:
        future.add_done_callback(lambda done: None if done.exception() else self._on_published(done.result()))
        return future

    def undo(self, outbox_id: int) -> Future[Draft | None]:
        """Take a waiting item back: it becomes a draft again. None when it is too late.

        A message to a person beside any review becomes the draft of its thread; the answer's ``review_id`` is 0 then.
        """

        def write(tx: Tx) -> Draft | None:
            item = outbox.get(tx, outbox_id)
            if item is None or item.state not in (OutboxState.WAITING, OutboxState.HELD):
                return None
            if machine.may_be_out(item):
                return None  # perhaps it stands there for everybody to read: a person looks and discards it
            now = self._clock.now()
            back = machine.step(item, machine.Discarded(), now, machine.Policy())
            outbox.update(tx, back)
            _journal(tx, back, "taken back")
            subject = str(item.payload.get("subject", ""))
            if is_letter(item):
                whom = person_of(item)
                stopped = item.error is not None and item.error.kind == "conflict"
                known = (
                    seen_of_keys(messages.keys_of_person(tx, item.account_id, whom)) if stopped else item.seen
                )
                message_drafts.delete(
                    tx, item.account_id, whom
                )  # one that was begun since stays in the versions
                message_drafts.save(tx, item.account_id, whom, item.text, subject=subject, seen=known)
                return Draft(
                    id=0,
                    review_id=0,
                    target=item.target,
                    text=item.text,
                    subject=subject,
                    updated_at=now,
                    seen=known,
                )
            if item.review_id is None:
                return None
            seen = item.seen
            if item.error is not None and item.error.kind == "conflict":
                # What stood in the way was shown with it: written on, the text meets it as known.
                seen = _seen(reviews.detail(tx, item.review_id))
            if item.kind is ActionKind.RESOLUTION:
                subject = OFFERS
            if item.kind in _DRAFTED or subject.startswith(EDITS):
                drafts.save(tx, item.review_id, item.target, item.text, subject=subject, seen=seen)
                return drafts.get(tx, item.review_id, item.target)
            return Draft(
                id=0,
                review_id=item.review_id,
                target=item.target,
                text=item.text,
                subject=subject,
                updated_at=now,
                seen=seen,
            )

        return self._store.write(write)

    # --- checks --------------------------------------------------------------------------------------------

    def _check(
        self,
        account: Account,
        detail: ReviewDetail,
        kind: ActionKind,
        text: str,
        payload: Mapping[str, Any],
        *,
        override: bool,
    ) -> None:
        spec = self._check_capability(account, kind)
        if kind in TEXT_KINDS:
            _check_text(spec, kind, text)
        if detail.row.provider_state is ProviderState.REMOVED and not override:
            raise InvalidInput("The review is no longer there, so nothing can be sent to it.")
        if kind in (ActionKind.EDIT_REPLY, ActionKind.DELETE_REPLY):
            _check_comment(detail, payload.get("comment_id"))
        if kind is ActionKind.CONVERSATION_STATE and payload.get("state") not in ("public", "private"):
            raise InvalidInput("A conversation is public or private.")
        if kind is ActionKind.FLAG and not payload.get("reason"):
            raise InvalidInput("A reason is needed.")
        if kind is ActionKind.FIND_REVIEWER:
            _check_search(spec, detail)
        if kind is ActionKind.PUBLISH and detail.row.provider_state is ProviderState.PUBLISHED:
            raise InvalidInput("The review is published already.")

    def _check_capability(self, account: Account, kind: ActionKind) -> ProviderSpec:
        spec = self._accounts.spec(account.provider)
        available = self._accounts.capabilities(account)[CAPABILITY_OF[kind]]
        if not available.available:
            raise NotAvailable(available.reason or f"{account.name} can't do this.")
        return spec


def _check_text(spec: ProviderSpec, kind: ActionKind, text: str) -> None:
    if not text:
        raise InvalidInput("There is nothing to send: the text is empty.")
    if (gap := next(iter(gaps(text)), None)) is not None:
        raise InvalidInput(f"There is a gap to fill: {gap.words}.")
    if kind not in (ActionKind.REPLY, ActionKind.EDIT_REPLY):
        return
    limits = spec.reply_limits
    if limits.max_chars is not None and len(text) > limits.max_chars:
        raise InvalidInput(
            f"The text has {len(text):,} characters; {spec.title} takes at most {limits.max_chars:,}."
        )
    if len(text) < limits.min_chars:
        raise InvalidInput(
            f"The text is too short: {spec.title} takes {limits.min_chars} characters or more."
        )


def _check_comment(detail: ReviewDetail, comment_id: object) -> None:
    comment = next((c for c in detail.comments if c.id is not None and c.id == comment_id), None)
    if comment is None:
        raise InvalidInput(f"This review has no comment '{comment_id}'.")
    if comment.role is not Role.BUSINESS:
        raise InvalidInput("Only a reply of one's own can be changed.")


def _draft_of(draft: Draft | None, kind: ActionKind, payload: Mapping[str, Any]) -> Draft | None:
    """The draft that an item takes over: a reply never that of an edit, and an edit its own only."""
    if draft is None:
        return None
    if kind is ActionKind.EDIT_REPLY:
        return draft if draft.subject == f"{EDITS}{payload.get('comment_id')}" else None
    mine = kind in _DRAFTED and not (kind is ActionKind.REPLY and draft.subject.startswith(EDITS))
    return draft if mine else None


def _check_search(spec: ProviderSpec, detail: ReviewDetail) -> None:
    if not spec.finds_reviewers:
        raise NotAvailable(f"{spec.title} has no way to ask who wrote a review.")
    if detail.row.kind is not ReviewKind.BUSINESS:
        raise InvalidInput(f"{spec.title} finds the reviewers of company reviews only.")


def already_words(item: OutboxItem) -> str:
    """Why a second one is not taken, and what to do about the first."""
    if item.state is OutboxState.HELD:
        return (
            f"An earlier one is held in the outbox (number {item.id}): send, edit or discard that one first."
        )
    return f"One is on its way already (outbox number {item.id})."


def bounded_delay(delay_s: float) -> float:
    """The wished seconds in which it can be taken back, within what is sensible."""
    return max(0.0, min(LONGEST_DELAY_S, delay_s))


def _seen(detail: ReviewDetail | None) -> dict[str, Any]:
    if detail is None:
        return {}
    return machine.seen_of(
        detail.comments,
        body=detail.body,
        title=detail.title,
        score=detail.row.score,
        state=detail.row.provider_state,
    )


def _account_of(reader: Reader, review_id: int) -> Account | None:
    """The review's account while it is in use: one that was removed keeps its reviews but sends nothing."""
    ref = reviews.ref(reader, review_id)
    if ref is None:
        return None
    return next((a for a in stored_accounts.list_all(reader) if a.id == ref.account_id), None)


def _journal(tx: Tx, item: OutboxItem, result: str, answer: str = "") -> None:
    journal.add(
        tx,
        account_id=item.account_id,
        outbox_id=item.id,
        review_id=item.review_id,
        action=item.kind.value,
        result=result,
        answer=answer,
    )
