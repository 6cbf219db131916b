"""The core: every service of one profile, put together. The window and the command line hold one of these."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from reviewdesk.domain.clock import Clock
from reviewdesk.domain.courtesy import Courtesy
from reviewdesk.domain.errors import InvalidInput, StoreDamaged
from reviewdesk.domain.models import Account, ChangeSet
from reviewdesk.providers.registry import CODES
from reviewdesk.secrets.base import OnValue, SecretStore
from reviewdesk.services.events import EventBus, Notice, NoticeLevel, SyncStatus
from reviewdesk.services.inbox import InboxService
from reviewdesk.services.once import once
from reviewdesk.services.pool import Pool
from reviewdesk.services.profile import Profile
from reviewdesk.services.settings import SettingsService
from reviewdesk.store import accounts as stored_accounts
from reviewdesk.store import search
from reviewdesk.store.database import Priority, Store, Tx
from reviewdesk.store.suspicion import suspect

# The other services are imported where they are made, at first use: the first painted list waits for none of them.

if TYPE_CHECKING:
    from reviewdesk.providers.base import CancelToken, Provider
    from reviewdesk.services.accounts import AccountService
    from reviewdesk.services.arrivals import Arrivals
    from reviewdesk.services.backups import BackupService
    from reviewdesk.services.bulk_replies import BulkReplyService
    from reviewdesk.services.care import DataCare
    from reviewdesk.services.checks import CheckService
    from reviewdesk.services.insights import InsightService
    from reviewdesk.services.invitations import InvitationService
    from reviewdesk.services.invitations_bulk import InvitationLists
    from reviewdesk.services.letters import LetterService
    from reviewdesk.services.messages import MessageService
    from reviewdesk.services.moderation import ModerationService
    from reviewdesk.services.outages import Outages
    from reviewdesk.services.outbox import OutboxService, Process
    from reviewdesk.services.people import PeopleService
    from reviewdesk.services.pictures import PictureService
    from reviewdesk.services.products import ProductService
    from reviewdesk.services.replies import ReplyService
    from reviewdesk.services.saved_replies import SavedReplyService
    from reviewdesk.services.scheduler import Scheduler
    from reviewdesk.services.signatures import SignatureService
    from reviewdesk.services.spelling import SpellingService
    from reviewdesk.services.suggestions import SuggestionService
    from reviewdesk.services.sync import SyncService
    from reviewdesk.services.translation import TranslationService
    from reviewdesk.services.workers import Workers

__all__ = ["Core"]

_log = logging.getLogger(__name__)
_T = TypeVar("_T")

_READERS = 3
_INDEX_SLICE_S = 0.02
_MATCH_SLICE = 12


class Core:
    """Open with ``Core.open``; ``start`` for a window (scheduler, recovery), ``stop`` at the end in any case.

    A service is made when it is first asked for; any thread.
    """

    def __init__(
        self,
        profile: Profile,
        store: Store,
        bus: EventBus,
        *,
        clock: Clock,
        secrets: SecretStore,
        practice: bool,
        on_value: OnValue | None,
        providers: Mapping[str, type[Provider]] | None,
        salvaged: str,
        begun: threading.Event,
        courtesy: Courtesy,
    ) -> None:
        """Use ``Core.open``."""
        self.profile, self.store, self.bus = profile, store, bus
        self.clock, self.secrets, self.practice = clock, secrets, practice
        self._on_value, self._own_providers = on_value, providers
        self.inbox = InboxService(store, clock)
        self.settings = SettingsService(store)
        self._begun = begun
        self.courtesy = courtesy
        """Told of every act of a person by whoever sees them."""
        self.pool = Pool("reader", _READERS)
        self.salvaged = salvaged
        """What was saved from a damaged database at this opening, in one sentence; empty: it was whole."""
        self.at_end: list[Callable[[], None]] = []
        """Called by ``stop`` after everything else, e.g. to close the practice servers."""
        self.bundle: Callable[[], str] | None = None
        """Puts the diagnostics bundle together; blocking. None where nobody gave one."""
        self.restore_from: Path | None = None
        """Set by a window that closes so that this backup takes the place of the database (``app.open_window``)."""

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
        patient: bool = False,
    ) -> Core:
        """Open the profile's database; nothing runs yet.

        ``rescue``: a damaged database is set aside and salvaged, which a person must be told of; otherwise it is
        left as it is and ``StoreDamaged`` raised, for a script must not go on with an inbox that lost half.
        ``patient``: whatever waits to be indexed waits for ``start``, so that the first list is painted before.

        Raises ``StoreError`` when the database can't be used.
        """
        bus = EventBus()
        courtesy = Courtesy(clock)
        begun = threading.Event()
        if not patient:
            begun.set()

        def idle(tx: Tx) -> bool:
            return begun.is_set() and _index(tx)

        def open_store() -> Store:
            return Store.open(
                profile.database,
                clock=clock,
                on_change=lambda changes: bus.publish(changes) if changes else None,
                idle_work=idle,
                # What another process changed is not known in detail: everything shown is read again.
                on_outside_change=lambda: bus.publish(ChangeSet(views=True, journal=True, products=True)),
                rest_s=courtesy.rest_s,
            )

        salvaged = ""
        store: Store | None = None
        if not (rescue and suspect(profile.database)):
            try:
                store = open_store()
            except StoreDamaged:
                if not rescue:
                    raise
        if store is None:
            from reviewdesk.services.backups import open_or_rescue

            store, saved = open_or_rescue(profile, clock, open_store)
            salvaged = saved.sentence() if saved is not None else ""
        return cls(
            profile,
            store,
            bus,
            clock=clock,
            secrets=secrets,
            practice=practice,
            on_value=on_value,
            providers=providers,
            salvaged=salvaged,
            begun=begun,
            courtesy=courtesy,
        )

    # --- services, made at first use -------------------------------------------------------------

    def known_accounts(self) -> list[Account]:
        """All accounts in their order, to be shown; asks no provider. Blocking."""
        with self.store.read() as reader:
            return stored_accounts.list_all(reader)

    def account_codes(self) -> dict[str, str]:
        """The letters that stand for each provider, by its id; loads no provider."""
        if self._own_providers is not None:
            return {key: provider.spec.code for key, provider in self._own_providers.items()}
        return dict(CODES)

    def sync_statuses(self) -> Mapping[int, SyncStatus]:
        """The last status of each account that has one; nothing was synced before the first use of ``sync``."""
        made: SyncService | None = vars(self).get("sync")
        return made.statuses() if made is not None else {}

    @once
    def accounts(self) -> AccountService:
        from reviewdesk.services.accounts import AccountService
        from reviewdesk.services.approval import of_account

        made = AccountService(
            self.store,
            self.secrets,
            self.clock,
            self.profile.locks,
            on_value=self._on_value,
            providers=self._own_providers,
        )

        def changed(account_id: int) -> None:
            self.outages.forget(account_id)
            self.workers.account_changed(account_id)
            signs, asks = account_id in self.signatures.all(), self.settings.get(of_account(account_id))
            if (signs or asks) and all(account.id != account_id for account in self.known_accounts()):
                self.signatures.forget(account_id)
                self.settings.set(of_account(account_id), False)

        def going(account_id: int) -> None:
            self.sync.cancel(account_id)
            self.workers.drop(account_id)

        made.on_changed(changed)
        made.on_removing(going)
        return made

    @once
    def outages(self) -> Outages:
        from reviewdesk.services.outages import Outages

        return Outages(self.clock)

    @once
    def workers(self) -> Workers:
        from reviewdesk.services.workers import Workers

        accounts = self.accounts

        def open_provider(
            account_id: int, cancel: CancelToken, meanwhile: Callable[[], None]
        ) -> tuple[Account, Provider]:
            account = accounts.get(account_id)
            if account is None:
                raise InvalidInput("The account is no longer there.")
            accounts.look_at_secrets(account)
            return account, accounts.open_provider(account, cancel, meanwhile)

        return Workers(open_provider, self.clock, self.profile.locks)

    @once
    def process(self) -> Process:
        from reviewdesk.services.outbox import Process

        return Process(self.profile.locks)

    @once
    def sync(self) -> SyncService:
        from reviewdesk.services.forgetting import Forgetter
        from reviewdesk.services.sync import SyncService

        made = SyncService(
            self.store, self.workers, self.bus, self.clock, self.outages, self.profile.locks, self.courtesy
        )
        made.on_anonymised(Forgetter(self.store, self.profile, self.clock).forget)
        # A run for which nobody asked for the outbox lets go what waited for the outage's end all the same.
        made.on_recovered(lambda account_id: self.outbox.account_recovered(account_id))
        made.on_arrived(lambda account_id, ids: self.arrivals.look_soon(account_id, ids))
        return made

    @once
    def arrivals(self) -> Arrivals:
        from reviewdesk.services.arrivals import Arrivals

        return Arrivals(self.store, self.inbox, self.bus, self.clock, self.submit)

    @once
    def outbox(self) -> OutboxService:
        from reviewdesk.services.outbox import OutboxService

        return OutboxService(
            self.store, self.clock, self.accounts, self.workers, self.sync, self.outages, self.process
        )

    @once
    def replies(self) -> ReplyService:
        from reviewdesk.services.replies import ReplyService

        return ReplyService(self.store, self.clock, self.accounts, on_published=self.outbox.published)

    @once
    def invitations(self) -> InvitationService:
        from reviewdesk.services.invitations import InvitationService

        return InvitationService(
            self.store,
            self.clock,
            self.accounts,
            self.inbox,
            self.settings,
            self.workers,
            on_published=self.outbox.published,
        )

    @once
    def invitation_lists(self) -> InvitationLists:
        from reviewdesk.services.invitations_bulk import InvitationLists

        return InvitationLists(
            self.store,
            self.clock,
            self.accounts,
            self.invitations,
            self.outbox,
            self.settings,
            self.workers,
        )

    @once
    def checks(self) -> CheckService:
        from reviewdesk.services.checks import CheckService

        return CheckService(self.store)

    @once
    def saved_replies(self) -> SavedReplyService:
        from reviewdesk.services.saved_replies import SavedReplyService

        return SavedReplyService(self.store, self.clock, self.accounts)

    @once
    def signatures(self) -> SignatureService:
        from reviewdesk.services.signatures import SignatureService

        return SignatureService(self.settings)

    @once
    def spelling(self) -> SpellingService:
        from reviewdesk.services.spelling import SpellingService

        return SpellingService(self.settings, self.profile.data / "spelling")

    @once
    def bulk_replies(self) -> BulkReplyService:
        from reviewdesk.services.bulk_replies import BulkReplyService

        return BulkReplyService(
            self.accounts,
            self.inbox,
            self.saved_replies,
            self.checks,
            self.replies,
            self.outbox,
            self.signatures,
        )

    @once
    def suggestions(self) -> SuggestionService:
        from reviewdesk.services.suggestions import SuggestionService

        return SuggestionService(self.store, self.accounts, self.saved_replies, self.signatures)

    @once
    def translation(self) -> TranslationService:
        from reviewdesk.services.translation import TranslationService

        return TranslationService(self.store, self.clock, self.settings, self.secrets, self._on_value)

    @once
    def messages(self) -> MessageService:
        from reviewdesk.services.messages import MessageService

        return MessageService(self.store, self.clock, self.workers)

    @once
    def letters(self) -> LetterService:
        from reviewdesk.services.letters import LetterService

        return LetterService(self.store, self.clock, self.accounts, on_published=self.outbox.published)

    @once
    def people(self) -> PeopleService:
        from reviewdesk.services.people import PeopleService

        return PeopleService(self.store)

    @once
    def moderation(self) -> ModerationService:
        from reviewdesk.services.moderation import ModerationService

        return ModerationService(self.store, self.clock, self.accounts, self.replies)

    @once
    def pictures(self) -> PictureService:
        from reviewdesk.services.pictures import PictureService

        return PictureService(self.store, self.clock, self.accounts, self.profile.pictures)

    @once
    def products(self) -> ProductService:
        from reviewdesk.services.products import ProductService

        return ProductService(self.store, self.clock, self.accounts, self.workers, self.replies)

    @once
    def insights(self) -> InsightService:
        from reviewdesk.services.insights import InsightService

        return InsightService(self.store, self.clock, self.settings)

    @once
    def scheduler(self) -> Scheduler:
        from reviewdesk.services.scheduler import Scheduler

        return Scheduler(
            self.clock,
            self.bus,
            self.accounts,
            self.sync,
            self.outbox,
            self.inbox,
            self.settings,
            self.outages,
        )

    @once
    def backups(self) -> BackupService:
        from reviewdesk.services.backups import BackupService

        return BackupService(self.store, self.profile, self.clock, self.bus, self.courtesy)

    @once
    def care(self) -> DataCare:
        """Exports, a person's data, retention, storage."""
        from reviewdesk.services.care import DataCare

        return DataCare(self)

    # --- its life --------------------------------------------------------------------------------

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
        self._begun.set()
        # An empty job: what is idle looks around after it.
        self.store.write(lambda _: None, priority=Priority.INDEX)

    def _on_outbox(self, changes: ChangeSet) -> None:
        # On the writer's thread: whatever reads goes to the pool.
        if changes.outbox:
            self.pool.submit(self.products.settled, changes)

    def stop(self, timeout_s: float = 3.0) -> None:
        """End everything; never much longer than ``timeout_s``. What was still on the wire is read back next time."""
        # What was never asked for has nothing to end.
        made: dict[str, Any] = dict(vars(self))
        for name in ("scheduler", "backups"):
            if name in made:
                made[name].stop()
        if "care" in made:
            made["care"].retention.stop()
        self.pool.close()
        for name in ("pictures", "spelling"):
            if name in made:
                made[name].close()
        if "workers" in made and not made["workers"].stop(timeout_s / 2):
            _log.info("a request was still on its way at the end; it is looked at again at the next start")
        self.store.close()
        if "process" in made:
            made["process"].leave()
        for close in self.at_end:
            close()


def _index(tx: Tx) -> bool:
    # On the writer's thread, a moment after the opening.
    from reviewdesk.store import products

    # A few at a time: what is matched and what is indexed share one transaction.
    more = products.match_slice(tx, limit=_MATCH_SLICE)
    return search.index_slice(tx, budget_s=_INDEX_SLICE_S) or more
