"""A held item in the window: both texts are there to be read, and the person decides."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTextEdit

from reviewdesk.domain.models import OutboxItem, OutboxState, Target
from reviewdesk.ui.main_window import MainWindow
from reviewdesk.ui.widgets import PlainLabel, PushButton
from tests.support.core import Desk
from tests.support.screens import grab, wait_until

Opened = tuple[MainWindow, Desk]
OURS = "Thank you for your kind words."


def held(desk: Desk, change: Callable[[Desk], object]) -> OutboxItem:
    """A reply that met ``change`` when it was to go out."""
    item = desk.reply("r1", OURS)
    change(desk)
    desk.core.outbox.run([item.id])
    assert desk.item(item.id).state is OutboxState.HELD
    return desk.item(item.id)


def texts(window: MainWindow) -> dict[str, str]:
    """Name -> text of what can be read below the table."""
    return {
        t.accessibleName(): t.toPlainText()
        for t in window.outbox._detail.findChildren(QTextEdit)
        if t.isVisible()
    }


def shown(window: MainWindow, item: OutboxItem) -> dict[str, str]:
    window.show_view("outbox")
    table = window.outbox.list.table
    wait_until(lambda: table.place_of(f"item:{item.id}") >= 0, 10, "the item")
    window.outbox.list.setCurrentIndex(table.index(table.place_of(f"item:{item.id}")))
    wait_until(lambda: len(texts(window)) > 1, 10, "what stands in the way")
    if "REVIEWDESK_PICTURES" in os.environ:
        grab(window, Path(os.environ["REVIEWDESK_PICTURES"]) / f"held-{len(texts(window))}.png")
    return texts(window)


def press(window: MainWindow, name: str) -> None:
    button = next(b for b in window.outbox._detail.findChildren(PushButton) if b.objectName() == name)
    assert button.isVisible()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def answered(desk: Desk) -> None:
    desk.world.comment("r1", "We are sorry. <b>A colleague</b>")


def edited(desk: Desk) -> None:
    desk.world.reviews["r1"] = replace(
        desk.world.reviews["r1"], title="Broke", body="Terrible after all.", score=1.0
    )


@pytest.mark.parametrize(
    ("change", "reason", "wanted"),
    [
        (answered, "Somebody answered meanwhile.",
         {"Published meanwhile": "Reply by \u2068Shop\u2069\nWe are sorry. <b>A colleague</b>"}),
        (edited, "The customer edited the review meanwhile.",
         {"The review when you wrote": "★ 4\nFine.", "The review now": "★ 1 Broke\nTerrible after all."}),
        (lambda desk: desk.world.reviews.pop("r1"), "The review is no longer there.",
         {"The review as it was last read": "★ 4\nFine."}),
    ],
    ids=["answered", "edited", "gone"],
)  # fmt: skip
def test_both_texts_are_shown(
    opened: Opened, change: Callable[[Desk], object], reason: str, wanted: dict[str, str]
) -> None:
    window, desk = opened
    assert shown(window, held(desk, change)) == {"Text of the item": OURS, **wanted}
    words = [w.text() for w in window.outbox._detail.findChildren(PlainLabel) if w.isVisible()]
    assert reason in words and "Your text" in words


def test_a_person_sends_it_anyway(opened: Opened) -> None:
    window, desk = opened
    item = held(desk, answered)
    shown(window, item)
    press(window, "override")
    wait_until(lambda: desk.item(item.id).state is OutboxState.WAITING, 10, "the person's word")
    desk.core.outbox.run([item.id])
    wait_until(lambda: desk.item(item.id).state is OutboxState.SENT, 10, "the sending")
    assert desk.world.texts("r1") == ["We are sorry. <b>A colleague</b>", OURS]
    wait_until(lambda: set(texts(window)) == {"Text of the item"}, 10, "the end of the comparison")


def test_a_person_writes_on(opened: Opened) -> None:
    window, desk = opened
    item = held(desk, edited)
    shown(window, item)
    press(window, "edit")
    wait_until(lambda: window.composer.text() == OURS, 10, "the composer with the text")
    assert desk.item(item.id).state is OutboxState.DISCARDED
    assert desk.world.texts("r1") == []


def test_a_person_discards_it_and_takes_that_back(opened: Opened) -> None:
    window, desk = opened
    item = held(desk, answered)
    shown(window, item)
    press(window, "discard")
    wait_until(lambda: desk.item(item.id).state is OutboxState.DISCARDED, 10, "the discarding")
    wait_until(lambda: "Discarded" in window.toast.text(), 10, "the toast")
    assert window.publishing.undo()
    review = desk.review("r1")

    def back() -> bool:
        draft = desk.core.replies.draft(review, Target.PUBLIC)
        return draft is not None and draft.text == OURS

    wait_until(back, 10, "the text as a draft")
