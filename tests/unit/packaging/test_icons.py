"""The icon in all sizes, and the two containers that other systems want it in."""

from __future__ import annotations

import struct
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.packaging_parts import ROOT, part

_PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("icons")
    # A process of its own: it starts Qt without a screen.
    subprocess.run([sys.executable, str(ROOT / "packaging" / "icons.py"), str(made)], check=True, timeout=100)
    return made


def _size(png: bytes) -> tuple[int, int]:
    assert png.startswith(_PNG)
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def test_every_size_is_drawn(folder: Path) -> None:
    for size in part("icons").SIZES:
        assert _size((folder / f"reviewdesk-{size}.png").read_bytes()) == (size, size)


def test_the_windows_icon_holds_what_its_table_says(folder: Path) -> None:
    data = (folder / "reviewdesk.ico").read_bytes()
    zero, kind, count = struct.unpack("<HHH", data[:6])
    assert (zero, kind) == (0, 1)
    sizes = []
    for number in range(count):
        width, _, _, _, _, bits, length, offset = struct.unpack_from("<BBBBHHII", data, 6 + 16 * number)
        assert bits == 32
        sizes.append(_size(data[offset : offset + length])[0])
        assert sizes[-1] % 256 == width
    assert sizes == [16, 24, 32, 48, 64, 128, 256]


def test_the_macos_icon_is_whole(folder: Path) -> None:
    data = (folder / "reviewdesk.icns").read_bytes()
    assert data[:4] == b"icns" and struct.unpack(">I", data[4:8]) == (len(data),)
    found, place = {}, 8
    while place < len(data):
        (length,) = struct.unpack(">I", data[place + 4 : place + 8])
        found[data[place : place + 4]] = _size(data[place + 8 : place + length])[0]
        place += length
    assert found[b"ic10"] == 1024 and found[b"ic07"] == 128 and found[b"icp4"] == 16
