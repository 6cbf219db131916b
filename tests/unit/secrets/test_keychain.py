"""The keychain: real gnome-keyring where it can be started, keyring back ends of our own for the faults."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
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


class _Slow(_Shelf):
    """Hangs in ``get`` until somebody answers its question."""

    def __init__(self) -> None:
        super().__init__()
        self.answered = threading.Event()
        self.asked = 0

    def get_password(self, service: str, username: str) -> str | None:
        self.asked += 1
        assert self.answered.wait(60)
        return super().get_password(service, username)


def test_one_that_hangs_counts_as_locked_and_is_asked_once(shelf: _Shelf) -> None:
    slow = _Slow()
    slow.entries["Reviewdesk", "p/1/k"] = "value"
    keyring.set_keyring(slow)
    chain = Keychain("p", patience_s=0.2)
    for work in (
        lambda: chain.get(1, "k"),
        lambda: chain.get(1, "k"),
        lambda: chain.put(1, "other", "x"),
        lambda: chain.delete(1, "k"),
    ):
        with pytest.raises(KeychainLocked, match="does not answer") as caught:
            work()
        assert caught.value.remedy
    assert slow.asked == 1, "nobody queues up behind it"
    slow.answered.set()
    end = threading.Event()
    for _ in range(200):
        try:
            assert chain.get(1, "k") == "value"
            break
        except KeychainLocked:
            end.wait(0.02)
    else:
        pytest.fail("it never came back")
    chain.put(1, "other", "x")
    assert chain.get(1, "other") == "x"


def test_several_threads_wait_for_one_that_hangs_and_none_for_ever(shelf: _Shelf) -> None:
    slow = _Slow()
    keyring.set_keyring(slow)
    chain, errors = Keychain("p", patience_s=0.3), []

    def ask() -> None:
        try:
            chain.get(1, "k")
        except KeychainLocked as error:
            errors.append(error.message)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(errors) == 4 and slow.asked == 1
    slow.answered.set()


def test_a_program_ends_although_its_keychain_hangs(tmp_path: Path) -> None:
    code = (
        "import keyring, time\n"
        "from keyring.backend import KeyringBackend\n"
        "class Hangs(KeyringBackend):\n"
        "    priority = 1\n"
        "    def get_password(self, service, username): time.sleep(600)\n"
        "    def set_password(self, service, username, password): time.sleep(600)\n"
        "keyring.set_keyring(Hangs())\n"
        "from reviewdesk.secrets.keychain import Keychain\n"
        "try: Keychain('p', patience_s=0.1).get(1, 'k')\n"
        "except Exception as error: print(type(error).__name__)\n"
    )
    environment = dict(os.environ, PYTHONPATH=str(ROOT))
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "KeychainLocked", done.stderr


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


@needs_keychain
def test_a_real_keychain_is_locked_unlocked_and_forgets(tmp_path: Path) -> None:
    """One after the other in one session: store, lock, a sentence, unlock, read, delete, gone."""
    code = """
import secretstorage
from jeepney import DBusAddress, new_method_call
from secretstorage.util import format_secret, open_session
from reviewdesk.domain.errors import KeychainLocked
from reviewdesk.secrets.keychain import Keychain

chain = Keychain("p", patience_s=5)
chain.put(4, "password", "first")
bus = secretstorage.dbus_init()
collection = secretstorage.get_default_collection(bus)
collection.lock()
print("locked", collection.is_locked())
try:
    chain.get(4, "password")
    print("no error")
except KeychainLocked as error:
    print(type(error).__name__, bool(error.remedy))
address = DBusAddress(
    "/org/freedesktop/secrets", bus_name="org.freedesktop.secrets",
    interface="org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface",
)
session = open_session(bus)
for password in (b"test-password", b"test-password\\n"):
    secret = format_secret(session, password, "text/plain")
    bus.send_and_get_reply(
        new_method_call(address, "UnlockWithMasterPassword", "o(oayays)", (collection.collection_path, secret))
    )
print("unlocked", not secretstorage.get_default_collection(bus).is_locked(), Keychain("p").get(4, "password"))
Keychain("p").delete_account(4, ["password"])
print(Keychain("p").get(4, "password"))
left = [i.get_label() for i in secretstorage.get_default_collection(bus).get_all_items() if "p/4" in str(i.get_attributes())]
print(left)
"""
    done = run_with_keychain(tmp_path, code)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "locked True",
        "KeychainLocked True",
        "unlocked True first",
        "None",
        "[]",
    ], done.stdout + done.stderr
