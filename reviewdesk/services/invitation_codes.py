"""QR codes of links: PNG, SVG and a sheet to print. Always dark on white, with the quiet zone of the standard."""

from __future__ import annotations

import io
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from reviewdesk.domain.errors import InvalidInput

__all__ = ["QUIET_ZONE", "QrCode", "qr_code", "save_qr"]

QUIET_ZONE = 4
"""Modules of white around the code (ISO/IEC 18004, 6.3.8)."""
_DARK, _LIGHT = "#000000", "#ffffff"
"""21:1, whatever the theme of the window."""
_SMALLEST_PX = 8
_PNG_SIDE = 600
_SHEET_SIDE_MM = 110
_LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class QrCode:
    """A code as its modules (true is dark), without the quiet zone; paint it with ``QUIET_ZONE`` white modules around."""

    text: str
    modules: tuple[tuple[bool, ...], ...]

    @property
    def size(self) -> int:
        """Modules on a side, without the quiet zone."""
        return len(self.modules)

    def png(self, side_px: int = _PNG_SIDE) -> bytes:
        """A PNG of at least ``side_px`` on a side; a module has 8 pixels or more."""
        whole = self.size + 2 * QUIET_ZONE
        out = io.BytesIO()
        _made(self.text).save(
            out,
            kind="png",
            scale=max(_SMALLEST_PX, -(-side_px // whole)),
            border=QUIET_ZONE,
            dark=_DARK,
            light=_LIGHT,
        )
        return out.getvalue()

    def svg(self) -> str:
        """An SVG that scales; its white ground belongs to it."""
        out = io.BytesIO()
        _made(self.text).save(
            out,
            kind="svg",
            scale=8,
            border=QUIET_ZONE,
            dark=_DARK,
            light=_LIGHT,
            xmldecl=True,
            omitsize=False,
        )
        return out.getvalue().decode("utf-8")

    def sheet(self, title: str, lines: tuple[str, ...] = ()) -> str:
        """An A4 page as SVG: the code, 110 mm wide, with a title above it and the address and more lines below."""
        whole = self.size + 2 * QUIET_ZONE
        unit = _SHEET_SIDE_MM / whole
        left, top = (210 - _SHEET_SIDE_MM) / 2, 70.0
        squares = "".join(
            f"M{left + (x + QUIET_ZONE) * unit:.4f} {top + (y + QUIET_ZONE) * unit:.4f}h{unit:.4f}v{unit:.4f}h-{unit:.4f}z"
            for y, row in enumerate(self.modules)
            for x, dark in enumerate(row)
            if dark
        )
        texts = [f'<text x="105" y="45" font-size="9" font-weight="bold">{escape(title[:80])}</text>']
        words = [*_broken(self.text, 70), *lines]
        texts += [
            f'<text x="105" y="{top + _SHEET_SIDE_MM + 14 + 6 * i:g}" font-size="4">{escape(line[:120])}</text>'
            for i, line in enumerate(words)
        ]
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<svg xmlns="http://www.w3.org/2000/svg" width="210mm" height="297mm" viewBox="0 0 210 297"'
            ' font-family="sans-serif" text-anchor="middle">\n'
            f'<rect width="210" height="297" fill="{_LIGHT}"/>\n'
            f'<path d="{squares}" fill="{_DARK}" shape-rendering="crispEdges"/>\n'
            + "\n".join(texts)
            + "\n</svg>\n"
        )


def qr_code(text: str) -> QrCode:
    """The code of a link. Raises ``InvalidInput`` for one that is empty or too long for a code that phones read."""
    if not text:
        raise InvalidInput("There is no link to make a QR code of.")
    if len(text) > _LONGEST:
        raise InvalidInput("This link is too long for a QR code.")
    return QrCode(text, tuple(tuple(bool(cell) for cell in row) for row in _made(text).matrix))


def save_qr(text: str, path: Path, *, title: str = "") -> None:
    """Write the code to a file: .png, .svg, or .sheet.svg for the page to print. Raises ``InvalidInput``."""
    kind = qr_kind(path)
    code = qr_code(text)
    if kind == "png":
        data = code.png()
    elif kind == "sheet":
        data = code.sheet(title or "Your opinion").encode()
    else:
        data = code.svg().encode()
    try:
        path.write_bytes(data)
    except OSError as error:
        raise InvalidInput(f"{path} can't be written: {error.strerror or error}.") from None


def qr_kind(path: Path) -> str:
    """``png``, ``svg`` or ``sheet`` by the file's name. Raises ``InvalidInput`` for another ending."""
    name = path.name.lower()
    if name.endswith(".sheet.svg"):
        return "sheet"
    for kind in ("png", "svg"):
        if name.endswith("." + kind):
            return kind
    raise InvalidInput("A QR code is written as .png, .svg or .sheet.svg (a page to print).")


def _made(text: str) -> Any:
    import segno

    return segno.make(text, error="m", boost_error=True, micro=False)


def _broken(text: str, width: int) -> list[str]:
    return [text[i : i + width] for i in range(0, min(len(text), 5 * width), width)]
