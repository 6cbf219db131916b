"""Lists as people have them: encodings, separators, workbooks, the clipboard, columns of every name."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from reviewdesk.domain.errors import InvalidInput
from reviewdesk.domain.invitations.fields import BULK_FIELDS, DateOrder
from reviewdesk.services.invitation_files import Table, date_order, guess_mapping, read_mapping

HEADING = ("E-Mail", "Bestellnummer", "Vorname")
PEOPLE = (
    ("a@example.org", "1", "Jörg"),
    ("b@example.org", "2", 'Zoë, genannt "Zo"; Ö'),
    ("c@example.org", "3", "Łukasz"),
)


def quoted(cells: tuple[str, ...], separator: str) -> str:
    return separator.join(
        '"' + c.replace('"', '""') + '"' if separator in c or '"' in c else c for c in cells
    )


def as_text(separator: str, people: tuple[tuple[str, ...], ...] = PEOPLE) -> str:
    return "\r\n".join(quoted(cells, separator) for cells in (HEADING, *people)) + "\r\n"


def rows(table: Table) -> list[tuple[str, ...]]:
    return [cells for _, cells in table.rows()]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings_and_separators(tmp_path: Path, separator: str, encoding: str) -> None:
    (tmp_path / "list.csv").write_bytes(as_text(separator).encode(encoding))
    table = Table.open_file(tmp_path / "list.csv")
    assert table.headings == HEADING and table.has_heading and table.separator == separator
    assert rows(table) == list(PEOPLE) and table.count() == 3
    assert guess_mapping(table) == {"email": 0, "order_id": 1, "first_name": 2}


@pytest.mark.parametrize(
    ("encoding", "name", "words"),
    [("cp1252", "Amélie Müller", "Windows-1252"), ("cp1250", "Wałęsa Ştefan", "Windows-1250")],
)
def test_encodings_without_a_mark(tmp_path: Path, encoding: str, name: str, words: str) -> None:
    (tmp_path / "list.csv").write_bytes(as_text(";", (("a@example.org", "1", name),)).encode(encoding))
    table = Table.open_file(tmp_path / "list.csv")
    assert rows(table)[0][2] == name and words in table.description


def test_a_text_whose_letters_fall_on_the_edge_of_a_block(tmp_path: Path) -> None:
    people = tuple((f"p{i}@example.org", str(i), "ł" * 7) for i in range(20_000))
    (tmp_path / "list.csv").write_text(as_text(",", people), encoding="utf-8", newline="")
    table = Table.open_file(tmp_path / "list.csv")
    assert table.encoding == "utf-8" and table.count() == 20_000


def test_the_clipboard_and_what_spreadsheets_put_first() -> None:
    table = Table.open_text("E-Mail\tOrder\na@example.org\t1\n\nb@example.org\t2\n")
    assert (table.name, table.source, table.separator) == ("Clipboard", "", "\t")
    assert list(table.rows()) == [(1, ("a@example.org", "1")), (3, ("b@example.org", "2"))]
    assert Table.open_text("sep=;\nmail;order\na@example.org;1\n").headings == ("mail", "order")
    quoted_break = Table.open_text('mail,name\na@example.org,"Ann\nBee"\nb@example.org,Bob\n')
    assert rows(quoted_break) == [("a@example.org", "Ann Bee"), ("b@example.org", "Bob")]


def test_a_list_without_headings_and_one_of_one_column() -> None:
    table = Table.open_text("a@example.org;1\nb@example.org;2\n")
    assert not table.has_heading and table.headings == ("1", "2")
    assert rows(table)[0] == ("a@example.org", "1") and guess_mapping(table) == {"email": 0}
    assert rows(Table.open_text("email\na@example.org\n")) == [("a@example.org",)]


def workbook(path: Path, *records: tuple[Any, ...]) -> Path:
    book = openpyxl.Workbook()
    for record in records:
        book.worksheets[0].append(record)
    book.save(path)
    return path


def test_a_workbook(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "orders.xlsx",
        ("Courriel", "Commande", "Date de commande", "Prénom"),
        ("a@example.org", 28590, datetime(2026, 11, 9), "Amélie"),
        (None, None, None, None),
        ("b@example.org", "00012", date(2026, 11, 10), None),
        ("c@example.org", 12.5, "11.11.2026", "=1+1"),
    )
    table = Table.open_file(path)
    assert table.is_workbook and table.description == "workbook"
    assert guess_mapping(table) == {"email": 0, "order_id": 1, "order_date": 2, "first_name": 3}
    found = dict(table.rows())
    assert sorted(found) == [1, 3, 4]
    assert found[1] == ("a@example.org", "28590", "2026-11-09", "Amélie")
    assert found[3][:3] == ("b@example.org", "00012", "2026-11-10")
    # A workbook is one whatever it is called.
    renamed = tmp_path / "orders.csv"
    renamed.write_bytes(path.read_bytes())
    assert Table.open_file(renamed).digest == table.digest and rows(Table.open_file(renamed)) == rows(table)


@pytest.mark.parametrize(
    "content",
    [b"", b"PK\x03\x04nothing", b"\xd0\xcf\x11\xe0old", b"\n\n;;\n"],
    ids=["empty", "zip", "xls", "blank"],
)
def test_what_is_no_list(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.xlsx").write_bytes(content)
    with pytest.raises(InvalidInput):
        Table.open_file(tmp_path / "x.xlsx").count()


def test_any_bytes_are_read_or_refused(tmp_path: Path) -> None:
    import random

    chance = random.Random(7)
    whole = workbook(tmp_path / "w.xlsx", ("email", "order"), ("a@example.org", 1)).read_bytes()
    samples = [chance.randbytes(chance.randrange(1, 400)) for _ in range(60)]
    samples += [whole[: chance.randrange(4, len(whole))] for _ in range(30)]
    for sample in samples:
        damaged = bytearray(sample)
        (tmp_path / "x.csv").write_bytes(bytes(damaged))
        try:
            Table.open_file(tmp_path / "x.csv").count()
        except InvalidInput:
            continue
    for _ in range(40):
        damaged = bytearray(whole)
        for _ in range(6):
            damaged[chance.randrange(4, len(damaged))] = chance.randrange(256)
        (tmp_path / "x.xlsx").write_bytes(bytes(damaged))
        try:
            Table.open_file(tmp_path / "x.xlsx").count()
        except InvalidInput:
            continue


def test_columns_named_by_hand() -> None:
    table = Table.open_text("wer;was;Wann genau\na;b;c\n")
    assert read_mapping(table, ["email=WER", "order_id=2", "order_date=wann  genau"]) == {
        "email": 0, "order_id": 1, "order_date": 2,
    }  # fmt: skip
    for wrong in ("email", "email=", "colour=wer", "email=nobody", "email=0", "email=4"):
        with pytest.raises(InvalidInput):
            read_mapping(table, [wrong])


@pytest.mark.parametrize(
    ("headings", "expected"),
    [
        ("Customer email;Order ID;Order Date;SKU;Language", ["email", "order_id", "order_date", "sku", "locale"]),
        ("E-Mail-Adresse;Bestell-Nr.;Bestelldatum;Nachname;Sprache", ["order_id", "order_date", "last_name", "locale"]),
        ("Adresse e-mail;N° commande;Prénom;Nom;Langue", ["email", "order_id", "first_name", "last_name", "locale"]),
        ("Correo electrónico;Número de pedido;Teléfono;Apellidos", ["email", "order_id", "phone", "last_name"]),
        ("consumerEmail,consumerName,referenceNumber,locale,productSkus", ["email", "name", "order_id", "locale", "sku"]),
        ("Imię;Nazwisko;E-mail;Numer zamówienia", ["first_name", "last_name", "email", "order_id"]),
    ],
)  # fmt: skip
def test_known_headings_map_themselves(headings: str, expected: list[str]) -> None:
    separator = ";" if ";" in headings else ","
    table = Table.open_text(headings + "\n" + separator.join("x" * (headings.count(separator) + 1)) + "\n")
    assert set(expected) <= set(guess_mapping(table)) <= set(BULK_FIELDS)


def test_how_dates_are_meant() -> None:
    assert date_order(["3/4/2026", "12/25/2026"]) == DateOrder.MONTH_FIRST
    assert date_order(["3/4/2026", "25/12/2026"]) == DateOrder.DAY_FIRST
    assert date_order(["3/4/2026"]) == DateOrder.DAY_FIRST
    assert date_order(["12/25/2026", "25/12/2026"]) == DateOrder.DAY_FIRST
