"""Reviews on paper, as PDF and as Markdown: what stands there, what does not, judged by the file's own text."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QPagedPaintDevice
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from reviewdesk.domain.models import Role
from reviewdesk.ui.main_window import MainWindow
from reviewdesk.ui.printing.paper import pdf
from reviewdesk.ui.printing.record import TEXT_LIMIT, Kind, Part, records
from reviewdesk.ui.printing.window import PrintWindow
from tests.support.core import Desk
from tests.support.pdf_text import pages_of, text_of
from tests.support.screens import settle, wait_until

_NOTE = "The carrier lost it, says Joan."


def prepared(window: MainWindow, desk: Desk) -> int:
    """A review with a reply, a customer's e-mail and a note, shown in the window."""
    review = desk.ids()[0]
    native = desk.core.inbox.rows([review])[review].native_id
    desk.world.comment(native, "Thank you, we sent another one today.")
    desk.world.comment(native, "That was quick.", Role.CONSUMER)
    desk.sync()
    desk.core.store.write_now(
        lambda tx: tx.run(
            "UPDATE review SET author_email = 'ada@example.org', order_id = 'A-77' WHERE id = ?", (review,)
        )
    )
    desk.core.inbox.add_note(review, _NOTE).result(5)
    window.open_review(review)
    wait_until(lambda: window.reading.detail() is not None and bool(window.reading.detail().notes), 5)
    return review


def opened_print(window: MainWindow) -> PrintWindow:
    """The print window, by its key."""
    window.inbox.setFocus()
    QTest.keyClick(window.inbox, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    settle()
    found = [w for w in window.findChildren(PrintWindow) if w.isVisible()]
    assert len(found) == 1
    return found[0]


def test_the_pdf_holds_review_replies_facts_and_capture_date_and_private_fields_by_choice(
    opened: tuple[MainWindow, Desk], tmp_path: Path
) -> None:
    window, desk = opened
    review = prepared(window, desk)
    target = tmp_path / "one.pdf"
    made = opened_print(window)
    made._ask = lambda *_: target
    assert made.private.accessibleName() == "With private fields" and not made.private.isChecked()
    QTest.keyClick(made.pdf, Qt.Key.Key_Space)
    wait_until(lambda: "is written" in made.said.text(), 10, "the file")
    assert os.name == "nt" or target.stat().st_mode & 0o077 == 0
    text = text_of(target.read_bytes())
    detail = desk.core.inbox.detail(review)
    assert detail is not None
    for words in (
        "4 of 5",
        "Customer",
        detail.body,
        "Thank you, we sent another one today.",
        "That was quick.",
    ):
        assert words in text
    assert "Review id" in text and detail.row.native_id in text
    assert "Captured by this program" in text and "UTC" in text and "Printed" in text
    assert _NOTE not in text and "ada@example.org" not in text and "A-77" not in text
    made.private.setChecked(True)
    made.begin(tmp_path / "two.pdf")
    wait_until(lambda: "two.pdf is written" in made.said.text(), 10, "the file")
    text = text_of((tmp_path / "two.pdf").read_bytes())
    assert _NOTE in text and "ada@example.org" in text and "A-77" in text
    QTest.keyClick(made, Qt.Key.Key_Escape)
    settle()
    assert not [w for w in window.findChildren(PrintWindow) if w.isVisible()]


def test_what_can_not_be_written_is_said_and_the_file_that_was_there_stays(
    opened: tuple[MainWindow, Desk], tmp_path: Path
) -> None:
    window, desk = opened
    prepared(window, desk)
    made = opened_print(window)
    made.begin(tmp_path / "no" / "such" / "folder.pdf")
    wait_until(lambda: "can't be written" in made.said.text(), 10, "the reason")
    assert made.pdf.isEnabled() and list(tmp_path.glob("**/*.part")) == []


def test_a_printer_gets_the_same_pages_and_each_review_its_own(
    opened: tuple[MainWindow, Desk], tmp_path: Path
) -> None:
    window, desk = opened
    target = tmp_path / "printed.pdf"

    def printer(_parent: PrintWindow) -> QPagedPaintDevice:
        made = QPrinter(QPrinter.PrinterMode.HighResolution)
        made.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        made.setOutputFileName(str(target))
        return made

    made = PrintWindow(window, desk.ids()[:3], printer=printer)
    made.show()
    assert made.what.text().startswith("3 reviews")
    made.paper.click()
    wait_until(lambda: made.said.text() == "Handed to the printer.", 10, "the pages")
    made.close()
    settle()
    data = target.read_bytes()
    assert pages_of(data) == 3
    text = text_of(data)
    assert all(f"Customer {n}" in text for n in (10, 11, 12)) and "Page 3" in text


def test_hostile_text_is_bounded_plain_and_shown_for_what_it_is(opened: tuple[MainWindow, Desk]) -> None:
    _, desk = opened
    review = desk.ids()[0]
    body = "\u202eevil <script>alert(1)</script> " + "x" * 1_000_000
    desk.core.store.write_now(
        lambda tx: tx.run("UPDATE review_text SET body = ? WHERE review_id = ?", (body, review))
    )
    (parts,) = records(desk.core, [review])
    printed = next(p.text for p in parts if p.kind is Kind.TEXT)
    assert len(printed) < TEXT_LIMIT * 1.1 and "not printed: " in printed and "\u202e" not in printed
    data = pdf([parts], QApplication.font().family(), "hostile")
    text = text_of(data)
    assert "<script>alert(1)</script>" in text and "\ufffd" not in text
    assert pages_of(data) < 30 and len(data) < 2_000_000


def test_many_lines_become_many_pages_and_none_is_lost() -> None:
    parts = [Part(Kind.TITLE, "Long"), Part(Kind.TEXT, "\n".join(f"Line {n}." for n in range(300)))]
    data = pdf([parts], QApplication.font().family(), "long")
    text = text_of(data)
    assert pages_of(data) > 3 and all(f"Line {n}." in text for n in range(300))


def test_markdown_keeps_text_as_text_and_leaves_private_things_out(opened: tuple[MainWindow, Desk]) -> None:
    window, desk = opened
    review = prepared(window, desk)
    desk.core.store.write_now(
        lambda tx: tx.run(
            "UPDATE review_text SET body = ? WHERE review_id = ?",
            ("# Not a head\n[click](javascript:alert(1)) <b>*bold*</b>", review),
        )
    )
    QApplication.clipboard().clear()
    window.actions_.trigger("copy-markdown")
    wait_until(lambda: bool(QApplication.clipboard().text()), 5, "the text")
    text = QApplication.clipboard().text()
    assert text.startswith("# ") and "\n> \\# Not a head  \n" in text
    assert "\\[click\\]\\(javascript\\:alert\\(1\\)\\)" in text and "\\<b\\>" in text
    assert "> Thank you, we sent another one today\\." in text
    assert "ada" not in text and "Joan" not in text and "77" not in text.split("Facts")[0]
