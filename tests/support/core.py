"""A real core on a folder of the test: real database, real workers; the provider and the clock are the test's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reviewdesk.domain.clock import Clock, SystemClock
from reviewdesk.domain.errors import NetworkError
from reviewdesk.domain.models import Account, OutboxItem, Target
from reviewdesk.secrets.base import SecretStore
from reviewdesk.secrets.memory import MemorySecrets
from reviewdesk.services.core import Core
from reviewdesk.services.profile import Profile
from reviewdesk.services.workers import Door
from tests.support.scripted import World, scripted

if TYPE_CHECKING:
    from reviewdesk.practice import PracticeShop

__all__ = ["Desk", "open_practice", "open_scripted", "wait_until"]

TOKEN = "token-value-1234"


def wait_until(condition: Callable[[], Any], timeout_s: float = 10.0) -> Any:
    """The condition's value as soon as it is true. Raises AssertionError when it does not become so."""
    import threading

    clock, pause = SystemClock(), threading.Event()
    end = clock.monotonic() + timeout_s
    while not (value := condition()):
        assert clock.monotonic() < end, "this did not happen in time"
        pause.wait(0.005)
    return value


class Desk:
    """A core with one scripted account, and short words for what tests do with it."""

    def __init__(self, core: Core, world: World, account: Account) -> None:
        self.core = core
        self.world = world
        self.account = account

    def ids(self) -> list[int]:
        """All reviews, newest first."""
        return list(self.core.inbox.ids(self.core.inbox.parse("")))

    def review(self, native_id: str) -> int:
        """Our id of a review of the provider."""
        for row in self.core.inbox.rows(self.ids()).values():
            if row.native_id == native_id:
                return row.id
        raise KeyError(native_id)

    def sync(self) -> None:
        reports = self.core.sync.run(None, False)
        assert all(report.ok for report in reports), reports

    def reply(self, native_id: str, text: str, **more: Any) -> OutboxItem:
        """Queue a public reply."""
        return self.core.replies.publish(self.review(native_id), Target.PUBLIC, text, **more).result(5)

    def item(self, item_id: int) -> OutboxItem:
        item = self.core.outbox.item(item_id)
        assert item is not None
        return item

    def door(self) -> Door:
        """A door of the test's own thread, to take single steps with."""

        def open_provider(account_id: int, cancel: Any, meanwhile: Any) -> Any:
            account = self.core.accounts.get(account_id)
            assert account is not None
            return account, self.core.accounts.open_provider(account, cancel, meanwhile)

        return Door(self.account.id, open_provider, self.core.clock, lambda: None)

    def step(self, item: OutboxItem) -> OutboxItem:
        """One attempt or one look on this thread, if the item is due."""
        self.core.process.appear()
        door = self.door()
        try:
            self.core.outbox.sender.work(item.id, door)
        finally:
            door.close()
        return self.item(item.id)

    def die(self) -> None:
        """What the operating system does when the process is killed: its locks go, nothing else happens."""
        self.core.process._lock.drop()
        self.core.workers.stop(1.0)
        self.core.store.close()


def make_profile(folder: Path, *, practice: bool = False) -> Profile:
    return Profile.open(folder, practice=practice)


@contextmanager
def open_scripted(
    folder: Path,
    *,
    world: World | None = None,
    clock: Clock | None = None,
    secrets: SecretStore | None = None,
    reads_back: bool = True,
    settings: Mapping[str, str] | None = None,
    sync: bool = True,
) -> Iterator[Desk]:
    """A desk on ``folder``; on a folder that was used before it goes on with the account that is there."""
    if world is None:
        world = World()
        for number in range(1, 4):
            world.add_review(number)
    core = Core.open(
        make_profile(folder),
        clock=clock or SystemClock(),
        secrets=secrets or MemorySecrets(),
        providers=scripted(world, reads_back=reads_back),
    )
    try:
        known = core.accounts.list()
        account = (
            known[0]
            if known
            else core.accounts.add("scripted", "Shop", {"shop": "one", **(settings or {})}, {"token": TOKEN})
        )
        desk = Desk(core, world, account)
        if sync and not known:
            desk.sync()
        yield desk
    finally:
        core.stop()


@contextmanager
def open_practice(folder: Path, **shop_options: Any) -> Iterator[tuple[Core, PracticeShop]]:
    """A core whose accounts live at practice servers of this process."""
    from reviewdesk import practice

    shop = practice.start(**shop_options)
    core = Core.open(
        make_profile(folder, practice=True), clock=SystemClock(), secrets=MemorySecrets(), practice=True
    )
    try:
        for wanted in shop.accounts:
            core.accounts.add(wanted.provider, wanted.name, wanted.settings, wanted.secrets, test=False)
        yield core, shop
    finally:
        core.stop()
        shop.close()


def offline() -> NetworkError:
    return NetworkError("The host does not answer.")
