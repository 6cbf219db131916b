"""Data care in one place: exports, a person's data, retention, storage."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from reviewdesk.services.export import ExportService
from reviewdesk.services.journal import JournalService
from reviewdesk.services.privacy import PrivacyService
from reviewdesk.services.retention import RetentionService
from reviewdesk.services.storage import StorageService

if TYPE_CHECKING:
    from reviewdesk.services.core import Core

__all__ = ["DataCare"]


class DataCare:
    """``Core.care``. Each service is made when it is first asked for."""

    def __init__(self, core: Core) -> None:
        self._core = core

    @cached_property
    def exports(self) -> ExportService:
        return ExportService(self._core.store, self._core.accounts.list)

    @cached_property
    def privacy(self) -> PrivacyService:
        core = self._core
        return PrivacyService(core.store, core.profile, core.clock, core.accounts, core.replies, core.outbox)

    @cached_property
    def retention(self) -> RetentionService:
        return RetentionService(self._core.store, self._core.profile, self._core.clock)

    @cached_property
    def journal(self) -> JournalService:
        return JournalService(self._core.store, self._core.accounts.list)

    @cached_property
    def storage(self) -> StorageService:
        return StorageService(self._core.profile, self._core.pictures, self._core.backups)
