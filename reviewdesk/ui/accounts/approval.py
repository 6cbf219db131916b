"""Whether what one account publishes waits for a second pair of eyes: a switch of its page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from reviewdesk.domain.capabilities import Available, Capability
from reviewdesk.services.approval import of_account
from reviewdesk.services.settings import ASK_APPROVAL
from reviewdesk.ui.accounts.rows import Line, Section
from reviewdesk.ui.settings.controls import Switch
from reviewdesk.ui.widgets import set_off

if TYPE_CHECKING:
    from reviewdesk.ui.bridge import Bridge

__all__ = ["ApprovalSection"]

_TEXTS = (Capability.REPLY, Capability.PRIVATE_MESSAGE, Capability.RESOLUTION)


class ApprovalSection(Section):
    """Durable as soon as it is switched; off where the setting for every account says so already."""

    def __init__(self, bridge: Bridge, account_id: int, parent: QWidget) -> None:
        super().__init__(self.tr("Publishing"), parent)
        self._bridge, self._setting = bridge, of_account(account_id)
        line = Line(self.tr("Approval"), self)
        title = self.tr("Replies of this account need a second pair of eyes")
        line.set(title)
        self.switch = Switch(title, False, line)
        line.add(self.switch)
        self.add(line)
        self._tell()
        self.switch.toggled.connect(self._on_switched)

    @staticmethod
    def applies(able: Mapping[Capability, Available]) -> bool:
        """Whether a text to a customer can go out through the account at all."""
        return any(able[capability].available for capability in _TEXTS)

    def _tell(self) -> None:
        settings = self._bridge.core.settings
        everywhere = settings.get(ASK_APPROVAL)
        self.switch.setChecked(everywhere or settings.get(self._setting))
        reason = self.tr("The settings ask it of every account") if everywhere else None
        set_off(self.switch, reason)

    def _on_switched(self, on: bool) -> None:
        self._bridge.watch(self._bridge.core.settings.set(self._setting, on), owner=self)
