"""How a list was chosen: everyone, every n-th, or at random from a seed. Never by score."""

from __future__ import annotations

import secrets

from PySide6.QtCore import Signal
from PySide6.QtGui import QFont, QIntValidator
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from reviewdesk.domain.invitations.sampling import Rule, Sample
from reviewdesk.ui.invitations.options import Radio
from reviewdesk.ui.theme import fonts, metrics
from reviewdesk.ui.widgets import PlainLabel
from reviewdesk.ui.widgets.pictogram import Pictogram

__all__ = ["SamplePanel"]


class SamplePanel(QWidget):
    """``changed`` after every change of the rule."""

    changed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        left = QVBoxLayout(self)
        left.setContentsMargins(20, 12, 20, 12)
        left.setSpacing(6)
        left.addWidget(PlainLabel(self.tr("How this list was chosen"), self, font=_medium))
        self.everyone = Radio(self.tr("Everyone in the file"), self)
        self.nth = Radio(self.tr("Every n-th"), self)
        self.random = Radio(self.tr("Random, with seed"), self)
        self.everyone.setChecked(True)
        self._rules = QButtonGroup(self)
        self.n = self._number(self, 2, self.tr("Every how many rows"))
        self.count = self._number(self, 100, self.tr("How many"))
        self.seed = QLineEdit(self)
        self.seed.setMaxLength(64)
        self.seed.setText(secrets.token_hex(4))
        self.seed.setAccessibleName(self.tr("Seed"))
        rules = QHBoxLayout()
        rules.setSpacing(14)
        for rule in (self.everyone, self.nth, self.random):
            self._rules.addButton(rule)
            rule.toggled.connect(self._on_rule)
            rules.addWidget(rule)
        rules.addStretch(1)
        self.n.textEdited.connect(self._on_rule)
        self.count.textEdited.connect(self._on_rule)
        self.seed.textEdited.connect(self._on_rule)
        left.addLayout(rules)
        self.seed.setFixedWidth(metrics.icon_size(160))
        self._rule_words: list[tuple[QWidget, QWidget]] = []
        values = QHBoxLayout()
        values.setSpacing(8)
        for words, part in (
            (self.tr("n"), self.n),
            (self.tr("How many"), self.count),
            (self.tr("Seed"), self.seed),
        ):
            name = PlainLabel(words, self, role="text-2")
            self._rule_words.append((name, part))
            values.addWidget(name)
            values.addWidget(part)
            values.addSpacing(8)
        values.addStretch(1)
        left.addLayout(values)
        fair = QHBoxLayout()
        fair.setSpacing(8)
        fair.addWidget(Pictogram("scales", 16, "text-3", parent=self))
        words = self.tr("Kept as a one-page record. Choosing by expected score is refused.")
        fair.addWidget(PlainLabel(words, self, role="text-2"), 1)
        left.addLayout(fair)
        self._on_rule()

    @staticmethod
    def _number(parent: QWidget, value: int, name: str) -> QLineEdit:
        edit = QLineEdit(str(value), parent)
        edit.setValidator(QIntValidator(1, 10_000_000, edit))
        edit.setAccessibleName(name)
        edit.setFixedWidth(metrics.icon_size(84))
        return edit

    def _on_rule(self, *_value: object) -> None:
        shown = (self.nth.isChecked(), self.random.isChecked(), self.random.isChecked())
        for (name, part), visible in zip(self._rule_words, shown, strict=True):
            name.setVisible(visible)
            part.setVisible(visible)
        self.changed.emit()

    def sample(self) -> Sample:
        """The rule that is chosen."""
        if self.nth.isChecked():
            return Sample(rule=Rule.EVERY_NTH, n=_whole(self.n))
        if self.random.isChecked():
            return Sample(rule=Rule.RANDOM, count=_whole(self.count), seed=self.seed.text().strip())
        return Sample()


def _whole(edit: QLineEdit) -> int:
    return int(edit.text()) if edit.text().isdecimal() else 0


def _medium() -> QFont:
    return fonts.list_font(500)
