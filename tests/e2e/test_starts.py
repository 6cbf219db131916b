"""Starting the window: one per profile, raised by the second start; stale locks and signals need no hand."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from reviewdesk.domain.clock import SystemClock
from reviewdesk.services.locks import FileLock
from tests.support.core import wait_until
from tests.support.program import CommandLine

pytestmark = [
    pytest.mark.timeout(240),
    pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals"),
]
OFFSCREEN = {"QT_QPA_PLATFORM": "offscreen"}


@pytest.fixture
def run(tmp_path: Path) -> Iterator[CommandLine]:
    run = CommandLine(tmp_path)
    started: list[subprocess.Popen[str]] = []
    start = run.start

    def remember(*arguments: str, **environment: str) -> subprocess.Popen[str]:
        started.append(start(*arguments, **environment))
        return started[-1]

    run.start = remember  # type: ignore[method-assign]
    yield run
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()
    run.end()


def open_window(run: CommandLine) -> subprocess.Popen[str]:
    """A window that has the profile in hand; it may still be on its way up."""
    window = run.start("gui", **OFFSCREEN)
    marker = run.profile / "data" / "locks" / "window.lock"
    wait_until(lambda: window.poll() is not None or (marker.exists() and _taken(marker)), 60)
    assert window.poll() is None, window.communicate()
    return window


def _taken(path: Path) -> bool:
    with FileLock(path) as lock:
        return not lock.take()


def test_the_second_start_raises_the_first_and_ends(run: CommandLine) -> None:
    window = open_window(run)
    done = run.alone("gui", **OFFSCREEN)
    assert (done.code, done.err) == (0, "")
    assert window.poll() is None
    run("list").check(0)


def test_many_starts_at_once_have_one_owner(run: CommandLine) -> None:
    starts = [run.start(**OFFSCREEN) for _ in range(5)]
    wait_until(lambda: sum(p.poll() is not None for p in starts) == 4, 120)
    ended = [p for p in starts if p.poll() is not None]
    assert [p.returncode for p in ended] == [0] * 4, [p.communicate() for p in ended]


def test_a_killed_window_leaves_nothing_in_the_way(run: CommandLine) -> None:
    window = open_window(run)
    run.alone("gui", **OFFSCREEN).check(0)  # it is up
    run.killed(window)
    again = open_window(run)
    run.alone("gui", **OFFSCREEN).check(0)
    assert again.poll() is None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_closes_it_in_order_and_soon(run: CommandLine, number: signal.Signals) -> None:
    window = open_window(run)
    run.alone("gui", **OFFSCREEN).check(0)
    clock = SystemClock()
    begun = clock.monotonic()
    window.send_signal(number)
    assert window.wait(30) == 0
    assert clock.monotonic() - begun < 10
    assert not list((run.profile / "data" / "locks").glob("sender-*"))


def test_the_first_paint_is_told(run: CommandLine) -> None:
    done = run.alone("--demo", **OFFSCREEN, REVIEWDESK_MARK_FIRST_PAINT="1")
    assert done.code == 0, done.err
    word, seconds = done.err.split()
    assert word == "first-paint" and 0 < float(seconds) < 90


def test_a_newer_profile_is_a_sentence_and_exit_3(run: CommandLine) -> None:
    run("list").check(0)
    run.end()
    database = next(run.profile.rglob("reviewdesk.db"))
    for suffix in ("-wal", "-shm"):
        database.with_name(database.name + suffix).unlink(missing_ok=True)
    newer = bytearray(database.read_bytes())
    newer[60:64] = (1_000_000).to_bytes(
        4, "big"
    )  # user_version in the file's header (sqlite.org/fileformat2.html)
    database.write_bytes(newer)
    run.alone("gui", **OFFSCREEN).check(3)
    run.alone("list").check(3)
    assert database.read_bytes() == bytes(newer)
