"""What is done about a review besides replying: reports, publishing, cases, links, moments, people."""

from __future__ import annotations

from reviewdesk.ui.casework.room import add_to

__all__ = ["add_to"]
