"""``python -m reviewdesk``."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(args: Sequence[str] | None = None) -> int:
    """The entry point of every installed command; the exit code."""
    from reviewdesk.cli import main as run

    return run(args)


if __name__ == "__main__":
    sys.exit(main())
