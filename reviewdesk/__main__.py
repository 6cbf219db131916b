"""``python -m reviewdesk``: the window at once where nothing but a profile was named, else the command line."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path


def main(args: Sequence[str] | None = None) -> int:
    """The entry point of every installed command; the exit code."""
    words = sys.argv[1:] if args is None else list(args)
    plain = _plain(words)
    if plain is None:
        from reviewdesk.cli import main as run

        return run(words)
    from reviewdesk import app

    app.prepare_streams()
    folder, practice = plain
    try:
        return app.open_window(folder, practice=practice)
    except BaseException as failure:  # noqa: BLE001 - the command line has the words for every one of them
        from reviewdesk.cli import exit_code

        return exit_code(failure)


def _plain(words: Sequence[str]) -> tuple[Path | None, bool] | None:
    """``(--profile, --demo)`` where the words say no more than that; None leaves them to the command line.

    Its library takes longer to load than the words to read, and most starts are of this kind.
    """
    folder: Path | None = None
    practice = False
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word == "--demo":
            practice = True
        elif word == "--profile" and rest and rest[0] and not rest[0].startswith("-"):
            folder = Path(rest.pop(0))
        elif not (word == "gui" and not rest):
            return None
    return folder, practice


if __name__ == "__main__":
    sys.exit(main())
