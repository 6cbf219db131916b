"""Why somebody is not invited, in words."""

from __future__ import annotations

from datetime import datetime

from reviewdesk.domain.invitations.model import Invitation, InviteState

__all__ = ["day_of", "refusal"]


def refusal(earlier: Invitation) -> str:
    """Why a second invitation is refused: date and link of the first."""
    what = {
        InviteState.WAITING: "is being invited already, since",
        InviteState.UNKNOWN: "may have been invited already (the answer was lost), on",
        InviteState.HELD: "has an invitation held in the outbox, since",
    }.get(earlier.state, "was invited already, on")
    order = f" for order {earlier.order_id}" if earlier.order_id else ""
    links = [earlier.link] if earlier.link else list(earlier.links.values())
    link = f" Link: {links[0]}" if links else ""
    return f"This person {what} {day_of(earlier.created_at)}{order}.{link}"


def day_of(seconds: float) -> str:
    """The day of a moment, in the machine's time zone."""
    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d")
