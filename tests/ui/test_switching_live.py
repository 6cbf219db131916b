"""Schemes changed in a window that shows every place: nothing stays as it was in the other scheme, and nothing crashes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget

from reviewdesk.ui import main_window
from reviewdesk.ui.main_window import MainWindow
from reviewdesk.ui.theme import Theme, theme
from tests.support.core import Desk
from tests.support.screens import settle
from tests.support.windows import every_place

Open = Callable[[], tuple[MainWindow, Desk]]
_FEW = 0.003
"""The share of what is shown that may differ: a caret, an age that went on by a minute."""
_WHILE_OPEN = {
    "composer",
    "outbox",
    "palette",
    "wizard",
    "account page",
    "invitation",
    "invitations from a list",
}
"""What is on the screen while the scheme changes: each switch costs a second, and so every other page is left out."""


@pytest.fixture(autouse=True)
def put_back(themed: QApplication) -> Iterator[None]:
    yield
    theme().set_scheme("light")


@pytest.mark.timeout(300)
def test_a_window_that_was_switched_looks_like_one_that_began_so(
    open_desk: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unreadable words and black icons would be what the scheme before left behind (features.md N8)."""
    window, _ = open_desk()
    switched = {}
    for name, place in every_place(window):
        if name.split(":")[0] in _WHILE_OPEN:
            theme().set_scheme("dark")
            settle(20)
            switched[name] = _picture(place)
            theme().set_scheme("light")
            settle(2)
    # The others were made in one scheme and are shown again in the other.
    theme().set_scheme("dark")
    for name, place in every_place(window):
        if name not in switched:
            settle(20)
            switched[name] = _picture(place)
    window.close()
    monkeypatch.setattr(main_window, "install", partial(_install_dark, main_window.install))
    window, _ = open_desk()
    assert theme().name == "dark"
    different = {}
    for name, place in every_place(window):
        settle(20)
        fresh = _picture(place)
        share = _different(switched[name], fresh)
        if share > _FEW:
            different[name] = f"{share:.2%}"
    assert len(switched) >= 20, list(switched)
    assert different == {}


def _install_dark(install: Callable[..., Theme], app: QApplication, **wanted: object) -> Theme:
    return install(app, **{**wanted, "scheme": "dark"})


def _picture(place: QWidget) -> QImage:
    return place.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)


def _different(one: QImage, other: QImage) -> float:
    """The share of colour values that differ by more than a shade."""
    if one.size() != other.size():
        return 1.0
    width = one.bytesPerLine()
    a, b = bytes(one.constBits()), bytes(other.constBits())
    far = 0
    for at in range(0, len(a), width):
        line, same = a[at : at + width], b[at : at + width]
        if line != same:
            far += sum(abs(x - y) > 40 for x, y in zip(line, same, strict=True))
    return far / max(1, len(a))
