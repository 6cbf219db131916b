"""The inbox: queries, rows, and everything a person does to reviews on this machine."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import field
from functools import partial
from typing import TYPE_CHECKING, Any

from reviewdesk.domain.clock import Clock
from reviewdesk.domain.later import Later
from reviewdesk.domain.models import ReviewDetail, ReviewRow, WorkState
from reviewdesk.domain.plain import dataclass
from reviewdesk.domain.query import And, Field, Query, Sort
from reviewdesk.domain.query import parse as parse_query
from reviewdesk.domain.text import fold
from reviewdesk.domain.work import WorkEvent
from reviewdesk.services.once import once
from reviewdesk.store import (
    accounts,
    reviews,
    search,
    search_index,
    states,
    tags,
    tally,
    views,
)
from reviewdesk.store.database import Priority
from reviewdesk.store.tags import Tag
from reviewdesk.store.views import SavedView

if TYPE_CHECKING:
    from reviewdesk.domain.cases import Effect
    from reviewdesk.services.undo import UndoService
    from reviewdesk.services.view_files import ViewFiles
    from reviewdesk.store import by_product, effects, messages, notes
    from reviewdesk.store.database import Store, Tx
else:
    messages, notes = Later("reviewdesk.store.messages"), Later("reviewdesk.store.notes")
    by_product, effects = Later("reviewdesk.store.by_product"), Later("reviewdesk.store.effects")

__all__ = ["InboxService", "SavedView", "SidebarCounts", "Tag"]

_INDEX_ROWS = 1000
_INDEX_SLICE_S = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class SidebarCounts:
    """The figures beside the sidebar's entries. ``accounts`` counts what is not done or removed."""

    states: dict[WorkState, int] = field(default_factory=dict)
    unread: int = 0
    accounts: dict[int, int] = field(default_factory=dict)
    outbox_waiting: int = 0
    outbox_failed: int = 0


class InboxService:
    """Reads block and are safe on any thread (the window calls them through ``Core.submit``).

    Acts return a future that resolves after the commit.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    @once
    def history(self) -> UndoService:
        """Undo and redo of every act below."""
        from reviewdesk.services.undo import UndoService

        return UndoService(self._store)

    # --- reading -----------------------------------------------------------------------------------------

    def parse(self, text: str, as_typed: bool = False) -> Query:
        """A query in the language of the search box. Raises ``QueryError`` unless ``as_typed``."""
        now = self._clock.now()
        late = None
        if "overdue" in text.lower():
            # Looked up only where it is asked for: the first list of a start waits for none of it.
            from reviewdesk.services.settings import SettingsService
            from reviewdesk.services.targets import late_before

            late = late_before(SettingsService(self._store), now)
        return parse_query(text, now=now, as_typed=as_typed, late_before=late)

    def page(self, query: Query, *, before: int | None = None, limit: int = 100) -> list[ReviewRow]:
        """Rows, newest first; ``before`` is the id of the last row of the page before."""
        with self._store.read() as reader:
            return search.page(reader, query, before=before, limit=limit)

    def ids(self, query: Query, *, sort: Sort = Sort.NEWEST, limit: int | None = None) -> array[int]:
        """The ids of everything the query finds, in order."""
        with self._store.read() as reader:
            return search.ids(reader, query, sort=sort, limit=limit)

    def ids_by_account(
        self, query: Query, *, sort: Sort = Sort.NEWEST
    ) -> tuple[array[int], list[tuple[int, int]]]:
        """The same account by account, in the order of the accounts: all ids, and (account, how many) for each."""
        found: array[int] = array("q")
        sections = []
        seen: set[str] = set()
        with self._store.read() as reader:
            for account in (*accounts.list_all(reader), *accounts.list_removed(reader)):
                key = fold(account.name)
                if key in seen:
                    # The search language knows accounts by name: a removed one may share it.
                    continue
                seen.add(key)
                mine = Field("account", key, text=account.name)
                root = mine if query.root is None else And((query.root, mine))
                part = search.ids(reader, Query(root, query.text), sort=sort)
                found.extend(part)
                sections.append((account.id, len(part)))
        return found, sections

    def ids_by_product(
        self, query: Query, *, sort: Sort = Sort.NEWEST
    ) -> tuple[array[int], list[tuple[int, int]], dict[int, str]]:
        """The same product by product, by name: all ids, (key, how many) for each, and the name of each key.

        What belongs to no product comes last, under the key 0.
        """
        with self._store.read() as reader:
            made = by_product.cut(reader, search.ids(reader, query, sort=sort))
        return made.ids, made.sections, made.names

    def rows(self, ids: Iterable[int]) -> dict[int, ReviewRow]:
        """The rows of these ids; those that are gone are missing."""
        with self._store.read() as reader:
            return reviews.rows(reader, list(ids))

    def effects(self, ids: Iterable[int]) -> dict[int, Effect]:
        """The score before our reply and now, of those whose score changed after it."""
        with self._store.read() as reader:
            return effects.effects(reader, list(ids))

    def count(self, query: Query) -> int:
        with self._store.read() as reader:
            return search.count(reader, query)

    def detail(self, review_id: int) -> ReviewDetail | None:
        """Everything known of a review, with our own items that are on their way."""
        with self._store.read() as reader:
            return reviews.detail(reader, review_id)

    def details(self, ids: Iterable[int]) -> Iterator[ReviewDetail]:
        """The details of these ids from one snapshot, in their order; for the command line and exports."""
        with self._store.read() as reader:
            for review_id in ids:
                detail = reviews.detail(reader, review_id)
                if detail is not None:
                    yield detail

    def sidebar(self) -> SidebarCounts:
        """The sidebar's figures; kept by the database, never counted."""
        with self._store.read() as reader:
            counts = tally.counts(reader)
        return SidebarCounts(
            states={state: figure.n for state, figure in counts.states.items()},
            unread=counts.unread,
            accounts=dict(counts.open),
            outbox_waiting=counts.outbox_waiting,
            outbox_failed=counts.outbox_failed,
        )

    def next_wake(self) -> int | None:
        """When the next snoozed review comes back (UTC seconds); None when nothing sleeps until a moment."""
        with self._store.read() as reader:
            return states.next_wake(reader)

    def next_sleeper(self) -> ReviewRow | None:
        """The snoozed review that comes back next; None when nothing sleeps until a moment."""
        with self._store.read() as reader:
            found = states.next_sleeper(reader)
            return None if found is None else reviews.rows(reader, [found]).get(found)

    def finish_index(self) -> None:
        """Index what waits for it, so that a search finds everything stored. Blocking; for the command line."""
        while True:
            with self._store.read() as reader:
                if not search_index.waiting(reader):
                    return
            self._store.write_now(
                lambda tx: search.index_slice(tx, max_rows=_INDEX_ROWS, budget_s=_INDEX_SLICE_S),
                priority=Priority.SYNC,
            )

    # --- what a person keeps ---------------------------------------------------------------------------------

    def tags(self) -> list[Tag]:
        """Every tag with its colour and how many reviews have it, by name."""
        with self._store.read() as reader:
            return tags.list_all(reader)

    def owners(self) -> list[str]:
        """Everybody who has a review now, by name."""
        with self._store.read() as reader:
            return states.owners(reader)

    def views(self) -> list[SavedView]:
        """The saved views in their order."""
        with self._store.read() as reader:
            return views.list_all(reader)

    def view_counts(self) -> dict[int, int]:
        """How many reviews each saved view holds now. Counts; for a pool thread."""
        queries = {view.id: self.parse(view.query, as_typed=True) for view in self.views()}
        with self._store.read() as reader:
            return {view_id: search.count(reader, query) for view_id, query in queries.items()}

    # --- acting: each of these is one step of ``history`` ----------------------------------------------------

    def mark_done(self, ids: Sequence[int]) -> Future[Any]:
        return self._act("done", lambda tx: states.set_state(tx, ids, WorkEvent.MARK_DONE))

    def reopen(self, ids: Sequence[int]) -> Future[Any]:
        return self._act("reopen", lambda tx: states.set_state(tx, ids, WorkEvent.REOPEN))

    def mark_waiting(self, ids: Sequence[int]) -> Future[Any]:
        return self._act("waiting", lambda tx: states.set_state(tx, ids, WorkEvent.MARK_WAITING))

    def snooze(self, ids: Sequence[int], until_s: float | None) -> Future[Any]:
        """Out of the way until ``until_s`` (UTC seconds); None: until the customer edits or answers."""
        until = None if until_s is None else int(until_s)
        return self._act("snooze", lambda tx: states.snooze(tx, ids, until))

    def snooze_again(self, ids: Sequence[int]) -> Future[Any]:
        """Those that the customer woke early (``ReviewRow.snooze_until`` is still set), each until its old moment."""
        return self._act("snooze", lambda tx: states.snooze_again(tx, ids))

    def mark_read(self, ids: Sequence[int], read: bool) -> Future[Any]:
        """A person says that reviews are read or unread."""
        return self._act("read" if read else "unread", lambda tx: states.set_read(tx, ids, read))

    def set_read(self, ids: Sequence[int], read: bool) -> Future[Any]:
        """The same by itself, when a review was looked at: no step, because nobody asked for it."""
        return self._write(lambda tx: states.set_read(tx, ids, read))

    def set_star(self, ids: Sequence[int], starred: bool) -> Future[Any]:
        return self._act("star" if starred else "unstar", lambda tx: states.set_star(tx, ids, starred))

    def set_hidden(self, ids: Sequence[int], hidden: bool) -> Future[Any]:
        """Take reviews out of every list on this machine, or bring them back as they were. No source hears of it."""
        return self._act("hide" if hidden else "unhide", lambda tx: states.set_hidden(tx, ids, hidden))

    def hidden_among(self, ids: Sequence[int]) -> set[int]:
        """Which of these are hidden."""
        with self._store.read() as reader:
            return states.hidden_among(reader, ids)

    def set_owner(self, ids: Sequence[int], owner: str | None) -> Future[Any]:
        """Give reviews to somebody; None: to nobody."""
        return self._act("owner", lambda tx: states.set_owner(tx, ids, owner), owner or "")

    def add_tag(self, ids: Sequence[int], name: str) -> Future[Any]:
        """Give reviews a tag, making it when it is new. The future fails with ``InvalidInput`` for a bad name."""
        return self._act("tag", lambda tx: tags.add(tx, ids, name), name)

    def remove_tag(self, ids: Sequence[int], name: str) -> Future[Any]:
        return self._act("untag", lambda tx: tags.remove(tx, ids, name), name)

    def rename_tag(self, tag_id: int, name: str) -> Future[Any]:
        """Everywhere at once. The future fails with ``InvalidInput`` for a bad or taken name."""
        return self._act("tag-rename", lambda tx: tags.rename(tx, tag_id, name), name)

    def merge_tags(self, tag_id: int, into: int) -> Future[Any]:
        """Every review with the one has the other afterwards; the one is gone."""
        return self._act("tag-merge", lambda tx: tags.merge(tx, tag_id, into))

    def colour_tag(self, tag_id: int, colour: int) -> Future[Any]:
        """``colour``: 1 to 6."""
        return self._act("tag-colour", lambda tx: tags.set_colour(tx, tag_id, colour))

    def delete_tag(self, tag_id: int) -> Future[Any]:
        """Take a tag off every review and away."""
        return self._act("tag-delete", lambda tx: tags.delete(tx, tag_id))

    def add_note(self, review_id: int, text: str) -> Future[Any]:
        """A note of one's own; no provider ever sees it. The future fails with ``InvalidInput`` for an empty one."""
        return self._act("note", lambda tx: notes.add(tx, review_id, text))

    def edit_note(self, note_id: int, text: str) -> Future[Any]:
        return self._act("note-edit", lambda tx: notes.edit(tx, note_id, text))

    def delete_note(self, note_id: int) -> Future[Any]:
        return self._act("note-delete", lambda tx: notes.delete(tx, note_id))

    def save_view(self, name: str, query: str, *, icon: str = "bookmark-simple") -> Future[int]:
        """Keep a search under a name; its id. The future fails with ``InvalidInput`` for a bad or taken name."""
        return self._act("view", lambda tx: views.add(tx, name, query, icon=icon), name)

    def change_view(
        self,
        view_id: int,
        *,
        name: str | None = None,
        query: str | None = None,
        icon: str | None = None,
        notify: bool | None = None,
    ) -> Future[Any]:
        """Change what is given. The future fails with ``InvalidInput`` for a bad or taken name."""
        work = partial(views.change, view_id=view_id, name=name, query=query, icon=icon, notify=notify)
        return self._act("view-change", lambda tx: work(tx), name or "")

    def delete_view(self, view_id: int) -> Future[Any]:
        return self._act("view-delete", lambda tx: views.delete(tx, view_id))

    def order_views(self, view_ids: Sequence[int]) -> Future[Any]:
        """The order of the sidebar from now on."""
        return self._act("view-order", lambda tx: views.reorder(tx, view_ids))

    @once
    def view_files(self) -> ViewFiles:
        """Saved views written to a file and read from one."""
        from reviewdesk.services.view_files import ViewFiles

        return ViewFiles(self._store, self.history)

    def _act(self, kind: str, work: Callable[[Tx], Any], detail: str = "") -> Future[Any]:
        return self.history.act(kind, work, detail=detail)

    # --- by itself -------------------------------------------------------------------------------------------

    def wake_snoozed(self) -> Future[Any] | None:
        """Bring back what was snoozed until now and cases whose follow-up date has come; None when nothing was."""
        now = self._clock.now()
        with self._store.read() as reader:
            dates = (states.next_wake(reader), messages.next_follow_up(reader))
        if all(due is None or due > now for due in dates):
            return None
        return self._write(lambda tx: [*states.wake_due(tx, now), *messages.due_cases(tx, now)])

    def _write(self, work: Callable[[Tx], Any]) -> Future[Any]:
        return self._store.write(work)
