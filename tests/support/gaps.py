"""How long the window does not answer, and whether anything left it: watched from inside the test's own process."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QObject, QTimer, QUrl, Slot
from PySide6.QtGui import QDesktopServices

__all__ = ["Gaps", "Handed", "Trap", "handed", "trap"]


class Gaps:
    """The most work the GUI thread did between two ticks of a 5 ms timer, in milliseconds of its processor time.

    Processor time, because other programs on the machine must not decide about our freezes.
    """

    def __init__(self) -> None:
        self._timer = QTimer()
        self._timer.setInterval(5)
        self._timer.timeout.connect(self._tick)
        self.longest = 0.0
        self._last = time.thread_time()
        self._timer.start()

    def _tick(self) -> None:
        now = time.thread_time()
        self.longest = max(self.longest, 1000 * (now - self._last))
        self._last = now

    def stop(self) -> float:
        self._tick()
        self._timer.stop()
        return self.longest


class Trap:
    """A port of this machine that somebody would have to connect to; whatever asks for its address is counted."""

    def __init__(self) -> None:
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen(50)
        self._socket.setblocking(False)
        self.address = f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def visits(self) -> int:
        """How many connections came since this was asked last."""
        found = 0
        while True:
            try:
                visitor, _ = self._socket.accept()
            except BlockingIOError:
                return found
            visitor.close()
            found += 1

    def close(self) -> None:
        self._socket.close()


@contextmanager
def trap() -> Iterator[Trap]:
    """A trap that was shown to work: one connection is made and seen before it is handed out."""
    made = Trap()
    try:
        host, port = made.address.removeprefix("http://").split(":")
        socket.create_connection((host, int(port)), timeout=5).close()
        seen = 0
        for _ in range(500):
            seen += made.visits()
            if seen:
                break
            time.sleep(0.01)
        assert seen == 1
        yield made
    finally:
        made.close()


class Handed(QObject):
    """In the place of the programs of this machine: every address that is handed to the system, of any scheme."""

    def __init__(self) -> None:
        super().__init__()
        self.urls: list[str] = []

    @Slot(QUrl)
    def take(self, url: QUrl) -> None:
        self.urls.append(url.toString())


@contextmanager
def handed(*schemes: str) -> Iterator[Handed]:
    """Take over what Qt would open outside for these schemes; shown to work before it is handed out."""
    made = Handed()
    for scheme in schemes:
        # The stubs ask for bytes, which the call itself refuses (PySide6 6.11).
        QDesktopServices.setUrlHandler(scheme, made, "take")  # type: ignore[arg-type]
    try:
        for scheme in schemes:
            QDesktopServices.openUrl(QUrl(f"{scheme}:probe"))
        assert len(made.urls) == len(schemes), made.urls
        made.urls.clear()
        yield made
    finally:
        for scheme in schemes:
            QDesktopServices.unsetUrlHandler(scheme)
