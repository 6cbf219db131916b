"""A second pair of eyes: which items wait for it, and under which name somebody gives it here."""

from __future__ import annotations

import getpass
import json
from typing import TYPE_CHECKING

from reviewdesk.domain.models import ActionKind
from reviewdesk.domain.text import clean, one_line
from reviewdesk.services.settings import APPROVE_OWN, ASK_APPROVAL, MY_NAME, Preference
from reviewdesk.store import settings as stored

if TYPE_CHECKING:
    from reviewdesk.domain.models import OutboxItem
    from reviewdesk.services.settings import SettingsService
    from reviewdesk.store.database import Reader

__all__ = [
    "APPROVED_KINDS",
    "NAME_LIMIT",
    "WRITTEN_BY",
    "asked_by_settings",
    "author",
    "cleaned_name",
    "my_name",
    "of_account",
    "own",
]

APPROVED_KINDS = frozenset(
    {ActionKind.REPLY, ActionKind.EDIT_REPLY, ActionKind.MESSAGE, ActionKind.RESOLUTION}
)
"""What can wait for an approval: the texts to customers."""
WRITTEN_BY = "written_by"
"""Where an item's payload says who wrote its text as it is now."""
NAME_LIMIT = 80


def of_account(account_id: int) -> Preference[bool]:
    """The setting of one account: whether each text that goes out through it waits for an approval."""
    return Preference(f"{ASK_APPROVAL.key}.{account_id}", False)


def asked_by_settings(reader: Reader, kind: ActionKind, account_id: int) -> bool:
    """Whether the profile, or this account, wants such a text approved, as the settings stand in this transaction."""
    return kind in APPROVED_KINDS and (_on(reader, ASK_APPROVAL) or _on(reader, of_account(account_id)))


def own(reader: Reader, item: OutboxItem, by: str) -> bool:
    """Whether ``by`` would approve what they wrote themselves, and the settings do not let them."""
    wrote = cleaned_name(str(item.payload.get(WRITTEN_BY) or ""))
    return bool(wrote) and wrote.casefold() == by.casefold() and not _on(reader, APPROVE_OWN)


def author(reader: Reader) -> str:
    """Who writes here: ``my_name`` as the settings stand in this transaction."""
    try:
        chosen = json.loads(stored.get(reader, MY_NAME.key) or '""')
    except ValueError:
        chosen = ""
    return (cleaned_name(chosen) if isinstance(chosen, str) else "") or _system_user()


def _on(reader: Reader, preference: Preference[bool]) -> bool:
    text = stored.get(reader, preference.key)
    try:
        return text is not None and json.loads(text) is True
    except ValueError:
        return False


def cleaned_name(name: str) -> str:
    """A name as it is written into the journal."""
    return one_line(clean(name), NAME_LIMIT).strip()


def my_name(settings: SettingsService) -> str:
    """The name that is set, else that of the system's user; empty when neither is known."""
    chosen = cleaned_name(settings.get(MY_NAME))
    return chosen or _system_user()


def _system_user() -> str:
    try:
        return cleaned_name(getpass.getuser())
    except (KeyError, OSError, ImportError):
        return ""
