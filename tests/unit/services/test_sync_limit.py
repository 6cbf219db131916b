"""A used-up limit is said with the moment when it goes on, while the run waits."""

from __future__ import annotations

import threading
from pathlib import Path

from reviewdesk import practice
from reviewdesk.domain.clock import SystemClock
from reviewdesk.secrets.memory import MemorySecrets
from reviewdesk.services.core import Core
from reviewdesk.services.events import SyncStatus
from reviewdesk.services.sync_job import LIMIT_WORDS
from tests.support.core import make_profile, wait_until


def test_the_status_says_when_it_continues(tmp_path: Path) -> None:
    with practice.start(providers=("sitejabber",)) as shop:
        core = Core.open(
            make_profile(tmp_path, practice=True), clock=SystemClock(), secrets=MemorySecrets(), practice=True
        )
        heard: list[SyncStatus] = []
        said = threading.Event()

        def hear(status: SyncStatus) -> None:
            heard.append(status)
            if status.message == LIMIT_WORDS:
                said.set()

        core.bus.subscribe(SyncStatus, hear)
        try:
            made = shop.accounts[0]
            account = core.accounts.add(
                "sitejabber", "Shop", {**made.settings, "rate_limit": "4/600"}, made.secrets, test=False
            )
            (report,) = core.sync.sync_now([account.id])
            assert said.wait(20), heard
            status = next(s for s in heard if s.message == LIMIT_WORDS)
            assert status.continues_at is not None and 500 < status.continues_at - core.clock.now() <= 601
            core.sync.cancel(account.id)
            wait_until(report.done, 5)
            moments = {s.continues_at for s in heard if s.message == LIMIT_WORDS}
            assert len(moments) <= 2, "one moment, said once"
        finally:
            core.stop()
