"""Data care in one place: exports, a person's data, retention, storage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewdesk.services.once import once

# Each is imported where it is made: a window that starts needs one of them.

if TYPE_CHECKING:
    from reviewdesk.services.core import Core
    from reviewdesk.services.export import ExportService
    from reviewdesk.services.journal import JournalService
    from reviewdesk.services.privacy import PrivacyService
    from reviewdesk.services.retention import RetentionService
    from reviewdesk.services.storage import StorageService

__all__ = ["DataCare"]


class DataCare:
    """``Core.care``. Each service is made when it is first asked for."""

    def __init__(self, core: Core) -> None:
        self._core = core

    @once
    def exports(self) -> ExportService:
        from reviewdesk.services.export import ExportService

        return ExportService(self._core.store, self._core.accounts.list)

    @once
    def privacy(self) -> PrivacyService:
        from reviewdesk.services.privacy import PrivacyService

        core = self._core
        return PrivacyService(core.store, core.profile, core.clock, core.accounts, core.replies, core.outbox)

    @once
    def retention(self) -> RetentionService:
        from reviewdesk.services.retention import RetentionService

        return RetentionService(self._core.store, self._core.profile, self._core.clock)

    @once
    def journal(self) -> JournalService:
        from reviewdesk.services.journal import JournalService

        return JournalService(self._core.store, self._core.accounts.list)

    @once
    def storage(self) -> StorageService:
        from reviewdesk.services.storage import StorageService

        return StorageService(self._core.profile, self._core.pictures, self._core.backups)
