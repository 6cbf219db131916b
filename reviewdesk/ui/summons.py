"""One window per profile: a second start asks the first to come forward, and maybe to show a review.

The words on the local socket are ``raise`` or ``review ID``, one line; the answer is ``here``. Only this user's
processes reach it. On macOS the system itself hands over addresses, as events.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from reviewdesk.domain.errors import InvalidInput
from reviewdesk.domain.links import review_link, review_of

if TYPE_CHECKING:
    # A second start only asks: it must not load the window for that.
    from reviewdesk.ui.main_window import MainWindow

__all__ = ["Addresses", "Summons", "ask", "show_at_start", "show_review"]

_log = logging.getLogger(__name__)
_WAIT_MS = 2000
_LONGEST_LINE = 64


def _server_name(profile_id: str) -> str:
    return f"reviewdesk-{profile_id}"


def ask(profile_id: str, review_id: int = 0) -> bool:
    """Ask the window of this profile to come forward and show a review (0: none); true when it said that it does.

    Blocks for some seconds at worst.
    """
    socket = QLocalSocket()
    socket.connectToServer(_server_name(profile_id))
    if not socket.waitForConnected(_WAIT_MS):
        return False
    socket.write(f"review {review_id}\n".encode("ascii") if review_id else b"raise\n")
    socket.waitForBytesWritten(_WAIT_MS)
    # The answer may have come while the words were leaving; waiting would then wait for more.
    answered = socket.bytesAvailable() > 0 or socket.waitForReadyRead(_WAIT_MS)
    socket.disconnectFromServer()
    return answered


def show_review(window: MainWindow, review_id: int) -> None:
    """Show a review that an address named; a word where this profile does not have it."""
    if not review_id:
        return
    if window.core.inbox.detail(review_id) is None:
        window.say(QCoreApplication.translate("Summons", "This profile has no review of that address"))
    else:
        window.open_review(review_id)


def show_at_start(window: MainWindow, review_id: int) -> None:
    """The same for a window that is just opening: its first view comes a moment later and would take the place."""
    if review_id:
        window.inbox.shown.connect(
            partial(show_review, window, review_id), Qt.ConnectionType.SingleShotConnection
        )


def _come_forward(window: MainWindow) -> None:
    window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.show()
    window.raise_()
    window.activateWindow()


class Summons(QObject):
    """Listens for second starts of this profile until it is closed."""

    def __init__(self, profile_id: str, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        # The profile's lock is ours, so a socket of that name is a dead one's.
        QLocalServer.removeServer(_server_name(profile_id))
        self._server.newConnection.connect(self._asked)
        if not self._server.listen(_server_name(profile_id)):
            _log.warning("a second start can't raise this window: %s", self._server.errorString())

    def place(self) -> str:
        """Where it listens: a socket's path, or a pipe's name on Windows."""
        return self._server.fullServerName()

    def close(self) -> None:
        self._server.close()

    def _asked(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.setReadBufferSize(_LONGEST_LINE)
            socket.readyRead.connect(self._told)
            socket.disconnected.connect(socket.deleteLater)
            if socket.bytesAvailable():
                self._hear(socket)

    def _told(self) -> None:
        socket = self.sender()
        if isinstance(socket, QLocalSocket):
            self._hear(socket)

    def _hear(self, socket: QLocalSocket) -> None:
        if not socket.canReadLine():
            if socket.bytesAvailable() >= _LONGEST_LINE:
                socket.abort()
            return
        word, _, number = bytes(socket.readLine().data()).decode("ascii", "replace").strip().partition(" ")
        # The answer first: whoever asks waits for it, and a review takes a moment.
        socket.write(b"here\n")
        socket.flush()
        _come_forward(self._window)
        if word == "review":
            try:
                show_review(self._window, review_of(review_link(int(number))) if number.isdecimal() else 0)
            except InvalidInput:
                _log.warning("a second start asked for something that is no review")


class Addresses(QObject):
    """Addresses that the system brings as events (macOS). Install it as the application's event filter.

    Only there: such a filter sees every event, in Python.
    """

    def __init__(self, application: QObject, show: Callable[[int], None]) -> None:
        super().__init__(application)
        self._show = show

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QFileOpenEvent):
            return False
        try:
            self._show(review_of(event.url().toString()))
        except InvalidInput as error:
            _log.warning("an address was not opened: %s", error.message)
        return True
