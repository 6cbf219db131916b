"""What the packaged program runs first; PyInstaller starts from this file."""

from __future__ import annotations

import io
import sys


def main() -> int:
    """The program; without a console (the Windows program of the Start menu) its last words go into a box."""
    words = io.StringIO()
    without_console = sys.stderr is None
    if without_console:
        sys.stdout, sys.stderr = io.StringIO(), words
    from reviewdesk.__main__ import main as run

    code = run()
    if without_console and code and words.getvalue():
        tell(words.getvalue())
    return code


def tell(text: str) -> None:
    """A plain box of the system: Qt may be the very thing that did not start."""
    import ctypes

    windll = getattr(ctypes, "windll", None)
    if windll is not None:
        icon_error = 0x10
        windll.user32.MessageBoxW(None, text[-2000:], "Reviewdesk", icon_error)


if __name__ == "__main__":
    sys.exit(main())
