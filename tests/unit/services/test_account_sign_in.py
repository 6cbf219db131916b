"""Secrets for one session only, signing in again, and the sign-in in the browser, as the services do them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from reviewdesk import practice
from reviewdesk.domain.clock import SystemClock
from reviewdesk.domain.errors import InvalidInput, KeychainLocked, KeychainMissing, SecretError
from reviewdesk.domain.models import AccountState
from reviewdesk.secrets.memory import MemorySecrets
from reviewdesk.secrets.session import SessionSecrets
from reviewdesk.services.core import Core
from tests.support.core import make_profile, open_scripted


@contextmanager
def closing(core: Core) -> Iterator[None]:
    try:
        yield
    finally:
        core.stop()


class Locked(MemorySecrets):
    """A keychain that is locked until somebody opens it."""

    session_only = False

    def __init__(self) -> None:
        super().__init__()
        self.error: SecretError | None = KeychainLocked("The keychain is locked.", remedy="Unlock it.")
        self.asked = 0

    def _look(self) -> None:
        self.asked += 1
        if self.error is not None:
            raise self.error

    def get(self, account_id: int, key: str) -> str | None:
        self._look()
        return super().get(account_id, key)

    def put(self, account_id: int, key: str, value: str) -> None:
        self._look()
        super().put(account_id, key, value)


def test_without_a_keychain_an_account_can_be_kept_for_the_session(tmp_path: Path) -> None:
    keychain = Locked()
    keychain.error = None
    with open_scripted(tmp_path, secrets=SessionSecrets(keychain)) as desk:
        accounts = desk.core.accounts
        keychain.error = KeychainMissing("There is no keychain.")
        with pytest.raises(KeychainMissing):
            accounts.add("scripted", "Second", {"shop": "two"}, {"token": "abc-token"})
        assert [a.name for a in accounts.list()] == ["Shop"], "nothing is stored when the keychain refuses"
        made = accounts.add("scripted", "Second", {"shop": "two"}, {"token": "abc-token"}, session_only=True)
        assert accounts.is_session_only(made) and not accounts.is_session_only(desk.account)
        keychain.asked = 0
        report = desk.core.sync.run([made], False)[0]
        assert report.ok and keychain.asked == 0, "a session-only account never asks the keychain"
        accounts.remove(made)
        assert not accounts.is_session_only(made)


def test_a_session_only_account_wants_its_credentials_after_a_restart(tmp_path: Path) -> None:
    keychain = MemorySecrets()
    with open_scripted(tmp_path, secrets=SessionSecrets(keychain)) as desk:
        desk.core.accounts.add(
            "scripted", "Second", {"shop": "two"}, {"token": "abc-token"}, session_only=True
        )
    with open_scripted(tmp_path, secrets=SessionSecrets(keychain)) as desk:
        account = desk.core.accounts.by_name("Second")
        assert dict(desk.core.accounts.stored_secrets(account, {}).values()) == {}


def test_a_locked_keychain_stops_one_account_until_it_is_unlocked(tmp_path: Path) -> None:
    keychain = Locked()
    keychain.error = None
    with open_scripted(tmp_path, secrets=SessionSecrets(keychain)) as desk:
        keychain.error = KeychainLocked("The keychain is locked.", remedy="Unlock it.")
        desk.core.accounts.set_colour(desk.account, 3)
        report = desk.core.sync.run(None, False)[0]
        assert report.error is not None and report.error.kind == "keychain"
        account = desk.core.accounts.get(desk.account.id)
        assert account is not None and account.state is AccountState.SIGN_IN_NEEDED
        assert desk.ids(), "what is stored stays readable"
        with pytest.raises(KeychainLocked):
            desk.core.accounts.unlock(account)
        keychain.error = None
        desk.core.accounts.unlock(account)
        assert desk.core.sync.run(None, False)[0].ok


def test_signing_in_again_replaces_what_was_typed_and_drops_the_old_tokens(tmp_path: Path) -> None:
    with open_scripted(tmp_path) as desk:
        accounts, account = desk.core.accounts, desk.account
        assert desk.core.secrets.get(account.id, "session") == "kept-session-value"
        unchanged = accounts.stored_secrets(account, {})
        assert set(unchanged.values()) == {"token", "session"}
        box = accounts.stored_secrets(account, {"token": "new-token"})
        assert box.values() == {"token": "new-token"}, "tokens of the old credentials are void"
        stages = list(accounts.check("scripted", {"shop": "one"}, box))
        assert all(s.ok for s in stages)
        assert desk.core.secrets.get(account.id, "token") != "new-token", "a test stores nothing"
        accounts.sign_in_again(account, {"shop": "one"}, box)
        assert desk.core.secrets.get(account.id, "token") == "new-token"
        after = accounts.get(account.id)
        assert after is not None and after.secret_keys == {"token"}


def test_the_authorization_code_comes_back_by_hand(tmp_path: Path) -> None:
    core = Core.open(make_profile(tmp_path), clock=SystemClock(), secrets=MemorySecrets())
    with practice.start() as shop, closing(core):
        made = shop.accounts[0]
        settings = {
            **made.settings,
            "grant": "authorization_code",
            "redirect_uri": shop.trustpilot.redirect_uri,
        }
        assert core.accounts.wants_browser("trustpilot", settings)
        assert not core.accounts.wants_browser("trustpilot", made.settings)
        box = core.accounts.unsaved(made.secrets)
        address = core.accounts.sign_in_address("trustpilot", settings, box)
        assert "response_type=code" in address and made.secrets["api_secret"] not in address
        with pytest.raises(InvalidInput):
            core.accounts.finish_sign_in(
                "trustpilot", settings, box, shop.trustpilot.redirect_uri + "?nothing=here"
            )
        with pytest.raises(InvalidInput):
            core.accounts.finish_sign_in("trustpilot", settings, box, "https://elsewhere.example/?code=1")
        back = _browse(address)
        core.accounts.finish_sign_in("trustpilot", settings, box, back)
        stages = list(core.accounts.check("trustpilot", settings, box))
        assert [s.stage for s in stages if s.ok][-1] == "read", stages
        account = core.accounts.add("trustpilot", "By browser", settings, box, test=False)
        assert account.secret_keys == set(made.secrets)
        assert core.sync.run([account], False)[0].ok
        after = core.accounts.get(account.id)
        assert after is not None and after.token_expires is not None
        with pytest.raises(InvalidInput):
            core.accounts.sign_in_address("sitejabber", shop.accounts[2].settings, core.accounts.unsaved({}))


def _browse(address: str) -> str:
    """What a browser does: open the page, follow to where it redirects, give back that address."""
    from http.client import HTTPConnection
    from urllib.parse import urlsplit

    parts = urlsplit(address)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    try:
        connection.request("GET", f"{parts.path}?{parts.query}")
        answer = connection.getresponse()
        answer.read()
        return answer.headers["location"]
    finally:
        connection.close()
