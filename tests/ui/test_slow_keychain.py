"""A keychain that hangs: the window goes on, everything cached is readable, and after a while a bar says what to do."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from PySide6.QtCore import QElapsedTimer, QTimer
from PySide6.QtWidgets import QApplication

from reviewdesk.domain.errors import KeychainLocked
from reviewdesk.secrets.keychain import Keychain
from reviewdesk.secrets.session import SessionSecrets
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.main_window import MainWindow
from tests.support.core import open_scripted

PATIENCE_S = 3.0
FREEZE_MS = 1500
"""Less than the keychain's patience: a window that waited for it would be seen, a loaded machine is not."""


class Hanging(KeyringBackend):
    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[tuple[str, str], str] = {}
        self.free = threading.Event()
        self.free.set()
        self.waiting = threading.Event()

    def _wait(self) -> None:
        if not self.free.is_set():
            self.waiting.set()
            self.free.wait(60)

    def get_password(self, service: str, username: str) -> str | None:
        self._wait()
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._wait()
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._wait()
        self.entries.pop((service, username), None)


@pytest.fixture
def chain() -> Iterator[Hanging]:
    before, made = keyring.get_keyring(), Hanging()
    keyring.set_keyring(made)
    yield made
    made.free.set()
    keyring.set_keyring(before)


def _answers(secrets: SessionSecrets) -> bool:
    try:
        secrets.probe()
    except KeychainLocked:
        return False
    return True


def test_the_window_never_waits_for_it(tmp_path: Path, themed: QApplication, chain: Hanging, qtbot) -> None:  # type: ignore[no-untyped-def]
    secrets = SessionSecrets(Keychain("test", patience_s=PATIENCE_S))
    with open_scripted(tmp_path, secrets=secrets) as desk:
        chain.free.clear()
        desk.core.accounts.set_colour(
            desk.account, 2
        )  # the provider is opened anew, and asks for its secrets
        bridge = Bridge(desk.core)
        window = MainWindow(desk.core, bridge)
        qtbot.addWidget(window)
        gaps, watch = [0], QElapsedTimer()
        ticker = QTimer()
        ticker.setInterval(20)
        watch.start()
        ticker.timeout.connect(lambda: gaps.append(watch.restart()))
        try:
            window.show()
            qtbot.waitUntil(lambda: window.inbox.total() == 3, timeout=20_000)
            watch.restart()
            ticker.start()
            window.sync()
            # Not by waiting here: that would hold the very thread that is watched.
            qtbot.waitUntil(chain.waiting.is_set, timeout=20_000)
            ids = list(desk.core.inbox.ids(desk.core.inbox.parse("")))
            window.reading.show_review(ids[0])
            qtbot.waitUntil(lambda: window.reading.detail() is not None, timeout=10_000)
            qtbot.waitUntil(lambda: "does not answer" in window.bar.message(), timeout=20_000)
            ticker.stop()
            assert max(gaps) < FREEZE_MS, f"the window stood still for {max(gaps)} ms"
            assert window.bar._buttons[0].text() == "Unlock and retry"
            assert window.inbox.total() == 3, "everything stays readable"
            chain.free.set()
            # What hung must be through first: until then everybody hears that the keychain does not answer.
            qtbot.waitUntil(partial(_answers, secrets))
            window.bar._buttons[0].click()

            def well() -> bool:
                account = desk.core.accounts.get(desk.account.id)
                return account is not None and account.state.value == "ok"

            qtbot.waitUntil(well, timeout=20_000)
        finally:
            ticker.stop()
            window.close()
            bridge.close()
