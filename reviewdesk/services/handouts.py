"""Files that leave the program: written whole or not at all, and remembered, so that a person's erasure can name them."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypeVar

from reviewdesk.domain.errors import InvalidInput, ReviewdeskError
from reviewdesk.store import journal

if TYPE_CHECKING:
    from reviewdesk.store.database import Store

__all__ = ["Copy", "copies", "note_copy", "write_text", "write_whole"]

T = TypeVar("T")
_BUFFER_BYTES = 1 << 20
_KINDS = ("export", "backup", "person")
WRITTEN = "written"


def write_whole(target: Path, fill: Callable[[IO[bytes]], T]) -> T:
    """Let ``fill`` write a new file beside ``target`` (mode 0600) and give it its name when it is whole.

    Whatever ``fill`` raises, nothing of it stays and a former ``target`` is as it was. Raises ``InvalidInput`` when the
    place can't be written to (said before ``fill`` began), ``ReviewdeskError`` when the disk gives out later.
    """
    if target.is_dir():
        raise InvalidInput(f"{target} is a folder; name a file.")
    part = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}.part")
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    except OSError as error:
        raise InvalidInput(f"{target} can't be written: {error.strerror or 'the disk refuses it'}.") from None
    try:
        with os.fdopen(handle, "wb", _BUFFER_BYTES) as file:
            result = fill(file)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    except OSError as error:
        remedy = "Free some space, or choose another disk." if error.errno == errno.ENOSPC else ""
        raise ReviewdeskError(
            f"{target.name} could not be written: {error.strerror or 'the disk refuses it'}.", remedy=remedy
        ) from None
    finally:
        part.unlink(missing_ok=True)
    return result


def write_text(target: Path, text: str) -> None:
    """``write_whole`` for a text, as UTF-8."""
    write_whole(target, lambda file: file.write(text.encode("utf-8", "replace")))


@dataclass(frozen=True, slots=True)
class Copy:
    """A file that was written for a person. ``kind``: ``export``, ``backup`` or ``person``. ``at``: UTC seconds."""

    kind: str
    at: int
    path: Path


def note_copy(store: Store, kind: str, path: Path) -> None:
    """Remember in the journal that personal data left the program, and where to. Raises the StoreErrors."""
    store.write_now(lambda tx: journal.add(tx, action=kind, result=WRITTEN, answer=str(path)))


def copies(store: Store, inside: Path) -> list[Copy]:
    """The files that were written and are still there, outside of the folder ``inside``. Blocking."""
    with store.read() as reader:
        lines = [entry for kind in _KINDS for entry in journal.of_action(reader, kind)]
    found: dict[Path, Copy] = {}
    for entry in lines:
        path = Path(entry.answer)
        if entry.result == WRITTEN and path.is_file() and inside not in path.parents:
            found[path] = Copy(entry.action, entry.at, path)
    return sorted(found.values(), key=lambda copy: copy.at)
