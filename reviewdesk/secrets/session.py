"""The keychain, with some accounts kept out of it: theirs live in memory until the program ends."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from reviewdesk.secrets.base import OnValue, SecretStore
from reviewdesk.secrets.memory import MemorySecrets

__all__ = ["SessionSecrets"]


class SessionSecrets:
    """What a person chooses where no keychain works: "keep for this session only", account by account. Any thread.

    ``lasting`` is where everybody else's secrets are. Nothing of a session-only account is asked from it.
    """

    session_only = False

    def __init__(self, lasting: SecretStore, on_value: OnValue | None = None) -> None:
        self.lasting = lasting
        self._memory = MemorySecrets(on_value)
        self._lock = threading.Lock()
        self._here: set[int] = set()

    def keep_in_session(self, account_id: int, here: bool = True) -> None:
        """From now on this account's secrets are kept in memory only (or, with False, lastingly again)."""
        with self._lock:
            if here:
                self._here.add(account_id)
            else:
                self._here.discard(account_id)

    def is_session_only(self, account_id: int) -> bool:
        with self._lock:
            return account_id in self._here

    def _of(self, account_id: int) -> SecretStore:
        return self._memory if self.is_session_only(account_id) else self.lasting

    def get(self, account_id: int, key: str) -> str | None:
        return self._of(account_id).get(account_id, key)

    def put(self, account_id: int, key: str, value: str) -> None:
        self._of(account_id).put(account_id, key, value)

    def delete(self, account_id: int, key: str) -> None:
        self._of(account_id).delete(account_id, key)

    def delete_account(self, account_id: int, keys: Iterable[str]) -> None:
        self._of(account_id).delete_account(account_id, keys)
        self.keep_in_session(account_id, False)

    def probe(self) -> str:
        """Whether the lasting place works; its name. Raises ``KeychainMissing`` or ``KeychainLocked``."""
        probe = getattr(self.lasting, "probe", None)
        return str(probe()) if probe is not None else type(self.lasting).__name__
