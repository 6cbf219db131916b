"""Invitations on disk, the lists that were invited, and who must not be asked.

Tables: ``invitation``, ``invitation_run``, ``do_not_contact``. What names a person stands in ``invitation`` only:
``email``, ``person`` (the address in lower case, or the digits of the phone number; index ``invitation_person``),
``phone``, ``name``, ``order_id`` (index ``invitation_order``), ``link``, ``links`` and ``answer``; and in
``do_not_contact.email``. ``invitation_run.source`` is a file's place. The outbox item of an invitation holds the
same values in its payload. ``find_person`` and ``erase_person`` are for whoever takes a person out.

An invitation follows its outbox item: ``follow`` is called by ``store.outbox`` in the transaction of each change.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reviewdesk.domain.errors import ErrorInfo
from reviewdesk.domain.invitations.model import Blocked, Invitation, InviteState, InviteWay, person_key
from reviewdesk.domain.models import ActionKind, OutboxItem, OutboxState, ReviewKind
from reviewdesk.store import settings
from reviewdesk.store.codec import from_json, object_from, to_json
from reviewdesk.store.writer import Reader, Tx

__all__ = [
    "Run",
    "beside",
    "block",
    "blocked",
    "blocked_list",
    "earlier",
    "erase_person",
    "find_person",
    "find_run",
    "follow",
    "for_review",
    "get",
    "history",
    "insert",
    "keep_answer",
    "made_since",
    "of_outbox",
    "of_row",
    "open_run",
    "run",
    "runs",
    "standing",
    "unblock",
    "update_run",
    "withdrawing",
]

SALT = "invitations.salt"
_KINDS = frozenset({ActionKind.INVITE_LINK, ActionKind.INVITE_EMAIL})
_COUNTS = tuple(state.value for state in InviteState if state.counts)

_SELECT = (
    "SELECT i.id, i.account_id, i.outbox_id, i.run_id, i.run_row, i.way, i.kind, i.email, i.phone, i.name, i.order_id,"
    " i.order_date, i.skus, i.locale, i.created_s, i.changed_s, i.state, i.link, i.links, i.expires_s, i.answer,"
    " i.withdrawal_id, o.error_kind, o.error,"
    " (SELECT max(r.id) FROM review r WHERE i.order_id <> '' AND r.order_id = i.order_id"
    "   AND r.account_id = i.account_id AND r.created_s >= i.created_s - 86400) AS by_order"
    " FROM invitation i LEFT JOIN outbox o ON o.id = i.outbox_id "
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A list that was invited or is being. ``digest`` and ``sample`` say which list and which part of it."""

    id: int
    account_id: int
    form: str
    source: str
    digest: str
    mapping: Mapping[str, int]
    sample: Mapping[str, Any]
    total: int
    at_row: int
    state: str
    created_at: int
    changed_at: int


def _invitation(row: tuple[Any, ...]) -> Invitation:
    return Invitation(
        id=row[0],
        account_id=row[1],
        outbox_id=row[2],
        run_id=row[3],
        run_row=row[4],
        way=InviteWay(row[5]),
        kind=ReviewKind(row[6]),
        email=row[7],
        phone=row[8],
        name=row[9],
        order_id=row[10],
        order_date=row[11],
        skus=tuple(from_json(row[12])),
        locale=row[13],
        created_at=row[14],
        changed_at=row[15],
        state=InviteState(row[16]),
        link=row[17],
        links={str(k): str(v) for k, v in object_from(row[18]).items()},
        expires_at=row[19],
        answer=object_from(row[20]),
        withdrawal_id=row[21],
        error=None if row[22] is None else ErrorInfo(row[22], row[23] or ""),
        review_id=row[24],
    )


def insert(
    tx: Tx,
    *,
    account_id: int,
    outbox_id: int,
    way: InviteWay,
    kind: ReviewKind,
    values: Mapping[str, Any],
    run_id: int | None = None,
    run_row: int | None = None,
) -> int:
    """A new invitation that waits for its outbox item; its id."""
    email, phone = str(values.get("email", "")), str(values.get("phone", ""))
    name = str(values.get("name") or "").strip() or " ".join(
        str(values[key]) for key in ("first_name", "last_name") if values.get(key)
    )
    now = int(tx.now)
    tx.run(
        "INSERT INTO invitation(account_id, outbox_id, run_id, run_row, way, kind, person, email, phone, name,"
        " order_id, order_date, skus, locale, created_s, changed_s, state)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            account_id,
            outbox_id,
            run_id,
            run_row,
            way.value,
            kind.value,
            person_key(email, phone),
            email,
            phone,
            name,
            str(values.get("order_id", "")),
            str(values.get("order_date", "")),
            to_json(list(values.get("skus", ()))),
            str(values.get("locale", "")),
            now,
            now,
            InviteState.WAITING.value,
        ),
    )
    return tx.db.last_insert_rowid()


# --- following the outbox ----------------------------------------------------------------------------


def keep_answer(tx: Tx, item: OutboxItem, answer: Mapping[str, Any]) -> None:
    """Store what the provider answered to the item; in the transaction that makes it ``sent``."""
    if item.kind is ActionKind.WITHDRAW_INVITE:
        tx.run(
            "UPDATE invitation SET answer = ?, changed_s = ? WHERE withdrawal_id = ?",
            (to_json(dict(answer)), int(tx.now), item.id),
        )
        return
    if item.kind not in _KINDS:
        return
    links = answer.get("links")
    expires = answer.get("expires")
    more = {k: v for k, v in answer.items() if k not in ("link", "links", "expires")}
    tx.run(
        "UPDATE invitation SET link = ?, links = ?, expires_s = ?, answer = ?, changed_s = ? WHERE outbox_id = ?",
        (
            answer.get("link") or None,
            to_json(dict(links) if isinstance(links, Mapping) else {}),
            int(expires) if isinstance(expires, int | float) else None,
            to_json(more),
            int(tx.now),
            item.id,
        ),
    )


def follow(tx: Tx, item: OutboxItem) -> None:
    """An outbox item changed: so does the invitation that hangs on it."""
    if item.kind is ActionKind.WITHDRAW_INVITE:
        if item.state is OutboxState.SENT:
            tx.run(
                "UPDATE invitation SET state = ?, changed_s = ? WHERE withdrawal_id = ?",
                (InviteState.WITHDRAWN.value, int(tx.now), item.id),
            )
        return
    if item.kind in _KINDS:
        tx.run(
            "UPDATE invitation SET state = ?, changed_s = ? WHERE outbox_id = ? AND state <> ?"
            " AND NOT (? = 'dropped' AND state = 'unknown') AND state <> 'withdrawn'",
            (state := _state_of(item).value, int(tx.now), item.id, state, state),
        )


def _state_of(item: OutboxItem) -> InviteState:
    match item.state:
        case OutboxState.SENT:
            return InviteState.INVITED
        case OutboxState.FAILED:
            return InviteState.FAILED
        case OutboxState.DISCARDED:
            return InviteState.DROPPED
        case OutboxState.HELD:
            unclear = item.error is not None and item.error.kind == "unclear"
            return InviteState.UNKNOWN if unclear else InviteState.HELD
    return InviteState.WAITING


def withdrawing(tx: Tx, invitation_ids: Iterable[int], outbox_id: int) -> None:
    """Note which outbox item asks the provider to take these back."""
    for invitation_id in invitation_ids:
        tx.run("UPDATE invitation SET withdrawal_id = ? WHERE id = ?", (outbox_id, invitation_id))


# --- reading -----------------------------------------------------------------------------------------


def get(r: Reader, invitation_id: int) -> Invitation | None:
    row = r.one(_SELECT + "WHERE i.id = ?", (invitation_id,))
    return None if row is None else _invitation(row)


def of_outbox(r: Reader, outbox_id: int) -> Invitation | None:
    """The invitation of an outbox item."""
    row = r.one(_SELECT + "WHERE i.outbox_id = ?", (outbox_id,))
    return None if row is None else _invitation(row)


def of_row(r: Reader, run_id: int, row: int) -> Invitation | None:
    """What became of a row of a list: the newest invitation made for it."""
    found = r.one(_SELECT + "WHERE i.run_id = ? AND i.run_row = ? ORDER BY i.id DESC LIMIT 1", (run_id, row))
    return None if found is None else _invitation(found)


def earlier(r: Reader, person: str, order_id: str, *, since: float) -> Invitation | None:
    """The newest invitation of this person and order since then that stands in the way of another one."""
    if not person:
        return None
    marks = ", ".join("?" * len(_COUNTS))
    row = r.one(
        _SELECT + "WHERE i.person = ? AND i.order_id = ? COLLATE NOCASE AND i.created_s >= ?"
        f" AND i.state IN ({marks}) ORDER BY i.id DESC LIMIT 1",
        (person, order_id, int(since), *_COUNTS),
    )
    return None if row is None else _invitation(row)


def made_since(r: Reader, outbox_id: int) -> Invitation | None:
    """Another invitation of the same person and order that was made since the one of this outbox item and counts."""
    mine = of_outbox(r, outbox_id)
    if mine is None:
        return None
    other = earlier(r, person_key(mine.email, mine.phone), mine.order_id, since=mine.created_at)
    return other if other is not None and other.id != mine.id else None


def standing(r: Reader, account_id: int, person: str, order_id: str | None) -> list[Invitation]:
    """What could be withdrawn: invitations of this person (and order) that the provider has or may have."""
    sql = _SELECT + "WHERE i.account_id = ? AND i.person = ? AND i.state IN ('invited', 'unknown')"
    values: list[Any] = [account_id, person]
    if order_id:
        sql += " AND i.order_id = ? COLLATE NOCASE"
        values.append(order_id)
    return [_invitation(row) for row in r.rows(sql + " ORDER BY i.id DESC LIMIT 500", values)]


def history(
    r: Reader,
    *,
    text: str = "",
    account_id: int | None = None,
    run_id: int | None = None,
    before: int | None = None,
    limit: int = 100,
) -> Sequence[Invitation]:
    """Newest first. ``text`` is an address, an order number or the beginning of one; ``before`` an id to go on from."""
    parts: list[str] = ["i.id < ?"]
    values: list[Any] = [before if before is not None else 1 << 62]
    if account_id is not None:
        parts.append("i.account_id = ?")
        values.append(account_id)
    if run_id is not None:
        parts.append("i.run_id = ?")
        values.append(run_id)
    wanted = text.strip()
    if wanted:
        low = wanted.casefold()
        parts.append(
            "(i.person BETWEEN ? AND ? OR i.order_id BETWEEN ? AND ? OR instr(lower(i.name), ?) > 0)"
        )
        values += [low, low + "\U0010ffff", wanted, wanted + "\U0010ffff", low]
    sql = _SELECT + "WHERE " + " AND ".join(parts) + " ORDER BY i.id DESC LIMIT ?"
    return [_invitation(row) for row in r.rows(sql, (*values, limit))]


def for_review(r: Reader, review_id: int) -> Sequence[Invitation]:
    """The invitations that a review came of or belongs to: its order or reference at its account, newest first."""
    row = r.one("SELECT account_id, order_id, reference FROM review WHERE id = ?", (review_id,))
    if row is None:
        return []
    orders = [order for order in dict.fromkeys(row[1:]) if order]
    found: dict[int, Invitation] = {}
    for order in orders:
        sql = _SELECT + "WHERE i.order_id = ? AND i.account_id = ? ORDER BY i.id DESC LIMIT 100"
        found |= {each[0]: _invitation(each) for each in r.rows(sql, (order, row[0]))}
    return [found[key] for key in sorted(found, reverse=True)]


def beside(r: Reader, review_id: int) -> list[tuple[Invitation, tuple[str, ...]]]:
    """The invitations of a review's person or order over all accounts, newest first, each with why: ``email``,
    ``order`` or ``reference``. Without those that somebody took apart from it.
    """
    row = r.one("SELECT author_email, order_id, reference FROM review WHERE id = ?", (review_id,))
    if row is None:
        return []
    found: dict[int, tuple[Invitation, list[str]]] = {}
    email, order, reference = row
    for reason, column, value in (
        ("email", "person", person_key(email or "")),
        ("order", "order_id", order),
        ("reference", "order_id", reference if reference != order else None),
    ):
        if not value:
            continue
        sql = _SELECT + (
            f"WHERE i.{column} = ? AND i.{column} <> '' AND NOT EXISTS (SELECT 1 FROM unlinked_invitation AS u"
            " WHERE u.review_id = ? AND u.invitation_id = i.id) ORDER BY i.id DESC LIMIT 50"
        )
        for each in r.rows(sql, (value, review_id)):
            found.setdefault(each[0], (_invitation(each), []))[1].append(reason)
    return [(found[key][0], tuple(found[key][1])) for key in sorted(found, reverse=True)]


# --- lists -------------------------------------------------------------------------------------------

_RUN = (
    "SELECT id, account_id, form, source, digest, mapping, sample, total, at_row, state, created_s, changed_s"
    " FROM invitation_run "
)


def _run(row: tuple[Any, ...]) -> Run:
    return Run(
        id=row[0],
        account_id=row[1],
        form=row[2],
        source=row[3],
        digest=row[4],
        mapping={str(k): int(v) for k, v in object_from(row[5]).items()},
        sample=object_from(row[6]),
        total=row[7],
        at_row=row[8],
        state=row[9],
        created_at=row[10],
        changed_at=row[11],
    )


def open_run(
    tx: Tx,
    *,
    account_id: int,
    form: str,
    source: str,
    digest: str,
    mapping: Mapping[str, int],
    sample: Mapping[str, Any],
    total: int,
) -> tuple[Run, bool]:
    """The run of this very list, and whether it is new: the same list is gone on with, never begun again."""
    key = (account_id, form, digest, to_json(dict(sample)))
    row = tx.one(_RUN + "WHERE account_id = ? AND form = ? AND digest = ? AND sample = ?", key)
    new = row is None
    now = int(tx.now)
    if new:
        tx.run(
            "INSERT INTO invitation_run(account_id, form, digest, sample, source, mapping, total, created_s, changed_s)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*key, source, to_json(dict(mapping)), total, now, now),
        )
        run_id = tx.db.last_insert_rowid()
    else:
        run_id = row[0]  # type: ignore[index]
        tx.run(
            "UPDATE invitation_run SET source = ?, mapping = ?, total = ?, state = 'running', changed_s = ? WHERE id = ?",
            (source, to_json(dict(mapping)), total, now, run_id),
        )
    found = tx.one(_RUN + "WHERE id = ?", (run_id,))
    assert found is not None  # noqa: S101 - written in this transaction
    return _run(found), new


def find_run(r: Reader, *, account_id: int, form: str, digest: str, sample: Mapping[str, Any]) -> Run | None:
    """The run of this very list, when it was begun before."""
    row = r.one(
        _RUN + "WHERE account_id = ? AND form = ? AND digest = ? AND sample = ?",
        (account_id, form, digest, to_json(dict(sample))),
    )
    return None if row is None else _run(row)


def update_run(tx: Tx, run_id: int, *, at_row: int | None = None, state: str | None = None) -> None:
    """Where a run stands: ``running``, ``paused``, ``stopped`` or ``done``, and the last row that is through."""
    tx.run(
        "UPDATE invitation_run SET at_row = coalesce(?, at_row), state = coalesce(?, state), changed_s = ? WHERE id = ?",
        (at_row, state, int(tx.now), run_id),
    )


def run(r: Reader, run_id: int) -> Run | None:
    row = r.one(_RUN + "WHERE id = ?", (run_id,))
    return None if row is None else _run(row)


def runs(r: Reader, *, limit: int = 50) -> list[Run]:
    """The newest lists first."""
    return [_run(row) for row in r.rows(_RUN + "ORDER BY id DESC LIMIT ?", (limit,))]


# --- who must not be asked ---------------------------------------------------------------------------


def _fingerprint(salt: str, person: str) -> str:
    return hashlib.sha256(f"{salt}\n{person}".encode()).hexdigest()


def _salt(tx: Tx) -> str:
    salt = settings.get(tx, SALT)
    if salt is None:
        salt = secrets.token_hex(16)
        settings.put(tx, SALT, salt)
    return salt


def block(tx: Tx, email: str, reason: str = "", *, keep_address: bool = True) -> None:
    """Never ask this person again. ``keep_address=False`` keeps a fingerprint only (an erased person)."""
    person = person_key(email)
    if not person:
        return
    tx.run(
        "INSERT INTO do_not_contact(fingerprint, email, reason, at_s) VALUES (?, ?, ?, ?)"
        " ON CONFLICT(fingerprint) DO UPDATE SET email = iif(?, excluded.email, NULL),"
        " reason = iif(excluded.reason = '', reason, excluded.reason)",
        (
            _fingerprint(_salt(tx), person),
            email.strip() if keep_address else None,
            reason,
            int(tx.now),
            int(keep_address),
        ),
    )
    tx.changes.note_views()


def unblock(tx: Tx, entry_id: int) -> None:
    tx.run("DELETE FROM do_not_contact WHERE id = ?", (entry_id,))
    tx.changes.note_views()


def blocked(r: Reader, email: str) -> Blocked | None:
    """The entry that forbids to write to this address, or None."""
    salt, person = settings.get(r, SALT), person_key(email)
    if salt is None or not person:
        return None
    row = r.one(
        "SELECT id, email, reason, at_s FROM do_not_contact WHERE fingerprint = ?",
        (_fingerprint(salt, person),),
    )
    return None if row is None else Blocked(*row)


def blocked_list(r: Reader) -> list[Blocked]:
    """Everybody on the list, newest first."""
    return [
        Blocked(*row) for row in r.rows("SELECT id, email, reason, at_s FROM do_not_contact ORDER BY id DESC")
    ]


# --- taking a person out -----------------------------------------------------------------------------


def find_person(r: Reader, email: str) -> list[Invitation]:
    """Every invitation of this address."""
    sql = _SELECT + "WHERE i.person = ? ORDER BY i.id"
    return [_invitation(row) for row in r.rows(sql, (person_key(email),))]


def erase_person(tx: Tx, email: str) -> int:
    """Take the person out of every invitation (how many) and keep their address off later lists by a fingerprint.

    The outbox items of these invitations are the caller's to clean.
    """
    person = person_key(email)
    changed = tx.run(
        "UPDATE invitation SET person = '', email = '', phone = '', name = '', order_id = '', order_date = '',"
        " skus = '[]', link = NULL, links = '{}', answer = '{}', changed_s = ? WHERE person = ? AND person <> ''",
        (int(tx.now), person),
    )
    block(tx, email, "Erased on request", keep_address=False)
    tx.changes.note_erased()
    return changed
