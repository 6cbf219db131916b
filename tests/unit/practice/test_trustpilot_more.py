"""The practice Trustpilot's service reviews, business units, products and invitations."""

from __future__ import annotations

from typing import Any

import pytest

from reviewdesk.practice import PracticeShop
from reviewdesk.practice.keys import UNITS, USERS
from tests.support.practice import Wire, trustpilot_wire

DK = UNITS["dk"][0]
LIST = f"/private/business-units/{DK}/reviews"
ANNA, JAKOB = USERS


@pytest.fixture(scope="module")
def token(still: PracticeShop) -> Wire:
    return trustpilot_wire(still)


@pytest.fixture(scope="module")
def key(still: PracticeShop) -> Wire:
    return trustpilot_wire(still, key=True)


# --- reading ---------------------------------------------------------------------------------------


def test_every_field_of_a_service_review(token: Wire) -> None:
    got = token.get(LIST, perPage=1).json["reviews"][0]
    assert set(got) == {
        "id", "consumer", "businessUnit", "location", "stars", "title", "text", "language", "createdAt", "updatedAt",
        "experiencedAt", "referralEmail", "referenceId", "source", "companyReply", "tags", "findReviewer", "isVerified",
        "reviewVerificationLevel", "numberOfLikes", "status", "reportData", "complianceLabels", "countsTowardsTrustScore",
        "countsTowardsLocationTrustScore", "invitation", "businessUnitHistory",
    }  # fmt: skip
    assert got["title"]
    assert token.get(f"/private/reviews/{got['id']}").json == got
    assert token.get("/private/reviews/" + "0" * 24).status == 404


def test_orders_and_pages(token: Wire) -> None:
    newest = [r["createdAt"] for r in token.get(LIST, perPage=100).json["reviews"]]
    assert len(newest) >= 30
    assert newest == sorted(newest, reverse=True)
    oldest = [r["createdAt"] for r in token.get(LIST, perPage=100, orderBy="createdat.asc").json["reviews"]]
    assert oldest == newest[::-1]
    stars = [r["stars"] for r in token.get(LIST, perPage=100, orderBy="stars.asc").json["reviews"]]
    assert stars == sorted(stars)
    assert len(token.get(LIST).json["reviews"]) == 20
    assert token.get(LIST, page=50).json["reviews"] == []


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ({"stars": "1,2"}, lambda r: r["stars"] in (1, 2)),
        ({"language": "de"}, lambda r: r["language"] == "de"),
        ({"responded": "true"}, lambda r: r["companyReply"] is not None),
        ({"responded": "false"}, lambda r: r["companyReply"] is None),
        ({"reported": "true"}, lambda r: r["reportData"] is not None),
        ({"tagGroup": "generic", "tagValue": "delivery"}, lambda r: r["tags"]),
        ({"tagValue": "DELIVERY", "ignoreTagValueCase": "true"}, lambda r: r["tags"]),
        ({"source": "Organic"}, lambda r: r["source"] == "Organic"),
        ({"findReviewer": "notContacted"}, lambda r: not r["findReviewer"]["requests"]),
        ({"startDateTime": "2026-05-20T00:00:00"}, lambda r: r["createdAt"] >= "2026-05-20"),
        ({"endDateTime": "2026-05-20T00:00:00Z"}, lambda r: r["createdAt"] <= "2026-05-20T00:00:01Z"),
    ],
)
def test_filters(token: Wire, query: dict[str, str], fits: Any) -> None:
    whole = token.get(LIST, perPage=100).json["reviews"]
    got = token.get(LIST, perPage=100, **query).json["reviews"]
    assert [r["id"] for r in got] == [r["id"] for r in whole if fits(r)]
    assert got


@pytest.mark.parametrize(
    "query",
    [{"orderBy": "newest"}, {"stars": "0"}, {"responded": "yes"}, {"startDateTime": "soon"}, {"findReviewer": "maybe"},
     {"perPage": "101"}, {"state": "published"}],
)  # fmt: skip
def test_impossible_queries(token: Wire, query: dict[str, str]) -> None:
    assert token.get(LIST, **query).status == 400


def test_by_reference_and_address(token: Wire) -> None:
    one = next(r for r in token.get(LIST, perPage=100).json["reviews"] if r["referenceId"])
    assert one["id"] in [r["id"] for r in token.get(LIST, referenceId=one["referenceId"]).json["reviews"]]
    assert one["id"] in [r["id"] for r in token.get(LIST, referralEmail=one["referralEmail"]).json["reviews"]]
    username = one["consumer"]["displayName"]
    assert one["id"] in [r["id"] for r in token.get(LIST, username=username, perPage=100).json["reviews"]]


def test_public_reading(key: Wire, still: PracticeShop) -> None:
    got = key.get(f"/business-units/{DK}/reviews", perPage=100).json["reviews"]
    with_reported = key.get(f"/business-units/{DK}/reviews", perPage=100, includeReportedReviews="true").json[
        "reviews"
    ]
    assert len(with_reported) > len(got)
    assert not {"referralEmail", "referenceId", "findReviewer"} & set(got[0])
    assert key.get(f"/reviews/{got[0]['id']}").json == got[0]
    assert key.get(f"/reviews/{got[0]['id']}/likes").json["totalLikes"] == got[0]["numberOfLikes"]
    links = key.get(f"/reviews/{got[0]['id']}/web-links", locale="en-GB")
    assert links.json["reviewUrl"]
    assert key.get(f"/reviews/{got[0]['id']}/web-links").status == 400
    assert len(key.get("/reviews/latest", count=3).json["reviews"]) == 3
    seen, asked = [], {}
    while True:
        page = key.get(f"/business-units/{DK}/all-reviews", **asked).json
        seen += [r["id"] for r in page["reviews"]]
        if "nextPageToken" not in page:
            break
        asked = {"pageToken": page["nextPageToken"]}
    assert seen == still.trustpilot.service_ids("dk")


def test_business_units(key: Wire, token: Wire) -> None:
    found = key.get("/business-units/find", name="harbour.example").json
    assert (found["id"], found["displayName"]) == (DK, "Harbour DK")
    assert found["numberOfReviews"]["total"] >= 30
    assert key.get("/business-units/find", name="nobody.example").status == 404
    assert key.get("/business-units/find").status == 400
    assert len(key.get("/business-units/search", query="harbour", perpage=10).json["businessUnits"]) == 2
    assert key.get("/business-units/search", query="harbour", perPage=10).status == 400, "here it is perpage"
    assert key.get(f"/business-units/{DK}").json == found
    assert token.get(f"/private/business-units/{DK}").json == found
    assert key.get(f"/business-units/{DK}/profileinfo").json["companyName"] == "Harbour DK"
    assert key.get(f"/business-units/{DK}/web-links", locale="en-GB").json["profileUrl"]
    assert key.get("/business-units/" + "0" * 24).status == 404


# --- acting ----------------------------------------------------------------------------------------


def test_one_reply_which_a_second_replaces(shop: PracticeShop) -> None:
    server, wire = shop.trustpilot, trustpilot_wire(shop)
    review = next(r for r in server.service_ids("dk") if server.service_review(r)["companyReply"] is None)
    path = f"/private/reviews/{review}/reply"
    assert wire.post(path, {"message": "Hello"}).status == 400, "an application token must name the author"
    assert wire.post(path, {"message": "Hello", "authorBusinessUserId": "0" * 24}).status == 403
    assert wire.post(path, {"message": " ", "authorBusinessUserId": ANNA}).status == 400
    assert wire.post(path, {"message": "Hello", "authorBusinessUserId": ANNA}).status == 200
    reply = server.service_review(review)["companyReply"]
    assert (reply["text"], reply["authorBusinessUserName"], reply["updatedAt"]) == (
        "Hello",
        "Anna Nyborg",
        None,
    )
    wire.post(path, {"message": "Better", "authorBusinessUserId": JAKOB})
    reply = server.service_review(review)["companyReply"]
    assert reply["text"] == "Better"
    assert reply["updatedAt"]
    assert wire.call("DELETE", path).status == 204
    assert server.service_review(review)["companyReply"] is None
    assert wire.call("DELETE", path).status == 404
    server.colleague_replies_to_service(review, "From the back office")
    assert wire.get(f"/private/reviews/{review}").json["companyReply"]["text"] == "From the back office"


def test_tags_put_adds_and_post_replaces(shop: PracticeShop) -> None:
    wire = trustpilot_wire(shop)
    path = f"/private/reviews/{shop.trustpilot.service_ids('dk')[0]}/tags"
    a, b = {"group": "generic", "value": "a"}, {"group": "generic", "value": "b"}
    assert wire.post(path, {"tags": [a]}).json["tags"] == [a]
    assert wire.call("PUT", path, json_body={"tags": [b]}).json["tags"] == [a, b]
    assert wire.post(path, {"tags": [b]}).json["tags"] == [b]
    assert wire.call("DELETE", path, query=b).status == 204
    assert wire.get(path).json["tags"] == []
    assert wire.post(path, {}).status == 400
    assert wire.post(path, {"tags": [{"group": "generic"}]}).status == 400


def test_find_reviewer(shop: PracticeShop) -> None:
    server, wire = shop.trustpilot, trustpilot_wire(shop)
    records = {r: server.service_review(r) for r in server.service_ids("dk")}
    open_one = next(r for r, record in records.items() if record["findReviewer"]["isEligible"])
    closed = next(r for r, record in records.items() if not record["findReviewer"]["isEligible"])
    assert wire.post(f"/private/reviews/{open_one}/find-reviewer", {"message": "Which order?"}).json[
        "isSuccessStatusCode"
    ]
    assert (
        server.service_review(open_one)["findReviewer"]["requests"][0]["businessUserMessage"]
        == "Which order?"
    )
    assert wire.post(f"/private/reviews/{closed}/find-reviewer", {"message": None}).status == 400


def test_service_reviews_change_and_go(shop: PracticeShop) -> None:
    server, wire = shop.trustpilot, trustpilot_wire(shop)
    first, second, *_ = server.service_ids("dk")
    server.edit_service_review(first, text="Changed", stars=2)
    server.remove_service_review(second)
    got = wire.get(LIST).json["reviews"]
    assert (got[0]["text"], got[0]["stars"]) == ("Changed", 2)
    assert got[0]["updatedAt"]
    assert second not in [r["id"] for r in got]


def test_product_catalogue(shop: PracticeShop) -> None:
    wire = trustpilot_wire(shop)
    path = f"/private/business-units/{DK}/products"
    listed = wire.get(path, perPage=100).json["products"]
    assert len(listed) == 10
    assert len(wire.get(path, skus="HB-X2,HB-L4").json["products"]) == 2
    made = wire.post(
        path, {"products": [{"sku": "NEW-1", "title": "A new thing"}, {"sku": "HB-X2", "title": "X"}]}
    ).json
    assert made["products"][1]["id"] == next(p["id"] for p in listed if p["sku"] == "HB-X2")
    assert len(wire.get(path, perPage=100).json["products"]) == 11
    assert wire.post(path, {"products": [{"title": "No sku"}]}).status == 400


# --- invitations -----------------------------------------------------------------------------------

LINK = {
    "consumer": {"email": "ola@example.org", "name": "Ola N."},
    "referenceId": "R-1",
    "locale": "en-GB",
    "products": [{"productUrl": "https://harbour.example/p/1", "name": "A thing", "sku": "A-1"}],
}


def test_product_link(shop: PracticeShop) -> None:
    wire = trustpilot_wire(shop)
    path = f"/private/product-reviews/business-units/{DK}/invitation-links"
    got = wire.post(path, LINK).json
    assert set(got) == {"reviewLinkId", "reviewUrl"}
    assert Wire(got["reviewUrl"]).get("").status == 200, "the link leads to a practice page on this machine"
    ids = [p["id"] for p in wire.get(f"/private/business-units/{DK}/products").json["products"][:2]]
    with_ids = {k: v for k, v in LINK.items() if k != "products"} | {"productIds": ids}
    assert wire.post(path, with_ids).status == 200
    assert [i["kind"] for i in shop.trustpilot.invitations] == ["product-link"] * 2


@pytest.mark.parametrize(
    "change",
    [
        {"productIds": ["x"]}, {"products": []}, {"consumer": {"email": "ola@example.org"}}, {"locale": "english"},
        {"consumer": {"email": "ola", "name": "Ola"}}, {"referenceId": ""}, {"email": "ola@example.org"},
        {"products": [{"sku": "A-1"}]}, {"products": [], "productIds": ["f" * 24]},
    ],
)  # fmt: skip
def test_bad_product_links(shop: PracticeShop, change: dict[str, Any]) -> None:
    wire = trustpilot_wire(shop)
    path = f"/private/product-reviews/business-units/{DK}/invitation-links"
    assert wire.post(path, LINK | change).status == 400
    assert shop.trustpilot.invitations == []


def test_service_invitations_live_on_the_other_host(shop: PracticeShop) -> None:
    body = {
        "referenceId": "R-2",
        "email": "ola@example.org",
        "name": "Ola N.",
        "locale": "en-GB",
        "tags": ["spring"],
    }
    path = f"/private/business-units/{DK}/invitation-links"
    user = {"x-business-user-id": ANNA}
    assert trustpilot_wire(shop).post(path, body, headers=user).status == 404
    wire = trustpilot_wire(shop, invitations=True)
    assert wire.post(path, body).status == 400, "an application token must name the user"
    got = wire.post(path, body, headers=user).json
    assert set(got) == {"id", "url"}
    assert wire.post(path, body | {"referenceNumber": "R"}, headers=user).status == 400
    assert wire.get(f"/private/product-reviews/business-units/{DK}/reviews").status == 404


def test_email_invitations(shop: PracticeShop) -> None:
    wire = trustpilot_wire(shop, invitations=True)
    wire.headers["x-business-user-id"] = ANNA
    templates = wire.get(f"/private/business-units/{DK}/templates").json["templates"]
    assert {t["type"] for t in templates} == {"serviceReview", "productReview"}
    path = f"/private/business-units/{DK}/email-invitations"
    body: dict[str, Any] = {
        "referenceNumber": "R-3",
        "consumerName": "Ola N.",
        "consumerEmail": "ola@example.org",
        "locale": "en-GB",
        "serviceReviewInvitation": {
            "templateId": templates[0]["id"],
            "preferredSendTime": "2026-06-01T10:00:00",
        },
    }
    assert wire.post(path, body).status == 202
    both = body | {"productReviewInvitation": {"productSkus": ["HB-X2"]}}
    assert wire.post(path, both).status == 202
    for wrong in (
        {"serviceReviewInvitation": None},
        {"serviceReviewInvitation": {"templateId": "0" * 24}},
        {"serviceReviewInvitation": {"preferredSendTime": "tomorrow"}},
        {"consumerEmail": "ola"},
        {"consumerName": ""},
        {"type": "sms"},
        {"productReviewInvitation": {"productSkus": ["A"], "products": [{"sku": "A", "name": "A"}]}},
        {"email": "ola@example.org"},
    ):
        assert wire.post(path, body | wrong).status == 400, wrong
    assert [i["kind"] for i in shop.trustpilot.invitations] == ["email"] * 2


def test_delete_invitation_data(shop: PracticeShop) -> None:
    wire = trustpilot_wire(shop, invitations=True)
    wire.headers["x-business-user-id"] = ANNA
    link = {"referenceId": "R", "email": "ola@example.org", "name": "Ola", "locale": "en-GB"}
    for email in ("ola@example.org", "kim@example.org"):
        wire.post(f"/private/business-units/{DK}/invitation-links", link | {"email": email})
    path = f"/private/business-units/{DK}/invitation-data/delete"
    assert wire.post(path, {}).status == 400
    assert wire.post(path, {"customerEmails": ["x"], "deleteOlderThan": "2026-01-01T00:00:00"}).status == 400
    assert wire.post(path, {"customerEmails": ["OLA@example.org"]}).status == 200
    assert [i["email"] for i in shop.trustpilot.invitations] == ["kim@example.org"]
    assert wire.post(path, {"deleteOlderThan": "2100-01-01T00:00:00Z"}).status == 200
    assert shop.trustpilot.invitations == []
