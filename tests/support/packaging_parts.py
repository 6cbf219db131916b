"""The modules of ``packaging/``, which are scripts beside each other and no package."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

__all__ = ["ROOT", "part"]

ROOT = Path(__file__).resolve().parents[2]


def part(name: str) -> ModuleType:
    """A module of ``packaging/`` by its name there, such as ``names`` or ``linux.package``."""
    folder = str(ROOT / "packaging")
    if folder not in sys.path:
        # At the end: nothing of ours may stand before what the tests import.
        sys.path.append(folder)
    return importlib.import_module(name)
