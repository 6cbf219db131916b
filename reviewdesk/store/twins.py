"""Twins: reviews that came through two doors, shown and counted once (``domain.twins`` has the rule).

A provider that repeats another's reviews marks them with the other's id in ``source``. The repeated one is hidden
(``twin_of`` names the one that is shown) unless only its account can reply: then the original gives way to it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from reviewdesk.domain.models import ActionKind, OutboxState, ReplyMark, Target, Twin, WorkState
from reviewdesk.domain.twins import DAYS_APART, Face, match, words_of
from reviewdesk.store.codec import to_json
from reviewdesk.store.writer import Reader, Tx

__all__ = ["Rival", "family", "of_review", "refresh", "refresh_account", "release", "rival"]

_APART: Final = (DAYS_APART * 86_400 + 1) << 20
"""The id holds the second: how far apart the ids of twins can be."""

_FACES = (
    "SELECT r.id, r.account_id, a.provider, r.source, r.stars, t.title, t.body, r.author_name, r.created_s,"
    " r.product_sku, r.order_id, r.work_state, a.replies FROM review AS r"
    " JOIN review_text AS t ON t.review_id = r.id JOIN account AS a ON a.id = r.account_id "
)


@dataclass(frozen=True, slots=True)
class Rival:
    """What stands at the other door against a reply here. ``live``: it is on its way or unclear, so nothing else may go."""

    review_id: int
    account: str
    live: bool
    outbox_id: int | None

    def sentence(self) -> str:
        """Fit to show."""
        if self.live:
            return (
                f"The same review came through {self.account} as well, and a reply is on its way there"
                f" (outbox number {self.outbox_id})."
            )
        return f"The same review came through {self.account} as well and was answered there."


@dataclass(slots=True)
class _Review:
    id: int
    account_id: int
    provider: str
    source: str | None
    face: Face
    gone: bool
    replies: bool


# --- asking --------------------------------------------------------------------------------------------------


def family(r: Reader, review_id: int) -> list[int]:
    """The other doors of a review, the one that is shown first; mostly none. Two indexed look-ups."""
    shown = r.value("SELECT twin_of FROM review WHERE id = ?", (review_id,))
    anchor = review_id if shown is None else int(shown)
    hidden = [
        row[0] for row in r.rows("SELECT id FROM review WHERE twin_of = ? ORDER BY account_id, id", (anchor,))
    ]
    return [i for i in (anchor, *hidden) if i != review_id]


def of_review(r: Reader, review_id: int) -> tuple[Twin, ...]:
    """The other doors of a review with the reason why they are taken for one."""
    others = family(r, review_id)
    if not others:
        return ()
    faces = {f.id: f for f in _among(r, (review_id, *others))}
    found = []
    for other in others:
        if other in faces and review_id in faces:
            why = match(faces[review_id].face, faces[other].face)
            row = r.rows("SELECT native_id, twin_of, reply_mark FROM review WHERE id = ?", (other,))[0]
            found.append(
                Twin(
                    id=other,
                    account_id=faces[other].account_id,
                    native_id=row[0],
                    shown=row[1] is None,
                    reply_mark=ReplyMark(row[2]),
                    reason=why.sentence() if why is not None else "Both are the same as a third.",
                )
            )
    return tuple(found)


def rival(r: Reader, review_id: int, *, begun: bool = False) -> Rival | None:
    """What stands against a public reply to this review at one of its other doors; None: nothing does.

    ``begun``: what only waits there does not count; of two that wait the first to begin goes out.
    """
    waiting = () if begun else (OutboxState.WAITING.value, OutboxState.HELD.value)
    on_its_way = (OutboxState.SENDING.value, OutboxState.VERIFYING.value, *waiting)
    answered: Rival | None = None
    for other in family(r, review_id):
        name = str(
            r.value(
                "SELECT a.name FROM account AS a JOIN review AS r ON r.account_id = a.id WHERE r.id = ?",
                (other,),
            )
        )
        rows = r.rows(
            "SELECT id, state FROM outbox WHERE review_id = ? AND kind = ? AND target = ? ORDER BY id DESC",
            (other, ActionKind.REPLY.value, Target.PUBLIC.value),
        )
        for item_id, state in rows:
            if state in on_its_way:
                return Rival(other, name, True, item_id)
        sent = next((item_id for item_id, state in rows if state == OutboxState.SENT), None)
        replied = r.value(
            "SELECT 1 FROM comment WHERE review_id = ? AND role = 'business' AND state = 'published'",
            (other,),
        )
        if sent is not None or replied is not None:
            answered = answered or Rival(other, name, False, sent)
    return answered


# --- keeping -------------------------------------------------------------------------------------------------


def refresh(tx: Tx, review_ids: Iterable[int]) -> None:
    """Look at reviews that are new or changed: link those that are one now, part those that are no longer.

    Costs one look-up where no account repeats the reviews of another.
    """
    ids = list(review_ids)
    if not ids:
        return
    repeated = _repeated(tx)
    if not repeated and tx.value("SELECT 1 FROM review WHERE twin_of IS NOT NULL LIMIT 1") is None:
        return
    _settle(tx, ids, repeated)


def refresh_account(tx: Tx, account_id: int) -> None:
    """The account can reply now, or no longer: the doors of its twins may change places."""
    linked = tx.rows(
        "SELECT id FROM review WHERE account_id = ?1 AND twin_of IS NOT NULL"
        " UNION SELECT s.id FROM review AS t JOIN review AS s ON s.id = t.twin_of"
        " WHERE t.twin_of IS NOT NULL AND s.account_id = ?1",
        (account_id,),
    )
    _settle(tx, [row[0] for row in linked], _repeated(tx))


def release(tx: Tx, review_ids: Iterable[int]) -> None:
    """These reviews are about to be deleted: their twins are shown from now on."""
    freed = tx.rows(
        "UPDATE review SET twin_of = NULL WHERE twin_of IN (SELECT value FROM json_each(?)) RETURNING id",
        (to_json(list(review_ids)),),
    )
    tx.changes.note_changed([row[0] for row in freed])


def _repeated(r: Reader) -> set[str]:
    """Providers whose reviews also come through another one's account. One index look-up for each provider in use."""
    providers = [row[0] for row in r.rows("SELECT DISTINCT provider FROM account")]
    return {
        p for p in providers if r.value("SELECT 1 FROM review WHERE source = ? LIMIT 1", (p,)) is not None
    }


def _settle(tx: Tx, ids: list[int], repeated: set[str]) -> None:
    for low, high in _spans(ids):
        copies = _copies(tx, repeated, low - 3 * _APART, high + 3 * _APART)
        linked = [
            row[0]
            for row in tx.rows(
                "SELECT id FROM review WHERE twin_of IS NOT NULL AND id BETWEEN ? AND ?", (low, high)
            )
        ]
        if not copies and not linked:
            continue
        originals = _originals(tx, {c.source or "" for c in copies}, low - 3 * _APART, high + 3 * _APART)
        wanted: dict[int, int | None] = dict.fromkeys(
            [*linked, *(m.id for m in (*copies, *originals) if low <= m.id <= high)]
        )
        for shown, hidden in _groups(originals, copies):
            wanted.update((m.id, shown.id) for m in hidden if m.id in wanted)
        _link(tx, wanted)


def _spans(ids: list[int]) -> list[tuple[int, int]]:
    """Stretches of ids in which a change of these can matter: a copy is two days away from its original, another
    original that could be it two more, and that one's other copies again."""
    spans: list[tuple[int, int]] = []
    for review_id in sorted(ids):
        low, high = review_id - 3 * _APART, review_id + 3 * _APART
        if spans and low <= spans[-1][1]:
            spans[-1] = (spans[-1][0], high)
        else:
            spans.append((low, high))
    return spans


def _groups(originals: list[_Review], copies: list[_Review]) -> list[tuple[_Review, list[_Review]]]:
    """Each original that is known to have copies: the one of them that is shown, and the others."""
    by_words: dict[tuple[str, float | None, str], list[_Review]] = {}
    for original in originals:
        key = (original.provider, original.face.stars, words_of(original.face.body))
        by_words.setdefault(key, []).append(original)
    found: dict[int, list[_Review]] = {}
    sure: set[int] = set()
    for copy in copies:
        same = (copy.source or "", copy.face.stars, words_of(copy.face.body))
        fitting = [o for o in by_words.get(same, ()) if match(copy.face, o.face) is not None]
        for original in fitting:
            found.setdefault(original.id, []).append(copy)
        if len(fitting) == 1:
            sure.add(copy.id)
    groups = []
    for original in originals:
        fitting = found.get(original.id, [])
        accounts = [c.account_id for c in fitting]
        # Two that could be it, on either side: nobody can tell, so both are shown.
        members = [original, *(c for c in fitting if c.id in sure and accounts.count(c.account_id) == 1)]
        if len(members) > 1:
            shown = next((m for m in members if m.replies), original)
            groups.append((shown, [m for m in members if m is not shown]))
    return groups


def _link(tx: Tx, wanted: dict[int, int | None]) -> None:
    rows = tx.rows(
        "SELECT id, twin_of FROM review WHERE id IN (SELECT value FROM json_each(?))",
        (to_json(list(wanted)),),
    )
    changed = [review_id for review_id, now in rows if wanted[review_id] != now]
    # First everybody stands alone, so that nobody ever stands behind one who is hidden.
    for review_id in sorted(changed, key=lambda i: wanted[i] is not None):
        tx.run("UPDATE review SET twin_of = ? WHERE id = ?", (wanted[review_id], review_id))
    for review_id in changed:
        shown = wanted[review_id]
        if shown is not None:
            _carry(tx, review_id, shown)
    tx.changes.note_changed(changed)


def _carry(tx: Tx, hidden: int, shown: int) -> None:
    """What a person did at the door that is hidden now goes on at the one that is shown, where nothing was done yet."""
    moved = tx.run(
        "UPDATE review AS s SET work_state = h.work_state, snooze_until_s = h.snooze_until_s,"
        " unread = min(s.unread, h.unread), starred = max(s.starred, h.starred), owner = coalesce(s.owner, h.owner),"
        " hidden = max(s.hidden, h.hidden)"
        " FROM review AS h WHERE s.id = ?1 AND h.id = ?2 AND s.work_state = ?3"
        " AND (h.work_state NOT IN (?3, 'removed') OR h.starred > s.starred OR h.unread < s.unread"
        " OR h.hidden > s.hidden"
        " OR (s.owner IS NULL AND h.owner IS NOT NULL))",
        (shown, hidden, WorkState.NEW.value),
    )
    if moved:
        tx.changes.note_changed((shown,))


# --- finding -------------------------------------------------------------------------------------------------


def _originals(r: Reader, providers: set[str], low: int, high: int) -> list[_Review]:
    found = []
    for (account_id,) in r.rows(
        "SELECT id FROM account WHERE provider IN (SELECT value FROM json_each(?))",
        (to_json(sorted(providers)),),
    ):
        rows = r.rows(
            _FACES + "WHERE r.account_id = ? AND r.id BETWEEN ? AND ? AND r.source IS NULL",
            (account_id, low, high),
        )
        found += [o for o in map(_review, rows) if not o.gone]
    return found


def _copies(r: Reader, repeated: set[str], low: int, high: int) -> list[_Review]:
    found = []
    for source in sorted(repeated):
        rows = r.rows(
            _FACES
            + "WHERE r.source = ?1 AND r.id BETWEEN ?2 AND ?3 AND a.provider <> ?1 ORDER BY a.position, r.id",
            (source, low, high),
        )
        found += [c for c in map(_review, rows) if not c.gone]
    return found


def _among(r: Reader, ids: Iterable[int]) -> list[_Review]:
    rows = r.rows(_FACES + "WHERE r.id IN (SELECT value FROM json_each(?))", (to_json(list(ids)),))
    return [_review(row) for row in rows]


def _review(row: tuple[Any, ...]) -> _Review:
    (
        review_id, account_id, provider, source, stars, title, body, name, created, sku, order_id, state, replies,
    ) = row  # fmt: skip
    return _Review(
        id=review_id,
        account_id=account_id,
        provider=provider,
        source=source,
        face=Face(
            stars=stars, title=title, body=body, name=name, created_at=created, sku=sku, order_id=order_id
        ),
        gone=state == WorkState.REMOVED,
        replies=bool(replies),
    )
