"""The practice Trustpilot is as strict as the document: product reviews, conversations, summaries."""

from __future__ import annotations

from typing import Any

import pytest

from reviewdesk.practice import PracticeShop
from reviewdesk.practice.keys import UNITS, USERS
from reviewdesk.practice.trustpilot import GONE, TrustpilotServer
from tests.support.clock import FakeClock
from tests.support.practice import OAUTH, Got, Wire, account, basic, trustpilot_token, trustpilot_wire

DK = UNITS["dk"][0]
LIST = f"/private/product-reviews/business-units/{DK}/reviews"
PUBLIC = f"/product-reviews/business-units/{DK}"


@pytest.fixture(scope="module")
def token(still: PracticeShop) -> Wire:
    return trustpilot_wire(still)


@pytest.fixture(scope="module")
def key(still: PracticeShop) -> Wire:
    return trustpilot_wire(still, key=True)


# --- signing in ------------------------------------------------------------------------------------


def oauth(shop: PracticeShop, call: str, form: dict[str, str]) -> Got:
    server = shop.trustpilot
    wire = Wire(account(shop, "Harbour DK").settings["base_url"])
    headers = {"Authorization": basic(server.api_key, server.api_secret)}
    return wire.post(f"{OAUTH}/{call}", form=form, headers=headers)


def test_client_credentials_have_no_refresh_token(still: PracticeShop) -> None:
    got = trustpilot_token(still).json
    assert got["expires_in"] == "359999"
    assert got["issued_at"] == str(int(FakeClock().now() * 1000))
    assert "refresh_token" not in got
    assert "app_enduser" not in got


def test_password_grant(still: PracticeShop) -> None:
    form = {
        "grant_type": "password",
        "username": still.trustpilot.username,
        "password": still.trustpilot.password,
    }
    got = trustpilot_token(still, form).json
    assert got["refresh_token_expires_in"] == "7779999"
    assert got["app_enduser"] == next(iter(USERS))
    wrong = trustpilot_token(still, form | {"password": "guess"})
    assert wrong.status == 400
    assert set(wrong.json) == {"ErrorCode", "Error"}


def test_two_factor_refuses_the_password_grant(shop: PracticeShop) -> None:
    shop.trustpilot.two_factor = True
    form = {
        "grant_type": "password",
        "username": shop.trustpilot.username,
        "password": shop.trustpilot.password,
    }
    assert trustpilot_token(shop, form).status == 400


def test_refresh_tokens_are_good_for_one_use(shop: PracticeShop) -> None:
    form = {
        "grant_type": "password",
        "username": shop.trustpilot.username,
        "password": shop.trustpilot.password,
    }
    first = trustpilot_token(shop, form).json
    refresh = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = oauth(shop, "refresh", refresh)
    assert second.status == 200
    assert second.json["refresh_token"] != first["refresh_token"]
    assert second.json["refresh_count"] == "1"
    assert oauth(shop, "refresh", refresh).status == 400
    also = {"grant_type": "refresh_token", "refresh_token": second.json["refresh_token"]}
    third = oauth(shop, "accesstoken", also)
    assert third.status == 200
    assert shop.trustpilot.live_refresh_tokens == [third.json["refresh_token"]]


def test_refresh_tokens_run_out(shop: PracticeShop, clock: FakeClock) -> None:
    form = {
        "grant_type": "password",
        "username": shop.trustpilot.username,
        "password": shop.trustpilot.password,
    }
    first = trustpilot_token(shop, form).json
    clock.advance(7_780_000)
    refresh = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    assert oauth(shop, "refresh", refresh).status == 400


def test_revoke(shop: PracticeShop) -> None:
    form = {
        "grant_type": "password",
        "username": shop.trustpilot.username,
        "password": shop.trustpilot.password,
    }
    first = trustpilot_token(shop, form).json
    assert oauth(shop, "revoke", {"token": first["refresh_token"]}).status == 200
    wire = Wire(
        account(shop, "Harbour DK").settings["base_url"], {"Authorization": f"Bearer {first['access_token']}"}
    )
    assert wire.get(LIST).status == 401
    assert oauth(shop, "revoke", {}).status == 400


def test_authorization_code(shop: PracticeShop) -> None:
    server = shop.trustpilot
    page = Wire(shop.server.url("trustpilot"))
    asked = {"client_id": server.api_key, "redirect_uri": server.redirect_uri, "response_type": "code"}
    got = page.get("/authenticate", **asked)
    assert got.status == 302
    address, _, code = got.headers["location"].partition("?code=")
    assert address == server.redirect_uri
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": server.redirect_uri}
    assert trustpilot_token(shop, form | {"redirect_uri": "https://other.example"}).status == 400
    assert trustpilot_token(shop, form).json["refresh_token"]
    assert trustpilot_token(shop, form).status == 400, "a code is good for one use"
    implicit = page.get("/authenticate", **(asked | {"response_type": "token"}))
    assert "#access_token=" in implicit.headers["location"]
    assert page.get("/authenticate", **(asked | {"redirect_uri": "http://127.0.0.1"})).status == 400


def test_credentials_in_the_form(still: PracticeShop) -> None:
    wire = Wire(account(still, "Harbour DK").settings["base_url"])
    server = still.trustpilot
    form = {
        "grant_type": "client_credentials",
        "client_id": server.api_key,
        "client_secret": server.api_secret,
    }
    assert wire.post(f"{OAUTH}/accesstoken", form=form).status == 200
    wrong = wire.post(f"{OAUTH}/accesstoken", form=form | {"client_secret": "x"})
    assert (wrong.status, wrong.json["ErrorCode"]) == (400, "invalid_client")


def test_token_endpoint_wants_a_form_and_a_client(still: PracticeShop) -> None:
    wire = Wire(account(still, "Harbour DK").settings["base_url"])
    assert wire.post(f"{OAUTH}/accesstoken", {"grant_type": "client_credentials"}).status == 415
    missing = wire.post(f"{OAUTH}/accesstoken", form={"grant_type": "client_credentials"})
    assert missing.status == 401
    assert missing.json["fault"]["detail"]["errorcode"].endswith("FailedToResolveAPIKey")
    assert trustpilot_token(still, {"grant_type": "magic"}).status == 400


def test_expired_and_invented_tokens(shop: PracticeShop, clock: FakeClock) -> None:
    wire = trustpilot_wire(shop)
    assert wire.get(LIST).status == 200
    clock.advance(360_000)
    got = wire.get(LIST)
    assert got.status == 401
    assert got.json["fault"]["detail"]["errorcode"] == "keymanagement.service.access_token_expired"
    wire = trustpilot_wire(shop)
    shop.trustpilot.expire_tokens()
    assert wire.get(LIST).status == 401
    wire.headers = {"Authorization": "Bearer invented"}
    assert wire.get(LIST).json["fault"]["detail"]["errorcode"] == "oauth.v2.InvalidAccessToken"
    wire.headers = {}
    assert wire.get(LIST).status == 401
    wire = trustpilot_wire(shop)
    shop.trustpilot.change_secret("another")
    assert wire.get(LIST).status == 401


def test_the_key_opens_public_calls_only(still: PracticeShop, key: Wire, token: Wire) -> None:
    assert key.get(LIST).status == 401
    assert token.get(f"{PUBLIC}/reviews", sku="HB-X2").status == 401
    assert key.get(f"{PUBLIC}/reviews", sku="HB-X2").status == 200
    in_query = Wire(key.base, query={"apikey": still.trustpilot.api_key})
    assert in_query.get(f"{PUBLIC}/reviews", sku="HB-X2").status == 200
    assert Wire(key.base, {"apikey": "wrong"}).get(f"{PUBLIC}/reviews", sku="HB-X2").status == 401


def test_limits(shop: PracticeShop, clock: FakeClock) -> None:
    wire = trustpilot_wire(shop)
    shop.trustpilot.limits.windows = [(2, 300.0)]
    shop.trustpilot.limits.enforced = True
    shop.trustpilot.retry_after_s = 30
    clock.advance(301)
    assert [wire.get(LIST, perPage=1).status for _ in range(2)] == [200, 200]
    got = wire.get(LIST, perPage=1)
    assert (got.status, got.headers["retry-after"]) == (429, "30")
    assert got.json["fault"]["detail"]["errorcode"] == "policies.ratelimit.QuotaViolation"
    clock.advance(301)
    assert wire.get(LIST, perPage=1).status == 200


# --- reading ---------------------------------------------------------------------------------------


def test_paging(token: Wire) -> None:
    whole = token.get(LIST, perPage=100).json
    assert whole["total"] >= 150
    seen: list[str] = []
    page = 1
    while records := token.get(LIST, page=page, perPage=60).json["productReviews"]:
        seen += [r["id"] for r in records]
        page += 1
    assert len(seen) == len(set(seen)) == whole["total"]
    assert seen[:100] == [r["id"] for r in whole["productReviews"]]
    assert token.get(LIST, page=9_999).json["productReviews"] == []
    assert len(token.get(LIST).json["productReviews"]) == 20
    created = [r["createdAt"] for r in whole["productReviews"]]
    assert created == sorted(created, reverse=True)


@pytest.mark.parametrize(
    "query",
    [
        {"perPage": 101}, {"perPage": 0}, {"page": 0}, {"page": "one"}, {"state": "Published"}, {"state": ""},
        {"state": "published,,archived"}, {"language": "english"}, {"locale": "en"}, {"stars": 5}, {"per_page": 10},
    ],
)  # fmt: skip
def test_impossible_queries_are_refused(token: Wire, query: dict[str, Any]) -> None:
    got = token.get(LIST, **query)
    assert got.status == 400
    assert got.json["message"]


def test_a_parameter_given_twice_is_refused(token: Wire) -> None:
    assert token.get(f"{LIST}?sku=HB-X2&sku=HB-L4").status == 400
    assert token.get(LIST, sku="HB-X2,HB-L4").status == 200


def test_states(token: Wire) -> None:
    published = {r["state"] for r in token.get(LIST, perPage=100).json["productReviews"]}
    assert published == {"published"}
    states = "published,unpublished,underModeration,archived"
    everything = token.get(LIST, perPage=100, state=states).json["total"]
    apart = [token.get(LIST, state=state, perPage=100).json for state in states.split(",")]
    assert everything == sum(each["total"] for each in apart)
    assert all(each["total"] for each in apart[1:3])
    assert all(r["state"] == "underModeration" for r in apart[2]["productReviews"])


def test_filters(token: Wire) -> None:
    got = token.get(LIST, sku="HB-X2,HB-L4", language="ja", perPage=100).json["productReviews"]
    assert got
    assert {r["product"]["sku"] for r in got} <= {"HB-X2", "HB-L4"}
    assert {r["language"] for r in got} == {"ja"}


def test_every_field_of_a_private_review(token: Wire, still: PracticeShop) -> None:
    review = still.trustpilot.find("Unpacked, plugged in")
    got = token.get(f"/private/product-reviews/{review}", locale="fr-FR").json
    assert set(got) == {
        "id", "createdAt", "updatedAt", "businessUnitId", "stars", "content", "product", "consumer", "referenceId", "locale",
        "language", "redirectUri", "state", "hasModerationHistory", "conversationId", "attributeRatings", "attachments",
    }  # fmt: skip
    assert set(got["product"]) == {"id", "productUrl", "productImages", "name", "sku", "gtin", "mpn", "brand"}
    assert set(got["consumer"]) == {"id", "email", "name"}
    assert {a["attributeName"] for a in got["attributeRatings"]} == {"Qualité", "Livraison", "Emballage"}
    assert got["referenceId"] == "HB-DK-28640"
    assert token.get("/private/product-reviews/" + "0" * 24).status == 404
    assert token.get(f"/private/product-reviews/{review}", locale="french").status == 400


def test_both_units_are_told_apart(token: Wire) -> None:
    other = LIST.replace(DK, UNITS["fr"][0])
    ours = {r["id"] for r in token.get(LIST, perPage=100).json["productReviews"]}
    theirs = {r["id"] for r in token.get(other, perPage=100).json["productReviews"]}
    assert ours
    assert theirs
    assert not ours & theirs
    assert token.get(LIST.replace(DK, "f" * 24)).status == 404


def test_plain_dates(shop: PracticeShop) -> None:
    shop.trustpilot.plain_dates = True
    got = trustpilot_wire(shop).get(LIST).json["productReviews"]
    assert not any(r["createdAt"].endswith("Z") for r in got)


def test_public_reviews_hide_what_is_private(key: Wire) -> None:
    assert key.get(f"{PUBLIC}/reviews").status == 400
    got = key.get(f"{PUBLIC}/reviews", sku="HB-L4", stars="4,5", perPage=100).json["productReviews"]
    assert got
    assert set(got[0]) == {
        "id", "createdAt", "stars", "content", "consumer", "language", "attributeRatings", "attachments",
    }  # fmt: skip
    assert set(got[0]["consumer"]) == {"id", "displayName"}
    assert {r["stars"] for r in got} <= {4, 5}
    by_url = key.get(
        f"{PUBLIC}/reviews", productUrl="https://harbour.example/products/hb-l4", perPage=100
    ).json
    assert len(by_url["productReviews"]) >= len(got)
    only = key.get(f"{PUBLIC}/reviews", sku="HB-L4", attributeIds="attributes.default.quality").json[
        "productReviews"
    ]
    assert {a["attributeId"] for r in only for a in r["attributeRatings"]} == {"attributes.default.quality"}
    assert key.get(f"{PUBLIC}/reviews", sku="HB-L4", stars="6").status == 400


def test_summaries_agree_with_the_reviews(key: Wire, token: Wire) -> None:
    stars = [r["stars"] for r in token.get(LIST, sku="HB-X2", perPage=100).json["productReviews"]]
    single = key.get(PUBLIC, sku="HB-X2").json
    assert single["numberOfReviews"]["total"] == len(stars)
    assert single["numberOfReviews"]["fiveStars"] == stars.count(5)
    assert single["starsAverage"] == round(sum(stars) / len(stars), 1)
    batch = key.post(f"{PUBLIC}/batch-summaries", {"skus": ["HB-X2", "NOTHING"]}).json["summaries"]
    assert [s["sku"] for s in batch] == ["HB-X2"]
    listed = token.get(f"/private/product-reviews/business-units/{DK}/summaries").json["summaries"]
    assert next(s for s in listed if s["sku"] == "HB-X2")["starsAverage"] == single["starsAverage"]
    assert token.get(f"/private/product-reviews/business-units/{DK}/summaries", perPage=1001).status == 400
    assert key.get(PUBLIC).status == 400
    assert key.post(f"{PUBLIC}/batch-summaries", {"skus": "HB-X2"}).status == 400
    attributes = key.post(f"{PUBLIC}/attribute-summaries", {"skus": ["HB-X2"], "locale": "da-DK"}).json[
        "summaries"
    ]
    first = attributes[0]["attributes"][0]
    assert first["name"] == "Kvalitet"
    assert first["type"] == "range_1to5"
    assert sum(first["occurrences"].values()) == first["totalOccurrences"] > 0


def test_imported_reviews(key: Wire) -> None:
    skus = "HB-X2,HB-2183,HB-M1,HB-L4,HB-B24,HB-T7,HB-S3,HB-C12,HB-K2,HB-R1"
    got = key.get(f"{PUBLIC}/imported-reviews", sku=skus, perPage=100).json["productReviews"]
    assert len(got) == 18
    assert set(got[0]) == {"createdAt", "stars", "content", "consumer", "language"}
    assert key.get(f"{PUBLIC}/imported-reviews").status == 400
    summary = key.get(f"{PUBLIC}/imported-reviews-summaries", sku=skus).json
    assert summary["numberOfReviews"]["total"] == 18


# --- conversations ---------------------------------------------------------------------------------


def fresh(server: TrustpilotServer) -> str:
    return next(r for r in server.review_ids("dk") if server.conversation(r) is None)


def test_a_comment_needs_a_conversation(shop: PracticeShop) -> None:
    server, wire = shop.trustpilot, trustpilot_wire(shop)
    review = fresh(server)
    assert wire.post(f"/private/conversations/{review}/comments", {"content": "Hello"}).status == 404
    assert wire.post(f"/private/product-reviews/{'0' * 24}/create-conversation").status == 404
    talk = wire.post(f"/private/product-reviews/{review}/create-conversation").json["conversationId"]
    again = wire.post(f"/private/product-reviews/{review}/create-conversation").json["conversationId"]
    assert again == talk
    assert server.review(review)["conversationId"] == talk
    got = wire.post(f"/private/conversations/{talk}/comments", {"content": "Hello", "integrationId": "I1"})
    assert got.status == 200
    assert set(got.json) == {"commentId", "createdAt", "author", "content"}
    assert got.json["author"]["type"] == "businessUser"
    wire.post(f"/private/conversations/{talk}/comments", {"content": "Hello"})
    read = wire.get(f"/private/conversations/{talk}").json
    assert [c["content"] for c in read["comments"]] == ["Hello", "Hello"], (
        "comments are appended, never merged"
    )
    assert (read["sourceId"], read["source"], read["state"]) == (review, "Product reviews", "public")
    assert server.comments(review)[0]["_integrationId"] == "I1"


@pytest.mark.parametrize(
    "body",
    [{}, {"content": ""}, {"content": "   "}, {"content": 5}, {"content": None}, {"text": "Hi"}, ["Hi"],
     {"content": "Hi", "extra": 1}],
)  # fmt: skip
def test_bad_comments_are_refused(shop: PracticeShop, body: Any) -> None:
    server, wire = shop.trustpilot, trustpilot_wire(shop)
    review = fresh(server)
    talk = wire.post(f"/private/product-reviews/{review}/create-conversation").json["conversationId"]
    assert wire.post(f"/private/conversations/{talk}/comments", body).status == 400
    assert server.comments(review) == []


def test_content_type_and_broken_json(shop: PracticeShop) -> None:
    server, wire = shop.trustpilot, trustpilot_wire(shop)
    talk = wire.post(f"/private/product-reviews/{fresh(server)}/create-conversation").json["conversationId"]
    path = f"/private/conversations/{talk}/comments"
    assert wire.post(path, form={"content": "Hi"}).status == 415
    assert wire.post(path, body=b"{", headers={"Content-Type": "application/json"}).status == 400


def test_edit_a_comment(shop: PracticeShop) -> None:
    server, wire = shop.trustpilot, trustpilot_wire(shop)
    review = fresh(server)
    mine = server.colleague_replies(review, "First words")
    theirs = server.customer_comments(review, "Customer's words")
    talk = server.review(review)["conversationId"]
    path = f"/private/conversations/{talk}/comments"
    assert (
        wire.call("PUT", f"{path}/{mine}", json_body={"content": "Better words"}).json["content"]
        == "Better words"
    )
    assert wire.get(f"{path}/{mine}").json["content"] == "Better words"
    assert wire.call("PUT", f"{path}/{theirs}", json_body={"content": "No"}).status == 403
    assert wire.call("PUT", f"{path}/{'0' * 24}", json_body={"content": "No"}).status == 404
    assert wire.get(f"{path}/{'0' * 24}").status == 404
    assert wire.call("DELETE", f"{path}/{mine}").status == 405, "there is no way to delete a comment"


def test_conversation_state_hides_it_from_the_public(shop: PracticeShop) -> None:
    server, wire = shop.trustpilot, trustpilot_wire(shop)
    review = fresh(server)
    server.colleague_replies(review, "Words")
    talk = server.review(review)["conversationId"]
    public = trustpilot_wire(shop, key=True)
    got = public.get(f"/conversations/{talk}").json
    assert set(got) == {"id", "businessUnitId", "consumerId", "comments"}
    assert wire.post(f"/private/conversations/{talk}/state", {"state": "hidden"}).status == 400
    changed = wire.post(f"/private/conversations/{talk}/state", {"state": "private"})
    assert (changed.status, changed.body) == (200, b"")
    assert public.get(f"/conversations/{talk}").status == 404
    assert wire.get(f"/private/conversations/{talk}").json["state"] == "private"


def test_who_writes(shop: PracticeShop) -> None:
    server, wire = shop.trustpilot, trustpilot_wire(shop)
    review = fresh(server)
    server.colleague_replies(review, "Words")
    path = f"/private/conversations/{server.review(review)['conversationId']}/comments"
    jakob = list(USERS)[1]
    wire.post(path, {"content": "Mine"}, headers={"x-business-user-id": jakob})
    assert server.comments(review)[-1]["author"]["id"] == jakob
    assert wire.post(path, {"content": "Mine"}, headers={"x-business-user-id": "0" * 24}).status == 403


# --- what happens elsewhere ------------------------------------------------------------------------


def test_life_goes_on(shop: PracticeShop, clock: FakeClock) -> None:
    server, wire = shop.trustpilot, trustpilot_wire(shop)
    clock.advance(60)
    new = server.add_review("dk", stars=1, content="Never again!", name="Vera T.")
    assert wire.get(LIST, perPage=1).json["productReviews"][0]["id"] == new
    server.edit_review(new, content="Well, perhaps.", stars=3)
    got = wire.get(f"/private/product-reviews/{new}").json
    assert (got["content"], got["stars"]) == ("Well, perhaps.", 3)
    assert got["updatedAt"] is not None
    server.set_state(new, "archived")
    assert wire.get(LIST, perPage=1).json["productReviews"][0]["id"] != new
    assert (
        wire.get(LIST, perPage=1, state="archived").json["productReviews"][0]["hasModerationHistory"] is True
    )
    with pytest.raises(ValueError, match="hidden"):
        server.set_state(new, "hidden")
    server.colleague_replies(new, "Words")
    talk = server.review(new)["conversationId"]
    server.remove_review(new)
    assert wire.get(f"/private/product-reviews/{new}").status == 404
    assert wire.get(f"/private/conversations/{talk}").status == 404
    with pytest.raises(LookupError):
        server.find("Well, perhaps.")


def test_broken_records(shop: PracticeShop) -> None:
    server, wire = shop.trustpilot, trustpilot_wire(shop)
    first, second, *_ = server.review_ids("dk")
    server.break_review(first, stars="five", createdAt="")
    server.break_review(second, id=GONE)
    records = wire.get(LIST).json["productReviews"]
    assert (records[0]["stars"], records[0]["createdAt"]) == ("five", "")
    assert "id" not in records[1]
    server.mend(first)
    server.mend()
    assert wire.get(LIST).json["productReviews"][1]["id"] == second
