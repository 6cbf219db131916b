"""What the products room says: figures, matches, sources, moments."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale

from reviewdesk.services.products import Listing, MatchReason, Origin, ServerFigures

__all__ = [
    "count_words",
    "day_words",
    "mean_words",
    "month_words",
    "origin_words",
    "reason_words",
    "source_words",
]

translate = QCoreApplication.translate


def count_words(n: int) -> str:
    """``1 review``, ``3,400 reviews``."""
    shown = QLocale().toString(n)
    if n == 1:
        return translate("products", "1 review")
    return translate("products", "{count} reviews").format(count=shown)


def mean_words(mean: float | None) -> str:
    """``4.32``, or a dash."""
    return "–" if mean is None else QLocale().toString(mean, "f", 2)


def day_words(seconds: int) -> str:
    """``21 Nov 2026, 22:40`` as the language writes it."""
    return QLocale().toString(QDateTime.fromSecsSinceEpoch(seconds), QLocale.FormatType.ShortFormat)


def month_words(month: str) -> str:
    """``2026-09`` as ``Sep 2026``."""
    return QLocale().toString(QDateTime.fromString(month + "-01", "yyyy-MM-dd"), "MMM yyyy")


def origin_words(figures: ServerFigures, source: str) -> str:
    """Whose figure it is: never to be taken for one of ours."""
    pattern = {
        Origin.SUMMARY: translate("products", "{source} says"),
        Origin.IMPORTED: translate("products", "{source}, imported"),
        Origin.CATALOGUE: translate("products", "{source}’s catalogue says"),
        Origin.STATS: translate("products", "{source}’s statistics say"),
    }[figures.origin]
    return pattern.format(source=source)


def reason_words(listing: Listing) -> str:
    """Why this source's product is here, in one line."""
    value = listing.matched_value
    pattern = {
        MatchReason.ALONE: translate("products", "Nothing to compare it with yet"),
        MatchReason.SAME: translate("products", "Same number in the same account"),
        MatchReason.GTIN: translate("products", "Same GTIN {value}"),
        MatchReason.SKU: translate("products", "Same SKU {value}"),
        MatchReason.MPN: translate("products", "Same maker’s number {value}"),
        MatchReason.URL: translate("products", "Same page {value}"),
        MatchReason.HAND: translate("products", "Decided by you"),
    }[listing.reason]
    return pattern.format(value=value)


def source_words(account: str, source: str) -> str:
    """``Harbour DK``, or ``Harbour DK, imported``."""
    return f"{account}, {source}" if source else account
