"""The program's icon in every size and format, from resources/icons/reviewdesk.svg, drawn by Qt.

python packaging/icons.py FOLDER
"""

from __future__ import annotations

import os
import struct
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "resources" / "icons" / "reviewdesk.svg"
SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512, 1024)
LINUX = (16, 22, 24, 32, 48, 64, 128, 256, 512)
_ICO = (16, 24, 32, 48, 64, 128, 256)
# Apple's names of the PNG entries, by their size in pixels (the @2x ones have names of their own).
_ICNS = {
    b"icp4": 16, b"icp5": 32, b"icp6": 64, b"ic07": 128, b"ic08": 256, b"ic09": 512, b"ic10": 1024,
    b"ic11": 32, b"ic12": 64, b"ic13": 256, b"ic14": 512,
}  # fmt: skip


def draw() -> dict[int, bytes]:
    """PNG files by their size."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtCore import QBuffer, QIODevice
    from PySide6.QtGui import QGuiApplication, QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    application = QGuiApplication.instance() or QGuiApplication(["icons"])
    renderer = QSvgRenderer(str(SOURCE))
    if not renderer.isValid():
        raise SystemExit(f"{SOURCE} can't be read")
    drawn = {}
    for size in SIZES:
        image = QImage(size, size, QImage.Format.Format_ARGB32)
        image.fill(0)
        painter = QPainter(image)
        renderer.render(painter)
        painter.end()
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        if not image.save(buffer, "PNG"):  # type: ignore[call-overload]
            raise SystemExit(f"no PNG of {size} pixels could be made")
        drawn[size] = bytes(buffer.data().data())
    del application
    return drawn


def ico(drawn: Mapping[int, bytes]) -> bytes:
    """Windows: a table of contents, then PNG files (known since Vista)."""
    head = struct.pack("<HHH", 0, 1, len(_ICO))
    offset = len(head) + 16 * len(_ICO)
    table, body = b"", b""
    for size in _ICO:
        side = size % 256
        table += struct.pack("<BBBBHHII", side, side, 0, 0, 1, 32, len(drawn[size]), offset + len(body))
        body += drawn[size]
    return head + table + body


def icns(drawn: Mapping[int, bytes]) -> bytes:
    """macOS: entries of name, length and PNG."""
    body = b"".join(
        name + struct.pack(">I", 8 + len(drawn[size])) + drawn[size] for name, size in _ICNS.items()
    )
    return b"icns" + struct.pack(">I", 8 + len(body)) + body


def write(folder: Path) -> None:
    """All of them into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = draw()
    for size, png in drawn.items():
        (folder / f"reviewdesk-{size}.png").write_bytes(png)
    (folder / "reviewdesk.ico").write_bytes(ico(drawn))
    (folder / "reviewdesk.icns").write_bytes(icns(drawn))


if __name__ == "__main__":
    write(Path(sys.argv[1]))
