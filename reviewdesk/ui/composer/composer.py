"""The composer below the review: never modal, never loses a letter, never lets public and private be mistaken."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSize, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from reviewdesk.domain.capabilities import Capability, ProviderSpec
from reviewdesk.domain.checks import Finding
from reviewdesk.domain.models import ActionKind, ReviewRow, Target
from reviewdesk.services.replies import EDITS, OFFERS
from reviewdesk.services.settings import ENTER_KEY
from reviewdesk.ui.composer.card import Card
from reviewdesk.ui.composer.checking import Checker
from reviewdesk.ui.composer.drafts import DraftKeeper, Key
from reviewdesk.ui.composer.editor import LONG, MOST
from reviewdesk.ui.composer.endings import Endings
from reviewdesk.ui.composer.handing import Handing
from reviewdesk.ui.composer.inserting import Inserting
from reviewdesk.ui.composer.readiness import Readiness
from reviewdesk.ui.composer.safety import Destination
from reviewdesk.ui.composer.saying import Saying
from reviewdesk.ui.composer.signing import Signing
from reviewdesk.ui.composer.spelling import Spelling
from reviewdesk.ui.reading.column import column_of
from reviewdesk.ui.theme import theme
from reviewdesk.ui.widgets import announce

if TYPE_CHECKING:
    from reviewdesk.services.core import Core
    from reviewdesk.ui.bridge import Bridge

__all__ = ["Composer"]

LATER_MS = 60
OVER = 16
"""The card stands out of the text column by so much at both sides, so that the texts share their edges."""


class Composer(QWidget):
    """Docked under the reading pane; hidden until ``open``.

    ``published`` carries the OutboxItem once it is durable; ``opened`` and ``closed`` the (review id, Target);
    ``saved`` the same after a commit of the draft; ``next_requested`` after "and go to the next review";
    ``open_address`` an address for the browser; ``refused`` a sentence why it did not open; ``schedule_requested``
    asks for a moment, ``detach_requested`` for a window of its own, ``link_requested`` for the link to edit the
    review; ``answered`` carries the review that was answered in a back office, with the text.
    """

    published = Signal(object)
    opened = Signal(object, object)
    closed = Signal(object, object)
    saved = Signal(object, object)
    next_requested = Signal()
    open_address = Signal(str)
    left = Signal()
    refused = Signal(str)
    schedule_requested = Signal()
    detach_requested = Signal()
    link_requested = Signal()
    answered = Signal(object, str)

    def __init__(self, core: Core, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._core, self._bridge = core, bridge
        self._key: Key | None = None
        self._row: ReviewRow | None = None
        self._spec: ProviderSpec | None = None
        self._destination: Destination | None = None
        self._kept: dict[Key, tuple[str, str]] = {}
        self._watched: QWidget | None = None
        self._awaited: Key | None = None
        self.core, self.bridge = core, bridge
        self.drafts = DraftKeeper(core, bridge, self)
        self.saying = Saying(self)
        self.endings = Endings(self)
        self.checker = Checker(core, bridge, self)
        self.handing = Handing(self)
        self.handing.published.connect(self.published)
        self.handing.next_requested.connect(self.next_requested)
        self.readiness = Readiness(self)
        self.signing = Signing(self)
        self.inserting = Inserting(self)
        self._detached = False
        self._build()
        self.spelling = Spelling(core, bridge, self.card)
        self.checker.changed.connect(self._on_checked)
        theme().changed.connect(self._fit)
        self.hide()

    # --- structure -------------------------------------------------------------------------------

    def _build(self) -> None:
        self.card = Card(self, versions=hasattr(self._core.replies, "draft_versions"))
        self.safety, self.subject, self.editor = self.card.safety, self.card.subject, self.card.editor
        self.note, self.bar, self.foot = self.card.note, self.card.bar, self.card.foot
        self._outer = QVBoxLayout(self)
        self._outer.addWidget(self.card)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.safety.closed.connect(self.close)
        self.safety.detached.connect(self.detach_requested)
        self.editor.textChanged.connect(self._on_edited)
        self.subject.textEdited.connect(self._on_edited)
        self.editor.publish.connect(self.publish)
        self.editor.later.connect(self.schedule_requested)
        self.editor.saved_wanted.connect(self.open_saved)
        self.editor.escaped.connect(self.close)
        self.editor.left.connect(self.left)
        self.editor.blurred.connect(self.drafts.flush)
        self.editor.cut_short.connect(self._on_cut_short)
        self.editor.height_wanted.connect(self.updateGeometry)
        self.note.repaired.connect(self._on_repair)
        self.note.kept.connect(self._on_kept)
        self.foot.publish.connect(self.publish)
        self.editor.enter_publishes = lambda: self._core.settings.get(ENTER_KEY) == "publish"
        self.foot.copy.connect(self.endings.copy_and_open)
        self.foot.act.connect(self._on_act)

    # --- what is open ----------------------------------------------------------------------------

    def key(self) -> Key | None:
        """(review id, Target) of what is open."""
        return self._key

    def is_open(self) -> bool:
        return self._key is not None

    def destination(self) -> Destination | None:
        return self._destination

    def row(self) -> ReviewRow | None:
        """The review that is written to."""
        return self._row

    def spec(self) -> ProviderSpec | None:
        """What its provider is."""
        return self._spec

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
        text, subject = self._draft_of(key)
        spec, destination = self._where(row, target, offer=subject == OFFERS)
        if target is Target.PUBLIC and subject.startswith(EDITS):
            destination = destination.editing(subject.removeprefix(EDITS))
        if target is Target.PRIVATE and destination.reason and not text:
            self.refused.emit(destination.reason)
            return False
        self.drafts.flush()
        self._key, self._row, self._spec, self._destination = key, row, spec, destination
        if self.isHidden():
            # Its words first, so that nothing is seen without them; then its width: a long text is laid out once.
            self.editor.load("")
            self._dress()
            self._fit()
            self.show()
        self.editor.load(text)
        if not text:
            self.signing.begin()
        self._set_subject(subject)
        self.handing.look_at(key)
        if text or subject:
            self._kept[key] = (text, subject)
        self.bar.hide()
        # Read before it is asked for, so that the picker opens at once.
        self._bridge.run(self._core.saved_replies.list, owner=self, key="saved-list")
        self.checker.open(key if destination.look != "none" else None, self.text())
        self.spelling.open_review(key, row, (destination.words, self.signing.signature()))
        self._dress()
        self.saying.say()
        self._fit()
        self.show()
        if focus:
            self.editor.setFocus()
        announce(self, destination.spoken())
        self.opened.emit(review_id, target)
        return True

    def open_edit(self, review_id: int, comment_id: str, text: str) -> bool:
        """Change a published reply. A public draft that is there comes first: it would be lost otherwise."""
        key = (review_id, Target.PUBLIC)
        draft, subject = self._draft_of(key)
        if draft.strip() and subject != f"{EDITS}{comment_id}":
            self.open(*key)
            self.bar.show_message("warn", self.tr("Publish or discard this draft before changing the reply"))
            return False
        if not self.open(*key) or self._destination is None or self._destination.look != "public":
            return False
        if not draft.strip():
            self._destination = self._destination.editing(comment_id)
            self.editor.load(text)
            self._dress()
            self._on_edited()
        announce(self, self._destination.spoken())
        return True

    def open_resolution(self, review_id: int) -> bool:
        """Offer a resolution in private. A message that is begun comes first: its subject would be lost."""
        key = (review_id, Target.PRIVATE)
        _, subject = self._draft_of(key)
        can = self._core.replies.can(review_id, Capability.RESOLUTION)
        if not can.available:
            self.refused.emit(can.reason or self.tr("This account can't offer resolutions."))
            return False
        if not self.open(*key) or self._row is None:
            return False
        if subject.strip() and subject != OFFERS:
            self.bar.show_message(
                "warn", self.tr("Send or discard this message before offering a resolution")
            )
            return False
        self._spec, self._destination = self._where(self._row, Target.PRIVATE, offer=True)
        self._dress()
        if self.signing.written(self.text()).strip():
            self._on_edited()
        announce(self, self._destination.spoken())
        return True

    def follow(self, review_id: int) -> None:
        """The list went to another review: show its draft where it has one, else close. Focus stays where it is."""
        if self._key is not None and self._key[0] == review_id:
            return
        self._awaited = None
        for target in (Target.PUBLIC, Target.PRIVATE):
            draft = self._draft_of((review_id, target)) if review_id else ("", "")
            if len(draft[0]) > LONG:
                # Its layout takes a turn of its own: the review is there first.
                self.close()
                self._awaited = (review_id, target)
                QTimer.singleShot(LATER_MS, self, self._follow_late)
                return
            if any(draft):
                self.open(review_id, target, focus=False)
                return
        self.close()

    def _follow_late(self) -> None:
        key, self._awaited = self._awaited, None
        if key is not None and self._key is None:
            self.open(*key, focus=False)

    def close(self) -> bool:
        """Close; the draft stays."""
        self.drafts.flush()
        key, self._key = self._key, None
        self._row = None
        self.checker.open(None, "")
        self.spelling.close()
        self.inserting.hide()
        had_focus = self.isAncestorOf(self.focusWidget()) if self.focusWidget() is not None else False
        self.hide()
        self.saying.stop()
        if key is not None:
            self.closed.emit(*key)
            if had_focus:
                self.left.emit()
        return True

    def finish(self, timeout_s: float = 2.0) -> bool:
        """Save everything and wait for the commits: the program ends. False when something could not be saved."""
        return self.drafts.finish(timeout_s)

    def load(self, text: str, subject: str) -> None:
        """Put a text there that nobody typed."""
        self.editor.load(text)
        self._set_subject(subject)
        if self._key is not None:
            self.saying.forget(self._key)

    def _set_subject(self, subject: str) -> None:
        """The field of a message's subject; empty for whatever has none."""
        private = self._key is not None and self._key[1] is Target.PRIVATE
        self.subject.setText(subject if private and subject != OFFERS else "")

    def edited(self) -> None:
        """The text changed in another way than by keys: it is to be saved."""
        self._on_edited()

    def has_kept(self, key: Key) -> bool:
        """Whether there were words for this key that may still be wanted."""
        return key in self._kept

    def forget_kept(self, key: Key) -> tuple[str, str]:
        """(text, subject) of what was written last, which is not kept from now on."""
        return self._kept.pop(key, ("", ""))

    def set_detached(self) -> None:
        """It has a window of its own: it takes all of it, and there is nothing to detach."""
        self.foot.set_detached()
        self.safety.detach_button.hide()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._detached = True

    def discard(self) -> None:
        """Throw the draft away; the bar offers to take that back."""
        self.endings.discard()

    def switch_target(self) -> None:
        """Move the text to the other reader (``Endings.switch_target``)."""
        self.endings.switch_target()

    def _draft_of(self, key: Key) -> tuple[str, str]:
        unsaved = self.drafts.text(key)
        if unsaved is not None:
            return unsaved
        draft = self._core.replies.draft(*key)
        return (draft.text, draft.subject) if draft is not None else ("", "")

    def _where(
        self, row: ReviewRow, target: Target, *, offer: bool = False
    ) -> tuple[ProviderSpec | None, Destination]:
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
            offer=offer,
        )

    # --- look ------------------------------------------------------------------------------------

    def _dress(self) -> None:
        destination, row = self._destination, self._row
        if destination is None or row is None:
            return
        self.card.set_destination(destination, opens=bool(self._spec and self._spec.back_office_url))
        self.setAccessibleName(destination.spoken())
        self.say_length()

    def why_not(self) -> str | None:
        """Why this can't be published now, or None."""
        return self.readiness.why_not()

    def say_length(self) -> None:
        """Say in the foot how long the text is, how many gaps it has and why it can't be sent."""
        self.readiness.say()

    # --- drafts ----------------------------------------------------------------------------------

    def _on_edited(self) -> None:
        key = self._key
        if key is None or self.handing.is_sending(key):
            return
        text = self.signing.written(self.text())
        where = self._destination
        editing = where is not None and bool(where.comment_id or where.kind is ActionKind.RESOLUTION)
        # An emptied text never takes the place of one: without words there is nothing that is being changed.
        subject = self.subject_text() if text.strip() or not editing else ""
        self.checker.edited(self.text())
        if text.strip() or subject.strip():
            self._kept[key] = (text, subject)
        self.drafts.edited(key, text, subject)
        self.saying.forget(key)
        self.saying.say()
        self.say_length()

    def _on_cut_short(self, kept: int) -> None:
        most = self.locale().toString(MOST)
        words = self.tr("No more than {most} characters fit. The rest was left out.").format(most=most)
        self.bar.show_message("warn", words)

    # --- the check -------------------------------------------------------------------------------

    def _on_checked(self) -> None:
        found = self.checker.findings()
        self.editor.set_findings(found)
        self.note.set_findings(found)
        self.updateGeometry()

    def _on_repair(self, finding: Finding) -> None:
        if finding.repair is not None:
            self.editor.replace(finding.start, finding.end, finding.repair)
        self.editor.setFocus()

    def _on_kept(self, finding: Finding) -> None:
        self.checker.keep(finding)
        self.editor.setFocus()

    # --- saved replies ---------------------------------------------------------------------------

    def open_saved(self, opened_by: str = "", words: str = "") -> None:
        """The picker of saved replies (``Inserting.open_saved``)."""
        self.inserting.open_saved(opened_by, words)

    # --- acts ------------------------------------------------------------------------------------

    def publish(self, then: str = "", at: float | None = None) -> None:
        """Hand the text over (``Handing.publish``); where a source takes no replies, copy it and open its page."""
        if then == "later":
            self.schedule_requested.emit()
        elif self._destination is not None and self._destination.look == "none":
            self.endings.copy_and_open()
        else:
            self.handing.publish(then, at)

    def handed_over(self, key: Key) -> None:
        """The outbox has this text: nothing of it is kept here."""
        self.drafts.forget(key)
        self.checker.forget(key)
        self.spelling.forget(key)
        self._kept.pop(key, None)
        self.saying.forget(key)
        if key == self._key:
            self.editor.load("")
            self.subject.clear()
            self.editor.setReadOnly(False)
            self.close()

    def subject_text(self) -> str:
        """Kept beside the text: the subject of a message, which published reply is changed, or that it is an offer."""
        if self._destination is not None and self._destination.comment_id:
            return f"{EDITS}{self._destination.comment_id}"
        if self._destination is not None and self._destination.kind is ActionKind.RESOLUTION:
            return OFFERS
        return self.subject.text() if self._key is not None and self._key[1] is Target.PRIVATE else ""

    def _on_act(self, name: str) -> None:
        if name == "saved":
            self.open_saved()
        elif name == "discard":
            self.endings.discard()
        elif name == "versions":
            self.inserting.show_versions()
        elif name == "link":
            self.link_requested.emit()
        elif name == "switch":
            self.endings.switch_target()

    # --- size ------------------------------------------------------------------------------------

    def _fit(self) -> None:
        left, wide = column_of(self.width())
        side = max(4, left - OVER)
        right = max(4, self.width() - left - wide - OVER)
        self._outer.setContentsMargins(side, 13, right, 14)
        around = self.parentWidget()
        pane = around.height() if around is not None else self.height()
        chrome = self.safety.sizeHint().height() + self.foot.sizeHint().height() + 29
        share = 1.0 if self._detached else 0.6
        self.editor.set_ceiling(max(self.editor.least(), round(pane * share) - chrome))

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
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme().colour("surface"))
            painter.fillRect(0, 0, self.width(), 1, theme().colour("line"))
