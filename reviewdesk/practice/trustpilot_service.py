"""Trustpilot's service reviews: reviews of the company, with one reply each."""

from __future__ import annotations

import copy
from typing import Any

from reviewdesk.practice.calls import Answer, Call, route
from reviewdesk.practice.checks import (
    array,
    bad,
    checked_object,
    choice,
    flag,
    integer,
    json_object,
    language,
    locale,
    moment,
    paged,
    parameters,
    text,
    zulu,
)
from reviewdesk.practice.keys import COLLEAGUES, UNITS, USERS
from reviewdesk.practice.shop import Sample, SampleShop, native_id
from reviewdesk.practice.trustpilot_units import TrustpilotUnits

__all__ = ["TrustpilotService"]

Record = dict[str, Any]
_ORDERS = ("createdat.asc", "createdat.desc", "stars.asc", "stars.desc")
_PLACES = {"en": "Leeds, GB", "fr": "Nantes, FR", "de": "Bremen, DE", "pl": "Gdańsk, PL"}
_REVIEW = "/v1/private/reviews/{review}"


class TrustpilotService(TrustpilotUnits):
    """Mixed into TrustpilotServer, which provides the records."""

    def service_samples(self, shop: SampleShop) -> dict[str, Record]:
        """The sample shop's service reviews by id."""
        return {
            sample.id: _service(sample, *unit)
            for key, unit in UNITS.items()
            for sample in shop.at(f"trustpilot-service-{key}")
        }

    # --- what a test may do ----------------------------------------------------------------------

    def service_ids(self, unit: str | None = None) -> list[str]:
        """Ids of the service reviews, newest first; ``unit`` is ``dk`` or ``fr``."""
        with self.lock:
            return [r["id"] for r in self._service(UNITS[unit][0] if unit else None)]

    def service_review(self, review: str) -> Record:
        with self.lock:
            return copy.deepcopy(self.data["service"][review])

    def edit_service_review(self, review: str, **fields: Any) -> None:
        """The customer changes stars, title or text."""
        with self.lock:
            self.data["service"][review].update(fields, updatedAt=self.now_text())
            self.keep("service", review)

    def remove_service_review(self, review: str) -> None:
        with self.lock:
            del self.data["service"][review]
            self.keep("service", review)

    def colleague_replies_to_service(self, review: str, message: str, *, who: str = "jakob") -> None:
        """Somebody of the shop answers in the back office, replacing an earlier reply."""
        with self.lock:
            self._reply(self.data["service"][review], dict(zip(COLLEAGUES, USERS, strict=True))[who], message)

    # --- reading ---------------------------------------------------------------------------------

    def _service(self, unit: str | None) -> list[Record]:
        found = [r for r in self.data["service"].values() if unit is None or r["businessUnit"]["id"] == unit]
        found.sort(key=lambda r: (r["createdAt"], r["id"]), reverse=True)
        return found

    def _one(self, review: str) -> Record:
        if review not in self.data["service"]:
            raise bad(f"Review {review} was not found", 404, "unknown-review")
        return self.data["service"][review]

    @route("GET", "/v1/private/business-units/{unit}/reviews")
    def private_service_reviews(self, call: Call, unit: str) -> Record:
        self.need_token(call)
        self.need_unit(unit)
        asked = parameters(
            call,
            {
                "orderBy": choice(*_ORDERS),
                "stars": array(integer(1, 5)),
                "language": language,
                "page": integer(1, 2_147_483_647),
                "perPage": integer(1, 100),
                "internalLocationId": text,
                "locationId": text,
                "tagGroup": text,
                "tagValue": text,
                "ignoreTagValueCase": flag,
                "responded": flag,
                "referenceId": text,
                "referralEmail": text,
                "reported": flag,
                "startDateTime": moment,
                "endDateTime": moment,
                "source": text,
                "username": text,
                "findReviewer": choice("contacted", "notContacted"),
            },
        )
        found = [r for r in self._service(unit) if _wanted(r, asked)]
        _sort(found, asked.get("orderBy", "createdat.desc"))
        page = paged(found, asked.get("page", 1), asked.get("perPage", 20))
        return {
            "links": [{"href": call.base_url + call.path, "method": "GET", "rel": "self"}],
            "reviews": [copy.deepcopy(r) for r in page],
        }

    @route("GET", _REVIEW)
    def private_service_review(self, call: Call, review: str) -> Record:
        self.need_token(call)
        parameters(call, {})
        return self._one(review)

    @route("GET", "/v1/reviews/latest")
    def latest_reviews(self, call: Call) -> Record:
        self.need_key(call)
        asked = parameters(
            call,
            {
                "language": language,
                "count": integer(1, 100),
                "filterUsersWithoutImages": flag,
                "locale": locale,
            },
        )
        found = [r for r in self._service(None) if asked.get("language", r["language"]) == r["language"]]
        return {"reviews": [_public(r) for r in found[: asked.get("count", 20)]], "links": []}

    @route("GET", "/v1/reviews/{review}")
    def public_service_review(self, call: Call, review: str) -> Record:
        self.need_key(call)
        return _public(self._one(review))

    @route("GET", "/v1/reviews/{review}/likes")
    def review_likes(self, call: Call, review: str) -> Record:
        self.need_key(call)
        return {"totalLikes": self._one(review)["numberOfLikes"], "likes": [], "links": []}

    @route("GET", "/v1/reviews/{review}/web-links")
    def review_web_links(self, call: Call, review: str) -> Record:
        self.need_key(call)
        parameters(call, {"locale": locale}, required=["locale"])
        self._one(review)
        return {
            "reviewUrl": f"https://www.trustpilot.com/reviews/{review}",
            "locale": call.one("locale"),
            "links": [],
        }

    @route("GET", "/v1/business-units/{unit}/reviews")
    def public_service_reviews(self, call: Call, unit: str) -> Record:
        self.need_key(call)
        self.need_unit(unit)
        asked = parameters(
            call,
            {
                "stars": array(integer(1, 5)),
                "language": language,
                "internalLocationId": text,
                "page": integer(1, 2_147_483_647),
                "perPage": integer(1, 100),
                "orderBy": choice(*_ORDERS),
                "tagGroup": text,
                "tagValue": text,
                "responded": flag,
                "includeReportedReviews": flag,
            },
        )
        found = [
            r
            for r in self._service(unit)
            if _wanted(r, asked) and (asked.get("includeReportedReviews") or r["reportData"] is None)
        ]
        _sort(found, asked.get("orderBy", "createdat.desc"))
        page = paged(found, asked.get("page", 1), asked.get("perPage", 20))
        return {"links": [], "reviews": [_public(r) for r in page]}

    @route("GET", "/v1/business-units/{unit}/all-reviews")
    def all_service_reviews(self, call: Call, unit: str) -> Record:
        self.need_key(call)
        self.need_unit(unit)
        asked = parameters(call, {"pageToken": integer(1, 1_000_000)})
        start = asked.get("pageToken", 0)
        found = self._service(unit)
        answer: Record = {"links": [], "reviews": [_public(r) for r in found[start : start + 20]]}
        if start + 20 < len(found):
            answer["nextPageToken"] = str(start + 20)
        return answer

    # --- acting ----------------------------------------------------------------------------------

    @route("POST", f"{_REVIEW}/reply")
    def reply_to_review(self, call: Call, review: str) -> Answer:
        self.need_token(call)
        body = json_object(
            call, {"authorBusinessUserId": str, "message": str, "submittedAt": str}, required=["message"]
        )
        if not body["message"].strip():
            raise bad("'message' is empty", outcome="missing-field")
        user = self.need_user(call, body.get("authorBusinessUserId"), "authorBusinessUserId")
        self._reply(self._one(review), user, body["message"])
        return Answer(None, 200)

    def _reply(self, record: Record, user: str, message: str) -> None:
        before = record["companyReply"]
        record["companyReply"] = {
            "text": message,
            "authorBusinessUserId": user,
            "authorBusinessUserName": USERS[user],
            "createdAt": before["createdAt"] if before else self.now_text(),
            "updatedAt": self.now_text() if before else None,
        }
        self.keep("service", record["id"])

    @route("DELETE", f"{_REVIEW}/reply")
    def delete_reply(self, call: Call, review: str) -> Answer:
        self.need_token(call)
        record = self._one(review)
        if record["companyReply"] is None:
            raise bad("The review has no reply", 404, "no-reply")
        record["companyReply"] = None
        self.keep("service", review)
        return Answer(None, 204)

    @route("GET", f"{_REVIEW}/tags")
    def get_tags(self, call: Call, review: str) -> Record:
        self.need_token(call)
        return {"tags": self._one(review)["tags"]}

    @route("PUT", f"{_REVIEW}/tags")
    def add_tags(self, call: Call, review: str) -> Record:
        self.need_token(call)
        record = self._one(review)
        record["tags"] += [tag for tag in _tags(call) if tag not in record["tags"]]
        self.keep("service", review)
        return {"tags": record["tags"]}

    @route("POST", f"{_REVIEW}/tags")
    def set_tags(self, call: Call, review: str) -> Record:
        self.need_token(call)
        record = self._one(review)
        record["tags"] = _tags(call)
        self.keep("service", review)
        return {"tags": record["tags"]}

    @route("DELETE", f"{_REVIEW}/tags")
    def delete_tag(self, call: Call, review: str) -> Answer:
        self.need_token(call)
        record = self._one(review)
        asked = parameters(call, {"group": text, "value": text}, required=["group", "value"])
        record["tags"] = [
            t for t in record["tags"] if t != {"group": asked["group"], "value": asked["value"]}
        ]
        self.keep("service", review)
        return Answer(None, 204)

    @route("POST", f"{_REVIEW}/find-reviewer")
    def find_reviewer(self, call: Call, review: str) -> Record:
        self.need_token(call)
        record = self._one(review)
        body = json_object(call, {"message": (str, type(None)), "skipNotificationEmailToBusinessUser": bool})
        if not record["findReviewer"]["isEligible"]:
            raise bad("The reviewer can't be contacted", outcome="not-eligible")
        record["findReviewer"]["requests"].append(
            {
                "id": self.new_id(),
                "created": self.now_text(),
                "status": "pending",
                "businessUserMessage": body.get("message"),
                "consumerResponse": None,
            }
        )
        record["findReviewer"]["isEligible"] = False
        self.keep("service", review)
        return {"version": {"major": 1, "minor": 1}, "statusCode": 200, "isSuccessStatusCode": True}


def _tags(call: Call) -> list[Record]:
    body = json_object(call, {"tags": list}, required=[])
    if "tags" not in body:
        raise bad("Field 'tags' is required", outcome="missing-field")
    return [
        checked_object(tag, {"group": str, "value": str}, required=["group", "value"], at="tags[].")
        for tag in body["tags"]
    ]


def _sort(found: list[Record], order: str) -> None:
    name, _, direction = order.partition(".")
    found.sort(
        key=lambda r: (r["createdAt"] if name == "createdat" else r["stars"], r["createdAt"]),
        reverse=direction == "desc",
    )


def _wanted(record: Record, asked: Record) -> bool:
    tags = record["tags"]
    fold = str.lower if asked.get("ignoreTagValueCase") else str
    created = moment(record["createdAt"])
    checks = (
        record["stars"] in asked.get("stars", range(6)),
        asked.get("language", record["language"]) == record["language"],
        "tagGroup" not in asked or any(t["group"] == asked["tagGroup"] for t in tags),
        "tagValue" not in asked or any(fold(t["value"]) == fold(asked["tagValue"]) for t in tags),
        "responded" not in asked or asked["responded"] == (record["companyReply"] is not None),
        asked.get("referenceId", record["referenceId"]) == record["referenceId"],
        asked.get("referralEmail", record["referralEmail"]) == record["referralEmail"],
        "reported" not in asked or asked["reported"] == (record["reportData"] is not None),
        created >= asked.get("startDateTime", 0.0),
        created <= asked.get("endDateTime", float("inf")),
        asked.get("source", record["source"]) == record["source"],
        asked.get("username", record["consumer"]["displayName"]) == record["consumer"]["displayName"],
        "findReviewer" not in asked
        or (asked["findReviewer"] == "contacted") == bool(record["findReviewer"]["requests"]),
        not ({"internalLocationId", "locationId"} & asked.keys()) or record["location"] is not None,
    )
    return all(checks)


def _public(record: Record) -> Record:
    names = (
        "id",
        "consumer",
        "businessUnit",
        "location",
        "stars",
        "title",
        "text",
        "language",
        "createdAt",
        "updatedAt",
        "companyReply",
        "isVerified",
        "numberOfLikes",
        "status",
        "countsTowardsTrustScore",
        "complianceLabels",
    )
    return {name: copy.deepcopy(record[name]) for name in names}


def _service(sample: Sample, unit: str, domain: str, name: str) -> Record:
    verified = sample.number % 4 != 0
    reply = next((turn for turn in sample.thread if turn.who != "customer"), None)
    users = dict(zip(COLLEAGUES, USERS.items(), strict=True))
    return {
        "id": sample.id,
        "consumer": {
            "id": native_id(1_400_000_000, sample.person.email),
            "displayName": sample.person.shown,
            "displayLocation": _PLACES.get(sample.language),
            "numberOfReviews": 1 + sample.number % 5,
        },
        "businessUnit": {"id": unit, "identifyingName": domain, "displayName": name},
        "location": None,
        "stars": sample.stars,
        "title": sample.title,
        "text": sample.text,
        "language": sample.language,
        "createdAt": zulu(sample.created),
        "updatedAt": zulu(sample.updated) if sample.updated is not None else None,
        "experiencedAt": zulu(sample.created - 6 * 86_400),
        "referralEmail": sample.person.email if verified else None,
        "referenceId": f"HB-{name[-2:]}-{sample.order}" if verified else None,
        "source": "InvitationApi" if verified else "Organic",
        "companyReply": None
        if reply is None
        else {
            "text": reply.text,
            "authorBusinessUserId": users[reply.who][0],
            "authorBusinessUserName": users[reply.who][1],
            "createdAt": zulu(reply.at),
            "updatedAt": None,
        },
        "tags": [{"group": "generic", "value": "delivery"}] if sample.stars in (1, 2) else [],
        "findReviewer": {"isEligible": not verified, "requests": []},
        "isVerified": verified,
        "reviewVerificationLevel": "invited" if verified else "not-verified",
        "numberOfLikes": sample.number % 3,
        "status": "active",
        "reportData": {
            "source": "Business",
            "publicComment": None,
            "createdAt": zulu(sample.created + 86_400),
            "reasons": ["notBasedOnGenuineExperience"],
        }
        if sample.number % 17 == 0
        else None,
        "complianceLabels": [],
        "countsTowardsTrustScore": True,
        "countsTowardsLocationTrustScore": None,
        "invitation": {"businessUnitId": unit} if verified else None,
        "businessUnitHistory": [],
    }
