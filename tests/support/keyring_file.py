"""A keychain for subprocess tests: a file outside the profile. Chosen by PYTHON_KEYRING_BACKEND, as any back end is."""

from __future__ import annotations

import json
import os
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError

__all__ = ["FILE_VARIABLE", "FileKeyring"]

FILE_VARIABLE = "TEST_KEYRING_FILE"


class FileKeyring(KeyringBackend):
    """Holds what it is given; locked as long as a file named like it with ``.locked`` is there."""

    priority = 1  # type: ignore[assignment]

    @property
    def _file(self) -> Path:
        return Path(os.environ[FILE_VARIABLE])

    def _load(self) -> dict[str, str]:
        if self._file.with_suffix(".locked").exists():
            raise KeyringLocked("locked")
        if not self._file.exists():
            return {}
        values: dict[str, str] = json.loads(self._file.read_text())
        return values

    def _save(self, values: dict[str, str]) -> None:
        part = self._file.with_suffix(f".{os.getpid()}")
        part.write_text(json.dumps(values))
        part.replace(self._file)

    def get_password(self, service: str, username: str) -> str | None:
        return self._load().get(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self._save({**self._load(), f"{service} {username}": password})

    def delete_password(self, service: str, username: str) -> None:
        values = self._load()
        if values.pop(f"{service} {username}", None) is None:
            raise PasswordDeleteError("gone")
        self._save(values)
