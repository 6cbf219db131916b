"""The OS keychain through keyring. The only importer of keyring.

Refused, as if there were no keychain: keyring's ``fail`` and ``null`` back ends, the plain-text ones of
keyrings.alt, and whatever does not give back what was written (cli.md, Providers and accounts).
"""

from __future__ import annotations

import importlib
import logging
import os
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeVar

from reviewdesk.domain.errors import KeychainLocked, KeychainMissing
from reviewdesk.secrets.base import OnValue
from reviewdesk.secrets.patience import Patience

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

__all__ = ["Keychain"]

_log = logging.getLogger(__name__)
_T = TypeVar("_T")

SERVICE = "Reviewdesk"
PATIENCE_S = 20.0
# Windows keeps at most 2,560 bytes of UTF-16 an entry (keyring issue 355); 1,000 characters stay below it on any plane.
CHUNK_CHARS = 600
_MANIFEST = "reviewdesk-chunks:"
_REFUSED_MODULES = ("keyring.backends.fail", "keyring.backends.null")
# In keyrings.alt only these encrypt; everything else there writes passwords where anybody can read them.
_ENCRYPTED_ALT = frozenset({"EncryptedKeyring"})

_MISSING_REMEDY = (
    "Start a keychain service (GNOME Keyring, KWallet or KeePassXC on Linux) and sign in to your desktop, "
    "or keep the credentials for this session only."
)
_LOCKED_REMEDY = "Unlock the keychain and try again."


class Keychain:
    """Account secrets in the keychain, one entry each, long values in numbered chunks.

    ``profile_id`` keeps two profiles of one user apart. Calls are serialised: a locked keychain then asks once. One
    that does not answer for ``patience_s`` seconds counts as locked, so that nobody waits with it.
    """

    session_only = False

    def __init__(
        self, profile_id: str, on_value: OnValue | None = None, *, patience_s: float = PATIENCE_S
    ) -> None:
        self._profile_id = profile_id
        self._on_value = on_value
        self._patience = Patience(patience_s)
        self._backend: KeyringBackend | None = None

    def get(self, account_id: int, key: str) -> str | None:
        value = self._patience.run(lambda: self._read(self._entry(account_id, key)))
        if value is not None and self._on_value is not None:
            self._on_value(value, f"account {account_id}/{key}")
        return value

    def put(self, account_id: int, key: str, value: str) -> None:
        if self._on_value is not None:
            self._on_value(value, f"account {account_id}/{key}")
        self._patience.run(lambda: self._keep(self._entry(account_id, key), value))

    def delete(self, account_id: int, key: str) -> None:
        self._patience.run(lambda: self._remove(self._entry(account_id, key)))

    def delete_account(self, account_id: int, keys: Iterable[str]) -> None:
        for key in keys:
            self.delete(account_id, key)

    def probe(self) -> str:
        """Write, read and delete a value; the name of the back end. Raises KeychainMissing or KeychainLocked."""
        self.put(0, "probe", "reviewdesk probe value")
        self.delete(0, "probe")
        return self._patience.run(lambda: _backend_name(self._usable_backend()))

    def _entry(self, account_id: int, key: str) -> str:
        return f"{self._profile_id}/{account_id}/{key}"

    # --- on the keychain's thread ----------------------------------------------------------------------

    def _keep(self, entry: str, value: str) -> None:
        self._write(entry, value)
        if self._read(entry) != value:
            raise KeychainMissing(
                "This keychain does not keep what is written to it.", remedy=_MISSING_REMEDY
            )

    def _remove(self, entry: str) -> None:
        head = self._call(lambda b: b.get_password(SERVICE, entry))
        if head is None:
            return
        # The head goes first: without it the chunks mean nothing.
        self._call(lambda b: b.delete_password(SERVICE, entry))
        for name in _chunk_names(entry, head):
            self._forget(name)

    def _read(self, entry: str) -> str | None:
        head = self._call(lambda b: b.get_password(SERVICE, entry))
        if head is None or not head.startswith(_MANIFEST):
            return head
        parts: list[str] = []
        for name in _chunk_names(entry, head):
            part = self._call(lambda b, name=name: b.get_password(SERVICE, name))  # type: ignore[misc]
            if part is None:
                _log.warning("a keychain entry has lost a part; it counts as missing")
                return None
            # Each part carries a mark on both sides, since some keychains cut blanks at the ends.
            parts.append(part[1:-1])
        return "".join(parts)

    def _write(self, entry: str, value: str) -> None:
        old = self._call(lambda b: b.get_password(SERVICE, entry))
        if len(value) <= CHUNK_CHARS and not value.startswith(_MANIFEST):
            self._call(lambda b: b.set_password(SERVICE, entry, value))
        else:
            # A new generation beside the old one, then the head in one write: a crash leaves old or new, never both.
            generation = _generation(old) + 1
            pieces = [value[i : i + CHUNK_CHARS] for i in range(0, len(value), CHUNK_CHARS)]
            head = f"{_MANIFEST}{generation}:{len(pieces)}"
            for name, piece in zip(_chunk_names(entry, head), pieces, strict=True):
                self._call(lambda b, name=name, piece=piece: b.set_password(SERVICE, name, f"<{piece}>"))  # type: ignore[misc]
            self._call(lambda b: b.set_password(SERVICE, entry, head))
        for name in _chunk_names(entry, old or ""):
            self._forget(name)

    def _forget(self, name: str) -> None:
        from keyring.errors import PasswordDeleteError

        try:
            self._usable_backend().delete_password(SERVICE, name)
        except PasswordDeleteError:
            _log.info("a keychain entry was gone already")

    def _call(self, work: Callable[[KeyringBackend], _T]) -> _T:
        from keyring import errors

        try:
            return work(self._usable_backend())
        except errors.KeyringLocked:
            raise KeychainLocked("The keychain is locked.", remedy=_LOCKED_REMEDY) from None
        except errors.InitError:
            # Secret Service says this when nobody answered its question for the password.
            raise KeychainLocked("The keychain could not be unlocked.", remedy=_LOCKED_REMEDY) from None
        except errors.NoKeyringError:
            raise KeychainMissing("There is no keychain on this machine.", remedy=_MISSING_REMEDY) from None
        except errors.KeyringError as error:
            raise KeychainMissing(
                f"The keychain does not work ({type(error).__name__}).", remedy=_MISSING_REMEDY
            ) from None
        except (OSError, RuntimeError) as error:
            raise KeychainMissing(
                f"The keychain can't be reached ({type(error).__name__}).", remedy=_MISSING_REMEDY
            ) from None

    def _usable_backend(self) -> KeyringBackend:
        if self._backend is None:
            self._backend = _choose_backend()
        return self._backend


def _choose_backend() -> KeyringBackend:
    import keyring

    if getattr(sys, "frozen", False):
        # A packaged program does not let its environment choose where passwords go.
        os.environ.pop("PYTHON_KEYRING_BACKEND", None)
    chosen = keyring.get_keyring()
    # A chain would fall through to whatever stands behind the refused ones, so look at its members.
    for backend in getattr(chosen, "backends", None) or [chosen]:
        if _acceptable(backend):
            return backend  # type: ignore[no-any-return]
    raise KeychainMissing("There is no keychain on this machine.", remedy=_MISSING_REMEDY)


def _acceptable(backend: KeyringBackend) -> bool:
    module = type(backend).__module__
    if module.startswith(_REFUSED_MODULES):
        return False
    if module.startswith("keyrings.alt"):
        return type(backend).__name__ in _ENCRYPTED_ALT
    try:
        alt = importlib.import_module("keyrings.alt.file")
    except ImportError:
        return True
    plain = getattr(alt, "PlaintextKeyring", None)
    return plain is None or not isinstance(backend, plain)


def _backend_name(backend: KeyringBackend) -> str:
    return f"{type(backend).__module__}.{type(backend).__name__}"


def _generation(head: str | None) -> int:
    if head is None or not head.startswith(_MANIFEST):
        return 0
    return int(head.removeprefix(_MANIFEST).partition(":")[0])


def _chunk_names(entry: str, head: str) -> list[str]:
    if not head.startswith(_MANIFEST):
        return []
    generation, _, count = head.removeprefix(_MANIFEST).partition(":")
    return [f"{entry}#{generation}.{i}" for i in range(int(count))]
