"""With movement taken away nothing moves for longer than one frame, whatever is opened (N8)."""

from __future__ import annotations

from PySide6.QtCore import QAbstractAnimation, QPropertyAnimation, Qt
from PySide6.QtWidgets import QApplication

from reviewdesk.services.settings import REDUCE_MOTION
from reviewdesk.ui.main_window import MainWindow
from reviewdesk.ui.theme import theme
from tests.support.core import Desk
from tests.support.screens import settle, wait_until


def moving() -> list[str]:
    """Every animation that runs, of ours or of Qt's style: they all hang on the widget that they move."""
    return [
        f"{type(widget).__name__} {widget.objectName()}: {type(animation).__name__}"
        for widget in QApplication.allWidgets()
        for animation in widget.findChildren(
            QAbstractAnimation, options=Qt.FindChildOption.FindDirectChildrenOnly
        )
        if animation.state() == QAbstractAnimation.State.Running
    ]


def test_no_transition_lasts_over_one_frame(opened: tuple[MainWindow, Desk]) -> None:
    window, desk = opened
    desk.core.settings.set(REDUCE_MOTION, True).result(5)
    theme().set_reduced_motion(True)
    seen = QPropertyAnimation(window, b"windowOpacity", window)
    seen.setDuration(10_000)
    seen.setEndValue(0.9)
    seen.start()
    assert moving() == ["MainWindow : QPropertyAnimation"], "one that runs is seen"
    seen.stop()
    try:
        assert not any(QApplication.isEffectEnabled(effect) for effect in Qt.UIEffect), "menus and tips fade"
        found: dict[str, list[str]] = {}
        window.open_review(desk.ids()[0])
        wait_until(lambda: window.reading.detail() is not None, 15, "the review")
        for act in ("reply", "palette", "done", "undo", "settings"):
            assert window.actions_.trigger(act)
            settle(2)
            found[act] = moving()
        for page in ("messages", "products", "invitations", "saved-replies"):
            window.show_page(page)
            settle(2)
            found[page] = moving()
        assert found == {act: [] for act in found}
    finally:
        theme().set_reduced_motion(False)
