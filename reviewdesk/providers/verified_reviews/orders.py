"""Orders that Verified Reviews is told of, so that it asks their customers: the purchase-event API.

One order in one request (the document allows 50): each has an answer of its own, and an unclear one concerns nobody else.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from reviewdesk.domain.clock import iso_utc
from reviewdesk.domain.errors import BadAnswer, NotAvailable, Refused, SignInError
from reviewdesk.domain.text import clean, safe_words
from reviewdesk.providers.answers import Answer
from reviewdesk.providers.base import Context, SendResult
from reviewdesk.providers.decode import parse_when
from reviewdesk.providers.verified_reviews.api import PublishedApi

__all__ = ["NO_WEBSITE", "event_of", "report"]

NO_WEBSITE = "Verified Reviews is told of orders for one website: add its id (website_id) to the account of transport=api."
_DAY_S = 86_400


def report(api: PublishedApi, context: Context, payload: Mapping[str, Any]) -> SendResult:
    """``POST /purchase-event/websites/{id}/purchase_events/bulk_sync_insert``.

    Raises ``Refused`` for what it would refuse (before anything is sent) and for what it set aside.
    """
    website = context.settings.get("website_id", "").strip()
    if not website:
        raise NotAvailable(NO_WEBSITE)
    event = event_of(payload, website, context.clock.now())
    path = f"/purchase-event/websites/{quote(website, safe='')}/purchase_events/bulk_sync_insert"
    try:
        answer = api.post(path, [event])
    except SignInError as error:
        if error.status != 401:
            raise
        api.forget_token()  # it ended early, and a call without a valid one is not carried out
        answer = api.post(path, [event])
    return SendResult(answer={"message": _judged(answer)})


def _judged(answer: Answer) -> str:
    """What it said of the order. Raises ``Refused`` when it set the order aside: a 206, or an element with an error."""
    try:
        said = answer.decode(Any)
    except BadAnswer:
        said = None  # the document shows no body: a 2xx that can't be read is a yes
    found = said if isinstance(said, list) else [said]
    for each in found:
        words = (each.get("error_description") or each.get("error")) if isinstance(each, dict) else None
        if words or answer.status == 206:
            text = safe_words(str(words or "it kept a part only"))
            raise Refused(f"Verified Reviews did not take the order. It says: {text}", provider_words=text)
    return ""


def event_of(payload: Mapping[str, Any], website: str, now: float) -> dict[str, Any]:
    """One purchase event. Raises ``Refused`` with what is missing."""
    email, order = (str(payload.get(key) or "").strip() for key in ("email", "order_id"))
    bought = parse_when(payload.get("order_date"))
    missing = [
        name for name, value in (("email", email), ("order_id", order), ("order_date", bought)) if not value
    ]
    if missing or bought is None:
        raise Refused(f"Verified Reviews wants all of these: {', '.join(missing)}.")
    first, last = (clean(str(payload.get(key) or "")).strip() for key in ("first_name", "last_name"))
    if not first and not last:
        first, _, last = clean(str(payload.get("name") or "")).strip().partition(" ")
    language, _, country = str(payload.get("locale") or "").replace("_", "-").partition("-")
    consumer = {
        "first_name": first,
        "last_name": last.strip(),
        "email": email,
        "language": language.lower(),
        "country": country.upper(),
    }
    skus = [str(sku).strip() for sku in payload.get("skus") or () if str(sku).strip()]
    for_products = payload.get("kind") == "product"
    if for_products and not skus:
        raise Refused("To be asked about products, the order needs their references.")
    # The e-mail leaves so many days after the purchase: an order of last month must not be due in the past.
    delay = max(1, math.ceil((now - bought) / _DAY_S))
    asked: dict[str, Any] = {
        "delay": delay,
        "purchase_event_type": "BRAND_AND_PRODUCT" if for_products else "BRAND",
    }
    if for_products:
        asked["delay_product"] = delay
    return {
        "purchase_reference": order,
        "purchase_date": iso_utc(datetime.fromtimestamp(bought, UTC).timestamp()),
        "price": 0,
        "consumer": {key: value for key, value in consumer.items() if value},
        "products": [{"name": sku, "product_ref": {"reference": sku, "sku": sku}} for sku in skus],
        "sales_channel": {"channel": "online", "website_id": website},
        "solicitation_parameters": asked,
    }
