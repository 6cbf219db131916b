"""Several programs on one account count their calls together: before the practice server's own limits, over kills."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from reviewdesk import practice
from reviewdesk.domain.capabilities import RateLimit
from reviewdesk.domain.clock import SystemClock
from reviewdesk.practice import PracticeShop
from reviewdesk.providers.pacing import Pacer
from reviewdesk.secrets.memory import MemorySecrets
from reviewdesk.services.core import Core
from reviewdesk.services.pace import StoredPace, forget
from reviewdesk.store.database import Priority
from tests.support.clock import FakeClock
from tests.support.contexts import Token
from tests.support.core import make_profile
from tests.support.stores import Shelf, run_child

LIMITS = (RateLimit(10, 10), RateLimit(100, 3600))

PROGRAM = """
import os, sys
from pathlib import Path
os.environ["PYTHON_KEYRING_BACKEND"] = "tests.support.keyring_file.FileKeyring"
os.environ["TEST_KEYRING_FILE"] = sys.argv[2]
from reviewdesk.domain.clock import SystemClock
from reviewdesk.domain.models import ReviewKind, ReviewRef
from reviewdesk.secrets.keychain import Keychain
from reviewdesk.services.accounts import Never
from reviewdesk.services.core import Core
from tests.support.core import make_profile

secrets = Keychain("test")
clock = SystemClock()
core = Core.open(make_profile(Path(sys.argv[1]), practice=True), clock=clock, secrets=secrets, practice=True)
account = core.accounts.list()[0]
provider = core.accounts.open_provider(account, Never(clock))
provider.catalogue.business()
print("ready", flush=True)
sys.stdin.readline()
for number in range(int(sys.argv[3])):
    if sys.argv[4] == "person":
        provider.thread(ReviewRef(1, account.id, ReviewKind.BUSINESS, "4001"))
    else:
        provider.catalogue.business()
print("done", provider.calls, flush=True)
core.stop()
"""


@pytest.fixture
def shop() -> Iterator[PracticeShop]:
    made = practice.start(providers=("sitejabber",))
    yield made
    made.close()


def test_two_programs_and_a_kill_meet_no_limit(tmp_path: Path, shop: PracticeShop) -> None:
    """Nine in one and a half seconds are allowed; three programs, one of them killed, make sixty calls at once."""
    wanted = shop.accounts[0]
    core = Core.open(
        make_profile(tmp_path, practice=True), clock=SystemClock(), secrets=MemorySecrets(), practice=True
    )
    settings = {**wanted.settings, "rate_limit": "9/1.5,1000/3600"}
    core.accounts.add("sitejabber", wanted.name, settings, wanted.secrets, test=False)
    shop.sitejabber.limits.windows[:] = [(9, 1.5), (1000, 3600.0)]
    shop.sitejabber.limits.enforced = True
    keychain = tmp_path / "keychain.json"
    keychain.write_text(json.dumps({f"Reviewdesk test/1/{key}": v for key, v in wanted.secrets.items()}))
    children = []
    for more in (("8", "sync"), ("8", "person"), ("400", "sync")):
        child = run_child(PROGRAM, str(tmp_path), str(keychain), *more)
        children.append(child)
        assert child.stdout is not None and child.stdout.readline() == "ready\n"
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    said = [child.stdout.readline() for child in children[:2] if child.stdout is not None]
    children[2].kill()
    for child in children:
        child.communicate(timeout=30)
    core.stop()
    assert all(line.startswith("done") for line in said), said
    assert shop.sitejabber.limits.refused == 0
    outcomes = {entry.outcome for entry in shop.journal.entries()}
    assert outcomes == {"ok"} and len(shop.journal.entries()) >= 20


class Pair:
    """Two programs on one file; each with a pacer of its own."""

    def __init__(self, folder: Path) -> None:
        self.shelf = Shelf(folder)
        self.clock = FakeClock()
        self.folder = folder
        self.one, self.two = self.open(), self.open()

    def open(self) -> Pacer:
        return Pacer(LIMITS, self.clock, StoredPace(self.shelf.store, 1, self.folder, self.clock))

    def call(self, pacer: Pacer, times: int = 1, *, urgent: bool = False) -> float:
        """How long it waited."""
        started = self.clock.monotonic()
        for _ in range(times):
            pacer.acquire(Token(self.clock), urgent=urgent)
        return self.clock.monotonic() - started


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    made = Pair(tmp_path)
    yield made
    made.shelf.close()


def test_what_one_called_the_other_counts(pair: Pair) -> None:
    assert pair.call(pair.one, 5) == pair.call(pair.two, 4) == 0
    assert pair.one.wait_s() > 9 and pair.two.wait_s() > 9
    assert pair.one.wait_s(urgent=True) == pair.two.wait_s(urgent=True) == 0, "a place is left for a person"
    assert [used for _, used in pair.two.used()] == [9, 9]
    assert pair.call(pair.open(), urgent=True) == 0
    assert pair.call(pair.open(), urgent=True) > 9, "a program that has just been started knows it too"


def test_a_persons_call_elsewhere_goes_first(pair: Pair) -> None:
    pair.call(pair.one, 10, urgent=True)
    memory = StoredPace(pair.shelf.store, 1, pair.folder, pair.clock)
    pair.clock.advance(10.5)
    with memory.exclusive() as book:
        assert book is not None
        book.say_person_waits(7, pair.clock.now())
    assert 0.4 < pair.call(pair.two) < 2, "it stepped back as long as the person's call waited"


def test_the_file_survives_half_an_entry_and_does_not_grow(pair: Pair) -> None:
    pair.call(pair.one, 9)
    file = pair.folder / "pace-1.bin"
    with file.open("ab") as handle:
        handle.write(b"\x00" * 7)
    assert pair.two.wait_s() > 9
    with file.open("ab") as handle:
        handle.write(file.read_bytes()[:17] * 7000)
    pair.clock.advance(90_000)
    assert pair.call(pair.two) == 0
    assert file.stat().st_size < 200
    forget(pair.folder, 1)
    assert not file.exists()


def test_a_file_that_was_lost_is_replaced_by_the_row(pair: Pair) -> None:
    pair.call(pair.one, 9)
    pair.one.save()
    pair.shelf.store.write_now(lambda tx: None, priority=Priority.SYNC)
    (pair.folder / "pace-1.bin").unlink()
    assert pair.open().wait_s() > 9


def test_without_a_folder_each_program_counts_for_itself(pair: Pair) -> None:
    alone = Pacer(LIMITS, pair.clock, StoredPace(pair.shelf.store, 1, pair.folder / "missing", pair.clock))
    assert pair.call(alone, 9) == 0
    assert alone.wait_s() > 9
