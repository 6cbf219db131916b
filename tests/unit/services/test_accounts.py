"""Accounts: nothing is stored when something is wrong, and nothing is left behind when one goes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reviewdesk.domain.capabilities import Capability
from reviewdesk.domain.errors import InvalidInput, KeychainMissing
from reviewdesk.domain.models import AccountState, OutboxState
from reviewdesk.secrets.memory import MemorySecrets
from reviewdesk.services.accounts import CheckFailed
from reviewdesk.services.core import Core
from tests.support.clock import FakeClock
from tests.support.core import TOKEN, Desk, open_scripted
from tests.support.scripted import World

GOOD = {"shop": "two"}


class Keychain(MemorySecrets):
    """Remembers what is in it, and can be taken away."""

    session_only = False
    missing = False
    after = 0

    def put(self, account_id: int, key: str, value: str) -> None:
        if self.missing:
            if self.after <= 0:
                raise KeychainMissing("There is no keychain on this machine.", remedy="Start one.")
            self.after -= 1
        super().put(account_id, key, value)

    def held(self) -> dict[tuple[int, str], str]:
        return dict(self._values)


@pytest.fixture
def keychain() -> Keychain:
    return Keychain()


@pytest.fixture
def desk(tmp_path: Path, keychain: Keychain) -> Iterator[Desk]:
    with open_scripted(tmp_path, clock=FakeClock(), secrets=keychain) as desk:
        yield desk


def add(core: Core, name: str = "Second", **more: object) -> object:
    values = {"provider": "scripted", "settings": GOOD, "secrets": {"token": "abcd-1234"}, **more}
    return core.accounts.add(
        values.pop("provider"), name, values.pop("settings"), values.pop("secrets"), **values
    )  # type: ignore[arg-type]


def test_add_tests_first_then_stores_settings_here_and_secrets_there(desk: Desk, keychain: Keychain) -> None:
    account = add(desk.core)
    stored = desk.core.accounts.by_name("second")
    assert stored == account
    assert stored.settings == GOOD
    assert stored.secret_keys == {"token"}
    assert stored.state is AccountState.NEVER_SYNCED
    assert keychain.held()[stored.id, "token"] == "abcd-1234"
    assert keychain.held()[stored.id, "session"] == "kept-session-value"
    assert [c for c in desk.world.calls if c.startswith("check")][-4:] == [
        "check address",
        "check connect",
        "check sign-in",
        "check read",
    ]


@pytest.mark.parametrize("stage", ["address", "connect", "sign-in", "read"])
def test_a_failing_stage_stores_nothing(desk: Desk, keychain: Keychain, stage: str) -> None:
    before = keychain.held()
    desk.world.check_fails_at = stage
    with pytest.raises(CheckFailed) as failure:
        add(desk.core)
    assert failure.value.stages[-1].stage == stage and failure.value.remedy == "Try another."
    assert len(desk.core.accounts.list()) == 1
    assert keychain.held() == before


def test_without_test_no_call_is_made(desk: Desk) -> None:
    desk.world.check_fails_at = "address"
    calls = len(desk.world.calls)
    add(desk.core, test=False)
    assert len(desk.world.calls) == calls


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"name": "SHOP"}, "already"),
        ({"name": "  "}, "needs a name"),
        ({"name": "a\nb\x07"}, "printable"),
        ({"provider": "nobody"}, "There are: scripted"),
        ({"settings": {}}, r"Shop \(shop\) is needed"),
        ({"settings": {**GOOD, "token": "x"}}, "secret"),
        ({"settings": {**GOOD, "colour": "x"}}, "no setting 'colour'"),
        ({"settings": {**GOOD, "base_url": "http://shop.example/v1"}}, "https"),
        ({"settings": {**GOOD, "base_url": "https://me:pw@shop.example"}}, "password"),
        ({"settings": {**GOOD, "base_url": "ftp://shop.example"}}, "https"),
        ({"settings": {**GOOD, "mode": "c"}}, "one of a, b"),
        ({"settings": {**GOOD, "mode": "b"}}, r"Extra \(extra\) is needed"),
        ({"settings": {**GOOD, "zone": "Mars/Base"}}, "time zone"),
        ({"settings": {**GOOD, "timeout_seconds": "soon"}}, "number"),
        ({"settings": {**GOOD, "timeout_seconds": "0"}}, "can't be 0"),
        ({"settings": {**GOOD, "settle_seconds": "-1"}}, "can't be -1"),
        ({"settings": {**GOOD, "settle_seconds": "nan"}}, "can't be nan"),
        ({"settings": {**GOOD, "rate_limit": "fast"}}, "CALLS/SECONDS"),
        ({"settings": {**GOOD, "ca_file": "/nowhere/ca.pem"}}, "no file"),
        ({"secrets": {"pass": "x"}}, "no secret 'pass'"),
    ],
)
def test_what_cannot_be_right_is_said_before_anything_is_done(
    desk: Desk, keychain: Keychain, values: dict[str, object], words: str
) -> None:
    before, calls = keychain.held(), len(desk.world.calls)
    with pytest.raises(InvalidInput, match=words):
        add(desk.core, **{"name": "Second", **values})  # type: ignore[arg-type]
    assert (keychain.held(), len(desk.world.calls)) == (before, calls)
    assert len(desk.core.accounts.list()) == 1


@pytest.mark.parametrize("host", ["localhost:8080", "127.0.0.1", "[::1]:99"])
def test_http_is_allowed_to_this_machine(desk: Desk, host: str) -> None:
    add(desk.core, settings={**GOOD, "base_url": f"http://{host}/v1"})


@pytest.mark.parametrize("after", [0, 1])
def test_without_a_keychain_nothing_is_stored(desk: Desk, keychain: Keychain, after: int) -> None:
    before = keychain.held()
    keychain.missing, keychain.after = True, after
    with pytest.raises(KeychainMissing):
        add(desk.core)
    assert [a.name for a in desk.core.accounts.list()] == ["Shop"]
    assert keychain.held() == before


def test_secrets_are_told_to_the_redactor_before_the_first_call(tmp_path: Path) -> None:
    told: list[str] = []
    with open_scripted(tmp_path, sync=False) as desk:
        desk.core.accounts._on_value = lambda value, _: told.append(value)
        desk.world.check_fails_at = "address"
        with pytest.raises(CheckFailed):
            add(desk.core, secrets={"token": "never-logged-9"})
    assert told == ["never-logged-9"]


def test_remove_keeps_the_reviews_and_empties_the_keychain(desk: Desk, keychain: Keychain) -> None:
    desk.core.accounts.remove(desk.core.accounts.by_name("Shop"))
    assert desk.core.accounts.list() == []
    assert keychain.held() == {}
    assert len(desk.ids()) == 3
    available = desk.core.replies.can(desk.ids()[0], Capability.REPLY)
    assert not available.available and available.reason


def test_remove_with_erase_leaves_no_review(desk: Desk, keychain: Keychain) -> None:
    draft_review = desk.review("r1")
    desk.core.replies.save_draft(draft_review, _public(), "Kept").result(5)
    desk.core.accounts.remove(desk.core.accounts.by_name("Shop"), erase=True)
    assert desk.ids() == [] and keychain.held() == {}
    draft = desk.core.replies.draft(draft_review, _public())
    assert draft is not None and draft.text == "Kept"


def _public() -> object:
    from reviewdesk.domain.models import Target

    return Target.PUBLIC


def test_an_account_with_something_on_its_way_stays(desk: Desk, keychain: Keychain) -> None:
    from reviewdesk.domain.errors import Delivery, ServerError

    desk.world.after_send.append(ServerError("cut", delivery=Delivery.UNKNOWN))
    item = desk.step(desk.reply("r1", "Thank you!"))
    assert item.state is OutboxState.VERIFYING
    with pytest.raises(InvalidInput, match="on its way"):
        desk.core.accounts.remove(desk.core.accounts.by_name("Shop"))
    assert keychain.held()[desk.account.id, "token"] == TOKEN


def test_pause_and_resume_come_back_to_the_state_before(desk: Desk) -> None:
    accounts = desk.core.accounts
    accounts.pause(desk.account.id).result(5)
    assert accounts.by_name("Shop").state is AccountState.PAUSED
    accounts.resume(accounts.by_name("Shop")).result(5)
    assert accounts.by_name("Shop").state is AccountState.OK
    accounts.resume(desk.account.id).result(5)
    assert accounts.by_name("Shop").state is AccountState.OK


def test_rename_colour_and_order(desk: Desk) -> None:
    second = add(desk.core)
    accounts = desk.core.accounts
    accounts.rename(accounts.by_name("Shop"), "The shop")
    accounts.rename(accounts.by_name("The shop"), "THE SHOP")
    with pytest.raises(InvalidInput):
        accounts.rename(accounts.by_name("the shop"), "second")
    accounts.set_colour(accounts.by_name("Second"), 6)
    with pytest.raises(InvalidInput):
        accounts.set_colour(accounts.by_name("Second"), 7)
    accounts.reorder([second.id])  # type: ignore[attr-defined]
    first = accounts.list()[0]
    assert (first.name, first.colour) == ("Second", 6)


def test_new_settings_reach_the_provider_at_its_next_use(desk: Desk) -> None:
    account = desk.core.accounts.by_name("Shop")
    desk.core.accounts.set_settings(account, {"shop": "elsewhere"}, {"token": "another-one"})
    desk.sync()
    assert "close" in desk.world.calls
    assert desk.core.accounts.by_name("Shop").settings["shop"] == "elsewhere"


def test_capabilities_depend_on_the_secrets_that_are_there(desk: Desk) -> None:
    desk.core.accounts.add("scripted", "Reader", GOOD, {}, test=False)
    can = desk.core.accounts.capabilities(desk.core.accounts.by_name("Reader"))
    assert can[Capability.READ].available
    assert can[Capability.REPLY].reason == "Reading only."
    assert set(can) == set(Capability)


def test_pace_survives_a_restart(tmp_path: Path) -> None:
    with open_scripted(tmp_path, clock=FakeClock()) as desk:
        memory = desk.core.accounts.context(desk.account, desk.door()).pace_memory
        assert memory is not None
        memory.save([1.0, 2.0])
        desk.core.store.write_now(lambda tx: None)
    with open_scripted(tmp_path, clock=FakeClock(), world=World()) as desk:
        memory = desk.core.accounts.context(desk.account, desk.door()).pace_memory
        assert memory is not None and memory.load() == [1.0, 2.0]
