"""Adding accounts, signing in again, and how each account is doing."""

from __future__ import annotations

from reviewdesk.ui.accounts.doors import notice_buttons, open_account_page, open_wizard

__all__ = ["notice_buttons", "open_account_page", "open_wizard"]
