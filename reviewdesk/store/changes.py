"""What a transaction changed, collected while it runs and published once it is committed."""

from __future__ import annotations

from collections.abc import Iterable

from reviewdesk.domain.models import ChangeSet

__all__ = ["ChangeCollector"]


class ChangeCollector:
    """Filled by store functions on the writer thread; ``result`` is what the window hears.

    ``added``: rows that were not there before. ``removed``: rows that have left the database. A review whose
    work state became Removed is ``changed``: it is still there.
    """

    def __init__(self) -> None:
        self._added: set[int] = set()
        self._changed: set[int] = set()
        self._removed: set[int] = set()
        self._drafts: set[int] = set()
        self._outbox: set[int] = set()
        self._accounts: set[int] = set()
        self._journal = False
        self._views = False
        self._products = False
        self.erased = False
        """Personal data was wiped: the write-ahead log must be emptied soon after the commit."""

    def note_added(self, review_ids: Iterable[int]) -> None:
        self._added.update(review_ids)

    def note_changed(self, review_ids: Iterable[int]) -> None:
        self._changed.update(review_ids)

    def note_removed(self, review_ids: Iterable[int]) -> None:
        self._removed.update(review_ids)

    def note_draft(self, review_id: int) -> None:
        self._drafts.add(review_id)

    def note_outbox(self, outbox_id: int) -> None:
        self._outbox.add(outbox_id)

    def note_account(self, account_id: int) -> None:
        self._accounts.add(account_id)

    def note_journal(self) -> None:
        self._journal = True

    def note_views(self) -> None:
        """Saved views, tags or settings that the sidebar shows."""
        self._views = True

    def note_products(self) -> None:
        """Products, and which listings belong to them."""
        self._products = True

    def note_erased(self) -> None:
        self.erased = True

    def result(self) -> ChangeSet:
        return ChangeSet(
            added=frozenset(self._added - self._removed),
            changed=frozenset(self._changed - self._added - self._removed),
            removed=frozenset(self._removed),
            drafts=frozenset(self._drafts),
            outbox=frozenset(self._outbox),
            accounts=frozenset(self._accounts),
            journal=self._journal,
            views=self._views,
            products=self._products,
        )
