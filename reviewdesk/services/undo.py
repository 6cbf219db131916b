"""Undo and redo of what a person does on this machine: many levels, surviving a restart."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, TypeVar

from reviewdesk.store import undo
from reviewdesk.store.undo import KEPT, Step, Taken

if TYPE_CHECKING:
    from reviewdesk.store.database import Store, Tx

__all__ = ["Step", "Taken", "UndoService"]

T = TypeVar("T")


class UndoService:
    """Every act of a person goes through ``act``; the futures resolve after the commit. Any thread."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def act(self, kind: str, work: Callable[[Tx], T], *, detail: str = "") -> Future[T]:
        """Do ``work`` in one transaction as one step. ``kind`` names it for whoever says what was undone."""
        return self._store.write(lambda tx: undo.record(tx, kind, work, detail=detail))

    def redo(self) -> Future[Taken | None]:
        """Do again what was taken back last; None when there is none."""
        return self._store.write(undo.redo)

    def steps(self, limit: int = KEPT) -> list[Step]:
        """What was done, newest first. Blocking."""
        with self._store.read() as reader:
            return undo.list_steps(reader, limit)

    def undo(self) -> Future[Taken | None]:
        """Take the newest step back; None when there is none. What changed since by other means stays."""
        return self._store.write(undo.undo)

    def next(self) -> tuple[Step | None, Step | None]:
        """What undo and redo would do now. Blocking."""
        with self._store.read() as reader:
            return undo.next_undo(reader), undo.next_redo(reader)
