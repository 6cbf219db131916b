"""The secrets of one account as its provider sees them."""

from __future__ import annotations

from collections.abc import Mapping

from reviewdesk.secrets.base import OnValue, SecretStore

__all__ = ["AccountSecrets", "UnsavedSecrets"]


class AccountSecrets:
    """A stored account's secrets. Used by one worker; calls may block while a keychain asks its owner."""

    def __init__(self, store: SecretStore, account_id: int) -> None:
        self._store = store
        self._account_id = account_id

    def get(self, key: str) -> str | None:
        # Asked anew each time: another process may have renewed a token meanwhile.
        return self._store.get(self._account_id, key)

    def put(self, key: str, value: str | None) -> None:
        if value is None:
            self._store.delete(self._account_id, key)
        else:
            self._store.put(self._account_id, key, value)


class UnsavedSecrets:
    """The values of a form, for the connection test: nothing is stored anywhere."""

    def __init__(self, values: Mapping[str, str], on_value: OnValue | None = None) -> None:
        self._values = dict(values)
        self._on_value = on_value
        for key, value in values.items():
            self._tell(key, value)

    def _tell(self, key: str, value: str) -> None:
        if self._on_value is not None:
            self._on_value(value, f"new account/{key}")

    def get(self, key: str) -> str | None:
        return self._values.get(key)

    def put(self, key: str, value: str | None) -> None:
        if value is None:
            self._values.pop(key, None)
        else:
            self._tell(key, value)
            self._values[key] = value

    def values(self) -> dict[str, str]:
        """Everything in the box now: what was typed and what the provider added."""
        return dict(self._values)
