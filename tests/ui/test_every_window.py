"""Every window and page at 200 % in 1280x720, and in a language of longer words."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from reviewdesk.ui.main_window import MainWindow
from reviewdesk.ui.theme import theme
from tests.support.core import Desk
from tests.support.screens import settle
from tests.support.windows import cut_controls, every_place
from tests.ui.test_pseudo_language import Pseudo, data_of, untranslated

Open = Callable[[], tuple[MainWindow, Desk]]


@pytest.fixture(autouse=True)
def put_back(themed: QApplication) -> Iterator[None]:
    yield
    theme().set_scale(1.0)
    theme().set_scheme("light")


def test_at_200_percent_nothing_is_cut_in_any_window(open_desk: Open) -> None:
    window, _ = open_desk()
    theme().set_scale(2.0)
    settle()
    bad, seen = {}, []
    for name, widget in every_place(window):
        seen.append(name)
        settle()
        if widget.isWindow() and (widget.width() > 1280 or widget.height() > 720):
            bad[name] = [f"it does not fit the screen: {widget.size().toTuple()}"]
        elif found := cut_controls(widget):
            bad[name] = found
    assert bad == {}
    assert len(seen) >= 20, seen


def test_every_window_speaks_the_language_nobody_speaks(open_desk: Open) -> None:
    translator = Pseudo()
    QCoreApplication.installTranslator(translator)
    try:
        window, desk = open_desk()
        data = data_of(desk.core)
        # Names of other programs, of the user of this machine, and what a provider says of itself in English.
        data |= {"Gmail", "Thunderbird", "Outlook", "api.scripted.example", "Plays a script.", "kB", "bytes"}
        data |= {getpass.getuser(), desk.core.accounts.spec(desk.account.provider).summary}
        denied = desk.core.accounts.capabilities(desk.core.accounts.list()[0]).values()
        data |= {able.reason for able in denied if able.reason} | {"Token"}
        bad = {}
        for name, widget in every_place(window, width=1440, height=900):
            if name in ("composer", "list"):
                continue  # the texts of reviews are the customers'; test_pseudo_language looks at the rest of them
            # What another page of the settings has is looked at when it is shown.
            shown = window.pages.currentWidget() if widget is window else widget
            found = untranslated(shown, data)
            if found or (found := cut_controls(widget)):
                bad[name] = found
        assert bad == {}
    finally:
        QCoreApplication.removeTranslator(translator)
        QApplication.processEvents()
