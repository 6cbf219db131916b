"""Without a network everything but the wire works: no box in the way, one word in the status line, and it goes out later."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from reviewdesk.domain.errors import NetworkError
from reviewdesk.domain.models import OutboxState, Target, WorkState
from reviewdesk.ui.main_window import MainWindow
from tests.support.core import Desk
from tests.support.screens import settle, wait_until


def test_a_day_without_a_network(opened: tuple[MainWindow, Desk], monkeypatch: pytest.MonkeyPatch) -> None:
    window, desk = opened
    core = desk.core
    gone = True
    play = desk.world.play

    def played(script: Any) -> None:
        if gone:
            raise NetworkError("The host does not answer.")
        play(script)

    monkeypatch.setattr(desk.world, "play", played)
    boxes: list[object] = []

    def nothing_in_the_way() -> None:
        settle()
        boxes.extend(filter(None, (QApplication.activeModalWidget(), QApplication.activePopupWidget())))

    core.start()
    core.sync.sync_now()
    wait_until(window.status.is_offline, 20, "the word")
    assert window.status.words().startswith("Offline")
    assert window.status.words().count("Offline") == 1
    nothing_in_the_way()
    # Reading, searching, writing, sorting, publishing.
    review = desk.review("r3")
    window.open_review(review)
    wait_until(lambda: window.reading.detail() is not None and window.reading.detail().row.id == review, 10)
    assert core.inbox.count(core.inbox.parse("fine")) == 12
    window.composer.open(review, Target.PUBLIC)
    window.composer.editor.insertPlainText("Thank you for this.")
    wait_until(lambda: core.replies.draft(review, Target.PUBLIC) is not None, 10, "the draft")
    core.inbox.set_star([review], True).result(5)
    core.inbox.mark_done([desk.review("r4")]).result(5)
    assert core.inbox.rows([desk.review("r4")])[desk.review("r4")].work_state is WorkState.DONE
    item = core.replies.publish(review, Target.PUBLIC, "Thank you for this.").result(5)
    wait_until(lambda: desk.item(item.id).error is not None, 10, "the try")
    assert desk.item(item.id).state is OutboxState.WAITING and desk.item(item.id).attempts == 0
    nothing_in_the_way()
    wait_until(lambda: "1 waiting" in window.status.words(), 10, "the count")
    # The network is back: a look of the schedule (hurried here) finds out, and what waits goes out by itself.
    gone = False
    core.sync.sync_now()
    wait_until(lambda: desk.item(item.id).state is OutboxState.SENT, 30, "the sending")
    wait_until(lambda: window.status.words().startswith("Online"), 10, "the word")
    assert desk.world.texts("r3") == ["Thank you for this."]
    nothing_in_the_way()
    assert boxes == []
