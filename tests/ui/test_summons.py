"""A second start asks the open window to come forward and to show a review; nothing else gets through."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

from reviewdesk.ui import languages
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.main_window import MainWindow
from reviewdesk.ui.summons import Addresses, Summons, ask, show_at_start, show_review
from tests.support.core import Desk
from tests.support.program import ROOT

Open = Callable[[], tuple[MainWindow, Desk]]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the tests speak to a Unix socket")


class Caller(threading.Thread):
    """Another process's side, on a thread and without Qt: Qt's waiting holds all of Python's threads."""

    def __init__(self, place: str, words: bytes) -> None:
        super().__init__()
        self._place, self._words = place, words
        self.answer: bytes | None = None
        self.start()

    def run(self) -> None:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(10)
            line.connect(self._place)
            try:
                line.sendall(self._words)
                self.answer = line.recv(64)
            except OSError:
                self.answer = b""


@pytest.fixture
def listening(open_desk: Open) -> Iterator[tuple[MainWindow, Summons, list[int]]]:
    window, desk = open_desk()
    ids = [row.id for row in desk.core.inbox.page(desk.core.inbox.parse(""))]
    summons = Summons(f"test-{uuid.uuid4().hex}", window)
    yield window, summons, ids
    summons.close()


def answer(summons: Summons, words: bytes, qtbot) -> bytes:  # type: ignore[no-untyped-def]
    caller = Caller(summons.place(), words)
    qtbot.waitUntil(lambda: caller.answer is not None, timeout=15_000)
    assert caller.answer is not None
    return caller.answer


def test_it_comes_forward(listening: tuple[MainWindow, Summons, list[int]], qtbot) -> None:  # type: ignore[no-untyped-def]
    window, summons, _ = listening
    window.showMinimized()
    assert answer(summons, b"raise\n", qtbot) == b"here\n"
    qtbot.waitUntil(lambda: not window.isMinimized())


def test_it_shows_the_review(listening: tuple[MainWindow, Summons, list[int]], qtbot) -> None:  # type: ignore[no-untyped-def]
    window, summons, ids = listening
    for wanted in (ids[3], ids[-1]):
        assert answer(summons, f"review {wanted}\n".encode("ascii"), qtbot) == b"here\n"
        qtbot.waitUntil(lambda wanted=wanted: window.reading.current_id() == wanted)


def test_a_start_from_outside_reaches_the_window(
    listening: tuple[MainWindow, Summons, list[int]], qtbot
) -> None:  # type: ignore[no-untyped-def]
    window, summons, ids = listening
    profile = Path(summons.place()).name.removeprefix("reviewdesk-")
    code = (
        "from PySide6.QtCore import QCoreApplication; a = QCoreApplication([]);"
        f"from reviewdesk.ui.summons import ask; raise SystemExit(0 if ask({profile!r}, {ids[1]}) else 1)"
    )
    caller = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    qtbot.waitUntil(lambda: caller.poll() is not None, timeout=60_000)
    assert caller.returncode == 0
    qtbot.waitUntil(lambda: window.reading.current_id() == ids[1])


def test_a_review_that_is_not_there_is_said(listening: tuple[MainWindow, Summons, list[int]], qtbot) -> None:  # type: ignore[no-untyped-def]
    window, summons, ids = listening
    before = window.reading.current_id()
    said: list[str] = []
    window.say = said.append  # type: ignore[method-assign, assignment]
    assert answer(summons, f"review {max(ids) + 1}\n".encode("ascii"), qtbot) == b"here\n"
    qtbot.waitUntil(lambda: bool(said))
    assert "no review of that address" in said[0]
    assert window.reading.current_id() == before


@pytest.mark.parametrize(
    "words",
    [b"review 1; raise\n", b"review -1\n", b"review " + b"9" * 30 + b"\n", b"delete 1\n", b"\xff\xfe\n"],
)
def test_other_words_only_raise(
    listening: tuple[MainWindow, Summons, list[int]], qtbot, words: bytes
) -> None:  # type: ignore[no-untyped-def]
    window, summons, _ = listening
    before = window.reading.current_id()
    assert answer(summons, words, qtbot) == b"here\n"
    assert answer(summons, b"raise\n", qtbot) == b"here\n"
    assert window.reading.current_id() == before


def test_a_talker_without_an_end_is_cut_off(listening: tuple[MainWindow, Summons, list[int]], qtbot) -> None:  # type: ignore[no-untyped-def]
    _, summons, _ = listening
    assert answer(summons, b"x" * 4096, qtbot) == b""


def test_nobody_answers_where_no_window_is() -> None:
    assert ask(f"test-{uuid.uuid4().hex}") is False


def test_a_window_that_opens_at_a_review(open_desk: Open, themed: QApplication, qtbot) -> None:  # type: ignore[no-untyped-def]
    _, desk = open_desk()
    wanted = desk.core.inbox.page(desk.core.inbox.parse(""))[4].id
    bridge = Bridge(desk.core)
    window = MainWindow(desk.core, bridge)
    qtbot.addWidget(window)
    show_at_start(window, wanted)
    window.show()
    try:
        qtbot.waitUntil(lambda: window.inbox.current_id() == wanted and window.reading.current_id() == wanted)
        # It stays: nothing that comes up later takes its place.
        qtbot.wait(300)
        assert (window.inbox.current_id(), window.reading.current_id()) == (wanted, wanted)
    finally:
        window.close()
        bridge.close()


def test_an_address_that_the_system_brings(listening: tuple[MainWindow, Summons, list[int]], qtbot) -> None:  # type: ignore[no-untyped-def]
    window, _, ids = listening
    addresses = Addresses(window, lambda review: show_review(window, review))
    assert addresses.eventFilter(window, QFileOpenEvent(QUrl(f"reviewdesk://review/{ids[2]}")))
    qtbot.waitUntil(lambda: window.reading.current_id() == ids[2])
    assert addresses.eventFilter(window, QFileOpenEvent(QUrl("reviewdesk://reply/1")))
    assert window.reading.current_id() == ids[2]


def test_one_review_is_one_review(qapp) -> None:  # type: ignore[no-untyped-def]
    from PySide6.QtCore import QCoreApplication

    (translator,) = languages.install(qapp)
    try:
        said = [QCoreApplication.translate("steps", "%n reviews done", "", count) for count in (0, 1, 2)]
    finally:
        qapp.removeTranslator(translator)
    assert said == ["0 reviews done", "1 review done", "2 reviews done"]
