"""A profile opened only to be read: what ``list``, ``show`` and ``count`` need, and nothing that takes time to load."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reviewdesk.domain.clock import Clock, SystemClock
from reviewdesk.domain.invitations.model import Invitation
from reviewdesk.domain.models import Account
from reviewdesk.services.inbox import InboxService
from reviewdesk.services.profile import Profile
from reviewdesk.store import accounts as stored_accounts
from reviewdesk.store import invitations
from reviewdesk.store.database import Store

__all__ = ["Reading"]


@dataclass(frozen=True, slots=True)
class _Names:
    """The accounts, to be named only."""

    store: Store

    def list(self) -> list[Account]:
        with self.store.read() as reader:
            return stored_accounts.list_all(reader)


@dataclass(frozen=True, slots=True)
class _Invitations:
    """Who was asked, to be read only."""

    store: Store

    def for_review(self, review_id: int) -> Sequence[Invitation]:
        with self.store.read() as reader:
            return invitations.for_review(reader, review_id)


@dataclass(frozen=True, slots=True)
class Reading:
    """Open with ``Reading.open``, end with ``stop``."""

    profile: Profile
    clock: Clock
    store: Store
    accounts: _Names
    inbox: InboxService
    invitations: _Invitations

    @classmethod
    def open(cls, profile: Profile, *, clock: Clock | None = None) -> Reading:
        """Raises ``StoreError`` when the database can't be used."""
        chosen = clock or SystemClock()
        store = Store.open(profile.database, clock=chosen, on_change=lambda _: None)
        return cls(profile, chosen, store, _Names(store), InboxService(store, chosen), _Invitations(store))

    def stop(self) -> None:
        self.store.close()
