"""Lists of customers: CSV of any encoding and separator, XLSX, or what was copied from a spreadsheet. Streamed.

A list is read as often as needed and never held: the first reading finds encoding, separator, heading and digest,
later ones yield rows. Row 1 is the first row of data; empty rows keep their number and are not yielded.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import re
import unicodedata
import warnings
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO

from reviewdesk.domain.errors import InvalidInput
from reviewdesk.domain.invitations.fields import BULK_FIELDS, DateOrder
from reviewdesk.domain.text import clean

__all__ = ["Table", "guess_mapping", "read_mapping", "signature"]

LARGEST_BYTES = 256 * 1024 * 1024
_CELL_CHARS = 2_000
_MAX_COLUMNS = 500
_SEPARATORS = (",", ";", "\t", "|")
_SAMPLE_ROWS = 40
# Bytes that are letters in Windows-1250 and signs in Windows-1252: between letters they tell which one it is.
_EASTERN = re.compile(rb"[A-Za-z][\xb3\xb9\xbf\xa3\xaf\xba\xaa\xa5\xb6\xbc\xbe][A-Za-z\xc0-\xff]")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")

_NAMES: Mapping[str, str] = {
    "email": "email mail emailaddress customeremail consumeremail buyeremail recipientemail billingemail courriel"
    " adressemail adresseemail correo correoelectronico adresaemail adresemail emailadresse emailkunde posta",
    "name": "name fullname customername consumername buyername recipientname customer client kunde kundenname nomcomplet"
    " nombrecompleto nume numecomplet imieinazwisko klient naam",
    "first_name": "firstname first givenname forename vorname prenom nombre imie prenume voornaam billingfirstname"
    " customerfirstname",
    "last_name": "lastname last surname familyname nachname familienname nom apellido apellidos nazwisko achternaam"
    " billinglastname customerlastname cognome",
    "phone": "phone phonenumber mobile mobilephone cell telephone tel telefon telefono telefoon handy portable",
    "order_id": "orderid order orderno ordernumber ordernr ordernum orderreference orderref referencenumber referenceid"
    " reference ref bestellnummer bestellnr bestellung auftragsnummer auftragsnr commande numerocommande"
    " numerodecommande ncommande pedido numeropedido numerodepedido comanda numarcomanda zamowienie numerzamowienia"
    " ordernummer bestelnummer idorder ordine numeroordine",
    "order_date": "orderdate date orderedat orderedon ordered boughton purchasedate purchasedat purchased createdat"
    " datecommande datedecommande dateachat bestelldatum kaufdatum fecha fechapedido fechadepedido datacomenzii"
    " datazamowienia besteldatum orderdatum dataordine",
    "sku": "sku skus productsku productskus product products productid productids productcode item items itemsku article"
    " articles artikel artikelnummer artikelnr produkt produit referenceproduit producto articulo produs",
    "locale": "locale language lang customerlanguage sprache langue idioma lingua jezyk limba taal",
}
_FIELD_OF = {word: field for field, words in _NAMES.items() for word in words.split()}


class Table:
    """A list of customers. Any thread, one at a time. Raises ``InvalidInput`` for what can't be read as a list."""

    def __init__(self, *, source: str, name: str, data: bytes | None, path: Path | None) -> None:
        self.source = source
        """Where the file is; empty for the clipboard."""
        self.name = name
        """What to call it: the file's name, or "Clipboard"."""
        self._data = data
        self._path = path
        self.digest, head, self.encoding = self._look()
        self.is_workbook = head.startswith(b"PK\x03\x04")
        self.separator = ""
        if self.is_workbook:
            self.encoding = "xlsx"
        elif head.startswith(b"\xd0\xcf\x11\xe0"):
            raise InvalidInput(f"{name} is an old workbook (.xls).", remedy="Save it as .xlsx or .csv.")
        else:
            self.separator = self._find_separator()
        self.headings, self.has_heading = self._find_heading()

    @classmethod
    def open_file(cls, path: Path | str) -> Table:
        """A .csv, .txt or .xlsx file; its content decides, not its name."""
        chosen = Path(path)
        return cls(source=str(chosen.absolute()), name=chosen.name, data=None, path=chosen)

    @classmethod
    def open_text(cls, text: str) -> Table:
        """What was copied: from a spreadsheet (tabs) or a text with any separator."""
        return cls(source="", name="Clipboard", data=text.encode("utf-8", "replace"), path=None)

    @property
    def description(self) -> str:
        """``UTF-8, semicolon``: how it was read."""
        if self.is_workbook:
            return "workbook"
        names = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
        return (
            f"{_ENCODING_NAMES.get(self.encoding, self.encoding)}, {names.get(self.separator, 'one column')}"
        )

    def rows(self) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Each row of data with its number, its cells as plain text."""
        for number, cells in enumerate(self._records(skip_heading=True), start=1):
            if any(cells):
                yield number, cells

    def count(self) -> int:
        """How many rows have something in them."""
        return sum(1 for _ in self.rows())

    # --- reading -----------------------------------------------------------------------------------------

    def _open(self) -> BinaryIO:
        try:
            if self._data is not None:
                return io.BytesIO(self._data)
            assert self._path is not None  # noqa: S101 - one of the two is there
            return self._path.open("rb")
        except OSError as error:
            raise InvalidInput(f"{self.name} can't be read: {error.strerror or error}.") from None

    def _look(self) -> tuple[str, bytes, str]:
        """(digest, the first bytes, encoding) in one reading."""
        seen = hashlib.sha256()
        head, size = b"", 0
        decoder = codecs.getincrementaldecoder("utf-8")()
        is_utf8, eastern, high, tail = True, 0, False, b""
        try:
            with closing(self._open()) as stream:
                while block := stream.read(1 << 18):
                    size += len(block)
                    if size > LARGEST_BYTES:
                        raise InvalidInput(f"{self.name} is too large for a list.")
                    seen.update(block)
                    head = head or block[:4096]
                    if is_utf8:
                        try:
                            decoder.decode(block)
                        except UnicodeDecodeError:
                            is_utf8 = False
                    high = high or any(byte > 127 for byte in block[:4096])
                    eastern += len(_EASTERN.findall(tail + block))
                    tail = block[-2:]
        except OSError as error:
            raise InvalidInput(f"{self.name} can't be read: {error.strerror or error}.") from None
        if not size:
            raise InvalidInput(f"{self.name} is empty.")
        if is_utf8:
            try:
                decoder.decode(b"", final=True)
            except UnicodeDecodeError:
                is_utf8 = False
        return seen.hexdigest(), head, _encoding(head, is_utf8, eastern)

    def _records(self, *, skip_heading: bool = False) -> Iterator[tuple[str, ...]]:
        found = self._sheet() if self.is_workbook else self._lines(self.separator)
        first = True
        for cells in found:
            if first and skip_heading and self.has_heading:
                if any(cells):
                    first = False
                continue
            yield cells

    def _lines(self, separator: str) -> Iterator[tuple[str, ...]]:
        with closing(self._open()) as raw:
            text = io.TextIOWrapper(raw, encoding=self.encoding, errors="replace", newline="")
            try:
                reader = csv.reader(
                    _without_marker(text), delimiter=separator or "\x1f", skipinitialspace=True
                )
                for record in reader:
                    yield _trimmed(_cell(value) for value in record[:_MAX_COLUMNS])
            except csv.Error as error:
                raise InvalidInput(f"{self.name} can't be read as a table: {error}.") from None
            finally:
                text.detach()

    def _sheet(self) -> Iterator[tuple[str, ...]]:
        import openpyxl  # type: ignore[import-untyped]

        with closing(self._open()) as raw:
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    self._check_size(raw)
                    book = openpyxl.load_workbook(raw, read_only=True, data_only=True)
                try:
                    sheet = book.worksheets[0]
                    sheet.reset_dimensions()  # some programs write a wrong size
                    for record in sheet.iter_rows(values_only=True, max_col=_MAX_COLUMNS):
                        yield _trimmed(_cell(_written(value)) for value in record)
                finally:
                    book.close()
            except InvalidInput:
                raise
            except Exception as error:  # noqa: BLE001 - a strange file fails the library in ways that it does not name
                raise InvalidInput(
                    f"{self.name} can't be read as a workbook ({type(error).__name__}).",
                    remedy="Save it as .csv.",
                ) from None

    def _check_size(self, raw: BinaryIO) -> None:
        """A small file may unpack to more than any machine holds."""
        with zipfile.ZipFile(raw) as packed:
            if sum(info.file_size for info in packed.infolist()) > 8 * LARGEST_BYTES:
                raise InvalidInput(f"{self.name} is too large for a list.")
        raw.seek(0)

    def _find_separator(self) -> str:
        best, best_score = "", (0.0, 0)
        for candidate in _SEPARATORS:
            widths = Counter[int]()
            for place, cells in enumerate(self._lines(candidate)):
                if any(cells):
                    widths[len(cells)] += 1
                if place >= _SAMPLE_ROWS:
                    break
            if not widths:
                raise InvalidInput(f"{self.name} holds no rows.")
            width, times = max(widths.items(), key=lambda found: (found[1], found[0]))
            score = (times / widths.total(), width)
            if width > 1 and score > best_score:
                best, best_score = candidate, score
        return best

    def _find_heading(self) -> tuple[tuple[str, ...], bool]:
        """The headings, and whether the list has a row of them; else columns are called by their numbers."""
        self.has_heading = False
        first = next((cells for cells in self._records() if any(cells)), None)
        if first is None:
            raise InvalidInput(f"{self.name} holds no rows.")
        known = sum(1 for cell in first if _plain(cell) in _FIELD_OF)
        mails = sum(1 for cell in first if _MAIL.fullmatch(cell))
        if mails and not known:
            return tuple(str(i + 1) for i in range(len(first))), False
        return first, True


_ENCODING_NAMES = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "cp1252": "Windows-1252",
    "cp1250": "Windows-1250",
}


def _encoding(head: bytes, is_utf8: bool, eastern: int) -> str:
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if head[1::2].count(0) > len(head) // 4:
        return "utf-16-le"
    if head[0::2].count(0) > len(head) // 4:
        return "utf-16-be"
    if is_utf8:
        return "utf-8"
    return "cp1250" if eastern else "cp1252"


def _without_marker(lines: Iterable[str]) -> Iterator[str]:
    """Without the line ``sep=;`` that some spreadsheets put first."""
    for place, line in enumerate(lines):
        if place == 0 and re.fullmatch(r"\ufeff?sep=.\s*", line):
            continue
        yield line.replace("\x00", "")


def _cell(value: str) -> str:
    return " ".join(clean(value[:_CELL_CHARS]).split())


def _trimmed(cells: Iterable[str]) -> tuple[str, ...]:
    """Without the empty cells at the end."""
    made = list(cells)
    while made and not made[-1]:
        made.pop()
    return tuple(made)


def _written(value: Any) -> str:
    """A cell of a workbook as a person would have typed it."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return (
            value.date().isoformat() if value.time() == value.min.time() else value.isoformat(" ", "seconds")
        )
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


# --- which column is which ---------------------------------------------------------------------------


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.casefold().replace("ł", "l"))
    return "".join(ch for ch in folded if ch.isalnum() and not unicodedata.combining(ch))


def signature(headings: Sequence[str]) -> str:
    """By what the mapping of a list is remembered: its headings."""
    return hashlib.sha256("\x1f".join(_plain(h) for h in headings).encode()).hexdigest()[:24]


def guess_mapping(table: Table) -> dict[str, int]:
    """Field to column (counted from 0), by known headings; in a list without headings the column of addresses."""
    made: dict[str, int] = {}
    if table.has_heading:
        for column, heading in enumerate(table.headings):
            field = _FIELD_OF.get(_plain(heading))
            if field is not None:
                made.setdefault(field, column)
        return made
    first = next((cells for _, cells in table.rows()), ())
    for column, cell in enumerate(first):
        if _MAIL.fullmatch(cell):
            return {"email": column}
    return made


def read_mapping(table: Table, pairs: Iterable[str]) -> dict[str, int]:
    """``FIELD=COLUMN`` pairs; COLUMN is a heading or a number counted from 1. Raises ``InvalidInput``."""
    by_name = {_plain(h): i for i, h in reversed(list(enumerate(table.headings)))}
    made: dict[str, int] = {}
    for pair in pairs:
        field, equals, column = pair.partition("=")
        field, column = field.strip(), column.strip()
        if not equals or not column:
            raise InvalidInput(f"'{pair}' is not FIELD=COLUMN.")
        if field not in BULK_FIELDS:
            raise InvalidInput(f"'{field}' is no field. Fields: {', '.join(BULK_FIELDS)}.")
        exact = next((i for i, h in enumerate(table.headings) if h == column), None)
        place = exact if exact is not None else by_name.get(_plain(column))
        if place is None and column.isdecimal() and 1 <= int(column) <= len(table.headings):
            place = int(column) - 1
        if place is None:
            raise InvalidInput(f"There is no column '{column}'. Columns: {', '.join(table.headings)[:300]}.")
        made[field] = place
    return made


def date_order(dates: Iterable[str]) -> str:
    """How dates like 03/04/2026 are meant: month first when some date can be read no other way and none denies it."""
    month_first = day_first = False
    for text in dates:
        found = re.match(r"\s*(\d{1,2})[/-](\d{1,2})[/-]\d{2,4}", text)
        if found is None:
            continue
        a, b = int(found[1]), int(found[2])
        day_first = day_first or (a > 12 >= b)
        month_first = month_first or (b > 12 >= a)
    return DateOrder.MONTH_FIRST if month_first and not day_first else DateOrder.DAY_FIRST
