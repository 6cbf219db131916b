"""Names, caps and the folder transport."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from reviewdesk.domain.errors import BadAnswer, Cancelled, NetworkError, ProviderError
from reviewdesk.providers.feeds import base
from reviewdesk.providers.feeds.base import Entry, FileChanged, Watchdog, name_problem, sort_out, spooled
from reviewdesk.providers.files import Transport, open_transport
from tests.support.contexts import Token, context
from tests.support.feed_files import put

HOSTILE = [
    "../../etc/cron.d/x",
    "/abs.csv",
    "..\\..\\x.csv",
    "C:x.csv",
    "a\nb.csv",
    "a\0b.csv",
    "a\u202evsc.csv",
    "a\u200bb.csv",
    "a" * 300 + ".csv",
    "",
    "..",
    "caf\udce9.csv",
    "a..b.csv",
    "a\x7f.csv",
    "reviews_product_x/../../y_2026-01-01.csv",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_g4_hostile_names_are_refused(name: str) -> None:
    assert name_problem(name) is not None
    listing = sort_out([(name, True, 10, None), ("reviews_product_x_2026-01-01.csv", True, 10, 5)])
    assert [e.name for e in listing.entries] == ["reviews_product_x_2026-01-01.csv"]
    if name not in ("..",):
        assert len(listing.odd) == 1 and listing.odd[0].name.isprintable()
        assert listing.odd[0].reason.endswith(".")


def test_what_is_no_regular_file_is_refused_when_it_is_called_like_one() -> None:
    listing = sort_out([("a.csv", False, 1, None), ("folder", False, None, None), ("b.xml", None, -5, None)])
    assert listing.entries == () and [o.name for o in listing.odd] == ["a.csv", "b.xml"]


def test_a_listing_without_end_is_refused() -> None:
    def endless() -> object:
        number = 0
        while True:
            number += 1
            yield f"f{number}.csv", True, 1, None

    with pytest.raises(BadAnswer):
        sort_out(endless())  # type: ignore[arg-type]


def open_folder(path: Path | str) -> Transport:
    transport = open_transport(context({"transport": "folder", "path": str(path)}))
    for _, step in transport.steps():
        assert step()
    return transport


def test_only_regular_files_are_listed_and_read(tmp_path: Path) -> None:
    put(tmp_path, "one.csv", b"abc")
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "link.csv").symlink_to(tmp_path / "one.csv")
    transport = open_folder(tmp_path)
    listing = transport.listing()
    assert [(e.name, e.size) for e in listing.entries] == [("one.csv", 3)]
    assert sorted(o.name for o in listing.odd) == ["folder.csv", "link.csv"]
    with transport.open(listing.entries[0]) as opened:
        assert opened.file.read() == b"abc" and opened.unchanged()
        put(tmp_path, "one.csv", b"abcd")
        assert not opened.unchanged()
    for gone in (Entry("link.csv", 3), Entry("one.csv", 3), Entry("never.csv", 3), Entry("folder.csv", 3)):
        with pytest.raises((FileChanged, ProviderError)), transport.open(gone):
            pass


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_pipe_called_like_a_feed_never_blocks(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    transport = open_folder(tmp_path)
    assert [o.name for o in transport.listing().odd] == ["pipe.csv"]
    with pytest.raises(FileChanged), transport.open(Entry("pipe.csv", 0)):
        pass


@pytest.mark.skipif(os.name != "posix", reason="names are bytes on POSIX only")
def test_g5_a_name_that_is_not_utf8_loses_only_itself(tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_bytes(b"x")
    try:
        (tmp_path / os.fsdecode(b"caf\xe9.csv")).write_bytes(b"x")
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    listing = open_folder(tmp_path).listing()
    assert [e.name for e in listing.entries] == ["good.csv"]
    assert "UTF-8" in listing.odd[0].reason


@pytest.mark.parametrize("path", ["", "relative/folder", "/nowhere/at/all", __file__, "/dev/null", "a\0b"])
def test_a_folder_that_is_none(path: str) -> None:
    transport = open_transport(context({"transport": "folder", "path": path}))
    with pytest.raises(NetworkError) as caught:
        for _, step in transport.steps():
            step()
    assert caught.value.remedy


def test_g6_a_file_is_counted_and_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    with spooled([b"ab", b"c"], Entry("a.csv", 3)) as opened:
        assert opened.file.read() == b"abc"
    for size in (2, 4):
        with pytest.raises(FileChanged), spooled([b"ab", b"c"], Entry("a.csv", size)):
            pass
    with pytest.raises(BadAnswer), spooled([], Entry("a.csv", 10**15)):
        pass

    def endless() -> object:
        while True:
            yield b"x" * 1000

    with pytest.raises(FileChanged), spooled(endless(), Entry("a.csv", 5000)):  # type: ignore[arg-type]
        pass


def test_the_watchdog_ends_a_step_that_takes_too_long_or_is_cancelled() -> None:
    for cancelled in (False, True):
        token, ended = Token(), threading.Event()
        watch = Watchdog(token, ended.set)
        with watch.step(60.0 if cancelled else 0.2):
            if cancelled:
                token.set()
            assert ended.wait(5)
        assert watch.late is not cancelled
        if cancelled:
            with pytest.raises(Cancelled), watch.step(1.0):
                pass
        watch.close()


def test_an_unknown_transport_is_named() -> None:
    with pytest.raises(NetworkError, match="pigeon"):
        open_transport(context({"transport": "pigeon"}))


def test_the_longest_transfer_follows_the_size() -> None:
    assert base.transfer_time(0) == 600
    assert base.transfer_time(500_000_000) == 10_000
