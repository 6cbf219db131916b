"""Knowing an erased person again without keeping who they were.

What is kept are keyed hashes of address, name, order numbers and the provider's ids of person and review. The key is in the
same database, so that a restored backup knows them too: the hashes protect against reading, not against somebody who
has the database and guesses an address. What the providers still give comes in through ``screen`` as anonymous.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from reviewdesk.domain.messages import MessageRecord
from reviewdesk.domain.models import Author, Comment, Rejected, ReviewKind, ReviewRecord, Role, Thread
from reviewdesk.domain.person import ANONYMOUS, EMAIL, Needles, Person, name_words
from reviewdesk.store import settings
from reviewdesk.store.writer import Reader, Tx

__all__ = [
    "KEY",
    "Known",
    "known",
    "remember",
    "screen",
    "screen_messages",
    "screen_rejected",
    "screen_thread",
]

KEY = "erased.key"
_WORD = re.compile(r"\w[\w./#-]*\w|\w")
_LONGEST_NAME = 4


def remember(tx: Tx, person: Person, reviews: Iterable[Sequence[Any]]) -> None:
    """Keep the hashes. ``reviews``: ``(account id, kind, native id, author id, username)`` of each."""
    key = settings.get(tx, KEY)
    if key is None:
        key = secrets.token_hex(32)
        settings.put(tx, KEY, key)
    made = {_digest(key, "email", value) for value in person.emails}
    made |= {_digest(key, "order", value) for value in person.orders if len(value) > 2}
    made |= {
        _digest(key, "name", value)
        for value in person.names
        if len(name_words(value)) > 1 and value not in person.shared_names
    }
    for account_id, kind, native_id, author_id, username in reviews:
        made.add(_digest(key, "review", f"{account_id}/{kind}/{native_id}"))
        made |= {_digest(key, "id", f"{account_id}/{value}") for value in (author_id, username) if value}
    tx.db.executemany(
        "INSERT OR IGNORE INTO erased(digest, at_s) VALUES (?, ?)", ((d, int(tx.now)) for d in made)
    )


def _digest(key: str, kind: str, value: str) -> bytes:
    plain = " ".join(unicodedata.normalize("NFC", value).casefold().split())
    said = f"{kind}\n{plain}".encode("utf-8", "replace")
    return hashlib.blake2b(said, key=bytes.fromhex(key), digest_size=16).digest()


class Known:
    """Asks the table; made for one transaction."""

    def __init__(self, r: Reader, key: str) -> None:
        self._r, self._key = r, key

    def knows(self, kind: str, value: str | None) -> bool:
        if not value:
            return False
        found = self._r.one("SELECT 1 FROM erased WHERE digest = ?", (_digest(self._key, kind, value),))
        return found is not None

    def is_theirs(self, account_id: int, record: ReviewRecord) -> bool:
        author = record.author
        return (
            self.knows("review", f"{account_id}/{record.kind}/{record.native_id}")
            or self.knows("email", author.email)
            or self.knows("order", record.order_id)
            or self.knows("order", record.reference)
            or any(self.knows("id", f"{account_id}/{v}") for v in (author.id, author.username) if v)
            or (author.email is None and self.knows("name", author.name))
        )

    def redact(self, text: str) -> str:
        """``text`` without every address, order number and name of an erased person that stands in it."""
        for address in set(EMAIL.findall(text)):
            if self.knows("email", address.rstrip(".")):
                text = text.replace(address, ANONYMOUS)
        gone: set[str] = set()
        words = list(_WORD.finditer(text))
        for at, word in enumerate(words):
            if len(word[0]) > 2 and self.knows("order", word[0]):
                gone.add(word[0])
            for size in range(2, _LONGEST_NAME + 1):
                if at + size <= len(words):
                    name = text[word.start() : words[at + size - 1].end()]
                    if len(name) < 80 and self.knows("name", name):
                        gone.add(name)
        return Needles(gone, encoded=False).clean(text) if gone else text

    def stands_in(self, text: str) -> bool:
        """Whether an address or an order number of an erased person stands in ``text``."""
        if any(self.knows("email", address.rstrip(".")) for address in set(EMAIL.findall(text))):
            return True
        return any(self.knows("order", word) for word in set(_WORD.findall(text)) if len(word) > 4)


def known(r: Reader) -> Known | None:
    """None while nobody was erased: then nothing is looked at."""
    key = settings.get(r, KEY)
    return None if key is None else Known(r, key)


def screen(r: Reader, account_id: int, records: Sequence[ReviewRecord]) -> Sequence[ReviewRecord]:
    """Records on their way in: those of erased people become anonymous. The same record always becomes the same."""
    asked = known(r)
    if asked is None:
        return records
    return [
        _anonymous(asked, record) if asked.is_theirs(account_id, record) else record for record in records
    ]


def _anonymous(asked: Known, record: ReviewRecord) -> ReviewRecord:
    own = _values(record)

    def clean(text: str) -> str:
        return asked.redact(own.clean(text))

    return replace(
        record,
        author=Author(name=ANONYMOUS),
        order_id=None,
        reference=None,
        source_id=None,
        facts=(),
        private_facts=(),
        raw="",
        anonymised=True,
        title=clean(record.title),
        body=clean(record.body),
        previous=tuple(replace(v, title=clean(v.title), body=clean(v.body)) for v in record.previous),
        thread=None if record.thread is None else _thread(asked, record.thread, own),
    )


def _values(record: ReviewRecord) -> Needles:
    person = Person()
    author = record.author
    for kind, value in (
        ("names", author.name), ("usernames", author.username), ("emails", author.email), ("ids", author.id),
        ("orders", record.order_id), ("orders", record.reference),
    ):  # fmt: skip
        person.add(kind, value)
    return Needles(person.strong() | person.weak())


def _thread(asked: Known, thread: Thread, own: Needles) -> Thread:
    said = Person()
    for comment in thread.comments:
        if comment.role is Role.CONSUMER:
            said.add("names", comment.author)
    names = Needles(said.strong() | said.weak())

    def clean(comment: Comment) -> Comment:
        text = asked.redact(names.clean(own.clean(comment.text)))
        if comment.role is Role.CONSUMER:
            return replace(comment, author=ANONYMOUS, author_id=None, text=text)
        return replace(comment, text=text)

    return replace(thread, comments=tuple(clean(comment) for comment in thread.comments))


def screen_thread(r: Reader, review_id: int, thread: Thread) -> Thread:
    """A conversation that was read by itself: the same for a review of an erased person."""
    asked = known(r)
    if asked is None:
        return thread
    row = r.one("SELECT account_id, kind, native_id FROM review WHERE id = ?", (review_id,))
    if row is None or not asked.knows("review", f"{row[0]}/{row[1]}/{row[2]}"):
        return thread
    return _thread(asked, thread, Needles(()))


def screen_messages(r: Reader, account_id: int, records: Sequence[MessageRecord]) -> Sequence[MessageRecord]:
    """Private messages on their way in: those with an erased person become anonymous."""
    asked = known(r)
    if asked is None:
        return records
    return [_message(asked, account_id, record) for record in records]


def _message(asked: Known, account_id: int, record: MessageRecord) -> MessageRecord:
    theirs = record.person is not None and asked.knows("id", f"{account_id}/{record.person}")
    if not theirs and record.review_no is not None:
        theirs = any(asked.knows("review", f"{account_id}/{k}/{record.review_no}") for k in ReviewKind)
    if not theirs:
        return record
    own = Needles({record.person} if record.person else ())

    def clean(text: str) -> str:
        return asked.redact(own.clean(text))

    return replace(record, person=ANONYMOUS, subject=clean(record.subject), body=clean(record.body))


def screen_rejected(tx: Tx, records: Iterable[Rejected]) -> list[Rejected]:
    """Records that can't be read may hold an erased person all the same: their text is not kept then."""
    asked = known(tx)
    if asked is None:
        return list(records)
    return [
        Rejected(asked.redact(each.where), asked.redact(each.reason), "")
        if asked.stands_in(each.raw)
        else each
        for each in records
    ]
