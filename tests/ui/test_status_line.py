"""The status line: connection in one word, ages, progress and outbox in words, Practice clearly."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QDateTime, QLocale
from PySide6.QtWidgets import QApplication

from reviewdesk.domain.models import AccountState
from reviewdesk.services.events import SyncPhase, SyncStatus
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.status import StatusLine, ago
from tests.support.fake_core import FakeCore


@pytest.fixture
def status(themed: QApplication, core: FakeCore, qtbot) -> Iterator[StatusLine]:  # type: ignore[no-untyped-def]
    bridge = Bridge(core)  # type: ignore[arg-type]
    made = StatusLine(bridge)
    qtbot.addWidget(made)
    made.resize(1440, 28)
    made.show()
    qtbot.waitUntil(lambda: "Synced" in made.words())
    yield made
    bridge.close()


def test_calm_facts(status: StatusLine) -> None:
    assert status.words() == "Online, Synced 2 min ago, Practice"
    assert "Practice" in status.accessibleName()


def test_progress_in_words_and_figures(status: StatusLine, core: FakeCore, qtbot) -> None:  # type: ignore[no-untyped-def]
    core.sync.say(SyncStatus(5, SyncPhase.RUNNING, "newest", 1320, 9000))
    qtbot.waitUntil(lambda: "Harbour RO 1,320 of about 9,000" in status.words())
    core.sync.say(SyncStatus(1, SyncPhase.RUNNING, "newest", 10, None))
    qtbot.waitUntil(lambda: "2 accounts load, 1330 reviews so far" in status.words().replace("1,330", "1330"))
    for account in (1, 5):
        core.sync.say(SyncStatus(account, SyncPhase.IDLE))
    qtbot.waitUntil(lambda: "load" not in status.words() and "of about" not in status.words())


def test_a_used_up_limit_says_when_it_goes_on(status: StatusLine, core: FakeCore, qtbot) -> None:  # type: ignore[no-untyped-def]
    at = core.clock.now() + 1800
    time = QLocale().toString(QDateTime.fromSecsSinceEpoch(int(at)).time(), QLocale.FormatType.ShortFormat)
    core.sync.say(SyncStatus(3, SyncPhase.RUNNING, "used up", 950, 5000, continues_at=at))
    qtbot.waitUntil(lambda: f"950 of about 5,000, continues at {time}" in status.words())
    core.sync.say(SyncStatus(1, SyncPhase.RUNNING, "newest", 10, None))
    qtbot.waitUntil(lambda: f"harbour.example continues at {time}" in status.words())
    for account in (1, 3):
        core.sync.say(SyncStatus(account, SyncPhase.IDLE))
    qtbot.waitUntil(lambda: "continues" not in status.words())
    core.sync.say(SyncStatus(3, SyncPhase.BLOCKED, "asked for fewer calls", continues_at=at))
    qtbot.waitUntil(lambda: f"harbour.example continues at {time}" in status.words())


def test_one_unreachable_source_is_not_offline(status: StatusLine, core: FakeCore, qtbot) -> None:  # type: ignore[no-untyped-def]
    core.sync.say(SyncStatus(3, SyncPhase.OFFLINE))
    core.sync.say(SyncStatus(1, SyncPhase.IDLE))
    qtbot.waitUntil(lambda: "harbour.example cannot be reached" in status.words())
    assert status.words().startswith("Online")


def test_offline_when_nothing_that_is_in_use_can_be_reached(
    status: StatusLine, core: FakeCore, qtbot
) -> None:  # type: ignore[no-untyped-def]
    core.accounts.all = [a if a.id < 3 else replace(a, state=AccountState.PAUSED) for a in core.accounts.all]
    status.refresh()
    for account in (1, 2):
        core.sync.say(SyncStatus(account, SyncPhase.OFFLINE))
    qtbot.waitUntil(status.is_offline)
    assert status.words().startswith("Offline, Everything here is cached, last synced ")


def test_the_outbox_is_counted_and_is_a_door(status: StatusLine, core: FakeCore, qtbot) -> None:  # type: ignore[no-untyped-def]
    core.fill_outbox()
    qtbot.waitUntil(lambda: re.search(r"4 waiting, 1 scheduled, next \w+ [\d:]+, 1 failed", status.words()))
    with qtbot.waitSignal(status.outbox_pressed):
        status._outbox.click()


def test_a_hint_takes_the_place_and_gives_it_back(status: StatusLine) -> None:
    status.set_hint("I  Go to Inbox")
    assert status.hint() == "I  Go to Inbox" and not status._online.isVisible()
    status.set_hint("")
    assert status.words() == "Online, Synced 2 min ago, Practice"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "just now"),
        (59, "just now"),
        (60, "1 min ago"),
        (3599, "59 min ago"),
        (7300, "2 h ago"),
        (200000, "2 d ago"),
    ],
)
def test_ages(seconds: float, words: str) -> None:
    assert ago(seconds) == words
