"""One person in a database: who that is, where they stand, and taking them out of every table.

Tables are found by asking the database, not by a list, so that one which is added later is searched as well. What hangs
on a review of the person (``review_id``) is *theirs*: there a first name alone is taken out too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import apsw

from reviewdesk.domain.models import ActionKind
from reviewdesk.domain.person import ANONYMOUS, Needles, Person, name_words
from reviewdesk.store import drafts, erased, invitations, marks, message_drafts, outbox, records
from reviewdesk.store.codec import object_from, to_json
from reviewdesk.store.indexing import queue_index
from reviewdesk.store.packing import snippet_of
from reviewdesk.store.search_index import ask_scrub
from reviewdesk.store.writer import Reader, Tx

__all__ = [
    "INDEX",
    "Found",
    "Hit",
    "Scan",
    "accounts_of",
    "erase",
    "gather",
    "picture_urls",
    "rows_of",
    "scan",
    "sign_ins",
]

PLACES = {
    "review": "reviews",
    "review_text": "reviews",
    "version": "versions",
    "conversation": "conversations",
    "comment": "conversations",
    "comment_version": "conversations",
    "note": "notes",
    "draft": "drafts",
    "draft_version": "drafts",
    "message_draft": "drafts",
    "message_draft_version": "drafts",
    "outbox": "outbox",
    "journal": "journal",
    "rejected": "set-aside records",
    "invitation": "invitations",
    "invitation_run": "invitations",
    "do_not_contact": "invitations",
    "undo_step": "undo steps",
    "saved_view": "saved views",
    "saved_reply": "saved replies",
    "saved_reply_text": "saved replies",
    "setting": "settings",
    "tag": "tags",
    "account": "accounts",
    "sync_cursor": "sync marks",
    "listing": "products",
    "message": "messages",
    "answered_elsewhere": "conversations",
}
"""Table to the word that people know it under; another table goes by its own name."""
RAW, MESSAGES, INDEX = "raw records", "messages", "search index"
_SKIPPED = frozenset({"erased", "index_queue", "tally", "undo_note"})
_WITHOUT_WORDS = frozenset({"conversation", "review_case", "review_tag", "unlinked", "unlinked_invitation"})
"""What hangs on a review and is none of the person's words: only of interest where it names them."""
_READ_ONLY = frozenset({"account"})
_PAYLOAD = (
    ("emails", "email"), ("names", "name"), ("orders", "order_id"), ("orders", "reference"), ("phones", "phone"),
    ("usernames", "username"),
)  # fmt: skip
_TO_PERSON = (
    ActionKind.INVITE_LINK, ActionKind.INVITE_EMAIL, ActionKind.WITHDRAW_INVITE, ActionKind.CUSTOMER_ERASE,
)  # fmt: skip
_OWN_COLUMNS = ("author_username", "author_email", "author_id", "order_id", "reference")
HELD = "A person was erased from this text. Read it before it goes out."


@dataclass(frozen=True, slots=True)
class Found:
    """A person and the reviews that are theirs."""

    person: Person
    reviews: frozenset[int]

    def needles(self) -> Needles:
        return Needles(self.person.strong())

    def own_needles(self) -> Needles:
        return Needles(self.person.strong() | self.person.weak())


@dataclass(frozen=True, slots=True)
class Hit:
    """A row that holds something of the person. ``key``: its primary key or rowid, in the order of the table's key."""

    table: str
    key: tuple[Any, ...]
    where: str
    id: Any
    what: str
    named: bool
    """Whether something in it names the person; else it only hangs on a review of theirs."""


@dataclass(frozen=True, slots=True)
class Scan:
    """How far a search has come; to be given back to ``scan`` until it is None."""

    table: int
    after: int | None


# --- who ----------------------------------------------------------------------------------------------------


def gather(r: Reader, email: str) -> Found:
    """Everything known of the person with this address, and their reviews.

    A review is theirs by its address; by an order number or an id at the provider that one of theirs has; and by the
    same name of several words where the review has no address. A review with another address is somebody else's.
    """
    person = Person()
    person.add("emails", email)
    ids: set[int] = set()
    _from_invitations(r, person, email)
    _from_outbox(r, person, email)
    _take(r, person, ids, "author_email = ? COLLATE NOCASE", (email.strip(),))
    for _ in range(4):
        before = len(ids)
        _grow(r, person, ids)
        if len(ids) == before:
            break
    _mark_shared(r, person, ids)
    return Found(person, frozenset(ids))


_ROW = "id, account_id, author_name, author_username, author_email, author_id, order_id, reference"


def _take(r: Reader, person: Person, ids: set[int], where: str, params: Sequence[Any]) -> None:
    # The conditions are this module's own; values are bound.
    for row in r.rows(f"SELECT {_ROW} FROM review WHERE {where}", params):
        review_id, _, name, username, email, author_id, order, reference = row
        if email and email.casefold() not in {e.casefold() for e in person.emails}:
            continue
        ids.add(review_id)
        for kind, value in (
            ("names", name), ("usernames", username), ("emails", email), ("ids", author_id), ("orders", order),
            ("orders", reference),
        ):  # fmt: skip
            person.add(kind, value)


def _grow(r: Reader, person: Person, ids: set[int]) -> None:
    orders = to_json(sorted(o for o in person.orders if len(o) > 2))
    _take(r, person, ids, "order_id IN (SELECT value FROM json_each(?))", (orders,))
    mine = to_json(sorted(ids))
    for column in ("author_id", "author_username"):
        _take(
            r, person, ids,
            f"({column}, account_id) IN (SELECT {column}, account_id FROM review"
            f" WHERE id IN (SELECT value FROM json_each(?)) AND {column} <> '')",
            (mine,),
        )  # fmt: skip
    names = [n for n in person.names if len(name_words(n)) > 1]
    if names:
        _take(
            r, person, ids,
            "author_email IS NULL AND author_name IN (SELECT value FROM json_each(?))",
            (to_json(sorted(names)),),
        )  # fmt: skip


def _mark_shared(r: Reader, person: Person, ids: set[int]) -> None:
    """A name that somebody else bears too is not looked for in what is not this person's."""
    for name in person.names | person.usernames:
        rows = r.rows(
            "SELECT id FROM review WHERE author_name = ?1 COLLATE NOCASE OR author_username = ?1 COLLATE NOCASE"
            " LIMIT ?2",
            (name, len(ids) + 1),
        )
        borne = any(row[0] not in ids for row in rows)
        if borne or (len(name_words(name)) < 2 and _is_word_of_another(r, name, ids)):
            person.shared_names.add(name)


def _is_word_of_another(r: Reader, word: str, ids: set[int]) -> bool:
    pattern = f"%{word.replace('!', '!!').replace('%', '!%').replace('_', '!_')}%"
    rows = r.rows(
        "SELECT id FROM review WHERE author_name LIKE ? ESCAPE '!' LIMIT ?", (pattern, len(ids) + 1)
    )
    return any(row[0] not in ids for row in rows)


def _from_invitations(r: Reader, person: Person, email: str) -> None:
    for found in invitations.find_person(r, email):
        for kind, value in (("names", found.name), ("orders", found.order_id), ("phones", found.phone)):
            person.add(kind, value)


def _from_outbox(r: Reader, person: Person, email: str) -> None:
    sql = "SELECT payload FROM outbox WHERE kind IN (SELECT value FROM json_each(?)) AND payload LIKE '%@%'"
    for (payload,) in r.rows(sql, (to_json([k.value for k in _TO_PERSON]),)):
        values = object_from(payload)
        if str(values.get("email", "")).casefold() != email.casefold():
            continue
        for kind, key in _PAYLOAD:
            person.add(kind, values.get(key))
        person.add("names", " ".join(str(values[k]) for k in ("first_name", "last_name") if values.get(k)))


def picture_urls(r: Reader, ids: Iterable[int]) -> list[str]:
    """The addresses of the pictures of these reviews, as the cache names them."""
    sql = (
        "SELECT json_extract(details, '$.attachments') FROM review_text"
        " WHERE review_id IN (SELECT value FROM json_each(?))"
    )
    found = []
    for (text,) in r.rows(sql, (to_json(sorted(ids)),)):
        for entry in object_from('{"a":' + (text or "[]") + "}").get("a", ()):
            found += [str(url) for url in entry[:2] if url]
    return found


def accounts_of(r: Reader, found: Found) -> set[int]:
    """The accounts that have reviews or invitations of the person."""
    ids = {
        row[0]
        for row in r.rows(
            "SELECT DISTINCT account_id FROM review WHERE id IN (SELECT value FROM json_each(?))",
            (to_json(sorted(found.reviews)),),
        )
    }
    return ids | {i.account_id for email in found.person.emails for i in invitations.find_person(r, email)}


def sign_ins(r: Reader, found: Found) -> list[str]:
    """The names of accounts whose own settings hold something of the person."""
    needles = found.needles()
    rows = r.rows("SELECT name, name || char(10) || settings FROM account ORDER BY id")
    return [name for name, text in rows if needles.hit(text)]


# --- where --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Table:
    name: str
    keys: tuple[str, ...]
    columns: tuple[str, ...]
    owner: str
    """The column that says whose review it is, or empty."""
    keyed: bool
    """Whether ``keys`` is the rowid, by which it can be read piece by piece."""


def _tables(r: Reader) -> list[_Table]:
    """Every ordinary table with a column that can hold a text."""
    found = []
    for name, sql in r.rows(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        " AND name NOT LIKE 'review_fts%' ORDER BY name"
    ):
        if name in _SKIPPED or str(sql).upper().startswith("CREATE VIRTUAL"):
            continue
        info = r.rows(f'PRAGMA table_info("{name}")')
        texts = tuple(row[1] for row in info if str(row[2]).upper() in ("TEXT", "BLOB", "ANY", ""))
        keyed = "WITHOUT ROWID" not in str(sql).upper()
        keys = ("rowid",) if keyed else tuple(row[1] for row in sorted(info, key=lambda c: c[5]) if row[5])
        names = {row[1] for row in info}
        owner = "id" if name == "review" else "review_id" if "review_id" in names else ""
        if texts:
            found.append(_Table(name, keys, texts, owner, keyed))
    return found


def scan(r: Reader, found: Found, at: Scan | None, *, rows: int = 5_000) -> tuple[list[Hit], Scan | None]:
    """Look through the next ``rows`` rows; give the second answer back until it is None. Nothing is kept between."""
    tables = _tables(r)
    number, after = (0, None) if at is None else (at.table, at.after)
    if number >= len(tables):
        return [], None
    table = tables[number]
    names = ", ".join(f'"{c}"' for c in (*table.keys, *table.columns) if c != "rowid")
    owner = f', "{table.owner}"' if table.owner else ", NULL"
    if table.keyed:
        sql = f'SELECT rowid, {names}{owner} FROM "{table.name}" WHERE rowid > ? ORDER BY rowid LIMIT ?'
        params: tuple[Any, ...] = (after if after is not None else -(1 << 63), rows)
    else:
        sql, params = f'SELECT {names}{owner} FROM "{table.name}"', ()
    strong, own = _cached(found)
    hits: list[Hit] = []
    count, last = 0, after
    for row in r.db.execute(sql, params):
        count += 1
        key, texts, whose = row[: len(table.keys)], _read(table, row[len(table.keys) : -1]), row[-1]
        if table.keyed:
            last = key[0]
        hits += _hits_of(table, key, texts, whose, own if whose in found.reviews else strong, found)
    more = table.keyed and count == rows
    return hits, Scan(number, last) if more else Scan(number + 1, None)


_needles: list[tuple[Found, Needles, Needles]] = []


def _cached(found: Found) -> tuple[Needles, Needles]:
    """Making them takes longer than looking at a few rows; the last person's are kept while they are looked for."""
    for known, strong, own in _needles:
        if known is found:
            return strong, own
    made = (found.needles(), found.own_needles())
    _needles[:] = [(found, *made)]
    return made


def _read(table: _Table, texts: tuple[Any, ...]) -> tuple[Any, ...]:
    """The values of a table's columns with the record as received unpacked."""
    if table.name != "review_text":
        return texts
    values = dict(zip(table.columns, texts, strict=True))
    raw = records.unpacked(values["raw"], values["title"], values["body"])
    return tuple(raw if column == "raw" else value for column, value in values.items())


def _hits_of(
    table: _Table,
    key: tuple[Any, ...],
    texts: Sequence[Any],
    whose: Any,
    needles: Needles,
    found: Found,
) -> Iterator[Hit]:
    joined = "\n".join(t for t in texts if isinstance(t, str))
    blob = any(isinstance(t, bytes) and len(t) > 32 and needles.in_bytes(t) for t in texts)
    theirs = bool(table.owner) and whose in found.reviews and table.name not in _WITHOUT_WORDS
    named = blob or needles.hit(joined)
    if not theirs and not named:
        return
    columns = [
        column
        for column, text in zip(table.columns, texts, strict=True)
        if named and ((isinstance(text, str) and needles.hit(text)) or (isinstance(text, bytes) and blob))
    ]
    places: dict[str, list[str]] = {}
    for column in columns:
        places.setdefault(_place(table, column, texts), []).append(column)
    if theirs:
        places.setdefault(_place(table, "", texts), [])
    for where, what in places.items():
        said = ", ".join(c.replace("_", " ") for c in what) or "belongs to a review of theirs"
        yield Hit(table.name, key, where, key[0] if whose is None else whose, said, bool(what))


def _place(table: _Table, column: str, texts: Sequence[Any]) -> str:
    if table.name == "review_text" and column == "raw":
        return RAW
    if table.name == "outbox" and texts[table.columns.index("kind")] in ("message", "resolution"):
        return MESSAGES
    return PLACES.get(table.name, table.name)


def rows_of(r: Reader, hits: Iterable[Hit]) -> Iterator[tuple[Hit, dict[str, Any]]]:
    """Each row of ``hits`` once, whole, as column to value; without what is empty and what no person can read."""
    tables = {table.name: table for table in _tables(r)}
    seen: set[tuple[str, tuple[Any, ...]]] = set()
    for hit in hits:
        if (hit.table, hit.key) in seen:
            continue
        seen.add((hit.table, hit.key))
        table = tables[hit.table]
        where = " AND ".join(f'"{k}" = ?' if k != "rowid" else "rowid = ?" for k in table.keys)
        cursor = r.db.execute(f'SELECT * FROM "{table.name}" WHERE {where}', hit.key)
        names = [column[0] for column in cursor.get_description()]
        for row in cursor:
            values = dict(zip(names, row, strict=True))
            if table.name == "review_text":
                values["raw"] = records.unpacked(values["raw"], values["title"], values["body"])
            yield (
                hit,
                {n: v for n, v in values.items() if v not in (None, "") and not isinstance(v, bytes)},
            )


# --- out ----------------------------------------------------------------------------------------------------


def erase(tx: Tx, found: Found, hits: Iterable[Hit]) -> dict[str, int]:
    """Take the person out of their reviews and of the rows of ``hits``, in this transaction; place to rows.

    Keeps keyed hashes by which the next sync knows them again. Asks for the index to be scrubbed and the log to be
    emptied. Rows that can't be changed (an account's own sign-in) are left: look again with ``scan``.
    """
    counts: dict[str, int] = {}
    seen: set[tuple[str, tuple[Any, ...], str]] = set()
    strong, own = _cached(found)
    touched: set[int] = set(found.reviews)
    erased.remember(tx, found.person, _review_keys(tx, found.reviews))
    for address in found.person.emails:
        invited = invitations.erase_person(tx, address)
        if invited:
            counts["invitations"] = counts.get("invitations", 0) + invited
    for review_id in found.reviews:
        _wipe_review(tx, review_id, own)
    tables = {table.name: table for table in _tables(tx)}
    for hit in hits:
        if hit.table in _READ_ONLY:
            continue
        if (hit.table, hit.key, hit.where) in seen:
            continue
        seen.add((hit.table, hit.key, hit.where))
        if hit.table != "invitation" and (hit.named or hit.table == "review"):
            counts[hit.where] = counts.get(hit.where, 0) + 1
        changed = _clean_row(tx, tables[hit.table], hit.key, strong, own, found)
        if changed is not None:
            touched.add(changed)
    _clean_bound(tx, tables, strong, own, found)
    if found.reviews:
        counts[INDEX] = len(found.reviews)
    present = [
        row[0]
        for row in tx.rows("SELECT id FROM review WHERE id IN (SELECT value FROM json_each(?))", (to_json(sorted(touched)),))
    ]  # fmt: skip
    for review_id in present:
        marks.refresh(tx, review_id)
    queue_index(tx, present)
    ask_scrub(tx)
    tx.changes.note_changed(present)
    tx.changes.note_views()
    tx.changes.note_erased()
    return {where: n for where, n in counts.items() if n}


def _review_keys(tx: Tx, ids: Iterable[int]) -> list[tuple[Any, ...]]:
    return tx.rows(
        "SELECT account_id, kind, native_id, author_id, author_username FROM review"
        " WHERE id IN (SELECT value FROM json_each(?))",
        (to_json(sorted(ids)),),
    )


def _wipe_review(tx: Tx, review_id: int, own: Needles) -> None:
    """The row itself: what names the person goes, what they wrote stays without their name."""
    row = tx.one("SELECT title, body, details FROM review_text WHERE review_id = ?", (review_id,))
    if row is not None:
        title, body = own.clean(row[0]), own.clean(row[1])
        details = dict(object_from(row[2]))
        for key in ("private_facts", "facts", "source_id"):
            details.pop(key, None)
        details["anonymised"] = True
        tx.run(
            "UPDATE review_text SET title = ?, body = ?, details = ?, raw = x'' WHERE review_id = ?",
            (title, body, own.clean(to_json(details)), review_id),
        )
        tx.run("UPDATE review SET snippet = ? WHERE id = ?", (snippet_of(title, body), review_id))
    nothing = ", ".join(f"{column} = NULL" for column in _OWN_COLUMNS)
    tx.run(
        # With its hash forgotten the next sync looks at it again, and stores it as anonymous.
        f"UPDATE review SET author_name = ?, {nothing}, thread_hash = NULL, content_hash = x'' WHERE id = ?",
        (ANONYMOUS, review_id),
    )
    tx.run(
        "UPDATE comment SET author = ?, author_id = NULL WHERE review_id = ? AND role = 'consumer'",
        (ANONYMOUS, review_id),
    )
    # What was done to a note of theirs could be undone, and the note would be back.
    tx.run(
        "DELETE FROM undo_step WHERE id IN (SELECT step_id FROM undo_note WHERE review_id = ?)", (review_id,)
    )


def _clean_bound(tx: Tx, tables: dict[str, _Table], strong: Needles, own: Needles, found: Found) -> None:
    """What hangs on the person's reviews, once more: it may have come since the search."""
    for table in tables.values():
        if table.owner != "review_id" or table.name in _READ_ONLY:
            continue
        keys = ", ".join(f'"{k}"' if k != "rowid" else k for k in table.keys)
        sql = f'SELECT {keys} FROM "{table.name}" WHERE review_id IN (SELECT value FROM json_each(?))'
        for key in tx.rows(sql, (to_json(sorted(found.reviews)),)):
            _clean_row(tx, table, key, strong, own, found)


def _clean_row(
    tx: Tx, table: _Table, key: tuple[Any, ...], strong: Needles, own: Needles, found: Found
) -> int | None:
    """Write the row without the person; the review whose words changed, or None."""
    where = " AND ".join(f'"{k}" = ?' if k != "rowid" else "rowid = ?" for k in table.keys)
    names = ", ".join(f'"{c}"' for c in table.columns)
    owner = f'"{table.owner}"' if table.owner else "NULL"
    row = tx.one(f'SELECT {owner}, {names} FROM "{table.name}" WHERE {where}', key)
    if row is None:
        return None
    whose, texts = row[0], _read(table, row[1:])
    needles = own if whose in found.reviews else strong
    if table.name == "undo_step" and any(isinstance(t, bytes) and needles.in_bytes(t) for t in texts):
        tx.run("DELETE FROM undo_step WHERE rowid = ?", key)
        return None
    cleaned = {
        column: _cell(table.name, column, text, needles)
        for column, text in zip(table.columns, texts, strict=True)
        if _holds(text, needles)
    }
    if not cleaned:
        return None
    if table.name == "review_text":
        # The record is written with the words beside it.
        now = {**dict(zip(table.columns, texts, strict=True)), **cleaned}
        cleaned["raw"] = records.packed(now["raw"], now["title"], now["body"])
    _write(tx, table, where, key, cleaned)
    if table.name == "draft":
        drafts.seal(tx, {key[0]})
        if isinstance(whose, int):
            tx.changes.note_draft(whose)
    elif table.name == "message_draft":
        message_drafts.seal(tx, {key[0]})
    elif table.name == "outbox":
        _after_outbox(tx, key[0], found)
    return whose if isinstance(whose, int) else None


def _holds(value: Any, needles: Needles) -> bool:
    if isinstance(value, bytes):
        return len(value) > 32 and needles.in_bytes(value)
    return isinstance(value, str) and needles.hit(value)


def _cell(table: str, column: str, value: Any, needles: Needles) -> Any:
    if isinstance(value, bytes):
        return b""
    if table == "review" and column in _OWN_COLUMNS:
        return None
    if table == "review" and column == "author_name":
        return ANONYMOUS
    return needles.clean(value)


def _write(
    tx: Tx, table: _Table, where: str, key: tuple[Any, ...], cleaned: dict[str, Any], number: int = 1
) -> None:
    """Another row may bear the cleaned value already where it must be the only one: then it gets a number."""
    sets = ", ".join(f'"{c}" = ?' for c in cleaned)
    tx.db.execute("SAVEPOINT cleaned")
    try:
        tx.run(f'UPDATE "{table.name}" SET {sets} WHERE {where}', (*cleaned.values(), *key))
    except apsw.ConstraintError:
        tx.db.execute("ROLLBACK TO cleaned")
        if number > 1000:
            raise
        again = {
            c: v.replace(ANONYMOUS, f"{ANONYMOUS} {number + 1}") if isinstance(v, str) and number == 1
            else v.replace(f"{ANONYMOUS} {number}", f"{ANONYMOUS} {number + 1}") if isinstance(v, str) else v
            for c, v in cleaned.items()
        }  # fmt: skip
        _write(tx, table, where, key, again, number + 1)
    finally:
        tx.db.execute("RELEASE cleaned")


def _after_outbox(tx: Tx, item_id: int, found: Found) -> None:
    """What was on its way: to the person, it is given up; else somebody reads it before it goes."""
    row = tx.one(
        "SELECT kind, state, json_extract(payload, '$.username') FROM outbox WHERE id = ?", (item_id,)
    )
    if row is None:
        return
    if row[1] in ("waiting", "sending", "verifying", "held"):
        nobody = isinstance(row[2], str) and row[2].startswith(ANONYMOUS)
        to_person = row[0] in {kind.value for kind in _TO_PERSON} or nobody
        tx.run(
            "UPDATE outbox SET state = ?, error_kind = 'erased', error = ?, finished_t = ?, sender = NULL WHERE id = ?",
            ("discarded" if to_person else "held", HELD, tx.now, item_id),
        )
    outbox.seal(tx, {item_id})
    tx.changes.note_outbox(item_id)
