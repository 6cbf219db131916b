"""The keychain: real gnome-keyring where it can be started, keyring back ends of our own for the faults."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keyring.backend import KeyringBackend
from keyring.errors import InitError, KeyringLocked, PasswordDeleteError

from reviewdesk.domain.errors import KeychainLocked, KeychainMissing
from reviewdesk.secrets.keychain import CHUNK_CHARS, Keychain
from tests.support.keychain import needs_keychain, run_with_keychain

ROOT = Path(__file__).resolve().parents[3]


class _Shelf(KeyringBackend):
    """A keychain in memory with Windows' limit; can die before its n-th write."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[tuple[str, str], str] = {}
        self.writes_left = -1

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if len(password.encode("utf-16-le")) > 2560:
            raise OSError(1783, "The stub received bad data")
        if self.writes_left == 0:
            raise OSError("the keychain service died")
        self.writes_left -= 1
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.entries.pop((service, username), None) is None:
            raise PasswordDeleteError("not there")


@pytest.fixture
def shelf() -> Iterator[_Shelf]:
    before = keyring.get_keyring()
    backend = _Shelf()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)


def test_what_is_put_is_got_and_forgotten(shelf: _Shelf) -> None:
    heard: list[tuple[str, str]] = []
    chain = Keychain("p1", lambda value, label: heard.append((value, label)))
    chain.put(3, "password", "grün geheim")
    assert Keychain("p1").get(3, "password") == "grün geheim"
    assert Keychain("p2").get(3, "password") is None
    assert heard == [("grün geheim", "account 3/password")]
    chain.delete_account(3, ["password", "never_there"])
    assert chain.get(3, "password") is None
    assert shelf.entries == {}


@pytest.mark.parametrize("length", [CHUNK_CHARS, CHUNK_CHARS + 1, 4000, 20_000])
def test_long_values_fit_windows_and_leave_nothing_behind(shelf: _Shelf, length: int) -> None:
    value = ("𝒜é漢 " * length)[:length]
    chain = Keychain("p")
    chain.put(1, "private_key", value)
    assert chain.get(1, "private_key") == value
    chain.put(1, "private_key", "short")
    assert chain.get(1, "private_key") == "short"
    assert len(shelf.entries) == 1
    chain.put(1, "private_key", value)
    chain.delete(1, "private_key")
    assert shelf.entries == {}


@given(
    died_after=st.integers(0, 8), old=st.sampled_from(["", "old", "o" * 1500]), length=st.integers(1, 3000)
)
@settings(max_examples=60, deadline=None)
def test_a_crash_while_writing_leaves_old_or_new(died_after: int, old: str, length: int) -> None:
    backend = _Shelf()
    before = keyring.get_keyring()
    keyring.set_keyring(backend)
    try:
        chain = Keychain("p")
        if old:
            chain.put(1, "k", old)
        new = "n" * length
        backend.writes_left = died_after
        try:
            chain.put(1, "k", new)
        except KeychainMissing:
            pass
        backend.writes_left = -1
        assert Keychain("p").get(1, "k") in ((old or None), new)
    finally:
        keyring.set_keyring(before)


class _Forgetful(_Shelf):
    def set_password(self, service: str, username: str, password: str) -> None:
        """Says yes and keeps nothing."""


class _Locked(_Shelf):
    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked("Failed to unlock the collection!")


class _Unasked(_Shelf):
    def get_password(self, service: str, username: str) -> str | None:
        raise InitError("Failed to create the collection: Prompt dismissed..")


@pytest.mark.parametrize(
    ("backend", "error"),
    [(_Forgetful, KeychainMissing), (_Locked, KeychainLocked), (_Unasked, KeychainLocked)],
)
def test_each_failure_has_its_sentence(shelf: _Shelf, backend: type[_Shelf], error: type[Exception]) -> None:
    keyring.set_keyring(backend())
    with pytest.raises(error) as caught:
        Keychain("p").put(1, "k", "value")
    assert caught.value.remedy  # type: ignore[attr-defined]
    assert "value" not in str(caught.value)


@pytest.mark.parametrize("name", ["keyring.backends.null.Keyring", "keyring.backends.fail.Keyring"])
def test_back_ends_that_keep_nothing_are_refused(name: str) -> None:
    code = (
        "from reviewdesk.secrets.keychain import Keychain\n"
        "from reviewdesk.domain.errors import KeychainMissing\n"
        "try: Keychain('p').put(1, 'k', 'v')\n"
        "except KeychainMissing as error: print(error.message)"
    )
    environment = dict(os.environ, PYTHON_KEYRING_BACKEND=name, PYTHONPATH=str(ROOT))
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "There is no keychain on this machine."


@needs_keychain
def test_a_real_keychain_keeps_and_forgets(tmp_path: Path) -> None:
    code = (
        "from reviewdesk.secrets.keychain import Keychain\n"
        "long = 'schlüssel ' * 900\n"
        "Keychain('p').put(2, 'password', 'päss'); Keychain('p').put(2, 'private_key', long)\n"
        "again = Keychain('p')\n"
        "print(again.get(2, 'password'), again.get(2, 'private_key') == long, again.probe())\n"
        "again.delete_account(2, ['password', 'private_key'])\n"
        "print(again.get(2, 'password'), again.get(2, 'private_key'))\n"
    )
    done = run_with_keychain(tmp_path, code)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["päss True keyring.backends.SecretService.Keyring", "None None"]


@needs_keychain
def test_a_locked_keychain_says_so_at_once(tmp_path: Path) -> None:
    code = (
        "from reviewdesk.secrets.keychain import Keychain\n"
        "from reviewdesk.domain.errors import KeychainLocked\n"
        "try: Keychain('p').put(2, 'password', 'x')\n"
        "except KeychainLocked as error: print(type(error).__name__, error.remedy)\n"
    )
    done = run_with_keychain(tmp_path, code, unlocked=False)
    assert done.stdout.startswith("KeychainLocked Unlock"), done.stdout + done.stderr
