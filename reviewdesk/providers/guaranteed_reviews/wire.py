"""Guaranteed Reviews' documents as they are on the wire. Numbers arrive as strings, an absent reply as ``""``."""

from __future__ import annotations

from typing import Any

import msgspec

from reviewdesk.providers.decode import Flag, Key, Number, Text, When, Whole, Wire

__all__ = ["OrdersAnswer", "PrivateList", "PrivateReview", "PublicList", "PublicReview", "Ratings"]


class Ratings(Wire, rename=None):
    """``distribution`` is an object of counts, or an empty list where there are none."""

    total: Whole = Whole()
    average: Number = Number()
    distribution: Any = None


class PublicList(Wire, rename=None):
    """An error has no ``reviews``; its words are in ``message``."""

    reviews: list[msgspec.Raw] | None = None
    ratings: Ratings = msgspec.field(default_factory=Ratings)
    code: Text = Text()
    message: Text = Text()
    data: Any = None


class PublicReview(Wire, rename=None):
    id: Key
    r: Number = Number()
    txt: Text = Text()
    date: When = When()
    c: Text = Text()
    o: Text = Text()
    odate: Text = Text()
    reply: Text = Text()
    rdate: When = When()
    transl: Text = Text()
    lang: Text = Text()


class Pagination(Wire, rename=None):
    total_results: Whole = Whole()
    total_pages: Whole = Whole()


class PrivateList(Wire, rename=None):
    reviews: list[msgspec.Raw] | None = None
    pagination: Pagination = msgspec.field(default_factory=Pagination)
    code: Text = Text()
    message: Text = Text()
    data: Any = None


class PrivateReview(Wire, rename=None):
    """``product`` is ``"no"`` for a review of the shop itself."""

    id: Key
    order: Text = Text()
    product: Text = Text()
    review_rating: Number = Number()
    review_text: Text = Text()
    date_time: When = When()
    reviewer_name: Text = Text()
    reviewer_lastname: Text = Text()
    reviewer_email: Text = Text()
    review_status: Text = Text()


class OrdersAnswer(Wire, rename=None):
    """``success`` is 1 or 0; an error of the platform has none, but ``code`` and ``data`` like the lists' errors."""

    success: Flag = Flag()
    orders_count: Whole = Whole()
    products_imported: Whole = Whole()
    message: Text = Text()
    code: Text = Text()
    data: Any = None
