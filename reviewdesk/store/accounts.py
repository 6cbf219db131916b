"""Accounts, their sync cursors, and the times of their last calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from reviewdesk.domain.errors import ErrorInfo, InvalidInput
from reviewdesk.domain.later import Later
from reviewdesk.domain.models import Account, AccountState, OutboxState
from reviewdesk.store.codec import from_json, object_from, to_json
from reviewdesk.store.writer import Reader, Tx

if TYPE_CHECKING:
    from reviewdesk.store import outbox, twins
else:
    # Whoever only names accounts does without them.
    outbox, twins = Later("reviewdesk.store.outbox"), Later("reviewdesk.store.twins")

__all__ = [
    "by_name",
    "clear_slice",
    "cursor_saved_at",
    "get",
    "insert",
    "list_all",
    "list_removed",
    "load_cursor",
    "load_pace",
    "remove",
    "save_cursor",
    "save_pace",
    "set_replies",
    "update",
]

COLOURS = 6

_SELECT = (
    "SELECT id, name, provider, settings, secret_keys, state, position, colour, last_success_s, last_attempt_s,"
    " last_error_kind, last_error, token_expires_s FROM account "
)


class _Keep(Enum):
    KEEP = 0


_KEEP: Final = _Keep.KEEP


def _account(row: tuple[Any, ...]) -> Account:
    settings = {str(k): str(v) for k, v in object_from(row[3]).items()}
    return Account(
        id=row[0],
        name=row[1],
        provider=row[2],
        settings=settings,
        secret_keys=frozenset(from_json(row[4])),
        state=AccountState(row[5]),
        position=row[6],
        colour=row[7],
        last_success=row[8],
        last_attempt=row[9],
        last_error=None if row[10] is None else ErrorInfo(row[10], row[11] or ""),
        token_expires=row[12],
    )


def insert(
    tx: Tx,
    *,
    name: str,
    provider: str,
    settings: Mapping[str, str],
    secret_keys: frozenset[str] = frozenset(),
    colour: int | None = None,
) -> Account:
    """A new account at the end of the list; its colour is the least used one unless given.

    An account that was removed without erasing and had this name at this provider comes back with its reviews,
    so that they are not stored a second time. Raises InvalidInput when the name is taken.
    """
    if by_name(tx, name) is not None:
        raise InvalidInput(f"There is an account '{name}' already.", remedy="Choose another name.")
    if colour is None:
        colour = _least_used_colour(tx)
    position = 1 + (tx.value("SELECT max(position) FROM account WHERE removed_s IS NULL") or 0)
    values = (name, to_json(dict(settings)), to_json(sorted(secret_keys)), position, colour)
    former = tx.value(
        "SELECT id FROM account WHERE removed_s IS NOT NULL AND name = ? AND provider = ?"
        " ORDER BY removed_s DESC LIMIT 1",
        (name, provider),
    )
    if former is not None:
        account_id = int(former)
        tx.run(
            "UPDATE account SET name = ?, settings = ?, secret_keys = ?, position = ?, colour = ?, removed_s = NULL,"
            " state = 'never-synced', last_success_s = NULL, last_attempt_s = NULL, last_error_kind = NULL,"
            " last_error = NULL, token_expires_s = NULL WHERE id = ?",
            (*values, account_id),
        )
    else:
        tx.run(
            "INSERT INTO account(name, settings, secret_keys, position, colour, provider, created_s)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (*values, provider, int(tx.now)),
        )
        account_id = tx.db.last_insert_rowid()
    tx.changes.note_account(account_id)
    made = get(tx, account_id)
    if made is None:  # pragma: no cover - it was written two lines above
        raise RuntimeError("the account vanished inside its own transaction")
    return made


def _least_used_colour(r: Reader) -> int:
    used = dict(r.rows("SELECT colour, count(*) FROM account WHERE removed_s IS NULL GROUP BY colour"))
    return min(range(1, COLOURS + 1), key=lambda colour: (used.get(colour, 0), colour))


def list_all(r: Reader) -> list[Account]:
    """Every account that is in use, in its order."""
    sql = _SELECT + "WHERE removed_s IS NULL ORDER BY position, id"
    return [_account(row) for row in r.rows(sql)]


def list_removed(r: Reader) -> list[Account]:
    """Accounts that were taken away while their reviews were kept."""
    sql = _SELECT + "WHERE removed_s IS NOT NULL ORDER BY id"
    return [_account(row) for row in r.rows(sql)]


def get(r: Reader, account_id: int) -> Account | None:
    """The account, also one that was removed while its reviews were kept."""
    row = r.one(_SELECT + "WHERE id = ?", (account_id,))
    return None if row is None else _account(row)


def by_name(r: Reader, name: str) -> Account | None:
    """The account in use with this name, whatever the case of ASCII letters."""
    row = r.one(_SELECT + "WHERE name = ? AND removed_s IS NULL", (name,))
    return None if row is None else _account(row)


def update(
    tx: Tx,
    account_id: int,
    *,
    name: str | _Keep = _KEEP,
    settings: Mapping[str, str] | _Keep = _KEEP,
    secret_keys: frozenset[str] | _Keep = _KEEP,
    state: AccountState | _Keep = _KEEP,
    position: int | _Keep = _KEEP,
    colour: int | _Keep = _KEEP,
    last_success: int | _Keep | None = _KEEP,
    last_attempt: int | _Keep | None = _KEEP,
    last_error: ErrorInfo | _Keep | None = _KEEP,
    token_expires: int | _Keep | None = _KEEP,
) -> bool:
    """Change what is given, leave the rest; true when the row was there and is different now.

    Raises InvalidInput when the name is taken.
    """
    new: dict[str, Any] = {}
    if not isinstance(name, _Keep):
        other = by_name(tx, name)
        if other is not None and other.id != account_id:
            raise InvalidInput(f"There is an account '{name}' already.", remedy="Choose another name.")
        new["name"] = name
    if not isinstance(settings, _Keep):
        new["settings"] = to_json(dict(settings))
    if not isinstance(secret_keys, _Keep):
        new["secret_keys"] = to_json(sorted(secret_keys))
    if not isinstance(state, _Keep):
        new["state"] = state.value
    if not isinstance(last_error, _Keep):
        new["last_error_kind"] = None if last_error is None else last_error.kind
        new["last_error"] = None if last_error is None else last_error.message
    plain = {"position": position, "colour": colour}
    times = {"last_success_s": last_success, "last_attempt_s": last_attempt, "token_expires_s": token_expires}
    new.update((column, value) for column, value in plain.items() if not isinstance(value, _Keep))
    new.update(
        (column, None if value is None else int(value))
        for column, value in times.items()
        if not isinstance(value, _Keep)
    )
    if not new:
        return False
    sets = ", ".join(f"{column} = ?" for column in new)
    differs = " OR ".join(f"{column} COLLATE BINARY IS NOT ?" for column in new)
    values = tuple(new.values())
    # Column names are this module's own; what was equal is not written.
    sql = f"UPDATE account SET {sets} WHERE id = ? AND ({differs})"
    changed = tx.run(sql, (*values, account_id, *values)) > 0
    if changed:
        tx.changes.note_account(account_id)
    return changed


def remove(tx: Tx, account_id: int, *, erase: bool) -> None:
    """Take an account away. ``erase``: with everything it brought, except drafts (they outlive their reviews).

    Without ``erase`` its reviews stay readable and its name is free again; what still waits in its outbox is held.
    Raises InvalidInput while a reply of it is on its way. For an account with very many reviews call
    ``clear_slice`` until it returns false first, so that nobody waits for this one transaction.
    """
    busy = tx.value(
        "SELECT count(*) FROM outbox WHERE state IN ('sending', 'verifying') AND account_id = ?",
        (account_id,),
    )
    if busy:
        raise InvalidInput(
            "Something of this account is on its way and not confirmed yet.",
            remedy="Wait until the outbox has settled it, then remove the account.",
        )
    tx.run("DELETE FROM sync_cursor WHERE account_id = ?", (account_id,))
    if erase:
        gone = [row[0] for row in tx.rows("SELECT id FROM review WHERE account_id = ?", (account_id,))]
        twins.release(tx, gone)
        for (item,) in tx.rows("SELECT id FROM outbox WHERE account_id = ?", (account_id,)):
            tx.changes.note_outbox(item)
        tx.run("DELETE FROM outbox WHERE account_id = ?", (account_id,))
        tx.run("DELETE FROM account WHERE id = ?", (account_id,))
        tx.run("DELETE FROM tally WHERE account_id = ?", (account_id,))
        tx.changes.note_removed(gone)
        tx.changes.note_erased()
    else:
        tx.run(
            "UPDATE account SET removed_s = ?, state = 'paused', secret_keys = '[]', pace = '[]' WHERE id = ?",
            (int(tx.now), account_id),
        )
        set_replies(tx, account_id, False)
        _hold_waiting(tx, account_id)
    tx.changes.note_account(account_id)


def set_replies(tx: Tx, account_id: int, replies: bool) -> None:
    """Whether the account can reply publicly: of twins the one is shown that can be answered."""
    sql = "UPDATE account SET replies = ?1 WHERE id = ?2 AND replies <> ?1"
    if tx.run(sql, (int(replies), account_id)):
        twins.refresh_account(tx, account_id)


def _hold_waiting(tx: Tx, account_id: int) -> None:
    for item in outbox.list_items(tx, states=(OutboxState.WAITING,), account_id=account_id):
        reason = ErrorInfo("account", "The account was removed.")
        outbox.update(tx, replace(item, state=OutboxState.HELD, error=reason, finished_at=tx.now))


def clear_slice(tx: Tx, account_id: int, *, max_rows: int = 500) -> bool:
    """Delete up to ``max_rows`` reviews of an account that is about to be erased; whether more are left."""
    rows = tx.rows(
        "SELECT id FROM review WHERE account_id = ? ORDER BY id LIMIT ?", (account_id, max_rows + 1)
    )
    ids = [row[0] for row in rows[:max_rows]]
    twins.release(tx, ids)
    tx.db.executemany("DELETE FROM review WHERE id = ?", ((i,) for i in ids))
    tx.changes.note_removed(ids)
    tx.changes.note_erased()
    return len(rows) > max_rows


# --- where a sync stands ---------------------------------------------------------------------------------


def load_cursor(r: Reader, account_id: int) -> Mapping[str, Any]:
    """Where the account's sync goes on; empty before the first."""
    text = r.value("SELECT cursor FROM sync_cursor WHERE account_id = ?", (account_id,))
    return object_from(text)


def save_cursor(tx: Tx, account_id: int, cursor: Mapping[str, Any]) -> bool:
    """Store the cursor; an equal one is not written. True when it was."""
    text = to_json(dict(cursor))
    return (
        tx.run(
            "INSERT INTO sync_cursor(account_id, cursor, updated_s) VALUES (?, ?, ?)"
            " ON CONFLICT DO UPDATE SET cursor = excluded.cursor, updated_s = excluded.updated_s"
            " WHERE cursor <> excluded.cursor",
            (account_id, text, int(tx.now)),
        )
        > 0
    )


def cursor_saved_at(r: Reader, account_id: int) -> int | None:
    """When the stored cursor was written last (UTC seconds), or None where there is none."""
    at = r.value("SELECT updated_s FROM sync_cursor WHERE account_id = ?", (account_id,))
    return None if at is None else int(at)


def load_pace(r: Reader, account_id: int) -> list[float]:
    """The times of the last calls (UTC seconds)."""
    text = r.value("SELECT pace FROM account WHERE id = ?", (account_id,))
    return [] if text is None else [float(t) for t in from_json(text)]


def save_pace(tx: Tx, account_id: int, calls: list[float]) -> None:
    """Remember the times of the last calls; no change set, nobody looks at them."""
    text = to_json([round(t, 3) for t in calls])
    tx.run("UPDATE account SET pace = ? WHERE id = ? AND pace <> ?", (text, account_id, text))
