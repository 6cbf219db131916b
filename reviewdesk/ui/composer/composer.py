"""The composer below the review: never modal, never loses a letter, never lets public and private be mistaken."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from reviewdesk.domain.capabilities import Capability, ProviderSpec
from reviewdesk.domain.checks import Finding
from reviewdesk.domain.errors import ReviewdeskError
from reviewdesk.domain.models import OutboxItem, OutboxState, ReviewRow, Target
from reviewdesk.domain.templates import Resolved, gaps
from reviewdesk.services.saved_replies import Choice
from reviewdesk.services.settings import SEND_AND_DONE, UNDO_DELAY_S
from reviewdesk.ui.composer.checking import Checker
from reviewdesk.ui.composer.drafts import DraftKeeper, Key
from reviewdesk.ui.composer.editor import MOST, Editor
from reviewdesk.ui.composer.foot import Foot
from reviewdesk.ui.composer.note import Note
from reviewdesk.ui.composer.safety import Destination, SafetyLine
from reviewdesk.ui.composer.saved import SavedPicker
from reviewdesk.ui.composer.versions import VersionsMenu
from reviewdesk.ui.reading.column import column_of
from reviewdesk.ui.reading.words import clock_words, language_name
from reviewdesk.ui.theme import fonts, metrics, theme
from reviewdesk.ui.widgets import InlineBar, PlainLabel, Separator, announce

if TYPE_CHECKING:
    from reviewdesk.services.core import Core
    from reviewdesk.ui.bridge import Bridge

__all__ = ["Composer"]

OVER = 16
"""The card stands out of the text column by so much at both sides, so that the texts share their edges."""


class Composer(QWidget):
    """Docked under the reading pane; hidden until ``open``.

    ``published`` carries the OutboxItem once it is durable; ``opened`` and ``closed`` the (review id, Target);
    ``saved`` the same after a commit of the draft; ``next_requested`` after "and go to the next review";
    ``open_address`` an address for the browser; ``refused`` a sentence why it did not open.
    """

    published = Signal(object)
    opened = Signal(object, object)
    closed = Signal(object, object)
    saved = Signal(object, object)
    next_requested = Signal()
    open_address = Signal(str)
    left = Signal()
    refused = Signal(str)

    def __init__(self, core: Core, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._core, self._bridge = core, bridge
        self._key: Key | None = None
        self._row: ReviewRow | None = None
        self._spec: ProviderSpec | None = None
        self._destination: Destination | None = None
        self._sending: set[Key] = set()
        self._discarding: set[Key] = set()
        self._kept: dict[Key, tuple[str, str]] = {}
        self._saved_at: dict[Key, float] = {}
        self._watched: QWidget | None = None
        self.drafts = DraftKeeper(core, bridge, self)
        self.drafts.saved.connect(self._on_saved)
        self.drafts.failed.connect(self._on_save_failed)
        self._checker = Checker(core, bridge, self)
        self._picker: SavedPicker | None = None
        self._opened_by = ""
        self._build()
        self._checker.changed.connect(self._on_checked)
        self._age = QTimer(self)
        self._age.setInterval(1000)
        self._age.timeout.connect(self._say_saved)
        theme().changed.connect(self._fit)
        self.hide()

    # --- structure -------------------------------------------------------------------------------

    def _build(self) -> None:
        self.card = QFrame(self)
        self.card.setObjectName("comp")
        self.card.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.safety = SafetyLine(self.card)
        self.safety.closed.connect(self.close)
        self._subject_row = QWidget(self.card)
        self._subject_words = PlainLabel(self.tr("Subject"), self._subject_row, role="text-2")
        self.subject = QLineEdit(self._subject_row)
        self.subject.setMaxLength(200)
        self.subject.setStyleSheet("border: 0; background: transparent; padding: 0; min-height: 0;")
        self.subject.setAccessibleName(self.tr("Subject"))
        fonts.follow(self.subject, fonts.body_font)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._subject_words)
        row.addWidget(self.subject, 1)
        subject = QVBoxLayout(self._subject_row)
        subject.setContentsMargins(15, 9, 15, 0)
        subject.setSpacing(9)
        subject.addLayout(row)
        subject.addWidget(Separator(self._subject_row))
        self.editor = Editor(self.card)
        self.note = Note(self.card)
        self.bar = InlineBar(self.card)
        self.foot = Foot(self.card, versions=hasattr(self._core.replies, "draft_versions"))
        column = QVBoxLayout(self.card)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self.safety, self._subject_row, self.editor, self.note, self.bar, self.foot):
            column.addWidget(part)
        self._outer = QVBoxLayout(self)
        self._outer.addWidget(self.card)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.editor.textChanged.connect(self._on_edited)
        self.subject.textEdited.connect(self._on_edited)
        self.editor.publish.connect(self.publish)
        self.editor.saved_wanted.connect(self.open_saved)
        self.editor.escaped.connect(self.close)
        self.editor.left.connect(self.left)
        self.editor.blurred.connect(self.drafts.flush)
        self.editor.cut_short.connect(self._on_cut_short)
        self.editor.height_wanted.connect(self.updateGeometry)
        self.note.repaired.connect(self._on_repair)
        self.note.kept.connect(self._on_kept)
        self.foot.publish.connect(self.publish)
        self.foot.copy.connect(self._copy_and_open)
        self.foot.act.connect(self._on_act)

    # --- what is open ----------------------------------------------------------------------------

    def key(self) -> Key | None:
        """(review id, Target) of what is open."""
        return self._key

    def is_open(self) -> bool:
        return self._key is not None

    def destination(self) -> Destination | None:
        return self._destination

    def text(self) -> str:
        return self.editor.toPlainText()

    def set_text(self, text: str) -> None:
        """Replace the text as a person would: one step of undo brings the former back."""
        self.editor.replace_all(text)

    def open(self, review_id: int, target: Target = Target.PUBLIC, *, focus: bool = True) -> bool:
        """Write to this review; what is open now is saved first. False when it can't be (``refused`` says why)."""
        key = (review_id, target)
        if key == self._key:
            if focus:
                self.editor.setFocus()
            return True
        row = self._core.inbox.rows([review_id]).get(review_id)
        if row is None:
            self.refused.emit(self.tr("This review is no longer in this program."))
            return False
        spec, destination = self._where(row, target)
        text, subject = self._draft_of(key)
        if target is Target.PRIVATE and destination.reason and not text:
            self.refused.emit(destination.reason)
            return False
        self.drafts.flush()
        self._key, self._row, self._spec, self._destination = key, row, spec, destination
        self.editor.load(text)
        self.subject.setText(subject)
        if text or subject:
            self._kept[key] = (text, subject)
        self.bar.hide()
        # Read before it is asked for, so that the picker opens at once.
        self._bridge.run(self._core.saved_replies.list, owner=self, key="saved-list")
        self._checker.open(key if destination.look != "none" else None, self.text())
        self._dress()
        self._say_saved()
        self._fit()
        self.show()
        if focus:
            self.editor.setFocus()
        announce(self, destination.spoken())
        self.opened.emit(review_id, target)
        return True

    def follow(self, review_id: int) -> None:
        """The list went to another review: show its draft where it has one, else close. Focus stays where it is."""
        if self._key is not None and self._key[0] == review_id:
            return
        for target in (Target.PUBLIC, Target.PRIVATE):
            if review_id and any(self._draft_of((review_id, target))):
                self.open(review_id, target, focus=False)
                return
        self.close()

    def close(self) -> bool:
        """Close; the draft stays."""
        self.drafts.flush()
        key, self._key = self._key, None
        self._row = None
        self._checker.open(None, "")
        if self._picker is not None:
            self._picker.hide()
        had_focus = self.isAncestorOf(self.focusWidget()) if self.focusWidget() is not None else False
        self.hide()
        self._age.stop()
        if key is not None:
            self.closed.emit(*key)
            if had_focus:
                self.left.emit()
        return True

    def finish(self, timeout_s: float = 2.0) -> bool:
        """Save everything and wait for the commits: the program ends. False when something could not be saved."""
        return self.drafts.finish(timeout_s)

    def _draft_of(self, key: Key) -> tuple[str, str]:
        unsaved = self.drafts.text(key)
        if unsaved is not None:
            return unsaved
        draft = self._core.replies.draft(*key)
        return (draft.text, draft.subject) if draft is not None else ("", "")

    def _where(self, row: ReviewRow, target: Target) -> tuple[ProviderSpec | None, Destination]:
        account = self._core.accounts.get(row.account_id)
        specs = {spec.id: spec for spec in self._core.accounts.specs()}
        spec = specs.get(account.provider) if account is not None else None
        can = partial(self._core.replies.can, row.id)
        return spec, Destination.of(
            target,
            spec=spec,
            account=account.name if account is not None else "",
            author=row.author_name or "",
            reply=can(Capability.REPLY),
            message=can(Capability.PRIVATE_MESSAGE),
            resolution=can(Capability.RESOLUTION),
        )

    # --- look ------------------------------------------------------------------------------------

    def _dress(self) -> None:
        destination, row = self._destination, self._row
        if destination is None or row is None:
            return
        self.card.setProperty("target", destination.look)
        self.card.style().unpolish(self.card)
        self.card.style().polish(self.card)
        self.safety.set_destination(destination)
        self.foot.set_destination(destination, opens=bool(self._spec and self._spec.back_office_url))
        self.foot.set_language(language_name(row.language))
        self._subject_row.setVisible(destination.look == "private")
        self.editor.setAccessibleName(destination.spoken())
        self.editor.setPlaceholderText(self._hint(destination))
        self.setAccessibleName(destination.spoken())
        self._say_length()

    def _hint(self, destination: Destination) -> str:
        if destination.look == "none":
            return self.tr("Write here, then copy it and open the back office")
        return self.tr("Write your message") if destination.look == "private" else self.tr("Write your reply")

    def _limit(self) -> int | None:
        if self._spec is None or self._destination is None or self._destination.look != "public":
            return None
        return self._spec.reply_limits.max_chars

    def _why_not(self) -> str | None:
        """Why this can't be published now, or None."""
        destination, key = self._destination, self._key
        if destination is None or key is None:
            return self.tr("Nothing is open.")
        if key in self._sending:
            return self.tr("This is being handed over already.")
        length = len(self.text().strip())
        if not length:
            return self.tr("There is nothing to send yet.")
        gap = next(gaps(self.text()), None)
        if gap is not None:
            return self.tr("There is a gap to fill: {gap}. Tab goes to it.").format(gap=gap.words)
        if destination.look == "private" and destination.reason:
            return destination.reason
        limit = self._limit()
        if limit is not None and length > limit:
            return self.tr("The text is too long by {count} characters.").format(
                count=self.locale().toString(length - limit)
            )
        if self._spec is not None and destination.look == "public":
            least = self._spec.reply_limits.min_chars
            if length < least:
                return self.tr("{provider} takes {count} characters or more.").format(
                    provider=self._spec.title, count=self.locale().toString(least)
                )
        return None

    def _say_length(self) -> None:
        length, limit = len(self.text().strip()), self._limit()
        words = self.locale().toString(length)
        if limit is not None and length > limit * 0.8:
            words = self.tr("{count} of {limit}").format(count=words, limit=self.locale().toString(limit))
        self.foot.set_count(words if length else "", over=limit is not None and length > limit)
        self.foot.set_gaps(sum(1 for _ in gaps(self.text())))
        self.foot.set_reason(self._why_not())

    # --- drafts ----------------------------------------------------------------------------------

    def _on_edited(self) -> None:
        key = self._key
        if key is None or key in self._sending:
            return
        text, subject = self.text(), self.subject.text()
        self._checker.edited(text)
        if text.strip() or subject.strip():
            self._kept[key] = (text, subject)
        self.drafts.edited(key, text, subject)
        self._saved_at.pop(key, None)
        self._say_saved()
        self._say_length()

    def _on_saved(self, key: Key) -> None:
        self._saved_at[key] = self._core.clock.now()
        if key == self._key:
            self._say_saved()
        self.saved.emit(*key)

    def _on_save_failed(self, key: Key, words: str) -> None:
        if key == self._key:
            self._age.stop()
            if self.foot.saved.text() != words:
                announce(self, words)
            self.foot.set_saved(words, failed=True)

    def _say_saved(self) -> None:
        key = self._key
        if key is None:
            return
        at = self._saved_at.get(key)
        if at is None or not self.drafts.is_safe(key):
            if self.foot.saved.role() != "fail" or self.drafts.is_safe(key):
                emptied = key in self._kept and not self.text().strip() and self.drafts.is_safe(key)
                words = self.tr("The last text is kept") if emptied else ""
                self.foot.set_saved(words, failed=False)
            self._age.stop()
            return
        ago = self._core.clock.now() - at
        if ago < 2:
            words = self.tr("Saved")
        elif ago < 60:
            seconds = int(ago) if ago < 10 else 10 * int(ago / 10)
            words = self.tr("Saved {seconds} s ago").format(seconds=seconds)
        else:
            words = self.tr("Saved {time}").format(time=clock_words(at))
        self.foot.set_saved(words, failed=False)
        if ago >= 60:
            self._age.stop()
        elif not self._age.isActive():
            self._age.start()

    def _on_cut_short(self, kept: int) -> None:
        most = self.locale().toString(MOST)
        words = self.tr("No more than {most} characters fit. The rest was left out.").format(most=most)
        self.bar.show_message("warn", words)

    # --- the check -------------------------------------------------------------------------------

    def _on_checked(self) -> None:
        found = self._checker.findings()
        self.editor.set_findings(found)
        self.note.set_findings(found)
        self.updateGeometry()

    def _on_repair(self, finding: Finding) -> None:
        if finding.repair is not None:
            self.editor.replace(finding.start, finding.end, finding.repair)
        self.editor.setFocus()

    def _on_kept(self, finding: Finding) -> None:
        self._checker.keep(finding)
        self.editor.setFocus()

    # --- saved replies ---------------------------------------------------------------------------

    def open_saved(self, opened_by: str = "") -> None:
        """The picker of saved replies. ``opened_by``: the key, which comes back when Esc says it was meant itself."""
        key, row = self._key, self._row
        if key is None or row is None or key in self._sending:
            return
        window = self.window()
        if self._picker is None:
            self._picker = SavedPicker(self._core, self._bridge, window)
            self._picker.chosen.connect(self._on_saved_chosen)
            self._picker.left.connect(self._on_saved_left)
            self._picker.said.connect(self.refused)
        elif self._picker.parentWidget() is not window:
            self._picker.setParent(window)
        self._opened_by = opened_by
        corner = self.card.mapTo(window, QPoint(0, 0))
        place = QRect(corner, self.card.size())
        self._picker.ask(key[0], key[1], row.language, place, draft=self.text())

    def _on_saved_chosen(self, choice: Choice, done: Resolved) -> None:
        self.editor.setFocus()
        self.editor.insert_resolved(done)
        self._bridge.watch(self._core.saved_replies.used(choice.reply.id), owner=self)

    def _on_saved_left(self, give_back: bool) -> None:
        if give_back and self._opened_by:
            self.editor.insertPlainText(self._opened_by)
        self.editor.setFocus()

    # --- acts ------------------------------------------------------------------------------------

    def publish(self, then: str = "") -> None:
        """Hand the text over. ``then``: ``done`` marks the review done after delivery, ``next`` goes on at once.

        Once per text: a second press while it is under way does nothing.
        """
        key, destination = self._key, self._destination
        if key is None or destination is None:
            return
        if destination.look == "none":
            self._copy_and_open()
            return
        reason = self._why_not()
        if reason is not None:
            if key not in self._sending:
                self.bar.show_message("warn", reason)
                if next(gaps(self.text()), None) is not None:
                    self.editor.walk_gaps()
            return
        if not self._checker.is_current():
            self._checker.when_current(partial(self._publish_checked, key, then))
            return
        self._publish_checked(key, then)

    def _publish_checked(self, key: Key, then: str) -> None:
        """The findings are those of this text now: what must be settled comes first, advice never stops."""
        destination = self._destination
        if key != self._key or destination is None or self._why_not() is not None:
            return
        if any(f.must for f in self._checker.findings()):
            self.note.settle_first()
            return
        self.bar.hide()
        kept = self._checker.kept_rules()
        self._sending.add(key)
        self.editor.setReadOnly(True)
        self._say_length()
        # The draft is durable before the outbox takes it over, and no late save may bring it back afterwards.
        self.drafts.flush()
        self.drafts.settled(
            key, partial(self._hand_over, key, destination, self.text(), self.subject.text(), then, kept)
        )

    def _hand_over(
        self, key: Key, destination: Destination, text: str, subject: str, then: str, kept: list[str]
    ) -> None:
        settings = self._core.settings
        future = self._core.replies.publish(
            key[0],
            key[1],
            text,
            kind=destination.kind,
            payload={"subject": subject} if destination.look == "private" and subject else None,
            delay_s=float(settings.get(UNDO_DELAY_S)),
            then_done=then == "done" or bool(settings.get(SEND_AND_DONE)),
            kept=kept,
        )
        self._bridge.watch(
            future,
            done=partial(self._on_published, key, then),
            failed=partial(self._on_refused, key),
            owner=self,
        )

    def _on_published(self, key: Key, then: str, item: OutboxItem) -> None:
        self._sending.discard(key)
        self.drafts.forget(key)
        self._checker.forget(key)
        self._kept.pop(key, None)
        self._saved_at.pop(key, None)
        if key == self._key:
            self.editor.load("")
            self.subject.clear()
            self.editor.setReadOnly(False)
            self.close()
        if item.state is OutboxState.HELD:
            # Something became known between the check here and the handing over: the outbox has the text.
            self.refused.emit(item.error.message if item.error is not None else self.tr("It is held."))
        self.published.emit(item)
        if then == "next":
            self.next_requested.emit()

    def _on_refused(self, key: Key, error: BaseException) -> None:
        self._sending.discard(key)
        words = (
            error.message if isinstance(error, ReviewdeskError) else self.tr("This could not be handed over.")
        )
        if key == self._key:
            self.editor.setReadOnly(False)
            self._say_length()
            self.bar.show_message("fail", words)
        else:
            self.refused.emit(words)

    def _copy_and_open(self) -> None:
        """For a source without replies: the text to the clipboard, its back office to the browser."""
        row, spec = self._row, self._spec
        if row is None or not self.text().strip():
            return
        QGuiApplication.clipboard().setText(self.text())
        if spec is not None and spec.back_office_url:
            self.open_address.emit(spec.back_office_url)
        words = self.tr("Answered at {provider}?").format(provider=spec.title if spec is not None else "")
        self.bar.show_message(
            "info",
            words,
            icon="arrow-square-out",
            buttons=((self.tr("Yes"), self._answered_there), (self.tr("Not yet"), self.bar.hide)),
            closable=False,
        )

    def _answered_there(self) -> None:
        if self._row is not None:
            self._bridge.watch(self._core.inbox.mark_done([self._row.id]), owner=self)
            self.close()

    def _on_act(self, name: str) -> None:
        if name == "saved":
            self.open_saved()
        elif name == "discard":
            self.discard()
        elif name == "versions":
            self._show_versions()

    def discard(self) -> None:
        """Throw the draft away; the bar offers to take that back."""
        key = self._key
        if key is None or key in self._sending:
            return
        kept = self._kept.pop(key, ("", ""))
        if not any(kept):
            self.close()
            return
        self.editor.load("")
        self.subject.clear()
        self._saved_at.pop(key, None)
        self.drafts.forget(key)
        self._discarding.add(key)
        self.drafts.settled(key, partial(self._throw_away, key))
        self._say_length()
        self._say_saved()
        self.bar.show_message(
            "info",
            self.tr("Draft discarded"),
            icon="trash-simple",
            buttons=((self.tr("Undo"), partial(self._bring_back, key, kept)),),
        )
        self.editor.setFocus()

    def _throw_away(self, key: Key) -> None:
        if key not in self._discarding:
            return  # taken back before a save that was under way had ended
        self._discarding.discard(key)
        self._bridge.watch(self._core.replies.discard_draft(*key), owner=self)

    def _bring_back(self, key: Key, kept: tuple[str, str]) -> None:
        self.bar.hide()
        self._discarding.discard(key)
        if key == self._key:
            self.editor.load(kept[0])
            self.subject.setText(kept[1])
            self._on_edited()
            self.editor.setFocus()
        else:
            self.drafts.edited(key, *kept)

    def _show_versions(self) -> None:
        read = getattr(self._core.replies, "draft_versions", None)
        if self._key is not None and read is not None:
            self._bridge.run(read, *self._key, done=self._on_versions, owner=self, key="versions")

    def _on_versions(self, versions: list[Any]) -> None:
        menu = VersionsMenu(versions, self._core.clock.now(), self)
        menu.chosen.connect(self._on_version_chosen)
        button = self.foot.versions
        menu.popup(button.mapToGlobal(QPoint(0, -menu.sizeHint().height() - 4)))

    def _on_version_chosen(self, text: str) -> None:
        self.editor.replace_all(text)
        self.editor.setFocus()

    # --- size ------------------------------------------------------------------------------------

    def _fit(self) -> None:
        left, wide = column_of(self.width())
        side = max(4, left - OVER)
        right = max(4, self.width() - left - wide - OVER)
        self._outer.setContentsMargins(side, 13, right, 14)
        around = self.parentWidget()
        pane = around.height() if around is not None else self.height()
        chrome = metrics.note_height() + metrics.control_height() + 16 + 29
        self.editor.set_ceiling(max(self.editor.least(), round(pane * 0.6) - chrome))

    def sizeHint(self) -> QSize:
        return QSize(400, self._outer.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ParentChange:
            if self._watched is not None:
                self._watched.removeEventFilter(self)
            self._watched = self.parentWidget()
            if self._watched is not None:
                self._watched.installEventFilter(self)
        return super().event(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._fit()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme().colour("surface"))
        painter.fillRect(0, 0, self.width(), 1, theme().colour("line"))
