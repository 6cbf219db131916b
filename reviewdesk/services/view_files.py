"""Saved views in a file: written for a colleague or another machine, read in one step that can be taken back."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reviewdesk.domain.errors import InvalidInput
from reviewdesk.domain.query import MAX_CHARS as QUERY_CHARS
from reviewdesk.services.handouts import write_text
from reviewdesk.store import views

if TYPE_CHECKING:
    from reviewdesk.services.undo import UndoService
    from reviewdesk.store.database import Store, Tx
    from reviewdesk.store.views import SavedView

__all__ = ["FORMAT", "ViewFiles"]

FORMAT = "reviewdesk-views"
VERSION = 1
_MAX_BYTES = 1_000_000
_MAX_VIEWS = 500
_ICON_CHARS = 60
_ICON = "bookmark-simple"


class ViewFiles:
    """Writing blocks and is for a pool thread; reading answers with a future that resolves after the commit."""

    def __init__(self, store: Store, history: UndoService) -> None:
        self._store, self._history = store, history

    def export(self, target: Path, ids: Sequence[int] | None = None) -> int:
        """Write these views (None: all) to ``target`` as JSON, in their order; how many. Counts and ids stay here.

        Raises ``InvalidInput`` when there is nothing to write or the place can't be written to.
        """
        with self._store.read() as reader:
            wanted = [view for view in views.list_all(reader) if ids is None or view.id in ids]
        if not wanted:
            raise InvalidInput("There is no saved view to write.")
        made = {
            "format": FORMAT,
            "version": VERSION,
            "views": [
                {"name": view.name, "query": view.query, "icon": view.icon, "notify": view.notify}
                for view in wanted
            ],
        }
        write_text(target, json.dumps(made, ensure_ascii=False, indent=2) + "\n")
        return len(wanted)

    def read(self, source: Path) -> list[SavedView]:
        """What stands in a file, in its order; nothing is stored. Blocking. Raises ``InvalidInput``."""
        try:
            if source.stat().st_size > _MAX_BYTES:
                raise InvalidInput(f"{source.name} is too large for a file of views.")
            given = json.loads(source.read_bytes())
        except OSError as error:
            raise InvalidInput(
                f"{source.name} can't be read: {error.strerror or 'the disk refuses it'}."
            ) from None
        except (ValueError, RecursionError):
            raise InvalidInput(f"{source.name} is no file of views: it is not JSON.") from None
        if not isinstance(given, dict) or given.get("format") != FORMAT:
            raise InvalidInput(f"{source.name} is no file of views.")
        if given.get("version") != VERSION:
            raise InvalidInput(f"{source.name} was written by a newer program.", remedy="Update Reviewdesk.")
        entries = given.get("views")
        if not isinstance(entries, list) or not entries:
            raise InvalidInput(f"There is no view in {source.name}.")
        if len(entries) > _MAX_VIEWS:
            raise InvalidInput(f"A file holds at most {_MAX_VIEWS} views.")
        return [_entry(number, entry) for number, entry in enumerate(entries, 1)]

    def import_from(self, source: Path, icons: Collection[str] = ()) -> Future[list[int]]:
        """Add the views of a file behind those that are there, in one step; their ids.

        A view that is here already, name and search alike, is left alone; one whose name is taken by another search
        gets a number behind it, one whose icon is not among ``icons`` the usual one. Reads the file at once (for a
        pool thread). Raises ``InvalidInput``.
        """
        found = self.read(source)

        def add(tx: Tx) -> list[int]:
            known = {(view.name.casefold(), view.query) for view in views.list_all(tx)}
            made = []
            for view in found:
                if (view.name.casefold(), view.query) not in known:
                    name = views.free_name(tx, view.name)
                    icon = view.icon if view.icon in icons else _ICON
                    made.append(views.add(tx, name, view.query, icon=icon, notify=view.notify))
            return made

        return self._history.act("view-import", add, detail=source.name[:100])


def _entry(number: int, entry: Any) -> SavedView:
    """One view of a file. Raises ``InvalidInput`` that says which."""
    if not isinstance(entry, dict):
        raise InvalidInput(f"View {number} of the file is none.")
    name, query, icon = entry.get("name"), entry.get("query"), entry.get("icon", _ICON)
    if not isinstance(name, str) or not name.strip() or len(name) > views.MAX_CHARS:
        raise InvalidInput(f"View {number} of the file has no name, or one that is too long.")
    if not isinstance(query, str) or len(query) > QUERY_CHARS:
        raise InvalidInput(f"View {number} of the file has no search, or one that is too long.")
    if not isinstance(icon, str) or not icon or len(icon) > _ICON_CHARS:
        icon = _ICON
    # Of other keys a later program may know more.
    return views.SavedView(0, " ".join(name.split()), query, icon, number, entry.get("notify") is True)
