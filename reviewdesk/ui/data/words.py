"""Words for the journal's and the reports' own terms."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

__all__ = ["action_words", "difference_words", "place_words", "result_words", "use_words"]

translate = QCoreApplication.translate


def action_words(action: str) -> str:
    """An outgoing action, or something that was written to a file."""
    known = {
        "reply": translate("data", "Public reply"),
        "edit-reply": translate("data", "Changed reply"),
        "delete-reply": translate("data", "Removed reply"),
        "conversation-state": translate("data", "State of a conversation"),
        "message": translate("data", "Private message"),
        "resolution": translate("data", "Resolution"),
        "flag": translate("data", "Report of a review"),
        "publish": translate("data", "Publication of a review"),
        "find-reviewer": translate("data", "Question about an order"),
        "invite-link": translate("data", "Invitation link"),
        "invite-email": translate("data", "Invitation by e-mail"),
        "withdraw-invite": translate("data", "Withdrawal of an invitation"),
        "product-add": translate("data", "New product"),
        "product-remove": translate("data", "Removal of a product"),
        "customer-erase": translate("data", "Erasure of a customer"),
        "export": translate("data", "Export"),
        "backup": translate("data", "Backup"),
        "person": translate("data", "A person's data"),
    }
    return known.get(action, action.replace("-", " "))


def result_words(result: str) -> str:
    known = {
        "queued": translate("data", "queued"),
        "sent": translate("data", "sent"),
        "waiting": translate("data", "waiting"),
        "held": translate("data", "held"),
        "failed": translate("data", "failed"),
        "verifying": translate("data", "being checked"),
        "discarded": translate("data", "discarded"),
        "taken back": translate("data", "taken back"),
        "written": translate("data", "written"),
        "erased": translate("data", "erased"),
    }
    return known.get(result, result)


def place_words(place: str) -> str:
    """Where something of a person was found."""
    known = {
        "reviews": translate("data", "Reviews"),
        "versions": translate("data", "Earlier versions"),
        "raw records": translate("data", "Records as received"),
        "conversations": translate("data", "Conversations"),
        "notes": translate("data", "Notes"),
        "drafts": translate("data", "Drafts"),
        "outbox": translate("data", "Outbox"),
        "messages": translate("data", "Private messages"),
        "journal": translate("data", "Journal"),
        "set-aside records": translate("data", "Records set aside"),
        "invitations": translate("data", "Invitations"),
        "undo steps": translate("data", "Undo steps"),
        "saved views": translate("data", "Saved views"),
        "saved replies": translate("data", "Saved replies"),
        "settings": translate("data", "Settings"),
        "tags": translate("data", "Tags"),
        "accounts": translate("data", "Accounts"),
        "products": translate("data", "Products"),
        "search index": translate("data", "Search index"),
        "picture cache": translate("data", "Picture cache"),
        "backups": translate("data", "Backups"),
        "set-aside databases": translate("data", "Databases set aside"),
        "logs": translate("data", "Log files"),
    }
    return known.get(place, place)


def use_words(place: str) -> tuple[str, str]:
    """A place on the disk: its name, and a line about it."""
    return {
        "database": (
            translate("data", "Database"),
            translate("data", "Reviews, drafts, outbox, search index"),
        ),
        "backups": (
            translate("data", "Backups"),
            translate("data", "One a day, thinned to weeks and months"),
        ),
        "set-aside": (
            translate("data", "Databases set aside"),
            translate("data", "What was there before a restore or a repair"),
        ),
        "pictures": (
            translate("data", "Pictures"),
            translate("data", "Loaded again when they are looked at"),
        ),
        "logs": (translate("data", "Logs"), translate("data", "Ids and times, no texts")),
        "other": (translate("data", "Other files"), translate("data", "Configuration, locks")),
    }[place]


def difference_words(what: str) -> str:
    return {
        "accounts": translate("data", "Accounts"),
        "reviews": translate("data", "Reviews"),
        "drafts": translate("data", "Drafts"),
        "notes": translate("data", "Notes"),
        "outbox items": translate("data", "Outbox items"),
        "saved replies": translate("data", "Saved replies"),
        "saved views": translate("data", "Saved views"),
        "tags": translate("data", "Tags"),
        "invitations": translate("data", "Invitations"),
        "settings": translate("data", "Settings"),
    }.get(what, what)
