"""Which files are read, in which order, how often, and what is made of what they say."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from reviewdesk.domain.errors import (
    BadAnswer,
    Cancelled,
    HostKeyError,
    NetworkError,
    NotAvailable,
    ProviderError,
)
from reviewdesk.domain.models import ActionKind, ReviewKind, ReviewRef, Target
from reviewdesk.providers.base import Action, Provider
from reviewdesk.providers.registry import PROVIDERS
from reviewdesk.providers.verified_reviews import feed
from tests.support.clock import FakeClock
from tests.support.contexts import Token, context
from tests.support.feed_files import WEBSITE, Got, csv_line, feed_name, ftp_server, put, xml_file, xml_record
from tests.support.practice_sftp import in_process_sftp


class Shop:
    """A folder with feed files and providers that read it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = FakeClock()
        self.cancel = Token(self.clock)
        self._open: list[Provider] = []

    def provider(self, **settings: str) -> Provider:
        told = {"transport": "folder", "path": str(self.folder), **settings}
        made = PROVIDERS["verified-reviews"](context(told, clock=self.clock, cancel=self.cancel))
        self._open.append(made)
        return made

    def put(self, name: str, content: str | bytes, *, old_s: int = 7200) -> Path:
        """A file last written ``old_s`` seconds ago by the shop's clock."""
        path = put(self.folder, name, content)
        at = self.clock.now() - old_s
        os.utime(path, (at, at))
        return path

    def take(self, got: Got | None = None, **more: object) -> Got:
        return (got or Got()).take(self.provider(), **more)  # type: ignore[arg-type]

    def close(self) -> None:
        for each in self._open:
            each.close()


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path)
    yield made
    made.close()


def day(number: int, **more: str) -> str:
    return feed_name(f"2026-03-{number:02}", **more)


def texts(got: Got) -> dict[str, str]:
    return {key: record.body for key, record in got.records.items()}


# --- what a night says ------------------------------------------------------------------------------------------


def test_new_update_delete_over_three_nights(shop: Shop) -> None:
    turn = (("2026-03-04 09:00:00", "ecommercant", "Merci"),)
    shop.put(day(2), csv_line(1, action="UPDATE", text="two", turns=turn) + csv_line(3))
    shop.put(day(1), csv_line(1, text="one") + csv_line(2))
    shop.put(day(3), "DELETE\tr2\tp2\n")
    got = shop.take()
    assert texts(got) == {"p1": "two", "p3": "Très bien"}
    thread = got.records["p1"].thread
    assert thread is not None and thread.comments[0].text == "Merci"
    assert [d.native_id for d in got.deletions] == ["p2"] and got.rejected == []


def test_the_second_run_reads_nothing(shop: Shop) -> None:
    shop.put(day(1), csv_line(1))
    provider = shop.provider()
    got = Got().take(provider)
    calls, pages = provider.calls, len(got.pages)
    got.take(provider)
    assert [p.reviews for p in got.pages[pages:]] == [()]
    assert provider.calls - calls == 2, "looked into the folder, opened nothing"
    assert json.loads(json.dumps(got.cursor)) == got.cursor


def test_update_before_new_and_delete_of_unknown(shop: Shop) -> None:
    shop.put(day(1), csv_line(1, action="UPDATE", text="first heard of") + "DELETE\tr9\tp9\n")
    shop.put(day(2), csv_line(1, action="NEW", text="again new"))
    got = shop.take()
    assert texts(got) == {"p1": "again new"} and [d.native_id for d in got.deletions] == ["p9"]


def test_delete_then_new_and_new_then_delete_in_one_file(shop: Shop) -> None:
    shop.put(day(1), "DELETE\tr1\tp1\n" + csv_line(1) + csv_line(2) + "DELETE\tr2\tp2\n")
    got = shop.take()
    assert set(got.records) == {"p1"} and [d.native_id for d in got.deletions] == ["p2"]


def test_both_contents_of_one_file_are_versions_in_their_order(shop: Shop) -> None:
    shop.put(
        day(1),
        csv_line(1, text="before") + csv_line(2, date="2026-03-09 10:00:00") + csv_line(1, text="after"),
    )
    page = shop.take().pages[0]
    assert [r.body for r in page.reviews] == ["Très bien", "before", "after"], (
        "newest first, one review in order"
    )


def test_a_delete_that_names_only_the_order_takes_each_of_its_products(shop: Shop) -> None:
    shop.put(day(1), "".join(csv_line(n, order="order-1") for n in (1, 2)) + csv_line(3))
    got = shop.take()
    assert set(got.records) == {"p1", "p2", "p3"}
    shop.put(
        day(2, ending="xml"), xml_file('<review action="DELETE"><review_id>order-1</review_id></review>')
    )
    shop.take(got)
    assert set(got.records) == {"p3"} and {d.native_id for d in got.deletions} == {"p1", "p2", "order-1"}
    shop.put(day(3), "DELETE\torder-1\n" + csv_line(1, order="order-1", text="back"))
    shop.take(got)
    assert set(got.records) == {"p3", "p1"}, "what comes after the deletion stays"


def test_an_anonymised_review_comes_as_an_update(shop: Shop) -> None:
    shop.put(day(1), csv_line(1))
    shop.put(day(2), csv_line(1, action="UPDATE", first="Anonymous", last="Anonymous", email="Anonymous"))
    one = shop.take().records["p1"]
    assert one.anonymised and one.author.name == "Anonymous" and one.author.email is None


def test_site_and_product_reviews_of_one_id_are_two(shop: Shop) -> None:
    shop.put(day(1), csv_line(1).replace("\tp1\t", "\tx\t"))
    shop.put(day(1, kind="site"), csv_line("x", order="x", product=False))
    kinds = {(r.kind, r.native_id) for page in shop.take().pages for r in page.reviews}
    assert kinds == {(ReviewKind.PRODUCT, "x"), (ReviewKind.BUSINESS, "x")}


# --- which files ------------------------------------------------------------------------------------------------


def test_both_forms_of_dates_and_full_exports_in_their_order(shop: Shop) -> None:
    shop.put(f"reviews_product_{WEBSITE}_20260302.csv", csv_line(1, text="compact"))
    shop.put(
        f"all_reviews_product_{WEBSITE}_20260228.xml", xml_file(xml_record(1, review="full"), xml_record(2))
    )
    shop.put(day(1), csv_line(1, text="hyphens"))
    got = shop.take()
    assert [p.reviews[0].body for p in got.pages if p.reviews] == ["full", "hyphens", "compact"]
    assert texts(got) == {"p1": "compact", "p2": "Très bien"}


def test_what_is_no_feed_is_left_alone(shop: Shop) -> None:
    shop.put("deliverability_2026-03-01.csv", "a\tb\n")
    shop.put(day(1) + ".part", csv_line(9))
    shop.put("reviews-notes.txt", "Some words about reviews.\n")
    shop.put(f"reviews_product_other_{'2026-03-01'}.csv", csv_line(8))
    shop.put(day(1), csv_line(1))
    got = Got().take(shop.provider(website_id=WEBSITE))
    assert set(got.records) == {"p1"} and got.rejected == []
    assert set(shop.take().records) == {"p1", "p8"}


def test_a_file_of_another_name_is_known_by_its_content(shop: Shop) -> None:
    shop.put("avis-2026-03-01.txt", xml_file(xml_record(1)))
    assert set(shop.take().records) == {"p1"}


def test_a_file_sent_again_is_read_only_if_it_changed(shop: Shop) -> None:
    shop.put(day(1), csv_line(1))
    got = shop.take()
    shop.put(day(1), csv_line(1), old_s=3600)  # the same, written anew
    pages = len(got.pages)
    shop.take(got)
    assert not any(p.reviews for p in got.pages[pages:])
    shop.put(day(1), csv_line(1, text="Très laid"), old_s=1800)  # as long as before
    shop.take(got)
    assert texts(got) == {"p1": "Très laid"}


def test_a_late_file_does_not_undo_what_later_nights_said(shop: Shop) -> None:
    shop.put(day(1), csv_line(1, text="first"))
    shop.put(day(3), csv_line(1, action="UPDATE", text="third") + "DELETE\tr4\tp4\n")
    got = shop.take()
    shop.put(day(2), csv_line(1, action="UPDATE", text="second") + csv_line(2) + csv_line(4))
    shop.take(got)
    assert texts(got) == {"p1": "third", "p2": "Très bien"}


def test_full_reads_everything_again(shop: Shop) -> None:
    for number in (1, 2, 3):
        shop.put(day(number), csv_line(number))
    got = shop.take()
    again = Got(cursor=got.cursor).take(shop.provider(), full=True)
    assert again.records == got.records
    cursor = again.cursor
    assert shop.take(Got(cursor=cursor)).records == {}


def test_a_full_run_does_not_replay_the_history(shop: Shop) -> None:
    """Otherwise each review would go back to its first text and forth again, with a version for every step."""
    shop.put(
        day(1), csv_line(1, text="first") + csv_line(2) + "NEW\tbad\n" + csv_line(1, text="corrected") + "x\n"
    )
    shop.put(day(2), csv_line(1, action="UPDATE", text="second") + csv_line(3))
    shop.put(day(3), "DELETE\tr3\tp3\n")
    got = shop.take()
    assert [r.body for p in got.pages for r in p.reviews if r.native_id == "p1"] == [
        "first",
        "corrected",
        "second",
    ]
    again = Got(cursor=got.cursor).take(shop.provider(), full=True)
    assert [r.body for p in again.pages for r in p.reviews if r.native_id == "p1"] == ["second"]
    assert not [r for p in again.pages for r in p.reviews if r.native_id == "p3"]
    assert [d.native_id for d in again.deletions] == ["p3"] and set(again.records) == {"p1", "p2"}
    assert len(again.rejected) == 2 == len(got.rejected)


def test_a_full_run_that_was_stopped_goes_on_with_what_is_missing(shop: Shop) -> None:
    for number in (1, 2, 3):
        shop.put(day(number), csv_line(number))
    got = shop.take()
    first = Got(cursor=got.cursor).take(shop.provider(), full=True, pages=1)
    assert set(first.records) == {"p1"}
    rest = Got(cursor=first.cursor).take(shop.provider(), full=True)
    assert set(rest.records) == {"p2", "p3"}
    shop.clock.advance(24 * 3600)
    assert len(Got(cursor=first.cursor).take(shop.provider(), full=True).records) == 3, (
        "too long ago: all of it"
    )


def test_other_settings_begin_again(shop: Shop) -> None:
    shop.put(day(1), csv_line(1))
    got = shop.take()
    assert set(Got(cursor=got.cursor).take(shop.provider(timezone="Europe/London")).records) == {"p1"}


def test_names_that_are_refused_are_told_once_and_the_others_are_read(shop: Shop) -> None:
    shop.put(day(1), csv_line(1))
    shop.put("reviews_product_\u202ex_2026-03-01.csv", csv_line(2))
    shop.put("..\\..\\reviews_product_x_2026-03-01.csv", csv_line(3))
    (shop.folder / day(2)).symlink_to(shop.folder / day(1))
    got = shop.take()
    assert set(got.records) == {"p1"}
    assert len(got.rejected) == 3 and all(
        r.where.isprintable() and r.reason.endswith(".") for r in got.rejected
    )
    assert any("path" in r.reason for r in got.rejected) and any("link" in r.reason for r in got.rejected)
    shop.take(got)
    assert len(got.rejected) == 3


def test_what_is_known_of_files_stays_small(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "MAX_SEEN", 5)
    for number in range(1, 21):
        shop.put(day(number), csv_line(number))
    got = shop.take()
    assert len(got.records) == 20 and len(got.cursor["seen"]) == 5
    pages = len(got.pages)
    shop.take(got)
    assert not any(p.reviews for p in got.pages[pages:]), "the older ones are known by their day"
    shop.put(day(21), csv_line(21))
    assert set(shop.take(Got(cursor=got.cursor)).records) == {"p21"}
    for path in shop.folder.iterdir():
        path.unlink()
    shop.put(day(22), csv_line(22))
    later = shop.take(Got(cursor=got.cursor))
    assert len(later.cursor["seen"]) <= 5 + 1


# --- growing files ------------------------------------------------------------------------------------------------


def test_a_file_that_grows_between_two_looks_is_left_alone(shop: Shop) -> None:
    shop.put(day(1), csv_line(1))
    path = shop.put(day(2), csv_line(2), old_s=0)

    class Growing(Token):
        def wait(self, timeout_s: float) -> bool:
            path.write_text(path.read_text("utf-8") + csv_line(3), "utf-8")
            return super().wait(timeout_s)

    shop.cancel = Growing(shop.clock)
    got = shop.take()
    assert set(got.records) == {"p1"} and got.rejected == []
    shop.cancel = Token(shop.clock)
    shop.clock.advance(120)
    shop.take(got)
    assert set(got.records) == {"p1", "p2", "p3"}


def test_a_fresh_file_that_does_not_grow_is_read_after_a_second_look(shop: Shop) -> None:
    shop.put(day(1), csv_line(1), old_s=0)
    assert set(shop.take().records) == {"p1"}
    assert shop.clock.waits == [feed.SECOND_LOOK_S]


def test_a_file_by_a_clock_ahead_of_ours(shop: Shop) -> None:
    shop.put(day(1), csv_line(1), old_s=-7200)
    assert set(shop.take().records) == {"p1"}


def test_xml_that_does_not_close_waits_and_is_refused_when_it_never_does(shop: Shop) -> None:
    content = xml_file(*(xml_record(n) for n in range(5)))
    name = day(1, ending="xml")
    shop.put(name, content[:-40], old_s=120)
    got = shop.take()
    assert got.records == {} and got.rejected == []
    shop.clock.advance(600)
    shop.take(got)
    assert got.records == {} and got.rejected == []
    whole = Got(cursor=got.cursor)
    shop.put(name, content, old_s=120)
    assert len(shop.take(whole).records) == 5
    shop.put(name, content[:-40], old_s=7 * 3600)
    with pytest.raises(BadAnswer, match="cut"):
        shop.take(got)
    assert got.records == {} and [r.where for r in got.rejected] == [name]


def test_a_file_that_changes_while_it_is_read(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "PAGE", 10)
    path = shop.put(day(1), "".join(csv_line(n) for n in range(100)))
    got = Got()
    provider = shop.provider()
    pages = provider.fetch({}, full=False)
    first = next(pages)
    shop.put(day(1), "".join(csv_line(n, text="new") for n in range(100)), old_s=60)
    rest = list(pages)
    assert len(first.reviews) == 10 and not any(p.reviews for p in rest)
    got.cursor = rest[-1].cursor
    shop.clock.advance(7200)
    assert set(texts(shop.take(got)).values()) == {"new"} and len(got.records) == 100
    assert path.exists()


# --- pages -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["csv", "xml"])
def test_a_run_goes_on_in_the_middle_of_a_file(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    monkeypatch.setattr(feed, "PAGE", 10)
    lines = [csv_line(n) for n in range(95)]
    lines[33] = "NEW\tbad\n"
    records = [xml_record(n, rate="bad" if n == 33 else "5") for n in range(95)]
    content = "".join(lines) if ending == "csv" else xml_file(*records)
    shop.put(day(1, ending=ending), content)
    whole = shop.take()
    assert len(whole.records) == 94 and [len(p.reviews) for p in whole.pages] == [
        10,
        10,
        10,
        9,
        10,
        10,
        10,
        10,
        10,
        5,
        0,
    ]
    assert len(whole.rejected) == 1 and whole.pages[0].total == 95
    for stop in range(1, 10):
        part = shop.take(pages=stop)
        rest = shop.take(Got(cursor=json.loads(json.dumps(part.cursor))))
        assert part.records | rest.records == whole.records and not set(part.records) & set(rest.records)
        assert len(part.rejected) + len(rest.rejected) == 1


def test_cancel_between_pages(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "PAGE", 10)
    shop.put(day(1), "".join(csv_line(n) for n in range(30)))
    provider = shop.provider()
    pages = provider.fetch({}, full=False)
    cursor = next(pages).cursor
    shop.cancel.set()
    with pytest.raises(Cancelled):
        list(pages)
    shop.cancel = Token(shop.clock)
    assert len(shop.take(Got(cursor=cursor)).records) == 20


def test_ninety_nine_of_a_hundred(shop: Shop) -> None:
    lines = [csv_line(n) for n in range(100)]
    lines[41] = csv_line(41, rate="many")
    shop.put(day(1), "".join(lines))
    got = shop.take()
    assert len(got.records) == 99
    (one,) = got.rejected
    assert one.where == f"{day(1)}, line 42" and "number" in one.reason and one.raw.startswith("NEW\tr41\t")


# --- refused files -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ending", "content", "reason"),
    [
        ("xml", '<!DOCTYPE r [<!ENTITY a "b">]>' + xml_file(xml_record(7)).partition("\n")[2], "DOCTYPE"),
        ("xml", xml_file("<review><a></b></review>"), "well-formed"),
        ("csv", csv_line(7) + csv_line(8, text='"open') + csv_line(9), "quote"),
        ("csv", "a;b;c\n1;2;3\n", "columns"),
        ("csv", "\ufeffx".encode("utf-16"), "UTF-8"),
    ],
)
def test_a_refused_file_loses_nothing_and_is_told(
    shop: Shop, ending: str, content: str | bytes, reason: str
) -> None:
    shop.put(day(1), csv_line(1))
    shop.put(day(2, ending=ending), content)
    shop.put(day(3), csv_line(3))
    got = Got()
    with pytest.raises(BadAnswer, match=reason) as caught:
        shop.take(got)
    assert caught.value.remedy and day(2, ending=ending) in caught.value.message
    assert set(got.records) == {"p1", "p3"}, "all of the others, none of this one"
    assert [r.where for r in got.rejected] == [day(2, ending=ending)] and reason in got.rejected[0].reason
    shop.take(got)  # told once
    shop.put(day(2, ending=ending), csv_line(2), old_s=600)  # sent again
    shop.take(got)
    assert set(got.records) == {"p1", "p2", "p3"}


def test_columns_that_are_unknown_until_a_person_says_what_they_are(shop: Shop) -> None:
    shop.put(day(1), "NEW\tr1\tBien\t4\n")
    with pytest.raises(BadAnswer, match="setting columns"):
        shop.take()
    stages = list(shop.provider().check())
    assert not stages[-1].ok and stages[-1].stage == "columns" and "columns" in stages[-1].message
    good = shop.provider(columns="action,review_id,review,rate")
    assert all(s.ok for s in good.check())
    assert texts(Got().take(good)) == {"r1": "Bien"}
    bad = shop.provider(columns="action,colour")
    assert [s.stage for s in bad.check() if not s.ok] == ["address"]
    with pytest.raises(BadAnswer, match="colour"):
        Got().take(bad)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read everything")
def test_one_file_that_may_not_be_read_costs_only_itself(shop: Shop) -> None:
    shop.put(day(1), csv_line(1)).chmod(0)
    shop.put(day(2), csv_line(2))
    got = shop.take()
    assert set(got.records) == {"p2"} and len(got.rejected) == 1


def test_a_file_that_vanishes_costs_only_itself(shop: Shop) -> None:
    shop.put(day(1), csv_line(1))
    path = shop.put(day(2), csv_line(2))
    shop.put(day(3), csv_line(3))
    got = Got()
    for page in shop.provider().fetch({}, full=False):
        got.records.update((r.native_id, r) for r in page.reviews)
        path.unlink(missing_ok=True)
    assert set(got.records) == {"p1", "p3"}


# --- the connection test -------------------------------------------------------------------------------------------


def test_the_stages_of_a_folder(shop: Shop) -> None:
    stages = list(shop.provider().check())
    assert [s.stage for s in stages] == ["address", "connect", "sign-in", "permission", "read"]
    assert all(s.ok and s.message for s in stages) and "three in the morning" in stages[-1].message
    shop.put(day(1), csv_line(1))
    assert "2026-03-01" in list(shop.provider().check())[-1].message
    for path, stage in ((str(shop.folder / "nowhere"), "connect"), ("", "address"), ("feed", "address")):
        stages = list(shop.provider(path=path).check())
        assert [s.stage for s in stages if not s.ok] == [stage] and stages[-1].remedy
        with pytest.raises(NetworkError):
            Got().take(shop.provider(path=path))


def test_an_unknown_transport(shop: Shop) -> None:
    assert [s.stage for s in shop.provider(transport="pigeon").check() if not s.ok] == ["address"]


def test_over_sftp_with_every_stage(shop: Shop) -> None:
    put(shop.folder, day(1), csv_line(1))
    put(shop.folder, day(2, ending="xml"), xml_file(xml_record(2)))
    with in_process_sftp(shop.folder) as server:
        told = {
            "transport": "sftp", "host": server.host, "port": str(server.port), "username": server.username, "path": "",
        }  # fmt: skip

        def provider(**more: str) -> Provider:
            return PROVIDERS["verified-reviews"](
                context({**told, **more}, {"password": server.password}, timeout_s=5.0)
            )

        stages = list(provider(host_key="").check())
        assert [(s.stage, s.ok) for s in stages] == [
            ("address", True),
            ("connect", True),
            ("host-key", False),
        ]
        assert server.host_key in stages[-1].message and server.host_key in stages[-1].remedy
        assert server.passwords_seen == []
        with pytest.raises(HostKeyError):
            Got().take(provider(host_key=""))
        good = provider(host_key=server.host_key)
        stages = list(good.check())
        assert [s.stage for s in stages] == [
            "address",
            "connect",
            "host-key",
            "sign-in",
            "permission",
            "read",
        ]
        assert all(s.ok for s in stages)
        got = Got().take(good)
        assert set(got.records) == {"p1", "p2"}
        calls = good.calls
        got.take(good)
        assert good.calls - calls == 3, "connected, signed in, listed; nothing was opened"
        wrong = PROVIDERS["verified-reviews"](
            context({**told, "host_key": server.host_key}, {"password": "wrong"}, timeout_s=5.0)
        )
        assert [s.stage for s in wrong.check() if not s.ok] == ["sign-in"]


def test_over_ftp(shop: Shop) -> None:
    put(shop.folder, day(1), csv_line(1))
    put(shop.folder, day(2), csv_line(2))
    with ftp_server(shop.folder) as server:
        told = {
            "transport": "ftp", "host": "127.0.0.1", "port": str(server.port), "username": "feed",
            "plain_ftp_consent": "yes",
        }  # fmt: skip
        made = PROVIDERS["verified-reviews"](context(told, {"password": server.password}, timeout_s=5.0))
        assert [s.stage for s in made.check() if s.ok] == [
            "address",
            "connect",
            "sign-in",
            "permission",
            "read",
        ]
        got = Got().take(made)
        assert set(got.records) == {"p1", "p2"}
        no = PROVIDERS["verified-reviews"](context({**told, "plain_ftp_consent": ""}, {"password": "x"}))
        assert [s.stage for s in no.check() if not s.ok] == ["address"]


# --- what it does not do -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", list(ActionKind))
def test_nothing_is_sent_and_the_sentence_says_where(shop: Shop, kind: ActionKind) -> None:
    ref = ReviewRef(1, 1, ReviewKind.PRODUCT, "p1")
    with pytest.raises(NotAvailable) as caught:
        shop.provider().send(Action(kind=kind, review=ref, target=Target.PUBLIC, text="x"), lambda done: None)
    assert "Verified Reviews" in caught.value.message
    with pytest.raises(NotAvailable):
        shop.provider().thread(ref)


def test_lists_and_figures_need_the_api(shop: Shop) -> None:
    made = PROVIDERS["verified-reviews"](context({"transport": "folder", "path": str(shop.folder)}))
    for read in ("products", "summaries", "brands"):
        with pytest.raises(NotAvailable, match="api"):
            getattr(made, read)()


def test_no_error_of_reading_is_an_unknown_outcome(shop: Shop) -> None:
    with pytest.raises(ProviderError) as caught:
        Got().take(shop.provider(path="/nowhere"))
    assert caught.value.delivery.value == "not-sent"
