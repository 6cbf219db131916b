"""Retargeting's documents as they are on the wire. Field names are Retargeting's own."""

from __future__ import annotations

from typing import Any

import msgspec

from reviewdesk.providers.decode import Number, Text, When, Wire

__all__ = ["Envelope", "Feedback", "Order", "ProductFeedback"]


class Envelope(Wire, rename=None):
    """``data`` is a list of feedback where ``status`` is ``success``; elsewhere it may be anything."""

    status: Text = Text()
    message: Any = None
    data: msgspec.Raw = msgspec.Raw(b"null")


class Order(Wire, rename=None):
    orderno: Text = Text()
    date: When = When()


class Feedback(Wire, rename=None):
    order: Order = msgspec.field(default_factory=Order)
    score: Number = Number()
    comment: Text = Text()
    added_on: When = When()
    product_reviews: list[msgspec.Raw] | None = None


class ProductFeedback(Wire, rename=None):
    realid: Text = Text()
    added_on: When = When()
    score: Number = Number()
    comment: Text = Text()
