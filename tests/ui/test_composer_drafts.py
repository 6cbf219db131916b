"""Drafts: what is typed is stored in time, said to be saved only when it is, and never mixed or lost."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent, QInputMethodEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QMenu, QVBoxLayout, QWidget

from reviewdesk.domain.errors import StoreError, StoreFull
from reviewdesk.domain.models import Target
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.composer import Composer
from tests.support.core import open_scripted
from tests.support.fake_core import FakeCore
from tests.support.screens import settle, wait_until
from tests.support.stores import run_child


class Saves:
    """Every save that was asked for; with ``hold`` its commit comes when the test says so."""

    def __init__(self, core: FakeCore) -> None:
        self.calls: list[tuple[int, Target, str]] = []
        self.times: list[float] = []
        self.hold = False
        self.error: Exception | None = None
        self.waiting: list[tuple[Future[Any], Any]] = []
        self._before = core.replies.save_draft
        core.replies.save_draft = self._save  # type: ignore[method-assign]

    def _save(self, review: int, target: Target, text: str, subject: str = "") -> Future[Any]:
        self.calls.append((review, target, text))
        self.times.append(time.monotonic())
        if self.error is not None:
            failed: Future[Any] = Future()
            failed.set_exception(self.error)
            return failed
        if self.hold:
            future: Future[Any] = Future()
            self.waiting.append((future, lambda: self._before(review, target, text, subject)))
            return future
        return self._before(review, target, text, subject)

    def release(self) -> None:
        self.hold = False
        waiting, self.waiting = self.waiting, []
        for future, commit in waiting:
            commit()
            future.set_result(None)


@pytest.fixture
def bridge(themed: QApplication, core: FakeCore) -> Iterator[Bridge]:
    made = Bridge(core)  # type: ignore[arg-type]
    yield made
    made.close()


@pytest.fixture
def saves(core: FakeCore) -> Saves:
    return Saves(core)


@pytest.fixture
def composer(core: FakeCore, bridge: Bridge, saves: Saves) -> Iterator[Composer]:
    window = QWidget()
    window.resize(792, 600)
    made = Composer(core, bridge, window)  # type: ignore[arg-type]
    QVBoxLayout(window).addWidget(made)
    window.show()
    settle()
    yield made
    window.close()
    window.deleteLater()
    settle()


def write(composer: Composer, text: str) -> None:
    event = QInputMethodEvent()
    event.setCommitString(text)
    QApplication.sendEvent(composer.editor, event)


def stored(core: FakeCore, review: int, target: Target = Target.PUBLIC) -> str | None:
    draft = core.replies.draft(review, target)
    return draft.text if draft is not None else None


# --- in time ---------------------------------------------------------------------------------------


def test_saved_a_moment_after_the_last_key(composer: Composer, core: FakeCore, saves: Saves) -> None:
    review = core.review_of("Pierre L.")
    composer.open(review)
    write(composer, "B")
    write(composer, "onjour")
    typed = time.monotonic()
    assert saves.calls == []
    wait_until(lambda: bool(saves.calls), 2)
    assert 0.25 <= saves.times[0] - typed < 0.8
    assert saves.calls == [(review, Target.PUBLIC, "Bonjour")]
    wait_until(lambda: composer.foot.saved.text() == "Saved")


def test_saved_at_least_every_second_while_typing(composer: Composer, core: FakeCore, saves: Saves) -> None:
    composer.open(core.review_of("Pierre L."))
    started = time.monotonic()
    while time.monotonic() - started < 1.5:
        write(composer, "x")
        settle(1)
        time.sleep(0.02)
    assert saves.times and saves.times[0] - started < 1.3


@pytest.mark.parametrize("way", ["blur", "close", "switch", "quit"])
def test_saved_at_once_when_the_text_is_left(
    composer: Composer, core: FakeCore, saves: Saves, way: str
) -> None:
    review = core.review_of("Pierre L.")
    composer.open(review)
    write(composer, "Bonjour")
    if way == "blur":
        QApplication.sendEvent(composer.editor, QFocusEvent(QFocusEvent.Type.FocusOut))
    elif way == "close":
        composer.close()
    elif way == "switch":
        composer.open(core.review_of("Lucía Fernández"))
    else:
        assert composer.finish()
    assert saves.calls == [(review, Target.PUBLIC, "Bonjour")]
    assert stored(core, review) == "Bonjour"


# --- said only when true ---------------------------------------------------------------------------


def test_saved_is_said_only_after_the_commit(composer: Composer, core: FakeCore, saves: Saves) -> None:
    said: list[tuple[object, object]] = []
    composer.saved.connect(lambda *key: said.append(key))
    saves.hold = True
    composer.open(core.review_of("Pierre L."))
    write(composer, "Bonjour")
    composer.drafts.flush()
    settle(10)
    assert composer.foot.saved.text() == "" and said == []
    write(composer, " Pierre")
    saves.release()
    settle(10)
    assert composer.foot.saved.text() == "" and said == []  # the newest letters are not committed yet
    composer.drafts.flush()
    wait_until(lambda: composer.foot.saved.text() == "Saved")
    assert len(said) == 1
    core.clock.advance(12)  # type: ignore[attr-defined]
    composer.saying.say()
    assert composer.foot.saved.text() == "Saved 10 s ago"
    write(composer, "!")
    assert composer.foot.saved.text() == ""


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (StoreFull("The disk is full."), "Not saved: disk full"),
        (StoreError("The database is locked."), "Not saved: The database is locked."),
        (RuntimeError("x"), "Not saved"),
    ],
)
def test_a_failure_is_said_the_text_stays_and_it_recovers(
    composer: Composer, core: FakeCore, saves: Saves, error: Exception, words: str
) -> None:
    saves.error = error
    review = core.review_of("Pierre L.")
    composer.open(review)
    write(composer, "Bonjour")
    composer.drafts.flush()
    wait_until(lambda: composer.foot.saved.text() == words)
    assert composer.foot.saved.role() == "fail"
    assert composer.text() == "Bonjour"
    composer.open(core.review_of("Lucía Fernández"))
    composer.open(review)
    assert composer.text() == "Bonjour"  # from here, for the store does not have it
    saves.error = None
    wait_until(lambda: stored(core, review) == "Bonjour", 4)
    wait_until(lambda: composer.foot.saved.text().startswith("Saved"))


# --- never lost, never mixed -----------------------------------------------------------------------


def test_an_emptied_text_never_replaces_the_draft(composer: Composer, core: FakeCore, saves: Saves) -> None:
    review = core.review_of("Pierre L.")
    composer.open(review)
    write(composer, "Bonjour Pierre")
    composer.drafts.flush()
    settle()
    composer.set_text("")
    composer.drafts.flush()
    composer.close()
    settle(10)
    assert saves.calls == [(review, Target.PUBLIC, "Bonjour Pierre")]
    composer.open(review)
    assert composer.text() == "Bonjour Pierre"


def test_what_waits_is_not_stored_after_emptying(composer: Composer, core: FakeCore, saves: Saves) -> None:
    composer.open(core.review_of("Pierre L."))
    write(composer, "Bonjour")
    composer.set_text("")
    assert composer.foot.saved.text() == "The last text is kept"
    composer.drafts.flush()
    assert [text for _, _, text in saves.calls if not text.strip()] == []


def test_fast_switching_loses_and_mixes_nothing(composer: Composer, core: FakeCore, saves: Saves) -> None:
    chance = random.Random(7)
    keys = [(r, t) for r in list(core.inbox.rows_by_id)[:5] for t in (Target.PUBLIC, Target.PRIVATE)]
    expected: dict[tuple[int, Target], str] = {}
    saves.hold = True
    for step in range(300):
        key = chance.choice(keys)
        if not composer.open(*key):
            continue
        assert composer.text() == expected.get(key, ""), step
        if chance.random() < 0.8:
            word = f"{key[0] % 97}{key[1].value[:2]}{step} "
            write(composer, word)
            expected[key] = expected.get(key, "") + word
        if chance.random() < 0.2:
            settle(1)
        if chance.random() < 0.1:
            composer.close()
        if chance.random() < 0.1:
            saves.release()
            settle(2)
            saves.hold = chance.random() < 0.5
    saves.release()
    assert composer.finish()
    assert len(expected) >= 5
    for key, text in expected.items():
        assert stored(core, *key) == text


def test_several_drafts_are_open_at_once(composer: Composer, core: FakeCore) -> None:
    review = core.review_of("Claudia Bremer")
    composer.open(review, Target.PUBLIC)
    write(composer, "public words")
    composer.open(review, Target.PRIVATE)
    assert composer.text() == ""
    write(composer, "private words")
    composer.open(review, Target.PUBLIC)
    assert composer.text() == "public words"
    composer.drafts.flush()
    settle()
    assert stored(core, review, Target.PRIVATE) == "private words"


def test_no_late_save_brings_a_published_draft_back(composer: Composer, core: FakeCore, saves: Saves) -> None:
    order: list[str] = []
    publish = core.replies.publish

    def published(*args: Any, **values: Any) -> Future[Any]:
        order.append("publish")
        return publish(*args, **values)

    core.replies.publish = published  # type: ignore[method-assign]
    saves.hold = True
    review = core.review_of("Pierre L.")
    composer.open(review)
    write(composer, "Bonjour")
    composer.drafts.flush()
    write(composer, " Pierre")
    event = QKeyEvent(QKeyEvent.Type.KeyPress, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier, "\r")
    QApplication.sendEvent(composer.editor, event)
    settle(5)
    assert order == []  # both saves are still on their way
    write(composer, "late")
    saves.release()
    wait_until(lambda: not composer.is_open())
    composer.drafts.flush()
    settle(10)
    assert order == ["publish"]
    assert [text for _, _, text in saves.calls] == ["Bonjour", "Bonjour Pierre"]
    assert stored(core, review) is None


def test_discarding_can_be_undone(composer: Composer, core: FakeCore) -> None:
    review = core.review_of("Pierre L.")
    composer.open(review)
    write(composer, "Bonjour")
    composer.foot.discard.click()
    wait_until(lambda: stored(core, review) is None)
    assert composer.text() == "" and composer.is_open()
    assert composer.bar.message() == "Draft discarded"
    settle(10)
    composer.bar._buttons[0].click()
    assert composer.text() == "Bonjour"
    composer.drafts.flush()
    wait_until(lambda: stored(core, review) == "Bonjour")


def test_discarding_while_a_save_is_under_way_discards(
    composer: Composer, core: FakeCore, saves: Saves
) -> None:
    review = core.review_of("Pierre L.")
    composer.open(review)
    saves.hold = True
    write(composer, "Bonjour")
    composer.drafts.flush()
    composer.foot.discard.click()
    saves.release()
    wait_until(lambda: stored(core, review) is None)
    settle(10)
    assert stored(core, review) is None


@dataclass
class _Version:
    id: int
    at: float
    text: str
    subject: str = ""


def test_earlier_versions_come_back_and_that_can_be_undone(
    core: FakeCore, bridge: Bridge, themed: QApplication
) -> None:
    versions = [_Version(2, core.clock.now() - 60, "a longer text & more"), _Version(1, 0, "first")]
    core.replies.draft_versions = lambda _review, _target: versions  # type: ignore[attr-defined]
    window = QWidget()
    composer = Composer(core, bridge, window)  # type: ignore[arg-type]
    QVBoxLayout(window).addWidget(composer)
    window.show()
    composer.open(core.review_of("Pierre L."))
    write(composer, "present")
    composer.inserting.on_versions(versions)
    menu = next(m for m in composer.findChildren(QMenu) if m.isVisible())
    assert "a longer text && more" in menu.actions()[0].text()
    menu.actions()[0].trigger()
    assert composer.text() == "a longer text & more"
    composer.editor.undo()
    assert composer.text() == "present"
    menu.close()
    window.close()
    window.deleteLater()
    settle()


# --- killed ----------------------------------------------------------------------------------------

_TYPIST = """
import os, sys, time
os.environ["QT_QPA_PLATFORM"] = "offscreen"
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.composer import Composer
from tests.support.core import open_scripted
from tests.support.screens import dressed

app = QApplication(["typist"])
dressed(app)
with open_scripted(Path(sys.argv[1])) as desk:
    bridge = Bridge(desk.core)
    window = QWidget()
    composer = Composer(desk.core, bridge, window)
    QVBoxLayout(window).addWidget(composer)
    window.show()
    composer.open(desk.ids()[0])
    start = len(composer.text())
    print("begin", start, flush=True)
    count = 0

    def type_one():
        global count
        event = QInputMethodEvent()
        event.setCommitString(chr(97 + (start + count) % 26))
        QApplication.sendEvent(composer.editor, event)
        count += 1
        print("typed", start + count, time.monotonic(), flush=True)

    composer.saved.connect(lambda *_: print("saved", len(composer.text()), flush=True))
    timer = QTimer()
    timer.setInterval(20)
    timer.timeout.connect(type_one)
    timer.start()
    app.exec()
"""
_LATE_S = 1.0
_BUSY_S = 0.7
"""For a machine that has other things to do; the promise itself is one second."""


def test_a_kill_while_typing_loses_at_most_the_last_second(tmp_path: Path) -> None:
    chance = random.Random()
    child = run_child(_TYPIST, str(tmp_path))
    assert child.stdout is not None
    wait_s = 2.3 + chance.random() * 0.8
    lines: list[list[str]] = []
    begun = None
    for line in child.stdout:
        lines.append(line.split())
        if lines[-1][0] == "typed":
            begun = begun or float(lines[-1][2])
            if float(lines[-1][2]) - begun > wait_s:
                break
    killed = time.monotonic()
    child.send_signal(signal.SIGKILL)
    rest, _ = child.communicate()
    lines += [line.split() for line in rest.splitlines()]
    typed = [(int(n), float(at)) for kind, n, *at_ in lines if kind == "typed" for at in at_]
    due = max((n for n, at in typed if at < killed - _LATE_S - _BUSY_S), default=0)
    said = max((int(n) for kind, n, *_ in lines if kind == "saved"), default=0)
    with open_scripted(tmp_path, sync=False) as desk:
        draft = desk.core.replies.draft(desk.ids()[0], Target.PUBLIC)
    text = draft.text if draft is not None else ""
    assert text == "".join(chr(97 + n % 26) for n in range(len(text)))
    assert len(text) >= due
    assert len(text) >= said
    assert due > 0
