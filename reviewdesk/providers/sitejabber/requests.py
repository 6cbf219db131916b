"""Asking for reviews: requests by e-mail or phone, with or without sending, links, and taking requests back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from reviewdesk.domain.errors import BadAnswer, Delivery, Refused, SignInError
from reviewdesk.domain.text import clean
from reviewdesk.providers.base import Context
from reviewdesk.providers.decode import parse_when
from reviewdesk.providers.sitejabber import calls
from reviewdesk.providers.sitejabber.offline import offline_link
from reviewdesk.providers.sitejabber.records import SITE_ZONE
from reviewdesk.providers.sitejabber.session import Door

__all__ = ["EditLink", "Invited", "Requests", "WriteLink"]


@dataclass(frozen=True, slots=True)
class Invited:
    """What a request gave: one link, or a link for each SKU."""

    link: str | None
    links: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WriteLink:
    """A link for anybody to write a review with, until it ends (UTC seconds)."""

    url: str
    expires: int | None


@dataclass(frozen=True, slots=True)
class EditLink:
    """A link for a reviewer to change their own review; they still have to sign in."""

    url: str


class Requests:
    """All of them are paced like every other call; those that reach a customer are outgoing."""

    def __init__(self, door: Door, context: Context) -> None:
        self._door = door
        self._context = context

    def add(self, payload: Mapping[str, Any], *, send: bool) -> Invited:
        """A review request (``kind`` business) or product review request (``kind`` product).

        Without ``send`` the provider only returns the link. Raises ``Refused`` for what it would refuse.
        """
        if payload.get("offline"):
            return Invited(self.offline(payload))
        for_products = payload.get("kind") == "product"
        form = _form(payload, for_products=for_products)
        form["return_link"] = "0" if send else "1"
        what = calls.PRODUCT_REQUEST_ADD if for_products else calls.REQUEST_ADD
        found = self._door.call(what, form=form, outgoing=True)
        links = found.links if isinstance(found.links, dict) else {}
        if not send and not found.link and not links:
            raise BadAnswer("Sitejabber gave no link.")
        return Invited(str(found.link) or None, {clean(str(k)): clean(str(v)) for k, v in links.items()})

    def remove(self, payload: Mapping[str, Any]) -> tuple[str, ...]:
        """Take requests back; the order numbers that the provider removed."""
        for_products = payload.get("kind") == "product"
        email = str(payload.get("email", "")).strip()
        if not email:
            raise Refused("To take a request back, Sitejabber wants the e-mail address.")
        form = {"email": email}
        if payload.get("order_id"):
            form["order_id"] = str(payload["order_id"])
        skus = _skus(payload)
        if for_products and "," in skus:
            raise Refused("Sitejabber takes back the request for one product at a time, or for all of them.")
        if for_products and skus:
            form["product_sku"] = skus
        what = calls.PRODUCT_REQUEST_REMOVE if for_products else calls.REQUEST_REMOVE
        found = self._door.call(what, form=form, outgoing=True)
        return tuple(clean(str(order)) for order in found.removed_order_ids or ())

    def write_link(self) -> WriteLink:
        """``GET /partners/{biz}/write-link/get``: valid for everybody until it ends."""
        found = self._door.call(calls.WRITE_LINK)
        if not isinstance(found.url, str) or not found.url:
            raise BadAnswer("Sitejabber gave no link.", delivery=Delivery.NOT_SENT)
        return WriteLink(clean(found.url), found.expire.at(SITE_ZONE))

    def edit_link(self, email: str) -> EditLink:
        """``GET /partners/{biz}/edit-link/get``: the reviewer's own review, by e-mail address."""
        found = self._door.call(calls.EDIT_LINK, query={"email": email})
        if not found.link:
            raise BadAnswer("Sitejabber gave no link.", delivery=Delivery.NOT_SENT)
        return EditLink(str(found.link))

    def offline(self, payload: Mapping[str, Any]) -> str:
        """A link made here, without any call. Needs the client id and its encryption key."""
        client_id = self._context.secrets.get("client_id")
        key = self._context.secrets.get("client_encryption_key")
        if not client_id or not key:
            raise SignInError(
                "Links without a request need the client id and its encryption key.",
                remedy="Add both to the account; Sitejabber's support hands them out.",
            )
        payload = _named(payload)
        wanted = {
            name: str(payload.get(name) or "").strip()
            for name in ("email", "order_id", "first_name", "last_name")
        }
        missing = [name for name in ("email", "order_id") if not wanted[name]]
        day = _day(payload.get("order_date"))
        if missing or day is None:
            raise Refused(f"Missing: {', '.join([*missing, *([] if day else ['order_date'])])}.")
        return offline_link(
            client_id,
            key,
            email=wanted["email"],
            order_date=day,
            order_id=wanted["order_id"],
            first_name=wanted["first_name"],
            last_name=wanted["last_name"],
        )


def _form(payload: Mapping[str, Any], *, for_products: bool) -> dict[str, str]:
    payload = _named(payload)
    if payload.get("locale") and not payload.get("language"):
        payload = {**payload, "language": str(payload["locale"]).partition("-")[0]}
    if payload.get("tags") and not payload.get("labels"):
        payload = {**payload, "labels": ",".join(map(str, payload["tags"]))}
    form = {
        key: str(payload[key]).strip()
        for key in ("email", "phone", "first_name", "last_name", "order_id", "location", "language", "labels")
        if payload.get(key) and not (for_products and key in ("phone", "labels"))
    }
    day = _day(payload.get("order_date"))
    if day is not None:
        form["order_date"] = day.strftime("%Y-%m-%d")
    skus = _skus(payload)
    if skus:
        form["product_skus"] = skus
    needed = ["order_id", "order_date", *(["email", "product_skus"] if for_products else [])]
    missing = [name for name in needed if not form.get(name)]
    if not for_products and not form.get("email") and not form.get("phone"):
        missing.insert(0, "email or phone")
    if missing:
        raise Refused(f"Sitejabber wants all of these: {', '.join(missing)}.")
    return form


def _named(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """With first and last name also where only a whole name was given."""
    if payload.get("first_name") or payload.get("last_name") or not payload.get("name"):
        return payload
    first, _, last = str(payload["name"]).strip().partition(" ")
    return {**payload, "first_name": first, "last_name": last.strip()}


def _skus(payload: Mapping[str, Any]) -> str:
    skus = payload.get("skus") or ()
    return ",".join(str(s).strip() for s in ([skus] if isinstance(skus, str) else skus) if str(s).strip())


def _day(value: object) -> date | None:
    seconds = parse_when(value if isinstance(value, str | int | float) else None)
    return datetime.fromtimestamp(seconds, UTC).date() if seconds is not None else None
