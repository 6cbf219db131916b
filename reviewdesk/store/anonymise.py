"""Taking a person out of a review that stays: the former name, address and order leave every place that held them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from reviewdesk.domain.models import Role
from reviewdesk.domain.person import Needles, name_words
from reviewdesk.store import drafts, outbox
from reviewdesk.store.codec import to_json
from reviewdesk.store.indexing import queue_index
from reviewdesk.store.packing import snippet_of
from reviewdesk.store.search_index import ask_scrub
from reviewdesk.store.writer import Tx

__all__ = ["ANONYMOUS", "former_values", "wipe", "wipe_row"]

ANONYMOUS = "Anonymous"
_HANDLED = frozenset(
    {
        "version", "comment", "comment_version", "conversation", "draft", "draft_version", "message", "outbox", "journal",
        "answered_elsewhere",
    }
)  # fmt: skip
_PERSONAL = ("author_name", "author_username", "author_email", "author_id", "order_id", "reference")


def former_values(tx: Tx, review_id: int) -> tuple[str, ...]:
    """What names the customer in the row now: to be asked before the row is written over."""
    row = tx.one(f"SELECT {', '.join(_PERSONAL)} FROM review WHERE id = ?", (review_id,))
    return () if row is None else tuple(str(value) for value in row if value)


def wipe_row(tx: Tx, review_id: int) -> tuple[str, ...]:
    """The provider says a review is anonymous without giving it again: clean the row itself and its texts.

    The answer is what named the customer before.
    """
    former = former_values(tx, review_id)
    replace = _replacer(former)
    title, body = tx.rows("SELECT title, body FROM review_text WHERE review_id = ?", (review_id,))[0]
    title, body = replace(title), replace(body)
    # Facts may hold anything (a phone number, a delivery address): only what is about the product stays.
    tx.run(
        "UPDATE review_text SET title = ?, body = ?, raw = x'',"
        " details = json_set(json_remove(details, '$.private_facts', '$.facts', '$.source_id'),"
        " '$.anonymised', json('true'))"
        " WHERE review_id = ?",
        (title, body, review_id),
    )
    tx.run(
        "UPDATE review SET author_name = ?, author_username = NULL, author_email = NULL, author_id = NULL,"
        " order_id = NULL, reference = NULL, snippet = ? WHERE id = ?",
        (ANONYMOUS, snippet_of(title, body), review_id),
    )
    wipe(tx, review_id, former)
    return former


def wipe(tx: Tx, review_id: int, former: Iterable[str]) -> None:
    """Replace the ``former`` values in everything that hangs on the review: versions, the customer's comments and
    their versions, private messages, drafts with their history and snapshots, notes with what could be undone in them,
    finished outbox items and every item's snapshots, whatever other table hangs on a review; and in the account's
    records that were set aside.

    What the business published itself is left alone. Queues the review for the index and has the write-ahead log
    emptied after the commit.
    """
    former = tuple(former)
    replace = _replacer(former)
    customer = Role.CONSUMER.value
    _rewrite(tx, "version", ("title", "body"), "review_id = ?", review_id, replace)
    tx.run(
        "UPDATE comment SET author = ?, author_id = NULL WHERE review_id = ? AND role = ?",
        (ANONYMOUS, review_id, customer),
    )
    _rewrite(tx, "comment", ("text",), "review_id = ? AND role = 'consumer'", review_id, replace)
    _rewrite(tx, "comment_version", ("text",), "review_id = ?", review_id, replace)
    # The conversation is read afresh next time: its hash speaks of the person.
    tx.run("UPDATE review SET thread_hash = NULL WHERE id = ? AND thread_hash IS NOT NULL", (review_id,))
    _rewrite(tx, "draft_version", ("text", "subject"), "review_id = ?", review_id, replace)
    sealed = _rewrite(tx, "draft", ("text", "subject", "seen"), "review_id = ?", review_id, replace)
    if sealed:
        drafts.seal(tx, sealed)
        tx.changes.note_draft(review_id)
    _wipe_outbox(tx, review_id, replace)
    _wipe_messages(tx, review_id, former, replace)
    _wipe_the_rest(tx, review_id, former, replace)
    queue_index(tx, (review_id,))
    # Replacing a row in the index leaves its former words in the file until they are merged away.
    ask_scrub(tx)
    tx.changes.note_changed((review_id,))
    tx.changes.note_erased()


def _wipe_the_rest(tx: Tx, review_id: int, former: Iterable[str], replace: Callable[[str], str]) -> None:
    # What was done to a note could be undone, and its words would be back.
    tx.run(
        "DELETE FROM undo_step WHERE id IN (SELECT step_id FROM undo_note WHERE review_id = ?)", (review_id,)
    )
    for table, columns in _other_tables(tx):
        _rewrite(tx, table, columns, "review_id = ?", review_id, replace)
    account_id = tx.value("SELECT account_id FROM review WHERE id = ?", (review_id,))
    _rewrite(
        tx, "rejected", ("place", "reason", "raw"), "account_id = ?", account_id, _if_theirs(former, replace)
    )


def _other_tables(tx: Tx) -> list[tuple[str, tuple[str, ...]]]:
    """The tables that hang on a review besides those above, with their columns of text; also ones that come later."""
    found = []
    for name, sql in tx.rows("SELECT name, sql FROM sqlite_schema WHERE type = 'table' ORDER BY name"):
        if name in _HANDLED or name.startswith(("sqlite_", "review_fts")) or "VIRTUAL" in str(sql).upper():
            continue
        info = tx.rows(f'PRAGMA table_info("{name}")')
        texts = tuple(row[1] for row in info if str(row[2]).upper() == "TEXT")
        if {"id", "review_id"} <= {row[1] for row in info} and texts:
            found.append((str(name), texts))
    return found


def _wipe_messages(tx: Tx, review_id: int, former: Iterable[str], replace: Callable[[str], str]) -> None:
    """Private messages about the review, and all others of its author, name nobody any more."""
    names = to_json([name.casefold() for name in former])
    theirs = (
        "review_id = ?1 OR (account_id = (SELECT account_id FROM review WHERE id = ?1)"
        " AND lower(person) IN (SELECT value FROM json_each(?2)))"
    )
    for row_id, subject, body in tx.rows(
        f"SELECT id, subject, body FROM message WHERE {theirs}", (review_id, names)
    ):
        tx.run(
            "UPDATE message SET person = NULL, subject = ?, body = ? WHERE id = ?",
            (replace(subject), replace(body), row_id),
        )
    whose = (
        "account_id = (SELECT account_id FROM review WHERE id = ?1)"
        " AND lower(person) IN (SELECT value FROM json_each(?2))"
    )
    # Nobody can be written to by a name that is gone.
    for table in ("message_draft", "message_draft_version"):
        tx.run(f"DELETE FROM {table} WHERE {whose}", (review_id, names))
    for (text,) in tx.rows("SELECT text FROM answered_elsewhere WHERE review_id = ?", (review_id,)):
        tx.run("UPDATE answered_elsewhere SET text = ? WHERE review_id = ?", (replace(text), review_id))


def _wipe_outbox(tx: Tx, review_id: int, replace: Callable[[str], str]) -> None:
    changed = _rewrite(tx, "outbox", ("seen", "baseline"), "review_id = ?", review_id, replace)
    # A text that may still go out, or be looked for at the provider, must stay what it is.
    over = "review_id = ? AND (state IN ('discarded', 'failed') OR (state = 'sent' AND settled = 1))"
    changed |= _rewrite(tx, "outbox", ("text", "payload"), over, review_id, replace)
    outbox.seal(tx, changed)


def _rewrite(
    tx: Tx,
    table: str,
    columns: tuple[str, ...],
    where: str,
    review_id: int,
    replace: Callable[[str], str],
) -> set[int]:
    """The ids of the rows that held something."""
    changed = set()
    for row_id, *texts in tx.rows(
        f"SELECT id, {', '.join(columns)} FROM {table} WHERE {where}", (review_id,)
    ):
        cleaned = [None if text is None else replace(text) for text in texts]
        if cleaned != texts:
            sets = ", ".join(f"{column} = ?" for column in columns)
            tx.run(f"UPDATE {table} SET {sets} WHERE id = ?", (*cleaned, row_id))
            changed.add(row_id)
    return changed


def _replacer(former: Iterable[str]) -> Callable[[str], str]:
    """Whole words only, whatever the case, names in either order and each word of them; also as they stand in JSON,
    HTML and the like. A single letter is no name to look for."""
    values = {v.strip() for v in former if len(v.strip()) > 1 and v.strip() != ANONYMOUS}
    if not values:
        return lambda text: text
    words = {word for value in values for word in name_words(value) if len(word) > 2 and "@" not in value}
    return Needles(values | words).clean


def _if_theirs(former: Iterable[str], replace: Callable[[str], str]) -> Callable[[str], str]:
    """``replace`` for a text that holds one of the values whole, or every word of a name; others may be anybody's."""
    values = [v.strip().casefold() for v in former if len(v.strip()) > 3 and v.strip() != ANONYMOUS]
    names = [[w.casefold() for w in name_words(v) if len(w) > 2] for v in values if "@" not in v]

    def clean(text: str) -> str:
        plain = text.casefold()
        theirs = any(v in plain for v in values) or any(ws and all(w in plain for w in ws) for ws in names)
        return replace(text) if theirs else text

    return clean
