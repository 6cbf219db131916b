"""Characters of AltGr through real keyboard layouts: they arrive in every kind of text field and do nothing else.

The keys are those of the keyboard (their numbers), the layout is the X server's: what is tested is the way from the
key through the layout and Qt to the field, not an event made up for it.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.screen import ROOT, Screen, needs_screen, until, virtual_screen

pytestmark = [
    needs_screen,
    pytest.mark.skipif(shutil.which("setxkbmap") is None, reason="changing the layout needs setxkbmap"),
    pytest.mark.timeout(180),
]

# The numbers of the keys on a usual keyboard, by what a US keyboard has printed on them.
_KEYS = dict(zip("1234567890-=", range(10, 22), strict=True))
_KEYS |= dict(zip("qwertyuiop[]", range(24, 36), strict=True))
_KEYS |= dict(zip("asdfghjkl;'`", range(38, 50), strict=True))
_KEYS |= {"\\": 51, "<": 94} | dict(zip("zxcvbnm,./", range(52, 62), strict=True))
_ALT_GR, _SHIFT = 108, 50

LAYOUTS: dict[str, tuple[tuple[str, str], ...]] = {
    # Layout: (keys with AltGr, what they give).
    "pl": (("acelnosxz", "ąćęłńóśźż"), ("ACELNOSXZ", "ĄĆĘŁŃÓŚŹŻ")),
    "de": (("qe7890-<m23", "@€{[]}\\|µ²³"),),
    "fr": (("34568-=0e", "#{[|\\]}@€"),),
    "es": (("123e[]`'\\6", "|@#€[]\\{}¬"),),
}


def strokes(keys: str) -> list[str]:
    """The arguments of xdotool: AltGr held, the key pressed, everything let go."""
    made: list[str] = []
    for key in keys:
        upper = key.isupper()
        made += ["keydown", str(_ALT_GR)]
        made += ["keydown", str(_SHIFT)] if upper else []
        made += ["key", str(_KEYS[key.lower()])]
        made += ["keyup", str(_SHIFT)] if upper else []
        made += ["keyup", str(_ALT_GR)]
    return made


class Window:
    """The window in its process, spoken to in lines."""

    def __init__(self, screen: Screen, folder: Path) -> None:
        with (folder / "window.log").open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.e2e.typing_window", str(folder / "profile")],
                cwd=ROOT,
                env=dict(screen.environment, PYTHONPATH=str(ROOT)),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self.answer() == {"place": "ready"}, (folder / "window.log").read_text()[-2000:]

    def answer(self) -> Any:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        return json.loads(line) if line else None

    def ask(self, line: str) -> Any:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.answer()

    def end(self) -> None:
        self.process.terminate()
        self.process.wait(15)
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()


@pytest.fixture(params=sorted(LAYOUTS))
def layout(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def use(screen: Screen, program: Window, layout: str) -> None:
    """Change the server's layout until the window has it.

    The server takes over the map of the device that typed last, so the typing device must have typed before; and the
    window hears of the new map a moment later.
    """
    keys, wanted = LAYOUTS[layout][0]

    def has_it() -> bool:
        screen.run("xdotool", "key", str(_SHIFT))
        subprocess.run(["setxkbmap", layout], env=screen.environment, check=True, timeout=20)
        screen.look(0.2)
        program.ask("open search")
        screen.run("xdotool", *strokes(keys[0]))
        screen.look(0.2)
        return bool(program.ask("read")["text"] == wanted[0])

    until(has_it, f"the layout {layout}", 20)


@pytest.fixture
def window(layout: str, tmp_path: Path) -> Iterator[tuple[Screen, Window]]:
    with virtual_screen() as screen:
        made = Window(screen, tmp_path)
        try:
            use(screen, made, layout)
            yield screen, made
        finally:
            made.end()


def test_what_altgr_writes_arrives_and_does_nothing_else(window: tuple[Screen, Window], layout: str) -> None:
    screen, program = window
    for place in ("search", "composer", "note", "palette", "wizard"):
        opened = program.ask(f"open {place}")
        assert opened["place"] == place
        for keys, wanted in LAYOUTS[layout]:
            before = program.ask("read")["text"]
            # Not at the beginning of a line, where a slash of another layout would open the saved replies.
            screen.run("xdotool", "key", str(_KEYS["x"]))
            screen.run("xdotool", *strokes(keys))
            told: dict[str, Any] = {}

            def arrived(expected: str = before + "x" + wanted, told: dict[str, Any] = told) -> bool:
                told.update(program.ask("read"))
                return bool(told["text"] == expected)

            try:
                until(arrived, "typing", 5)
            except AssertionError:
                pytest.fail(f"{layout}, {place}: {keys} gave {told}, not {wanted!r}")
            assert told["done"] == [], (layout, place)
