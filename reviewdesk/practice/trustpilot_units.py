"""Trustpilot's business units and its product catalogue."""

from __future__ import annotations

from typing import Any

from reviewdesk.practice.calls import Call, route
from reviewdesk.practice.checks import (
    array,
    bad,
    checked_object,
    integer,
    json_object,
    locale,
    paged,
    parameters,
    text,
)
from reviewdesk.practice.keys import UNITS
from reviewdesk.practice.trustpilot_auth import TrustpilotAuth

__all__ = ["TrustpilotUnits", "unit_names"]

Record = dict[str, Any]
_STARS = ("oneStar", "twoStars", "threeStars", "fourStars", "fiveStars")


class TrustpilotUnits(TrustpilotAuth):
    """Mixed into TrustpilotServer, which provides the records."""

    # --- business units --------------------------------------------------------------------------

    @route("GET", "/v1/business-units/find")
    def find_unit(self, call: Call) -> Record:
        self.need_key(call)
        asked = parameters(call, {"name": text}, required=["name"])
        for key, domain, _ in UNITS.values():
            if domain == asked["name"]:
                return self._unit_record(key)
        raise bad(f"No business unit is called {asked['name']}", 404, "unknown-unit")

    @route("GET", "/v1/business-units/search")
    def search_units(self, call: Call) -> Record:
        self.need_key(call)
        asked = parameters(
            call, {"query": text, "page": integer(1, 10_000), "perpage": integer(1, 100)}, required=["query"]
        )
        found = [k for k, d, n in UNITS.values() if asked["query"].lower() in f"{d} {n}".lower()]
        page = paged(found, asked.get("page", 1), asked.get("perpage", 20))
        return {"businessUnits": [self._unit_record(k) for k in page], "links": []}

    @route("GET", "/v1/business-units/{unit}")
    def public_unit(self, call: Call, unit: str) -> Record:
        self.need_key(call)
        return self._unit_record(self.need_unit(unit))

    @route("GET", "/v1/private/business-units/{unit}")
    def private_unit(self, call: Call, unit: str) -> Record:
        self.need_token(call)
        return self._unit_record(self.need_unit(unit))

    @route("GET", "/v1/business-units/{unit}/profileinfo")
    def profile_info(self, call: Call, unit: str) -> Record:
        self.need_key(call)
        domain, name = unit_names(self.need_unit(unit))
        return {
            "links": [],
            "isSubscriber": True,
            "email": "hello@example.org",
            "phone": None,
            "companyName": name,
            "address": {
                "street": "Quay 4",
                "city": "Harbour",
                "postcode": "0000",
                "country": "Denmark",
                "countryCode": "DK",
            },
            "description": {"header": f"About {name}", "text": f"Things for living, at {domain}."},
            "isClaimed": True,
        }

    @route("GET", "/v1/business-units/{unit}/web-links")
    def unit_web_links(self, call: Call, unit: str) -> Record:
        self.need_key(call)
        parameters(call, {"locale": locale}, required=["locale"])
        domain, _ = unit_names(self.need_unit(unit))
        return {
            "profileUrl": f"https://www.trustpilot.com/review/{domain}",
            "evaluateUrl": f"https://www.trustpilot.com/evaluate/{domain}",
            "locale": call.one("locale"),
            "links": [],
        }

    def _unit_record(self, unit: str) -> Record:
        domain, name = unit_names(unit)
        stars = [r["stars"] for r in self.data["service"].values() if r["businessUnit"]["id"] == unit]
        counts = {word: stars.count(i) for i, word in enumerate(_STARS, 1)}
        mean = sum(stars) / len(stars) if stars else 0.0
        return {
            "id": unit,
            "displayName": name,
            "name": {"identifying": domain, "referring": [domain, f"www.{domain}"]},
            "websiteUrl": f"https://{domain}",
            "country": "DK" if name.endswith("DK") else "FR",
            "numberOfReviews": {"total": len(stars), "usedForTrustScoreCalculation": len(stars)} | counts,
            "status": "active",
            "score": {"trustScore": round(mean, 1), "stars": round(mean * 2) / 2},
            "links": [],
        }

    # --- product catalogue -----------------------------------------------------------------------

    @route("GET", "/v1/private/business-units/{unit}/products")
    def products(self, call: Call, unit: str) -> Record:
        self.need_token(call)
        self.need_unit(unit)
        asked = parameters(
            call,
            {
                "page": integer(1, 10_000),
                "perPage": integer(1, 100),
                "skus": array(),
                "groupId": text,
                "locale": locale,
            },
        )
        found = [p for p in self.data["products"].values() if p["sku"] in asked.get("skus", (p["sku"],))]
        page = paged(found, asked.get("page", 1), asked.get("perPage", 20))
        return {
            "products": [{k: v for k, v in p.items() if not k.startswith("_")} for p in page],
            "links": [],
        }

    @route("POST", "/v1/private/business-units/{unit}/products")
    def upsert_products(self, call: Call, unit: str) -> Record:
        self.need_token(call)
        self.need_unit(unit)
        body = json_object(call, {"products": list}, required=["products"])
        answer = []
        for each in body["products"]:
            known: dict[str, type | tuple[type, ...]] = dict.fromkeys(
                ("sku", "title", "name", "description", "link", "imageLink", "mpn", "gtin", "brand"), str
            )
            product = checked_object(each, known, required=["sku"], at="products[].")
            found = next((p for p in self.data["products"].values() if p["sku"] == product["sku"]), None)
            key = found["id"] if found else self.new_id()
            self.data["products"][key] = (found or {"id": key}) | product
            self.keep("products", key)
            answer.append({"id": key, "sku": product["sku"]})
        return {"products": answer}


def unit_names(unit: str) -> tuple[str, str]:
    """Domain and display name of a business unit."""
    return next((domain, name) for key, domain, name in UNITS.values() if key == unit)
