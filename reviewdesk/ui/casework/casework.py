"""Acting on the review that is open: reports, publishing, cases, links, moments. What can't be done says why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtGui import QGuiApplication

from reviewdesk.domain.capabilities import Available, Capability
from reviewdesk.domain.cases import FOLLOW_UP_S, CaseState
from reviewdesk.domain.errors import ReviewdeskError
from reviewdesk.domain.links import review_link
from reviewdesk.domain.models import ActionKind, OutboxItem, ProviderState, ReviewDetail, Role, Target
from reviewdesk.domain.text import isolate, reveal
from reviewdesk.services.moderation import Published, finds_reviewer
from reviewdesk.services.settings import UNDO_DELAY_S
from reviewdesk.ui.casework.card import AskCard
from reviewdesk.ui.casework.windows import ComposerWindows
from reviewdesk.ui.picker import Choice
from reviewdesk.ui.reading.notices import case_words
from reviewdesk.ui.snooze import moments
from reviewdesk.ui.when import moment_sentence, moment_words, parse_when
from reviewdesk.ui.widgets import announce

if TYPE_CHECKING:
    from reviewdesk.services.messages import EditLink
    from reviewdesk.ui.main_window import MainWindow

__all__ = ["CAPABILITY_OF_ACTION", "Casework"]

CAPABILITY_OF_ACTION = {
    "private": (Capability.PRIVATE_MESSAGE, Capability.RESOLUTION),
    "resolution": (Capability.RESOLUTION,),
    "flag": (Capability.FLAG,),
    "publish-review": (Capability.PUBLISH,),
    "conversation": (Capability.CONVERSATION_STATE,),
    "edit-reply": (Capability.EDIT_REPLY,),
}
"""Actions about a review that an account may or may not allow; one of the capabilities is enough."""


class Casework(QObject):
    """Belongs to one window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._core, self._bridge = window.core, window.bridge
        self.card = AskCard(window)
        self.windows = ComposerWindows(window)
        window.composer.schedule_requested.connect(self.schedule)
        window.composer.detach_requested.connect(self.windows.detach)
        window.composer.link_requested.connect(self.edit_link)
        window.composer.answered.connect(self._on_answered)
        window.reading.review_wanted.connect(window.open_review)
        window.reading.comment_wanted.connect(self._on_comment)
        window.reading.unlink_wanted.connect(self._unlink)
        window.reading.invitation_unlink_wanted.connect(self._unlink_invitation)
        window.reading.filled.connect(self._on_filled)
        window.telling.add_reasons(self._tell_reasons)

    # --- what can be done --------------------------------------------------------------------------

    def _on_filled(self) -> None:
        self._window.telling.tell_reasons()

    def _tell_reasons(self, none: str | None) -> None:
        """Each action that this review or its account does not allow says why."""
        actions, detail = self._window.actions_, self._window.reading.detail()
        if none is not None or detail is None:
            for name in (
                *CAPABILITY_OF_ACTION,
                "find-reviewer",
                "edit-link",
                "case",
                "answered-there",
                "copy-link",
                "pictures",
                "versions",
                "people",
            ):
                actions.set_reason(name, none or self.tr("Choose a review first"))
            return
        # From memory: this is told with every news of the review.
        can = partial(self._window.reading.can, detail)
        spec = self._window.reading.spec_of(detail)
        for name, wanted in CAPABILITY_OF_ACTION.items():
            found = [can(capability) for capability in wanted]
            if name == "flag" and spec is not None and spec.reports_in_back_office:
                found.append(Available(True))  # the card says that the text is taken there, and why
            allowed = next((a for a in found if a.available), found[0])
            actions.set_reason(name, None if allowed.available else allowed.reason)
        if actions["publish-review"].reason is None and detail.row.provider_state is ProviderState.PUBLISHED:
            actions.set_reason("publish-review", self.tr("This review is published already"))
        if actions["edit-reply"].reason is None and self._own_comment(detail) is None:
            actions.set_reason(
                "edit-reply", self.tr("There is no published reply of ours that could be edited")
            )
        data = can(Capability.CUSTOMER_DATA)
        finds = finds_reviewer(spec, detail.row.kind, data) if spec is not None else data
        actions.set_reason("find-reviewer", None if finds.available else finds.reason)
        link = None if detail.author.email else self.tr("The author's e-mail address is not known")
        actions.set_reason("edit-link", link)
        reply = can(Capability.REPLY)
        there = self.tr("Replies to this source go through this program") if reply.available else None
        actions.set_reason("answered-there", there)
        pictures = self._window.reading.content.pictures.attachments()
        actions.set_reason("pictures", None if pictures else self.tr("There are no pictures"))
        changed = detail.versions or detail.former_texts
        actions.set_reason("versions", None if changed else self.tr("This review was never changed"))
        for name in ("case", "copy-link", "people"):
            actions.set_reason(name, None)

    @staticmethod
    def _own_comment(detail: ReviewDetail) -> tuple[str, str] | None:
        """(id, text) of our newest reply that can be named."""
        ours = [c for c in detail.comments if c.role is Role.BUSINESS and c.id]
        newest = max(ours, key=lambda c: c.created_at or 0, default=None)
        return None if newest is None or newest.id is None else (newest.id, newest.text)

    def _told(self, item: OutboxItem) -> None:
        """An item is in the outbox: the toast says so, with its way back."""
        self._window.composer.published.emit(item)

    def _failed(self, error: BaseException) -> None:
        remedy = getattr(error, "remedy", "")
        words = error.message if isinstance(error, ReviewdeskError) else self.tr("That did not work")
        self._window.say(f"{words} {remedy}".strip())

    def _delay(self) -> float:
        return float(self._core.settings.get(UNDO_DELAY_S))

    # --- reports -----------------------------------------------------------------------------------

    def flag(self) -> None:
        """Report the review: the provider's reason, then what is wrong with it. A marked passage is quoted."""
        detail = self._window.shown_review()
        if detail is None:
            return
        quote = self._window.reading.selected_text()
        spec = self._window.reading.spec_of(detail)
        reasons = spec.flag_reasons if spec is not None else {}
        if not reasons:
            self._ask_by_hand(detail, quote)
            return
        choices = [
            Choice(code, words, partial(self._ask_report, detail.row.id, code, words, quote), icon="flag")
            for code, words in reasons.items()
        ]
        self._pick("flag", choices, self.tr("Report to the provider"), self.tr("Why"))

    def _ask_report(self, review_id: int, code: str, words: str, quote: str) -> None:
        line = self.tr("The provider reads this, the customer does not")
        if quote:
            line = _quoted(quote)
        self.card.ask(
            review_id,
            words or self.tr("Report to the provider"),
            line,
            self.tr("Report"),
            partial(self._report, review_id, code, quote),
            empty_too=bool(quote),
        )

    def _report(self, review_id: int, code: str, quote: str, message: str) -> None:
        future = self._core.moderation.flag(review_id, code, message, quote=quote, delay_s=self._delay())
        self._bridge.watch(future, done=self._told, failed=self._failed, owner=self)

    def _ask_by_hand(self, detail: ReviewDetail, quote: str) -> None:
        """The source takes no reports from here: the text is copied, its back office opened, and that is logged."""
        spec = self._window.reading.spec_of(detail)
        provider = spec.title if spec is not None else ""
        why = self._window.reading.can(detail, Capability.FLAG).reason or ""
        if quote:
            why = f"{why} {_quoted(quote)}"
        self.card.ask(
            detail.row.id,
            self.tr("Report in the back office of {provider}").format(provider=provider),
            why,
            self.tr("Copy and open {provider}").format(provider=provider),
            partial(self._report_by_hand, detail, quote),
            empty_too=bool(quote),
        )

    def _report_by_hand(self, detail: ReviewDetail, quote: str, message: str) -> None:
        spec = self._window.reading.spec_of(detail)
        address = (spec.back_office_url if spec is not None else "") or detail.url or ""

        def done(item: OutboxItem) -> None:
            QGuiApplication.clipboard().setText(str(item.payload["message"]))
            self._window.open_address(address)
            self._window.say(self.tr("Copied; the report is in the log. Paste it in the back office"))

        future = self._core.moderation.flag_by_hand(detail.row.id, message, quote=quote)
        self._bridge.watch(future, done=done, failed=self._failed, owner=self)

    def publish(self) -> None:
        """Publish the chosen reviews that wait for it, never by their score."""
        ids = self._window.ids()
        if not ids:
            self._window.say(self.tr("Choose a review first"))
            return
        query, sort = self._window.inbox.query(), self._window.inbox.sort()
        work = partial(self._core.moderation.publish, list(ids), query=query, sort=sort)
        self._bridge.run(work, done=self._on_publishing, failed=self._failed, owner=self, key="publish")

    def _on_publishing(self, result: Published) -> None:
        if len(result.queued) == 1 and not result.left_out:
            self._told(result.queued[0])
        elif not result.queued:
            self._window.say(result.left_out[0][1] if result.left_out else self.tr("Nothing to publish"))
        else:
            words = self.tr("%n reviews go to the outbox to be published", "", len(result.queued))
            left = len(result.left_out)
            self._window.say(words + (", " + self.tr("%n left out", "", left) if left else ""))

    def find_reviewer(self) -> None:
        """Ask the author of a company review who they are."""
        detail = self._window.shown_review()
        if detail is None:
            return
        self.card.ask(
            detail.row.id,
            self.tr("Ask who wrote this"),
            self.tr("The provider passes it on to the reviewer; nobody else reads it"),
            self.tr("Ask"),
            partial(self._find, detail.row.id),
        )

    def _find(self, review_id: int, message: str) -> None:
        future = self._core.moderation.find_reviewer(review_id, message, delay_s=self._delay())
        self._bridge.watch(future, done=self._told, failed=self._failed, owner=self)

    # --- the conversation --------------------------------------------------------------------------

    def conversation(self) -> None:
        """Make the conversation private, or public again."""
        detail = self._window.shown_review()
        if detail is None:
            return
        now_private = "private" in (detail.thread_state or "")
        future = self._core.replies.publish(
            detail.row.id,
            Target.PUBLIC,
            "",
            kind=ActionKind.CONVERSATION_STATE,
            payload={"state": "public" if now_private else "private"},
            delay_s=self._delay(),
        )
        self._bridge.watch(future, done=self._told, failed=self._failed, owner=self)

    def edit_reply(self) -> None:
        """Change our newest published reply."""
        detail = self._window.shown_review()
        found = self._own_comment(detail) if detail is not None else None
        if detail is not None and found is not None:
            self._window.composer.open_edit(detail.row.id, *found)

    def _on_comment(self, name: str, comment_id: str) -> None:
        detail = self._window.reading.detail()
        comment = (
            next((c for c in detail.comments if c.id == comment_id), None) if detail is not None else None
        )
        if detail is not None and comment is not None and name == "edit":
            self._window.composer.open_edit(detail.row.id, comment_id, comment.text)

    def schedule(self) -> None:
        """Ask for the moment at which the text that is open goes out."""
        composer = self._window.composer
        if not composer.is_open():
            self._window.say(self.tr("Write a reply first"))
            return
        reason = composer.why_not()
        if reason is not None:
            composer.bar.show_message("warn", reason)
            return
        self._ask_moment("schedule", self.tr("Send later"), partial(composer.publish, ""))

    def send(self, then: str) -> None:
        """Publish what is written below the review, and go on (``next``) or be through with it (``done``)."""
        composer = self._window.composer
        if composer.is_open():
            composer.publish(then)
        else:
            self._window.say(self.tr("Write a reply first"))

    def _ask_moment(self, name: str, title: str, then: Callable[[float], object]) -> None:
        def offer(typed: str) -> Sequence[Choice]:
            now = self._core.clock.now()
            known = [
                Choice(m.title, m.title, partial(then, m.until_s), icon="calendar", hint=m.shown)
                for m in moments(now)
            ]
            at = parse_when(typed, now)
            if at is not None:
                own = Choice("own", moment_sentence(at, now), partial(then, at), icon="calendar")
                return [own]
            return [c for c in known if typed.casefold() in c.title.casefold()]

        self._window.picker.ask(
            name,
            offer,
            title=title,
            placeholder=self.tr("When: tomorrow 9, mon 14:30, 24 dec ..."),
            filtered=False,
        )

    def _pick(self, name: str, choices: list[Choice], title: str, placeholder: str) -> None:
        self._window.picker.ask(name, lambda _typed: choices, title=title, placeholder=placeholder)

    # --- cases -------------------------------------------------------------------------------------

    def case(self) -> None:
        """Where the private side of this complaint stands, and when it is looked at again."""
        detail = self._window.shown_review()
        if detail is None:
            return
        review, now = detail.row.id, detail.case
        choices = [
            Choice(
                state.value,
                case_words(state),
                partial(self._set_case, review, state),
                icon="briefcase",
                checked=now is not None and now.state is state,
            )
            for state in CaseState
        ]
        if now is not None:
            date = Choice(
                "date",
                self.tr("Follow-up date"),
                partial(self._ask_follow_up, review, now.state),
                icon="calendar",
            )
            none = Choice("none", self.tr("No case"), partial(self._set_case, review, None), icon="x")
            choices += [date, none]
        self._pick("case", choices, self.tr("Case"), self.tr("Where it stands"))

    def _ask_follow_up(self, review: int, state: CaseState) -> None:
        self._ask_moment("follow-up", self.tr("Follow up"), partial(self._set_case, review, state))

    def _set_case(self, review: int, state: CaseState | None, follow_up: float | None = None) -> None:
        if follow_up is None and state in (CaseState.CONTACTED, CaseState.WAITING):
            follow_up = self._core.clock.now() + FOLLOW_UP_S
        future = self._core.messages.set_case(review, state, follow_up)
        said = (
            self.tr("No case") if state is None else self.tr("Case: {state}").format(state=case_words(state))
        )
        self._bridge.watch(future, done=partial(self._say, said), failed=self._failed, owner=self)

    def _say(self, words: str, _result: object = None) -> None:
        self._window.say(words)

    # --- links -------------------------------------------------------------------------------------

    def edit_link(self) -> None:
        """Put the link with which the author edits the review into the message that is written."""
        detail = self._window.shown_review()
        if detail is None:
            return
        composer, key = self._window.composer, (detail.row.id, Target.PRIVATE)
        if composer.key() != key and not composer.open(*key):
            return
        future = self._core.messages.edit_link(detail.row.id)
        self._bridge.watch(future, done=partial(self._insert_link, key), failed=self._failed, owner=self)

    def _insert_link(self, key: tuple[int, Target], link: EditLink) -> None:
        composer = self._window.composer
        if composer.key() != key:
            return
        composer.editor.insertPlainText(link.url)
        composer.editor.setFocus()
        words = self.tr("Link, no end date given")
        if link.expires is not None:
            until = moment_words(link.expires, self._core.clock.now())
            words = self.tr("Link valid to {time}").format(time=until)
        composer.readiness.note_link(key, link.url, words)
        announce(composer, words)

    def copy_link(self) -> None:
        """A link that opens this review in this program."""
        detail = self._window.shown_review()
        if detail is not None:
            QGuiApplication.clipboard().setText(review_link(detail.row.id))
            self._window.say(self.tr("Link copied"))

    # --- elsewhere, and people ---------------------------------------------------------------------

    def answered(self) -> None:
        """Say that the review was answered in the provider's back office, or take that back."""
        detail = self._window.shown_review()
        if detail is None:
            return
        if detail.elsewhere is not None:
            future = self._core.messages.not_answered_elsewhere(detail.row.id)
            self._bridge.watch(
                future,
                done=partial(self._say, self.tr("It needs a reply again")),
                failed=self._failed,
                owner=self,
            )
            return
        self._on_answered(detail.row.id, "")

    def _on_answered(self, review_id: int, text: str) -> None:
        self._window.inbox.user_acted([review_id])
        self._bridge.watch(
            self._core.messages.answered_elsewhere(review_id, text),
            done=self._on_noted,
            failed=self._failed,
            owner=self,
        )

    def _on_noted(self, noted: bool) -> None:
        self._window.say(
            self.tr("Answered elsewhere; the next sync looks for the reply")
            if noted
            else self.tr("There is a reply already")
        )

    def _unlink(self, review_id: int, other_id: int) -> None:
        self._window.doing.act("unlink", self._core.people.unlink(review_id, other_id), then=self._apart)

    def _unlink_invitation(self, review_id: int, invitation_id: int) -> None:
        future = self._core.people.unlink_invitation(review_id, invitation_id)
        self._window.doing.act("unlink-invitation", future, then=self._apart)

    def _apart(self, _nothing: object) -> None:
        self._window.reading.reload()


def _quoted(quote: str) -> str:
    short = " ".join(quote[:200].split())[:60]
    words = QCoreApplication.translate("Casework", "With the passage that you marked: “{quote}”")
    return words.format(quote=isolate(reveal(short)))
