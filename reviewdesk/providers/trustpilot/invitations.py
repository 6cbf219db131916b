"""The bodies of invitations. Three calls, three sets of names for the same things; they meet here and nowhere else.

A payload's keys are ours: ``email``, ``name`` (or ``first_name`` and ``last_name``), ``order_id``, ``locale``,
``kind`` (product or business), ``skus``, ``products``, ``product_ids``, ``tags``, ``redirect_uri``, ``location_id``,
``template_id``, ``send_at``, ``reply_to``, ``sender_name``, ``sender_email``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from reviewdesk.domain.clock import iso_utc
from reviewdesk.domain.errors import Refused

__all__ = ["email_body", "needed", "product_link_body", "service_link_body"]

_PRODUCT_FIELDS = {
    "productUrl": ("url", "productUrl"),
    "imageUrl": ("image_url", "imageUrl"),
    "name": ("name",),
    "sku": ("sku",),
    "gtin": ("gtin",),
    "mpn": ("mpn",),
    "brand": ("brand",),
}

Payload = Mapping[str, Any]


def needed(payload: Payload, key: str) -> str:
    """A text of the payload. Raises ``Refused`` (before anything was sent) when it is missing."""
    value = str(payload.get(key) or "").strip()
    if not value:
        raise Refused(f"'{key.replace('_', ' ')}' is missing.")
    return value


def product_link_body(payload: Payload, ids_of: Callable[[Sequence[str]], list[str]]) -> dict[str, Any]:
    """``consumer`` + ``referenceId`` and either ``products`` or ``productIds``, never both.

    ``ids_of`` looks SKUs up in Trustpilot's catalogue, where nothing but them is given.
    """
    body: dict[str, Any] = {
        "consumer": {"email": needed(payload, "email"), "name": _name(payload)},
        "referenceId": needed(payload, "order_id"),
        "locale": _locale(payload),
    }
    _put(body, "redirectUri", payload.get("redirect_uri"))
    ids, products, skus = _texts(payload, "product_ids"), _detailed(payload), _texts(payload, "skus")
    if skus and not ids and not products:
        ids = ids_of(skus)
        products = [] if ids else [{"sku": sku} for sku in skus]
    if ids and products:
        raise Refused("Give products either by their Trustpilot ids or with their details, not both.")
    if not ids and not products:
        raise Refused("An invitation to review products needs the products.")
    body |= {"productIds": ids} if ids else {"products": products}
    return body


def service_link_body(payload: Payload) -> dict[str, Any]:
    """``email``, ``name``, ``referenceId``, ``locale``."""
    body: dict[str, Any] = {
        "referenceId": needed(payload, "order_id"),
        "email": needed(payload, "email"),
        "name": _name(payload),
        "locale": _locale(payload),
    }
    _put(body, "locationId", payload.get("location_id"))
    _put(body, "redirectUri", payload.get("redirect_uri"))
    _put(body, "tags", _texts(payload, "tags"))
    return body


def email_body(payload: Payload) -> dict[str, Any]:
    """``consumerEmail``, ``consumerName``, ``referenceNumber`` and the block of the wanted kind."""
    body: dict[str, Any] = {
        "type": "email",
        "referenceNumber": needed(payload, "order_id"),
        "consumerName": _name(payload),
        "consumerEmail": needed(payload, "email"),
        "locale": _locale(payload),
    }
    for name, key in (
        ("replyTo", "reply_to"),
        ("senderName", "sender_name"),
        ("senderEmail", "sender_email"),
        ("locationId", "location_id"),
    ):
        _put(body, name, payload.get(key))
    block: dict[str, Any] = {}
    _put(block, "templateId", payload.get("template_id"))
    _put(block, "redirectUri", payload.get("redirect_uri"))
    send_at = payload.get("send_at")
    if isinstance(send_at, int | float):
        # The document's sample could be read as month first or day first; clients send ISO.
        _put(block, "preferredSendTime", (iso_utc(send_at) or "").removesuffix("Z"))
    if payload.get("kind") == "product":
        skus, products = _texts(payload, "skus"), _detailed(payload)
        if not skus and not products:
            raise Refused("An invitation to review products needs the products.")
        block |= {"products": products} if products else {"productSkus": skus}
        body["productReviewInvitation"] = block
    else:
        _put(block, "tags", _texts(payload, "tags"))
        # An empty block would read as none at all.
        body["serviceReviewInvitation"] = block or {"tags": []}
    return body


def _name(payload: Payload) -> str:
    name = str(payload.get("name") or "").strip()
    if not name:
        parts = (payload.get("first_name"), payload.get("last_name"))
        name = " ".join(str(part).strip() for part in parts if part)
    return name or needed(payload, "email").partition("@")[0]


def _locale(payload: Payload) -> str:
    return str(payload.get("locale") or "en-US").replace("_", "-")


def _texts(payload: Payload, key: str) -> list[str]:
    value = payload.get(key) or ()
    if isinstance(value, str):
        value = value.split(",")
    return [str(item).strip() for item in value if str(item).strip()] if isinstance(value, Sequence) else []


def _detailed(payload: Payload) -> list[dict[str, str]]:
    made = []
    for product in payload.get("products") or ():
        if not isinstance(product, Mapping):
            continue
        known: dict[str, str] = {}
        for field, keys in _PRODUCT_FIELDS.items():
            value = next((str(product[key]) for key in keys if product.get(key)), "")
            if value:
                known[field] = value
        if known:
            made.append(known)
    return made


def _put(body: dict[str, Any], name: str, value: Any) -> None:
    if value not in (None, "", []):
        body[name] = value
