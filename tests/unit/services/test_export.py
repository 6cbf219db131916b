"""Exports read back: what is in the file is what is in the database, and no cell runs."""

from __future__ import annotations

import csv
import io
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import apsw
import openpyxl
import pytest

from reviewdesk.cli import shapes
from reviewdesk.domain.clock import iso_utc
from reviewdesk.domain.errors import InvalidInput, ReviewdeskError
from reviewdesk.domain.models import ActionKind, Author, OutboxState, Product, Target
from reviewdesk.domain.query import parse
from reviewdesk.services import handouts
from reviewdesk.services.export import (
    Exported,
    ExportFormat,
    ExportService,
    Stopped,
    cells_of,
    columns,
    csv_line,
    restore_cell,
    safe_cell,
)
from reviewdesk.services.xlsx import CELL_CHARS, XlsxWriter
from reviewdesk.store import accounts, reviews, search
from reviewdesk.store import export as stored
from tests.support.stores import CREATED, NOW, Shelf, business, record, thread

NASTY = (
    "=HYPERLINK(\"http://x.example\",\"y\")", "+1", "-1+cmd|' /C calc'!A0", "@SUM(1)", "\tTab", "\rReturn",
    "'=quoted",
    "\"quotes\", commas; and\nline\n\nbreaks", "Größe süß ñ ß Żółć", "👍🏽👨‍👩‍👧 日本語 العربية",
    "_x0041_ & <b> ]]>", "'", "",
    " leading and trailing ", "0012", "1e5",
)  # fmt: skip


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    made = Shelf(tmp_path / "data")
    for number, text in enumerate(NASTY):
        made.page(
            record(
                f"r{number}",
                title=text,
                body=f"{text} body",
                created_at=CREATED + number,
                author=Author(name=text or None, username="u", email=f"p{number}@example.org", id="7"),
                product=Product(sku=text or None, name="Lamp", id="p1") if number % 2 else None,
                order_id=f"ORD-{number}",
                reference=f"REF-{number}",
                thread=thread(business(text or "Thanks", at=CREATED + 50)) if number % 3 else None,
            )
        )
    yield made
    made.store.close()


def service(shelf: Shelf) -> ExportService:
    def listed() -> list[Any]:
        with shelf.store.read() as reader:
            return accounts.list_all(reader)

    return ExportService(shelf.store, listed)


def export(shelf: Shelf, target: Path, chosen: ExportFormat, query: str = "", **more: Any) -> Exported:
    return service(shelf).write(parse(query, now=NOW), target, chosen, **more)


def listed(shelf: Shelf) -> list[dict[str, Any]]:
    """What ``list --json`` prints."""
    with shelf.store.read() as reader:
        ids = [row[0] for row in reader.rows("SELECT id FROM review ORDER BY id DESC")]
        found = [reviews.detail(reader, i) for i in ids]
    return [shapes.review_row(d, shelf.account) for d in found if d is not None]


def flat(row: dict[str, Any]) -> dict[str, Any]:
    """A row of ``list --json`` as the columns of a table."""
    author, product, reply = row["author"], row["product"] or {}, row["reply"] or {}
    made = {**row, **{f"author_{k}": v for k, v in author.items()}}
    made |= {f"product_{k}": product.get(k) for k in ("sku", "name", "id")}
    made |= {
        "reply": reply.get("text"),
        "reply_created_at": reply.get("created_at"),
        "reply_by": reply.get("by"),
    }
    made |= {"id": str(row["id"]), "tags": ", ".join(row["tags"])}
    made |= {"unread": int(row["unread"]), "edited": int(row["edited"])}
    return made


def test_json_lines_are_the_rows_of_list_and_private_fields_come_only_when_asked_for(
    shelf: Shelf, tmp_path: Path
) -> None:
    assert export(shelf, tmp_path / "a.jsonl", ExportFormat.JSONL).rows == len(NASTY)
    rows = [json.loads(line) for line in (tmp_path / "a.jsonl").read_bytes().splitlines()]
    expected = listed(shelf)
    for row in expected:
        del row["order_id"], row["author"]["email"]
    assert rows == expected
    text = (tmp_path / "a.jsonl").read_text("utf-8")
    assert "@example.org" not in text and "ORD-" not in text and "REF-" not in text
    export(shelf, tmp_path / "b.jsonl", ExportFormat.JSONL, private=True)
    private = [json.loads(line) for line in (tmp_path / "b.jsonl").read_bytes().splitlines()]
    assert [{k: v for k, v in r.items() if k not in ("reference", "messages")} for r in private] == listed(
        shelf
    )
    assert private[0]["reference"] == f"REF-{len(NASTY) - 1}" and private[0]["messages"] == []


def test_csv_read_back_equals_the_rows_and_nothing_in_it_runs(shelf: Shelf, tmp_path: Path) -> None:
    target = tmp_path / "a.csv"
    export(shelf, target, ExportFormat.CSV)
    data = target.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf") and target.stat().st_mode & 0o777 == 0o600
    assert b"@example.org" not in data and b"ORD-" not in data and b"REF-" not in data
    with target.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        assert not [v for v in row.values() if v[:1] and v[0] in "=+-@\t\r"], "a spreadsheet would run this"
    read = [{k: restore_cell(v) for k, v in row.items()} for row in rows]
    wanted = [
        {k: "" if v is None else str(v) for k, v in flat(r).items() if k in columns(private=False)}
        for r in listed(shelf)
    ]
    assert read == wanted
    export(shelf, target, ExportFormat.CSV, private=True)
    with target.open(encoding="utf-8-sig", newline="") as file:
        assert next(csv.DictReader(file))["order_id"] == f"ORD-{len(NASTY) - 1}"


@pytest.mark.parametrize("text", [*NASTY, "''=x", "''", "＝1", "\n=1"])
def test_an_apostrophe_can_be_taken_away_again(text: str) -> None:
    assert restore_cell(safe_cell(text)) == text
    assert not safe_cell(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


def test_xlsx_read_back_equals_the_rows_and_no_cell_is_a_formula(shelf: Shelf, tmp_path: Path) -> None:
    target = tmp_path / "a.xlsx"
    export(shelf, target, ExportFormat.XLSX, private=True)
    book = openpyxl.load_workbook(target)
    assert book.sheetnames == ["Reviews"]
    cells = list(book["Reviews"].iter_rows())
    headings = [c.value for c in cells[0]]
    assert headings == list(columns(private=True)) and cells[0][0].font.b
    assert not [c for line in cells for c in line if c.data_type == "f"]
    # XML parsers read a return as a line feed unless it is escaped, and openpyxl leaves the escapes standing.
    read = [{h: _unescaped(c.value) for h, c in zip(headings, line, strict=True)} for line in cells[1:]]
    wanted = [{k: v if v != "" else None for k, v in flat(r).items() if k in headings} for r in listed(shelf)]
    assert [{k: v for k, v in r.items() if k not in ("reference", "messages")} for r in read] == wanted
    titles = next(i for i, h in enumerate(headings) if h == "title")
    risky = [line[titles] for line in cells[1:] if str(line[titles].value or "")[:1] in ("=", "+", "@")]
    assert len(risky) == 3 and all(c.quotePrefix for c in risky)


def _unescaped(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return value.replace("_x000D_", "\r").replace("_x005F_", "_")


def test_a_book_that_is_longer_than_a_sheet_goes_on_in_the_next_and_long_texts_are_cut_with_a_note(
    tmp_path: Path,
) -> None:
    with (tmp_path / "a.xlsx").open("wb") as file:
        book = XlsxWriter(file, "Reviews", ("n", "text"), sheet_rows=4)
        for number in range(7):
            # An emoji counts twice: the limit is in UTF-16.
            book.row((number, "😀" * CELL_CHARS if number == 5 else f"row {number}"))
        book.end()
    assert (book.sheets, book.cut) == (3, 1)
    read = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert read.sheetnames == ["Reviews", "Reviews 2", "Reviews 3", "Notes"]
    rows = [r for name in read.sheetnames[:3] for r in read[name].iter_rows(min_row=2, values_only=True)]
    assert [r[0] for r in rows] == list(range(7)) and rows[4][1] == "row 4"
    assert rows[5][1] == "😀" * (CELL_CHARS // 2)
    assert "1 texts are longer" in read["Notes"]["A2"].value


def test_very_long_texts_are_whole_in_csv_and_json_lines(shelf: Shelf, tmp_path: Path) -> None:
    long = "Ä very long text. 😀\n" * 5_000
    shelf.page(record("long", body=long, created_at=CREATED + 900))
    assert export(shelf, tmp_path / "a.csv", ExportFormat.CSV).cut == 1
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        csv.field_size_limit(1 << 20)
        assert next(csv.DictReader(file))["body"] == long
    export(shelf, tmp_path / "a.jsonl", ExportFormat.JSONL)
    assert json.loads((tmp_path / "a.jsonl").read_bytes().splitlines()[0])["body"] == long
    assert export(shelf, tmp_path / "a.xlsx", ExportFormat.XLSX).cut == 1
    cell = next(openpyxl.load_workbook(tmp_path / "a.xlsx")["Reviews"].iter_rows(min_row=2, values_only=True))
    body = cell[columns(private=False).index("body")]
    assert long.startswith(body) and len(body.encode("utf-16-le")) // 2 in (CELL_CHARS - 1, CELL_CHARS)


def test_messages_are_private(shelf: Shelf, tmp_path: Path) -> None:
    read = thread(business("Only for you", at=CREATED + 60))
    shelf.thread("r1", type(read)(id="t1", state="private", comments=read.comments))
    shelf.queue(
        "r1", "A private word", kind=ActionKind.MESSAGE, target=Target.PRIVATE, state=OutboxState.SENT,
        payload={"subject": "About your order"},
    )  # fmt: skip
    export(shelf, tmp_path / "a.jsonl", ExportFormat.JSONL)
    public = (tmp_path / "a.jsonl").read_text("utf-8")
    assert "Only for you" not in public and "A private word" not in public
    export(shelf, tmp_path / "b.jsonl", ExportFormat.JSONL, private=True)
    rows = [json.loads(line) for line in (tmp_path / "b.jsonl").read_text("utf-8").splitlines()]
    row = next(r for r in rows if r["native_id"] == "r1")
    assert row["reply"] is None
    assert [(m["text"], m["subject"], m["state"]) for m in row["messages"]] == [
        ("Only for you", "", "sent"),
        ("A private word", "About your order", "sent"),
    ]


def test_the_query_decides_and_progress_reaches_the_total(shelf: Shelf, tmp_path: Path) -> None:
    while shelf.write(search.index_slice):
        pass
    seen: list[tuple[int, int]] = []
    done = export(
        shelf, tmp_path / "a.csv", ExportFormat.CSV, "order:ORD-3", progress=lambda d, t: seen.append((d, t))
    )
    assert (done.rows, seen) == (1, [(1, 1)])
    assert done.bytes == (tmp_path / "a.csv").stat().st_size


@pytest.mark.parametrize("chosen", list(ExportFormat))
def test_a_stopped_export_leaves_no_file_and_the_former_one_alone(
    shelf: Shelf, tmp_path: Path, chosen: ExportFormat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(stored.pages.__kwdefaults__, "page", 5)
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "a").write_text("former")
    stop = threading.Event()
    with pytest.raises(Stopped):
        export(shelf, folder / "a", chosen, cancel=stop, progress=lambda done, total: stop.set())
    assert [p.name for p in folder.iterdir()] == ["a"] and (folder / "a").read_text() == "former"


def test_a_place_that_cannot_be_written_is_said_before_anything_is_done(shelf: Shelf, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="No such file"):
        export(shelf, tmp_path / "nowhere" / "a.csv", ExportFormat.CSV)
    with pytest.raises(InvalidInput, match="is a folder"):
        export(shelf, tmp_path, ExportFormat.CSV)


def test_a_disk_that_gives_out_leaves_nothing_behind(tmp_path: Path) -> None:
    def fill(file: Any) -> None:
        file.write(b"x")
        raise OSError(28, "No space left on device")

    with pytest.raises(ReviewdeskError, match="No space left"):
        handouts.write_whole(tmp_path / "a.csv", fill)
    assert list(tmp_path.iterdir()) == []


def test_an_export_holds_nobody_up(shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two pages the log can be emptied and rows can go: nothing is held open."""
    monkeypatch.setitem(stored.pages.__kwdefaults__, "page", 5)
    busy: list[int] = []

    def meanwhile(done: int, total: int) -> None:
        shelf.write(lambda tx: tx.run("DELETE FROM review WHERE native_id = 'r0'"))
        shelf.page(record(f"new{done}", created_at=CREATED + 5000 + done))
        other = apsw.Connection(str(shelf.path))
        busy.append(other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()[0][0])
        other.close()

    done = export(shelf, tmp_path / "a.csv", ExportFormat.CSV, progress=meanwhile)
    assert done.rows == len(NASTY) - 1
    assert busy and not any(busy)


def test_what_was_written_is_remembered(shelf: Shelf, tmp_path: Path) -> None:
    export(shelf, tmp_path / "a.csv", ExportFormat.CSV)
    export(shelf, tmp_path / "gone.csv", ExportFormat.CSV)
    (tmp_path / "gone.csv").unlink()
    found = handouts.copies(shelf.store, tmp_path / "data")
    assert [(c.kind, c.path) for c in found] == [("export", tmp_path / "a.csv")]


@pytest.mark.parametrize("private", [False, True])
def test_a_line_written_by_hand_is_the_one_of_the_csv_module(shelf: Shelf, private: bool) -> None:
    """Every text in every place of a row, beside what the csv module makes of the same cells."""
    (row,) = (
        r
        for p in stored.pages(shelf.path, parse("", now=NOW), messages=True)
        for r in p
        if r.native_id == "r5"
    )
    texts = (
        "title",
        "body",
        "author_name",
        "author_email",
        "product_sku",
        "product_name",
        "order_id",
        "owner",
    )
    for text in (*NASTY, 'a","b', '""', '"=1', "\n=1", "''@", "a\r\n"):
        for place in texts:
            changed = row._replace(**{place: text}, score=4.5, score100=None)
            line, cut = csv_line(changed, shelf.account, private=private)
            made = io.StringIO()
            cells = [
                "" if cell is None else safe_cell(cell) if isinstance(cell, str) else cell
                for cell in cells_of(changed, shelf.account, private=private)
            ]
            csv.writer(made, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n").writerow(cells)
            assert (line, cut) == (made.getvalue(), 0), place


@pytest.mark.parametrize(
    "seconds", [0, 1, 59, 86_399, 86_400, -1, 951_868_799, 4_102_444_800, 1_788_000_061.9]
)
def test_moments_are_those_of_the_calendar(seconds: float) -> None:
    assert iso_utc(seconds) == datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
