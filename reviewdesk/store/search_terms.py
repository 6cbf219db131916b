"""What one term of a search means in SQL: a condition on a review, and where there is one, the index that gives its
reviews in the order of their ids."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from reviewdesk.domain.models import ProviderState, ReviewKind, WorkState
from reviewdesk.domain.plain import dataclass
from reviewdesk.domain.query import (
    Created,
    Effect,
    Field,
    Has,
    Is,
    Leaf,
    NoScore,
    Overdue,
    Replied,
    Stars,
    Words,
)
from reviewdesk.domain.query_terms import field_key, order_key
from reviewdesk.store.writer import Reader

__all__ = [
    "ALL_WORD",
    "FIRST_REPLY",
    "FROM_REVIEW",
    "ID_SHIFT",
    "SCORE_BEFORE",
    "STAR_EPSILON",
    "Condition",
    "Stream",
    "condition",
    "different",
    "order_words",
    "text_match",
]

ID_SHIFT = 20
"""A review's id is its second of creation, shifted by this, plus a sequence."""

_MAX_STREAMS = 24
FROM_REVIEW = "review AS r"


@dataclass(frozen=True, slots=True)
class Stream:
    """An index whose entries under ``where`` come in the order of the review's id."""

    source: str
    """``review AS r INDEXED BY ...`` or another table joined to ``review AS r``."""
    where: str
    params: tuple[Any, ...] = ()
    id: str = "r.id"
    alone: str | None = None
    """The source where no other column of the review is asked for, if that is less."""


@dataclass(frozen=True, slots=True)
class Condition:
    """``sql`` is true, false or null for a row of ``review AS r``.

    ``streams``: together they give exactly the rows for which it is true, and none of them twice
    where they are ``disjoint``. None: no index gives them. Empty: there are none.
    """

    sql: str
    params: tuple[Any, ...] = ()
    streams: tuple[Stream, ...] | None = None
    disjoint: bool = True


# --- text ----------------------------------------------------------------------------------------

ALL_WORD = "\uebff"
"""Stands in every indexed row, so that "everything without this word" is a question to the index too."""

_GRAM_BASE = 0xEC00
_FIGURES_BASE = 0xF0000
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_VALUES = {char: value for value, char in enumerate(_DIGITS)}
_LETTERS_AND_DIGITS = "abcdefghijklmnopqrstuvwxyz0123456789"


def order_words(order: str) -> list[str]:
    """Every four characters of an order number, each as a word of two private-use letters; four figures as one letter.

    Looked up as a phrase they find any part of four characters and more, and the index has few different words
    to keep: 36 * 36 by 36 * 36. A word of one letter stands in no index of beginnings, which is a fiftieth of the index.
    """
    digits = [_VALUES.get(char, ord(char) % 36) for char in order_key(order)]
    return [_gram(*digits[at : at + 4]) for at in range(len(digits) - 3)]


def _gram(a: int, b: int, c: int, d: int) -> str:
    if a < 10 and b < 10 and c < 10 and d < 10:
        return chr(_FIGURES_BASE + a * 1000 + b * 100 + c * 10 + d)
    return chr(_GRAM_BASE + a * 36 + b) + chr(_GRAM_BASE + c * 36 + d)


def text_match(leaf: Leaf) -> str | None:
    """The leaf as an FTS5 expression; None when it is none that the text index answers."""
    if isinstance(leaf, Words):
        match = _phrase(leaf.words, leaf.beginning)
        part = "".join(leaf.words)
        if any(char.isdigit() for char in part) and part.isascii() and (grams := order_words(part)):
            return f"({match} OR orders : {_phrase(grams, False)})"
        return match
    if not isinstance(leaf, Field) or leaf.none:
        return None
    if leaf.name == "order":
        grams = order_words(leaf.key)
        if grams:
            return f"orders : {_phrase(grams, False)}"
        return f"orders : {_phrase([leaf.key], leaf.beginning)}"
    column = {"from": "author", "product": "product"}.get(leaf.name)
    return None if column is None else f"{column} : {_phrase(leaf.key.split(' '), leaf.beginning)}"


def _phrase(words: Iterable[str], beginning: bool) -> str:
    """Quoted, so that nothing in it is an operator. A beginning of one letter has no prefix index: it is asked
    for by all its beginnings of two."""
    words = list(words)
    if beginning and len(words) == 1 and len(words[0]) == 1 and words[0] in _DIGITS:
        both = " OR ".join(f'"{words[0]}{second}"*' for second in _LETTERS_AND_DIGITS)
        return f'("{words[0]}" OR {both})'
    quoted = '"' + " ".join(words).replace('"', '""') + '"'
    return f"{quoted} *" if beginning else quoted


# --- everything else -----------------------------------------------------------------------------


def _by_index(index: str, where: str, *params: Any) -> Condition:
    return Condition(where, params, (Stream(f"{FROM_REVIEW} INDEXED BY {index}", where, params),))


_IS: dict[str, Condition] = {
    **{state.value: _by_index("review_state", "r.work_state = ?", state.value) for state in WorkState},
    **{
        state.value: _by_index(
            "review_provider_state",
            # The first half is what the partial index is declared with.
            "r.provider_state <> 'published' AND r.provider_state = ?",
            state.value,
        )
        for state in ProviderState
        if state not in (ProviderState.PUBLISHED, ProviderState.REMOVED)
    },
    "published": Condition("r.provider_state = 'published'"),
    "unread": _by_index("review_unread", "r.unread = 1"),
    "read": Condition("r.unread = 0"),
    "starred": _by_index("review_starred", "r.starred = 1"),
    "edited": _by_index("review_edited", "r.edited = 1"),
    **{kind.value: Condition("r.kind = ?", (kind.value,)) for kind in ReviewKind},
    "twin": _by_index("review_twin", "r.twin_of IS NOT NULL"),
    "hidden": _by_index("review_hidden", "r.hidden = 1"),
}

_HAS: dict[str, Condition] = {
    "reply": Condition(
        # While one of our own is on its way the mark says so and hides what was there before.
        "(r.reply_mark IN ('elsewhere', 'ours') OR r.reply_mark IN ('waiting', 'failed') AND EXISTS"
        " (SELECT 1 FROM comment AS c WHERE c.review_id = r.id AND c.role = 'business'))"
    ),
    "photo": _by_index("review_photo", "r.photos > 0"),
    "note": _by_index("review_note", "r.has_note = 1"),
    "draft": _by_index("review_draft", "r.has_draft = 1"),
    "text": Condition("r.length > 0"),
    "tag": Condition("r.tag_names <> ''"),
    "owner": Condition("r.owner IS NOT NULL"),
    "score": Condition("r.stars IS NOT NULL"),
    "order": Condition("r.order_id IS NOT NULL"),
    "product": Condition("coalesce(r.product_name, r.product_sku, r.product_id) IS NOT NULL"),
}

_NONE: dict[str, Condition] = {
    "lang": _by_index("review_language", "r.language IS NULL"),
    "sku": Condition("r.product_sku IS NULL"),
    "product": Condition("coalesce(r.product_name, r.product_sku, r.product_id) IS NULL"),
    "from": Condition("coalesce(r.author_name, r.author_username, r.author_email) IS NULL"),
    "order": Condition("r.order_id IS NULL"),
    "tag": Condition("r.tag_names = ''"),
    "owner": Condition("r.owner IS NULL"),
    "source": Condition("r.source IS NULL"),
}

FIRST_REPLY = (
    "(SELECT min(c.created_s) FROM comment AS c"
    " WHERE c.review_id = r.id AND c.role = 'business' AND c.created_s > 0)"
)
"""When the first public reply to ``review AS r`` was written, of those whose time is known (UTC seconds)."""
SCORE_BEFORE = (
    f"(SELECT v.score FROM version AS v WHERE v.review_id = r.id AND (v.at_s IS NULL OR v.at_s <= {FIRST_REPLY})"
    " ORDER BY v.at_s DESC, v.id DESC LIMIT 1)"
)
"""The score that stood at that moment, on the review's own scale (``domain.cases.effect_of`` in SQL)."""
# A review with a reply always has a mark: asking for that first keeps the look at its comments for those that have any.
_TIMED = (
    "(r.reply_mark <> 'none' AND EXISTS (SELECT 1 FROM comment AS c WHERE c.review_id = r.id"
    " AND c.role = 'business' AND c.created_s > 0))"
)
_DUE = ("r.work_state = 'needs-reply'", "r.work_state = 'new' AND r.reply_mark = 'none'")
_EFFECTS = {"up": "<", "down": ">", "same": "="}

STAR_EPSILON = 1e-9


def condition(r: Reader, leaf: Leaf) -> Condition:
    """The SQL of a leaf that is no text. Looks up the few accounts, languages, tags ... that its value names."""
    if isinstance(leaf, Is):
        if leaf.value == "answerable":
            able = [row[0] for row in r.rows("SELECT id FROM account WHERE replies = 1")]
            return _one_of("account_id", "review_account", able)
        return _due() if leaf.value == "due" else _IS[leaf.value]
    if isinstance(leaf, Overdue):
        # Without a target nothing is late: no id is below 0, and the index knows that at once.
        return _due((leaf.before_s or 0) << ID_SHIFT)
    if isinstance(leaf, Replied):
        return _replied(leaf)
    if isinstance(leaf, Effect):
        return _effect(leaf)
    if isinstance(leaf, Has):
        return _HAS[leaf.value]
    if isinstance(leaf, NoScore):
        return _by_index("review_stars", "r.stars IS NULL")
    if isinstance(leaf, Stars):
        return _stars(r, leaf)
    if isinstance(leaf, Created):
        return _created(leaf)
    if isinstance(leaf, Field):
        return _NONE[leaf.name] if leaf.none else _field(r, leaf)
    raise TypeError(f"{leaf!r} is looked up by text")


def _created(leaf: Created) -> Condition:
    parts, params = [], []
    if leaf.low_s is not None:
        parts.append("r.id >= ?")
        params.append(leaf.low_s << ID_SHIFT)
    if leaf.high_s is not None:
        parts.append("r.id < ?")
        params.append(leaf.high_s << ID_SHIFT)
    return Condition(" AND ".join(parts) or "1", tuple(params))


def _due(before: int | None = None) -> Condition:
    """What waits for an answer (``domain.targets.due_of``); only ids below ``before``."""
    more, params = ("", ()) if before is None else (" AND r.id < ?", (before,))
    parts = [f"{part}{more}" for part in _DUE]
    streams = tuple(Stream(f"{FROM_REVIEW} INDEXED BY review_state", part, params) for part in parts)
    return Condition(" OR ".join(parts), params * 2, streams)


def _replied(leaf: Replied) -> Condition:
    if leaf.sign == "any":
        return Condition(_TIMED)
    if leaf.sign == "none":
        return Condition(f"NOT {_TIMED}")
    # The sign is one of four of the language's own. A reply that is dated before its review came at once.
    later = f"max(0, {FIRST_REPLY} - r.created_s) {leaf.sign} ?"
    return Condition(f"(r.reply_mark <> 'none' AND {later})", (leaf.seconds,))


def _effect(leaf: Effect) -> Condition:
    became = f"{SCORE_BEFORE} IS NOT NULL"
    if leaf.value != "any":
        became = f"{SCORE_BEFORE} {_EFFECTS[leaf.value]} r.score"
    return _by_index(
        "review_edited", f"r.edited = 1 AND r.score IS NOT NULL AND r.updated_s > {FIRST_REPLY} AND {became}"
    )


def _stars(r: Reader, leaf: Stars) -> Condition:
    low = -1.0 if leaf.low is None else leaf.low + (STAR_EPSILON if leaf.open_low else -STAR_EPSILON)
    high = 1e9 if leaf.high is None else leaf.high - (STAR_EPSILON if leaf.open_high else -STAR_EPSILON)
    found = different(r, "stars", "review_stars", low, high)
    sql, params = "(r.stars >= ? AND r.stars <= ?)", (low, high)
    if found is None:
        return Condition(sql, params)
    return Condition(sql, params, tuple(_stream("review_stars", "stars", value) for value in found))


def _field(r: Reader, leaf: Field) -> Condition:
    if leaf.name in ("provider", "account"):
        column = "provider" if leaf.name == "provider" else "name"
        rows = r.rows(f"SELECT id, {column} FROM account")
        return _one_of("account_id", "review_account", [i for i, name in rows if _matches(leaf, name)])
    if leaf.name == "tag":
        return _tagged([i for i, name in r.rows("SELECT id, name FROM tag") if _matches(leaf, name)])
    if leaf.name == "sku":
        return _sku(r, leaf)
    column, index = {
        "lang": ("language", "review_language"),
        "owner": ("owner", "review_owner"),
        "source": ("source", "review_source"),
    }[leaf.name]
    values = different(r, column, index, "", None, limit=2_000) or ()
    return _one_of(column, index, [value for value in values if _matches(leaf, value)])


def _matches(leaf: Field, value: str) -> bool:
    key = field_key(leaf.name, value)
    if leaf.name == "lang":
        key = key.replace("_", "-")
        # A language without a region means all of its regions.
        return key == leaf.key or key.startswith(leaf.key if leaf.beginning else f"{leaf.key}-")
    return key.startswith(leaf.key) if leaf.beginning else key == leaf.key


def _one_of(column: str, index: str, values: list[Any]) -> Condition:
    if not values:
        return Condition("0", (), ())
    sql = f"r.{column} IN ({', '.join('?' * len(values))})"
    if len(values) > _MAX_STREAMS:
        return Condition(sql, tuple(values))
    return Condition(sql, tuple(values), tuple(_stream(index, column, value) for value in values))


def _stream(index: str, column: str, value: Any) -> Stream:
    return Stream(f"{FROM_REVIEW} INDEXED BY {index}", f"r.{column} = ?", (value,))


def _tagged(tag_ids: list[int]) -> Condition:
    if not tag_ids:
        return Condition("0", (), ())
    marks = ", ".join("?" * len(tag_ids))
    sql = f"EXISTS (SELECT 1 FROM review_tag AS t WHERE t.review_id = r.id AND t.tag_id IN ({marks}))"
    if len(tag_ids) > _MAX_STREAMS:
        return Condition(sql, tuple(tag_ids))
    source = "review_tag AS t CROSS JOIN review AS r ON r.id = t.review_id"
    streams = tuple(
        Stream(source, "t.tag_id = ?", (tag,), "t.review_id", "review_tag AS t") for tag in tag_ids
    )
    return Condition(sql, tuple(tag_ids), streams, disjoint=False)  # a review may have several tags


def _sku(r: Reader, leaf: Field) -> Condition:
    """The index compares without regard to the case of ASCII letters, as SKUs are typed."""
    if not leaf.beginning:
        return _by_index("review_sku", "r.product_sku = ? COLLATE NOCASE", leaf.text)
    found = different(
        r, "product_sku", "review_sku", leaf.text, leaf.text + "\U0010fffd", collate=" COLLATE NOCASE"
    )
    sql = "(r.product_sku >= ? COLLATE NOCASE AND r.product_sku <= ? COLLATE NOCASE)"
    params = (leaf.text, leaf.text + "\U0010fffd")
    if found is None:
        return Condition(sql, params)
    where = "r.product_sku = ? COLLATE NOCASE"
    source = f"{FROM_REVIEW} INDEXED BY review_sku"
    return Condition(sql, params, tuple(Stream(source, where, (value,)) for value in found))


def different(
    r: Reader,
    column: str,
    index: str,
    low: Any,
    high: Any,
    *,
    collate: str = "",
    limit: int = _MAX_STREAMS,
) -> tuple[Any, ...] | None:
    """The different values from ``low`` to ``high``, by jumping through the index from one to the next.

    None when there are more than ``limit``.
    """
    values: list[Any] = []
    bound = "" if high is None else f" AND {column} <= ?{collate}"
    comparison, at = ">=", low
    # The column is a name of this module's own.
    while True:
        sql = f"SELECT {column} FROM review INDEXED BY {index} WHERE {column} {comparison} ?{collate}{bound}"
        row = r.one(f"{sql} ORDER BY {column}{collate} LIMIT 1", (at,) if high is None else (at, high))
        if row is None:
            return tuple(values)
        if len(values) == limit:
            return None
        values.append(row[0])
        comparison, at = ">", row[0]
