"""The note beside a database that damage was met in it: the next opening checks every page (``salvage`` does)."""

from __future__ import annotations

import logging
from pathlib import Path

from reviewdesk.domain.errors import StoreError
from reviewdesk.store.connections import make_private_file

__all__ = ["clear_suspicion", "mark_suspect", "suspect"]

_log = logging.getLogger(__name__)


def _mark(path: Path) -> Path:
    return path.with_name(path.name + ".suspect")


def mark_suspect(path: Path) -> None:
    """Damage was met while the database was in use: the next opening checks every page."""
    try:
        make_private_file(_mark(path))
    except StoreError:
        _log.warning("the suspicion that the database is damaged could not be written down")


def suspect(path: Path) -> bool:
    """Whether the last use met damage."""
    return _mark(path).exists()


def clear_suspicion(path: Path) -> None:
    """Every page was checked and found good."""
    _mark(path).unlink(missing_ok=True)
