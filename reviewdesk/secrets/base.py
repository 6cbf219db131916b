"""What a place for secrets must do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

__all__ = ["OnValue", "SecretStore"]

OnValue = Callable[[str, str], None]
"""Told every value (with a label such as ``account 2/password``) as soon as it is known, so that it can be redacted."""


class SecretStore(Protocol):
    """Keeps the secrets of accounts. Calls may block (a keychain asks its owner): never on the GUI thread."""

    session_only: bool
    """Whether the values are forgotten when the program ends."""

    def get(self, account_id: int, key: str) -> str | None:
        """The value, or None. Raises KeychainMissing or KeychainLocked."""
        ...

    def put(self, account_id: int, key: str, value: str) -> None:
        """Store the value and make sure it is really kept. Raises KeychainMissing or KeychainLocked."""
        ...

    def delete(self, account_id: int, key: str) -> None:
        """Forget the value; nothing happens when there is none. Raises KeychainMissing or KeychainLocked."""
        ...

    def delete_account(self, account_id: int, keys: Iterable[str]) -> None:
        """Forget all these values of an account."""
        ...
