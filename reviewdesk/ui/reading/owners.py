"""The accounts the reviews belong to: their labels, their providers and what each can do, all from memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from reviewdesk.domain.capabilities import Available, Capability, ProviderSpec
from reviewdesk.domain.models import Account, ReviewDetail
from reviewdesk.ui.reading.words import AccountLabel

if TYPE_CHECKING:
    from reviewdesk.services.core import Core
    from reviewdesk.ui.bridge import Bridge

__all__ = ["Owners"]


class Owners(QObject):
    """``changed`` when a label or what an account can do is not what it was."""

    changed = Signal()

    def __init__(self, core: Core, bridge: Bridge, parent: QObject) -> None:
        super().__init__(parent)
        self._core, self._bridge = core, bridge
        self._labels: dict[int, AccountLabel] = {}
        self._specs: dict[str, ProviderSpec] = {}
        self._accounts: dict[int, Account] = {}
        self._tables: dict[int, Mapping[Capability, Available]] = {}

    def read(self) -> None:
        """Read them again; ``changed`` follows when there is news."""
        self._specs = {spec.id: spec for spec in self._core.accounts.specs()}
        self._bridge.run(self._core.accounts.list, done=self._on_accounts, owner=self, key="accounts")

    def _on_accounts(self, accounts: list[Account]) -> None:
        labels: dict[int, AccountLabel] = {}
        tables: dict[int, Mapping[Capability, Available]] = {}
        for account in accounts:
            spec = self._specs.get(account.provider)
            code, title = (spec.code, spec.title) if spec else ("", account.provider)
            labels[account.id] = AccountLabel.of(account, code, title)
            tables[account.id] = self._core.accounts.capabilities(account)
        self._accounts = {account.id: account for account in accounts}
        if (labels, tables) != (self._labels, self._tables):
            self._labels, self._tables = labels, tables
            self.changed.emit()

    def get(self, account_id: int) -> AccountLabel | None:
        return self._labels.get(account_id)

    def label(self, detail: ReviewDetail) -> AccountLabel:
        known = self._labels.get(detail.row.account_id)
        return known if known is not None else AccountLabel(detail.row.account_id, "", "", "", 1)

    def spec_of(self, detail: ReviewDetail) -> ProviderSpec | None:
        """What the review's provider is, as it was read last; None for an account that is gone."""
        account = self._accounts.get(detail.row.account_id)
        return self._specs.get(account.provider) if account is not None else None

    def can(self, detail: ReviewDetail, capability: Capability) -> Available:
        """Whether the review's account can do it, and if not, why: nothing is read here."""
        gone = Available(False, self.tr("The review's account is no longer in this program"))
        return self._tables.get(detail.row.account_id, {}).get(capability, gone)
