"""Trustpilot's invitations: product review links on one host, service links and e-mails on the other."""

from __future__ import annotations

import copy
import re
import uuid
from typing import Any

from reviewdesk.practice.calls import Answer, Call, route
from reviewdesk.practice.checks import bad, checked_object, json_object, locale, moment
from reviewdesk.practice.shop import native_id
from reviewdesk.practice.trustpilot_auth import TrustpilotAuth

__all__ = ["TrustpilotInvitations"]

Record = dict[str, Any]
Fields = dict[str, type | tuple[type, ...]]
_UNIT = "/v1/private/business-units/{unit}"
_PRODUCT: Fields = dict.fromkeys(
    ("productUrl", "imageUrl", "name", "sku", "gtin", "mpn", "brand"), (str, type(None))
)
_TEMPLATES = (
    ("Thank you for your order", True, "en-GB", "English", "serviceReview"),
    ("Merci pour votre commande", False, "fr-FR", "French", "serviceReview"),
    ("How do you like it?", True, "en-GB", "English", "productReview"),
    ("Votre avis sur l’article", False, "fr-FR", "French", "productReview"),
)


class TrustpilotInvitations(TrustpilotAuth):
    """Mixed into TrustpilotServer. ``invitations`` is what a test looks at."""

    # --- what a test may do ----------------------------------------------------------------------

    @property
    def invitations(self) -> list[Record]:
        """Every link made and e-mail accepted, oldest first: ``kind`` is product-link, service-link or email."""
        with self.lock:
            made = [*self.data["links"].values(), *self.data["emails"].values()]
        return sorted(copy.deepcopy(made), key=lambda i: (i["createdAt"], i["id"]))

    # --- links -----------------------------------------------------------------------------------

    @route("POST", "/v1/private/product-reviews/business-units/{unit}/invitation-links")
    def product_link(self, call: Call, unit: str) -> Record:
        self.need_token(call)
        self.need_unit(unit)
        body = json_object(
            call,
            {
                "consumer": dict,
                "referenceId": str,
                "locale": str,
                "redirectUri": (str, type(None)),
                "products": list,
                "productIds": list,
            },
            required=["consumer", "referenceId", "locale"],
        )
        consumer = checked_object(
            body["consumer"], {"email": str, "name": str}, required=["email", "name"], at="consumer."
        )
        _email(consumer["email"])
        _locale(body["locale"])
        if bool(body.get("products")) == bool(body.get("productIds")):
            raise bad("Give either products or productIds, not both", outcome="bad-field")
        for product in body.get("products", ()):
            checked_object(product, _PRODUCT, required=["productUrl", "name", "sku"], at="products[].")
        for key in body.get("productIds", ()):
            if key not in self.data["products"]:
                raise bad(f"Product {key} is not in the catalogue", outcome="unknown-product")
        link = uuid.uuid4().hex
        self._store("links", link, "product-link", unit, body, consumer["email"])
        return {"reviewLinkId": link, "reviewUrl": f"{self.root_url}/links/evaluate-{link}"}

    @route("POST", f"/invitations{_UNIT}/invitation-links")
    def service_link(self, call: Call, unit: str) -> Record:
        self._inviter(call)
        self.need_unit(unit)
        body = json_object(
            call,
            {
                "locationId": (str, type(None)),
                "referenceId": str,
                "email": str,
                "name": str,
                "locale": str,
                "tags": list,
                "redirectUri": (str, type(None)),
            },
            required=["referenceId", "email", "name", "locale"],
        )
        _email(body["email"])
        _locale(body["locale"])
        link = uuid.uuid4().hex
        self._store("links", link, "service-link", unit, body, body["email"])
        return {"id": link, "url": f"{self.root_url}/links/evaluate-link-{link}"}

    # --- e-mails ---------------------------------------------------------------------------------

    @route("POST", f"/invitations{_UNIT}/email-invitations")
    def email_invitation(self, call: Call, unit: str) -> Answer:
        self._inviter(call)
        self.need_unit(unit)
        strings = (
            "replyTo",
            "locale",
            "senderName",
            "senderEmail",
            "locationId",
            "referenceNumber",
            "consumerName",
        )
        known: Fields = dict.fromkeys((*strings, "consumerEmail", "type"), (str, type(None)))
        known |= {
            "serviceReviewInvitation": (dict, type(None)),
            "productReviewInvitation": (dict, type(None)),
        }
        body = json_object(call, known, required=["referenceNumber", "consumerName", "consumerEmail"])
        _email(body["consumerEmail"])
        if body.get("locale") is not None:
            _locale(body["locale"])
        if body.get("type", "email") != "email":
            raise bad("'type' must be email", outcome="bad-field")
        if not body.get("serviceReviewInvitation") and not body.get("productReviewInvitation"):
            raise bad(
                "serviceReviewInvitation or productReviewInvitation is required", outcome="missing-field"
            )
        self._block(unit, body.get("serviceReviewInvitation"), "serviceReviewInvitation", {"tags": list})
        self._block(
            unit,
            body.get("productReviewInvitation"),
            "productReviewInvitation",
            {"products": list, "productSkus": list},
        )
        self._store("emails", uuid.uuid4().hex[:24], "email", unit, body, body["consumerEmail"])
        return Answer(None, 202)

    def _block(self, unit: str, block: Any, name: str, more: Fields) -> None:
        if block is None:
            return
        known: Fields = {"templateId": str, "preferredSendTime": str, "redirectUri": (str, type(None))}
        checked_object(block, known | more, at=f"{name}.")
        if "templateId" in block and block["templateId"] not in {t["id"] for t in _templates(unit)}:
            raise bad(f"Template {block['templateId']} is unknown", outcome="unknown-template")
        if "preferredSendTime" in block:
            try:
                moment(block["preferredSendTime"])
            except ValueError as problem:
                raise bad(f"'{name}.preferredSendTime' {problem}", outcome="bad-field") from None
        if "products" in more:
            if bool(block.get("products")) == bool(block.get("productSkus")):
                raise bad("Give either products or productSkus, not both", outcome="bad-field")
            for product in block.get("products", ()):
                checked_object(
                    product,
                    _PRODUCT | {"productCategoryGoogleId": (str, type(None))},
                    required=["sku", "name"],
                    at=f"{name}.products[].",
                )

    @route("GET", f"/invitations{_UNIT}/templates")
    def templates(self, call: Call, unit: str) -> Record:
        self.need_token(call)
        return {"templates": _templates(self.need_unit(unit))}

    @route("POST", f"/invitations{_UNIT}/invitation-data/delete")
    def delete_invitation_data(self, call: Call, unit: str) -> Answer:
        self._inviter(call)
        self.need_unit(unit)
        body = json_object(call, {"customerEmails": list, "deleteOlderThan": str})
        if bool(body.get("customerEmails")) == bool(body.get("deleteOlderThan")):
            raise bad("Give either customerEmails or deleteOlderThan", outcome="bad-field")
        if "deleteOlderThan" in body:
            try:
                limit = moment(body["deleteOlderThan"])
            except ValueError as problem:
                raise bad(f"'deleteOlderThan' {problem}", outcome="bad-field") from None
            self._forget(lambda i: moment(i["createdAt"]) < limit)
        else:
            emails = {str(e).lower() for e in body["customerEmails"]}
            self._forget(lambda i: i["email"].lower() in emails)
        return Answer(None, 200)

    # --- shared ----------------------------------------------------------------------------------

    def _inviter(self, call: Call) -> str:
        return self.need_user(call, call.headers.get("x-business-user-id"), "The header x-business-user-id")

    def _store(self, kind: str, key: str, what: str, unit: str, body: Record, email: str) -> None:
        self.data[kind][key] = {
            "id": key,
            "kind": what,
            "unit": unit,
            "email": email,
            "createdAt": self.now_text(),
            "body": body,
        }
        self.keep(kind, key)

    def _forget(self, gone: Any) -> None:
        for kind in ("links", "emails"):
            for key in [k for k, i in self.data[kind].items() if gone(i)]:
                del self.data[kind][key]
                self.keep(kind, key)


def _templates(unit: str) -> list[Record]:
    return [
        {
            "id": native_id(1_550_000_000 + number, f"{unit}/{name}"),
            "name": name,
            "isDefaultTemplate": default,
            "locale": where,
            "language": spoken,
            "type": kind,
        }
        for number, (name, default, where, spoken, kind) in enumerate(_TEMPLATES)
    ]


def _email(value: str) -> None:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value):
        raise bad("The e-mail address is not valid", outcome="bad-field")


def _locale(value: str) -> None:
    try:
        locale(value)
    except ValueError as problem:
        raise bad(f"'locale' {problem}", outcome="bad-field") from None
