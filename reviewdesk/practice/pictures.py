"""The pictures of the sample reviews: small still lifes, drawn in the process as PNG, the same on every run.

A name is ``<what>_<variant>_<width>``, for instance ``headset_1a2b3c_1024``; ``what`` is a product's key or SKU,
``box-open``, ``parcel``, or a product's key with ``-broken``. The variant turns the colours of the room a little.
"""

from __future__ import annotations

import colorsys
import struct
import zlib
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise

from reviewdesk.practice.shop import PRODUCTS

__all__ = ["picture"]

Colour = tuple[int, int, int]
MAX_WIDTH = 1200


class _Canvas:
    """Rows of RGB bytes; shapes are filled as horizontal spans with soft ends. Coordinates run from 0 to 100 across."""

    def __init__(self, width: int, top: Colour, bottom: Colour) -> None:
        self.width = width
        self.height = width * 3 // 4
        self.scale = width / 100
        self.rows = [
            bytearray(bytes(_mix(top, bottom, y / self.height)) * self.width) for y in range(self.height)
        ]

    def _span(self, y: int, left: float, right: float, colour: Colour) -> None:
        left, right = max(0.0, left), min(float(self.width), right)
        if right <= left:
            return
        row = self.rows[y]
        first, last = int(left) + 1, int(right)
        if last > first:
            row[first * 3 : last * 3] = bytes(colour) * (last - first)
        for x, cover in ((int(left), first - left), (last, right - last)):
            if 0 <= x < self.width and cover > 0:
                old = (row[x * 3], row[x * 3 + 1], row[x * 3 + 2])
                row[x * 3 : x * 3 + 3] = bytes(_mix(old, colour, min(1.0, cover)))

    def _fill(
        self, top: float, bottom: float, spans: Callable[[float], list[tuple[float, float]]], colour: Colour
    ) -> None:
        light, dark = _mix(colour, (255, 255, 255), 0.14), _mix(colour, (0, 0, 0), 0.14)
        for y in range(max(0, int(top * self.scale)), min(self.height, int(bottom * self.scale) + 1)):
            at = (y + 0.5) / self.scale
            if not top <= at <= bottom:
                continue
            shade = _mix(light, dark, (at - top) / max(bottom - top, 0.01))
            for left, right in spans(at):
                self._span(y, left * self.scale, right * self.scale, shade)

    def ellipse(self, cx: float, cy: float, rx: float, ry: float, colour: Colour) -> None:
        def spans(y: float) -> list[tuple[float, float]]:
            half = rx * max(0.0, 1 - ((y - cy) / ry) ** 2) ** 0.5
            return [(cx - half, cx + half)]

        self._fill(cy - ry, cy + ry, spans, colour)

    def ring(
        self, cx: float, cy: float, radius: float, thick: float, colour: Colour, *, until: float = 100.0
    ) -> None:
        """A circle's line, down to ``until``."""

        def spans(y: float) -> list[tuple[float, float]]:
            outer = max(0.0, radius**2 - (y - cy) ** 2) ** 0.5
            inner = max(0.0, (radius - thick) ** 2 - (y - cy) ** 2) ** 0.5
            return (
                [(cx - outer, cx - inner), (cx + inner, cx + outer)] if inner else [(cx - outer, cx + outer)]
            )

        self._fill(cy - radius, min(cy + radius, until), spans, colour)

    def polygon(self, points: list[tuple[float, float]], colour: Colour) -> None:
        edges = list(zip(points, points[1:] + points[:1], strict=True))

        def spans(y: float) -> list[tuple[float, float]]:
            crossings = sorted(
                x1 + (y - y1) * (x2 - x1) / (y2 - y1)
                for (x1, y1), (x2, y2) in edges
                if min(y1, y2) <= y < max(y1, y2)
            )
            return list(zip(crossings[::2], crossings[1::2], strict=False))

        self._fill(min(y for _, y in points), max(y for _, y in points), spans, colour)

    def box(
        self, x: float, y: float, width: float, height: float, colour: Colour, *, round_by: float = 0.0
    ) -> None:
        def spans(at: float) -> list[tuple[float, float]]:
            edge = min(at - y, y + height - at)
            inset = round_by - (round_by**2 - (round_by - edge) ** 2) ** 0.5 if edge < round_by else 0.0
            return [(x + inset, x + width - inset)]

        self._fill(y, y + height, spans, colour)

    def line(self, x1: float, y1: float, x2: float, y2: float, thick: float, colour: Colour) -> None:
        length = max(((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5, 0.01)
        dx, dy = (y2 - y1) / length * thick / 2, (x1 - x2) / length * thick / 2
        self.polygon([(x1 + dx, y1 + dy), (x2 + dx, y2 + dy), (x2 - dx, y2 - dy), (x1 - dx, y1 - dy)], colour)

    def png(self) -> bytes:
        raw = b"".join(b"\0" + bytes(row) for row in self.rows)
        head = struct.pack(">IIBBBBB", self.width, self.height, 8, 2, 0, 0, 0)
        return (
            b"\x89PNG\r\n\x1a\n"
            + _chunk(b"IHDR", head)
            + _chunk(b"IDAT", zlib.compress(raw, 6))
            + _chunk(b"IEND", b"")
        )


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _mix(a: Colour, b: Colour, share: float) -> Colour:
    return (
        round(a[0] + (b[0] - a[0]) * share),
        round(a[1] + (b[1] - a[1]) * share),
        round(a[2] + (b[2] - a[2]) * share),
    )


def _hsl(hue: float, light: float, strength: float) -> Colour:
    r, g, b = colorsys.hls_to_rgb(hue % 1, light, strength)
    return (round(r * 255), round(g * 255), round(b * 255))


_DARK: Colour = (46, 49, 56)
_WOOD: Colour = (178, 128, 82)
_CARDBOARD: Colour = (190, 150, 104)
_CREAM: Colour = (236, 228, 214)
_STEEL: Colour = (176, 182, 190)


def _headset(c: _Canvas, tint: Colour) -> None:
    c.ring(50, 36, 22, 3.6, _DARK, until=40)
    c.box(25, 36, 9, 20, _DARK, round_by=3)
    c.box(66, 36, 9, 20, _DARK, round_by=3)
    c.box(32, 38, 4, 16, tint, round_by=2)
    c.box(64, 38, 4, 16, tint, round_by=2)


def _throw(c: _Canvas, tint: Colour) -> None:
    for i in range(5):
        c.box(24 + i * 0.8, 54 - i * 7, 52 - i * 1.6, 8, tint if i % 2 else _CREAM, round_by=3.5)
    for x in range(27, 75, 4):
        c.line(x, 61, x, 66, 0.8, tint)


def _grinder(c: _Canvas, tint: Colour) -> None:
    c.polygon([(38, 18), (62, 18), (58, 32), (42, 32)], _STEEL)
    c.box(39, 31, 22, 34, tint, round_by=3)
    c.ellipse(50, 44, 4.5, 4.5, _DARK)
    c.box(44, 55, 12, 7, _DARK, round_by=1.5)


def _lamp(c: _Canvas, tint: Colour) -> None:
    c.ellipse(42, 63, 15, 3.4, _DARK)
    c.line(42, 62, 34, 38, 2, _STEEL)
    c.line(34, 38, 60, 21, 2, _STEEL)
    c.polygon([(56, 15), (66, 20), (70, 33), (52, 28)], tint)
    c.ellipse(61, 31, 8, 2.6, (255, 240, 190))


def _backpack(c: _Canvas, tint: Colour) -> None:
    c.ring(50, 22, 8, 2.4, _DARK)
    c.box(31, 20, 38, 46, tint, round_by=11)
    c.box(36, 42, 28, 20, _mix(tint, _DARK, 0.25), round_by=4)
    c.line(36, 36, 64, 36, 1.2, _DARK)
    c.box(48, 46, 4, 3, _STEEL, round_by=1)


def _teapot(c: _Canvas, tint: Colour) -> None:
    c.ring(72, 45, 10, 3, tint)
    c.polygon([(34, 40), (19, 29), (23, 27), (40, 38), (36, 58), (28, 50)], tint)
    c.ellipse(50, 48, 22, 17, tint)
    c.ellipse(50, 32, 12, 3.4, _mix(tint, _DARK, 0.3))
    c.ellipse(50, 28, 3, 3, _mix(tint, _DARK, 0.3))


def _table(c: _Canvas, tint: Colour) -> None:
    for x, foot in ((34, 29), (66, 71), (50, 50)):
        c.line(x, 36, foot, 67, 3, _mix(_WOOD, _DARK, 0.2))
    c.ellipse(50, 35, 27, 6, _WOOD)
    c.box(55, 24, 6, 9, tint, round_by=1.5)


def _clock(c: _Canvas, tint: Colour) -> None:
    c.ellipse(50, 36, 23, 23, tint)
    c.ellipse(50, 36, 20, 20, _CREAM)
    c.line(50, 36, 50, 22, 1.6, _DARK)
    c.line(50, 36, 60, 41, 1.6, _DARK)
    c.ellipse(50, 36, 1.6, 1.6, _DARK)
    for x, y in ((50, 18.5), (50, 53.5), (32.5, 36), (67.5, 36)):
        c.ellipse(x, y, 1.2, 1.2, _DARK)


def _knife(c: _Canvas, tint: Colour) -> None:
    c.box(14, 46, 72, 14, _WOOD, round_by=3)
    c.polygon([(22, 40), (58, 36), (58, 43), (30, 45)], _STEEL)
    c.box(58, 36, 22, 6.5, tint, round_by=2.5)


def _jacket(c: _Canvas, tint: Colour) -> None:
    c.polygon([(36, 20), (24, 30), (20, 54), (28, 56), (35, 36)], _mix(tint, _DARK, 0.12))
    c.polygon([(64, 20), (76, 30), (80, 54), (72, 56), (65, 36)], _mix(tint, _DARK, 0.12))
    c.polygon([(36, 19), (64, 19), (68, 64), (32, 64)], tint)
    c.ellipse(50, 18, 10, 7, _mix(tint, _DARK, 0.2))
    c.line(50, 24, 50, 64, 0.9, _CREAM)


def _parcel(c: _Canvas, tint: Colour) -> None:
    c.box(28, 30, 44, 36, _CARDBOARD, round_by=1)
    c.box(46, 30, 8, 36, _mix(_CARDBOARD, _CREAM, 0.5))
    c.box(56, 50, 12, 9, (250, 250, 248))
    c.box(58, 53, 8, 1.2, tint)


def _box_open(c: _Canvas, tint: Colour) -> None:
    c.polygon([(26, 38), (74, 38), (70, 66), (30, 66)], _CARDBOARD)
    c.polygon([(30, 38), (70, 38), (64, 31), (36, 31)], _mix(_CARDBOARD, _DARK, 0.55))
    c.polygon([(26, 38), (36, 31), (24, 20), (12, 30)], _mix(_CARDBOARD, _CREAM, 0.25))
    c.polygon([(74, 38), (64, 31), (76, 20), (88, 30)], _mix(_CARDBOARD, _CREAM, 0.15))
    c.box(44, 46, 12, 8, tint, round_by=1)


_DRAWINGS: dict[str, Callable[[_Canvas, Colour], None]] = {
    "headset": _headset,
    "throw": _throw,
    "grinder": _grinder,
    "lamp": _lamp,
    "backpack": _backpack,
    "teapot": _teapot,
    "table": _table,
    "clock": _clock,
    "knife": _knife,
    "jacket": _jacket,
    "parcel": _parcel,
    "box-open": _box_open,
}


def _crack(c: _Canvas) -> None:
    points = [(44, 26), (48, 34), (45, 40), (52, 47), (49, 55), (54, 61)]
    for (x1, y1), (x2, y2) in pairwise(points):
        c.line(x1, y1, x2, y2, 1.1, (250, 246, 240))
    c.line(45, 40, 38, 44, 0.8, (250, 246, 240))
    c.line(52, 47, 60, 45, 0.8, (250, 246, 240))


@lru_cache(maxsize=64)
def picture(name: str) -> bytes | None:
    """The PNG called ``name`` (without the ending), or None when nothing of that name can be drawn."""
    what, _, rest = name.partition("_")
    variant, _, size = rest.rpartition("_")
    by_sku = {item.sku.lower(): item.key for item in PRODUCTS}
    key = by_sku.get(what, what)
    draw = _DRAWINGS.get(key.removesuffix("-broken"))
    if draw is None or not size.isdigit() or not 16 <= int(size) <= MAX_WIDTH:
        return None
    turn = zlib.crc32(variant.encode()) / 2**32 if variant else 0.08
    canvas = _Canvas(int(size), _hsl(turn, 0.90, 0.22), _hsl(turn + 0.03, 0.80, 0.2))
    canvas.box(0, 58, 100, 18, _hsl(turn + 0.5, 0.76, 0.14))
    canvas.ellipse(50, 67, 30, 2.6, _hsl(turn + 0.5, 0.6, 0.12))
    draw(canvas, _hsl(turn * 3 + zlib.crc32(key.encode()) / 2**32, 0.46, 0.32))
    if key.endswith("-broken"):
        _crack(canvas)
    return canvas.png()
