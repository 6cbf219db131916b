"""The theme: contrast measured, one place for colours, live switching, heights by formula."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from reviewdesk.ui.theme import fonts, icons, install, metrics, theme
from reviewdesk.ui.theme.contrast import from_palette, ratio, with_accent
from reviewdesk.ui.theme.tokens import ACCENTS, CONTRAST, DARK, LIGHT, THEMES
from reviewdesk.ui.widgets import PushButton

UI = Path(__file__).resolve().parents[2] / "reviewdesk" / "ui"

# (text or graphic role, grounds it stands on, least contrast)
_TEXT_ON = (
    ("text", ("chrome", "surface", "sunken", "raised", "select-idle", "hit", "ins-bg", "del-bg"), 4.5),
    ("text-2", ("chrome", "surface", "sunken", "raised", "select-idle"), 4.5),
    ("text-3", ("chrome", "surface", "sunken", "raised", "select-idle"), 4.5),
    ("on-select", ("select",), 4.5),
    ("on-accent", ("accent", "accent-hover"), 4.5),
    ("on-private", ("private-band", "private-hover"), 4.5),
    ("link", ("chrome", "surface", "sunken", "raised"), 4.5),
    ("score", ("surface", "sunken"), 4.5),
    ("score-low", ("surface", "sunken"), 4.5),
    ("public", ("public-bg", "surface"), 4.5),
    ("private", ("private-bg", "surface"), 4.5),
    ("warn", ("warn-bg", "surface"), 4.5),
    ("fail", ("fail-bg", "surface", "chrome"), 4.5),
    ("ok", ("ok-bg", "surface"), 4.5),
    ("on-toast", ("toast",), 4.5),
    ("toast-link", ("toast",), 4.5),
    ("field", ("surface", "raised", "chrome"), 3.0),
    ("score-off", ("surface", "sunken"), 3.0),
    ("focus", ("chrome", "surface", "raised"), 3.0),
    *((f"a-{n}", ("chrome", "surface"), 3.0) for n in range(1, 7)),
)


@pytest.mark.parametrize("name", sorted(THEMES))
def test_every_pair_that_is_used_can_be_read(name: str) -> None:
    tokens = THEMES[name]
    low = [
        (role, ground, round(ratio(QColor(tokens[role]), QColor(tokens[ground])), 2))
        for role, grounds, least in _TEXT_ON
        for ground in grounds
        if ratio(QColor(tokens[role]), QColor(tokens[ground])) < least
    ]
    assert low == []


@pytest.mark.parametrize("accent", sorted(ACCENTS))
@pytest.mark.parametrize("name", ["light", "dark", "contrast"])
def test_every_accent_can_be_read_in_every_theme(themed: QApplication, name: str, accent: str) -> None:
    install(themed, scheme=name)
    plain = dict(theme().tokens())
    try:
        theme().set_accent(accent)
        tokens = theme().tokens()
        low = [
            (role, ground)
            for role, grounds, least in _TEXT_ON
            for ground in grounds
            if ratio(QColor(tokens[role]), QColor(tokens[ground])) < least
        ]
        assert low == []
        changed = {role for role in tokens if tokens[role] != plain[role]}
        if name == "contrast":
            assert not changed, "the contrast theme has its own colours"
        else:
            assert changed == {"accent", "accent-hover", "select", "link", "focus"}
            assert themed.palette().color(QPalette.ColorRole.Accent).name() == tokens["accent"].lower()
            assert ratio(QColor(tokens["text-3"]), QColor(tokens["select"])) >= 4.5
    finally:
        theme().set_accent("system")


def test_the_themes_have_the_same_roles() -> None:
    assert set(LIGHT) == set(DARK) == set(CONTRAST)
    assert all(QColor(value).isValid() for table in THEMES.values() for value in table.values())


def test_no_colour_stands_outside_the_tokens() -> None:
    constant = re.compile(
        r"#[0-9A-Fa-f]{3,8}\b|\bQColor\(\s*\d|\bQt\.(white|black|red|green|blue|gray|yellow)\b|(?<!\.)rgba?\("
    )
    named = re.compile(r"GlobalColor\.(?!transparent)\w+")
    found = [
        f"{path.relative_to(UI)}:{number}: {line.strip()}"
        for path in sorted(UI.rglob("*.py"))
        if path.name != "tokens.py"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if constant.search(line.split("  # ")[0]) or named.search(line)
    ]
    assert found == []


def test_nothing_shows_rich_text() -> None:
    rich = re.compile(
        r"\bQTextBrowser\b(?!`)|setHtml\(|insertHtml\(|TextFormat\.(RichText|AutoText|MarkdownText)|setMarkdown\("
    )
    plain_label = re.compile(r"\bQLabel\(")
    found = [
        f"{path.relative_to(UI)}:{number}: {line.strip()}"
        for path in sorted(UI.rglob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if not line.lstrip().startswith("#")
        and (rich.search(line) or (plain_label.search(line) and "class " not in line))
    ]
    assert found == []


def test_heights_are_those_of_the_table(themed: QApplication) -> None:
    if metrics.list_line() != 18:
        pytest.skip("the machine's font is higher than the line of the design")
    got = {
        "comfortable": metrics.row_height("comfortable"),
        "normal": metrics.row_height("normal"),
        "compact": metrics.row_height("compact"),
        "header": metrics.header_height(),
        "pane": metrics.pane_head_height(),
        "status": metrics.status_height(),
        "side": metrics.side_entry_height(),
        "control": metrics.control_height(),
        "small": metrics.small_height(),
        "field": metrics.field_height(),
        "badge": metrics.badge_height(),
        "note": metrics.note_height(),
    }
    assert got == {
        "comfortable": 84,
        "normal": 60,
        "compact": 30,
        "header": 48,
        "pane": 44,
        "status": 28,
        "side": 28,
        "control": 30,
        "small": 26,
        "field": 32,
        "badge": 20,
        "note": 38,
    }
    with pytest.raises(ValueError):
        metrics.row_height("spacious")


def test_twice_the_text_doubles_the_lines_and_keeps_the_constants(themed: QApplication) -> None:
    line = metrics.list_line()
    before = metrics.row_height("comfortable") - 3 * line
    theme().set_scale(2.0)
    assert abs(metrics.list_line() - 2 * line) <= 2
    assert metrics.row_height("comfortable") - 3 * metrics.list_line() == before
    assert metrics.breakpoint_px(900) == 1800
    theme().set_scale(7)
    assert theme().user_scale == 2.0
    theme().set_scale(0.1)
    assert theme().user_scale == 0.8


def test_switching_tells_everybody_after_everything_is_new(themed: QApplication) -> None:
    seen: list[tuple[str, str]] = []

    def look() -> None:
        seen.append((theme().name, themed.palette().color(QPalette.ColorRole.Base).name().upper()))

    theme().changed.connect(look)
    theme().set_scheme("dark")
    theme().set_scheme("contrast")
    theme().set_scheme("light")
    theme().changed.disconnect(look)
    assert seen == [("dark", DARK["surface"]), ("contrast", CONTRAST["surface"]), ("light", LIGHT["surface"])]
    with pytest.raises(ValueError):
        theme().set_scheme("sepia")


def test_the_style_sheet_has_no_place_left_open(themed: QApplication) -> None:
    assert not re.search(r"\{[a-z][a-z0-9-]*\}", themed.styleSheet())
    assert "font-family" not in themed.styleSheet()


def test_a_font_that_follows_is_made_again(themed: QApplication) -> None:
    widget = QLabel()
    fonts.follow(widget, fonts.title_font)
    before = widget.font().pixelSize()
    theme().set_scale(1.5)
    assert widget.font().pixelSize() == round(before * 1.5)


def test_a_colour_given_out_is_nobody_elses(themed: QApplication) -> None:
    mine = theme().colour("text")
    mine.setAlphaF(0.1)
    assert theme().colour("text").alphaF() == 1.0
    with pytest.raises(KeyError):
        theme().colour("brand-new")


def _ink(image: QImage) -> set[str]:
    return {
        image.pixelColor(x, y).name()
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() == 255
    }


def test_an_icon_follows_the_theme_without_being_replaced(themed: QApplication) -> None:
    icon = icons.icon("warning-fill", role="text")
    assert theme().colour("text").name() in _ink(icon.pixmap(32, 32).toImage())
    theme().set_scheme("dark")
    assert theme().colour("text").name() in _ink(icon.pixmap(32, 32).toImage())
    with pytest.raises(KeyError):
        icons.icon("no-such-icon")


def test_icons_fill_their_square_and_keep_inside(themed: QApplication) -> None:
    image = icons.pixmap("square-fill", 64, "text").toImage()
    rows = [y for y in range(64) if any(image.pixelColor(x, y).alpha() > 100 for x in range(64))]
    columns = [x for x in range(64) if any(image.pixelColor(x, y).alpha() > 100 for y in range(64))]
    assert rows[0] > 0 and rows[-1] < 63
    assert abs((rows[0] + rows[-1]) - 63) <= 2
    assert abs((columns[0] + columns[-1]) - 63) <= 2


def test_every_icon_of_the_design_exists() -> None:
    wanted = (
        "tray chat-circle-dots bell-simple hourglass-medium moon "
        "check-circle paper-plane-tilt eye-slash bookmark-simple check "
        "arrows-clockwise warning-fill pause list magnifying-glass "
        "plus tag-simple user-plus note flag "
        "translate arrow-square-out dots-three caret-up caret-down "
        "image-square pencil-simple timer star arrow-bend-up-left-fill "
        "arrow-bend-up-left clock warning-circle-fill globe-simple lock-key-fill "
        "quotes clock-counter-clockwise trash-simple x shield-warning "
        "calendar pause-circle checks cloud-check wifi-slash "
        "cloud-slash key graduation-cap compass storefront "
        "copy "
    )
    assert set(wanted.split()) <= icons.names()


def test_only_icons_with_a_direction_are_mirrored() -> None:
    assert icons.is_mirrored("paper-plane-tilt") and icons.is_mirrored("arrow-bend-up-left-fill")
    assert not any(icons.is_mirrored(name) for name in ("clock", "check", "globe-simple", "magnifying-glass"))


def test_an_accent_that_cannot_be_read_is_refused() -> None:
    assert with_accent(LIGHT, QColor.fromRgb(255, 240, 60), dark=False) is LIGHT
    own = with_accent(LIGHT, QColor.fromRgb(0, 110, 60), dark=False)
    assert own["accent"] == QColor.fromRgb(0, 110, 60).name()
    assert own["public"] == LIGHT["public"] and own["private"] == LIGHT["private"]


def test_the_systems_contrast_palette_is_mapped_onto_every_role() -> None:
    palette = QPalette()
    black, white, yellow = QColor.fromRgb(0, 0, 0), QColor.fromRgb(255, 255, 255), QColor.fromRgb(255, 255, 0)
    for role in (QPalette.ColorRole.Base, QPalette.ColorRole.Window):
        palette.setColor(role, black)
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.WindowText):
        palette.setColor(role, white)
    palette.setColor(QPalette.ColorRole.Highlight, yellow)
    palette.setColor(QPalette.ColorRole.HighlightedText, black)
    palette.setColor(QPalette.ColorRole.Link, yellow)
    table = from_palette(palette)
    assert set(table) == set(CONTRAST)
    assert table["surface"] == black.name() and table["text-3"] == white.name()
    assert table["select"] == yellow.name() and table["on-select"] == black.name()
    palette.setColor(QPalette.ColorRole.Text, QColor.fromRgb(60, 60, 60))
    assert from_palette(palette) is CONTRAST


def test_one_ring_stands_round_the_button_with_the_focus(themed: QApplication, qtbot) -> None:  # type: ignore[no-untyped-def]
    window = QWidget()
    first, second = PushButton("One", window), PushButton("Two", window)
    second.move(200, 40)
    qtbot.addWidget(window)
    window.resize(400, 200)
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    first.setFocus()
    follower = theme().focus_follower  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: follower.ring() is not None and follower.ring().widget() is first)
    second.setFocus()
    qtbot.waitUntil(lambda: follower.ring().widget() is second)
    ring = follower.ring()
    assert ring.geometry() == second.geometry().adjusted(-4, -4, 4, 4)
    second.move(160, 60)
    assert ring.geometry() == second.geometry().adjusted(-4, -4, 4, 4)
    window.setFocus()
    second.clearFocus()
    qtbot.waitUntil(lambda: not ring.isVisible())
