"""Saved replies: folders, a text per language, how often each was used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reviewdesk.domain.errors import InvalidInput
from reviewdesk.domain.text import clean, one_line
from reviewdesk.store.writer import Reader, Tx

__all__ = ["MAX_CHARS", "MOST", "SavedReply", "count_use", "delete", "get", "list_all", "put"]

MAX_CHARS = 20_000
MOST = 2_000
_MOST_LANGUAGES = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedReply:
    """``texts`` by language code (``fr``); the empty code is for any language. ``used_at``: UTC seconds."""

    id: int = 0
    folder: str = ""
    name: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    used: int = 0
    used_at: int | None = None


def list_all(r: Reader) -> list[SavedReply]:
    """All of them, by folder and name."""
    texts: dict[int, dict[str, str]] = {}
    for reply_id, language, text in r.rows("SELECT reply_id, language, text FROM saved_reply_text"):
        texts.setdefault(reply_id, {})[language] = text
    rows = r.rows("SELECT id, folder, name, used, used_s FROM saved_reply ORDER BY folder, name")
    return [
        SavedReply(id=i, folder=folder, name=name, texts=texts.get(i, {}), used=used, used_at=at)
        for i, folder, name, used, at in rows
    ]


def get(r: Reader, reply_id: int) -> SavedReply | None:
    """One of them, or None."""
    row = r.one("SELECT id, folder, name, used, used_s FROM saved_reply WHERE id = ?", (reply_id,))
    if row is None:
        return None
    texts = dict(r.rows("SELECT language, text FROM saved_reply_text WHERE reply_id = ?", (reply_id,)))
    return SavedReply(id=row[0], folder=row[1], name=row[2], texts=texts, used=row[3], used_at=row[4])


def put(tx: Tx, reply: SavedReply) -> SavedReply:
    """Store a new one (id 0) or change one; as it is stored. A name is unique within its folder.

    Raises InvalidInput for one without name or text, too long or one too many, or a name that is taken; KeyError for an
    id that is not there. The count of uses is kept.
    """
    folder, name, texts = _tidy(reply)
    taken = tx.value("SELECT id FROM saved_reply WHERE folder = ? AND name = ?", (folder, name))
    if taken is not None and taken != reply.id:
        raise InvalidInput(f"There is a saved reply '{name}' in this folder already.")
    if reply.id:
        if not tx.run("UPDATE saved_reply SET folder = ?, name = ? WHERE id = ?", (folder, name, reply.id)):
            raise KeyError(reply.id)
        reply_id = reply.id
        tx.run("DELETE FROM saved_reply_text WHERE reply_id = ?", (reply_id,))
    else:
        if int(tx.value("SELECT count(*) FROM saved_reply") or 0) >= MOST:
            raise InvalidInput(f"There are {MOST:,} saved replies already.")
        tx.run("INSERT INTO saved_reply(folder, name) VALUES (?, ?)", (folder, name))
        reply_id = tx.db.last_insert_rowid()
    for language, text in texts.items():
        tx.run(
            "INSERT INTO saved_reply_text(reply_id, language, text) VALUES (?, ?, ?)",
            (reply_id, language, text),
        )
    stored = get(tx, reply_id)
    if stored is None:
        raise KeyError(reply_id)
    return stored


def _tidy(reply: SavedReply) -> tuple[str, str, dict[str, str]]:
    folder = "/".join(p for part in reply.folder.split("/") if (p := one_line(clean(part), 60)))
    name = one_line(clean(reply.name), 120)
    texts = {k.strip().lower(): clean(v) for k, v in reply.texts.items() if v.strip()}
    if not name:
        raise InvalidInput("A saved reply needs a name.")
    if not texts:
        raise InvalidInput("A saved reply needs a text.")
    if len(texts) > _MOST_LANGUAGES or any(len(t) > MAX_CHARS for t in texts.values()):
        raise InvalidInput(
            f"A saved reply has at most {MAX_CHARS:,} characters and {_MOST_LANGUAGES} languages."
        )
    if any(len(code) > 12 or not code.replace("-", "").isalnum() for code in texts if code):
        raise InvalidInput("A language is given by its code, for instance fr.")
    return folder[:300], name, texts


def delete(tx: Tx, reply_id: int) -> SavedReply | None:
    """Remove one; what it was, so that it can be stored again. None when it is not there."""
    former = get(tx, reply_id)
    if former is not None:
        tx.run("DELETE FROM saved_reply WHERE id = ?", (reply_id,))
    return former


def count_use(tx: Tx, reply_id: int) -> None:
    """It was put into a text."""
    tx.run("UPDATE saved_reply SET used = used + 1, used_s = ? WHERE id = ?", (int(tx.now), reply_id))
