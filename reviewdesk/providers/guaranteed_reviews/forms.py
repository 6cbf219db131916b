"""How customers can be asked through Guaranteed Reviews: by telling it of the order."""

from __future__ import annotations

from reviewdesk.domain.invitations.model import InviteField, InviteForm, InviteWay
from reviewdesk.domain.models import ReviewKind

__all__ = ["FORMS"]

FORMS = (
    InviteForm(
        way=InviteWay.ORDER,
        kind=ReviewKind.BUSINESS,
        fields=(
            InviteField(key="email", required=True),
            InviteField(key="name", help="A whole name in place of the two parts."),
            InviteField(key="first_name", required=True),
            InviteField(key="last_name", required=True),
            InviteField(key="order_id", required=True),
            InviteField(key="order_date", required=True),
            InviteField(
                key="skus", help="The shop's product ids: with them it asks for reviews of the products too."
            ),
            InviteField(key="reference", help="The order number that the customer knows."),
            InviteField(key="store_id"),
        ),
        note="Guaranteed Reviews e-mails the customer ten days after it got the order. There is no link.",
    ),
)
