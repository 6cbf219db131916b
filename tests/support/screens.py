"""Opening windows for tests and pictures: the theme installed once, a font that every machine of ours has."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QDeadlineTimer, QEventLoop, QSize
from PySide6.QtGui import QFont, QFontDatabase
from PySide6.QtWidgets import QApplication, QWidget

from reviewdesk.ui.theme import install, theme

__all__ = ["dressed", "grab", "settle", "wait_until"]


def dressed(app: QApplication, scheme: str = "light", scale: float = 1.0) -> QApplication:
    """The application in our theme; with Inter where it is installed, as in the pictures of the design."""
    if "Inter" in QFontDatabase.families() and app.font().family() != "Inter":
        try:
            theme()
        except RuntimeError:
            app.setFont(QFont("Inter"))
    install(app, scheme=scheme, scale=scale)
    return app


def settle(rounds: int = 8) -> None:
    """Let everything that is due now happen (layouts, deferred deletions, queued signals)."""
    app = QCoreApplication.instance()
    assert app is not None
    for _ in range(rounds):
        app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents)
        app.sendPostedEvents(None, 52)  # DeferredDelete


def wait_until(condition: Callable[[], bool], timeout_s: float = 20.0, what: str = "the condition") -> None:
    """Run the event loop until ``condition`` holds. Fails after ``timeout_s``."""
    deadline = QDeadlineTimer(round(timeout_s * 1000))
    while not condition():
        if deadline.hasExpired():
            raise AssertionError(f"{what} did not come within {timeout_s} s")
        settle(1)
        time.sleep(0.005)


def grab(widget: QWidget, path: Path | str, size: tuple[int, int] | None = None) -> None:
    """Show a widget in ``size`` (logical pixels) and write its picture."""
    if size is not None:
        widget.resize(QSize(*size))
    if not widget.isVisible():
        widget.show()
    settle()
    if not widget.grab().save(str(path)):
        raise OSError(f"no picture could be written to {path}")
