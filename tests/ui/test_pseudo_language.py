"""A language nobody speaks: what it does not reach was never given to translation, and longer words must still fit."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QCoreApplication, Qt, QTranslator
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QMenu, QTextEdit, QWidget

from reviewdesk.domain.models import Target
from reviewdesk.services.core import Core
from reviewdesk.ui.accounts import open_wizard
from reviewdesk.ui.main_window import MainWindow
from reviewdesk.ui.widgets import KeyCap
from tests.support.core import Desk

BEGIN, END = "⟦", "⟧"
_KEYS = re.compile(r"\b(Ctrl|Shift|Alt|Esc|Enter|Tab|Space|Del|Home|End|PgUp|PgDown|F\d{1,2}|[A-Z])\b|[^\w]")
_MACHINE = re.compile(r"^(Reviewdesk|Qt|Python|Linux|Windows|Darwin|https?|[\d.,:/%+-]|\s|[A-Z]{2}|en|fr)+$")


class Pseudo(QTranslator):
    """Every string in brackets and a third longer."""

    def isEmpty(self) -> bool:
        return False

    def translate(self, context: str, source: str, disambiguation: str | None = None, n: int = -1) -> str:
        return f"{BEGIN}{source}{'~' * max(1, len(source) // 3)}{END}"


@pytest.fixture
def window(open_desk: Callable[[], tuple[MainWindow, Desk]]) -> Iterator[MainWindow]:
    translator = Pseudo()
    QCoreApplication.installTranslator(translator)
    try:
        yield open_desk()[0]
    finally:
        # While the window is there: it hears of every change of the language.
        QCoreApplication.removeTranslator(translator)
        QApplication.processEvents()


def data_of(core: Core) -> set[str]:
    """Words that are the shop's or its customers': never translated."""
    words: set[str] = set()
    for account in core.accounts.list():
        words.add(account.name)
    for spec in core.accounts.specs():
        words |= {spec.title, spec.code, spec.id}
    for row in core.inbox.rows(core.inbox.ids(core.inbox.parse(""))).values():
        words |= {row.author_name or "", row.product_name or "", row.snippet, row.owner or ""}
        words |= set(row.tags)
    return {word for word in words if word}


def said(widget: QWidget) -> list[str]:
    """All the words a widget shows or says."""
    found = [widget.toolTip(), widget.accessibleName(), widget.accessibleDescription()]
    if isinstance(widget, QLabel | QAbstractButton):
        found.append(widget.text())
    if isinstance(widget, QLineEdit | QTextEdit):
        found.append(widget.placeholderText())
    return [text for text in found if text]


def untranslated(inside: QWidget, data: set[str]) -> list[str]:
    bad = []
    for widget in [inside, *inside.findChildren(QWidget)]:
        if isinstance(widget, KeyCap) or widget.property("foreign"):
            continue
        for text in said(widget):
            rest = re.sub(f"{BEGIN}.*{END}", "", re.sub(r"<[^>]+>", "", text), flags=re.DOTALL)
            for word in sorted(data, key=len, reverse=True):
                rest = rest.replace(word, "")
            if re.search(r"[A-Za-z]{2}", _KEYS.sub(" ", rest)) and not _MACHINE.match(rest):
                bad.append(f"{type(widget).__name__}: {text[:90]!r}")
    return sorted(set(bad))


def cut(inside: QWidget) -> list[str]:
    """Buttons narrower than their words."""
    return sorted(
        {
            f"{type(b).__name__} {b.text()!r}: {b.width()} of {b.sizeHint().width()}"
            for b in inside.findChildren(QAbstractButton)
            if b.isVisible() and b.text() and b.width() + 1 < b.sizeHint().width()
        }
    )


def actions_of(menu: QMenu) -> Iterator[str]:
    for action in menu.actions():
        if action.text():
            yield action.text().split("\t")[0]
        inner = action.menu()
        if isinstance(inner, QMenu):
            yield from actions_of(inner)


def test_the_window_is_translated_and_nothing_is_cut(window: MainWindow, qtbot) -> None:  # type: ignore[no-untyped-def]
    data = data_of(window.core)
    window.inbox.move(1)
    qtbot.waitUntil(lambda: window.reading.detail() is not None)
    window.reply(Target.PUBLIC)
    qtbot.waitUntil(window.composer.is_open)
    foreign = [window.reading.body] if hasattr(window.reading, "body") else []
    for widget in foreign:
        widget.setProperty("foreign", True)
    assert sum(len(said(widget)) for widget in window.findChildren(QWidget)) > 60
    assert untranslated(window.header, data) == []
    assert untranslated(window.sidebar, data) == []
    assert untranslated(window.inbox, data) == []
    assert untranslated(window.composer, data) == []
    assert untranslated(window.status, data) == []
    for width, height in ((1440, 900), (1280, 720)):
        window.resize(width, height)
        QApplication.processEvents()
        for part in (window.header, window.inbox, window.composer, window.status, window.reading):
            assert cut(part) == [], (width, part)
    entries = [e.label for e in window.sidebar.entries() if e.kind in ("state", "outbox", "head", "page")]
    assert all(label.startswith(BEGIN) for label in entries), entries
    for menu in window.header.menus():
        assert menu.title().startswith(BEGIN)
        assert [text for text in actions_of(menu) if BEGIN not in text] == []
    for action in window.actions_.all():
        assert BEGIN in action.title, action.id
        # Names of formats are the same in every language.
        assert [w for w in action.also if BEGIN not in w and not w.isupper()] == [], action.id
        assert not action.group or BEGIN in action.group, action.id


def test_palette_settings_and_wizard_are_translated(window: MainWindow, qtbot) -> None:  # type: ignore[no-untyped-def]
    data = data_of(window.core)
    window.palette_.open()
    assert untranslated(window.picker, data) == []
    bad = [c.title for c in window.picker.choices() if BEGIN not in c.title and c.title not in data]
    assert bad == []
    window.picker.dismiss()
    window.open_settings()
    settings = window.findChild(QWidget, "settings")
    assert untranslated(settings, data) == []
    for row in range(settings.sections.count()):
        settings.sections.setCurrentRow(row)
        QApplication.processEvents()
        assert cut(settings) == [], row
    settings.close()
    wizard = open_wizard(window)
    assert wizard is not None
    QApplication.processEvents()
    assert cut(wizard) == []
    wizard.close()


def test_from_right_to_left_the_panes_change_sides(window: MainWindow, qtbot) -> None:  # type: ignore[no-untyped-def]
    window.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    try:

        def left(part: QWidget) -> int:
            return part.mapTo(window, part.rect().topLeft()).x()

        qtbot.waitUntil(lambda: left(window.reading) < left(window.inbox) < left(window.sidebar))
        header = window.header
        assert header.menu_bar.x() > header.search.x() > header.commands.x()
        for part in (window.header, window.inbox, window.reading, window.status):
            assert cut(part) == []
            for widget in part.findChildren(QWidget):
                if widget.isVisible() and widget.parentWidget() is part:
                    assert part.rect().adjusted(-2, -2, 2, 2).contains(widget.geometry()), widget
    finally:
        window.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
