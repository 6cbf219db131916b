"""QR codes give the exact address to a second library: as PNG, as SVG, and on the sheet to print."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from reviewdesk.domain.errors import InvalidInput
from reviewdesk.services.invitation_codes import QUIET_ZONE, qr_code, save_qr
from tests.support.codes import Grey, grey_png, grey_svg, read_grey

LINKS = (
    "https://www.sitejabber.com/requested-review/9f8a7b6c5d",
    "https://products.trustpilot.com/evaluate/0123456789abcdef0123456789abcdef",
    "http://127.0.0.1:40123/links/requested-review?hash=abc&x=%C3%A9",
    "https://www.sitejabber.com/biz-review?key=shop-9&payload=" + "Ab%2F9%2B" * 40 + "%3D",
)


def dark(picture: Grey, x: int, y: int) -> int:
    return picture[2][y * picture[0] + x]


@pytest.mark.parametrize("link", LINKS)
def test_every_form_gives_the_exact_address(qapp: QApplication, link: str) -> None:
    code = qr_code(link)
    assert read_grey(grey_png(code.png())) == link
    assert read_grey(grey_svg(code.svg(), 800)) == link
    sheet = grey_svg(code.sheet("Your opinion <b>", ("Harbour & Sons",)), 1240, 1754)
    assert read_grey(sheet) == link


def test_quiet_zone_contrast_and_size_of_the_modules(qapp: QApplication) -> None:
    code = qr_code(LINKS[0])
    picture = grey_png(code.png(120))
    width, height, pixels = picture
    whole = code.size + 2 * QUIET_ZONE
    module = width // whole
    assert width == height and width % whole == 0 and module >= 8
    assert set(pixels) == {0, 255}  # black on white: 21:1
    edge = QUIET_ZONE * module
    for x in range(0, width, module):
        for y in (*range(edge), *range(height - edge, height)):
            assert dark(picture, x, y) == dark(picture, y, x) == 255
    assert dark(picture, edge, edge) == 0
    modules = code.modules
    for y, row in enumerate(modules):
        for x, cell in enumerate(row):
            middle = (edge + x * module + module // 2, edge + y * module + module // 2)
            assert (dark(picture, *middle) == 0) == cell
    assert grey_png(code.png(2000))[0] >= 2000


def test_files(qapp: QApplication, tmp_path: Path) -> None:
    for name in ("code.png", "code.svg", "code.sheet.svg"):
        save_qr(LINKS[0], tmp_path / name)
    assert read_grey(grey_png((tmp_path / "code.png").read_bytes())) == LINKS[0]
    assert read_grey(grey_svg((tmp_path / "code.sheet.svg").read_text("utf-8"), 1240, 1754)) == LINKS[0]
    for wrong in ("code.pdf", "code"):
        with pytest.raises(InvalidInput):
            save_qr(LINKS[0], tmp_path / wrong)
    with pytest.raises(InvalidInput):
        save_qr(LINKS[0], tmp_path / "none" / "code.png")
    for link in ("", "x" * 2001):
        with pytest.raises(InvalidInput):
            qr_code(link)
