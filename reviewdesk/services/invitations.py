"""Asking one customer for a review, whatever the source; who was asked; and who must not be asked.

``core.invitations``. Reads block for one short query; acts return futures that resolve after the commit. An
invitation waits in the outbox like everything that leaves the machine: ``invite`` queues it, the outbox sends it,
and ``get`` tells what came of it. A change of an invitation is always a change of its outbox item, so whoever
listens for ``ChangeSet.outbox`` hears of both. Lists of customers: ``services.invitations_bulk``.

No provider lets an invitation be read back. One whose answer was lost is therefore ``InviteState.UNKNOWN`` and never
sent again by itself; only a link that is made here, without a request, is simply made again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from reviewdesk.domain.capabilities import Available, Capability
from reviewdesk.domain.clock import Clock
from reviewdesk.domain.errors import InvalidInput, NotAvailable, ReviewdeskError
from reviewdesk.domain.invitations import sampling, wording
from reviewdesk.domain.invitations.fields import DateOrder, Problem, check
from reviewdesk.domain.invitations.model import (
    Blocked,
    Invitation,
    InviteForm,
    InviteWay,
    MailTemplate,
    person_key,
)
from reviewdesk.domain.invitations.refusals import day_of, refusal
from reviewdesk.domain.models import Account, ActionKind, OutboxItem, OutboxState, ReviewKind, Target
from reviewdesk.domain.query import Sort
from reviewdesk.providers.base import MailTemplates
from reviewdesk.services.accounts import AccountService
from reviewdesk.services.inbox import InboxService
from reviewdesk.services.settings import Preference, SettingsService
from reviewdesk.services.workers import Door, Job, Urgency, Workers
from reviewdesk.store import invitations, journal, outbox

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewdesk.providers.base import Provider
    from reviewdesk.store.database import Reader, Store, Tx

__all__ = ["COOL_DOWN_DAYS", "AlreadyInvited", "InvitationService", "MustNotContact", "Offer", "Source"]

COOL_DOWN_DAYS = Preference("invite.cool_down_days", 30, low=0, high=3650)
"""For so many days nobody is asked twice for the same order; 0 switches the guard off."""
_DAY_S = 86_400
_CAPABILITY = {
    InviteWay.LINK: Capability.INVITE_LINK,
    InviteWay.OFFLINE: Capability.INVITE_LINK,
    InviteWay.WRITE_LINK: Capability.INVITE_LINK,
    InviteWay.EDIT_LINK: Capability.INVITE_LINK,
    InviteWay.EMAIL: Capability.INVITE_EMAIL,
    InviteWay.ORDER: Capability.INVITE_EMAIL,
}
_T = TypeVar("_T")


class AlreadyInvited(ReviewdeskError):
    """The guard: this person was asked for this order within the cool-down. ``earlier`` is that invitation."""

    def __init__(self, earlier: Invitation) -> None:
        super().__init__(refusal(earlier))
        self.earlier = earlier


class MustNotContact(ReviewdeskError):
    """The person is on the do-not-contact list."""

    def __init__(self, entry: Blocked) -> None:
        when = day_of(entry.at)
        why = f": {entry.reason}" if entry.reason else ""
        super().__init__(f"This person is on the do-not-contact list since {when}{why}.")
        self.entry = entry


@dataclass(frozen=True, slots=True)
class Offer:
    """One way of asking, and whether this account can; the reason where it can't."""

    form: InviteForm
    available: Available


@dataclass(frozen=True, slots=True)
class Source:
    """An account that can ask customers, with everything its provider offers (at least one can be done)."""

    account: Account
    title: str
    """The provider's name."""
    offers: tuple[Offer, ...]


class _Ask(Job):
    """One question to the provider, on the account's worker."""

    urgency = Urgency.REFRESH

    def __init__(self, question: Callable[[Provider], Any]) -> None:
        super().__init__()
        self.answer: Future[Any] = Future()
        self._question = question

    def steps(self, door: Door) -> Iterator[None]:
        try:
            self.answer.set_result(self._question(door.provider()))
        except ReviewdeskError as error:
            self.answer.set_exception(error)
        yield

    def dropped(self) -> None:
        self.answer.set_exception(ReviewdeskError("The program is ending."))


class InvitationService:
    """Any thread."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        accounts: AccountService,
        inbox: InboxService,
        settings: SettingsService,
        workers: Workers,
        *,
        on_published: Callable[[OutboxItem], None],
    ) -> None:
        self._store = store
        self._clock = clock
        self._accounts = accounts
        self._inbox = inbox
        self._settings = settings
        self._workers = workers
        self._on_published = on_published

    # --- what can be done --------------------------------------------------------------------------------

    def sources(self) -> list[Source]:
        """The accounts that can ask at all, in the order of the sidebar."""
        made = []
        for account in self._accounts.list():
            offers = self.offers(account)
            if any(offer.available.available for offer in offers):
                made.append(Source(account, self._accounts.spec(account.provider).title, offers))
        return made

    def offers(self, account: Account) -> tuple[Offer, ...]:
        """Every way of the account's provider, and whether this account can."""
        spec = self._accounts.spec(account.provider)
        can = self._accounts.capabilities(account)
        titles = {field.key: field.label for field in spec.secrets}
        made = []
        for form in spec.invitations:
            available = can[_CAPABILITY[form.way]]
            missing = [key for key in form.secrets if key not in account.secret_keys]
            if available.available and missing:
                words = " and ".join(titles.get(key, key).lower() for key in missing)
                available = Available(False, f"The account has no {words}. Add it in the account's settings.")
            made.append(Offer(form, available))
        return tuple(made)

    def form(self, account: Account, way: InviteWay, kind: ReviewKind) -> InviteForm:
        """The form of one way. Raises ``NotAvailable`` with the reason when this account can't."""
        title = self._accounts.spec(account.provider).title
        for offer in self.offers(account):
            if offer.form.way is way and offer.form.kind is kind:
                if not offer.available.available:
                    raise NotAvailable(offer.available.reason or f"{account.name} can't do this.")
                return offer.form
        can = self._accounts.capabilities(account)[_CAPABILITY[way]]
        raise NotAvailable(can.reason or f"{title} has no such invitation ({way.value}, {kind.value}).")

    def templates(self, account_id: int) -> Future[Sequence[MailTemplate]]:
        """The templates that the provider keeps for its e-mails; empty where it has none. One request."""

        def question(provider: Provider) -> Sequence[MailTemplate]:
            return provider.invitation_templates() if isinstance(provider, MailTemplates) else ()

        job = _Ask(question)
        self._workers.of(account_id).submit(job)
        return job.answer

    def check(
        self, form: InviteForm, values: Mapping[str, Any], *, date_order: str = DateOrder.DAY_FIRST
    ) -> tuple[dict[str, Any], tuple[Problem, ...]]:
        """The values as they would go out and everything wrong with them, by field; no request, fit for each key."""
        return check(form, values, today=self._today(), date_order=date_order)

    def earlier(self, email: str, order_id: str = "", phone: str = "") -> Invitation | None:
        """The invitation within the cool-down that stands in the way of another one, or None."""
        with self._store.read() as reader:
            return self._earlier(reader, person_key(email, phone), order_id)

    # --- asking ------------------------------------------------------------------------------------------

    def invite(
        self,
        account_id: int,
        way: InviteWay,
        kind: ReviewKind,
        values: Mapping[str, Any],
        *,
        delay_s: float = 0.0,
    ) -> Future[Invitation]:
        """Queue one invitation: guard, invitation and outbox item in one transaction.

        ``values`` by the keys of the form (``domain.invitations.fields``). ``delay_s``: seconds in which it can be
        taken back. The future fails, with nothing queued, with ``NotAvailable`` (the account can't), ``InvalidInput``
        (a value is missing or can't be right), ``AlreadyInvited`` or ``MustNotContact``.
        """
        failed: Future[Invitation] = Future()
        try:
            account = self._account(account_id)
            form = self.form(account, way, kind)
            good, problems = self.check(form, values)
            if problems:
                words = ". ".join(dict.fromkeys(p.message for p in problems))
                raise InvalidInput(f"{words}.")
        except ReviewdeskError as error:
            failed.set_exception(error)
            return failed
        future = self._store.write(lambda tx: self.queue(tx, account_id, form, good, delay_s=delay_s))

        def after(done: Future[Invitation]) -> None:
            if done.exception() is None:
                item = self._item(done.result().outbox_id)
                if item is not None:
                    self._on_published(item)

        future.add_done_callback(after)
        return future

    def queue(
        self,
        tx: Tx,
        account_id: int,
        form: InviteForm,
        values: Mapping[str, Any],
        *,
        delay_s: float = 0.0,
        run_id: int | None = None,
        run_row: int | None = None,
    ) -> Invitation:
        """The guard and the two rows, inside a transaction; ``values`` are checked ones.

        Raises ``AlreadyInvited`` or ``MustNotContact``.
        """
        self.guard(tx, form, values)
        now = self._clock.now()
        item = outbox.insert(
            tx,
            OutboxItem(
                id=0,
                kind=ActionKind.INVITE_EMAIL if form.way.sends else ActionKind.INVITE_LINK,
                account_id=account_id,
                review_id=None,
                target=Target.PRIVATE,
                text="",
                payload=_payload(form, values),
                state=OutboxState.WAITING,
                created_at=now,
                not_before=now + max(0.0, min(60.0, delay_s)),
            ),
        )
        made = invitations.insert(
            tx,
            account_id=account_id,
            outbox_id=item.id,
            way=form.way,
            kind=form.kind,
            values=values,
            run_id=run_id,
            run_row=run_row,
        )
        journal.add(tx, account_id=account_id, outbox_id=item.id, action=item.kind.value, result="queued")
        found = invitations.get(tx, made)
        if found is None:  # pragma: no cover - written in this transaction
            raise KeyError(made)
        return found

    def guard(self, reader: Reader, form: InviteForm, values: Mapping[str, Any]) -> None:
        """Raises ``MustNotContact`` or ``AlreadyInvited`` when this person must not be asked (again)."""
        if form.way in (InviteWay.WRITE_LINK, InviteWay.EDIT_LINK):
            return
        email = str(values.get("email", ""))
        entry = invitations.blocked(reader, email)
        if entry is not None:
            raise MustNotContact(entry)
        person = person_key(email, str(values.get("phone", "")))
        before = self._earlier(reader, person, str(values.get("order_id", "")))
        if before is not None:
            raise AlreadyInvited(before)

    def _earlier(self, reader: Reader, person: str, order_id: str) -> Invitation | None:
        days = self._settings.get(COOL_DOWN_DAYS)
        if not days:
            return None
        return invitations.earlier(reader, person, order_id.strip(), since=self._clock.now() - days * _DAY_S)

    # --- taking back -------------------------------------------------------------------------------------

    def withdraw(self, account_id: int, email: str, order_id: str = "") -> Future[list[OutboxItem]]:
        """Ask the provider to take back what was asked of this person (for this order, or all orders).

        One outbox item for each kind of request (shop, products) that is known of; where none is known, one for the
        shop. When it is ``sent`` the invitations are ``withdrawn`` and hold the provider's answer. The future fails
        with ``NotAvailable`` where the provider has no such call, ``InvalidInput`` without an address.
        """
        failed: Future[list[OutboxItem]] = Future()
        person = person_key(email)
        try:
            account = self._account(account_id)
            can = self._accounts.capabilities(account)[Capability.WITHDRAW_INVITE]
            if not can.available:
                raise NotAvailable(can.reason or f"{account.name} can't do this.")
            if not person:
                raise InvalidInput("To take an invitation back, its e-mail address is needed.")
        except ReviewdeskError as error:
            failed.set_exception(error)
            return failed

        def write(tx: Tx) -> list[OutboxItem]:
            known = invitations.standing(tx, account_id, person, order_id)
            made = [i for i in known if i.way in (InviteWay.LINK, InviteWay.EMAIL)]
            kinds = list(dict.fromkeys(i.kind for i in made)) or [ReviewKind.BUSINESS]
            items = []
            for kind in kinds:
                mine = [i for i in made if i.kind is kind]
                payload = {"email": mine[0].email if mine else email.strip(), "kind": kind.value}
                if order_id:
                    payload["order_id"] = mine[0].order_id if mine else order_id.strip()
                item = self._queue_withdrawal(tx, account_id, payload)
                invitations.withdrawing(tx, [i.id for i in mine], item.id)
                items.append(item)
            return items

        future = self._store.write(write)
        future.add_done_callback(
            lambda done: (
                None if done.exception() else [self._on_published(item) for item in done.result()] and None
            )
        )
        return future

    def _queue_withdrawal(self, tx: Tx, account_id: int, payload: Mapping[str, Any]) -> OutboxItem:
        now = self._clock.now()
        item = outbox.insert(
            tx,
            OutboxItem(
                id=0,
                kind=ActionKind.WITHDRAW_INVITE,
                account_id=account_id,
                review_id=None,
                target=Target.PRIVATE,
                text="",
                payload=dict(payload),
                state=OutboxState.WAITING,
                created_at=now,
                not_before=now,
            ),
        )
        journal.add(tx, account_id=account_id, outbox_id=item.id, action=item.kind.value, result="queued")
        return item

    # --- history -----------------------------------------------------------------------------------------

    def get(self, invitation_id: int) -> Invitation | None:
        with self._store.read() as reader:
            return invitations.get(reader, invitation_id)

    def of_outbox(self, outbox_id: int) -> Invitation | None:
        """The invitation of an outbox item."""
        with self._store.read() as reader:
            return invitations.of_outbox(reader, outbox_id)

    def history(
        self,
        text: str = "",
        *,
        account_id: int | None = None,
        run_id: int | None = None,
        before: int | None = None,
        limit: int = 100,
    ) -> Sequence[Invitation]:
        """Who was asked, newest first. ``text``: an address, an order number (or their beginning) or part of a name.

        ``review_id`` of each is the review that came of it. ``before``: the id of the last one shown, to go on.
        """
        with self._store.read() as reader:
            return invitations.history(
                reader, text=text, account_id=account_id, run_id=run_id, before=before, limit=limit
            )

    def for_review(self, review_id: int) -> Sequence[Invitation]:
        """The invitations that belong to a review, by its order or reference."""
        with self._store.read() as reader:
            return invitations.for_review(reader, review_id)

    # --- who must not be asked ---------------------------------------------------------------------------

    def do_not_contact(self) -> list[Blocked]:
        """The list, newest first."""
        with self._store.read() as reader:
            return invitations.blocked_list(reader)

    def block(self, email: str, reason: str = "") -> Future[None]:
        """Never ask this person again. Fails with ``InvalidInput`` for what is no address."""
        if "@" not in email.strip():
            failed: Future[None] = Future()
            failed.set_exception(InvalidInput("That is no e-mail address."))
            return failed
        return self._store.write(lambda tx: invitations.block(tx, email, reason.strip()[:200]))

    def unblock(self, entry_id: int) -> Future[None]:
        """Take an entry off the list."""
        return self._store.write(lambda tx: invitations.unblock(tx, entry_id))

    # --- words -------------------------------------------------------------------------------------------

    def mail_draft(self, invitation: Invitation, sender: str = "") -> wording.MailDraft:
        """A neutral e-mail with the link, in the invitation's language (English where we have none)."""
        return wording.draft(
            email=invitation.email,
            name=invitation.name,
            link=invitation.link or "",
            links=invitation.links,
            locale=invitation.locale,
            order_id=invitation.order_id,
            sender=sender,
        )

    @staticmethod
    def check_wording(text: str) -> tuple[wording.Leading, ...]:
        """What in a text leads the customer towards a certain answer; empty: it is neutral."""
        return wording.check(text)

    def refuse_by_score(self, query_text: str, sort: Sort = Sort.NEWEST) -> None:
        """Raises ``InvalidInput`` with the rule when a selection was made by score. Before people are invited from it."""
        sampling.refuse_by_score(self._inbox.parse(query_text), sort)

    # --- small things ------------------------------------------------------------------------------------

    def _account(self, account_id: int) -> Account:
        account = self._accounts.get(account_id)
        if account is None or account.id not in {a.id for a in self._accounts.list()}:
            raise InvalidInput("The account is no longer there.")
        return account

    def _item(self, outbox_id: int | None) -> OutboxItem | None:
        with self._store.read() as reader:
            return outbox.get(reader, outbox_id or 0)

    def _today(self) -> date:
        return datetime.fromtimestamp(self._clock.now(), UTC).date()


def _payload(form: InviteForm, values: Mapping[str, Any]) -> dict[str, Any]:
    """What the provider gets: the checked values, and which way and kind they are for."""
    payload: dict[str, Any] = {
        key: list(value) if isinstance(value, tuple) else value for key, value in values.items()
    }
    payload |= {"way": form.way.value, "kind": form.kind.value}
    if form.way is InviteWay.OFFLINE:
        payload["offline"] = True
    return payload
