"""The documents of the published-reviews API as they are on the wire."""

from __future__ import annotations

from typing import Any

from reviewdesk.providers.decode import Flag, Key, Number, Text, When, Whole, Wire

__all__ = ["PublishedReview", "Token"]


class Token(Wire, rename=None):
    access_token: Text = Text()
    expires_in: Whole = Whole()


class PublishedReview(Wire, rename=None):
    """One element of the bare array. ``order_id`` and ``is_personal_data_disclosed`` stay in the raw record."""

    review_id: Key
    review_rate: Number = Number()
    review_content: Text = Text()
    review_date: When = When()
    publish_date: When = When()
    order_reference: Text = Text()
    order_date: When = When()
    author_firstname: Text = Text()
    author_lastname: Text = Text()
    product_variation_id: Text = Text()
    product_sku: Text = Text()
    product_name: Text = Text()
    product_brand: Text = Text()
    product_upc: Text = Text()
    product_mpn: Text = Text()
    product_ean: Text = Text()
    product_jan: Text = Text()
    product_image_url: Text = Text()
    product_page_url: Text = Text()
    locale: Text = Text()
    is_verified: Flag = Flag()
    syndicated_review: Flag = Flag()
    incentivization: Any = None
    media: Any = None
    medias: Any = None
