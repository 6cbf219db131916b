"""What a provider has besides when it can tell of products: its catalogue, and its own figures of them.

Optional, as ``base.BrowserSignIn`` is: ask with ``isinstance``. Read-only; adding, removing and pictures are actions
and go through the outbox. Used on the account's worker only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, runtime_checkable

from reviewdesk.domain.models import Product
from reviewdesk.domain.products import Told

__all__ = ["ProductReads", "TopProducts"]


@runtime_checkable
class ProductReads(Protocol):
    """Raises ``ProviderError``; ``NotAvailable`` where this account's credentials or this product do not allow it."""

    def read_products(self) -> Iterator[Told]:
        """Every product the provider tells of, with its figures as far as the list has them."""
        ...

    def read_product(self, product: Product) -> Told:
        """Everything the provider itself says of one product."""
        ...


@runtime_checkable
class TopProducts(Protocol):
    """Where the provider names the best rated products."""

    def top_products(self, category: str = "", currency: str = "") -> tuple[Told, ...]:
        """The best of each category, or of one. Raises ``ProviderError``."""
        ...
