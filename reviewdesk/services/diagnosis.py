"""The facts for a diagnostics bundle: counts and kinds, never a name, an address or a text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from reviewdesk.domain.clock import iso_utc
from reviewdesk.services.storage import StorageService
from reviewdesk.store import figures

if TYPE_CHECKING:
    from reviewdesk.services.core import Core

__all__ = ["accounts", "counts", "outbox", "schema", "sizes", "trails"]


def accounts(core: Core) -> list[str]:
    """One line each: the provider and how it is doing."""
    found = []
    for number, account in enumerate(core.accounts.list(), 1):
        error = account.last_error.kind if account.last_error is not None else "none"
        secrets = ", ".join(sorted(account.secret_keys)) or "none"
        found.append(
            f"{number}. {account.provider}: {account.state.value}; last success {iso_utc(account.last_success) or 'never'};"
            f" last error {error}; secrets present: {secrets}"
        )
    return found


def counts(core: Core) -> dict[str, int]:
    """Rows of every table. Blocking: seconds for a large database."""
    with core.store.read() as reader:
        return {**figures.state(reader), **figures.rows(reader)}


def outbox(core: Core) -> list[str]:
    """How many items are in which state, and why those that are not through are not."""
    found: dict[str, int] = {}
    for item in core.outbox.items(limit=5_000):
        kind = item.error.kind if item.error is not None else "no error"
        key = f"outbox: {item.kind.value} {item.state.value}, {kind}"
        found[key] = found.get(key, 0) + 1
    return [f"{key}: {number}" for key, number in sorted(found.items())]


def schema(core: Core) -> list[str]:
    with core.store.read() as reader:
        return figures.schema(reader)


def sizes(core: Core) -> dict[str, int]:
    """Place to bytes, and what is free."""
    measured = StorageService(core.profile, core.pictures, core.backups).measure()
    return {**{use.place: use.bytes for use in measured.uses}, "free": measured.free}


def trails(core: Core) -> list[Path]:
    """The files of the log's trail."""
    return sorted(core.profile.logs.glob("trail.log*"))
