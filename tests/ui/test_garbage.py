"""What Python finds to be garbage ends on the window's thread, whoever made too much of it."""

from __future__ import annotations

import gc
import math
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from reviewdesk.ui.garbage import Garbage
from tests.support.screens import wait_until


class Ring:
    """Holds itself, and with it a timer that runs."""

    def __init__(self, ended: list[int]) -> None:
        self.me, self.ended = self, ended
        self.timer = QTimer()
        self.timer.start(60_000)

    def __del__(self) -> None:
        self.ended.append(threading.get_ident())


@pytest.fixture
def garbage(themed: QApplication) -> Iterator[Garbage]:
    gc.collect()
    made = Garbage(lambda: math.inf)
    assert not gc.isenabled()
    yield made
    gc.enable()


def _make_much() -> None:
    kept: list[list[object]] = []
    for _ in range(30_000):
        kept.append([kept])


def test_a_timer_in_a_circle_ends_where_it_was_made(garbage: Garbage) -> None:
    ended: list[int] = []
    for _ in range(20):
        Ring(ended)
    worker = threading.Thread(target=_make_much)
    worker.start()
    worker.join(30)
    assert ended == [], "nobody looked on the other thread"
    wait_until(lambda: len(ended) == 20, what="the look")
    assert set(ended) == {threading.get_ident()}


def test_nothing_is_looked_for_while_nothing_is_due(
    garbage: Garbage, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[int] = []
    monkeypatch.setattr(gc, "collect", lambda generation=2: looked.append(generation) or 0)
    monkeypatch.setattr(gc, "get_count", lambda: (3, 0, 0))
    garbage.look()
    assert looked == []
    for counts, generation in (((9_000, 1, 1), 0), ((9_000, 11, 1), 1), ((9_000, 11, 11), 2)):
        monkeypatch.setattr(gc, "get_count", lambda counts=counts: counts)
        garbage.look()
        assert looked.pop() == generation


def test_everything_is_looked_through_when_nobody_acts_or_after_a_minute(
    themed: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes 80 ms of the window beside a large list."""
    idle = [0.2]
    looked: list[int] = []
    monkeypatch.setattr(gc, "collect", lambda generation=2: looked.append(generation) or 0)
    monkeypatch.setattr(gc, "get_count", lambda: (9_000, 11, 11))
    made = Garbage(lambda: idle[0])
    try:
        for _ in range(5):
            made.look()
        assert looked == [1] * 5
        idle[0] = 1.5
        made.look()
        assert looked.pop() == 2
        idle[0] = 0.0
        looked.clear()
        for _ in range(241):
            made.look()
        assert looked == [1] * 240 + [2]
    finally:
        made.deleteLater()
        gc.enable()
