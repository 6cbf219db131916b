"""The note in the composer: marks, repairs, keeping on purpose, and what Ctrl+Enter does meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCharFormat
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from reviewdesk.domain.models import Target
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.composer import Composer
from tests.support.fake_core import FakeCore
from tests.support.screens import settle, wait_until

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def bridge(themed: QApplication, core: FakeCore) -> Iterator[Bridge]:
    made = Bridge(core)  # type: ignore[arg-type]
    yield made
    made.close()


@pytest.fixture
def composer(core: FakeCore, bridge: Bridge) -> Iterator[Composer]:
    window = QWidget()
    window.resize(792, 824)
    column = QVBoxLayout(window)
    column.addStretch(1)
    made = Composer(core, bridge, window)  # type: ignore[arg-type]
    column.addWidget(made)
    window.show()
    window.activateWindow()
    settle()
    made.open(core.review_of("Pierre L."), Target.PUBLIC)
    yield made
    window.close()
    window.deleteLater()
    settle()


def write(composer: Composer, text: str) -> None:
    composer.editor.insertPlainText(text)


def noted(composer: Composer) -> str:
    wait_until(lambda: not composer.note.isHidden(), what="the note")
    return composer.note.words()


def quiet(composer: Composer) -> None:
    wait_until(composer.checker.is_current, what="the check")
    settle()
    assert composer.note.isHidden()


def marked(composer: Composer) -> list[str]:
    waves = QTextCharFormat.UnderlineStyle.WaveUnderline
    return [
        s.cursor.selectedText()  # type: ignore[attr-defined]
        for s in composer.editor.extraSelections()
        if s.format.underlineStyle() == waves  # type: ignore[attr-defined]
    ]


def sent(core: FakeCore) -> list[str]:
    return [i.text for i in core.outbox.items() if i.id > 1000]


def test_the_passage_is_marked_and_one_press_mends_it(composer: Composer) -> None:
    write(composer, "Bonjour 🎁, le câble de la commande 28592 part aujourd’hui.")
    assert noted(composer) == "Private data: order 28592 is not public in this review"
    assert marked(composer) == ["la commande 28592"]
    assert composer.note.repair_button.text() == "Replace with “votre commande”"
    QTest.mouseClick(composer.note.repair_button, Qt.MouseButton.LeftButton)
    assert composer.text() == "Bonjour 🎁, le câble de votre commande part aujourd’hui."
    assert marked(composer) == []
    quiet(composer)
    composer.editor.undo()
    assert "28592" in composer.text()


def test_the_whole_sentence_is_read_in_a_narrow_pane(composer: Composer) -> None:
    write(composer, "Le câble de la commande 28592 part aujourd’hui.")
    noted(composer)
    settle()
    one = composer.note.height()
    assert not composer.note.is_two_lines()
    composer.window().resize(470, 824)
    settle()
    note = composer.note
    assert note.is_two_lines() and note.height() > one
    assert note._text.isVisible() and note._text.width() >= note._text.sizeHint().width()
    for button in (note.repair_button, note.keep_button):
        assert button.width() >= button.sizeHint().width() and button.geometry().bottom() <= note.height()
        assert button.geometry().top() >= note._text.geometry().bottom()


def test_ctrl_enter_goes_to_what_must_be_settled_and_sends_nothing(
    composer: Composer, core: FakeCore
) -> None:
    write(composer, "La commande 28592 part aujourd’hui.")
    QTest.keyClick(composer.editor, Qt.Key.Key_Return, CONTROL)
    wait_until(composer.note.repair_button.hasFocus, what="the focus on the repair")
    assert sent(core) == [] and composer.is_open()
    QTest.keyClick(composer.note.repair_button, Qt.Key.Key_Space)
    QTest.keyClick(composer.editor, Qt.Key.Key_Return, CONTROL)
    wait_until(lambda: sent(core) == ["Votre commande part aujourd’hui."], what="the reply")


def test_what_is_kept_on_purpose_goes_and_the_rule_goes_with_it(
    composer: Composer, core: FakeCore, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[list[str]] = []
    publish = core.replies.publish
    monkeypatch.setattr(
        core.replies, "publish", lambda *a, **v: (kept.append(list(v["kept"])), publish(*a, **v))[1]
    )
    write(composer, "La commande 28592 part aujourd’hui.")
    noted(composer)
    QTest.mouseClick(composer.note.keep_button, Qt.MouseButton.LeftButton)
    assert composer.note.isHidden() and marked(composer) == []
    write(composer, " Merci.")
    quiet(composer)
    QTest.keyClick(composer.editor, Qt.Key.Key_Return, CONTROL)
    wait_until(lambda: bool(sent(core)), what="the reply")
    assert kept == [["private-order"]]


def test_several_are_walked_through_and_the_stopping_one_comes_first(composer: Composer) -> None:
    write(composer, "Bonjour Sophie, la commande 28592 part. Merci de supprimer votre avis.")
    assert noted(composer).startswith("Private data")
    assert composer.note.next_button.text() == "1 of 3"
    QTest.mouseClick(composer.note.next_button, Qt.MouseButton.LeftButton)
    assert composer.note.words().startswith("Asks for a change")
    assert composer.note.repair_button.text() == "Take the sentence out"
    QTest.mouseClick(composer.note.next_button, Qt.MouseButton.LeftButton)
    assert composer.note.words() == "Name: the review is by Pierre L., the text greets Sophie"
    assert len(marked(composer)) == 3


def test_advice_never_stops(composer: Composer, core: FakeCore) -> None:
    write(composer, "Bonjour Sophie, merci beaucoup.")
    assert noted(composer).startswith("Name:")
    QTest.keyClick(composer.editor, Qt.Key.Key_Return, CONTROL)
    wait_until(lambda: bool(sent(core)), what="the reply")


def test_a_key_typed_during_the_check_takes_the_handing_over_back(composer: Composer, core: FakeCore) -> None:
    write(composer, "Merci beaucoup.")
    QTest.keyClick(composer.editor, Qt.Key.Key_Return, CONTROL)
    write(composer, " Encore")
    wait_until(composer.checker.is_current, what="the check")
    settle()
    assert sent(core) == [] and composer.is_open()


def test_a_private_message_may_name_the_order(composer: Composer, core: FakeCore) -> None:
    review = core.review_of("Claudia Bremer")
    assert composer.open(review, Target.PRIVATE)
    write(composer, "Ihre Bestellung 31877 geht heute raus.")
    quiet(composer)


def test_typing_in_a_long_text_stays_quick(composer: Composer) -> None:
    import time

    write(
        composer, "La commande 28592 part. " + "Merci pour ces précisions, le câble part aujourd’hui. " * 40
    )
    noted(composer)
    best = 1.0
    for _ in range(5):
        began = time.perf_counter()
        write(composer, "x")
        best = min(best, time.perf_counter() - began)
    assert best < 0.05
