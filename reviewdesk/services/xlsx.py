"""Workbooks written in one pass: rows go straight into the compressed file, so that a million of them need no memory.

The form is that of ECMA-376 (Office Open XML), part 1: sections 18.3 (sheets), 18.2 (workbook), 18.8 (styles). Texts
are written in their cells (``inlineStr``): a table of shared texts would have to be kept until the end. A text is
never a formula, whatever it begins with; ``quotePrefix`` keeps it one when the cell is edited.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterable, Sequence
from typing import IO, Any
from xml.sax.saxutils import escape

__all__ = ["CELL_CHARS", "SHEET_ROWS", "XlsxWriter"]

SHEET_ROWS = 1_048_576
"""Rows of one sheet, its heading among them (support.microsoft.com, "Excel specifications and limits")."""
CELL_CHARS = 32_767
"""Characters of one cell, counted as UTF-16 (same page)."""

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
# What XML 1.0 can't hold, and what reads like the escape for it (ECMA-376 part 1, 22.9.2.19 ST_Xstring).
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_LIKE_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")

_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0" quotePrefix="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


class XlsxWriter:
    """``row`` as often as there are rows, then ``end``. When a sheet is full the next one begins, with its heading.

    ``cut`` counts the cells that were longer than a cell may be and were shortened; a last sheet says so in words.
    """

    def __init__(
        self, file: IO[bytes], name: str, headings: Sequence[str], *, sheet_rows: int = SHEET_ROWS
    ) -> None:
        self.cut = 0
        self.sheets = 0
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        self._name, self._headings, self._limit = name, headings, sheet_rows
        self._titles: list[str] = []
        self._rows = 0
        self._sheet = self._begin(name, headings)

    def row(self, cells: Iterable[Any]) -> None:
        """Texts, whole numbers, fractions and None."""
        if self._rows >= self._limit:
            self._finish_sheet()
            self._sheet = self._begin(f"{self._name} {len(self._titles) + 1}", self._headings)
        self._put(cells)

    def end(self) -> None:
        """Close the book; the file itself stays open."""
        self._finish_sheet()
        self.sheets = len(self._titles)
        if self.cut:
            self._sheet = self._begin("Notes", ("note",))
            self._put(
                (
                    f"{self.cut} texts are longer than a cell may be ({CELL_CHARS:,} characters) and were cut.",
                ),
            )
            self._finish_sheet()
        self._frame()
        self._zip.close()

    def drop(self) -> None:
        """Give the book up: what was written is of no use."""
        self._sheet.close()
        self._zip.close()

    def _begin(self, title: str, headings: Sequence[str]) -> IO[bytes]:
        self._titles.append(title)
        sheet = self._zip.open(f"xl/worksheets/sheet{len(self._titles)}.xml", "w", force_zip64=True)
        sheet.write(
            f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
            '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
            "<sheetData>".encode()
        )
        sheet.write(_row(headings, self._fit, "1"))
        self._rows = 1
        return sheet

    def _put(self, cells: Iterable[Any]) -> None:
        self._sheet.write(_row(cells, self._fit, "0"))
        self._rows += 1

    def _fit(self, text: str) -> str:
        if len(text) <= CELL_CHARS // 2:
            return text
        wide = text.encode("utf-16-le", "replace")
        if len(wide) <= 2 * CELL_CHARS:
            return text
        self.cut += 1
        return wide[: 2 * CELL_CHARS].decode("utf-16-le", "ignore")

    def _finish_sheet(self) -> None:
        self._sheet.write(b"</sheetData></worksheet>")
        self._sheet.close()

    def _frame(self) -> None:
        numbers = range(1, len(self._titles) + 1)
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
        parts = {
            "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
            f'<Override PartName="/xl/styles.xml" ContentType="{kind}.styles+xml"/>'
            + "".join(
                f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{kind}.worksheet+xml"/>'
                for n in numbers
            )
            + "</Types>",
            "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
            f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
            + "".join(
                f'<sheet name="{escape(title)}" sheetId="{n}" r:id="rId{n}"/>'
                for n, title in zip(numbers, self._titles, strict=True)
            )
            + "</sheets></workbook>",
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
            + "".join(
                f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
                for n in numbers
            )
            + f'<Relationship Id="rId{len(self._titles) + 1}" Type="{_OFFICE}/styles" Target="styles.xml"/>'
            "</Relationships>",
        }
        for name, text in parts.items():
            self._zip.writestr(name, _HEAD + text)
        self._zip.writestr("xl/styles.xml", _STYLES)


def _row(cells: Iterable[Any], fit: Callable[[str], str], style: str) -> bytes:
    parts = ["<row>"]
    for value in cells:
        if value is None or value == "":
            parts.append("<c/>")
        elif isinstance(value, str):
            text = fit(value)
            look = "2" if style == "0" and text.startswith(_RISKY) else style
            parts.append(f'<c t="inlineStr" s="{look}"><is><t xml:space="preserve">{_xml(text)}</t></is></c>')
        else:
            parts.append(f"<c><v>{value!r}</v></c>")
    parts.append("</row>")
    return "".join(parts).encode()


def _xml(text: str) -> str:
    if "_x" in text:
        text = _LIKE_ESCAPE.sub("_x005F_", text)
    if "\r" in text:
        text = text.replace("\r", "_x000D_")  # a parser would read a bare one as a line feed
    if _UNFIT.search(text):
        text = _UNFIT.sub("\ufffd", text)
    return escape(text)
