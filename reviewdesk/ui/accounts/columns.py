"""The page on which a person says what the columns of a file hold, with the first lines and what would become of them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from reviewdesk.domain.clock import iso_utc
from reviewdesk.domain.models import Rejected, ReviewRecord
from reviewdesk.domain.text import cap, one_line
from reviewdesk.ui.accounts.choice import Choice
from reviewdesk.ui.theme import fonts, metrics
from reviewdesk.ui.widgets import PlainLabel, Separator, announce

__all__ = ["ColumnsPage", "field_title"]

translate = QCoreApplication.translate

NOT_NEEDED = "-"
_SHOWN = 3
"""Lines of the file beside each column, and reviews in the preview."""


def field_title(name: str) -> str:
    """A field of a review in words."""
    titles = {
        NOT_NEEDED: translate("wizard", "not needed"),
        "action": translate("wizard", "NEW, UPDATE or DELETE"),
        "review_id": translate("wizard", "Id of the review"),
        "product_review_id": translate("wizard", "Id of the product review"),
        "order_ref": translate("wizard", "Order number"),
        "product_ref": translate("wizard", "Product number"),
        "product_name": translate("wizard", "Product name"),
        "review_date": translate("wizard", "Date of the review"),
        "publish_date": translate("wizard", "Date of publication"),
        "order_date": translate("wizard", "Date of the order"),
        "review": translate("wizard", "Text of the review"),
        "rate": translate("wizard", "Stars"),
        "lastname": translate("wizard", "Last name"),
        "firstname": translate("wizard", "First name"),
        "email": translate("wizard", "E-mail address"),
        "helpful_yes": translate("wizard", "Found helpful by"),
        "helpful_no": translate("wizard", "Found unhelpful by"),
        "media": translate("wizard", "Pictures"),
        "exchanges": translate("wizard", "Number of answers that follow"),
    }
    return titles.get(name, name)


def _medium() -> QFont:
    return fonts.list_font(500)


class ColumnsPage(QWidget):
    """One line for each column: what it holds, and the first values. ``changed`` carries the setting ``columns``."""

    changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choices: list[Choice] = []
        self._preview: list[str] = []
        self.area = QScrollArea(self)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        self.area.viewport().setAutoFillBackground(False)
        self.becomes = PlainLabel(translate("wizard", "What would become of it"), self, font=_medium)
        self.problem = PlainLabel(parent=self, role="fail", wrap=True)
        self._lines = [PlainLabel(parent=self, role="text-2") for _ in range(_SHOWN)]
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 8)
        column.setSpacing(6)
        column.addWidget(self.area, 1)
        column.addWidget(Separator(self))
        column.addSpacing(4)
        column.addWidget(self.becomes)
        column.addWidget(self.problem)
        for line in self._lines:
            column.addWidget(line)
        self.problem.hide()

    def show_columns(
        self, rows: Sequence[Sequence[str]], fields: Sequence[str], chosen: Sequence[str]
    ) -> None:
        """The first lines of the file, what a column may hold, and what each is taken for."""
        box = QWidget()
        grid = QGridLayout(box)
        grid.setContentsMargins(5, 2, 12, 2)
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(2, 1)
        options = [(name, field_title(name)) for name in (NOT_NEEDED, *fields)]
        self._choices = []
        for at, name in enumerate(chosen):
            values = [one_line(row[at], 60) for row in rows[:_SHOWN] if at < len(row) and row[at]]
            number = PlainLabel(str(at + 1), box, role="text-2", elide=False)
            choice = Choice(options, name, box)
            choice.setFixedWidth(metrics.icon_size(250))
            said = ", ".join(values) or translate("wizard", "empty")
            choice.setAccessibleName(
                translate("wizard", "Column {number}, {values}").format(number=at + 1, values=said)
            )
            choice.changed.connect(self._on_changed)
            grid.addWidget(number, at, 0)
            grid.addWidget(choice, at, 1)
            grid.addWidget(PlainLabel("  ·  ".join(values), box, role="text-2"), at, 2)
            self._choices.append(choice)
        grid.setRowStretch(len(self._choices), 1)
        self.area.setWidget(box)
        box.setAutoFillBackground(False)  # the area has switched it on

    def setting(self) -> str:
        """The setting ``columns`` as chosen; nothing at the end that is not needed."""
        return ",".join(choice.value() for choice in self._choices)

    def choices(self) -> list[Choice]:
        return list(self._choices)

    def show_preview(self, found: Sequence[ReviewRecord | Rejected]) -> None:
        """What the first lines would become."""
        self._preview = [_words(entry) for entry in found[:_SHOWN]]
        for at, line in enumerate(self._lines):
            text = self._preview[at] if at < len(self._preview) else ""
            line.setText(text)
            line.set_role("fail" if at < len(found) and isinstance(found[at], Rejected) else "text-2")
            line.setVisible(bool(text))
        self.set_problem("" if found else translate("wizard", "No review would come of it."))

    def set_problem(self, text: str) -> None:
        """Why this can't be right; nothing takes it away."""
        self.problem.setText(text)
        self.problem.setVisible(bool(text))
        if text:
            self._preview = []
            for line in self._lines:
                line.hide()
            announce(self, text)

    def preview(self) -> list[str]:
        return list(self._preview)

    def focus(self) -> None:
        if self._choices:
            self._choices[0].setFocus()

    def _on_changed(self, _value: str) -> None:
        said = [choice.value() for choice in self._choices if choice.value() != NOT_NEEDED]
        twice = next((name for name in said if said.count(name) > 1), None)
        if twice is not None:
            words = translate("wizard", "{field} is said of two columns.")
            self.set_problem(words.format(field=field_title(twice)))
        else:
            self.changed.emit(self.setting())


def _words(entry: ReviewRecord | Rejected) -> str:
    if isinstance(entry, Rejected):
        return translate("wizard", "{where}: {reason}").format(where=entry.where, reason=entry.reason)
    stars = translate("wizard", "no stars") if entry.score is None else f"{entry.score:g}/{entry.score_max:g}"
    day = (iso_utc(entry.created_at) or "")[:10] or translate("wizard", "no date")
    name = entry.author.name or translate("wizard", "no name")
    text = one_line(entry.body, 120) or translate("wizard", "no text")
    return cap(f"{stars}  ·  {day}  ·  {name}  ·  {text}", 240)
