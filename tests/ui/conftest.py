"""The window's tests run without a screen unless one is asked for."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication

from reviewdesk.services.settings import THEME
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.main_window import MainWindow
from reviewdesk.ui.theme import install
from tests.support.core import Desk, open_scripted
from tests.support.fake_core import FakeCore
from tests.support.screens import dressed
from tests.support.scripted import World

PATIENCE_MS = 20_000

# Figures and dates as one language writes them, whatever the machine speaks.
QLocale.setDefault(QLocale("en_GB"))


class PatientBot(QtBot):
    """Waits longer than its library's 5 s: a shared machine can stand still for as long, and what comes ends a wait."""

    def waitUntil(self, callback: Callable[[], bool | None], *, timeout: int = PATIENCE_MS) -> None:
        super().waitUntil(callback, timeout=timeout)

    def waitSignal(self, signal: Any, *, timeout: int = PATIENCE_MS, **options: Any) -> Any:
        return super().waitSignal(signal, timeout=timeout, **options)


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:
    return PatientBot(request)


@pytest.fixture(scope="session")
def qapp_args() -> list[str]:
    return ["reviewdesk"]


@pytest.fixture
def themed(qapp: QApplication) -> Iterator[QApplication]:
    """The application in the light theme at 100 %; whatever a test changed is put back."""
    yield dressed(qapp, "light")
    install(qapp, scheme="light", scale=1.0)


@pytest.fixture
def core() -> Iterator[FakeCore]:
    made = FakeCore()
    yield made
    made.stop()


@pytest.fixture
def open_desk(themed: QApplication, qtbot, tmp_path: Path) -> Iterator[Callable[[], tuple[MainWindow, Desk]]]:  # type: ignore[no-untyped-def]
    """A window over a real core with twelve reviews; a second call is a restart on the same profile."""
    ends: list[Callable[[], object]] = []

    def end() -> None:
        while ends:
            ends.pop()()

    def open_() -> tuple[MainWindow, Desk]:
        end()
        world = World()
        for number in range(1, 13):
            world.add_review(number)
        context = open_scripted(tmp_path, world=world)
        desk = context.__enter__()
        ends.append(lambda: context.__exit__(None, None, None))
        desk.core.settings.set(THEME, "light").result(5)
        bridge = Bridge(desk.core)
        ends.append(bridge.close)
        window = MainWindow(desk.core, bridge)
        qtbot.addWidget(window)
        ends.append(window.close)
        window.resize(1440, 900)
        window.show()
        window.activateWindow()
        qtbot.waitUntil(lambda: window.entry() is not None and window.inbox.total() > 0)
        return window, desk

    yield open_
    end()


@pytest.fixture
def opened(open_desk: Callable[[], tuple[MainWindow, Desk]]) -> tuple[MainWindow, Desk]:
    return open_desk()
