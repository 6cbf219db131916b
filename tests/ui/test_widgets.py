"""The small parts: plain text, buttons that are off with a reason, scores, bars, toast."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QCursor, QFont, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QVBoxLayout, QWidget

from reviewdesk.ui.theme import theme
from reviewdesk.ui.widgets import (
    Badge,
    EmptyState,
    InlineBar,
    PlainLabel,
    PushButton,
    ScoreView,
    Toast,
    ToolButton,
    draw_stars,
    off_reason,
    plain_tip,
    set_off,
)

EVIL = '<img src="file:///etc/passwd"><b>bold</b>'


def test_a_label_shows_markup_as_it_is(themed: QApplication, qtbot) -> None:  # type: ignore[no-untyped-def]
    label = PlainLabel(EVIL)
    qtbot.addWidget(label)
    assert label.textFormat() is Qt.TextFormat.PlainText
    assert label.text() == EVIL
    label.resize(40, 20)
    label.show()
    assert "<b>" not in label.toolTip() and "<\u2060b>" in label.toolTip()


def test_a_tooltip_cannot_be_taken_for_markup() -> None:
    assert "<b" not in plain_tip(EVIL) and plain_tip("a < b") == "a <\u2060 b"


def test_a_label_takes_any_amount_of_text(themed: QApplication, qtbot) -> None:  # type: ignore[no-untyped-def]
    for wrap in (False, True):
        label = PlainLabel("x" * 200_000, wrap=wrap)
        qtbot.addWidget(label)
        label.resize(200, 40)
        label.show()
        assert not label.grab().isNull()


def test_a_wrapped_label_has_the_lines_of_the_design(themed: QApplication, qtbot) -> None:  # type: ignore[no-untyped-def]
    label = PlainLabel("one\ntwo\nthree", wrap=True)
    qtbot.addWidget(label)
    assert label.heightForWidth(300) == 3 * label.heightForWidth(300) // 3
    single = PlainLabel("one", wrap=True)
    qtbot.addWidget(single)
    assert label.heightForWidth(300) == 3 * single.heightForWidth(300)


def test_an_off_button_does_nothing_and_says_why(themed: QApplication, qtbot) -> None:  # type: ignore[no-untyped-def]
    said: list[str] = []

    class Window(QWidget):
        def say(self, text: str) -> None:
            said.append(text)

    window = Window()
    button = PushButton("Publish", window)
    qtbot.addWidget(window)
    window.show()
    pressed: list[int] = []
    button.clicked.connect(lambda: pressed.append(1))
    button.setToolTip("Publish it")
    set_off(button, "Guaranteed Reviews Company takes no replies. Use Copy and open instead.")
    assert button.isEnabled() and button.focusPolicy() & Qt.FocusPolicy.TabFocus
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.keyClick(button, Qt.Key.Key_Space)
    qtbot.keyClick(button, Qt.Key.Key_Return)
    button.click()
    assert pressed == []
    assert said == [off_reason(button)] * 3
    assert button.accessibleDescription() == off_reason(button) == button.toolTip()
    set_off(button, None)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert pressed == [1] and button.toolTip() == "Publish it" and off_reason(button) is None


def test_switching_a_button_off_twice_leaves_one_filter(themed: QApplication, qtbot) -> None:  # type: ignore[no-untyped-def]
    button = ToolButton("check", "Done")
    qtbot.addWidget(button)
    pressed: list[int] = []
    button.clicked.connect(lambda: pressed.append(1))
    for _ in range(3):
        set_off(button, "one reason")
        set_off(button, "another reason")
        set_off(button, None)
    button.show()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert pressed == [1]


def test_buttons_have_the_heights_of_the_design(themed: QApplication, qtbot) -> None:  # type: ignore[no-untyped-def]
    from reviewdesk.ui.theme import metrics

    big, small = PushButton("Publish", kind="primary"), PushButton("Undo", small=True)
    for button in (big, small):
        qtbot.addWidget(button)
        button.show()
    assert big.sizeHint().height() == metrics.control_height()
    assert small.sizeHint().height() == metrics.small_height()
    with pytest.raises(ValueError):
        PushButton("x", kind="rainbow")


def test_without_words_the_name_stays(themed: QApplication, qtbot) -> None:  # type: ignore[no-untyped-def]
    button = PushButton("Invite", icon="plus")
    qtbot.addWidget(button)
    wide = button.sizeHint().width()
    button.set_words(False)
    assert button.sizeHint().width() < wide
    assert button.accessibleName() == "Invite" == button.toolTip()


def _inked(score: float, right_to_left: bool = False) -> QImage:
    image = QImage(80, 20, QImage.Format.Format_ARGB32)
    image.fill(theme().colour("surface"))
    painter = QPainter(image)
    draw_stars(painter, image.rect(), score, right_to_left=right_to_left)
    painter.end()
    return image


def _centre(image: QImage, star: int) -> str:
    return image.pixelColor(star * 14 + 6, 10).name()


def test_stars_are_filled_from_the_leading_side(themed: QApplication) -> None:
    image, mirrored = _inked(3), _inked(3, right_to_left=True)
    filled, empty = theme().colour("score").name(), theme().colour("surface").name()
    assert [_centre(image, n) for n in range(5)] == [filled] * 3 + [empty] * 2
    assert mirrored.pixelColor(79 - 6, 10).name() == filled
    assert mirrored.pixelColor(79 - 4 * 14 - 6, 10).name() == empty


def test_two_stars_and_less_differ_in_colour_and_in_outline(themed: QApplication) -> None:
    low, high = _inked(2), _inked(3)
    assert _centre(low, 0) == theme().colour("score-low").name()

    def grey_ink(image: QImage) -> int:
        return sum(
            255 - (image.pixelColor(x, y).red() * 3 + image.pixelColor(x, y).green() * 6) // 9
            for x in range(4 * 14, 5 * 14)
            for y in range(20)
        )

    # The hollow star of a low score is drawn thicker: a grey copy still shows it.
    assert grey_ink(low) > 1.15 * grey_ink(high)


def test_a_score_says_itself_in_words(themed: QApplication, qtbot) -> None:  # type: ignore[no-untyped-def]
    view = ScoreView()
    qtbot.addWidget(view)
    words = []
    for score, low, high in ((2, 1, 5), (9, 0, 10), (4.5, 1, 5), (None, 1, 5)):
        view.set_score(score, low, high)
        words.append(view.accessibleName())
        assert not view.grab().isNull()
    assert words == ["2 of 5", "9 of 10", "4.5 of 5", "no score"]


def test_a_bar_pushes_down_and_closes(themed: QApplication, qtbot) -> None:  # type: ignore[no-untyped-def]
    bar = InlineBar()
    qtbot.addWidget(bar)
    assert bar.message() == ""
    pressed: list[str] = []
    bar.show_message(
        "warn", "sign in again", lead="harbour.example:", buttons=(("Sign in", lambda: pressed.append("in")),)
    )
    assert bar.message() == "harbour.example: sign in again" == bar.accessibleName()
    button = bar.findChildren(PushButton)[0]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert pressed == ["in"]
    with qtbot.waitSignal(bar.closed):
        qtbot.mouseClick(bar.findChildren(ToolButton)[0], Qt.MouseButton.LeftButton)
    assert bar.message() == ""
    with pytest.raises(ValueError):
        bar.show_message("info", "x", buttons=(("a", print), ("b", print), ("c", print)))
    with pytest.raises(KeyError):
        bar.show_message("shout", "x")


def test_a_badge_and_an_empty_state_name_themselves(themed: QApplication, qtbot) -> None:  # type: ignore[no-untyped-def]
    badge, empty = Badge("Overdue 2 h", icon="warning-fill", level="warn"), EmptyState()
    for widget in (badge, empty):
        qtbot.addWidget(widget)
    assert badge.accessibleName() == "Overdue 2 h"
    with pytest.raises(KeyError):
        badge.set("x", level="good")
    empty.set_state(
        "tray", "Everything is answered", "Nothing waits.", (("go", "Search everything", "primary"),)
    )
    empty.resize(400, 400)
    empty.show()
    with qtbot.waitSignal(empty.pressed) as pressed:
        qtbot.mouseClick(empty.button("go"), Qt.MouseButton.LeftButton)
    assert pressed.args == ["go"]
    assert empty.accessibleName() == "Everything is answered Nothing waits."


@pytest.fixture
def toast(themed: QApplication, qtbot):  # type: ignore[no-untyped-def]
    window = QWidget()
    window.resize(900, 600)
    qtbot.addWidget(window)
    window.show()
    made = Toast(window)
    made.window_for_test = window
    return made


def test_a_toast_counts_down_and_goes(toast, qtbot) -> None:  # type: ignore[no-untyped-def]
    buttons = (("undo", "Undo", "Ctrl Z"), ("now", "Send now", ""))
    with qtbot.waitSignal(toast.ended, timeout=3000):
        toast.show_message("Publishing in {seconds} s", buttons=buttons, countdown_s=1.2)
        assert toast.text() == "Publishing in 2 s"
        qtbot.waitUntil(lambda: toast.text() == "Publishing in 1 s")
    assert toast.text() == "" and not toast.isVisible()


def test_a_toast_stands_above_the_lower_edge_of_its_place(toast) -> None:  # type: ignore[no-untyped-def]
    from PySide6.QtCore import QRect

    from reviewdesk.ui.widgets.shadow import MARGIN

    toast.show_message("Copied")
    toast.set_place(QRect(300, 0, 600, 500))
    body = toast.geometry().adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
    assert body.bottom() + 1 == 500 - 16
    assert abs(body.center().x() - 600) <= 1
    assert 40 <= body.height() <= 60


def test_a_toasts_button_tells_which_and_takes_it_away(toast, qtbot) -> None:  # type: ignore[no-untyped-def]
    toast.show_message("Discarded", buttons=(("undo", "Undo", "Ctrl Z"),))
    with qtbot.waitSignal(toast.action) as pressed:
        qtbot.mouseClick(toast.button("undo"), Qt.MouseButton.LeftButton)
    assert pressed.args == ["undo"] and toast.text() == ""
    toast.show_message("One")
    toast.show_message("Two")
    assert toast.text() == "Two" and toast.button("undo") is None


def test_a_toast_stays_while_it_has_the_focus(toast, qtbot) -> None:  # type: ignore[no-untyped-def]
    toast.show_message("Discarded", buttons=(("undo", "Undo", ""),), stay_s=0.3)
    toast.window_for_test.activateWindow()
    toast.button("undo").setFocus()
    qtbot.waitUntil(lambda: toast.button("undo").hasFocus())
    qtbot.wait(900)
    assert toast.isVisible()
    QCursor.setPos(toast.window_for_test.mapToGlobal(QPoint(2, 2)))
    qtbot.mouseMove(toast.window_for_test, QPoint(3, 3))
    toast.button("undo").clearFocus()
    qtbot.waitUntil(lambda: not toast.isVisible(), timeout=2000)


def test_tab_comes_to_the_buttons_of_a_bar_where_it_stands(themed: QApplication) -> None:
    window = QWidget()
    column = QVBoxLayout(window)
    first, bar, last = QLineEdit(), InlineBar(), QLineEdit()
    for part in (first, bar, last):
        column.addWidget(part)
    bar.show_message("info", "Answered?", buttons=(("Yes", bar.hide), ("Not yet", bar.hide)))
    window.show()
    window.activateWindow()
    first.setFocus()
    walked = []
    for _ in range(4):
        QTest.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
        walked.append(window.focusWidget())
    assert [w.accessibleName() or w.text() for w in walked[:2] if isinstance(w, QAbstractButton)] == [
        "Yes",
        "Not yet",
    ]
    assert walked[3] is last
    window.close()
    window.deleteLater()


def test_a_wrapped_label_is_laid_out_once_for_each_width(
    themed: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Going to another page asked three hundred times for heights, and each answer was laid out anew: 40 ms."""
    laid_out: list[int] = []
    lay_out = PlainLabel._laid_out

    def counted(self: PlainLabel, width: int) -> object:
        laid_out.append(width)
        return lay_out(self, width)

    monkeypatch.setattr(PlainLabel, "_laid_out", counted)
    label = PlainLabel("Nothing was said of this here, and nobody knows why it was so. " * 3, wrap=True)
    heights = {width: label.heightForWidth(width) for width in (120, 300, 600)}
    assert heights[120] > heights[300] > heights[600]
    for _ in range(20):
        assert {width: label.heightForWidth(width) for width in heights} == heights
        label.sizeHint()
    assert len(laid_out) == 4, "three widths, and the one that it would like"
    label.setText("Short")
    assert label.heightForWidth(120) < heights[120]
    label.setText("Nothing was said of this here, and nobody knows why it was so. " * 3)
    assert label.heightForWidth(120) == heights[120]
    label.setContentsMargins(0, 5, 0, 5)
    assert label.heightForWidth(120) == heights[120] + 10
    label.setContentsMargins(0, 0, 0, 0)
    theme().set_scale(2.0)
    assert label.heightForWidth(240) > heights[120]
    theme().set_scale(1.0)
    assert label.heightForWidth(120) == heights[120]
    large = QFont(label.font())
    large.setPixelSize(40)
    label.setFont(large)
    assert label.heightForWidth(120) > heights[120]
