"""Tags: one colour and name each, given to reviews in bulk. Their names stand in the row too, for painting."""

from __future__ import annotations

from collections.abc import Iterable

from reviewdesk.domain.errors import InvalidInput
from reviewdesk.domain.plain import dataclass
from reviewdesk.domain.text import clean
from reviewdesk.store.codec import to_json
from reviewdesk.store.writer import Reader, Tx

__all__ = [
    "MAX_CHARS",
    "Tag",
    "add",
    "delete",
    "list_all",
    "merge",
    "remove",
    "rename",
    "repaint",
    "set_colour",
]

MAX_CHARS = 60
COLOURS = 6
_AMONG = "IN (SELECT value FROM json_each(?))"


@dataclass(frozen=True, slots=True)
class Tag:
    """``colour``: 1 to 6. ``public``: the provider shows it to others."""

    id: int
    name: str
    colour: int
    public: bool
    reviews: int


def list_all(r: Reader) -> list[Tag]:
    """Every tag with how many reviews have it, by name."""
    found = r.rows(
        "SELECT id, name, colour, public, (SELECT count(*) FROM review_tag WHERE tag_id = tag.id) FROM tag"
        " ORDER BY name COLLATE NOCASE"
    )
    return [Tag(row[0], row[1], row[2], bool(row[3]), row[4]) for row in found]


def add(tx: Tx, ids: Iterable[int], name: str, *, colour: int | None = None) -> list[int]:
    """Give reviews a tag, making it when it is new; the ids that did not have it. Raises InvalidInput for a bad name."""
    name = _checked(name)
    tag_id = _id_of(tx, name)
    if tag_id is None:
        chosen = 1 + (tx.value("SELECT count(*) FROM tag") or 0) % COLOURS if colour is None else colour
        tx.run("INSERT INTO tag(name, colour) VALUES (?, ?)", (name, chosen))
        tag_id = tx.db.last_insert_rowid()
        tx.changes.note_views()
    changed = tx.rows(
        "INSERT INTO review_tag(tag_id, review_id) SELECT ?, id FROM review WHERE id "
        + _AMONG
        + " ORDER BY id"
        " ON CONFLICT DO NOTHING RETURNING review_id",
        (tag_id, to_json(sorted(set(ids)))),
    )
    return repaint(tx, [row[0] for row in changed])


def remove(tx: Tx, ids: Iterable[int], name: str) -> list[int]:
    """Take a tag off reviews; the ids that had it. The tag itself stays."""
    tag_id = _id_of(tx, name)
    if tag_id is None:
        return []
    changed = tx.rows(
        "DELETE FROM review_tag WHERE tag_id = ? AND review_id " + _AMONG + " RETURNING review_id",
        (tag_id, to_json(sorted(set(ids)))),
    )
    return repaint(tx, [row[0] for row in changed])


def rename(tx: Tx, tag_id: int, name: str) -> None:
    """Raises InvalidInput for a bad name or one that another tag has (``merge`` them instead)."""
    name = _checked(name)
    if _id_of(tx, name) not in (None, tag_id):
        raise InvalidInput(f"There is a tag '{name}' already.", remedy="Merge the two instead.")
    tx.run("UPDATE tag SET name = ? WHERE id = ?", (name, tag_id))
    repaint(tx, _reviews_of(tx, tag_id))
    tx.changes.note_views()


def merge(tx: Tx, tag_id: int, into: int) -> None:
    """Every review with ``tag_id`` has ``into`` afterwards; ``tag_id`` is gone."""
    if tag_id == into or tx.one("SELECT 1 FROM tag WHERE id = ?", (into,)) is None:
        return
    moved = _reviews_of(tx, tag_id)
    tx.run(
        "INSERT INTO review_tag(tag_id, review_id) SELECT ?, review_id FROM review_tag WHERE tag_id = ?"
        " ON CONFLICT DO NOTHING",
        (into, tag_id),
    )
    tx.run("DELETE FROM tag WHERE id = ?", (tag_id,))
    repaint(tx, moved)
    tx.changes.note_views()


def delete(tx: Tx, tag_id: int) -> list[int]:
    """Remove a tag from everywhere; the ids that had it."""
    had = _reviews_of(tx, tag_id)
    tx.run("DELETE FROM tag WHERE id = ?", (tag_id,))
    tx.changes.note_views()
    return repaint(tx, had)


def set_colour(tx: Tx, tag_id: int, colour: int) -> None:
    """Raises InvalidInput for a colour that is not 1 to 6."""
    if not 1 <= colour <= COLOURS:
        raise InvalidInput(f"A colour is 1 to {COLOURS}.")
    tx.run("UPDATE tag SET colour = ? WHERE id = ?", (colour, tag_id))
    tx.changes.note_changed(_reviews_of(tx, tag_id))
    tx.changes.note_views()


def _checked(name: str) -> str:
    name = " ".join(clean(name).split())
    if not name:
        raise InvalidInput("A tag needs a name.")
    if len(name) > MAX_CHARS:
        raise InvalidInput(f"A tag's name has at most {MAX_CHARS} characters.")
    return name


def _id_of(r: Reader, name: str) -> int | None:
    value = r.value("SELECT id FROM tag WHERE name = ?", (" ".join(name.split()),))
    return None if value is None else int(value)


def _reviews_of(r: Reader, tag_id: int) -> list[int]:
    return [row[0] for row in r.rows("SELECT review_id FROM review_tag WHERE tag_id = ?", (tag_id,))]


def repaint(tx: Tx, ids: list[int]) -> list[int]:
    """Copy the names of their tags into the rows of these reviews; the ids."""
    tx.run(
        "UPDATE review SET tag_names = coalesce((SELECT group_concat(name, char(10)) FROM ("
        " SELECT tag.name FROM review_tag JOIN tag ON tag.id = review_tag.tag_id"
        " WHERE review_tag.review_id = review.id ORDER BY tag.name COLLATE NOCASE)), '') WHERE id " + _AMONG,
        (to_json(ids),),
    )
    tx.changes.note_changed(ids)
    return ids
