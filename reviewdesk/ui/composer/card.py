"""The card of the composer: its parts under each other, from the safety line to the foot."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from reviewdesk.domain.models import ActionKind
from reviewdesk.ui.composer.editor import Editor
from reviewdesk.ui.composer.foot import Foot
from reviewdesk.ui.composer.note import Note
from reviewdesk.ui.composer.safety import Destination, SafetyLine
from reviewdesk.ui.theme import fonts
from reviewdesk.ui.widgets import InlineBar, PlainLabel, Separator

__all__ = ["Card"]


class Card(QFrame):
    """The parts are public; what they do is the composer's."""

    def __init__(self, parent: QWidget, *, versions: bool) -> None:
        super().__init__(parent)
        self.setObjectName("comp")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.safety = SafetyLine(self)
        self.subject_row = QWidget(self)
        words = PlainLabel(self.tr("Subject"), self.subject_row, role="text-2")
        self.subject = QLineEdit(self.subject_row)
        self.subject.setMaxLength(200)
        self.subject.setStyleSheet("border: 0; background: transparent; padding: 0; min-height: 0;")
        self.subject.setAccessibleName(self.tr("Subject"))
        fonts.follow(self.subject, fonts.body_font)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(words)
        row.addWidget(self.subject, 1)
        subject = QVBoxLayout(self.subject_row)
        subject.setContentsMargins(15, 9, 15, 0)
        subject.setSpacing(9)
        subject.addLayout(row)
        subject.addWidget(Separator(self.subject_row))
        self.editor = Editor(self)
        self.note = Note(self)
        self.bar = InlineBar(self)
        self.foot = Foot(self, versions=versions)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self.safety, self.subject_row, self.editor, self.note, self.bar, self.foot):
            column.addWidget(part)

    def set_destination(self, destination: Destination, *, opens: bool) -> None:
        """Show who will read it. ``opens``: the source has a back office that can be opened."""
        self.setProperty("target", destination.look)
        self.style().unpolish(self)
        self.style().polish(self)
        self.safety.set_destination(destination)
        self.foot.set_destination(destination, opens=opens)
        # The provider itself gives the offer of a resolution its subject.
        private = destination.look == "private"
        self.subject_row.setVisible(private and destination.kind is not ActionKind.RESOLUTION)
        self.editor.setAccessibleName(destination.spoken())
        self.editor.setPlaceholderText(self._hint(destination))

    def _hint(self, destination: Destination) -> str:
        if destination.look == "none":
            return self.tr("Write here, then copy it and open the back office")
        return self.tr("Write your message") if destination.look == "private" else self.tr("Write your reply")
