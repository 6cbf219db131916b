"""The real window as a process of its own, with a heart that beats every 5 ms: the longest pause is what is asked for.

    python -m tests.faults.window PROFILE ACCOUNTS.json    # the window on a practice profile
    python -m tests.faults.window PROFILE -                # on a profile with the scripted provider
    python -m tests.faults.window PROFILE ACCOUNTS.json relay    # between them a relay that strikes when it is told
    python -m tests.faults.window                          # the yardstick: no window, but 20 ms of work at a stretch

One JSON command per line on standard input, one JSON answer per line on standard output.
"""

from __future__ import annotations

import faulthandler
import json
import os
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter, thread_time
from typing import Any

from tests.faults.killer import ROOT

__all__ = ["WORK_MS", "Heart", "WindowProcess"]

BEAT_MS = 5
WORK_MS = 20.0
"""What the yardstick works at a stretch, in time of the processor: how long that takes tells how shared the machine is."""
_WORK_EVERY = 20
_KEY_MS = 10
_LONG_MS = 80.0
_LOOK_S = 0.02


class WindowProcess:
    """What a test holds of it."""

    def __init__(
        self, profile: Path | None = None, accounts: Path | None = None, *, relay: bool = False
    ) -> None:
        words = [] if profile is None else [str(profile), str(accounts) if accounts is not None else "-"]
        words += ["relay"] if relay else []
        environment = {k: v for k, v in os.environ.items() if k not in ("REVIEWDESK_PROFILE", "DISPLAY")}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.window", *words],
            cwd=ROOT,
            env={**environment, "QT_QPA_PLATFORM": "offscreen"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._line() == "ready"

    def _line(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"the window ended: {self._process.wait(30)}"
        return json.loads(line)

    def ask(self, do: str, **more: Any) -> Any:
        """Do it on the GUI thread; the answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": do, **more}) + "\n")
        self._process.stdin.flush()
        return self._line()

    def close(self) -> None:
        """End it in order."""
        if self._process.poll() is None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def __enter__(self) -> WindowProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Heart:
    """Counts the pauses between two beats of a timer on this thread, in milliseconds."""

    def __init__(self, *, works: bool = False) -> None:
        from PySide6.QtCore import Qt, QTimer

        self._works = works
        self._thread = threading.get_ident()
        self.where: list[str] = []
        """What the thread was at in its long pauses."""
        if not works:
            threading.Thread(target=self._watch, name="watch", daemon=True).start()
        self.pauses: list[float] = []
        self._last = perf_counter()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start(BEAT_MS)

    def _beat(self) -> None:
        now = perf_counter()
        self.pauses.append((now - self._last) * 1_000)
        self._last = now
        if self._works and len(self.pauses) % _WORK_EVERY == 0:
            begun = thread_time()
            while (thread_time() - begun) * 1_000 < WORK_MS:
                pass

    def _watch(self) -> None:
        """Look at the thread once in each long pause."""
        pause, seen = threading.Event(), 0.0
        while not pause.wait(_LOOK_S):
            last = self._last
            if last == seen or (perf_counter() - last) * 1_000 < _LONG_MS:
                continue
            seen = last
            frame = sys._current_frames().get(self._thread)
            lines = traceback.extract_stack(frame)[-9:] if frame is not None else []
            self.where.append(" > ".join(f"{Path(f.filename).stem}:{f.lineno} {f.name}" for f in lines))

    def told(self) -> dict[str, Any]:
        """Longest pause and its 99th percentile since the last time, and what was done in the long ones; counting
        begins anew."""
        where, self.where = self.where[:20], []
        pauses, self.pauses = sorted(self.pauses), []
        self._last = perf_counter()
        if not pauses:
            return {"longest": 0.0, "p99": 0.0, "beats": 0, "where": where}
        return {
            "longest": pauses[-1],
            "p99": pauses[int(len(pauses) * 0.99)],
            "beats": len(pauses),
            "where": where,
        }


def _core(profile: Path, accounts: str) -> tuple[Any, Any]:
    """The program, and the world and clock of the scripted provider (None: practice servers)."""
    from reviewdesk.domain.clock import SystemClock
    from reviewdesk.secrets.memory import MemorySecrets
    from reviewdesk.services.core import Core
    from reviewdesk.services.profile import Profile
    from tests.faults.window_acts import JumpingClock
    from tests.support.scripted import World, scripted

    secrets = MemorySecrets()
    if accounts == "-":
        world, clock = World(), JumpingClock()
        for number in range(1, 41):
            world.add_review(number)
        core = Core.open(
            Profile.open(profile, practice=False),
            clock=clock,
            secrets=secrets,
            providers=scripted(world),
        )
        for account in core.accounts.list():
            secrets.put(account.id, "token", "token-value-1234")
        return core, (world, clock)
    core = Core.open(
        Profile.open(profile, practice=True), clock=SystemClock(), secrets=secrets, practice=True
    )
    offered = {a["name"]: a for a in json.loads(Path(accounts).read_text("utf-8"))}
    for account in core.accounts.list():
        for key, value in offered[account.name]["secrets"].items():
            secrets.put(account.id, key, value)
    return core, None


def main() -> None:
    faulthandler.enable()  # where it was, should Qt end it
    from PySide6.QtCore import QCoreApplication, QSocketNotifier, QThread, QTimer
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    heart: Heart
    acts: dict[str, Callable[[dict[str, Any]], Any]] = {
        "pauses": lambda _: heart.told(),
        "beats": lambda _: len(heart.pauses),
    }
    with ExitStack() as stack:
        application: QCoreApplication
        if len(sys.argv) == 1:
            application = QCoreApplication(["reviewdesk"])
        else:
            from reviewdesk.domain.models import Target
            from reviewdesk.ui import summons
            from reviewdesk.ui.bridge import Bridge
            from reviewdesk.ui.main_window import MainWindow
            from tests.faults import window_acts

            application = QApplication(["reviewdesk"])
            core, made_up = _core(Path(sys.argv[1]), sys.argv[2])
            stack.callback(core.stop)
            if len(sys.argv) > 3:
                acts |= window_acts.behind_relay(stack, core, Path(sys.argv[1]))
            if made_up is not None:
                acts |= window_acts.model(core, *made_up)
            bridge = Bridge(core)
            stack.callback(bridge.close)
            window = MainWindow(core, bridge)
            window.resize(1280, 720)
            window.show()
            core.start()
            server = summons.Summons(core.profile.id, window)
            stack.callback(server.close)
            composer = window.composer
            keys: list[str] = []

            def press() -> None:
                if keys:
                    QTest.keyClicks(composer.editor, keys.pop(0))

            # One key at a time, as fingers do: the thread is free between two of them.
            fingers = QTimer(window)
            fingers.timeout.connect(press)
            fingers.start(_KEY_MS)
            acts |= window_acts.outgoing(core, window)
            acts |= {
                "show": lambda asked: window.show_view(asked["view"]),
                "ids": lambda _: list(core.inbox.ids(core.inbox.parse(""))),
                "rows": lambda _: window.inbox.model.rowCount(),
                "open": lambda asked: composer.open(asked["review"], Target.PUBLIC),
                "type": lambda asked: keys.extend(asked["text"]),
                "typing": lambda _: len(keys),
                "said": lambda _: composer.foot.saved.text(),
                "text": lambda _: composer.text(),
                "block": lambda asked: QThread.msleep(asked["ms"]),
                "minimise": lambda _: window.showMinimized(),
                "profile": lambda _: core.profile.id,
                "in front": lambda _: not window.isMinimized() and window.isActiveWindow(),
            }
        heart = Heart(works=len(sys.argv) == 1)

        def hear(*_: object) -> None:
            data = os.read(0, 65536)
            if not data:
                application.quit()
            for line in data.decode().splitlines():
                asked = json.loads(line)
                print(json.dumps(acts[asked["do"]](asked)), flush=True)

        notifier = QSocketNotifier(0, QSocketNotifier.Type.Read)
        notifier.activated.connect(hear)
        print(json.dumps("ready"), flush=True)
        application.exec()
        if len(sys.argv) > 1:
            composer.finish()
            window.close()


if __name__ == "__main__":
    main()
