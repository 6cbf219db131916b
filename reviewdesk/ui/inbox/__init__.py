"""The inbox list: model, delegate, view and the pane around them."""

from __future__ import annotations

from reviewdesk.ui.inbox.context import AccountMark
from reviewdesk.ui.inbox.list import InboxList

__all__ = ["AccountMark", "InboxList"]
