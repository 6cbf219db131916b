"""The feed in a real profile: what is stored, what is never stored twice, and what must be gone afterwards."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from reviewdesk.domain.models import SyncReport, Target, WorkState
from reviewdesk.services.core import Core
from tests.contract.harness_verified_reviews import age
from tests.support.core import open_practice

NAME = "Qwendoline Xylander"


def sync(core: Core, *, full: bool = False) -> SyncReport:
    (report,) = core.sync.run(None, full)
    assert report.ok, report
    return report


def test_nights_in_a_profile(tmp_path: Path) -> None:
    with open_practice(tmp_path, providers=("verified-reviews",)) as (core, shop):
        assert shop.feed_folder is not None
        age(*shop.feed_folder.iterdir())
        first = sync(core)
        assert first.new > 50 and first.skipped == ()
        second = sync(core)
        assert (second.new, second.changed, second.removed) == (0, 0, 0)
        again = sync(core, full=True)
        assert (again.new, again.changed, again.removed) == (0, 0, 0) and again.unchanged >= first.new

        native_id = shop.verified_reviews.review_ids()[4]
        shop.verified_reviews.edit_review(native_id, words="J'ai changé d'avis.")
        gone = shop.verified_reviews.review_ids()[9]
        shop.verified_reviews.remove_review(gone)
        age(*shop.verified_reviews.next_night(), seconds=3600)
        night = sync(core)
        assert (night.new, night.changed, night.removed) == (0, 1, 1)
        ids = core.inbox.ids(core.inbox.parse("is:edited"))
        details = [core.inbox.detail(i) for i in ids]
        (edited,) = [d for d in details if d is not None and d.row.native_id == native_id]
        assert edited.body == "J'ai changé d'avis." and len(edited.versions) == 1
        removed = core.inbox.rows(core.inbox.ids(core.inbox.parse("is:removed"))).values()
        assert [(r.native_id, r.work_state) for r in removed] == [(gone, WorkState.REMOVED)]


def test_after_an_anonymising_update_no_byte_of_the_name_is_left(tmp_path: Path) -> None:
    """With the store open: database, log, index, notes and what could be undone, drafts, backups, set-aside records."""
    folder = tmp_path / "profile"
    first_name, last_name = NAME.split()
    with open_practice(folder, providers=("verified-reviews",)) as (core, shop):
        assert shop.feed_folder is not None
        native_id = shop.verified_reviews.add_review(name=NAME, product="HB-X2")
        named = shop.verified_reviews.next_night()
        age(*shop.feed_folder.iterdir())
        broken = shop.feed_folder / named[0].name.replace("product", "site")
        broken.write_text(
            f"<reviews><review action='ODD'><lastname>Morvan</lastname><firstname>{NAME}</firstname></review></reviews>",
            "utf-8",
        )
        age(broken)
        core.sync.run(None, False)
        (review_id,) = core.inbox.ids(core.inbox.parse(last_name))
        core.inbox.add_note(review_id, f"Called {first_name} yesterday.").result(5)
        detail = core.inbox.detail(review_id)
        assert detail is not None
        core.inbox.edit_note(detail.notes[0][0], f"{NAME} wants a new one.").result(5)
        core.inbox.set_owner([review_id], "Bea").result(5)
        for text in (f"Dear {NAME},", f"Bonjour {NAME}, merci."):
            core.replies.save_draft(review_id, Target.PUBLIC, text).result(5)
        core.backups.make()
        assert len(places(folder, NAME)) > 1, "it was there, in a backup too"
        with core.store.read() as reader:
            assert reader.value("SELECT count(*) FROM rejected WHERE raw LIKE ?", (f"%{last_name}%",)) == 1

        shop.verified_reviews.anonymise(native_id)
        age(*shop.verified_reviews.next_night(), seconds=3600)
        core.sync.run(None, False)
        for name in (NAME, first_name, last_name):
            assert len(core.inbox.ids(core.inbox.parse(name))) == 0
            assert places(folder, name) == [], "while the program runs"
        after = core.inbox.detail(review_id)
        assert after is not None and after.notes and "wants a new one" in after.notes[0][2]
        assert after.row.owner == "Bea" and core.replies.draft(review_id, Target.PUBLIC) is not None
        (backup,) = core.backups.list()
        with sqlite3.connect(backup.path) as copy:
            assert copy.execute("SELECT count(*) FROM review").fetchone()[0] > 50, "the backup is still one"
        core.stop()
        for name in (NAME, first_name, last_name):
            assert places(folder, name) == []


def places(folder: Path, name: str) -> list[str]:
    """The files that hold the name in any case, as text of 8 or 16 bits."""
    forms = {f.encode(code) for f in (name, name.lower(), name.upper()) for code in ("utf-8", "utf-16-le")}
    files = [p for p in folder.rglob("*") if p.is_file()]
    return [str(p) for p in files if any(form in p.read_bytes() for form in forms)]


@pytest.mark.parametrize("bad", ["doctype", "quote"])
def test_a_refused_file_is_an_error_of_the_run_and_the_rest_is_stored(tmp_path: Path, bad: str) -> None:
    with open_practice(tmp_path / "profile", providers=("verified-reviews",)) as (core, shop):
        assert shop.feed_folder is not None
        content = "<!DOCTYPE a><reviews/>" if bad == "doctype" else 'NEW\tr\tp\t"open\nNEW\tr\n'
        path = shop.feed_folder / f"reviews_product_{shop.verified_reviews.website}_2026-01-01.csv"
        path.write_text(content, "utf-8")
        age(*shop.feed_folder.iterdir())
        (report,) = core.sync.run(None, False)
        assert not report.ok and report.error is not None and report.error.kind == "bad-answer"
        assert path.name in report.error.message and report.new > 50
        assert [s.where for s in report.skipped] == [path.name]
