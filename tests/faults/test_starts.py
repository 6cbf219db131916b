"""Many starts at once on one profile: one window, the others ask it to come forward and end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from reviewdesk.services.locks import FileLock
from tests.faults.killer import ROOT
from tests.support.core import make_profile, wait_until

STARTS = 20
_MUTATED = (
    "import sys; from tests.faults.mutants import plant; plant(sys.argv.pop(1).split(','));"
    " from reviewdesk.__main__ import main; sys.exit(main(sys.argv[1:]))"
)
"""The program with a fault put into it."""

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="ends the window with SIGKILL"),
    pytest.mark.timeout(300),
]


class Starts:
    """Processes of one profile, started by a person in a hurry."""

    def __init__(self, folder: Path, mutant: str = "") -> None:
        self._folder = folder / "p"
        self.profile = make_profile(self._folder)
        self._command = ["-m", "reviewdesk"] if not mutant else ["-c", _MUTATED, mutant]
        self._environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "HOME": str(folder)}
        self.all: list[subprocess.Popen[str]] = []

    def begin(self, count: int) -> None:
        """Start so many at once."""
        command = [sys.executable, *self._command, "--profile", str(self._folder)]
        self.all += [
            subprocess.Popen(
                command,
                cwd=ROOT,
                env=self._environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            )
            for _ in range(count)
        ]

    def alive(self) -> list[subprocess.Popen[str]]:
        return [p for p in self.all if p.poll() is None]

    def owners(self) -> int:
        """How many of them work on the profile, by the locks that they hold."""
        held = 0
        for path in self.profile.locks.glob("sender-*.lock"):
            lock = FileLock(path)
            if lock.take():
                lock.drop()
            else:
                held += 1
        return held

    def settled(self) -> bool:
        """Whether each has its window or has ended."""
        return 0 < len(self.alive()) == self.owners()

    def end(self) -> None:
        for process in self.all:
            if process.poll() is None:
                process.kill()
            process.wait()
            assert process.stderr is not None
            process.stderr.close()


@contextmanager
def starts(folder: Path, mutant: str = "") -> Iterator[Starts]:
    made = Starts(folder, mutant)
    try:
        yield made
    finally:
        made.end()


def test_one_of_twenty_starts_has_the_window(tmp_path: Path) -> None:
    with starts(tmp_path) as made:
        made.begin(STARTS)
        wait_until(made.settled, 200)
        (owner,) = made.alive()
        others = [p for p in made.all if p is not owner]
        said = [p.communicate()[1] for p in others]
        assert {p.returncode for p in others} == {0}, said
        assert not FileLock(made.profile.locks / "window.lock").take()
        # A killed owner leaves nothing that needs a hand: the next start has the window.
        owner.send_signal(signal.SIGKILL)
        owner.communicate()
        made.begin(1)
        wait_until(lambda: made.owners() == 1, 100)
        assert made.alive() == made.all[-1:]


def test_two_owners_are_caught(tmp_path: Path) -> None:
    with starts(tmp_path, "two-owners") as made:
        made.begin(3)
        wait_until(lambda: made.owners() > 1, 100)


def test_a_lock_that_outlives_its_owner_is_caught(tmp_path: Path) -> None:
    with starts(tmp_path, "lock-outlives") as made:
        made.begin(1)
        wait_until(lambda: made.owners() == 1, 100)
        made.all[0].send_signal(signal.SIGKILL)
        made.all[0].communicate()
        made.begin(1)
        _, said = made.all[1].communicate(timeout=100)
        assert made.all[1].returncode != 0 and made.owners() == 0, said
