"""Scores: kept as the provider gives them, brought to 0 to 100 only for sorting and comparing."""

from __future__ import annotations

import math

__all__ = ["is_low", "score100", "stars_of"]


def score100(score: float | None, low: float, high: float) -> int | None:
    """``round(100 * (score - low) / (high - low))``, within 0 to 100; None without a score (cli.md, Reading)."""
    if score is None or not math.isfinite(score) or high <= low:
        return None
    return max(0, min(100, round(100 * (score - low) / (high - low))))


def stars_of(score: float | None, low: float, high: float) -> float | None:
    """The score on the scale of five that ``stars:`` speaks of.

    A scale that already ends at five is taken as it is; any other is brought to five by its maximum, so that
    9 of 10 lies between four and five stars (features.md C12).
    """
    if score is None or not math.isfinite(score) or high <= low:
        return None
    return score if high == 5 else 5 * score / high


def is_low(score: float | None, low: float, high: float) -> bool:
    """Two of five and less, four of ten and less: painted in the warning colour (DESIGN.md 2, score-low)."""
    stars = stars_of(score, low, high)
    return stars is not None and stars <= 2
