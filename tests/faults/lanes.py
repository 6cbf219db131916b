"""What belongs to the long lane: ``REVIEWDESK_LONG=1 python -m pytest tests/faults`` (docs/contributing.md)."""

from __future__ import annotations

import os

import pytest

__all__ = ["LONG", "long_lane"]

LONG = bool(os.environ.get("REVIEWDESK_LONG"))
long_lane = pytest.mark.skipif(not LONG, reason="part of the long lane: set REVIEWDESK_LONG=1")
