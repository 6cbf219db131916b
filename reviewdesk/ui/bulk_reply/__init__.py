"""One saved reply for several reviews, each text looked at before it is published."""

from __future__ import annotations

from reviewdesk.ui.bulk_reply.room import add_to

__all__ = ["add_to"]
