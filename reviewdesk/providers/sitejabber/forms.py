"""How customers can be asked through Sitejabber, with the fields of each way (docs/providers/sitejabber.md)."""

from __future__ import annotations

from reviewdesk.domain.invitations.model import InviteField, InviteForm, InviteWay
from reviewdesk.domain.models import ReviewKind

__all__ = ["FORMS"]

_NAMES = (InviteField(key="name"), InviteField(key="first_name"), InviteField(key="last_name"))
_ORDER = (InviteField(key="order_id", required=True), InviteField(key="order_date", required=True))
_SHOP = (
    InviteField(key="email", either="who"),
    InviteField(key="phone", either="who"),
    *_NAMES,
    *_ORDER,
    InviteField(key="skus"),
    InviteField(key="locale"),
    InviteField(key="tags", help="Labels that the review will carry."),
    InviteField(key="location"),
)
_PRODUCTS = (
    InviteField(key="email", required=True),
    *_NAMES,
    *_ORDER,
    InviteField(key="skus", required=True),
    InviteField(key="locale"),
    InviteField(key="location"),
)

FORMS = (
    InviteForm(way=InviteWay.LINK, kind=ReviewKind.BUSINESS, fields=_SHOP),
    InviteForm(way=InviteWay.LINK, kind=ReviewKind.PRODUCT, fields=_PRODUCTS),
    InviteForm(way=InviteWay.EMAIL, kind=ReviewKind.BUSINESS, fields=_SHOP),
    InviteForm(way=InviteWay.EMAIL, kind=ReviewKind.PRODUCT, fields=_PRODUCTS),
    InviteForm(
        way=InviteWay.OFFLINE,
        kind=ReviewKind.BUSINESS,
        fields=(InviteField(key="email", required=True), *_NAMES, *_ORDER),
        calls=0,
        secrets=("client_id", "client_encryption_key"),
        note="Made on this computer; Sitejabber learns of it when the customer opens it.",
    ),
    InviteForm(
        way=InviteWay.WRITE_LINK,
        kind=ReviewKind.BUSINESS,
        fields=(),
        bulk=False,
        note="For anybody, until it ends. It does not say who writes: prefer a link for each customer.",
    ),
    InviteForm(
        way=InviteWay.EDIT_LINK,
        kind=ReviewKind.BUSINESS,
        fields=(InviteField(key="email", required=True),),
        bulk=False,
        note="For a customer who has written already. They still have to sign in at Sitejabber.",
    ),
)
