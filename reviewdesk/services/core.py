"""The core: every service of one profile, put together. The window and the command line hold one of these."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from reviewdesk.domain.clock import Clock
from reviewdesk.domain.errors import InvalidInput
from reviewdesk.domain.models import Account, ChangeSet
from reviewdesk.secrets.base import OnValue, SecretStore
from reviewdesk.services.accounts import AccountService
from reviewdesk.services.backups import BackupService, open_or_rescue
from reviewdesk.services.care import DataCare
from reviewdesk.services.checks import CheckService
from reviewdesk.services.events import EventBus, Notice, NoticeLevel
from reviewdesk.services.forgetting import Forgetter
from reviewdesk.services.inbox import InboxService
from reviewdesk.services.invitations import InvitationService
from reviewdesk.services.invitations_bulk import InvitationLists
from reviewdesk.services.messages import MessageService
from reviewdesk.services.moderation import ModerationService
from reviewdesk.services.outages import Outages
from reviewdesk.services.outbox import OutboxService, Process
from reviewdesk.services.people import PeopleService
from reviewdesk.services.pictures import PictureService
from reviewdesk.services.pool import Pool
from reviewdesk.services.products import ProductService
from reviewdesk.services.profile import Profile
from reviewdesk.services.replies import ReplyService
from reviewdesk.services.saved_replies import SavedReplyService
from reviewdesk.services.scheduler import Scheduler
from reviewdesk.services.settings import SettingsService
from reviewdesk.services.sync import SyncService
from reviewdesk.services.workers import Workers
from reviewdesk.store import products, search
from reviewdesk.store.database import Store, Tx

if TYPE_CHECKING:
    from reviewdesk.providers.base import CancelToken, Provider

__all__ = ["Core"]

_log = logging.getLogger(__name__)
_T = TypeVar("_T")

_READERS = 3
_INDEX_SLICE_S = 0.02


@dataclass(eq=False)
class Core:
    """Open with ``Core.open``; ``start`` for a window (scheduler, recovery), ``stop`` at the end in any case."""

    clock: Clock
    bus: EventBus
    profile: Profile
    practice: bool
    store: Store
    secrets: SecretStore
    accounts: AccountService
    inbox: InboxService
    replies: ReplyService
    invitations: InvitationService
    invitation_lists: InvitationLists
    checks: CheckService
    saved_replies: SavedReplyService
    messages: MessageService
    people: PeopleService
    moderation: ModerationService
    outbox: OutboxService
    sync: SyncService
    pictures: PictureService
    products: ProductService
    settings: SettingsService
    scheduler: Scheduler
    workers: Workers
    process: Process
    pool: Pool
    backups: BackupService
    salvaged: str = ""
    """What was saved from a damaged database at this opening, in one sentence; empty: it was whole."""
    at_end: list[Callable[[], None]] = field(default_factory=list)
    """Called by ``stop`` after everything else, e.g. to close the practice servers."""
    bundle: Callable[[], str] | None = None
    """Puts the diagnostics bundle together; blocking. None where nobody gave one."""
    restore_from: Path | None = None
    """Set by a window that closes so that this backup takes the place of the database (``app.open_window``)."""

    @cached_property
    def care(self) -> DataCare:
        """Exports, a person's data, retention, storage."""
        return DataCare(self)

    @classmethod
    def open(
        cls,
        profile: Profile,
        *,
        clock: Clock,
        secrets: SecretStore,
        practice: bool = False,
        on_value: OnValue | None = None,
        providers: Mapping[str, type[Provider]] | None = None,
        rescue: bool = True,
    ) -> Core:
        """Open the profile's database and put the services together; nothing runs yet.

        ``rescue``: a damaged database is set aside and salvaged, which a person must be told of; otherwise it is
        left as it is and ``StoreDamaged`` raised, for a script must not go on with an inbox that lost half.

        Raises ``StoreError`` when the database can't be used.
        """
        bus = EventBus()

        def open_store() -> Store:
            return Store.open(
                profile.database,
                clock=clock,
                on_change=lambda changes: bus.publish(changes) if changes else None,
                idle_work=_index,
                # What another process changed is not known in detail: everything shown is read again.
                on_outside_change=lambda: bus.publish(ChangeSet(views=True, journal=True)),
            )

        store, saved = open_or_rescue(profile, clock, open_store) if rescue else (open_store(), None)
        accounts = AccountService(
            store, secrets, clock, profile.locks, on_value=on_value, providers=providers
        )

        def open_provider(
            account_id: int, cancel: CancelToken, meanwhile: Callable[[], None]
        ) -> tuple[Account, Provider]:
            account = accounts.get(account_id)
            if account is None:
                raise InvalidInput("The account is no longer there.")
            accounts.look_at_secrets(account)
            return account, accounts.open_provider(account, cancel, meanwhile)

        workers = Workers(open_provider, clock, profile.locks)
        outages = Outages(clock)
        process = Process(profile.locks)
        sync = SyncService(store, workers, bus, clock, outages, profile.locks)
        sync.on_anonymised(Forgetter(store, profile, clock).forget)
        outbox = OutboxService(store, clock, accounts, workers, sync, outages, process)
        replies = ReplyService(store, clock, accounts, on_published=outbox.published)
        inbox = InboxService(store, clock)
        settings = SettingsService(store)
        invitations = InvitationService(
            store, clock, accounts, inbox, settings, workers, on_published=outbox.published
        )

        def account_changed(account_id: int) -> None:
            outages.forget(account_id)
            workers.account_changed(account_id)

        def account_going(account_id: int) -> None:
            sync.cancel(account_id)
            workers.drop(account_id)

        accounts.on_changed(account_changed)
        accounts.on_removing(account_going)
        return cls(
            clock=clock,
            bus=bus,
            profile=profile,
            practice=practice,
            store=store,
            secrets=secrets,
            accounts=accounts,
            inbox=inbox,
            replies=replies,
            invitations=invitations,
            invitation_lists=InvitationLists(store, clock, accounts, invitations, outbox, settings, workers),
            checks=CheckService(store),
            saved_replies=SavedReplyService(store, clock, accounts),
            messages=MessageService(store, clock, workers),
            people=PeopleService(store),
            moderation=ModerationService(store, clock, accounts, replies),
            outbox=outbox,
            sync=sync,
            pictures=PictureService(store, clock, accounts, profile.pictures),
            products=ProductService(store, clock, accounts, workers, replies),
            settings=settings,
            scheduler=Scheduler(clock, bus, accounts, sync, outbox, inbox, settings, outages),
            workers=workers,
            process=process,
            pool=Pool("reader", _READERS),
            backups=BackupService(store, profile, clock, bus),
            salvaged=saved.sentence() if saved is not None else "",
        )

    def submit(self, work: Callable[..., _T], *args: Any) -> Future[_T]:
        """Run a blocking read off the window's thread."""
        return self.pool.submit(work, *args)

    def start(self) -> None:
        """Recover the outbox and let things happen by themselves."""
        self.process.appear()
        self.outbox.automatic = True
        self.bus.subscribe(ChangeSet, self._on_outbox)
        if self.salvaged:
            remedy = "The damaged file was kept. Look through the outbox and your drafts."
            self.bus.publish(Notice(NoticeLevel.ERROR, self.salvaged, remedy, None, self.clock.now()))
        self.scheduler.start()
        self.backups.start()
        self.care.retention.start()

    def _on_outbox(self, changes: ChangeSet) -> None:
        # On the writer's thread: whatever reads goes to the pool.
        if changes.outbox:
            self.pool.submit(self.products.settled, changes)

    def stop(self, timeout_s: float = 3.0) -> None:
        """End everything; never much longer than ``timeout_s``. What was still on the wire is read back next time."""
        self.scheduler.stop()
        self.backups.stop()
        self.care.retention.stop()
        self.pool.close()
        self.pictures.close()
        if not self.workers.stop(timeout_s / 2):
            _log.info("a request was still on its way at the end; it is looked at again at the next start")
        self.store.close()
        self.process.leave()
        for close in self.at_end:
            close()


def _index(tx: Tx) -> bool:
    more = products.match_slice(tx)
    return search.index_slice(tx, budget_s=_INDEX_SLICE_S) or more
