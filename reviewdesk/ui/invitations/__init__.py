"""Inviting customers: the window for one or a list, and the page of what was asked."""

from reviewdesk.ui.invitations.room import add_to

__all__ = ["add_to"]
