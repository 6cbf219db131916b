"""The practice Verified Reviews: the nightly feed as files, and the published-reviews API."""

from __future__ import annotations

import base64
import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from reviewdesk import practice
from reviewdesk.practice import PracticeShop
from reviewdesk.practice.feed import csv_text, feed_text, xml_text
from reviewdesk.practice.keys import VERIFIED_REVIEWS
from tests.support.clock import FakeClock
from tests.support.practice import Wire, basic

NAME = re.compile(r"(all_)?reviews_(site|product)_([0-9a-f-]{36})_(\d{4}-?\d{2}-?\d{2})\.(csv|xml)")
PUBLISHED = "/verified-reviews/v1/published"


@pytest.fixture
def feed(clock: FakeClock) -> Iterator[PracticeShop]:
    with practice.start(clock=clock, providers=("verified-reviews",)) as running:
        yield running


def folder_of(shop: PracticeShop) -> Path:
    folder = shop.feed_folder
    assert folder is not None
    return folder


def read_xml(path: Path) -> list[dict[str, Any]]:
    root = ElementTree.fromstring(path.read_bytes())
    return [
        {
            "action": node.get("action"),
            **{child.tag: child.text or "" for child in node if child.tag != "moderation"},
        }
        | {"exchanges": [{c.tag: c.text for c in x} for x in node.iter("exchange")]}
        for node in root.findall("review")
    ]


def read_csv(path: Path) -> list[list[str]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return list(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def test_history_lies_in_the_folder(still: PracticeShop) -> None:
    folder = folder_of(still)
    files = sorted(path.name for path in folder.iterdir())
    assert len(files) >= 8
    found = [NAME.fullmatch(name) for name in files]
    assert all(found), files
    assert {m[5] for m in found if m} == {"csv", "xml"}
    assert {len(m[4]) for m in found if m} == {8, 10}, "both date forms"
    assert sum(bool(m[1]) for m in found if m) == 2
    assert {m[3] for m in found if m} == {VERIFIED_REVIEWS["website_id"]}


def test_every_review_arrives_once(still: PracticeShop) -> None:
    new: list[str] = []
    actions = set()
    for path in sorted(folder_of(still).iterdir()):
        product = "_product_" in path.name
        if path.suffix == ".xml":
            for review in read_xml(path):
                actions.add(review["action"])
                if review["action"] == "NEW":
                    new.append(review["product_review_id" if product else "review_id"])
                    assert 1 <= int(review["rate"]) <= 5
                    assert set(review) >= {
                        "email",
                        "lastname",
                        "firstname",
                        "review_date",
                        "publish_date",
                        "order_ref",
                    }
                if review["action"] == "DELETE":
                    assert "review" not in review
        else:
            for columns in read_csv(path):
                actions.add(columns[0])
                assert len(columns) == 16 + 3 * int(columns[15])
                if columns[0] == "NEW":
                    new.append(columns[2])
    server = still.verified_reviews
    assert sorted(new) == sorted(server.review_ids("product") + server.review_ids("site"))
    assert actions == {"NEW", "UPDATE", "DELETE"}


def test_files_are_utf8_without_mark(still: PracticeShop) -> None:
    joined = "".join(path.read_text(encoding="utf-8") for path in folder_of(still).iterdir())
    assert "\ufeff" not in joined
    assert "田中" in joined


def test_the_next_night_brings_what_happened(feed: PracticeShop, clock: FakeClock) -> None:
    server = feed.verified_reviews
    assert server.next_night() == [], "nothing happened"
    product, hidden, gone, *_ = server.review_ids("product")
    site = server.review_ids("site")[0]
    clock.advance(3_600)
    new = server.add_review(words="Tabs\tand\nlines.", product="HB-X2", stars=4)
    server.colleague_replies(site, "Thank you!")
    server.customer_comments(site, "Welcome!")
    server.edit_review(product, words="Thought again.", stars=2)
    server.anonymise(hidden)
    server.remove_review(gone)
    paths = server.next_night()
    assert len(paths) == 2
    rows = {}
    for path in paths:
        rows |= (
            {r.get("product_review_id", r["review_id"]): r for r in read_xml(path)}
            if path.suffix == ".xml"
            else {c[2]: c for c in read_csv(path)}
        )
    assert set(rows) == {new, product, hidden, gone, site}
    turns = rows[site]["exchanges"]
    assert [t["author"] for t in turns][-2:] == ["ecommercant", "internaute"]
    for key, action in ((new, "NEW"), (product, "UPDATE"), (hidden, "UPDATE"), (gone, "DELETE")):
        row = rows[key]
        assert (row["action"] if isinstance(row, dict) else row[0]) == action
    assert "Anonymous" in str(rows[hidden])
    assert "Thought again." in str(rows[product])
    assert server.review(hidden)["email"] == "Anonymous"
    assert server.next_night() == []
    before = {p.name for p in folder_of(feed).iterdir()}
    server.edit_review(product, words="And again.")
    (path,) = server.next_night()
    assert path.name not in before, "each night has files of its own"


def test_full_export(feed: PracticeShop) -> None:
    server = feed.verified_reviews
    product, site = server.full_export()
    assert len(read_xml(product)) == len(server.review_ids("product"))
    assert len(read_xml(site)) == len(server.review_ids("site"))


REVIEW: dict[str, Any] = {
    "id": "p-1", "review_id": "r-1", "product": "HB-X2", "given": "Ola", "family": "Nord", "email": "ola@example.org",
    "at": 1_780_000_000, "text": "Fine ]]> & <b>\n\tgood", "stars": 4, "order": "VR-1", "pictures": ["http://h.example/a.png"],
    "helpful": 3,
    "exchanges": [
        {"at": 1_780_100_000, "role": "business", "text": "Thanks"},
        {"at": 1_780_200_000, "role": "moderator", "text": "ok"},
    ],
}  # fmt: skip


@pytest.mark.parametrize(("layout", "fixed", "count"), [("12", 12, 11), ("16", 16, 15)])
def test_csv_layouts(layout: str, fixed: int, count: int) -> None:
    (columns,) = [
        line.split("\t") for line in csv_text([("NEW", REVIEW)], product=True, layout=layout).splitlines()
    ]
    assert len(columns) == fixed + 3 * 2
    assert columns[count] == "2"
    assert columns[:5] == ["NEW", "r-1", "p-1", "VR-1", "HB-X2"]
    assert columns[6:10] == ["Fine ]]> & <b> good", "4", "Nord", "Ola"]
    if layout == "16":
        assert (
            json.loads(unquote(base64.b64decode(columns[14]).decode()))[0]["large"]
            == "http://h.example/a.png"
        )
    (gone,) = [
        line.split("\t") for line in csv_text([("DELETE", REVIEW)], product=True, layout=layout).splitlines()
    ]
    assert len(gone) == fixed
    assert "Nord" not in gone


def test_csv_with_a_header() -> None:
    for product, width in ((True, 12), (False, 10)):
        head, row = csv_text([("UPDATE", REVIEW)], product=product, layout="header").splitlines()
        named = dict(zip(head.split("\t"), row.split("\t"), strict=True))
        assert len(named) == width
        assert (named["action"], named["rate"], named["email"]) == ("UPDATE", "4", "ola@example.org")
        assert ("product_ref" in named) == product


def test_xml_keeps_difficult_text() -> None:
    node = ElementTree.fromstring(xml_text([("NEW", REVIEW)], product=True))[0]
    assert node.findtext("review") == REVIEW["text"]
    assert node.findtext("review_date") == feed_text(REVIEW["at"]) == "2026-05-28 22:26:40"
    assert [x.findtext("author") for x in node.iter("exchange")] == ["ecommercant", "moderateur"]
    site = ElementTree.fromstring(xml_text([("DELETE", REVIEW)], product=False))[0]
    assert [child.tag for child in site] == ["review_id"]


# --- REST ------------------------------------------------------------------------------------------


def token(shop: PracticeShop, *, secret: str = VERIFIED_REVIEWS["client_secret"], **form: str) -> Any:
    wire = Wire(shop.server.url("verified-reviews"))
    return wire.post(
        "/realms/skeepers/protocol/openid-connect/token",
        form={"grant_type": "client_credentials", "audience": "verified-reviews"} | form,
        headers={"Authorization": basic(VERIFIED_REVIEWS["client_id"], secret)},
    )


def rest(shop: PracticeShop, **form: str) -> Wire:
    bearer = token(shop, **form).json["access_token"]
    return Wire(shop.server.url("verified-reviews"), {"Authorization": f"Bearer {bearer}"})


def test_token(still: PracticeShop) -> None:
    assert token(still).json["expires_in"] == 300
    assert token(still, secret="x").status == 401
    assert token(still, grant_type="password").status == 400
    assert token(still, audience="other").status == 400


def test_published_reviews_by_cursor(still: PracticeShop) -> None:
    wire = rest(still)
    seen: list[str] = []
    path = f"{PUBLISHED}/products/reviews?limit=7"
    while path:
        got = wire.get(path)
        assert isinstance(got.json, list)
        seen += [r["review_id"] for r in got.json]
        link = re.fullmatch(r'<(.+)>; rel="next"', got.headers.get("link", ""))
        path = link[1].removeprefix(wire.base) if link else ""
    assert seen == still.verified_reviews.review_ids("product")
    got = wire.get(f"{PUBLISHED}/products/reviews", review_rate="1,2", limit=200).json
    assert {r["review_rate"] for r in got} <= {1, 2}
    assert set(got[0]) >= {
        "review_id",
        "order_reference",
        "publish_date",
        "author_firstname",
        "product_sku",
        "locale",
    }
    day = {"publish_date.gte": "2026-05-01T00:00:00Z", "publish_date.lt": "2026-05-20T00:00:00Z"}
    some = wire.get(f"{PUBLISHED}/products/reviews", **day, limit=200).json
    assert all("2026-05-01" <= r["publish_date"] < "2026-05-20" for r in some)
    assert wire.get(f"{PUBLISHED}/products/reviews", limit=201).status == 400
    assert wire.get(f"{PUBLISHED}/products/reviews", perPage=1).status == 400
    assert wire.get(f"{PUBLISHED}/brands/reviews").json[0]["product_sku"] is None
    assert Wire(wire.base).get(f"{PUBLISHED}/products/reviews").status == 401


def test_catalogue(still: PracticeShop) -> None:
    wire = rest(still)
    assert len(wire.get(f"{PUBLISHED}/products").json) == 10
    ratings = wire.get(f"{PUBLISHED}/products/ratings").json
    assert sum(r["nb_total"] for r in ratings) == len(still.verified_reviews.review_ids("product"))
    assert wire.get(f"{PUBLISHED}/brands").json[0]["website_id"] == VERIFIED_REVIEWS["website_id"]


def test_tokens_live_five_minutes_and_calls_are_limited(feed: PracticeShop, clock: FakeClock) -> None:
    wire = rest(feed)
    feed.verified_reviews.limits.enforced = True
    assert [wire.get(f"{PUBLISHED}/brands").status for _ in range(6)] == [200] * 5 + [429]
    clock.advance(2)
    assert wire.get(f"{PUBLISHED}/brands").status == 200
    clock.advance(300)
    assert wire.get(f"{PUBLISHED}/brands").status == 401
    wire = rest(feed)
    feed.verified_reviews.expire_tokens()
    assert wire.get(f"{PUBLISHED}/brands").status == 401


def test_purchase_events(feed: PracticeShop) -> None:
    wire = rest(feed, audience="", scope="openid")
    path = f"/purchase-event/websites/{VERIFIED_REVIEWS['website_id']}/purchase_events/"
    event = {
        "purchase_reference": "VR-9",
        "purchase_date": "2026-05-01T10:00:00Z",
        "consumer": {"email": "ola@example.org", "first_name": "Ola"},
        "sales_channel": {"channel": "online", "website_id": VERIFIED_REVIEWS["website_id"]},
        "solicitation_parameters": {"delay": 7, "purchase_event_type": "BRAND"},
    }
    assert wire.post(path + "bulk_sync_insert", [event]).status == 201
    assert wire.post(path + "bulk_insert", {"purchase_events": [event]}).status == 201
    assert len(feed.verified_reviews.events) == 2
    assert wire.post(path + "bulk_insert", [event] * 51).status == 400
    assert wire.post(path + "bulk_insert", [event | {"consumer": {}}]).status == 400
    assert wire.post(path.replace("7f3c", "0000") + "bulk_insert", [event]).status == 404
    assert wire.post(path + "bulk_insert", form={"a": "b"}).status == 415
    assert rest(feed).post(path + "bulk_insert", [event]).status == 401, "another audience"


def test_the_temporary_folder_goes(clock: FakeClock) -> None:
    shop = practice.start(clock=clock, providers=("verified-reviews",))
    folder = folder_of(shop)
    assert folder.is_dir()
    shop.close()
    assert not folder.parent.exists()


def test_a_kept_folder_is_written_once(tmp_path: Path, clock: FakeClock) -> None:
    with practice.start(tmp_path, clock=clock, providers=("verified-reviews",)) as shop:
        shop.verified_reviews.add_review()
        shop.verified_reviews.next_night()
        before = {p.name: p.stat().st_mtime_ns for p in folder_of(shop).iterdir()}
    with practice.start(tmp_path, clock=clock, providers=("verified-reviews",)) as shop:
        assert {p.name: p.stat().st_mtime_ns for p in folder_of(shop).iterdir()} == before
