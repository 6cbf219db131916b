"""Data care in the window, on a real core: export, person, retention, storage, backups, bundle, journal."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from reviewdesk.domain.models import Author, Target
from reviewdesk.services.retention import Kind
from reviewdesk.store import export as stored_export
from reviewdesk.store import journal as stored_journal
from reviewdesk.ui.data.bundle import BundleWindow
from reviewdesk.ui.data.exporting import ExportWindow
from reviewdesk.ui.data.journal import JournalPage
from reviewdesk.ui.data.page import DataPage
from reviewdesk.ui.data.person import PersonWindow
from reviewdesk.ui.data.restoring import RestoreWindow
from reviewdesk.ui.main_window import MainWindow
from tests.support.core import Desk

Opened = tuple[MainWindow, Desk]


def until(qtbot, condition) -> None:  # type: ignore[no-untyped-def]
    """A shared machine may take its time."""
    qtbot.waitUntil(condition, timeout=45_000)


def click(qtbot, button) -> None:  # type: ignore[no-untyped-def]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def data_page(window: MainWindow) -> DataPage:
    window.open_settings("data")
    found = window.findChild(DataPage)
    assert found is not None
    return found


def test_the_view_is_exported_with_the_format_and_the_tick(opened: Opened, qtbot, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    window, _ = opened
    made = ExportWindow(window, ask=lambda *_: tmp_path / "out.jsonl")
    qtbot.addWidget(made)
    made.show()
    assert QApplication.activeModalWidget() is None
    until(qtbot, lambda: "12 reviews" in made.what.text())
    click(qtbot, made.formats.button("jsonl"))
    assert not made.private.isChecked(), "private fields are an explicit tick"
    click(qtbot, made.go)
    until(qtbot, lambda: "written" in made.said.text())
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert len(rows) == 12 and "order_id" not in rows[0]
    click(qtbot, made.private)
    click(qtbot, made.go)
    until(qtbot, lambda: "order_id" in (tmp_path / "out.jsonl").read_text("utf-8"))
    made.stop()


def test_an_export_follows_the_search_and_can_be_stopped(
    opened: Opened, qtbot, tmp_path: Path, monkeypatch
) -> None:  # type: ignore[no-untyped-def]
    window, _ = opened
    window.header.search.set_text("is:starred")
    until(qtbot, lambda: window.inbox.total() == 0)
    made = ExportWindow(window)
    qtbot.addWidget(made)
    until(qtbot, lambda: ": 0 reviews" in made.what.text())
    window.header.search.set_text("")
    until(qtbot, lambda: window.inbox.total() == 12)
    other = ExportWindow(window)
    qtbot.addWidget(other)
    monkeypatch.setitem(stored_export.pages.__kwdefaults__, "page", 1)
    other.show()
    other.begin(tmp_path / "out.csv")
    click(qtbot, other.halt)
    until(
        qtbot,
        lambda: other.said.text() in ("Stopped. No file was written.",) or "written" in other.said.text(),
    )
    assert not list(tmp_path.glob(".out*"))
    assert (tmp_path / "out.csv").exists() is ("12 reviews written" in other.said.text())


def test_a_person_is_found_written_out_and_erased_after_two_words(
    opened: Opened, qtbot, tmp_path: Path
) -> None:  # type: ignore[no-untyped-def]
    window, desk = opened
    email = "zaphira.quillon@example.org"
    desk.world.reviews["r3"] = replace(
        desk.world.reviews["r3"],
        author=Author(name="Zaphira Quillon", email=email),
        body="I am Zaphira Quillon",
    )
    desk.sync()
    made = PersonWindow(window, ask=lambda *_: tmp_path / "person.txt")
    qtbot.addWidget(made)
    made.show()
    assert not made.wipe.isEnabled() and not made.save.isEnabled()
    qtbot.keyClicks(made.field, email)
    qtbot.keyClick(made.field, Qt.Key.Key_Return)
    until(qtbot, lambda: "entries found" in made.said.text())
    assert {row[0] for row in made.table.texts()} >= {"Reviews", "Search index"}
    click(qtbot, made.save)
    until(qtbot, lambda: "Written to person.txt" in made.said.text())
    assert "I am Zaphira Quillon" in (tmp_path / "person.txt").read_text("utf-8")
    assert window.composer.open(desk.review("r3"), Target.PUBLIC)
    window.composer.editor.insertPlainText("Dear Zaphira Quillon, thank you.")
    click(qtbot, made.wipe)
    assert made.bar.isVisible() and desk.core.inbox.detail(desk.review("r3")).author.email == email  # type: ignore[union-attr]
    made.erase()
    until(qtbot, lambda: "entries erased" in made.said.text())
    texts = made.table.texts()
    assert ["Reviews", "erased"] in [[row[0], row[2]] for row in texts]
    assert any(row[1] == "left" and "person.txt" in row[0] for row in texts), "the report names the file"
    detail = desk.core.inbox.detail(desk.review("r3"))
    assert detail is not None and detail.author == Author(name="Anonymous")
    assert detail.body == "I am Anonymous"
    assert not window.composer.is_open(), "it would save its own words again"
    draft = desk.core.replies.draft(desk.review("r3"), Target.PUBLIC)
    assert draft is None or "Quillon" not in draft.text
    qtbot.keyClicks(made.field, "no address")
    click(qtbot, made.search)
    until(qtbot, lambda: "is no e-mail address" in made.said.text())


def test_a_rule_shows_its_number_before_it_counts(opened: Opened, qtbot) -> None:  # type: ignore[no-untyped-def]
    window, desk = opened
    desk.core.inbox.mark_done([desk.review("r1"), desk.review("r2")]).result(5)
    page = data_page(window)
    keeping = page.keeping
    age = (desk.core.clock.now() - 1_779_000_000) / 86_400
    days = max(span for span in (30, 90, 180, 365, 730, 1095, 1825) if span < max(31, age))
    if age <= 30:
        desk.core.store.write_now(lambda tx: tx.run("UPDATE review SET created_s = created_s - 90 * 86400"))
    _, choice = keeping.rows[Kind.PRODUCT]
    choice._pick(str(days))
    until(qtbot, lambda: keeping.bar.isVisible())
    assert desk.core.care.retention.rules() == [], "only shown"
    keeping.apply()
    until(qtbot, lambda: len(desk.core.care.retention.rules()) == 1)
    until(qtbot, lambda: window.inbox.total() == 10 or age <= 30)
    until(qtbot, lambda: choice.value() == str(days))


def test_sizes_are_those_of_the_file_system_and_caches_are_emptied(opened: Opened, qtbot) -> None:  # type: ignore[no-untyped-def]
    window, desk = opened
    profile = desk.core.profile
    profile.pictures.mkdir(parents=True, exist_ok=True)
    (profile.pictures / "a").write_bytes(b"x" * 2_000_000)
    page = data_page(window)
    until(qtbot, lambda: page.storage.sizes["pictures"].text() != "")
    measured = desk.core.care.storage.measure()
    files = [p for p in profile.data.parent.rglob("*") if p.is_file()]
    assert abs(measured.total - sum(p.stat().st_size for p in files)) <= 0.05 * measured.total
    assert page.storage.sizes["pictures"].text() == "1.9 MB"
    click(qtbot, page.storage.empty["pictures"])
    until(qtbot, lambda: page.storage.sizes["pictures"].text().startswith("0"))
    assert not list(profile.pictures.iterdir())
    aside = profile.data / "replaced" / "20260101T000000Z"
    aside.mkdir(parents=True)
    (aside / "reviewdesk.db").write_bytes(b"x")
    click(qtbot, page.storage.empty["set-aside"])
    assert aside.exists() and "can't be undone" in page.storage.rows["set-aside"].line.text()
    click(qtbot, page.storage.empty["set-aside"])
    until(qtbot, lambda: not aside.exists())


def test_a_restore_shows_what_would_change_before_it_happens(opened: Opened, qtbot) -> None:  # type: ignore[no-untyped-def]
    window, desk = opened
    page = data_page(window)
    click(qtbot, page.backups.make)
    until(qtbot, lambda: len(page.backups.rows) == 1)
    desk.core.inbox.add_note(desk.review("r1"), "Written after the copy").result(5)
    desk.core.inbox.mark_done([desk.review("r2")]).result(5)
    wanted: list[Path] = []
    backup = page.backups.rows[0][0]
    made = RestoreWindow(window, backup.path, "today", wanted.append)
    qtbot.addWidget(made)
    made.show()
    until(qtbot, lambda: made.go.isEnabled())
    rows = {row[0]: row[1:] for row in made.table.texts()}
    assert rows["Notes"] == ["1", "0", "1", "0", "0"]
    assert rows["Reviews"] == ["12", "12", "0", "0", "1"]
    assert not wanted and desk.core.restore_from is None
    click(qtbot, made.go)
    assert wanted == [backup.path]


def test_the_bundle_is_read_before_it_is_saved(opened: Opened, qtbot, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    window, desk = opened
    desk.core.bundle = lambda: "== Versions ==\nReviewdesk"
    made = BundleWindow(window, ask=lambda *_: tmp_path / "bundle.txt")
    qtbot.addWidget(made)
    made.show()
    until(qtbot, lambda: made.save.isEnabled())
    assert made.view.toPlainText().startswith("== Versions ==") and made.view.isReadOnly()
    assert not (tmp_path / "bundle.txt").exists()
    click(qtbot, made.save)
    until(qtbot, lambda: "Saved as" in made.said.text())
    assert (tmp_path / "bundle.txt").read_text("utf-8") == made.view.toPlainText()


def test_the_journal_is_searched_and_exported(opened: Opened, qtbot, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    window, desk = opened
    review = desk.review("r4")

    def plant(tx) -> None:  # type: ignore[no-untyped-def]
        for number in range(450):
            stored_journal.add(
                tx, action="reply", result="sent", answer=f"number {number}", account_id=desk.account.id
            )
        stored_journal.add(tx, action="flag", result="failed", answer="=1+1 refused", review_id=review)

    desk.core.store.write_now(plant)
    page = window.show_page("journal")
    assert isinstance(page, JournalPage)
    page._ask = lambda *_: tmp_path / "journal.csv"
    until(qtbot, lambda: page.table.rowCount() >= 200)
    assert page.table.texts()[0][2:] == ["Report of a review", "failed", "=1+1 refused"]
    bar = page.table.verticalScrollBar()
    bar.setValue(bar.maximum())
    until(qtbot, lambda: page.table.rowCount() >= 400)
    bar.setValue(bar.maximum())
    until(qtbot, lambda: page.table.rowCount() >= 451)
    window.header.search.set_text("shop SENT 44")
    until(qtbot, lambda: page.table.rowCount() == 14)
    window.header.search.set_text("refused")
    until(qtbot, lambda: page.table.rowCount() == 1)
    click(qtbot, page.save)
    until(qtbot, lambda: "1 lines written" in page.said.text())
    with (tmp_path / "journal.csv").open(encoding="utf-8-sig", newline="") as file:
        (line,) = csv.DictReader(file)
    assert (line["action"], line["answer"], line["review"]) == ("flag", "'=1+1 refused", str(review))
    window.header.search.set_text("nothing like it")
    until(qtbot, lambda: page.table.rowCount() == 0)
    assert not page.save.isEnabled()


def test_everything_is_reached_from_menus_and_palette(opened: Opened, qtbot) -> None:  # type: ignore[no-untyped-def]
    window, _ = opened
    names = {action.id for action in window.actions_.all()}
    assert {"export-view", "person-data", "data-settings", "diagnostics-bundle", "go-journal"} <= names
    window.actions_.trigger("export-view")
    found = window.findChild(ExportWindow)
    assert found is not None and found.isVisible()
    qtbot.keyClick(found, Qt.Key.Key_Escape)
    until(
        qtbot,
        lambda: window.findChild(ExportWindow) is None or not window.findChild(ExportWindow).isVisible(),
    )
