"""The composer of the messages room: a private answer to one person, in the look and the words of the private composer."""

from __future__ import annotations

from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import QPoint, QSize, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from reviewdesk.domain.capabilities import Available
from reviewdesk.domain.checks import Finding
from reviewdesk.domain.errors import ReviewdeskError
from reviewdesk.domain.models import OutboxItem, Target
from reviewdesk.domain.templates import gaps
from reviewdesk.services.settings import ENTER_KEY, UNDO_DELAY_S
from reviewdesk.ui.composer.card import Card
from reviewdesk.ui.composer.checking import Checker
from reviewdesk.ui.composer.drafts import DraftKeeper
from reviewdesk.ui.composer.drafts import Key as ComposerKey
from reviewdesk.ui.composer.safety import Destination
from reviewdesk.ui.composer.spelling import Spelling
from reviewdesk.ui.composer.versions import VersionsMenu
from reviewdesk.ui.reading.column import column_of
from reviewdesk.ui.theme import metrics, theme
from reviewdesk.ui.widgets import announce

if TYPE_CHECKING:
    from reviewdesk.services.core import Core
    from reviewdesk.ui.bridge import Bridge

__all__ = ["Answer", "Key"]

Key = tuple[int, str]
"""Account and person: all that is written between the two beside any review is one thread."""
OVER = 16
_UNKNOWN = Available(True, "")


class _Letters:
    """What the parts of the composer ask of a core, answered by the letters: a key names a person, not a review."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self.replies = self.checks = self

    def save_draft(self, account_id: int, person: str, text: str, subject: str) -> Future[None]:
        return self._core.letters.save_draft(account_id, person, text, subject)

    def check(self, _account_id: int, _person: str, text: str) -> tuple[Finding, ...]:
        return self._core.letters.check(text)


class Answer(QWidget):
    """Docked under a thread; hidden until ``open``. ``sent`` carries the OutboxItem once it is durable, ``refused`` a
    sentence why it was not; ``left`` when the focus is to go back to the list; ``drafted`` after a draft began or ended."""

    sent = Signal(object)
    refused = Signal(str)
    left = Signal()
    drafted = Signal()

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge, self._core = bridge, bridge.core
        self._key: Key | None = None
        self._name = ""
        self._needs_subject = False
        self._kept: dict[Key, tuple[str, str]] = {}
        self._sending: Key | None = None
        letters = cast("Core", _Letters(self._core))
        self._drafts = DraftKeeper(letters, bridge, self)
        self._checker = Checker(letters, bridge, self)
        self._build()
        self.spelling = Spelling(self._core, bridge, self.card)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._fit)
        self.hide()

    def _build(self) -> None:
        self.card = Card(self, versions=True)
        self.safety, self.subject, self.editor = self.card.safety, self.card.subject, self.card.editor
        self.note, self.bar, self.foot = self.card.note, self.card.bar, self.card.foot
        self._outer = QVBoxLayout(self)
        self._outer.addWidget(self.card)
        self.safety.detach_button.hide()
        self.foot.saved_button.hide()  # saved replies are filled from a review
        self.foot.set_detached()
        self.safety.closed.connect(self.leave)
        self.editor.escaped.connect(self.leave)
        self.editor.left.connect(self.left)
        self.editor.textChanged.connect(self._on_edited)
        self.editor.blurred.connect(self._drafts.flush)
        self.editor.height_wanted.connect(self.updateGeometry)
        self.editor.publish.connect(self.publish)
        self.editor.later.connect(self._no_later)
        self.editor.saved_wanted.connect(self.editor.insertPlainText)
        self.editor.enter_publishes = lambda: self._core.settings.get(ENTER_KEY) == "publish"
        self.subject.textEdited.connect(self._on_edited)
        self.note.repaired.connect(self._on_repair)
        self.note.kept.connect(self._on_kept)
        self.foot.publish.connect(self.publish)
        self.foot.act.connect(self._on_act)
        self._checker.changed.connect(self._on_checked)
        self._drafts.saved.connect(self._on_saved)
        self._drafts.failed.connect(self._on_failed)

    # --- what is open ----------------------------------------------------------------------------

    def key(self) -> Key | None:
        """(account, person) of what is open."""
        return self._key

    def is_open(self) -> bool:
        return self._key is not None

    def text(self) -> str:
        return self.editor.toPlainText()

    def draft_of(self, key: Key) -> tuple[str, str]:
        """(text, subject) of what is written to this person, stored or not yet."""
        unsaved = self._drafts.text(cast(ComposerKey, key))
        if unsaved is not None and unsaved[0].strip():
            return unsaved
        draft = self._core.letters.draft(*key)
        return (draft.text, draft.subject) if draft is not None else ("", "")

    def open(
        self, key: Key, name: str, subject: str, *, needs_subject: bool = True, focus: bool = True
    ) -> None:
        """Write to this person; what is open now is saved first. ``subject``: where no draft has one."""
        if key != self._key:
            self._drafts.flush()
            text, drafted = self.draft_of(key)
            self._key, self._name, self._needs_subject = key, name, needs_subject
            if text:
                self._kept[key] = (text, drafted)
            self.editor.setReadOnly(self._sending == key)
            self.editor.load(text)
            self.subject.setText(drafted if text else subject)
            self.bar.hide()
            self._checker.open(cast(ComposerKey, key), text)
            self.spelling.open(key, None, (name,))
            self._dress()
            self._fit()
            self.show()
        if focus:
            self.editor.setFocus()
            announce(self, self._destination().spoken())

    def close(self) -> bool:
        """Close; the draft stays."""
        self._drafts.flush()
        self._key = None
        self._checker.open(None, "")
        self.spelling.close()
        self.hide()
        return True

    def leave(self) -> None:
        """Close, and give the focus back to the list."""
        self.close()
        self.left.emit()

    def finish(self) -> bool:
        """Save everything and wait for the commits. False when something could not be saved."""
        return self._drafts.finish()

    # --- look ------------------------------------------------------------------------------------

    def _destination(self) -> Destination:
        return Destination.of(
            Target.PRIVATE,
            spec=None,
            account="",
            author=self._name,
            reply=_UNKNOWN,
            message=_UNKNOWN,
            resolution=_UNKNOWN,
        )

    def _dress(self) -> None:
        destination = self._destination()
        self.card.set_destination(destination, opens=False)
        for action in self.foot.split.menu.actions():
            action.setVisible(action.data() in ("", "approval"))  # no review is done, and none is next
        self.setAccessibleName(destination.spoken())
        self.foot.set_saved("", failed=False)
        self._say()

    def _say(self) -> None:
        text = self.text()
        length = len(text.strip())
        self.foot.set_count(self.locale().toString(length) if length else "", over=False)
        self.foot.set_gaps(sum(1 for _ in gaps(text)))
        self.foot.set_reason(self.why_not())

    def why_not(self) -> str | None:
        """Why this can't be sent now, or None."""
        text = self.text()
        if self._sending is not None:
            return self.tr("This is being handed over already.")
        if not text.strip():
            return self.tr("There is nothing to send yet.")
        gap = next(gaps(text), None)
        if gap is not None:
            return self.tr("There is a gap to fill: {gap}. Tab goes to it.").format(gap=gap.words)
        if self._needs_subject and not self.subject.text().strip():
            return self.tr("A message to the customer needs a subject.")
        return None

    # --- writing ---------------------------------------------------------------------------------

    def _on_edited(self) -> None:
        if self._key is None:
            return
        text, subject = self.text(), self.subject.text()
        written = bool(text.strip())
        # An emptied text is never stored; the subject alone is no draft, as every answer begins with one.
        self._drafts.edited(cast(ComposerKey, self._key), text if written else "", subject if written else "")
        if written:
            self._kept[self._key] = (text, subject)
        self.foot.set_saved(
            self.tr("The last text is kept") if not written and self._key in self._kept else "", failed=False
        )
        self._checker.edited(text)
        self._say()

    def _on_saved(self, key: object) -> None:
        if key == self._key:
            self.foot.set_saved(self.tr("Saved"), failed=False)
        self.drafted.emit()

    def _on_failed(self, key: object, words: str) -> None:
        if key == self._key:
            announce(self, words)
            self.foot.set_saved(words, failed=True)

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

    def _on_act(self, name: str) -> None:
        if name == "discard":
            self.discard()
        elif name == "versions" and self._key is not None:
            read = self._core.letters.draft_versions
            self._bridge.run(read, *self._key, done=self._on_versions, owner=self, key="versions")

    def _on_versions(self, versions: list[Any]) -> None:
        menu = VersionsMenu(versions, self._core.clock.now(), self, present=self.text())
        menu.chosen.connect(self._on_version)
        button = self.foot.versions
        menu.popup(button.mapToGlobal(QPoint(0, -menu.sizeHint().height() - 4)))

    def _on_version(self, text: str) -> None:
        self.editor.replace_all(text)
        self.editor.setFocus()

    def discard(self) -> None:
        """Throw the draft away; the bar offers to take that back."""
        key = self._key
        if key is None or self._sending == key:
            return
        kept = self._kept.pop(key, ("", ""))
        if not kept[0]:
            self.leave()
            return
        self.editor.load("")
        self._drafts.forget(cast(ComposerKey, key))
        self._drafts.settled(cast(ComposerKey, key), partial(self._throw_away, key))
        self.foot.set_saved("", failed=False)
        self._checker.edited("")
        self._say()
        back = (self.tr("Undo"), partial(self._bring_back, key, kept))
        self.bar.show_message("info", self.tr("Draft discarded"), icon="trash-simple", buttons=(back,))
        self.editor.setFocus()

    def _throw_away(self, key: Key) -> None:
        if key not in self._kept:  # not taken back before a save that was under way had ended
            self._bridge.watch(
                self._core.letters.discard_draft(*key), done=lambda _: self.drafted.emit(), owner=self
            )

    def _bring_back(self, key: Key, kept: tuple[str, str]) -> None:
        self.bar.hide()
        self._kept[key] = kept
        if key == self._key:
            self.editor.load(kept[0])
            self.subject.setText(kept[1])
            self._on_edited()
            self.editor.setFocus()
        else:
            self._drafts.edited(cast(ComposerKey, key), *kept)

    # --- handing over ----------------------------------------------------------------------------

    def _no_later(self) -> None:
        self.bar.show_message("info", self.tr("A message beside any review goes out at once: Ctrl+Enter"))

    def publish(self, then: str = "") -> None:
        """Hand the text to the outbox, once per text. ``then``: ``approval`` keeps it until somebody approved it."""
        key = self._key
        if key is None:
            return
        reason = self.why_not()
        if reason is not None:
            if self._sending is None:
                self.bar.show_message("warn", reason)
                if not self.editor.walk_gaps() and self.text().strip():
                    self.subject.setFocus()
        elif self._checker.is_current():
            self._checked(key, then)
        else:
            self._checker.when_current(partial(self._checked, key, then))

    def _checked(self, key: Key, then: str) -> None:
        if key != self._key or self.why_not() is not None:
            return
        if any(f.must for f in self._checker.findings()):
            self.note.settle_first()
            return
        self.bar.hide()
        self._sending = key
        self.editor.setReadOnly(True)
        self._say()
        # The draft is durable before the outbox takes it over, and no late save may bring it back afterwards.
        self._drafts.flush()
        hand_over = partial(
            self._hand_over, key, then, self.text(), self.subject.text(), self._checker.kept_rules()
        )
        self._drafts.settled(cast(ComposerKey, key), hand_over)

    def _hand_over(self, key: Key, then: str, text: str, subject: str, kept: list[str]) -> None:
        future = self._core.letters.publish(
            *key,
            text,
            subject,
            delay_s=float(self._core.settings.get(UNDO_DELAY_S)),
            kept=kept,
            ask_approval=then == "approval",
        )
        self._bridge.watch(
            future, done=partial(self._on_sent, key), failed=partial(self._on_refused, key), owner=self
        )

    def _on_sent(self, key: Key, item: OutboxItem) -> None:
        self._sending = None
        self._drafts.forget(cast(ComposerKey, key))
        self._checker.forget(cast(ComposerKey, key))
        self._kept.pop(key, None)
        self.editor.setReadOnly(False)
        if key == self._key:
            self.editor.load("")
            self.leave()
        self.sent.emit(item)

    def _on_refused(self, key: Key, error: BaseException) -> None:
        self._sending = None
        self.editor.setReadOnly(False)
        words = (
            error.message if isinstance(error, ReviewdeskError) else self.tr("This could not be handed over.")
        )
        self._say()
        if key == self._key:
            self.bar.show_message("fail", words)
        else:
            self.refused.emit(words)

    # --- size ------------------------------------------------------------------------------------

    def _fit(self) -> None:
        left, wide = column_of(self.width())
        self._outer.setContentsMargins(max(4, left - OVER), 13, max(4, self.width() - left - wide - OVER), 14)
        around = self.parentWidget()
        pane = around.height() if around is not None else self.height()
        chrome = metrics.note_height() + self.foot.sizeHint().height() + 29
        self.editor.set_ceiling(max(self.editor.least(), round(pane * 0.6) - chrome))

    def sizeHint(self) -> QSize:
        return QSize(300, self._outer.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme().colour("surface"))
            painter.fillRect(0, 0, self.width(), 1, theme().colour("line"))
