"""Every documented call over HTTP against the practice server (docs/providers/sitejabber.md)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from reviewdesk.domain.errors import (
    BadAnswer,
    Delivery,
    NotAvailable,
    NotFound,
    ProviderError,
    Refused,
    SignInError,
)
from reviewdesk.domain.models import ActionKind, ProviderState, ReviewKind, Role
from reviewdesk.practice.keys import DOMAIN, SITEJABBER
from reviewdesk.providers.sitejabber.catalogue import Picture
from reviewdesk.providers.sitejabber.offline import offline_link
from tests.support.contexts import Box
from tests.support.desks import Desk, open_desk

ORDER = {"email": "bo@example.org", "order_id": "XH-1", "order_date": "2026-04-28", "first_name": "Bo"}


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with open_desk("sitejabber") as made:
        yield made


def review_without_comments(desk: Desk) -> int:
    return next(n for n in desk.server.review_numbers() if not desk.server.comments(n))


def emailed(desk: Desk, order: str) -> bool:
    return bool(next(r for r in desk.server.requests if r["order_id"] == order)["emailed"])


def ours(desk: Desk, folder: str = "sent") -> list[Any]:
    return list(desk.provider.catalogue.messages(folder))


# --- business ------------------------------------------------------------------------------------------


def test_business(desk: Desk) -> None:
    found = desk.provider.catalogue.business(datasources="trustpilot")
    assert found["displayAddress"] == DOMAIN
    assert {r["type"] for r in found["averageRating"]} >= {"overall", "shipping"}
    assert desk.last(r"/businesses/[^/]+$").query["datasources"] == "trustpilot"


def test_several_businesses_at_once_and_no_more_than_twenty(desk: Desk) -> None:
    found = desk.provider.catalogue.businesses([DOMAIN, "nobody.example"])
    assert [b["name"] for b in found] == ["Harbour"]
    assert json.loads(desk.last("/bulk$").query["businesses"]) == [DOMAIN, "nobody.example"]
    before = desk.asked()
    with pytest.raises(Refused):
        desk.provider.catalogue.businesses([f"b{n}.example" for n in range(21)])
    assert desk.asked() == before


def test_an_unknown_business_is_told_at_its_stage(desk: Desk) -> None:
    stages = list(desk.open(business="https://www.other.example/about").check())
    assert [s.stage for s in stages if not s.ok] == ["permission"]
    assert "domain" in stages[-1].remedy
    assert desk.last("/businesses/").path.endswith("/businesses/other.example")


# --- reviews -------------------------------------------------------------------------------------------


def test_one_review_with_its_comments(desk: Desk) -> None:
    number = next(n for n in desk.server.review_numbers() if len(desk.server.comments(n)) >= 2)
    thread = desk.provider.thread(desk.business(number))
    theirs = desk.server.comments(number)
    assert [c.text for c in thread.comments] == [c["content"] for c in theirs]
    assert [c.created_at for c in thread.comments] == [c["created"] for c in theirs]
    assert thread.comments[0].role is Role.BUSINESS and thread.comments[0].id is None
    assert {c.role for c in thread.comments} == {Role.BUSINESS, Role.CONSUMER}
    assert thread.review.native_id == str(number) and thread.review.thread.comments == thread.comments


def test_a_review_that_is_gone(desk: Desk) -> None:
    with pytest.raises(NotFound):
        desk.provider.thread(desk.business(99_999))


def test_product_reviews_have_no_conversation(desk: Desk) -> None:
    with pytest.raises(NotAvailable):
        desk.provider.thread(desk.product(desk.server.product_review_ids()[0]))
    with pytest.raises(NotAvailable):
        desk.send(ActionKind.REPLY, desk.product(desk.server.product_review_ids()[0]), "Thanks!")


def test_list_of_reviews(desk: Desk) -> None:
    stages = list(desk.provider.check())
    assert stages[-1].stage == "read" and stages[-1].ok
    query = desk.last("/reviews$").query
    assert query["count"] == "1" and query["unpublished"] == "1"


def test_publish(desk: Desk) -> None:
    number = next(n for n, r in desk.server.data["reviews"].items() if r["published"] is None)
    assert desk.provider.thread(desk.business(number)).review.provider_state is ProviderState.PENDING
    desk.send(ActionKind.PUBLISH, desk.business(number))
    assert desk.server.review(int(number))["published"] is not None
    assert desk.provider.thread(desk.business(number)).review.provider_state is ProviderState.PUBLISHED


def test_flag(desk: Desk) -> None:
    number = desk.server.review_numbers()[4]
    desk.send(ActionKind.FLAG, desk.business(number), reason="personal_info", message="Holds a phone number.")
    assert desk.server.flags[-1] | {"at": 0} == {
        "review_no": str(number), "reason": "personal_info", "message": "Holds a phone number.", "at": 0,
    }  # fmt: skip
    before = desk.asked()
    for payload in ({"reason": "dislike", "message": "x"}, {"reason": "other", "message": " "}, {}):
        with pytest.raises(Refused):
            desk.send(ActionKind.FLAG, desk.business(number), **payload)
    assert desk.asked() == before


def test_comment(desk: Desk) -> None:
    number = review_without_comments(desk)
    result = desk.send(ActionKind.REPLY, desk.business(number), "Thank you, Zoë!\nSee you.")
    assert result.remote_id is None, "no id comes back"
    assert [c["content"] for c in desk.server.comments(number)] == ["Thank you, Zoë!\nSee you."]
    assert [c.text for c in desk.provider.thread(desk.business(number)).comments] == [
        "Thank you, Zoë!\nSee you."
    ]


# --- private messages ----------------------------------------------------------------------------------


def test_resolution_by_review_and_by_name(desk: Desk) -> None:
    number = desk.server.review_numbers()[2]
    desk.clock.advance(2)
    desk.send(ActionKind.RESOLUTION, desk.business(number), "We would like to make it right.")
    assert desk.sent("/resolution/send$") == {
        "review_no": str(number),
        "body": "We would like to make it right.",
    }
    username = desk.server.review(number)["author"]["username"]
    desk.clock.advance(2)
    desk.send(ActionKind.RESOLUTION, desk.product(26_001, username=username), "And this.")
    assert desk.sent("/resolution/send$") == {"username": username, "body": "And this."}
    assert [m.body for m in ours(desk)][:2] == ["And this.", "We would like to make it right."]
    with pytest.raises(Refused):
        desk.send(ActionKind.RESOLUTION, desk.product(26_001), "To nobody.")
    with pytest.raises(Refused) as caught:
        desk.send(ActionKind.RESOLUTION, None, "To a stranger.", username="stranger")
    assert caught.value.status == 307


def test_messages_inbox_and_sent(desk: Desk) -> None:
    inbox = list(desk.provider.catalogue.messages("inbox"))
    assert [m.created_at for m in inbox] == sorted((m.created_at for m in inbox), reverse=True)
    assert {m.recipient for m in inbox} == {"harbourshop"}
    assert len({m.key for m in inbox}) == len(inbox) >= 3
    assert [m.key for m in desk.provider.catalogue.messages("inbox")] == [m.key for m in inbox]
    one = list(desk.provider.catalogue.messages("inbox", username=str(inbox[0].sender)))
    assert {m.sender for m in one} == {inbox[0].sender}
    assert {m.sender for m in desk.provider.catalogue.messages("sent")} <= {"harbourshop"}


def test_message(desk: Desk) -> None:
    number = desk.server.review_numbers()[3]
    desk.clock.advance(2)
    desk.send(ActionKind.MESSAGE, desk.business(number), "Where shall we send it?", subject="Your parcel")
    newest = ours(desk)[0]
    assert (newest.subject, newest.body, newest.review_no) == (
        "Your parcel",
        "Where shall we send it?",
        str(number),
    )
    username = str(newest.recipient)
    desk.send(ActionKind.MESSAGE, None, "Once more.", subject="Re: Your parcel", username=username)
    assert desk.sent("/message/send$") == {
        "username": username, "subject": "Re: Your parcel", "body": "Once more.",
    }  # fmt: skip
    for payload in ({"subject": "  "}, {}):
        with pytest.raises(Refused):
            desk.send(ActionKind.MESSAGE, desk.business(number), "No subject.", **payload)


# --- requests and links --------------------------------------------------------------------------------


def test_request_with_a_link_and_with_an_e_mail(desk: Desk) -> None:
    more = {"last_name": "Dahl", "labels": "vip", "location": "north", "language": "da", "skus": ["A", "B"]}
    answer = desk.send(ActionKind.INVITE_LINK, **ORDER, **more).answer
    assert answer["link"].startswith("http") and answer["links"] == {}
    assert desk.sent("/review/request/add$") == {
        **ORDER, "last_name": "Dahl", "labels": "vip", "location": "north", "language": "da", "product_skus": "A,B",
        "return_link": "1",
    }  # fmt: skip
    assert emailed(desk, "XH-1") is False
    answer = desk.send(ActionKind.INVITE_EMAIL, **ORDER | {"order_id": "XH-2", "name": "Bo A. Dahl"}).answer
    assert answer["link"] is None
    assert emailed(desk, "XH-2") is True
    desk.send(
        ActionKind.INVITE_EMAIL, phone="+45 1234", order_id="XH-3", order_date="2026/04/29", name="Bo A. Dahl"
    )
    assert desk.sent("/review/request/add$") == {
        "phone": "+45 1234", "order_id": "XH-3", "order_date": "2026-04-29", "first_name": "Bo",
        "last_name": "A. Dahl", "return_link": "0",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("missing", "kind"),
    [("email", "business"), ("order_id", "business"), ("order_date", "business"), ("skus", "product")],
)
def test_an_incomplete_request_is_not_sent(desk: Desk, missing: str, kind: str) -> None:
    before = desk.asked()
    payload = {**ORDER, "skus": ["A"], "kind": kind, missing: ""}
    with pytest.raises(Refused):
        desk.send(ActionKind.INVITE_LINK, **payload)
    assert desk.asked() == before


def test_requests_are_taken_back(desk: Desk) -> None:
    desk.send(ActionKind.INVITE_LINK, **ORDER | {"email": "eva@example.org", "order_id": "E-1"})
    desk.send(ActionKind.INVITE_LINK, **ORDER | {"email": "eva@example.org", "order_id": "E-2"})
    gone = desk.send(ActionKind.WITHDRAW_INVITE, email="eva@example.org", order_id="E-1").answer
    assert gone == {"removed_order_ids": ["E-1"]}
    gone = desk.send(ActionKind.WITHDRAW_INVITE, email=" eva@example.org ").answer
    assert gone == {"removed_order_ids": ["E-2"]}
    with pytest.raises(Refused) as caught:
        desk.send(ActionKind.WITHDRAW_INVITE, email="eva@example.org")
    assert caught.value.status == 309
    with pytest.raises(Refused):
        desk.send(ActionKind.WITHDRAW_INVITE)


def test_write_link(desk: Desk) -> None:
    link = desk.provider.requests.write_link()
    assert "hash=" in link.url
    # The end comes without a zone: the site's own is taken, which is 7 or 8 hours behind UTC.
    assert abs(link.expires - desk.clock.now() - 30 * 86_400) <= 2 * 3600


def test_edit_link(desk: Desk) -> None:
    email = next(
        r["author"]["email"]
        for r in desk.server.data["reviews"].values()
        if r["author"].get("email") and r["published"] and not r["removed"]
    )
    assert DOMAIN in desk.provider.requests.edit_link(email).url
    with pytest.raises(Refused):
        desk.provider.requests.edit_link("nobody@example.org")


def test_product_request(desk: Desk) -> None:
    skus = [p["sku"] for p in desk.server.products[:2]]
    answer = desk.send(
        ActionKind.INVITE_LINK,
        kind="product",
        skus=skus,
        phone="1",
        labels="x",
        **ORDER | {"order_id": "XP-1"},
    ).answer
    assert set(answer["links"]) == set(skus) and answer["link"] == answer["links"][skus[0]]
    assert desk.sent("/product/review/request/add$") == {
        **ORDER, "order_id": "XP-1", "product_skus": ",".join(skus), "return_link": "1",
    }  # fmt: skip
    with pytest.raises(Refused) as caught:
        desk.send(ActionKind.INVITE_EMAIL, kind="product", skus="no-such-sku", **ORDER)
    assert caught.value.status == 401 and caught.value.delivery is Delivery.REFUSED


def test_product_requests_are_taken_back(desk: Desk) -> None:
    skus = [p["sku"] for p in desk.server.products[:2]]
    order = ORDER | {"email": "ida@example.org", "order_id": "I-1"}
    desk.send(ActionKind.INVITE_EMAIL, kind="product", skus=skus, **order)
    with pytest.raises(Refused):
        desk.send(ActionKind.WITHDRAW_INVITE, kind="product", email="ida@example.org", skus=skus)
    gone = desk.send(ActionKind.WITHDRAW_INVITE, kind="product", email="ida@example.org", skus=skus[:1])
    assert gone.answer == {"removed_order_ids": ["I-1"]}
    with pytest.raises(Refused) as caught:
        desk.send(ActionKind.WITHDRAW_INVITE, kind="product", email="ida@example.org", order_id="I-1")
    assert caught.value.status == 310


def test_no_link_is_no_success(desk: Desk) -> None:
    desk.shop.faults.on("/review/request/add$", body='{"status": "OK", "success": true}')
    with pytest.raises(BadAnswer) as caught:
        desk.send(ActionKind.INVITE_LINK, **ORDER | {"order_id": "XH-9"})
    assert caught.value.delivery is Delivery.UNKNOWN


# --- links without a call ------------------------------------------------------------------------------


def _our_vector(client_id: str, key_text: str, iv: bytes, plain: bytes) -> str:
    """The published construction, written down once more with the primitives themselves."""
    key = hashlib.sha256(key_text.encode()).digest()
    filled = plain + bytes([16 - len(plain) % 16]) * (16 - len(plain) % 16)
    blocks, before = [], iv
    for start in range(0, len(filled), 16):
        mixed = bytes(a ^ b for a, b in zip(filled[start : start + 16], before, strict=True))
        before = Cipher(algorithms.AES(key), modes.ECB()).encryptor().update(mixed)
        blocks.append(before)
    sealed = b"".join(blocks)
    outer = bytes(b ^ 0x5C for b in key.ljust(64, b"\0"))
    inner = bytes(b ^ 0x36 for b in key.ljust(64, b"\0"))
    mark = hashlib.sha256(outer + hashlib.sha256(inner + sealed).digest()).digest()
    payload = base64.b64encode(iv + mark + sealed).decode()
    quoted = "".join(f"%{ord(c):02X}" if c in "+/=" else c for c in payload)
    return f"https://www.sitejabber.com/biz-review?key={client_id}&payload={quoted}"


@pytest.mark.parametrize("last_name", ["Hald", "Åkesson", "", 'O\'Neil & "Sons"', "x" * 40])
def test_an_offline_link_equals_an_independent_computation(last_name: str) -> None:
    iv = bytes(range(200, 216))
    plain = (
        '{"email": "mia@example.org", "order_date": "02-03-2026", "order_id": "HB-77", "first_name": "Mia", '
        f'"last_name": {json.dumps(last_name)}}}'
    )
    link = offline_link(
        "shop-9", "a key of our own", email="mia@example.org", order_date=date(2026, 2, 3), order_id="HB-77",
        first_name="Mia", last_name=last_name, random_bytes=lambda n: iv[:n],
    )  # fmt: skip
    assert link == _our_vector("shop-9", "a key of our own", iv, plain.encode())
    whole = base64.b64decode(parse_qs(urlsplit(link).query)["payload"][0])
    key = hashlib.sha256(b"a key of our own").digest()
    assert whole[16:48] == hmac.new(key, whole[48:], hashlib.sha256).digest()


def test_offline_links_need_no_call_and_differ_each_time(desk: Desk) -> None:
    before = desk.asked()
    links = {desk.send(ActionKind.INVITE_LINK, offline=True, **ORDER).answer["link"] for _ in range(3)}
    assert len(links) == 3 and desk.asked() == before
    for link in links:
        assert desk.server.read_offline_link(link) == {
            "email": "bo@example.org", "order_date": "04-28-2026", "order_id": "XH-1", "first_name": "Bo",
            "last_name": "",
        }  # fmt: skip
    with pytest.raises(Refused):
        desk.send(ActionKind.INVITE_LINK, offline=True, email="bo@example.org", order_id="1")
    bare = {k: SITEJABBER[k] for k in ("client_token", "password")}
    with pytest.raises(SignInError):
        desk.open(box=Box(bare)).requests.offline(ORDER)


# --- products ------------------------------------------------------------------------------------------


def test_products_and_their_filters(desk: Desk) -> None:
    catalogue = desk.provider.catalogue
    everything = list(catalogue.products())
    assert len(everything) == len(desk.server.products)
    first = everything[0]
    assert first.product.sku and first.id.isdecimal() and first.reviews is not None
    assert [p.id for p in catalogue.products(sku=first.product.sku)] == [first.id]
    assert [p.id for p in catalogue.products(product_id=first.id)] == [first.id]
    assert [p.id for p in catalogue.products(price_range="100000,200000")] == []


def test_product_is_added_and_removed(desk: Desk) -> None:
    desk.send(
        ActionKind.PRODUCT_ADD, sku="NEW-1", title="Tea pot", brand="Harbour", categories="Kitchen,Tea", price="39.5",
        attributes="colour:red,blue", secret="not a field",
    )  # fmt: skip
    assert "secret" not in desk.sent("/products/add$")
    (made,) = desk.provider.catalogue.products(sku="NEW-1")
    assert made.title == "Tea pot"
    desk.send(ActionKind.PRODUCT_REMOVE, product_id=made.id)
    assert list(desk.provider.catalogue.products(sku="NEW-1")) == []
    with pytest.raises(Refused) as caught:
        desk.send(ActionKind.PRODUCT_REMOVE, product_id=made.id)
    assert caught.value.status == 401
    for payload in ({"sku": "X"}, {"title": "X"}):
        with pytest.raises(Refused):
            desk.send(ActionKind.PRODUCT_ADD, **payload)
    with pytest.raises(Refused):
        desk.send(ActionKind.PRODUCT_REMOVE)


def test_product_image(desk: Desk) -> None:
    sku = desk.server.products[0]["sku"]
    desk.provider.catalogue.add_product_image(sku, "https://harbour.example/new.jpg")
    assert desk.server.products[0]["images"][-1] == {"url": "https://harbour.example/new.jpg"}
    with pytest.raises(Refused) as caught:
        desk.provider.catalogue.add_product_image(sku, "no address")
    assert caught.value.status == 311


def test_top_rated(desk: Desk) -> None:
    found = desk.provider.catalogue.top_rated()
    assert len({p.category for p in found}) == len(found) >= 2
    (one,) = desk.provider.catalogue.top_rated(category=str(found[0].category), currency="EUR")
    assert one.id == found[0].id


def test_stats_in_both_shapes(desk: Desk) -> None:
    new = desk.provider.catalogue.stats()
    assert new.total == len(desk.server.product_review_ids()) == sum(new.distribution.values())
    assert set(new.distribution) == {1, 2, 3, 4, 5}
    desk.server.old_stats = True
    old = desk.provider.catalogue.stats()
    desk.server.old_stats = False
    assert (old.total, old.average, old.distribution) == (new.total, new.average, {})
    sku = desk.server.products[0]["sku"]
    assert desk.provider.catalogue.stats(sku=sku).total <= new.total
    for odd in ('{"total": 3, "average_rating": "4.5"}', "[]", "null", '"x"', '[{"total": "3"}]'):
        desk.shop.faults.on("/stats$", body=f'{{"product_reviews_stats": {odd}, "success": true}}')
        assert desk.provider.catalogue.stats().total in (0, 3)


# --- product reviews -----------------------------------------------------------------------------------


def test_product_reviews(desk: Desk) -> None:
    pages = list(desk.open().fetch({}, full=True))
    records = {r.native_id: r for p in pages for r in p.reviews if r.kind is ReviewKind.PRODUCT}
    assert set(records) == {str(i) for i in desk.server.product_review_ids()}
    for record in records.values():
        assert record.product and record.product.sku and record.product.name
        assert record.thread is not None and record.thread.comments == ()


def test_product_review_is_added_with_pictures(desk: Desk) -> None:
    sku = desk.server.products[0]["sku"]
    pictures = [
        Picture(b"\xff\xd8\xff fake", "a b.jpg", "image/jpeg", caption="In the kitchen"),
        Picture(url="https://harbour.example/two.jpg", caption="Zwei — 二"),
    ]
    record = desk.provider.catalogue.add_product_review(
        {
            "sku": sku,
            "title": "Très bien",
            "content": "Solide.",
            "rating": 4,
            "first_name": "Léa",
            "email": "l@e.org",
        },
        pictures,
    )
    assert (record.title, record.body, record.score) == ("Très bien", "Solide.", 4)
    assert len(record.attachments) == 2
    sent = desk.sent("/product/reviews/add$")
    assert sent["caption1"] == "In the kitchen" and sent["caption2"] == "Zwei — 二"
    assert sent["image2"] == "https://harbour.example/two.jpg" and "image1" not in sent
    assert int(record.native_id) in desk.server.product_review_ids()


def test_product_review_without_pictures_is_multipart_as_well(desk: Desk) -> None:
    sku = desk.server.products[0]["sku"]
    review = {"sku": sku, "title": "Fine", "content": "Works.", "rating": "5"}
    assert desk.provider.catalogue.add_product_review(review).body == "Works."
    assert desk.sent("/product/reviews/add$")["sku"] == sku
    with pytest.raises(Refused):
        desk.provider.catalogue.add_product_review({**review, "rating": ""})
    desk.shop.faults.on("/product/reviews/add$", body='{"status": "OK", "success": true}')
    with pytest.raises(BadAnswer) as caught:
        desk.provider.catalogue.add_product_review(review)
    assert caught.value.delivery is Delivery.UNKNOWN


def test_vote_counts_once_a_day(desk: Desk) -> None:
    number = desk.server.product_review_ids()[0]
    desk.provider.catalogue.vote(str(number), positive=True)
    assert desk.sent("/vote$") == {"review_id": str(number), "vote": "positive"}
    with pytest.raises(Refused) as caught:
        desk.provider.catalogue.vote(str(number), positive=False)
    assert caught.value.status == 404
    with pytest.raises(NotFound) as gone:
        desk.provider.catalogue.vote("1", positive=False)
    assert gone.value.status == 403


# --- questions and customers' data ---------------------------------------------------------------------


def test_questions(desk: Desk) -> None:
    newest = list(desk.provider.catalogue.questions())
    assert [q.created_at for q in newest] == sorted((q.created_at for q in newest), reverse=True)
    assert newest[0].id and newest[0].author and newest[0].answers[0].text
    assert [q.id for q in desk.provider.catalogue.questions(order="ASC")] == [q.id for q in newest][::-1]


def test_product_questions(desk: Desk) -> None:
    published = list(desk.provider.catalogue.product_questions())
    assert published and all(q.product and q.product.sku and q.id is None for q in published)
    (pending,) = desk.provider.catalogue.product_questions(filter="PENDING")
    (removed,) = desk.provider.catalogue.product_questions(filter="REMOVED")
    assert removed.removed and not pending.removed and pending.published_at is None
    sku = str(published[0].product.sku)
    assert {q.product.sku for q in desk.provider.catalogue.product_questions(sku=sku)} == {sku}


def test_customer_data_is_shown_and_removed(desk: Desk) -> None:
    email = next(
        r["author"]["email"]
        for r in desk.server.data["reviews"].values()
        if r["solicited"] and r["author"].get("email") and not r["removed"]
    )
    tree = desk.provider.catalogue.customer_data(email)
    assert email in tree["Identifiers"]["data"]
    desk.send(ActionKind.CUSTOMER_ERASE, email=email)
    with pytest.raises(Refused) as caught:
        desk.provider.catalogue.customer_data(email)
    assert caught.value.status == 307
    with pytest.raises(Refused):
        desk.send(ActionKind.CUSTOMER_ERASE, email=" ")
    record = next(
        r for p in desk.open().fetch({}, full=True) for r in p.reviews if r.author.name == "Anonymous"
    )
    assert record.anonymised and record.author.email is None


def test_a_tree_of_any_shape_is_plain_text(desk: Desk) -> None:
    deep: Any = "x"
    for _ in range(60):
        deep = [deep]
    odd = {"a\u0000": ["b\u0000c", {"n": None, "t": True, "d": deep}], "l": 4.5}
    desk.shop.faults.on("/privacy/access$", body=json.dumps({"categories": odd, "success": True}))
    tree = desk.provider.catalogue.customer_data("x@example.org")
    assert tree["a"][0] == "bc" and tree["l"] == 4.5 and tree["a"][1]["t"] is True


# --- the rest ------------------------------------------------------------------------------------------


def test_what_sitejabber_has_no_call_for(desk: Desk) -> None:
    number = desk.server.review_numbers()[0]
    for kind in (ActionKind.EDIT_REPLY, ActionKind.DELETE_REPLY, ActionKind.CONVERSATION_STATE):
        with pytest.raises(NotAvailable):
            desk.send(kind, desk.business(number), "x")


def test_lists_that_repeat_for_ever_end(desk: Desk) -> None:
    record = {"subject": "a", "body": "b", "created": "2026/01/01 00:00:00"}
    body = json.dumps({"messages": [record] * 100, "success": True})
    desk.shop.faults.on("/messages$", body=body, times=None)
    with pytest.raises(ProviderError):
        list(desk.provider.catalogue.messages("inbox"))
    desk.shop.faults.off()
