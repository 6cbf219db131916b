"""The feed in a real profile: what is stored, what is never stored twice, and what must be gone afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from reviewdesk.domain.models import SyncReport, WorkState
from reviewdesk.services.core import Core
from tests.contract.harness_verified_reviews import age
from tests.support.core import open_practice

NAME = "Qwendoline-Xyl"


def sync(core: Core, *, full: bool = False) -> SyncReport:
    (report,) = core.sync.run(None, full)
    assert report.ok, report
    return report


def files_with(folder: Path, words: bytes) -> list[str]:
    return [str(p) for p in folder.rglob("*") if p.is_file() and words in p.read_bytes()]


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
    folder = tmp_path / "profile"
    with open_practice(folder, providers=("verified-reviews",)) as (core, shop):
        assert shop.feed_folder is not None
        native_id = shop.verified_reviews.add_review(name=NAME, product="HB-X2")
        shop.verified_reviews.next_night()
        age(*shop.feed_folder.iterdir())
        sync(core)
        assert files_with(folder, NAME.encode()), "it was there"
        assert len(core.inbox.ids(core.inbox.parse(NAME))) == 1
        shop.verified_reviews.anonymise(native_id)
        age(*shop.verified_reviews.next_night(), seconds=3600)
        assert sync(core).changed == 1
        assert len(core.inbox.ids(core.inbox.parse(NAME))) == 0
        core.stop()
        assert files_with(folder, NAME.encode()) == []
        assert files_with(folder, NAME.lower().encode()) == []


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
