"""The fields of one way, built from what the provider declares; values stay when the way changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication, QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from reviewdesk.domain.invitations.fields import FIELDS, Problem
from reviewdesk.domain.invitations.model import InviteField, InviteForm, MailTemplate
from reviewdesk.ui.invitations.options import Options
from reviewdesk.ui.invitations.words import language_choices
from reviewdesk.ui.theme import fonts
from reviewdesk.ui.widgets import PlainLabel, PushButton, plain_tip

__all__ = ["FEW_FIELDS", "InviteFields", "shown_fields"]

translate = QCoreApplication.translate
FEW_FIELDS = frozenset(
    {
        "template_id", "send_at", "reply_to", "sender_name", "sender_email", "tags", "location_id", "location",
        "redirect_uri", "reference", "store_id",
    }
)  # fmt: skip
"""Rarely needed: folded away until somebody asks for them."""
_PLACEHOLDERS = {
    "order_date": "2026-11-09",
    "send_at": "2026-11-30 14:00",
    "redirect_uri": "https://",
    "phone": "+33 1 23 45 67 89",
    "skus": "A-100, B-200",
}


def _label_words(key: str) -> str:
    return {
        "email": translate("invitations", "E-mail"),
        "phone": translate("invitations", "Phone"),
        "name": translate("invitations", "Name"),
        "first_name": translate("invitations", "First name"),
        "last_name": translate("invitations", "Last name"),
        "order_id": translate("invitations", "Order number"),
        "order_date": translate("invitations", "Order date"),
        "skus": translate("invitations", "Products (SKUs)"),
        "locale": translate("invitations", "Language"),
        "template_id": translate("invitations", "Template"),
        "send_at": translate("invitations", "Send at"),
        "reply_to": translate("invitations", "Answers go to"),
        "sender_name": translate("invitations", "Sender’s name"),
        "sender_email": translate("invitations", "Sender’s address"),
        "tags": translate("invitations", "Tags, with commas"),
        "location_id": translate("invitations", "Location"),
        "location": translate("invitations", "Location"),
        "redirect_uri": translate("invitations", "Page to open afterwards"),
        "reference": translate("invitations", "Reference"),
        "store_id": translate("invitations", "Shop"),
    }.get(key, key)


class _Row(QWidget):
    """Label with its mark, field, and what is wrong or where the value comes from."""

    edited = Signal()

    def __init__(self, field: InviteField, needed: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.field = field
        self.touched = False
        self.edit: QLineEdit | None = None
        self.choice: Options | None = None
        words = _label_words(field.key)
        top = QHBoxLayout()
        top.setSpacing(6)
        self.label = PlainLabel(words, self, font=_medium)
        top.addWidget(self.label)
        if needed:
            top.addWidget(PlainLabel(needed, self, role="text-3"))
        top.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(top)
        name = f"{words}, {needed}" if needed else words
        if field.key in ("locale", "template_id"):
            options = (
                language_choices()
                if field.key == "locale"
                else [("", translate("invitations", "The source’s default"))]
            )
            self.choice = Options(options, "", self)
            self.choice.setObjectName(field.key)
            self.choice.setAccessibleName(name)
            self.choice.changed.connect(self._on_edited)
            column.addWidget(self.choice)
        else:
            self.edit = QLineEdit(self)
            self.edit.setObjectName(field.key)
            self.edit.setAccessibleName(name)
            self.edit.setPlaceholderText(_PLACEHOLDERS.get(field.key, ""))
            self.edit.setMaxLength(2000 if field.key == "skus" else 300)
            self.edit.textEdited.connect(self._on_edited)
            column.addWidget(self.edit)
        self.setToolTip(plain_tip(field.help))
        self.help = PlainLabel(field.help, self, role="text-2")
        self.help.setVisible(False)
        column.addWidget(self.help)

    def _on_edited(self, *_value: object) -> None:
        self.touched = True
        self.edited.emit()

    def value(self) -> str:
        if self.choice is not None:
            return self.choice.value()
        return self.edit.text() if self.edit is not None else ""

    def set_value(self, value: str) -> None:
        if self.choice is not None:
            self.choice.set_value(value)
        elif self.edit is not None:
            self.edit.setText(value)

    def set_problem(self, message: str) -> None:
        """What is wrong, named at the field; empty: nothing."""
        if self.edit is not None and bool(self.edit.property("state") == "fail") != bool(message):
            self.edit.setProperty("state", "fail" if message else "")
            self.edit.style().unpolish(self.edit)
            self.edit.style().polish(self.edit)
        target = self.edit or self.choice
        if target is not None:
            target.setAccessibleDescription(message or self.field.help)
        self.help.setText(message)
        self.help.set_role("fail")
        self.help.setVisible(bool(message))

    def focus(self) -> None:
        target: QWidget | None = self.edit or self.choice
        if target is not None:
            target.setFocus(Qt.FocusReason.OtherFocusReason)


class InviteFields(QWidget):
    """``edited`` after every change. ``more_wanted`` when the folded fields come out."""

    edited = Signal()
    more_wanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._values: dict[str, str] = {}
        self._rows: list[_Row] = []
        self._form: InviteForm | None = None
        self._templates: Sequence[MailTemplate] = ()
        self._open = False
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(12)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 1)
        self.more = PushButton(self.tr("More fields"), self, kind="link", icon="caret-down")
        self.more.clicked.connect(self._on_more)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(self._grid)
        column.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)

    def set_form(self, form: InviteForm | None) -> None:
        """The fields of a way; what was typed for the last one stays by its name."""
        self._keep()
        self._form = form
        here = QApplication.focusWidget()
        focus = next((row.field.key for row in self._rows if here is not None and row.isAncestorOf(here)), "")
        for row in self._rows:
            self._grid.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = []
        shown = shown_fields(form) if form is not None else []
        place = 0
        for few in (False, True):
            for field in shown:
                if (field.key in FEW_FIELDS and not field.required) != few:
                    continue
                row = _Row(field, self._mark(field), self)
                row.set_value(self._values.get(field.key, ""))
                row.edited.connect(self._on_edited)
                self._grid.addWidget(row, place // 2, place % 2, Qt.AlignmentFlag.AlignTop)
                place += 1
                row.setVisible(not few or self._open)
                row.setProperty("few", few)
                self._rows.append(row)
        self.more.setVisible(any(row.property("few") for row in self._rows) and not self._open)
        self._fill_templates()
        for row in self._rows:
            if focus and row.field.key == focus:
                row.focus()

    def _mark(self, field: InviteField) -> str:
        if field.required:
            return self.tr("required")
        return self.tr("one of the two") if field.either else ""

    def _keep(self) -> None:
        for row in self._rows:
            self._values[row.field.key] = row.value()

    def values(self) -> dict[str, Any]:
        """What was typed for the present way, as the service takes it."""
        self._keep()
        made: dict[str, Any] = {}
        for row in self._rows:
            value = row.value().strip()
            if value:
                made[row.field.key] = _moment(value) if row.field.key == "send_at" else value
        return made

    def value(self, key: str) -> str:
        """What is typed in a field now; empty where the way has no such field."""
        row = self.row(key)
        return row.value().strip() if row is not None else ""

    def row(self, key: str) -> _Row | None:
        return next((row for row in self._rows if row.field.key == key), None)

    def fill(self, values: Mapping[str, str]) -> None:
        """Put values into fields; those that the way does not have are kept for one that has."""
        self._values |= dict(values)
        for row in self._rows:
            if row.field.key in values:
                row.set_value(values[row.field.key])

    def clear_person(self) -> None:
        """Ready for the next customer: language, template and the like stay."""
        for key in ("email", "phone", "name", "first_name", "last_name", "order_id", "skus", "reference"):
            self._values.pop(key, None)
        for row in self._rows:
            if row.field.key in (
                "email",
                "phone",
                "name",
                "first_name",
                "last_name",
                "order_id",
                "skus",
                "reference",
            ):
                row.set_value("")
            row.touched = False
            row.set_problem("")

    def show_problems(self, problems: Sequence[Problem], *, all_of_them: bool) -> bool:
        """Name what is wrong at its field; before the first try only where something was typed. True: there is some."""
        by_field: dict[str, str] = {}
        for problem in problems:
            by_field.setdefault(problem.field, problem.message)
        for row in self._rows:
            message = by_field.get(row.field.key, "")
            row.set_problem(message if all_of_them or (row.touched and row.value()) else "")
        if all_of_them and by_field:
            first = next((row for row in self._rows if row.field.key in by_field), None)
            if first is not None:
                if not first.isVisible():
                    self._on_more()
                first.focus()
        return bool(by_field)

    def focus_first(self) -> None:
        if self._rows:
            self._rows[0].focus()

    def controls(self) -> list[QWidget]:
        """What the Tab key goes through, in the order in which it is seen."""
        made: list[QWidget] = [c for row in self._rows if (c := row.edit or row.choice) is not None]
        few = next((i for i, row in enumerate(self._rows) if row.property("few")), len(made))
        return [*made[:few], self.more, *made[few:]]

    def wants_templates(self) -> bool:
        """Whether the way has templates of the source to choose from."""
        return self.row("template_id") is not None

    def set_templates(self, templates: Sequence[MailTemplate]) -> None:
        self._templates = templates
        self._fill_templates()

    def _fill_templates(self) -> None:
        row = self.row("template_id")
        if row is None or row.choice is None or self._form is None:
            return
        fitting = [t for t in self._templates if t.kind in (None, self._form.kind)]
        options = [("", translate("invitations", "The source’s default"))]
        options += [(t.id, f"{t.name} ({t.locale})" if t.locale else t.name) for t in fitting]
        row.choice.set_options(options)
        row.choice.set_value(self._values.get("template_id", ""))

    def _on_edited(self) -> None:
        self._keep()
        self.edited.emit()

    def _on_more(self) -> None:
        self._open = True
        for row in self._rows:
            row.show()
        self.more.hide()
        self.more_wanted.emit()
        first = next((row for row in self._rows if row.property("few")), None)
        if first is not None:
            first.focus()


def shown_fields(form: InviteForm) -> list[InviteField]:
    """The form's fields in the order of ``FIELDS``; two parts of a name take the place of a whole one."""
    parts = form.field("first_name") is not None
    order = list(FIELDS)
    known = [f for f in form.fields if not (f.key == "name" and parts)]
    return sorted(known, key=lambda f: order.index(f.key) if f.key in order else len(order))


def _moment(text: str) -> float | str:
    """``2026-11-30 14:00`` of this machine as UTC seconds; a text that is none stays one and is refused as such."""
    try:
        return datetime.fromisoformat(text).astimezone().timestamp()
    except ValueError:
        return text


def _medium() -> QFont:
    return fonts.list_font(500)
