"""The two formats of the feed: what is read, what is set aside, what is refused as a whole."""

from __future__ import annotations

import base64
import io
import json
import random
import sys
import tracemalloc
from datetime import UTC, date
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewdesk.domain.models import Deletion, Rejected, ReviewKind, ReviewRecord, Role
from reviewdesk.providers.files import Entry
from reviewdesk.providers.verified_reviews.columns import columns_of, read_with, setting_of
from reviewdesk.providers.verified_reviews.csv_feed import mapping_of
from reviewdesk.providers.verified_reviews.feed import feed_files, look_through
from reviewdesk.providers.verified_reviews.items import FeedRefused, FeedUnfinished, Item, tidy
from reviewdesk.providers.verified_reviews.names import feed_name, order_of
from reviewdesk.providers.verified_reviews.records import OrderDeletion, feed_record
from tests.support.feed_files import csv_line, xml_file, xml_record

PARIS = ZoneInfo("Europe/Paris")
TURNS = (("2026-03-04 09:00:00", "ecommercant", "Merci !"), ("2026-03-05 09:00:00", "internaute", "De rien."))


def items(content: str | bytes, columns: str = "", start: int = 0) -> list[Item]:
    file = io.BytesIO(content if isinstance(content, bytes) else content.encode("utf-8"))
    look = look_through(file, mapping_of(columns))
    found = list(look.read(start))
    assert len(found) == max(0, look.records - start), "what was counted is what is read"
    return found


def records(
    content: str | bytes, kind: ReviewKind | None = ReviewKind.PRODUCT, columns: str = ""
) -> list[ReviewRecord]:
    found = [feed_record(item, kind, PARIS) for item in items(content, columns)]
    assert all(isinstance(r, ReviewRecord) for r in found)
    return found  # type: ignore[return-value]


def refused(content: str | bytes, columns: str = "") -> str:
    with pytest.raises(FeedRefused) as caught:
        items(content, columns)
    assert caught.value.reason.endswith(".") and len(caught.value.reason) < 300
    return caught.value.reason


# --- CSV ------------------------------------------------------------------------------------------------------


def test_twelve_columns_and_three_for_each_exchange() -> None:
    one, two = records(csv_line(1, turns=TURNS) + csv_line(2, rate="4.5"))
    assert one.native_id == "p1" and one.kind is ReviewKind.PRODUCT and one.score == 5
    assert (
        one.body == "Très bien" and one.author.name == "Zoé Morvan" and one.author.email == "zoe@example.org"
    )
    assert one.order_id == "O-1" and one.product is not None and one.product.sku == "SKU-1"
    assert one.created_at == 1772528400, "10:00 in Paris is 9:00 UTC"
    assert one.raw.startswith("NEW\tr1\tp1\tO-1\tSKU-1\t")
    assert one.thread is not None and two.thread is not None and two.thread.comments == ()
    assert [(c.role, c.text) for c in one.thread.comments] == [
        (Role.BUSINESS, "Merci !"),
        (Role.CONSUMER, "De rien."),
    ]
    assert one.thread.comments[0].created_at == 1772611200
    assert two.score == 4.5


def test_sixteen_columns_with_pictures_votes_and_the_date_of_the_order() -> None:
    media = base64.b64encode(
        quote(
            json.dumps(
                [{"large": "https://pictures.example/a.jpg", "small": "https://pictures.example/s.jpg"}]
            )
        ).encode()
    ).decode()
    line = csv_line(1, more=("2026-02-20 08:00:00", "3", "1", media), turns=TURNS)
    (one,) = records(line)
    assert [a.url for a in one.attachments] == ["https://pictures.example/a.jpg"]
    assert one.attachments[0].thumbnail_url == "https://pictures.example/s.jpg"
    assert one.facts == (("Found helpful", "3 yes, 1 no"),) and one.private_facts == (
        ("Ordered on", "2026-02-20"),
    )
    assert one.thread is not None and len(one.thread.comments) == 2


@pytest.mark.parametrize(
    "media", ["%%%", "aGVsbG8=", "bnVsbA==", "e30=", base64.b64encode(b"[" * 5000).decode()]
)
def test_media_that_can_not_be_read_cost_no_review(media: str) -> None:
    (one,) = records(csv_line(1, more=("", "0", "0", media)))
    assert one.attachments == () and media in one.raw


def test_a_header_in_any_order_with_other_names() -> None:
    head = "rate\tID_Review\tunknown\tproduct_review_id\tDate\taction\tfirst_name\tlastname\treview\tproduct_ref\n"
    row = "4\tr1\tx\tp1\t2026/03/03 10:00:00\tUPDATE\tZoé\tMorvan\tBien\tSKU-1\n"
    (one,) = records("\ufeff" + head + row)
    assert (one.native_id, one.score, one.body) == ("p1", 4, "Bien")
    assert one.created_at == 1772528400 and one.thread is None, "nothing is known of answers"


def test_a_header_with_a_number_of_exchanges() -> None:
    head = "action\treview_id\treview\trate\texchanges\n"
    one, two = records(
        head + "NEW\tr1\tBien\t4\t1\t2026-03-04\tmarchand\tMerci\n" + "NEW\tr2\tBien\t4\t0\n",
        ReviewKind.BUSINESS,
    )
    assert one.thread is not None and one.thread.comments[0].role is Role.BUSINESS
    assert two.thread is not None and two.thread.comments == ()


def test_a_header_without_the_id_is_refused() -> None:
    assert "id" in refused("action\tnumber\treview\trate\nNEW\t1\tBien\t4\n")


def test_one_review_that_reads_like_a_header() -> None:
    assert [r.body for r in records(csv_line(1, text="note", last="name", first="id"))] == ["note"]


def test_a_saved_mapping() -> None:
    content = "NEW;skip\tr1\tBien\t4\nNEW\tr2\tMal\t1\n"
    assert "columns" in refused(content)
    one, two = records(
        content.replace("NEW;skip", "NEW"), ReviewKind.BUSINESS, "action,review_id,review,rate"
    )
    assert (one.native_id, one.score, two.body) == ("r1", 4, "Mal")
    (one,) = records("x\t5\tr9\tNEW\n", ReviewKind.BUSINESS, "rate=2, review_id=3, action=4")
    assert (one.native_id, one.score) == ("r9", 5)
    (one,) = records(
        "NEW\tr1\tx\t1\t2026-03-04\t2\tMerci\n", ReviewKind.BUSINESS, "action,review_id,-,exchanges"
    )
    assert one.thread is not None and one.thread.comments[0].role is Role.BUSINESS
    # A header of the file itself is believed more than the setting.
    assert records("review_id\trate\nr1\t3\n", ReviewKind.BUSINESS, "rate,review_id")[0].score == 3


@pytest.mark.parametrize(
    "columns", ["action,colour", "action,rate", "rate=0,review_id=1", "rate=x", "review_id=9999"]
)
def test_a_mapping_that_makes_no_sense(columns: str) -> None:
    with pytest.raises(FeedRefused):
        mapping_of(columns)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_d9_every_kind_of_line_end_and_a_mark_at_the_start(end: str) -> None:
    content = ("\ufeff" + csv_line(1) + csv_line(2, text="") + "\n" + csv_line(3)).replace("\n", end)
    assert [r.native_id for r in records(content)] == ["p1", "p2", "p3"]
    assert [r.native_id for r in records(content.rstrip("\r\n"))] == ["p1", "p2", "p3"]


def test_d9_quoted_fields_with_tabs_line_ends_and_quotes() -> None:
    text = '"Elle dit ""oui""\tet\nnon"'
    one, two = records(csv_line(1, text=text) + csv_line(2))
    assert one.body == 'Elle dit "oui"\tet\nnon' and two.native_id == "p2"
    assert [i.where for i in items(csv_line(1, text=text) + csv_line(2))] == ["line 1", "line 3"]


def test_d9_an_unterminated_quote_refuses_the_file() -> None:
    for content in (
        csv_line(1) + csv_line(2, text='"Jamais fermé') + csv_line(3) + csv_line(4),
        csv_line(1, text='"Jamais fermé'),
        csv_line(1) + csv_line(2, text='"ouvert') + csv_line(3, text='fermé"') + csv_line(4),
    ):
        assert "quote" in refused(content)
    assert "Line 2" in refused(csv_line(1) + csv_line(2, text='"Jamais fermé') + csv_line(3))


def test_quotes_that_are_part_of_a_text_do_not_refuse_the_file() -> None:
    """The vendor may not quote at all: then a text may begin with a quotation."""
    content = (
        csv_line(1, text='"Super" produit')
        + csv_line(2, text='Un 27" superbe')
        + csv_line(3, text='"Oui", dit-il')
    )
    assert [r.body for r in records(content)] == ['"Super" produit', 'Un 27" superbe', '"Oui", dit-il']
    assert "does not fit" in refused(content + "NEW\tr9\n")


def test_one_bad_line_is_set_aside_with_its_number() -> None:
    content = csv_line(1) + "NEW\tr2\tp2\n" + csv_line(3, text="un\tdeux") + csv_line(4)
    found = items(content)
    assert [(i.where, bool(i.problem)) for i in found] == [
        ("line 1", False), ("line 2", True), ("line 3", True), ("line 4", False),
    ]  # fmt: skip
    assert "columns" in found[1].problem and found[1].raw == "NEW\tr2\tp2"


def test_d9_bytes_that_are_not_utf8_cost_one_line() -> None:
    content = csv_line(1).encode() + csv_line(2, text="Très bien").encode("latin-1") + csv_line(3).encode()
    assert [i.problem for i in items(content)] == ["", "it is not valid UTF-8", ""]
    assert "UTF-8" in refused(csv_line(1).encode("utf-16"))


def test_d9_nul_characters_and_long_fields() -> None:
    one, two = items(csv_line(1, text="a\0b") + csv_line(2, text="x" * 200_000))
    assert feed_record(one, None, UTC).body == "ab"  # type: ignore[union-attr]
    assert len(feed_record(two, None, UTC).body) == 200_000  # type: ignore[union-attr]
    assert [bool(i.problem) for i in items(csv_line(1, text="x" * 1_000_001) + csv_line(2))] == [True, False]
    assert "longer" in refused("x" * 4_100_000)


def test_lines_with_averages_are_no_reviews() -> None:
    assert [r.native_id for r in records("AVG\t1\tSKU-1\t4.5\t12\n" + csv_line(2))] == ["p2"]


def test_a_delete_may_consist_of_its_ids() -> None:
    content = csv_line(1) + "DELETE\tr2\tp2\n" + csv_line(3, action="DELETE", rate="", text="", date="")
    _, two, three = (feed_record(i, ReviewKind.PRODUCT, PARIS) for i in items(content))
    assert two == Deletion(native_id="p2", kind=ReviewKind.PRODUCT, reason="refused for good")
    assert isinstance(three, Deletion) and three.native_id == "p3"


def test_reading_goes_on_in_the_middle() -> None:
    content = "".join(csv_line(n, turns=TURNS if n % 2 else ()) for n in range(50))
    assert items(content, start=30) == items(content)[30:]
    content = xml_file(*(xml_record(n) for n in range(50)))
    assert items(content, start=30) == items(content)[30:]


def test_an_empty_csv_has_no_records() -> None:
    assert items("\n\n") == [] and items("review_id\trate\n") == []


# --- XML ------------------------------------------------------------------------------------------------------

MODERATION = (
    "<moderation><exchange><date>2026-03-04 09:00:00</date><author>ecommercant</author>"
    "<comment><![CDATA[Merci & à bientôt]]></comment></exchange>"
    "<exchange><date>2026-03-05 09:00:00</date><author>Équipe qualité</author><comment>Vérifié</comment></exchange>"
    "</moderation>"
)


def test_xml_records() -> None:
    one = xml_record(1, review="<![CDATA[Un <b>très</b> bon\nproduit]]>")
    two = xml_record(2).replace("</review>\n", MODERATION + "</review>\n")
    first, second = records(xml_file(one, two))
    assert first.body == "Un <b>très</b> bon\nproduit" and first.native_id == "p1" and first.score == 5
    assert first.thread is not None and first.thread.comments == ()
    assert first.raw == one.strip(), "kept as received"
    assert second.thread is not None
    assert [(c.role, c.author, c.text) for c in second.thread.comments] == [
        (Role.BUSINESS, None, "Merci & à bientôt"),
        (Role.MODERATOR, "Équipe qualité", "Vérifié"),
    ]


def test_xml_as_it_may_also_be_written() -> None:
    content = (
        '\ufeff<?xml version="1.0" encoding="ISO-8859-1"?><!-- é --><?xml-stylesheet href="http://x.example/"?>'
        '<feed:ROOT xmlns:feed="urn:x"><feed:list><feed:Review><Action>update</Action><feed:REVIEW_ID>r1</feed:REVIEW_ID>'
        "<rate>4,5</rate><review>Pas <i>mal</i> du tout &amp; bien</review><new_field>7</new_field></feed:Review>"
        "</feed:list></feed:ROOT>"
    )
    (one,) = records(content, None)
    assert (one.native_id, one.kind, one.score) == ("r1", ReviewKind.BUSINESS, 4.5)
    assert one.body == "Pas mal du tout & bien" and "<new_field>7</new_field>" in one.raw


def test_records_of_odd_shapes() -> None:
    content = (
        "<review><review/><review  action='DELETE'\nreview_id='>r1/>' /><review>bare/></review><review></review>"
        "<review review_id='r2'><rate/></review\n"
        + " " * 100
        + "><review><review_id>r3</review_id></review></review>"
    )
    found = items(content)
    assert [i.values.get("review_id", "") for i in found] == ["", ">r1/>", "", "", "r2", "r3"]
    assert [i.raw[:14] for i in found][:4] == [
        "<review/>",
        "<review  actio",
        "<review>bare/>",
        "<review></revi",
    ]
    assert not any(i.problem for i in found) and [i.line for i in found] == [1, 1, 2, 2, 2, 3]


def test_records_over_the_edges_of_what_is_read_at_once() -> None:
    content = xml_file(*(xml_record(n, review="é" * (n % 977)) for n in range(2000)))
    found = items(content)
    assert [i.values["review_id"] for i in found] == [f"r{n}" for n in range(2000)]
    assert all(i.raw.startswith("<review ") and i.raw.endswith("</review>") for i in found)
    assert len(found[976].values["review"]) == 976


LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "prolog",
    [
        f'<!DOCTYPE x [<!ENTITY a0 "ha">{LAUGHS}]>',
        '<!DOCTYPE x [<!ENTITY a0 SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
        '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd"> %p;]>',
        "<!DOCTYPE reviews>",
        '<!DOCTYPE x [<!ENTITY a0 "' + "x" * 100_000 + '">]>',
    ],
)
def test_d6_d7_a_doctype_is_refused_before_anything_is_expanded(prolog: str) -> None:
    opened: list[str] = []

    def hook(event: str, args: object) -> None:
        if recording and (event == "open" or event.startswith("socket.")):
            opened.append(event)

    content = f"<?xml version='1.0'?>{prolog}<reviews>{xml_record(1, review='&a9;&a0;')}</reviews>".encode()
    file = io.BytesIO(content)
    recording = False
    sys.addaudithook(hook)
    tracemalloc.start()
    recording = True
    try:
        with pytest.raises(FeedRefused, match="DOCTYPE"):
            look_through(file, None)
    finally:
        recording = False
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert opened == [] and peak < 5_000_000


def test_an_entity_that_nobody_declared_is_refused() -> None:
    assert "well-formed" in refused(xml_file(xml_record(1, review="&nbsp;")))


def test_d8_depth_attributes_and_sizes_are_bounded() -> None:
    assert "deeper" in refused("<a>" * 200_000)
    many = " ".join(f'a{n}="1"' for n in range(100))
    assert "attributes" in refused(f"<reviews><review {many}/></reviews>")
    assert "tag" in refused("<reviews><review x='" + "y" * 3_000_000)
    assert "record" in refused("<reviews><review>" + "<a>y</a>" * 700_000)
    found = items(xml_file(xml_record(1, review="z" * 1_000_001), xml_record(2)))
    assert [bool(i.problem) for i in found] == [True, False]


def test_xml_that_is_not_well_formed_is_refused_with_its_line() -> None:
    content = xml_file(xml_record(1), "<review><a></b></review>\n", xml_record(2))
    assert "Line 4" in refused(content)
    assert "well-formed" in refused(
        content.replace("</b>", "</a>").encode().replace(b"Zo\xc3\xa9", b"Zo\xe9")
    )


def test_xml_that_does_not_close_is_unfinished() -> None:
    content = xml_file(xml_record(1), xml_record(2)).encode()
    for end in (60, 200, len(content) - 12, len(content) - 2):
        with pytest.raises(FeedUnfinished):
            items(content[:end])


def test_a_page_of_html_has_no_records() -> None:
    assert items("<html><body><p>Maintenance</p></body></html>") == []


# --- records --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "hidden"),
    [
        ({"firstname": "Anonymous", "lastname": "Anonymous", "email": "Anonymous"}, True),
        ({"firstname": "", "lastname": "ANONYMOUS", "email": ""}, True),
        ({"firstname": "Zoé", "lastname": "Morvan", "email": "anonymous"}, True),
        ({"firstname": "Anonyme", "lastname": "Anonyme", "email": ""}, True),
        ({"firstname": "Anonymous", "lastname": "Morvan", "email": "zoe@example.org"}, False),
    ],
)
def test_anonymised(fields: dict[str, str], hidden: bool) -> None:
    (one,) = records(xml_file(xml_record(1, **fields)))
    assert one.anonymised is hidden
    if hidden:
        assert one.author.name == "Anonymous" and one.author.email is None


@pytest.mark.parametrize(
    ("author", "role"),
    [
        ("ecommercant", Role.BUSINESS), ("E-Commerçant", Role.BUSINESS), ("website", Role.BUSINESS), ("2", Role.BUSINESS),
        ("internaute", Role.CONSUMER), ("Consumer", Role.CONSUMER), ("3", Role.CONSUMER),
        ("moderateur", Role.MODERATOR), ("Modérateur", Role.MODERATOR), ("1", Role.MODERATOR), ("", Role.MODERATOR),
        ("Somebody", Role.MODERATOR),
    ],
)  # fmt: skip
def test_roles_of_exchanges(author: str, role: Role) -> None:
    (one,) = records(csv_line(1, turns=(("2018-05-03T10:11:12.0000000 02:00", author, "x"),)))
    assert one.thread is not None and one.thread.comments[0].role is role
    assert one.thread.comments[0].created_at == 1525335072, "the blank before the offset was a plus"
    assert one.thread.comments[0].author == ("Somebody" if author == "Somebody" else None)


def test_exchanges_of_one_date_and_author_stay_apart_and_empty_ones_go() -> None:
    turn = ("2026-03-04 09:00:00", "ecommercant", "Merci")
    (one,) = records(csv_line(1, turns=(turn, (*turn[:2], " "), (*turn[:2], "Encore merci"))))
    assert one.thread is not None
    assert [c.id for c in one.thread.comments] == [
        "2026-03-04 09:00:00/business",
        "2026-03-04 09:00:00/business/2",
    ]


@pytest.mark.parametrize("rate", ["about 4", "NaN", "1e999", "--"])
def test_a_score_that_is_none_sets_the_record_aside(rate: str) -> None:
    with pytest.raises(ValueError, match=r"number|infinite"):
        records(csv_line(1, rate=rate))


@pytest.mark.parametrize("rate", ["", "0", "6", "-1"])
def test_a_score_outside_of_the_scale_is_no_score(rate: str) -> None:
    assert records(csv_line(1, rate=rate))[0].score is None


@pytest.mark.parametrize("line", [csv_line(""), csv_line(1, action="FOO"), csv_line("x" * 600)])
def test_records_without_an_id_or_a_known_action(line: str) -> None:
    line = line.replace("\tr\tp\t", "\t\t\t")
    with pytest.raises(ValueError, match=r"id|action"):
        records(line)


def test_the_kind_is_that_of_the_file_else_that_of_the_record() -> None:
    line, site = csv_line(1), csv_line(1, product=False)
    assert records(line, ReviewKind.BUSINESS)[0].native_id == "r1"
    assert records(line, None)[0].native_id == "p1" and records(line, None)[0].kind is ReviewKind.PRODUCT
    assert records(site, None)[0].native_id == "r1" and records(site, None)[0].kind is ReviewKind.BUSINESS
    assert records(site, ReviewKind.PRODUCT)[0].native_id == "r1"


def test_what_a_delete_names() -> None:
    def gone(content: str, kind: ReviewKind | None) -> object:
        return feed_record(items(content)[0], kind, PARIS)

    both = xml_file(xml_record(1, action="DELETE", inner=""))
    order = both.replace("<product_review_id>p1</product_review_id>", "")
    assert gone(both, ReviewKind.PRODUCT) == Deletion(
        native_id="p1", kind=ReviewKind.PRODUCT, reason="refused for good"
    )
    assert gone(both, ReviewKind.BUSINESS) == Deletion(
        native_id="r1", kind=ReviewKind.BUSINESS, reason="refused for good"
    )
    assert gone(order, ReviewKind.PRODUCT) == OrderDeletion("r1")
    assert gone(order, None) == Deletion(native_id="r1", kind=None, reason="refused for good")
    with pytest.raises(ValueError, match="id"):
        gone(xml_file("<review action='DELETE'/>"), None)


def test_an_address_in_the_column_of_the_order_is_no_order() -> None:
    assert records(csv_line(1).replace("O-1", "zoe@example.org"))[0].order_id is None


def test_tidy_is_clean() -> None:
    from reviewdesk.domain.text import clean

    for text in ("a\tb\nc", "a\r\nb", "a\0b\n", "é\u00a0\n", "x\u2028y", "", "\u202e\n"):
        assert tidy(text) == clean(text)


# --- names ----------------------------------------------------------------------------------------------------

WEB = "2b7c1d00-aaaa-4bbb-8ccc-0123456789ab"


@pytest.mark.parametrize(
    ("name", "kind", "day", "full"),
    [
        (f"reviews_product_{WEB}_2026-03-04.csv", ReviewKind.PRODUCT, date(2026, 3, 4), False),
        (f"reviews_site_{WEB}_20260304.xml", ReviewKind.BUSINESS, date(2026, 3, 4), False),
        (f"Reviews_Brand_{WEB}_2026-03-04.XML", ReviewKind.BUSINESS, date(2026, 3, 4), False),
        (f"reviews_type_{WEB}_2026-03-04.csv", None, date(2026, 3, 4), False),
        (f"all_reviews_product_{WEB}_20260304.xml", ReviewKind.PRODUCT, date(2026, 3, 4), True),
        (f"reviews_product_{WEB}_all_reviews_20260304.xml", ReviewKind.PRODUCT, date(2026, 3, 4), True),
        (f"reviews_product_{WEB}_20260304_2.csv", ReviewKind.PRODUCT, date(2026, 3, 4), False),
    ],
)
def test_documented_names(name: str, kind: ReviewKind | None, day: date, full: bool) -> None:
    found = feed_name(Entry(name, 1))
    assert found is not None and found.sure
    assert (found.kind, found.website.lower(), found.day, found.full) == (kind, WEB, day, full)


@pytest.mark.parametrize(
    "name",
    [
        "deliverability_x_2026-03-04.csv", "reviews_unsubscribed_2026.csv", "reviews_product_x_2026-03-04.csv.part",
        "readme.txt", "orders_reviews.csv", "previews.csv", "reviews_product_x_2026-03-04.pdf", "notes.xml",
    ],
)  # fmt: skip
def test_names_that_are_no_feed(name: str) -> None:
    assert feed_name(Entry(name, 1)) is None


def test_other_names_are_tried_by_their_content() -> None:
    found = feed_name(Entry("export-avis-2026-03-04.csv", 1))
    assert found is not None and not found.sure and found.kind is None and found.day == date(2026, 3, 4)
    undated = feed_name(Entry("all_reviews.xml", 1, 1_772_582_400))
    assert undated is not None and undated.full and undated.day == date(2026, 3, 4)
    wrong = feed_name(Entry(f"reviews_product_{WEB}_2026-13-45.csv", 1))
    assert wrong is not None and not wrong.sure


def test_the_order_is_by_date_then_time_then_full_exports_last() -> None:
    names = [
        Entry(f"reviews_product_{WEB}_2026-03-05.csv", 1, 10),
        Entry(f"reviews_product_{WEB}_20260304.csv", 1, 30),
        Entry(f"all_reviews_product_{WEB}_2026-03-03.csv", 1, 20),
        Entry(f"reviews_site_{WEB}_2026-03-04.csv", 1, 20),
        Entry(f"all_reviews_product_{WEB}_2026-03-04.xml", 1, 30),
    ]

    def key(entry: Entry) -> object:
        found = feed_name(entry)
        assert found is not None
        return order_of(found, entry)

    assert [names.index(e) for e in sorted(names, key=key)] == [2, 3, 1, 4, 0]  # type: ignore[type-var, return-value, arg-type]


def test_only_the_wanted_website() -> None:
    from reviewdesk.providers.files import Listing

    listing = Listing(
        tuple(
            Entry(name, 1, 5)
            for name in (
                f"reviews_product_{WEB}_2026-03-04.csv",
                "reviews_product_other_2026-03-04.csv",
                f"avis_{WEB}.csv",
                "avis.csv",
            )
        )
    )
    assert len(feed_files(listing, "")) == 4
    assert {f.entry.name for f in feed_files(listing, WEB.upper())} == {
        f"reviews_product_{WEB}_2026-03-04.csv",
        f"avis_{WEB}.csv",
    }


# --- columns that a person names -------------------------------------------------------------------------------

UNKNOWN = (
    "NEW\t8f14e45f-ceea-467f-a0e6-1f2b3c4d5e6f\tzoe@example.org\t2026-03-04 10:00:00\t4\tTrès bien, merci beaucoup.\tZoé\n"
    "NEW\t9f14e45f-ceea-467f-a0e6-1f2b3c4d5e6f\tana@example.org\t2026-03-05 10:00:00\t2\tLe colis est arrivé tard.\tAna\n"
)


def test_unknown_columns_are_guessed_and_tried() -> None:
    found = columns_of("x.csv", io.BytesIO(UNKNOWN.encode()))
    assert found.guess == ("action", "review_id", "email", "review_date", "rate", "review", "-")
    chosen = setting_of([*found.guess[:-1], "firstname"])
    first, second = read_with(found, chosen, UTC)
    assert isinstance(first, ReviewRecord) and isinstance(second, ReviewRecord)
    assert (first.score, first.body, first.author.email) == (
        4,
        "Très bien, merci beaucoup.",
        "zoe@example.org",
    )
    with pytest.raises(FeedRefused, match="id"):
        read_with(found, "action,-,-,-,rate,review,-", UTC)
    (wrong, _) = read_with(found, "action,review_id,-,-,review,rate,-", UTC)
    assert isinstance(wrong, Rejected) and wrong.where == "line 1"


@pytest.mark.parametrize("content", ["", "a;b;c\n1;2;3\n", "only one line of words\n"])
def test_what_is_no_table_can_not_be_named(content: str) -> None:
    with pytest.raises(FeedRefused, match="tabs"):
        columns_of("x.csv", io.BytesIO(content.encode()))


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.lists(st.text(max_size=30), min_size=3, max_size=20), min_size=1, max_size=8), st.randoms()
)
def test_any_table_and_any_mapping_end_in_records_or_reasons(
    rows: list[list[str]], rnd: random.Random
) -> None:
    text = "\n".join("\t".join(cell.replace("\t", " ").replace("\n", " ") for cell in row) for row in rows)
    try:
        found = columns_of("x.csv", io.BytesIO(text.encode("utf-8", "replace")))
        chosen = [rnd.choice(("-", *found.fields)) for _ in found.guess]
        for entry in read_with(found, setting_of(chosen), UTC):
            assert isinstance(entry, ReviewRecord | Rejected)
    except FeedRefused as refused:
        assert refused.reason.endswith(".")
