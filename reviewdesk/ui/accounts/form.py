"""Page 2: the fields of one provider, each with where to find its value; pasted examples fill several at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFont, QGuiApplication, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from reviewdesk.domain.capabilities import Field, FieldKind, ProviderSpec
from reviewdesk.services.accounts import applies, fields_of
from reviewdesk.ui.accounts.choice import Choice
from reviewdesk.ui.accounts.pasting import recognise
from reviewdesk.ui.theme import fonts, metrics
from reviewdesk.ui.widgets import PlainLabel, PushButton, ToolButton, announce

__all__ = ["WIDTH", "FieldRow", "Form"]

WIDTH = 660
"""The width of the content column at 100 % (07b)."""
_EXAMPLE = 24
"""Characters: whatever is shorter is a value, no example."""

translate = QCoreApplication.translate

_CHOICE_WORDS = {
    "client_credentials": "Client credentials (API key and secret)",
    "password": "A business user's password",
    "authorization_code": "The browser",
    "api_key": "API key only (public data)",
    "sftp": "SFTP",
    "ftps": "FTP over TLS",
    "ftp": "FTP, not encrypted",
    "folder": "A folder of this computer",
}


class FieldRow(QWidget):
    """Label over field, help below. ``edited`` after every change, ``pasted`` with a text that may be an example."""

    edited = Signal()
    pasted = Signal(str)

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = field
        optional = not field.required and field.default is None and field.kind is not FieldKind.CHOICE
        words = (
            translate("wizard", "{label} (optional)").format(label=field.label) if optional else field.label
        )
        self.label = PlainLabel(words, self, font=_label_font, wrap=True)
        self.help = PlainLabel(field.help, self, role="text-2", wrap=True)
        self.help.setVisible(bool(field.help))
        self.choice: Choice | None = None
        self.edit: QLineEdit | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.label)
        column.addSpacing(5)
        row = QHBoxLayout()
        row.setSpacing(6)
        if field.kind is FieldKind.CHOICE:
            options = [(c, translate("wizard", _CHOICE_WORDS.get(c, c))) for c in field.choices]
            self.choice = Choice(options, field.default or field.choices[0], self)
            self.choice.changed.connect(self.edited)
            self._mark(self.choice)
            row.addWidget(self.choice)
        else:
            self.edit = self._make_edit()
            row.addWidget(self.edit)
            if field.secret:
                self._eye = ToolButton("eye", translate("wizard", "Show"), self)
                self._eye.setCheckable(True)
                self._eye.toggled.connect(self._on_eye)
                row.addWidget(self._eye)
        column.addLayout(row)
        if field.help:
            column.addSpacing(4)
        column.addWidget(self.help)

    def _make_edit(self) -> QLineEdit:
        edit = QLineEdit(self)
        edit.setPlaceholderText(self.field.placeholder or self.field.default or "")
        if self.field.secret:
            edit.setEchoMode(QLineEdit.EchoMode.Password)
            edit.setInputMethodHints(
                Qt.InputMethodHint.ImhSensitiveData
                | Qt.InputMethodHint.ImhNoPredictiveText
                | Qt.InputMethodHint.ImhNoAutoUppercase
            )
        edit.textEdited.connect(self._on_edited)
        self._length = 0
        self._mark(edit)
        return edit

    def _mark(self, widget: QWidget) -> None:
        widget.setAccessibleName(self.field.label)
        widget.setAccessibleDescription(self.field.help)
        self.label.setBuddy(widget)

    def control(self) -> QWidget:
        """What takes the focus."""
        return self.choice or self.edit  # type: ignore[return-value]

    def value(self) -> str:
        """As typed; nothing where the default stands."""
        if self.choice is not None:
            return self.choice.value()
        return self.edit.text().strip() if self.edit is not None else ""

    def set_value(self, value: str) -> None:
        if self.choice is not None:
            self.choice.set_value(value)
        elif self.edit is not None:
            self.edit.setText(value)
            self._length = len(value)

    def clear(self) -> None:
        if self.edit is not None:
            self.edit.clear()
            self._length = 0

    def set_wrong(self, wrong: bool) -> None:
        """Mark the field as the one to correct."""
        if self.edit is not None and bool(self.edit.property("state")) != wrong:
            self.edit.setProperty("state", "fail" if wrong else "")
            self.edit.style().unpolish(self.edit)
            self.edit.style().polish(self.edit)

    def set_placeholder(self, text: str) -> None:
        if self.edit is not None:
            self.edit.setPlaceholderText(text)

    def _on_edited(self, text: str) -> None:
        self.set_wrong(False)
        grown, self._length = len(text) - self._length, len(text)
        if grown >= _EXAMPLE:
            # Nobody types that much between two looks: it was pasted, by whichever way.
            self.pasted.emit(text)
        self.edited.emit()

    def _on_eye(self, shown: bool) -> None:
        if self.edit is not None:
            mode = QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password
            self.edit.setEchoMode(mode)
            self._eye.set_icon_name("eye-slash" if shown else "eye")
            self._eye.setAccessibleName(translate("wizard", "Hide") if shown else translate("wizard", "Show"))


def _label_font() -> QFont:
    return fonts.list_font(500)


class Form(QScrollArea):
    """``edited`` after each change; ``said`` with a sentence about what a pasted example brought."""

    edited = Signal()
    said = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.viewport().setAutoFillBackground(False)
        self._spec: ProviderSpec | None = None
        self._rows: dict[str, FieldRow] = {}
        self._more: set[str] = set()
        self._keeps_secrets = False
        self._content = QWidget(self)
        self._column = QVBoxLayout(self._content)
        self._column.setContentsMargins(2, 2, 8, 12)
        self._column.setSpacing(14)
        self.setWidget(self._content)
        self._content.setAutoFillBackground(False)
        self._open = False
        self.more_button = PushButton("", self._content, kind="ghost", icon="caret-right")
        self.more_button.clicked.connect(self._on_more)

    def set_provider(self, spec: ProviderSpec, *, keeps_secrets: bool = False) -> None:
        """Ask for this provider's values. ``keeps_secrets``: an empty secret leaves the account's own as it is."""
        if self._spec is spec and self._keeps_secrets == keeps_secrets:
            return
        self._spec, self._keeps_secrets = spec, keeps_secrets
        for row in self._rows.values():
            row.deleteLater()
        self._rows, self._more = {}, set()
        while self._column.count():
            self._column.takeAt(0)
        settings = fields_of(spec).values()
        first = [f for f in settings if f.required or f.kind is FieldKind.CHOICE]
        later = [f for f in settings if f not in first]
        self._add((*first, *spec.secrets))
        self._column.addWidget(self.more_button, 0, Qt.AlignmentFlag.AlignLeft)
        self._add(later)
        self._more = {f.key for f in later}
        self._column.addStretch(1)
        self._open = False
        self._arrange()
        self._set_tab_order()

    def _add(self, fields: Iterable[Field]) -> None:
        for field in fields:
            row = FieldRow(field, self._content)
            row.edited.connect(self._on_edited)
            row.pasted.connect(self.take_example)
            if field.secret and self._keeps_secrets:
                row.set_placeholder(translate("wizard", "Leave empty to keep what is stored"))
            row.control().installEventFilter(self)
            self._rows[field.key] = row
            self._column.addWidget(row)

    def _set_tab_order(self) -> None:
        before: QWidget | None = None
        for key in (
            *[k for k in self._rows if k not in self._more],
            "",
            *sorted(self._more, key=list(self._rows).index),
        ):
            control = self._rows[key].control() if key else self.more_button
            if before is not None:
                QWidget.setTabOrder(before, control)
            before = control

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusIn and isinstance(watched, QWidget):
            row = watched.parentWidget()
            self.ensureWidgetVisible(row if row is not None else watched, 0, 24)
        return False

    # --- values ----------------------------------------------------------------------------------

    def settings(self) -> dict[str, str]:
        """What was given for the settings that apply now."""
        if self._spec is None:
            return {}
        secret = {f.key for f in self._spec.secrets}
        return {
            key: row.value()
            for key, row in self._rows.items()
            if key not in secret and row.value() and self._applies(row.field)
        }

    def secrets(self) -> dict[str, str]:
        if self._spec is None:
            return {}
        secret = {f.key for f in self._spec.secrets}
        return {
            key: row.value()
            for key, row in self._rows.items()
            if key in secret and row.value() and self._applies(row.field)
        }

    def fill(self, values: Mapping[str, str]) -> None:
        """Set what is known; unknown keys are left out."""
        for key, value in values.items():
            if key in self._rows:
                self._rows[key].set_value(value)
        self._arrange()

    def set_value(self, key: str, value: str) -> None:
        self._rows[key].set_value(value)

    def forget_secrets(self) -> None:
        """Take typed secrets away; everything else stays."""
        if self._spec is not None:
            for field in self._spec.secrets:
                self._rows[field.key].clear()

    def row(self, key: str) -> FieldRow:
        """Raises KeyError for a field that this provider does not have."""
        return self._rows[key]

    def rows(self) -> list[FieldRow]:
        """What is asked for now, in its order."""
        return [row for row in self._rows.values() if not row.isHidden()]

    def missing(self) -> FieldRow | None:
        """The first field that is needed and empty."""
        for row in self._rows.values():
            needed = row.field.required and not (row.field.secret and self._keeps_secrets)
            if needed and not row.value() and row.field.default is None and self._applies(row.field):
                return row
        return None

    def show_row(self, row: FieldRow, *, wrong: bool = False) -> None:
        """Bring a field in view, with the focus."""
        if row.field.key in self._more:
            self.show_more(True)
        row.set_wrong(wrong)
        row.control().setFocus(Qt.FocusReason.OtherFocusReason)
        self.ensureWidgetVisible(row, 0, 24)

    def focus(self) -> None:
        row = self.missing() or next(iter(self.rows()), None)
        if row is not None:
            row.control().setFocus(Qt.FocusReason.OtherFocusReason)

    # --- examples --------------------------------------------------------------------------------

    def paste_example(self) -> None:
        """Take keys from the clipboard."""
        if not self.take_example(QGuiApplication.clipboard().text()):
            self.said.emit(translate("wizard", "The clipboard holds no example with this source's keys"))

    def take_example(self, text: str) -> bool:
        """Fill the fields that ``text`` names; false when it is no example."""
        if self._spec is None:
            return False
        found = recognise(self._spec, text)
        sender = self.sender()
        if isinstance(sender, FieldRow) and (not found or not _looks_like_code(text)):
            return False
        if not found:
            return False
        if isinstance(sender, FieldRow):
            # The whole example stands in the field it was pasted in.
            sender.clear()
        self.fill(found)
        labels = ", ".join(self._rows[key].field.label for key in found)
        sentence = translate("wizard", "Found in the example: {fields}").format(fields=labels)
        self.said.emit(sentence)
        announce(self, sentence)
        self.edited.emit()
        return True

    # --- shape -----------------------------------------------------------------------------------

    def _applies(self, field: Field) -> bool:
        if field.only_when is None:
            return True
        other, _values = field.only_when
        row = self._rows.get(other)
        value = row.value() or row.field.default or "" if row is not None else ""
        return applies(field, {other: value})

    def _on_edited(self) -> None:
        self._arrange()
        self.edited.emit()

    def show_more(self, shown: bool) -> None:
        """Fold the settings that hardly anybody needs out or in."""
        self._open = shown
        self._arrange()

    def _on_more(self) -> None:
        self.show_more(not self._open)

    def _arrange(self, *_ignored: object) -> None:
        open_ = self._open
        more = 0
        for key, row in self._rows.items():
            fits = self._applies(row.field)
            more += fits and key in self._more
            row.setVisible(fits and (open_ or key not in self._more))
        self.more_button.setVisible(more > 0)
        self.more_button.set_icon_name("caret-down" if open_ else "caret-right")
        words = translate("wizard", "Fewer settings") if open_ else translate("wizard", "More settings")
        self.more_button.setText(words)
        self.more_button.setAccessibleName(words)
        self._content.setMaximumWidth(metrics.icon_size(WIDTH))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._arrange()


def _looks_like_code(text: str) -> bool:
    """Whether a text pasted into a field is an example and not the field's own value."""
    return any(
        mark in text for mark in ("=>", "':", '":', " = ", "='", '="', "curl ", "&", "define(", "Basic ")
    )
