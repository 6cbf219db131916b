"""Any damaged feed file or API record gives a typed error or a record set aside, never another exception."""

from __future__ import annotations

import io
import json
import random
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reviewdesk.domain.errors import ProviderError
from reviewdesk.domain.models import ReviewKind, ReviewRecord
from reviewdesk.providers.answers import Answer
from reviewdesk.providers.decode import decode_records
from reviewdesk.providers.feeds.base import Entry, name_problem, sort_out
from reviewdesk.providers.feeds.ftp import _moment, _whole
from reviewdesk.providers.feeds.sftp import pinned_keys, read_private_key
from reviewdesk.providers.registry import PROVIDERS
from reviewdesk.providers.verified_reviews import wire
from reviewdesk.providers.verified_reviews.csv_feed import mapping_of
from reviewdesk.providers.verified_reviews.feed import look_through
from reviewdesk.providers.verified_reviews.items import FeedRefused, FeedUnfinished
from reviewdesk.providers.verified_reviews.names import feed_name
from reviewdesk.providers.verified_reviews.records import api_review, feed_record
from tests.support.contexts import context
from tests.support.feed_files import Got, csv_line, put, xml_file, xml_record

PARIS = ZoneInfo("Europe/Paris")
TURNS = (("2026-03-04 09:00:00", "ecommercant", "Merci !"), ("2026-03-05", "internaute", "De rien"))
HEADER = "action\treview_id\tproduct_review_id\treview_date\treview\trate\tlastname\tfirstname\temail\n"
SAMPLES = [
    (csv_line(1, turns=TURNS) + csv_line(2) + "DELETE\tr3\tp3\n").encode(),
    csv_line(1, more=("2026-02-20", "1", "0", "W10="), turns=TURNS).encode()
    + csv_line(2, text='"a\tb"').encode(),
    b"\xef\xbb\xbf"
    + (HEADER + "NEW\tr1\tp1\t2026-03-03 10:00:00\tBien\t4,5\tMorvan\tZo\u00e9\tzoe@example.org\n").encode(),
    xml_file(
        xml_record(1, review="<![CDATA[Bien & beau]]>").replace(
            "</review>\n",
            "<moderation><exchange><date>2026-03-04</date><author>website</author><comment>Merci</comment></exchange>"
            "</moderation></review>\n",
        ),
        xml_record(2, action="DELETE", inner=""),
        xml_record(3),
    ).encode(),
]
IDS = ["csv-12", "csv-16", "csv-header", "xml"]
DAMAGE = [
    b"", b"\x00", b'"', b"\t", b"\n", b"\r", b"<", b">", b"&", b"]]>", b"\xff", b"\xe2\x82", b"<!DOCTYPE x>", b"9" * 30,
    b"\xef\xbb\xbf", b"</review>", b"<review>", b"&a;", b"<![CDATA[", b"DELETE", b"-", b"\xed\xa0\x80", b"\xe2\x80\xae",
]  # fmt: skip


def check(content: bytes, columns: str = "") -> int:
    """Read it as a sync does; how many records came of it."""
    try:
        look = look_through(io.BytesIO(content), mapping_of(columns))
        found = list(look.read(0))
    except (FeedRefused, FeedUnfinished):
        return 0
    assert len(found) == look.records, "nothing is lost in silence"
    good = 0
    for item in found:
        item.raw.encode()
        for kind in (None, ReviewKind.PRODUCT, ReviewKind.BUSINESS):
            try:
                outcome = feed_record(item, kind, PARIS)
            except ValueError as problem:
                assert str(problem) and len(str(problem)) <= 200
                continue
            if isinstance(outcome, ReviewRecord):
                good += 1
                outcome.body.encode()
                assert outcome.native_id and len(outcome.native_id) <= 500
                assert outcome.created_at is None or 0 < outcome.created_at < 2**33
                assert outcome.score is None or 1 <= outcome.score <= 5
                for picture in outcome.attachments:
                    assert picture.url.startswith(("http://", "https://"))
                for comment in outcome.thread.comments if outcome.thread else ():
                    assert comment.text and comment.id
    return good


@pytest.mark.parametrize("sample", SAMPLES, ids=IDS)
def test_whole_samples_are_read(sample: bytes) -> None:
    assert check(sample) > 0


@pytest.mark.parametrize("sample", SAMPLES, ids=IDS)
def test_d1_cut_at_every_byte(sample: bytes) -> None:
    for end in range(len(sample)):
        check(sample[:end])


@pytest.mark.parametrize("sample", SAMPLES, ids=IDS)
def test_every_kind_of_damage_in_every_place(sample: bytes) -> None:
    for at in range(0, len(sample), 3):
        for piece in DAMAGE:
            check(sample[:at] + piece + sample[at + 1 :])


LINES = [
    csv_line(1),
    csv_line(2, turns=TURNS),
    csv_line(3, text=""),
    csv_line(4),
    csv_line(5, turns=TURNS[:1]),
]


def lines_or_refused(content: str, columns: str = "") -> None:
    """Every line of the file is accounted for, or the file is refused."""
    try:
        found = list(look_through(io.BytesIO(content.encode()), mapping_of(columns)).read(0))
    except FeedRefused:
        return
    raw = "\n".join(item.raw for item in found)
    header = content[:30].count("review_id")
    assert len(found) >= content.count("\n") - header, raw


def test_d9_a_stray_quote_anywhere_loses_no_line() -> None:
    content = "".join(LINES)
    for at in range(len(content)):
        lines_or_refused(content[:at] + '"' + content[at:])


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_d9_several_stray_quotes_lose_no_line(data: st.DataObject) -> None:
    small = "".join(f"NEW\tr{n}\tBien\t4\n" for n in range(6))
    content, columns = data.draw(
        st.sampled_from(
            [
                ("".join(LINES), ""),
                (small, "action,review_id,review,rate"),
                ("action\treview_id\treview\trate\n" + small, ""),
            ]
        )
    )
    cells = [0, *(n + 1 for n, char in enumerate(content) if char in "\t\n"), *range(len(content))]
    for _ in range(data.draw(st.integers(2, 5))):
        at = data.draw(st.sampled_from(cells))
        content = content[:at] + '"' + content[at:]
    lines_or_refused(content, columns)


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_d12_damaged_files(data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from(SAMPLES)))
    rng = random.Random(data.draw(st.integers(0, 2**32)))
    for _ in range(data.draw(st.integers(1, 12))):
        at = rng.randrange(len(content)) if content else 0
        content[at : at + rng.randrange(6)] = rng.choice(DAMAGE)
    check(bytes(content))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["", "action,review_id,review,rate", "review_id,exchanges"]))
def test_d12_arbitrary_files(content: bytes, columns: str) -> None:
    check(content, columns)
    check(b"NEW\t" + content, columns)
    check(b"<reviews><review>" + content + b"</review></reviews>", columns)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(st.text(max_size=12), max_size=20), max_size=6))
def test_d12_arbitrary_cells(rows: list[list[str]]) -> None:
    check("\n".join("\t".join(row) for row in rows).encode("utf-8", "surrogatepass"))
    check((HEADER + "\n".join("\t".join(row) for row in rows)).encode("utf-8", "surrogatepass"))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.sampled_from(SAMPLES), seed=st.integers(0, 2**32))
def test_d12_a_whole_run_over_a_damaged_folder(tmp_path: Path, content: bytes, seed: int) -> None:
    rng = random.Random(seed)
    damaged = bytearray(content)
    for _ in range(rng.randrange(6)):
        at = rng.randrange(len(damaged))
        damaged[at : at + rng.randrange(6)] = rng.choice(DAMAGE)
    put(tmp_path, "reviews_product_x_2026-03-04.csv", bytes(damaged))
    put(tmp_path, "reviews_product_x_2026-03-05.csv", csv_line("good"))
    got = Got()
    try:
        got.take(PROVIDERS["verified-reviews"](context({"transport": "folder", "path": str(tmp_path)})))
    except ProviderError:
        pass
    assert "pgood" in got.records
    json.dumps(got.cursor)


CURSOR_PARTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
KEYS = st.sampled_from(["place", "seen", "floor", "waiting", "odd", "at", "full_since", "v"])


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.dictionaries(KEYS, CURSOR_PARTS, max_size=4))
def test_any_cursor_is_understood_or_begun_again(tmp_path: Path, changes: dict[str, Any]) -> None:
    put(tmp_path, "reviews_product_x_2026-03-04.csv", csv_line(1))
    provider = PROVIDERS["verified-reviews"](context({"transport": "folder", "path": str(tmp_path)}))
    cursor = dict(Got().take(provider).cursor)
    Got(cursor=cursor | changes).take(provider)


PUBLISHED: dict[str, Any] = {
    "review_id": "7d0a", "order_id": "o1", "order_reference": "O-1", "order_date": "2026-02-20T00:00:00Z",
    "review_date": "2026-03-03T10:00:00Z", "publish_date": "2026-03-04T10:00:00.000Z", "review_rate": 4,
    "review_content": "Bien \u00e9crit", "author_firstname": "Zo\u00e9", "author_lastname": "M",
    "product_variation_id": "SKU-1",
    "product_sku": "SKU-1", "product_name": "Lamp", "product_brand": "Harbour", "product_upc": None, "product_mpn": "L1",
    "product_ean": "05712345678903", "product_jan": None, "product_image_url": "https://harbour.example/l.jpg",
    "product_page_url": "https://harbour.example/l", "locale": "fr", "is_verified": True, "syndicated_review": False,
    "incentivization": None, "is_personal_data_disclosed": True, "media": [{"large": "https://harbour.example/a.jpg"}],
}  # fmt: skip
BAD: list[Any] = [
    None, True, False, 0, -1, 11, 4.5, "12", "4,5", "", " ", "x" * 5000, "1e999", 10**25, [], {}, [[]], {"large": []},
    "\u0000", "\u202ertl", "2026-02-30", "9999-12-31T00:00:00Z", [None], [{}], 1e308, "https://[", "http://a b/",
]  # fmt: skip


def check_api(raw: bytes) -> None:
    for kind in ReviewKind:
        kept, rejected = decode_records(
            [raw],
            wire.PublishedReview,
            lambda r, text, kind=kind: api_review(r, text, kind, PARIS),
            where=str,
        )
        assert len(kept) + len(rejected) == 1
        for record in kept:
            assert record.native_id and (record.score is None or 1 <= record.score <= 5)
            assert record.created_at is None or 0 < record.created_at < 2**33


def test_every_value_in_every_field_of_the_api() -> None:
    for key in PUBLISHED:
        for bad in BAD:
            check_api(json.dumps({**PUBLISHED, key: bad}).encode())
        check_api(json.dumps({k: v for k, v in PUBLISHED.items() if k != key}).encode())


def test_d1_the_api_cut_at_every_byte() -> None:
    body = json.dumps([PUBLISHED]).encode()
    for end in range(len(body)):
        with pytest.raises(ProviderError):
            Answer(200, {}, body[:end]).decode(list[dict[str, Any]])
    body = b'{"access_token": "a", "expires_in": "300"}'
    for end in range(len(body)):
        with pytest.raises(ProviderError):
            Answer(200, {}, body[:end]).decode(wire.Token)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40))
def test_names_settings_and_keys_never_break(text: str) -> None:
    feed_name(Entry(text, 1, 10**12))
    feed_name(Entry(f"reviews_product_{text}_2026-03-04.csv", 1))
    listing = sort_out([(text, True, 1, 1)])
    assert len(listing.entries) == (name_problem(text) is None)
    _moment(text)
    _whole(text)
    for work in (mapping_of, pinned_keys, lambda t: read_private_key(t, None)):
        try:
            work(text)
        except (FeedRefused, ProviderError):
            pass
