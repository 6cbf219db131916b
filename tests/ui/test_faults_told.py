"""Every fault is told once, in the activity panel and beside what it concerns: its cause, its time and what mends it.
No box ever stands in the way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget

from reviewdesk.domain.errors import (
    BadAnswer,
    HostKeyError,
    NetworkError,
    PermissionDenied,
    RateLimited,
    SecretError,
    ServerError,
    SignInError,
    StoreFull,
    TlsError,
)
from reviewdesk.secrets.memory import MemorySecrets
from reviewdesk.services.events import Notice, NoticeLevel
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.main_window import MainWindow
from reviewdesk.ui.picker import Choice
from tests.support.core import Desk, open_scripted
from tests.support.scripted import World


class _Boxes(QObject):
    """Counts every window that would stop the others."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.Show
            and isinstance(watched, QWidget)
            and watched.isWindow()
            and watched.isModal()
        ):
            self.seen.append(type(watched).__name__)
        return False


class _Locked(MemorySecrets):
    """A keychain that can be locked."""

    locked = False
    asked = 0

    def get(self, account_id: int, key: str) -> str | None:
        self.asked += 1
        if self.locked:
            raise SecretError("The keychain is locked.", remedy="Unlock it.")
        return super().get(account_id, key)


FAULTS = {
    "network cut": NetworkError("The host does not answer.", remedy="Look at the network."),
    "tls": TlsError("The certificate is for another host.", remedy="Look at the address."),
    "429": RateLimited("Too many requests: 429.", remedy="It goes on by itself.", retry_after_s=60),
    "401": SignInError("The token is not accepted: 401.", remedy="Sign in again."),
    "403": PermissionDenied("This account may not read reviews: 403.", remedy="Ask the owner."),
    "503": ServerError("The server answered 503.", remedy="It is tried again."),
    "bad JSON": BadAnswer("The answer is not JSON.", remedy="It is tried again."),
    "host key": HostKeyError("The key of the host is another one.", remedy="Ask the provider for its key."),
    "disk full": StoreFull("The disk is full.", remedy="Make room."),
    "keychain": None,
}  # fmt: skip
DOES = {
    "network cut": "Try again",
    "tls": "Account health",
    "429": "Account health",
    "401": "Sign in again",
    "403": "Account health",
    "503": "Try again",
    "bad JSON": "Try again",
    "host key": "Sign in again",
    "disk full": "Try again",
    "keychain": "Unlock and retry",
}
"""The first button of each; Enter in the panel does it too."""


def told(window: MainWindow) -> list[Notice]:
    return [n for n in window.activity.entries() if n.level is not NoticeLevel.INFO]


def choice_of(window: MainWindow, notice: Notice) -> Choice:
    window.activity.open()
    found = next(c for c in window.picker.choices() if c.title == notice.message)
    window.picker.dismiss()
    return found


def pages(window: MainWindow) -> list[QWidget]:
    names = ("Wizard", "AccountPage", "SettingsWindow")
    return [w for w in window.findChildren(QWidget) if type(w).__name__ in names and w.isVisible()]


def heal(desk: Desk, secrets: _Locked, until: Callable[[Callable[[], bool]], None]) -> None:
    """What went wrong is over: one run that goes well, the present one or another."""
    desk.world.before_page.clear()
    secrets.locked = False
    for _ in range(2):
        reports = desk.core.sync.sync_now([desk.account.id])
        until(lambda reports=reports: all(report.done() for report in reports))
    until(lambda: _well(desk))


def _well(desk: Desk) -> bool:
    account = desk.core.accounts.get(desk.account.id)
    return account is not None and account.last_error is None and desk.core.outages.get(account.id) is None


def test_every_fault_has_one_entry_with_cause_time_and_a_remedy_that_works(
    themed: QApplication,
    qtbot,  # type: ignore[no-untyped-def]
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A passing fault is tried again for seconds before it is told; here it is told at once.
    monkeypatch.setattr("reviewdesk.services.sync.PATIENCE_S", 0.0)
    boxes, secrets, world = _Boxes(), _Locked(), World()
    for number in range(1, 4):
        world.add_review(number)
    themed.installEventFilter(boxes)
    with open_scripted(tmp_path, world=world, secrets=secrets) as desk:
        bridge = Bridge(desk.core)
        window = MainWindow(desk.core, bridge)
        qtbot.addWidget(window)
        try:
            window.resize(1280, 800)
            window.show()
            qtbot.waitUntil(lambda: window.inbox.total() == 3)
            for name, fault in FAULTS.items():
                before = told(window)
                started = desk.core.clock.now()
                secrets.locked = name == "keychain"
                if fault is not None:
                    world.before_page.extend([fault] * 9)  # also for those that are tried more than once
                desk.core.sync.sync_now([desk.account.id])
                cause = "The keychain is locked." if fault is None else fault.message
                qtbot.waitUntil(lambda cause=cause: any(cause in n.message for n in told(window)))
                qtbot.waitUntil(lambda: window.bar.isVisible())
                new = [n for n in told(window) if n not in before]
                assert len(new) == 1, (name, new)
                assert started - 1 <= new[0].at <= desk.core.clock.now(), name
                same_moment = [n for n in window.activity.entries() if n.at >= new[0].at and n is not new[0]]
                assert same_moment == [], (name, "nothing else is told of it")
                choice = choice_of(window, new[0])
                assert choice.hint == DOES[name], name
                assert choice.more.split("  ")[0], "the time stands there"
                assert next(b.text() for b in window.bar._buttons) == DOES[name]
                calls, asked, open_before = len(world.calls), secrets.asked, len(pages(window))
                world.before_page.clear()
                secrets.locked = False
                choice.run()
                qtbot.waitUntil(
                    lambda calls=calls, asked=asked, before=open_before: (
                        len(world.calls) > calls or secrets.asked > asked or len(pages(window)) > before
                    )
                )
                for page in pages(window):
                    assert not page.isModal()
                    page.close()
                heal(desk, secrets, qtbot.waitUntil)
            assert len(told(window)) == len(FAULTS)
            assert boxes.seen == [] and QApplication.activeModalWidget() is None
        finally:
            themed.removeEventFilter(boxes)
            window.close()
            bridge.close()


@pytest.mark.parametrize("inside", [False, True])
def test_a_fault_of_the_program_itself_leads_to_its_data(
    opened: tuple[MainWindow, Desk], qtbot, inside: bool
) -> None:  # type: ignore[no-untyped-def]
    window, _ = opened

    def fails() -> None:
        raise RuntimeError("a mistake") if inside else StoreFull("The disk is full.", remedy="Make room.")

    window.bridge.run(fails, owner=window)
    qtbot.waitUntil(lambda: len(told(window)) == 1)
    notice = told(window)[0]
    choice = choice_of(window, notice)
    assert (choice.hint, bool(notice.remedy)) == ("Data and privacy", True)
    choice.run()
    qtbot.waitUntil(lambda: bool(pages(window)))
    assert QApplication.activeModalWidget() is None
