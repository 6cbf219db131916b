"""Secrets for this session only: practice accounts, and people whose machine has no keychain."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from reviewdesk.secrets.base import OnValue

__all__ = ["MemorySecrets"]


class MemorySecrets:
    """A dictionary behind a lock; gone with the process."""

    session_only = True

    def __init__(self, on_value: OnValue | None = None) -> None:
        self._lock = threading.Lock()
        self._values: dict[tuple[int, str], str] = {}
        self._on_value = on_value

    def get(self, account_id: int, key: str) -> str | None:
        with self._lock:
            return self._values.get((account_id, key))

    def put(self, account_id: int, key: str, value: str) -> None:
        if self._on_value is not None:
            self._on_value(value, f"account {account_id}/{key}")
        with self._lock:
            self._values[account_id, key] = value

    def delete(self, account_id: int, key: str) -> None:
        with self._lock:
            self._values.pop((account_id, key), None)

    def delete_account(self, account_id: int, keys: Iterable[str]) -> None:
        for key in keys:
            self.delete(account_id, key)
