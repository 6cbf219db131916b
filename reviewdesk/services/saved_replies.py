"""Saved replies: found by a few letters, resolved for a review, kept as files."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reviewdesk.domain.clock import Clock
from reviewdesk.domain.errors import InvalidInput, ReviewdeskError
from reviewdesk.domain.models import Account, ReviewDetail, Target
from reviewdesk.domain.templates import Resolved, Variable, offered, resolve
from reviewdesk.domain.text import fold
from reviewdesk.services.accounts import AccountService
from reviewdesk.store import reviews
from reviewdesk.store import saved_replies as stored
from reviewdesk.store.saved_replies import SavedReply

if TYPE_CHECKING:
    from reviewdesk.store.database import Store, Tx

__all__ = ["Choice", "Imported", "SavedReply", "SavedReplyService"]

FORMAT = "reviewdesk-saved-replies"
VERSION = 1
LARGEST_FILE = 20_000_000


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of the picker: a saved reply and the language variant that fits the review best."""

    reply: SavedReply
    language: str
    """Code of the variant; empty for the one for any language."""
    text: str
    """The variant, unresolved."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file brought."""

    added: int
    changed: int
    skipped: tuple[str, ...]
    """Why each of the others was left out."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A saved reply with the folded forms that a search looks at."""

    reply: SavedReply
    name: str
    heads: tuple[str, ...]
    place: str
    all: str

    @classmethod
    def of(cls, reply: SavedReply) -> _Known:
        name = fold(reply.name)
        place = f"{fold(reply.folder)} {name}"
        return cls(reply, name, tuple(name.split()), place, fold(" ".join((place, *reply.texts.values()))))


class SavedReplyService:
    """Reads are answered from memory after the first and from then on may be called on the window's thread."""

    def __init__(self, store: Store, clock: Clock, accounts: AccountService) -> None:
        self._store = store
        self._clock = clock
        self._accounts = accounts
        self._lock = threading.Lock()
        self._known: tuple[_Known, ...] | None = None
        self._generation = 0

    # --- reading -----------------------------------------------------------------------------------------

    def list(self) -> list[SavedReply]:
        """All of them, by folder and name."""
        return [known.reply for known in self._all()]

    def _all(self) -> tuple[_Known, ...]:
        with self._lock:
            if self._known is not None:
                return self._known
            generation = self._generation
        with self._store.read() as reader:
            found = tuple(_Known.of(reply) for reply in stored.list_all(reader))
        with self._lock:
            if generation == self._generation:
                self._known = found
        return found

    def search(self, words: str, language: str | None = None, *, limit: int = 50) -> tuple[Choice, ...]:
        """Those whose name, folder or text has all the words, the language of the review and the most used first.

        Without regard to case and accents; what begins the name comes before what lies within.
        """
        wanted = fold(words).split()
        code = _code(language)
        ranked: list[tuple[tuple[int, int, int, str], Choice]] = []
        for known in self._all():
            if all(any(h.startswith(w) for h in known.heads) for w in wanted):
                rank = 0
            elif all(w in known.place for w in wanted):
                rank = 1
            elif all(w in known.all for w in wanted):
                rank = 2
            else:
                continue
            reply = known.reply
            best = self.variant(reply, code)
            fit = 0 if best and best.split("-")[0] == code.split("-")[0] else 1 if not best else 2
            ranked.append(((rank, fit, -reply.used, known.name), Choice(reply, best, reply.texts[best])))
        ranked.sort(key=lambda pair: pair[0])
        return tuple(choice for _, choice in ranked[:limit])

    @staticmethod
    def variant(reply: SavedReply, language: str | None) -> str:
        """The code of the text for this language: itself, without its country, for any language, English, the first."""
        code = _code(language)
        candidates = [code, code.split("-")[0], *(c for c in reply.texts if code and c.split("-")[0] == code)]
        for candidate in [*candidates, "", "en"]:
            if candidate in reply.texts:
                return candidate
        return sorted(reply.texts)[0]

    def variables(self, target: Target) -> tuple[Variable, ...]:
        """What may be put into a text for this reader; private fields are not offered for public ones."""
        return offered(public=target is Target.PUBLIC)

    def values(self, review_id: int) -> dict[str, str]:
        """What the variables stand for at this review. Blocking."""
        with self._store.read() as reader:
            detail = reviews.detail(reader, review_id)
        if detail is None:
            return {}
        account = self._accounts.get(detail.row.account_id)
        return _values(detail, account, self._provider(account))

    def _provider(self, account: Account | None) -> str:
        specs = {spec.id: spec.title for spec in self._accounts.specs()}
        return specs.get(account.provider, "") if account is not None else ""

    @staticmethod
    def resolve(text: str, values: Mapping[str, str], target: Target) -> Resolved:
        """The text as it will read, with its cursor and gaps."""
        return resolve(text, values, public=target is Target.PUBLIC)

    # --- writing -----------------------------------------------------------------------------------------

    def save(self, reply: SavedReply) -> Future[SavedReply]:
        """Store a new one (id 0) or change one. Fails with InvalidInput (store/saved_replies.py says when)."""
        return self._write(lambda tx: stored.put(tx, reply))

    def remove(self, reply_id: int) -> Future[SavedReply | None]:
        """Take one away; what it was, so that it can be saved again."""
        return self._write(lambda tx: stored.delete(tx, reply_id))

    def used(self, reply_id: int) -> Future[None]:
        """It was put into a text: it counts."""
        return self._write(lambda tx: stored.count_use(tx, reply_id))

    def _write(self, work: Any) -> Future[Any]:
        def write(tx: Tx) -> Any:
            return work(tx)

        future = self._store.write(write)
        future.add_done_callback(lambda done: self._forget())
        return future

    def _forget(self) -> None:
        with self._lock:
            self._known = None
            self._generation += 1

    # --- files -------------------------------------------------------------------------------------------

    def export_file(self, path: Path, ids: Iterable[int] | None = None) -> int:
        """Write all (or these) to a file; how many. Blocking. Raises ReviewdeskError when it can't be written."""
        wanted = None if ids is None else set(ids)
        chosen = [r for r in self.list() if wanted is None or r.id in wanted]
        data = {
            "format": FORMAT,
            "version": VERSION,
            "replies": [{"folder": r.folder, "name": r.name, "texts": dict(r.texts)} for r in chosen],
        }
        part = path.with_name(path.name + ".part")
        try:
            with part.open("w", encoding="utf-8") as stream:
                json.dump(data, stream, ensure_ascii=False, indent=2)
                stream.flush()
                os.fsync(stream.fileno())
            part.replace(path)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise ReviewdeskError(f"{path.name} can't be written: {error.strerror}.") from None
        return len(chosen)

    def import_file(self, path: Path) -> Imported:
        """Add what a file holds; one with the same folder and name is changed. Blocking.

        Raises InvalidInput for a file that is no such thing; then nothing is changed. An entry that can't be read is
        left out and named.
        """
        entries = _read(path)

        def write(tx: Tx) -> Imported:
            known = {(fold(r.folder), fold(r.name)): r for r in stored.list_all(tx)}
            added = changed = 0
            skipped: list[str] = []
            for number, entry in enumerate(entries, 1):
                try:
                    reply = _entry(entry)
                    former = known.get((fold(reply.folder), fold(reply.name)))
                    kept = stored.put(tx, replace(reply, id=former.id if former else 0))
                except InvalidInput as error:
                    skipped.append(f"Entry {number}: {error.message}")
                    continue
                known[fold(kept.folder), fold(kept.name)] = kept
                added, changed = (added, changed + 1) if former else (added + 1, changed)
            return Imported(added, changed, tuple(skipped))

        result: Imported = self._write(write).result()
        return result


def _code(language: str | None) -> str:
    return (language or "").strip().lower().replace("_", "-")


def _values(detail: ReviewDetail, account: Account | None, provider: str) -> dict[str, str]:
    row, name = detail.row, (detail.author.name or "").strip()
    score = "" if row.score is None else f"{row.score:g}"
    day = datetime.fromtimestamp(row.created_at, UTC).date().isoformat()
    return {
        "customer.first_name": "" if detail.author.name is None else name.split(" ")[0],
        "customer.name": name,
        "customer.email": detail.author.email or "",
        "order.number": row.order_id or "",
        "order.reference": detail.reference or "",
        "review.product": row.product_name or "",
        "review.title": detail.title,
        "review.score": score,
        "review.date": day,
        "account.name": account.name if account is not None else "",
        "provider.name": provider,
    }


def _read(path: Path) -> list[Any]:
    try:
        with path.open("rb") as stream:
            raw = stream.read(LARGEST_FILE + 1)
    except OSError as error:
        raise InvalidInput(f"{path.name} can't be read: {error.strerror}.") from None
    if len(raw) > LARGEST_FILE:
        raise InvalidInput(f"{path.name} is too large.")
    try:
        data = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise InvalidInput(f"{path.name} holds no saved replies.") from None
    if (
        not isinstance(data, dict)
        or data.get("format") != FORMAT
        or not isinstance(data.get("replies"), list)
    ):
        raise InvalidInput(f"{path.name} holds no saved replies.")
    if data.get("version") != VERSION:
        raise InvalidInput(f"{path.name} was written by a newer version of this program.")
    return list(data["replies"])


def _entry(entry: Any) -> SavedReply:
    if not isinstance(entry, dict) or not isinstance(entry.get("texts"), dict):
        raise InvalidInput("it has no texts.")
    values = (entry.get("folder", ""), entry.get("name", ""), *entry["texts"], *entry["texts"].values())
    if not all(isinstance(v, str) for v in values):
        raise InvalidInput("folder, name and texts must be texts.")
    return SavedReply(folder=values[0], name=values[1], texts=entry["texts"])
