"""Before a backup is restored: what would change, in figures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reviewdesk.domain.errors import InvalidInput
from reviewdesk.services.backups import is_whole
from reviewdesk.store import restoring

if TYPE_CHECKING:
    from reviewdesk.store.database import Store

__all__ = ["Difference", "Preview", "held", "preview"]

Difference = restoring.Difference


@dataclass(frozen=True, slots=True)
class Preview:
    """``differences``: kind by kind, those without any left out. ``held``: outbox items that would be held back."""

    path: Path
    differences: tuple[Difference, ...]
    held: int


def preview(store: Store, backup: Path) -> Preview:
    """What restoring ``backup`` would change. Blocking. Raises ``InvalidInput`` for a copy that can't be restored."""
    if not backup.is_file():
        raise InvalidInput(f"There is no file {backup.name}.")
    if not is_whole(backup):
        raise InvalidInput(f"{backup.name} is no whole copy of a database that this version can read.")
    found, waiting = restoring.differences(store.path, backup)
    return Preview(backup, tuple(each for each in found if not each.is_none), waiting)


def held(store: Store) -> int:
    """How many outbox items are held because they come from a restored copy."""
    with store.read() as reader:
        return restoring.held(reader)
