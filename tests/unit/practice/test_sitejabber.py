"""The practice Sitejabber: every documented call, its error codes in HTTP 200, its limits and its token rule."""

from __future__ import annotations

import json
from typing import Any

import pytest

from reviewdesk.practice import PracticeShop
from reviewdesk.practice.keys import DOMAIN, SITEJABBER
from reviewdesk.practice.sitejabber_base import ERRORS
from tests.support.clock import FakeClock
from tests.support.practice import Got, Wire, sitejabber_wire

BIZ = f"/businesses/{DOMAIN}"
OK = {"status": "OK", "success": True}


@pytest.fixture(scope="module")
def wire(still: PracticeShop) -> Wire:
    return sitejabber_wire(still)


def code(got: Got) -> int:
    """The error code of an answer, 0 for a good one."""
    assert got.status == 200, "errors travel in the body"
    body = got.json
    if isinstance(body, list) or body["success"]:
        return 0
    assert body["errorReason"].startswith(ERRORS[body["errorCode"]])
    return int(body["errorCode"])


def people(reviews: list[dict[str, Any]]) -> list[str]:
    return [r["author"]["username"] for r in reviews]


# --- sign-in and limits ----------------------------------------------------------------------------


def test_login(shop: PracticeShop) -> None:
    wire = Wire(sitejabber_wire(shop).base, query={"client_token": SITEJABBER["client_token"]})
    form = {"email": SITEJABBER["email"], "password": SITEJABBER["password"]}
    got = wire.post("/login", form=form).json
    assert len(got["token"]) == 40
    assert len(got["expire"]) == len("2017-06-06 13:04:39")
    assert set(got["user"]) == {
        "username", "firstName", "lastName", "thumbnail", "profilePage", "numReviews", "numHelpfulVotes",
    }  # fmt: skip
    assert code(wire.post("/login", form=form | {"password": "x"})) == 201
    assert code(wire.post("/login", form={"email": "x"})) == 302
    assert code(wire.post("/login", form)) == 306
    shop.sitejabber.user_disabled = True
    assert code(wire.post("/login", form=form)) == 202
    assert code(Wire(wire.base).post("/login", form=form)) == 101


def test_a_new_login_ends_the_former_token(shop: PracticeShop) -> None:
    first = sitejabber_wire(shop)
    assert code(first.get(BIZ)) == 0
    second = sitejabber_wire(shop)
    assert code(first.get(BIZ)) == 204
    assert code(second.get(BIZ)) == 0
    shop.sitejabber.log_in_elsewhere()
    assert code(second.get(BIZ)) == 204
    assert shop.sitejabber.logins == 2


def test_tokens_and_keys(shop: PracticeShop, clock: FakeClock) -> None:
    wire = sitejabber_wire(shop)
    assert code(Wire(wire.base, query=wire.query).get(BIZ)) == 203
    assert code(Wire(wire.base, {"user_token": "f" * 40}, wire.query).get(BIZ)) == 203
    assert code(Wire(wire.base, wire.headers, {"client_token": "wrong"}).get(BIZ)) == 101
    shop.sitejabber.client_revoked = True
    assert code(wire.get(BIZ)) == 102
    shop.sitejabber.client_revoked = False
    shop.sitejabber.user_disabled = True
    assert code(wire.get(BIZ)) == 202
    shop.sitejabber.user_disabled = False
    shop.sitejabber.maintenance = True
    assert code(wire.get(BIZ)) == 503
    shop.sitejabber.maintenance = False
    clock.advance(183 * 86_400)
    assert code(wire.get(BIZ)) == 207
    wire = sitejabber_wire(shop)
    shop.sitejabber.expire_token()
    assert code(wire.get(BIZ)) == 207


def test_limits(shop: PracticeShop, clock: FakeClock) -> None:
    wire = sitejabber_wire(shop)
    clock.advance(11)
    shop.sitejabber.limits.enforced = True
    assert [code(wire.get(BIZ)) for _ in range(11)] == [0] * 10 + [429]
    clock.advance(10)
    assert code(wire.get(BIZ)) == 0
    assert shop.sitejabber.limits.windows == [(10, 10.0), (1000, 3600.0)]


def test_unknown_paths_are_html(wire: Wire) -> None:
    got = wire.get(f"{BIZ}/message/list")
    assert got.status == 404
    assert got.body.startswith(b"<html>")
    assert wire.post(f"{BIZ}/messages", form={}).status == 405


# --- reviews ---------------------------------------------------------------------------------------


def test_reviews_come_as_a_bare_list_or_in_an_envelope(shop: PracticeShop) -> None:
    wire = sitejabber_wire(shop)
    bare = wire.get(f"{BIZ}/reviews", count=7).json
    assert len(bare) == 7
    shop.sitejabber.enveloped = True
    whole = wire.get(f"{BIZ}/reviews", count=7, start=2).json
    assert (whole["count"], whole["start"], whole["success"]) == (7, 2, True)
    assert whole["reviews"][0] == bare[2]


def test_sloppy_types_of_a_review(wire: Wire, still: PracticeShop) -> None:
    reviews = wire.get(f"{BIZ}/reviews", count=100).json
    assert all(isinstance(r["reviewNo"], str) for r in reviews)
    assert {type(x["rating"]) for r in reviews for x in r["rating"]} == {str, type(None)}
    one = wire.get(f"{BIZ}/review", review_no=reviews[0]["reviewNo"]).json["review"]
    assert isinstance(one["reviewNo"], int)
    assert [r["type"] for r in one["rating"]] == [
        "overall",
        "service",
        "value",
        "shipping",
        "returns",
        "quality",
    ]
    assert len({len(r) for r in reviews}) > 1, "some keys are missing in some records"
    assert any(r.get("edited") == "" for r in reviews)
    assert any(r["createdRFC"].endswith("-07:00") and "T" in r["createdRFC"] for r in reviews)
    mails = [r["author"].get("email") for r in reviews]
    assert any(mails)
    assert not all(mails), "addresses only where this business supplied them"
    assert still.sitejabber.review(int(reviews[0]["reviewNo"]))["title"] == reviews[0]["title"]


def test_passes(wire: Wire, still: PracticeShop) -> None:
    def numbers(**query: Any) -> list[int]:
        return [int(r["reviewNo"]) for r in wire.get(f"{BIZ}/reviews", count=100, **query).json]

    usual = numbers()
    assert usual == still.sitejabber.review_numbers()
    pending = set(numbers(unpublished=1)) - set(usual)
    assert pending
    got = wire.get(f"{BIZ}/reviews", count=100, unpublished=1).json
    assert {r["published"] for r in got if int(r["reviewNo"]) in pending} == {"pending"}
    edited = wire.get(f"{BIZ}/reviews", updated=1).json
    assert edited
    assert all(r["updated_for"]["content"] != r["content"] for r in edited)
    assert all("/" in r["edited"] for r in edited)
    deleted = wire.get(f"{BIZ}/reviews", deleted=1).json
    assert deleted
    assert all(r["removedRFC"] for r in deleted)
    assert not {int(r["reviewNo"]) for r in deleted} & set(usual)
    twins = set(numbers(datasources="trustpilot")) - set(usual)
    assert len(twins) >= 8
    assert not set(numbers(datasources="google")) - set(usual)
    assert numbers(order="ASC") == usual[::-1]


def test_twins_repeat_reviews_of_trustpilot(wire: Wire, still: PracticeShop) -> None:
    got = wire.get(f"{BIZ}/reviews", count=100, datasources="trustpilot,google").json
    twins = [r for r in got if r.get("datasource") == "trustpilot"]
    texts = {still.trustpilot.review(r)["content"] for r in still.trustpilot.review_ids()}
    texts |= {still.trustpilot.service_review(r)["text"] for r in still.trustpilot.service_ids()}
    words = {" ".join(text.split()) for text in texts}
    assert twins
    assert all(" ".join(r["content"].split()) in words for r in twins)
    assert any(r["content"] not in texts for r in twins), "spaces change on the way"


def test_filters(wire: Wire) -> None:
    whole = wire.get(f"{BIZ}/reviews", count=100).json
    word = whole[5]["content"].split()[0]
    assert whole[5]["reviewNo"] in [
        r["reviewNo"] for r in wire.get(f"{BIZ}/reviews", q=word.upper(), count=100).json
    ]
    assert {r["labels"][0] for r in wire.get(f"{BIZ}/reviews", labels="vip").json} == {"vip"}
    since = whole[9]["created"]
    newer = wire.get(f"{BIZ}/reviews", date_from=since, count=100).json
    assert [r["reviewNo"] for r in newer] == [r["reviewNo"] for r in whole[:10]]
    older = wire.get(f"{BIZ}/reviews", date_to=since[:10], count=100).json
    assert len(older) < len(whole)
    organic = wire.get(f"{BIZ}/reviews", solicited=0, count=100).json
    asked = wire.get(f"{BIZ}/reviews", solicited=1, count=100).json
    assert len(organic) + len(asked) == len(whole)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"count": 101}, 303), ({"count": 0}, 306), ({"start": "x"}, 306), ({"updated": "true"}, 306), ({"order": "x"}, 306),
        ({"date_from": "31.01.2026"}, 306), ({"datasources": "tripadvisor"}, 306), ({"page": 1}, 306),
    ],
)  # fmt: skip
def test_impossible_queries(wire: Wire, query: dict[str, Any], expected: int) -> None:
    assert code(wire.get(f"{BIZ}/reviews", **query)) == expected


def test_unknown_business_and_review(wire: Wire) -> None:
    assert code(wire.get("/businesses/nobody.example/reviews")) == 301
    assert code(wire.get("/partners/nobody.example/write-link/get")) == 301
    assert code(wire.get(f"{BIZ}/review", review_no=1)) == 305
    assert code(wire.get(f"{BIZ}/review")) == 302


def test_business_info(wire: Wire) -> None:
    info = wire.get(BIZ, datasources="google").json
    counts = {n["type"]: n["rating"] for n in info["numReviews"]}
    assert counts["total"] == sum(v for k, v in counts.items() if k != "total") > 40
    bulk = wire.get("/businesses/bulk", businesses=json.dumps([DOMAIN, "nobody.example"])).json
    assert [u["displayAddress"] for u in bulk["urls"]] == [DOMAIN]
    assert code(wire.get("/businesses/bulk", businesses=json.dumps([DOMAIN] * 21))) == 303
    assert code(wire.get("/businesses/bulk", businesses="[")) == 306
    assert code(wire.get("/businesses/bulk", businesses='{"a": 1}')) == 306


def test_publish_and_flag(shop: PracticeShop) -> None:
    wire = sitejabber_wire(shop)
    pending = next(
        r["reviewNo"]
        for r in wire.get(f"{BIZ}/reviews", unpublished=1, count=100).json
        if r["published"] == "pending"
    )
    assert wire.post(f"{BIZ}/reviews/publish", form={"review_no": pending}).json == OK
    assert int(pending) in shop.sitejabber.review_numbers()
    assert code(wire.post(f"{BIZ}/reviews/publish", form={"review_no": "1"})) == 305
    flag = {"review_no": pending, "reason": "language", "message": "Rude words"}
    assert wire.post(f"{BIZ}/reviews/flag", form=flag).json == OK
    assert shop.sitejabber.flags[0]["message"] == "Rude words"
    assert code(wire.post(f"{BIZ}/reviews/flag", form=flag | {"reason": "spam"})) == 306
    assert code(wire.post(f"{BIZ}/reviews/flag", form=flag | {"message": ""})) == 302
    assert code(wire.post(f"{BIZ}/reviews/flag", flag)) == 306, "a form is wanted, not JSON"


def test_edit_and_remove(shop: PracticeShop) -> None:
    wire = sitejabber_wire(shop)
    first, second, *_ = shop.sitejabber.review_numbers()
    before = shop.sitejabber.review(first)
    shop.sitejabber.edit_review(first, content="Now it works.", stars=5)
    shop.sitejabber.remove_review(second)
    got = next(
        r for r in wire.get(f"{BIZ}/reviews", updated=1, count=100).json if r["reviewNo"] == str(first)
    )
    assert got["content"] == "Now it works."
    assert got["updated_for"]["content"] == before["content"]
    assert str(second) in [r["reviewNo"] for r in wire.get(f"{BIZ}/reviews", deleted=1, count=100).json]
    assert code(wire.get(f"{BIZ}/review", review_no=second)) == 305
    new = shop.sitejabber.add_review(stars=1, title="Hm")
    shop.sitejabber.break_review(new, rating="none")
    listed = wire.get(f"{BIZ}/reviews", count=1).json[0]
    assert (listed["reviewNo"], listed["rating"]) == (str(new), "none")
    shop.sitejabber.mend()
    assert wire.get(f"{BIZ}/reviews", count=1).json[0]["rating"] != "none"


# --- comments and messages -------------------------------------------------------------------------


def test_comments_have_no_ids(shop: PracticeShop, clock: FakeClock) -> None:
    wire = sitejabber_wire(shop)
    number = shop.sitejabber.review_numbers()[0]
    for _ in range(2):
        assert (
            wire.post(f"{BIZ}/review/comments/add", form={"review_no": str(number), "text": "Thanks"}).json
            == OK
        )
        clock.advance(5)
    shop.sitejabber.customer_comments(number, "You are welcome")
    clock.advance(5)
    shop.sitejabber.colleague_replies(number, "See you")
    got = wire.get(f"{BIZ}/review/comments", review_no=number).json
    assert [c["content"] for c in got["comments"]] == ["See you", "You are welcome", "Thanks", "Thanks"]
    assert got["count"] == 4
    assert set(got["comments"][0]) == {
        "reviewNo", "content", "num_votes", "activated", "created", "createdRFC", "modified", "modifiedRFC", "published",
        "publishedRFC", "author",
    }  # fmt: skip
    assert people(got["comments"])[2] == "harbourshop"
    assert [c["content"] for c in shop.sitejabber.comments(number)][:2] == ["Thanks", "Thanks"]
    whole = wire.get(f"{BIZ}/review/comments", count=100).json["comments"]
    assert len(whole) > 4
    assert wire.get(f"{BIZ}/review/comments", deleted=1).json["comments"] == []
    assert wire.get(f"{BIZ}/review/comments", updated=1).json["comments"] == []
    assert (
        len(
            wire.get(
                f"{BIZ}/review/comments", date_from=got["comments"][0]["created"].replace("/", "-")
            ).json["comments"]
        )
        == 1
    )
    assert code(wire.get(f"{BIZ}/review/comments", review_no=1)) == 305
    assert code(wire.post(f"{BIZ}/review/comments/add", form={"review_no": str(number), "text": ""})) == 302
    assert code(wire.post(f"{BIZ}/review/comments/add", form={"review_no": "1", "text": "x"})) == 305
    assert (
        code(wire.post(f"{BIZ}/review/comments/add", form={"review_no": str(number), "content": "x"})) == 306
    )


def test_messages(shop: PracticeShop, clock: FakeClock) -> None:
    wire = sitejabber_wire(shop)
    inbox = wire.get(f"{BIZ}/messages").json
    assert len(inbox["messages"]) == 3
    assert inbox["count"] == 10
    number = shop.sitejabber.review_numbers()[0]
    who = shop.sitejabber.review(number)["author"]["username"]
    clock.advance(60)
    assert (
        wire.post(
            f"{BIZ}/resolution/send", form={"review_no": str(number), "body": "We send a new one."}
        ).json
        == OK
    )
    clock.advance(60)
    sent_form = {"username": who, "subject": "Hello", "body": "How is it?"}
    assert wire.post(f"{BIZ}/message/send", form=sent_form).json == OK
    sent = wire.get(f"{BIZ}/messages", folder="sent").json["messages"]
    assert [m["body"] for m in sent] == ["How is it?", "We send a new one."]
    assert people([{"author": m["recipient"]} for m in sent]) == [who, who]
    assert sent[1]["review"]["reviewNo"] == number
    assert "created" not in sent[1]["review"]
    assert sent[0]["review"] is None
    clock.advance(60)
    shop.sitejabber.customer_writes(who, "Re: Hello", "Fine.")
    assert wire.get(f"{BIZ}/messages", username=who, order="DESC").json["messages"][0]["body"] == "Fine."
    assert shop.sitejabber.messages[-1]["subject"] == "Re: Hello"
    assert code(wire.get(f"{BIZ}/messages", folder="trash")) == 306
    assert code(wire.post(f"{BIZ}/message/send", form={"subject": "a", "body": "b"})) == 302
    assert (
        code(wire.post(f"{BIZ}/message/send", form={"username": "nobody", "subject": "a", "body": "b"}))
        == 307
    )
    assert code(wire.post(f"{BIZ}/resolution/send", form={"review_no": str(number)})) == 302
    assert (
        code(
            wire.post(f"{BIZ}/resolution/send", form={"review_no": str(number), "username": "x", "body": "b"})
        )
        == 307
    )


# --- requests and links ----------------------------------------------------------------------------

REQUEST = {"email": "ola@example.org", "order_id": "77", "order_date": "2026-05-01", "first_name": "Ola"}


def test_requests_with_and_without_an_email(shop: PracticeShop) -> None:
    wire = sitejabber_wire(shop)
    silent = wire.post(f"{BIZ}/review/request/add", form=REQUEST | {"return_link": "1"}).json
    assert Wire(silent["link"]).get("").status == 200
    assert wire.post(f"{BIZ}/review/request/add", form=REQUEST | {"order_id": "78"}).json == OK
    assert [r["emailed"] for r in shop.sitejabber.requests] == [False, True]
    by_phone = {"phone": "+45 00 00 00 00", "order_id": "79", "order_date": "2026-05-01"}
    assert wire.post(f"{BIZ}/review/request/add", form=by_phone).json == OK
    gone = wire.post(f"{BIZ}/review/request/remove", form={"email": "OLA@example.org", "order_id": "77"}).json
    assert gone["removed_order_ids"] == ["77"]
    assert wire.post(f"{BIZ}/review/request/remove", form={"email": "ola@example.org"}).json[
        "removed_order_ids"
    ] == ["78"]
    assert code(wire.post(f"{BIZ}/review/request/remove", form={"email": "ola@example.org"})) == 309


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"order_date": "05/01/2026"}, 306), ({"order_id": ""}, 302), ({"email": "ola"}, 306), ({"return_link": "yes"}, 306),
        ({"email": ""}, 302), ({"name": "Ola"}, 306),
    ],
)  # fmt: skip
def test_bad_requests(shop: PracticeShop, change: dict[str, str], expected: int) -> None:
    wire = sitejabber_wire(shop)
    assert code(wire.post(f"{BIZ}/review/request/add", form=REQUEST | change)) == expected
    assert shop.sitejabber.requests == []


def test_product_requests(shop: PracticeShop) -> None:
    wire = sitejabber_wire(shop)
    form = REQUEST | {"product_skus": "HB-X2,HB-L4", "return_link": "1"}
    got = wire.post(f"{BIZ}/product/review/request/add", form=form).json
    assert set(got["links"]) == {"HB-X2", "HB-L4"}
    assert got["link"] in got["links"].values()
    assert code(wire.post(f"{BIZ}/product/review/request/add", form=form | {"product_skus": "NOPE"})) == 401
    assert code(wire.post(f"{BIZ}/product/review/request/add", form=REQUEST)) == 302
    remove = {"email": "ola@example.org", "product_sku": "HB-L4"}
    assert wire.post(f"{BIZ}/product/review/request/remove", form=remove).json["removed_order_ids"] == ["77"]
    assert code(wire.post(f"{BIZ}/product/review/request/remove", form=remove)) == 310


def test_write_and_edit_links(wire: Wire, still: PracticeShop) -> None:
    got = wire.get(f"/partners/{DOMAIN}/write-link/get").json
    assert got["hash"] in got["url"]
    assert got["expire"][4] == "/"
    email = next(
        mail
        for n in still.sitejabber.review_numbers()
        if (mail := still.sitejabber.review(n)["author"].get("email"))
    )
    assert "edit-review" in wire.get(f"/partners/{DOMAIN}/edit-link/get", email=email).json["link"]
    assert code(wire.get(f"/partners/{DOMAIN}/edit-link/get", email="nobody@example.org")) == 307
    assert code(wire.get(f"/partners/{DOMAIN}/edit-link/get")) == 302


def test_offline_links_are_opened_as_the_site_would(still: PracticeShop) -> None:
    import base64
    import hashlib
    import hmac
    from urllib.parse import quote

    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    plain = {
        "email": "ola@example.org",
        "order_date": "05-01-2026",
        "order_id": "77",
        "first_name": "Ola",
        "last_name": "N",
    }

    def link(
        record: dict[str, str],
        secret: str = SITEJABBER["client_encryption_key"],
        who: str = "practice-client",
    ) -> str:
        text = json.dumps(record).encode()
        text += bytes([16 - len(text) % 16]) * (16 - len(text) % 16)
        key, start = hashlib.sha256(secret.encode()).digest(), bytes(range(16))
        hidden = Cipher(algorithms.AES(key), modes.CBC(start)).encryptor().update(text)
        whole = start + hmac.new(key, hidden, hashlib.sha256).digest() + hidden
        return f"https://www.sitejabber.com/biz-review?key={who}&payload={quote(base64.b64encode(whole).decode(), safe='')}"

    assert still.sitejabber.read_offline_link(link(plain)) == plain
    with pytest.raises(ValueError, match="seal"):
        still.sitejabber.read_offline_link(link(plain, secret="another"))
    with pytest.raises(ValueError, match="client id"):
        still.sitejabber.read_offline_link(link(plain, who="somebody"))
    with pytest.raises(ValueError, match="MM-DD-YYYY"):
        still.sitejabber.read_offline_link(link(plain | {"order_date": "2026-05-01"}))


# --- products, product reviews, questions ----------------------------------------------------------


def test_products(shop: PracticeShop) -> None:
    wire = sitejabber_wire(shop)
    listed = wire.get(f"{BIZ}/products", count=100).json
    assert len(listed["products"]) == 10
    assert listed["query"] is None
    assert set(listed["products"][0]) == {
        "id", "sku", "item_group", "gtin", "mpn", "brand", "title", "description", "categories", "price", "retail_price",
        "currency", "product_link", "images", "attributes", "num_reviews", "average_rating", "created", "createdRFC",
    }  # fmt: skip
    assert len(wire.get(f"{BIZ}/products", categories="Kitchen").json["products"]) == 3
    cheap = wire.get(f"{BIZ}/products", price_range="0,60").json["products"]
    assert {p["sku"] for p in cheap} == {"HB-T7", "HB-C12", "HB-K2"}
    assert wire.get(f"{BIZ}/products", q="lamp").json["products"][0]["sku"] == "HB-L4"
    assert code(wire.get(f"{BIZ}/products", price_range="cheap")) == 306
    new = {
        "sku": "NEW-1",
        "title": "A bowl",
        "price": "12.5",
        "categories": "Kitchen",
        "image_url": "https://h.example/b.png",
    }
    assert wire.post(f"{BIZ}/products/add", form=new).json == OK
    made = wire.get(f"{BIZ}/products", sku="NEW-1").json["products"][0]
    assert (made["price"], made["images"]) == (12.5, [{"url": "https://h.example/b.png"}])
    assert code(wire.post(f"{BIZ}/products/add", form={"sku": "NEW-2"})) == 302
    assert code(wire.post(f"{BIZ}/products/add", form=new | {"price": "much"})) == 306
    image = {"sku": "NEW-1", "image": "https://h.example/c.png"}
    assert wire.post(f"{BIZ}/product/images/add", form=image).json == OK
    assert code(wire.post(f"{BIZ}/product/images/add", form=image | {"sku": "NOPE"})) == 401
    assert code(wire.post(f"{BIZ}/product/images/add", form=image | {"image": "c.png"})) == 311
    assert wire.post(f"{BIZ}/products/remove", form={"product_id": str(made["id"])}).json == OK
    assert code(wire.post(f"{BIZ}/products/remove", form={"product_id": str(made["id"])})) == 401
    assert len(shop.sitejabber.products) == 10


def multipart(fields: dict[str, str], files: dict[str, bytes]) -> dict[str, Any]:
    edge, parts = "edge77", b""
    for name, value in fields.items():
        parts += f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
    for name, data in files.items():
        head = f'--{edge}\r\nContent-Disposition: form-data; name="{name}"; filename="a.png"\r\n'
        head += "Content-Type: image/png\r\n\r\n"
        parts += head.encode() + data + b"\r\n"
    return {
        "body": parts + f"--{edge}--\r\n".encode(),
        "headers": {"Content-Type": f"multipart/form-data; boundary={edge}"},
    }


def test_product_reviews(shop: PracticeShop, clock: FakeClock) -> None:
    wire = sitejabber_wire(shop)
    got = wire.get(f"{BIZ}/product/reviews", count=100).json["product_reviews"]
    assert len(got) == 24
    assert {r["solicited"] for r in got} == {"Yes", "No"}
    assert got[0]["user"]["username"]
    assert got[0]["product"]["sku"]
    low = wire.get(f"{BIZ}/product/reviews", ratings="1,2", count=100).json["product_reviews"]
    assert {r["rating"] for r in low} <= {1, 2}
    by_group = wire.get(f"{BIZ}/product/reviews", sku="HB-X2", item_group="HB-L4_group").json[
        "product_reviews"
    ]
    assert {r["product"]["sku"] for r in by_group} == {"HB-L4"}, "the group wins over the sku"
    assert code(wire.get(f"{BIZ}/product/reviews", ratings="6")) == 306
    fields = {
        "sku": "HB-K2",
        "title": "Sharp",
        "content": "Very.",
        "rating": "5",
        "first_name": "Ola",
        "last_name": "Nord",
    }
    clock.advance(60)
    added = wire.post(f"{BIZ}/product/reviews/add", **multipart(fields, {"image1": b"\x89PNG"})).json[
        "product_review"
    ]
    assert (added["rating"], added["user"]["lastName"], len(added["images"])) == (5, "N", 1)
    assert wire.get(f"{BIZ}/product/reviews", count=1).json["product_reviews"][0]["id"] == added["id"]
    assert code(wire.post(f"{BIZ}/product/reviews/add", form=fields)) == 306
    assert code(wire.post(f"{BIZ}/product/reviews/add", **multipart(fields | {"sku": "NOPE"}, {}))) == 401
    assert code(wire.post(f"{BIZ}/product/reviews/add", **multipart(fields | {"rating": "6"}, {}))) == 306
    shop.sitejabber.remove_product_review(added["id"])
    assert added["id"] not in shop.sitejabber.product_review_ids()
    removed = wire.get(f"{BIZ}/product/reviews", deleted=1).json["product_reviews"]
    assert [r["id"] for r in removed] == [added["id"]]


def test_votes_once_a_day(shop: PracticeShop, clock: FakeClock) -> None:
    wire = sitejabber_wire(shop)
    vote = {"review_id": str(shop.sitejabber.product_review_ids()[0]), "vote": "positive"}
    assert wire.post(f"{BIZ}/product/reviews/vote", form=vote).json == OK
    assert code(wire.post(f"{BIZ}/product/reviews/vote", form=vote)) == 404
    clock.advance(86_401)
    assert wire.post(f"{BIZ}/product/reviews/vote", form=vote).json == OK
    assert code(wire.post(f"{BIZ}/product/reviews/vote", form=vote | {"review_id": "1"})) == 403
    assert code(wire.post(f"{BIZ}/product/reviews/vote", form=vote | {"vote": "up"})) == 306


def test_statistics_in_both_shapes(shop: PracticeShop) -> None:
    wire = sitejabber_wire(shop)
    (new,) = wire.get(f"{BIZ}/product/reviews/stats").json["product_reviews_stats"]
    assert sum(n["num_reviews"] for n in new["ratings"].values()) == new["total"] == 24
    shop.sitejabber.old_stats = True
    (old,) = wire.get(f"{BIZ}/product/reviews/stats", sku="HB-X2").json["product_reviews_stats"]
    assert set(old) == {"total", "average_rating"}
    assert isinstance(old["average_rating"], str)
    top = wire.get(f"{BIZ}/product/reviews/top-rated").json["products"]
    assert {p["category_name"] for p in top} == {"Office", "Living", "Kitchen", "Travel"}
    assert len(wire.get(f"{BIZ}/product/reviews/top-rated", category_name="Office").json["products"]) == 1


def test_questions(wire: Wire) -> None:
    got = wire.get(f"{BIZ}/questions").json
    assert [q["num_answers"] for q in got["questions"]] == [1, 1, 0]
    assert got["url"]["displayAddress"] == DOMAIN
    assert len(wire.get(f"{BIZ}/product/questions").json["questions"]) == 2
    pending = wire.get(f"{BIZ}/product/questions", filter="PENDING").json["questions"]
    assert "id" not in pending[0]
    assert pending[0]["published"] == ""
    assert wire.get(f"{BIZ}/product/questions", filter="REMOVED").json["questions"][0]["removed"] is True
    assert code(wire.get(f"{BIZ}/product/questions", filter="ALL")) == 306


def test_customer_data(shop: PracticeShop) -> None:
    wire = sitejabber_wire(shop)
    records = [shop.sitejabber.review(n) for n in shop.sitejabber.review_numbers()]
    known = next(r for r in records if r["solicited"])
    email = known["author"]["email"]
    got = wire.get(f"{BIZ}/privacy/access", email=email).json
    assert email in got["categories"]["Identifiers"]["data"]
    assert wire.post(f"{BIZ}/privacy/remove", form={"email": email}).json == OK
    after = shop.sitejabber.review(known["no"])
    assert after["author"]["firstName"] == "Anonymous"
    assert after["order_id"] is None
    assert email not in json.dumps(wire.get(f"{BIZ}/reviews", count=100).json)
    assert code(wire.get(f"{BIZ}/privacy/access", email=email)) == 307
    stranger = next(r for r in records if not r["solicited"])["author"]["email"]
    if all(r["author"].get("email") != stranger for r in records if r["solicited"]):
        assert code(wire.get(f"{BIZ}/privacy/access", email=stranger)) == 307
    assert code(wire.post(f"{BIZ}/privacy/remove", form={})) == 302
