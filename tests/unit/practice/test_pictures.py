"""Pictures are real PNG files, drawn the same on every run."""

from __future__ import annotations

import struct
import zlib

import pytest

from reviewdesk.practice import PracticeShop
from reviewdesk.practice.pictures import picture
from reviewdesk.practice.shop import PRODUCTS
from tests.support.practice import Wire


def unpacked(png: bytes) -> tuple[int, int, bytes]:
    """Width, height and raw rows; checks signature, order and checksums of the chunks."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    at, chunks = 8, []
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        kind, body = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        (seal,) = struct.unpack(">I", png[at + 8 + length : at + 12 + length])
        assert seal == zlib.crc32(kind + body)
        chunks.append((kind, body))
        at += 12 + length
    assert [kind for kind, _ in chunks] == [b"IHDR", b"IDAT", b"IEND"]
    width, height, depth, colour = struct.unpack(">IIBB", chunks[0][1][:10])
    assert (depth, colour) == (8, 2)
    return width, height, zlib.decompress(chunks[1][1])


@pytest.mark.parametrize("key", [item.key for item in PRODUCTS] + ["box-open", "parcel", "clock-broken"])
def test_every_picture_is_a_png_with_something_on_it(key: str) -> None:
    png = picture(f"{key}_abc123_200")
    assert png is not None
    width, height, rows = unpacked(png)
    assert (width, height) == (200, 150)
    assert len(rows) == height * (1 + width * 3)
    middle = [rows[y * 601 + 1 : y * 601 + 601] for y in range(40, 110)]
    colours = {row[x : x + 3] for row in middle for x in range(0, 600, 3)}
    assert len(colours) > 60


def test_same_name_same_bytes_other_variant_other_bytes() -> None:
    first = picture("lamp_aaaaaa_200")
    picture.cache_clear()
    assert picture("lamp_aaaaaa_200") == first
    assert picture("lamp_bbbbbb_200") != first


def test_by_sku() -> None:
    assert picture("hb-x2_100") is not None


@pytest.mark.parametrize(
    "name", ["dragon_aa_200", "lamp_aa_9", "lamp_aa_4000", "lamp_aa_big", "", "../etc/passwd"]
)
def test_unknown_names(name: str) -> None:
    assert picture(name) is None


def test_served(still: PracticeShop) -> None:
    wire = Wire(still.server.url("pictures"))
    got = wire.get("/teapot-broken_1a2b3c_1024.png")
    assert got.status == 200
    assert got.headers["content-type"] == "image/png"
    assert unpacked(got.body)[0] == 1024
    assert len(got.body) < 200_000
    assert wire.get("/teapot_1a2b3c_1024.jpg").status == 404


def test_pictures_of_reviews_can_be_fetched(still: PracticeShop) -> None:
    shown = [a for r in still.trustpilot.review_ids() for a in still.trustpilot.review(r)["attachments"]]
    assert len(shown) >= 20
    url = shown[0]["processedFiles"][1]["url"]
    assert unpacked(Wire(url).get("").body)[0] == 200
