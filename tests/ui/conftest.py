"""The window's tests run without a screen unless one is asked for."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication

from reviewdesk.ui.theme import install
from tests.support.fake_core import FakeCore
from tests.support.screens import dressed


# Figures and dates as one language writes them, whatever the machine speaks.
QLocale.setDefault(QLocale("en_GB"))


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
