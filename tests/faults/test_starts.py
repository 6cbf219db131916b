"""Many starts at once on one profile: one window, the others ask it to come forward and end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from reviewdesk.services.locks import FileLock
from tests.faults.killer import ROOT
from tests.support.core import make_profile, wait_until

STARTS = 20


@pytest.mark.skipif(sys.platform == "win32", reason="ends the window with SIGTERM")
@pytest.mark.timeout(300)
def test_one_of_twenty_starts_has_the_window(tmp_path: Path) -> None:
    folder = tmp_path / "p"
    profile = make_profile(folder)
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "HOME": str(tmp_path)}
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "reviewdesk", "--profile", str(folder)],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(STARTS)
    ]
    try:
        wait_until(lambda: sum(p.poll() is None for p in started) == 1, 200)
        owner = next(p for p in started if p.poll() is None)
        others = [p for p in started if p is not owner]
        said = [p.communicate()[1] for p in others]
        assert {p.returncode for p in others} == {0}, said
        assert not FileLock(profile.locks / "window.lock").take()
        # A killed owner leaves nothing that needs a hand.
        owner.send_signal(signal.SIGKILL)
        owner.communicate()
        free = FileLock(profile.locks / "window.lock")
        assert free.take()
        free.drop()
    finally:
        for process in started:
            if process.poll() is None:
                process.kill()
                process.wait()
            if process.stderr is not None:
                process.stderr.close()
