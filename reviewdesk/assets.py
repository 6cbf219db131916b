"""Where the files of ``resources/`` are: beside the checkout, inside a packaged build, or in an installation's share."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

__all__ = ["asset"]


@cache
def _folder() -> Path:
    packed = getattr(sys, "_MEIPASS", None)
    if packed is not None:
        return Path(packed) / "resources"
    checkout = Path(__file__).resolve().parent.parent / "resources"
    return checkout if checkout.is_dir() else Path(sys.prefix) / "share" / "reviewdesk"


def asset(*parts: str) -> Path:
    """The path of ``resources/PARTS``. It need not exist: a program without its icon still works."""
    return _folder().joinpath(*parts)
