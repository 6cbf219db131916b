"""How long the first load takes, from the page size and the call limits of the provider."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QLocale

from reviewdesk.domain.capabilities import ProviderSpec, RateLimit, parse_rate_limit

__all__ = ["in_words", "limits_of", "load_seconds", "total_of"]

_CALL_S = 0.5
"""How long a page takes to come and be stored, a careful guess; the limits matter more."""

translate = QCoreApplication.translate


def limits_of(spec: ProviderSpec, setting: str = "") -> tuple[RateLimit, ...]:
    """The provider's limits, or the account's own where ``setting`` holds some that can be read."""
    try:
        return parse_rate_limit(setting) if setting.strip() else spec.rate_limits
    except ValueError:
        return spec.rate_limits


def load_seconds(reviews: int, page_size: int, limits: Sequence[RateLimit]) -> float:
    """Seconds until ``reviews`` are here: pages one after the other, never more calls than the limits allow.

    ``page_size`` 0: everything comes in one call.
    """
    calls = 1 if page_size <= 0 else max(1, math.ceil(reviews / page_size))
    longest = calls * _CALL_S
    for limit in limits:
        # Whole windows that must pass before the last call may start.
        longest = max(longest, (calls - 1) // limit.calls * limit.seconds + _CALL_S)
    return longest


def total_of(message: str) -> int | None:
    """The number of reviews that the last stage of the connection test named, where it named one."""
    found = re.search(r"\bof (?:about )?(\d{1,9})\b", message)
    return int(found[1]) if found else None


def in_words(spec: ProviderSpec, total: int | None, rate_limit: str = "", *, days: int = 0) -> str:
    """One sentence for the wizard. ``days``: how far back is loaded, 0 for everything.

    No provider tells how many of its reviews are that young: for a part it is the most it can take.
    """
    said = _for_everything(spec, total, rate_limit)
    if not days or spec.page_size <= 0:
        return said
    return translate("wizard", "At most {estimate}").format(estimate=said[:1].lower() + said[1:])


def _for_everything(spec: ProviderSpec, total: int | None, rate_limit: str) -> str:
    limits = limits_of(spec, rate_limit)
    if total is not None:
        count = QLocale().toString(total)
        span = _span(load_seconds(total, spec.page_size, limits))
        return translate("wizard", "{count} reviews, {span}").format(count=count, span=span)
    if spec.page_size <= 0:
        return translate("wizard", "Everything comes in one call, {span}").format(span=_span(_CALL_S))
    span = _span(load_seconds(10_000, spec.page_size, limits))
    return translate("wizard", "Each 10,000 reviews: {span}").format(span=span)


def _span(seconds: float) -> str:
    if seconds < 60:
        return translate("wizard", "less than a minute")
    if seconds < 90 * 60:
        return translate("wizard", "about %n min", "", math.ceil(seconds / 60))
    return translate("wizard", "about %n h", "", math.ceil(seconds / 3600))
