"""The text of a PDF as a reader would select it, from its streams and its ToUnicode tables; for files that Qt wrote."""

from __future__ import annotations

import re
import zlib

__all__ = ["pages_of", "text_of"]

_OBJECT = re.compile(rb"(?m)^(\d+) 0 obj\s")
_SHOWN = re.compile(rb"/(F\d+) [\d.]+ Tf|(BT)|(-?[\d.]+) (-?[\d.]+) Td|<([0-9A-Fa-f]+)> Tj")
_LIST = re.compile(rb"<([0-9A-Fa-f]+)> <([0-9A-Fa-f]+)> (?:\[([^\]]*)\]|<([0-9A-Fa-f]+)>)")


def _objects(data: bytes) -> dict[int, bytes]:
    found = list(_OBJECT.finditer(data))
    ends = [m.start() for m in found[1:]] + [len(data)]
    return {int(m[1]): data[m.end() : end] for m, end in zip(found, ends, strict=True)}


def _stream(content: bytes) -> bytes:
    begun = re.search(rb"stream\r?\n", content)
    assert begun is not None
    raw = content[begun.end() : content.rindex(b"endstream")]
    return zlib.decompressobj().decompress(raw) if b"FlateDecode" in content else raw


def _letters(table: bytes) -> dict[int, str]:
    made: dict[int, str] = {}
    for first, last, values, start in _LIST.findall(table):
        if start:
            for number in range(int(last, 16) - int(first, 16) + 1):
                made[int(first, 16) + number] = chr(int(start, 16) + number)
        for number, value in enumerate(re.findall(rb"<([0-9A-Fa-f]+)>", values)):
            made[int(first, 16) + number] = bytes.fromhex(value.decode()).decode("utf-16-be")
    return made


def pages_of(data: bytes) -> int:
    """How many pages there are."""
    return len(re.findall(rb"/Type /Page\n", data))


def text_of(data: bytes) -> str:
    """All text in the order of painting; a new line where the pen goes to another height."""
    assert data.startswith(b"%PDF")
    objects = _objects(data)
    fonts: dict[bytes, dict[int, str]] = {}
    for number, content in objects.items():
        table = re.search(rb"/ToUnicode (\d+) 0 R", content)
        if table is not None:
            fonts[f"F{number}".encode()] = _letters(_stream(objects[int(table[1])]))
    said: list[str] = []
    for content in objects.values():
        page = re.search(rb"/Contents (\d+) 0 R", content)
        if page is None:
            continue
        letters: dict[int, str] = {}
        for font, begun, _x, y, shown in _SHOWN.findall(_stream(objects[int(page[1])])):
            if font:
                letters = fonts[font]
            elif begun or (y and float(y)):
                said.append("\n")
            elif shown:
                codes = [int(shown[at : at + 4], 16) for at in range(0, len(shown), 4)]
                said.append("".join(letters.get(code, "\ufffd") for code in codes))
    # One glyph stands for all blanks, and Qt names it after the first of them.
    return re.sub(r"\n+", "\n", "".join(said).replace("\t", " "))
