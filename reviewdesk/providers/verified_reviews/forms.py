"""How customers can be asked through Verified Reviews: by telling it of the order (docs/providers/verified-reviews.md)."""

from __future__ import annotations

from reviewdesk.domain.invitations.model import InviteField, InviteForm, InviteWay
from reviewdesk.domain.models import ReviewKind

__all__ = ["FORMS"]

_WHO = (
    InviteField(key="email", required=True),
    InviteField(key="name", help="A whole name in place of the two parts."),
    InviteField(key="first_name"),
    InviteField(key="last_name"),
    InviteField(key="order_id", required=True),
    InviteField(key="order_date", required=True),
    InviteField(key="locale", help="The language in which Verified Reviews writes."),
)
_NOTE = (
    "Verified Reviews e-mails the customer itself, at the earliest a day after it is told. There is no link."
)

FORMS = (
    InviteForm(way=InviteWay.ORDER, kind=ReviewKind.BUSINESS, fields=_WHO, note=_NOTE),
    InviteForm(
        way=InviteWay.ORDER,
        kind=ReviewKind.PRODUCT,
        fields=(*_WHO, InviteField(key="skus", required=True, help="References of the shop's products.")),
        note=_NOTE,
    ),
)
