"""Preferences of a profile, by key. Never a secret."""

from __future__ import annotations

from reviewdesk.store.writer import Reader, Tx

__all__ = ["get", "put"]


def get(r: Reader, key: str) -> str | None:
    """The stored text, or None."""
    value = r.value("SELECT value FROM setting WHERE key = ?", (key,))
    return None if value is None else str(value)


def put(tx: Tx, key: str, value: str | None) -> None:
    """Store ``value`` under ``key``; None removes it. An equal value is not written."""
    if value is None:
        tx.run("DELETE FROM setting WHERE key = ?", (key,))
        return
    tx.run(
        "INSERT INTO setting(key, value) VALUES (?, ?)"
        " ON CONFLICT DO UPDATE SET value = excluded.value WHERE value <> excluded.value",
        (key, value),
    )
