"""Adding accounts, signing in again, and how each account is doing."""

from __future__ import annotations

from reviewdesk.ui.accounts.doors import open_account_page, open_wizard

__all__ = ["open_account_page", "open_wizard"]
