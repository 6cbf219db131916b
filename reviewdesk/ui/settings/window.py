"""The settings window: sections at the side, one page each; a search goes through all of them."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from reviewdesk.domain.text import fold
from reviewdesk.ui.settings.items import Item, Step
from reviewdesk.ui.settings.keys import KEYS_KEY, KeyRow
from reviewdesk.ui.theme import fonts, icons, metrics, theme
from reviewdesk.ui.widgets import PlainLabel, PushButton, plain_tip

if TYPE_CHECKING:
    from reviewdesk.ui.main_window import MainWindow

__all__ = ["SettingsWindow"]

SIZE = QSize(960, 760)
SIDE = 212


class _Row(QWidget):
    """Words on the left, the control on the right or below, a line under both."""

    def __init__(self, item: Item, parent: QWidget) -> None:
        super().__init__(parent)
        self.item = item
        words = QVBoxLayout()
        words.setSpacing(0)
        if not item.wide or item.title != item.head:
            words.addWidget(PlainLabel(item.title, self))
        if item.line:
            words.addWidget(PlainLabel(item.line, self, role="text-3"))
        self._place = QHBoxLayout()
        row = QVBoxLayout() if item.wide else QHBoxLayout()
        row.setContentsMargins(0, 10, 0, 10)
        row.setSpacing(8 if item.wide else 16)
        row.addLayout(words, 1)
        row.addLayout(self._place)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(_rule(self))
        self.control = self._make()

    def _make(self) -> QWidget:
        control = self.item.make(self)
        if self.item.line:
            control.setAccessibleDescription(self.item.line)
        self._place.addWidget(control)
        return control

    def renew(self) -> None:
        """Show the value as it is now."""
        old, self.control = self.control, self._make()
        self._place.removeWidget(old)
        # It goes with the event loop; until then it must not be seen beside the new one.
        old.hide()
        old.deleteLater()


class _Page(QScrollArea):
    def __init__(self, section: str, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.section = section
        self.rows: list[_Row] = []
        self.key_rows: list[KeyRow] = []
        self.heads: dict[str, tuple[PlainLabel, QFrame]] = {}
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        body = self.body = QWidget(self)
        body.setObjectName("surface")
        body.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.column = QVBoxLayout(body)
        self.column.setContentsMargins(28, 20, 28, 24)
        self.column.setSpacing(0)
        top = QHBoxLayout()
        top.addWidget(PlainLabel(title, body, font=fonts.title_font), 1)
        self.undo = PushButton(self.tr("Undo"), body, kind="ghost", icon="arrow-u-up-left")
        self.reset = PushButton(self.tr("Reset this page"), body, kind="ghost")
        for button in (self.undo, self.reset):
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            top.addWidget(button)
        self.column.addLayout(top)
        self.setWidget(body)

    def add(self, item: Item) -> None:
        if item.head not in self.heads:
            self._head(item.head)
        row = _Row(item, self.body)
        self.rows.append(row)
        self.column.addWidget(row)

    def _head(self, text: str) -> None:
        label = PlainLabel(text, self.body, role="text-2")
        rule = _rule(self.body)
        self.column.addSpacing(18)
        self.column.addWidget(label)
        self.column.addSpacing(6)
        self.column.addWidget(rule)
        self.heads[text] = (label, rule)

    def add_key(self, row: KeyRow, head: str) -> None:
        if head not in self.heads:
            self._head(head)
        self.key_rows.append(row)
        self.column.addWidget(row)


class SettingsWindow(QWidget):
    """A window of its own that is never modal; Esc closes it. Changes apply at once."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window, Qt.WindowType.Window)
        self._window = window
        self.setObjectName("settings")
        self.setWindowTitle(self.tr("Settings"))
        self.resize(SIZE.expandedTo(QSize(round(SIZE.width() * min(1.3, theme().scale)), SIZE.height())))
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(self.tr("Search settings"))
        self.search.setAccessibleName(self.tr("Search settings"))
        self.search.setClearButtonEnabled(True)
        self.sections = QListWidget(self)
        self.sections.setObjectName("settingsections")
        self.sections.setAccessibleName(self.tr("Sections"))
        self.sections.setFrameShape(QFrame.Shape.NoFrame)
        self.pages = QStackedWidget(self)
        side = QFrame(self)
        side.setObjectName("side")
        left = QVBoxLayout(side)
        left.setContentsMargins(8, 10, 8, 8)
        left.setSpacing(10)
        left.addWidget(self.search)
        left.addWidget(self.sections, 1)
        self._side = side
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(side)
        row.addWidget(self.pages, 1)
        self._by_section: dict[str, _Page] = {}
        self._built: set[str] = set()
        self._history = window.settings_sections.history
        for section in window.settings_sections.shown():
            entry = QListWidgetItem(icons.icon(section.icon), section.title)
            entry.setData(Qt.ItemDataRole.UserRole, section.key)
            self.sections.addItem(entry)
            page = _Page(section.key, section.title, self.pages)
            page.reset.clicked.connect(self._on_reset)
            page.undo.clicked.connect(self.undo)
            self._by_section[section.key] = page
            self.pages.addWidget(page)
        self._order = tuple(self._by_section)
        self._keys_before = window.actions_.changed_keys()
        window.actions_.rebound.connect(self._on_rebound)
        self._history.changed = self._tell_undo
        self.search.textChanged.connect(self._on_search)
        self.sections.currentRowChanged.connect(self._on_section)
        undo = QShortcut(QKeySequence(QKeySequence.StandardKey.Undo), self)
        undo.activated.connect(self.undo)
        theme().changed.connect(self._fit)
        self.sections.setCurrentRow(0)
        self._fit()
        self._tell_undo()

    def _build(self, key: str) -> _Page:
        """A page's rows, made when somebody first looks at it: a change of colours restyles everything there is."""
        page = self._by_section[key]
        if key in self._built:
            return page
        self._built.add(key)
        sections = self._window.settings_sections
        for item in sections.items(key):
            page.add(item)
        for build in sections.section(key).builds:
            page.column.addWidget(build(page.body))
        if key == "shortcuts":
            actions = self._window.actions_.all()
            heads = list(dict.fromkeys(action.group or self.tr("Other") for action in actions))
            for action in sorted(actions, key=lambda a: heads.index(a.group or self.tr("Other"))):
                page.add_key(KeyRow(self._window, action, page.body), action.group or self.tr("Other"))
        page.reset.setVisible(bool(page.rows))
        page.undo.setVisible(bool(page.rows))
        page.column.addStretch(1)
        return page

    # --- undo ------------------------------------------------------------------------------------

    def undo(self) -> None:
        """Take the newest change back."""
        changed = {*self._history.undo()}
        if KEYS_KEY in changed:
            changed.add("keys.set")
        for key in self._built:
            for row in self._by_section[key].rows:
                if row.item.key in changed:
                    row.renew()

    def _tell_undo(self) -> None:
        last = self._history.last()
        for page in self._by_section.values():
            page.undo.setEnabled(bool(last))
            words = (
                self.tr("Undo: {what}").format(what=last) if last else self.tr("Nothing was changed here yet")
            )
            page.undo.setToolTip(plain_tip(words))
            page.undo.setAccessibleDescription(words)

    def _on_rebound(self) -> None:
        before, now = self._keys_before, self._window.actions_.changed_keys()
        self._keys_before = now
        if before != now:
            self._history.note(Step(KEYS_KEY, self.tr("Keys"), partial(self._restore_keys, before)))

    def _restore_keys(self, kept: dict[str, list[list[str]]]) -> None:
        self._window.actions_.restore_keys(kept)
        self._window.core.settings.set_text(KEYS_KEY, json.dumps(kept))

    def _fit(self) -> None:
        self._side.setFixedWidth(round(SIDE * theme().scale))
        for row in range(self.sections.count()):
            self.sections.item(row).setSizeHint(QSize(10, metrics.side_entry_height()))
        self.sections.setIconSize(QSize(metrics.icon_size(16), metrics.icon_size(16)))

    # --- going there -----------------------------------------------------------------------------

    def open(self, key: str = "") -> None:
        """Show the window, at a setting or a section where one is named."""
        for name in self._built:
            for row in self._by_section[name].rows:
                row.renew()
        self.search.clear()
        self.show()
        self.raise_()
        self.activateWindow()
        if key in self._order:
            self.sections.setCurrentRow(self._order.index(key))
            self.sections.setFocus()
            return
        for section in self._order if key else ():
            if all(item.key != key for item in self._window.settings_sections.items(section)):
                continue
            page = self._build(section)
            row = next(row for row in page.rows if row.item.key == key)
            self.sections.setCurrentRow(self._order.index(section))
            page.ensureWidgetVisible(row)
            parts = (row.control, *row.control.findChildren(QWidget))
            target = next((part for part in parts if part.focusPolicy() & Qt.FocusPolicy.TabFocus), None)
            if target is not None:
                target.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self.search.setFocus()

    def page(self, section: str) -> _Page:
        """A section's page, with its rows."""
        return self._build(section)

    def _on_section(self, row: int) -> None:
        if 0 <= row < len(self._order):
            self._build(self._order[row])
            self.pages.setCurrentIndex(row)

    def _on_search(self, typed: str) -> None:
        words = fold(typed).split()
        first = -1
        for number, section in enumerate(self._order):
            if not words and section not in self._built:
                self.sections.item(number).setHidden(False)
                continue
            page = self._build(section)
            title = self.sections.item(number).text()
            found = False
            seen: set[str] = set()
            for row in page.rows:
                text = fold(f"{row.item.title} {row.item.line} {row.item.head} {title}")
                row.setVisible(all(word in text for word in words))
                if not row.isHidden():
                    found = True
                    seen.add(row.item.head)
            for key_row in page.key_rows:
                action = key_row.action
                head = action.group or self.tr("Other")
                text = fold(" ".join((action.title, *action.also, *action.caps(), title)))
                key_row.setVisible(all(word in text for word in words))
                if not key_row.isHidden():
                    found = True
                    seen.add(head)
            for head, (label, rule) in page.heads.items():
                label.setVisible(head in seen)
                rule.setVisible(head in seen)
            found = found or all(word in fold(title) for word in words)
            self.sections.item(number).setHidden(bool(words) and not found)
            if found and first < 0:
                first = number
        if words and first >= 0:
            self.sections.setCurrentRow(first)

    def _on_reset(self) -> None:
        page = self._by_section[self._order[self.pages.currentIndex()]]
        with self._history.together():
            for row in page.rows:
                row.item.reset()
                row.renew()
            if page.key_rows:
                self._restore_keys({})

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)


def _rule(parent: QWidget) -> QFrame:
    rule = QFrame(parent)
    rule.setObjectName("pickerrule")
    rule.setFixedHeight(1)
    return rule
