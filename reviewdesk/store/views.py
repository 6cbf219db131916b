"""Saved views: a name, an icon and a query each, in the order of the sidebar."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reviewdesk.domain.errors import InvalidInput
from reviewdesk.domain.plain import dataclass
from reviewdesk.domain.text import clean
from reviewdesk.store.writer import Reader, Tx

__all__ = ["MAX_CHARS", "SavedView", "add", "change", "delete", "free_name", "list_all", "reorder"]

MAX_CHARS = 80


@dataclass(frozen=True, slots=True)
class SavedView:
    """``query`` is the text of the search box, ``icon`` a name of the icon set; ``notify``: tell what arrives in it."""

    id: int
    name: str
    query: str
    icon: str
    position: int
    notify: bool = False


_COLUMNS = "id, name, query, icon, position, notify"


def _view(row: tuple[Any, ...]) -> SavedView:
    view_id, name, query, icon, position, notify = row
    return SavedView(view_id, name, query, icon, position, bool(notify))


def free_name(r: Reader, name: str) -> str:
    """``name``, or with a number behind it where there is a view of that name."""
    name = " ".join(clean(name).split())[:MAX_CHARS].rstrip()
    if not name:
        raise InvalidInput("A view needs a name.")
    wanted, number = name, 1
    while r.value("SELECT 1 FROM saved_view WHERE name = ?", (wanted,)) is not None:
        number += 1
        end = f" ({number})"
        wanted = name[: MAX_CHARS - len(end)].rstrip() + end
    return wanted


def list_all(r: Reader) -> list[SavedView]:
    """Every saved view in its order."""
    return [_view(row) for row in r.rows(f"SELECT {_COLUMNS} FROM saved_view ORDER BY position, id")]


def add(tx: Tx, name: str, query: str, *, icon: str = "bookmark-simple", notify: bool = False) -> int:
    """A new view at the end; its id. Raises InvalidInput for a bad or taken name."""
    name = _checked(tx, name, None)
    position = 1 + (tx.value("SELECT max(position) FROM saved_view") or 0)
    tx.run(
        "INSERT INTO saved_view(name, query, icon, position, notify) VALUES (?, ?, ?, ?, ?)",
        (name, clean(query), icon, position, int(notify)),
    )
    tx.changes.note_views()
    return tx.db.last_insert_rowid()


def change(
    tx: Tx,
    view_id: int,
    *,
    name: str | None = None,
    query: str | None = None,
    icon: str | None = None,
    notify: bool | None = None,
) -> None:
    """Change what is given. Raises InvalidInput for a bad or taken name."""
    name = None if name is None else _checked(tx, name, view_id)
    tx.run(
        "UPDATE saved_view SET name = coalesce(?, name), query = coalesce(?, query), icon = coalesce(?, icon),"
        " notify = coalesce(?, notify) WHERE id = ?",
        (
            name,
            None if query is None else clean(query),
            icon,
            None if notify is None else int(notify),
            view_id,
        ),
    )
    tx.changes.note_views()


def delete(tx: Tx, view_id: int) -> SavedView | None:
    """Remove a view; what it was, or None."""
    row = tx.one(f"SELECT {_COLUMNS} FROM saved_view WHERE id = ?", (view_id,))
    if row is None:
        return None
    tx.run("DELETE FROM saved_view WHERE id = ?", (view_id,))
    tx.changes.note_views()
    return _view(row)


def reorder(tx: Tx, view_ids: Sequence[int]) -> None:
    """The order from now on; views that are not named follow in their old order."""
    known = [view.id for view in list_all(tx)]
    order = [i for i in view_ids if i in known]
    order += [i for i in known if i not in order]
    tx.db.executemany("UPDATE saved_view SET position = ? WHERE id = ?", enumerate(order))
    tx.changes.note_views()


def _checked(r: Reader, name: str, own: int | None) -> str:
    name = " ".join(clean(name).split())
    if not name:
        raise InvalidInput("A view needs a name.")
    if len(name) > MAX_CHARS:
        raise InvalidInput(f"A view's name has at most {MAX_CHARS} characters.")
    if r.value("SELECT id FROM saved_view WHERE name = ?", (name,)) not in (None, own):
        raise InvalidInput(f"There is a view '{name}' already.", remedy="Choose another name.")
    return name
