"""The other doors through which a review came: where it stands as well, whether it was answered there, and the way."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from reviewdesk.domain.models import ReplyMark, Twin
from reviewdesk.ui.reading.words import AccountLabel
from reviewdesk.ui.theme import fonts
from reviewdesk.ui.widgets import PlainLabel, PushButton
from reviewdesk.ui.widgets.label import set_tip

__all__ = ["Doors"]


class Doors(QWidget):
    """One line for each other door. ``wanted`` carries the id of the review that is to be shown instead."""

    wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self._shown: tuple[tuple[Twin, str], ...] = ()

    def set_twins(self, twins: tuple[Twin, ...], label_of: Callable[[int], AccountLabel | None]) -> None:
        """What the store says; equal ones are not built anew."""
        wanted = tuple((twin, _sentence(twin, label_of(twin.account_id))) for twin in twins)
        if wanted == self._shown:
            return
        self._shown = wanted
        while (item := self._column.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        for twin, sentence in wanted:
            self._column.addWidget(self._line(twin, sentence))

    def sentences(self) -> list[str]:
        return [sentence for _, sentence in self._shown]

    def _line(self, twin: Twin, sentence: str) -> QWidget:
        line = QWidget(self)
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        label = PlainLabel(sentence, line, role="text-2", font=fonts.list_font)
        set_tip(label, twin.reason)
        label.setAccessibleDescription(twin.reason)
        button = PushButton(self.tr("Show that one"), line, kind="link")
        button.setAccessibleDescription(f"{sentence} {twin.reason}")
        button.clicked.connect(partial(self.wanted.emit, twin.id))
        row.addWidget(label)
        row.addWidget(button)
        row.addStretch(1)
        return line


def _sentence(twin: Twin, label: AccountLabel | None) -> str:
    tr = QCoreApplication.translate
    where = f"{label.provider}, {label.name}" if label is not None else tr("Doors", "another account")
    if twin.reply_mark in (ReplyMark.OURS, ReplyMark.ELSEWHERE):
        return tr("Doors", "Also came through {where}: answered there.").format(where=where)
    if twin.reply_mark is ReplyMark.WAITING:
        return tr("Doors", "Also came through {where}: a reply is on its way there.").format(where=where)
    return tr("Doors", "Also came through {where}.").format(where=where)
