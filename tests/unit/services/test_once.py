"""What is made at its first use is made by one thread."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from reviewdesk.services.once import once


class _Desk:
    def __init__(self) -> None:
        self.made: list[object] = []
        self.begun = threading.Event()

    @once
    def outbox(self) -> object:
        """The one there is."""
        # Long enough for the others to ask meanwhile.
        self.begun.wait(0.2)
        self.made.append(object())
        return self.made[-1]

    @once
    def replies(self) -> tuple[str, object]:
        return "needs", self.outbox


def test_eight_threads_get_one_object() -> None:
    desk = _Desk()
    together = threading.Barrier(8)

    def ask(at: int) -> object:
        together.wait(5)
        return desk.outbox if at % 2 else desk.replies[1]

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(ask, range(8)))
    assert len(desk.made) == 1 and set(map(id, found)) == {id(desk.made[0])}


def test_the_class_shows_what_it_is() -> None:
    assert _Desk.outbox.__doc__ == "The one there is."
    assert isinstance(_Desk.outbox, once)
