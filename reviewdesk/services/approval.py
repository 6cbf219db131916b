"""A second pair of eyes: which items wait for it, and under which name somebody gives it here."""

from __future__ import annotations

import getpass
import json
from typing import TYPE_CHECKING

from reviewdesk.domain.models import ActionKind
from reviewdesk.domain.text import clean, one_line
from reviewdesk.services.settings import ASK_APPROVAL, MY_NAME
from reviewdesk.store import settings as stored

if TYPE_CHECKING:
    from reviewdesk.services.settings import SettingsService
    from reviewdesk.store.database import Reader

__all__ = ["APPROVED_KINDS", "asked_of_all", "cleaned_name", "my_name"]

APPROVED_KINDS = frozenset(
    {ActionKind.REPLY, ActionKind.EDIT_REPLY, ActionKind.MESSAGE, ActionKind.RESOLUTION}
)
"""What can wait for an approval: the texts to customers."""
NAME_LIMIT = 80


def asked_of_all(reader: Reader, kind: ActionKind) -> bool:
    """Whether this profile wants every such text approved, as its settings stand in this very transaction."""
    if kind not in APPROVED_KINDS:
        return False
    text = stored.get(reader, ASK_APPROVAL.key)
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
    if chosen:
        return chosen
    try:
        return cleaned_name(getpass.getuser())
    except (KeyError, OSError, ImportError):
        return ""
