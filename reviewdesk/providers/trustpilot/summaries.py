"""Trustpilot's own figures of products: summaries, attribute summaries and those of imported reviews."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reviewdesk.domain.errors import BadAnswer, Delivery, NotAvailable
from reviewdesk.domain.models import Product
from reviewdesk.domain.products import AttributeFigure, Origin, ServerFigures, Told
from reviewdesk.providers.trustpilot import wire
from reviewdesk.providers.trustpilot.api import TrustpilotApi

__all__ = ["all_summaries", "one_product"]

_PAGE = 1000
_MAX_PAGES = 1000


def all_summaries(api: TrustpilotApi, unit: str, *, key_only: bool, skus: Sequence[str]) -> Iterator[Told]:
    """Every product with reviews. With an API key alone only those whose SKUs the account names can be asked for."""
    if key_only:
        if not skus:
            raise NotAvailable(
                "With an API key alone, Trustpilot gives figures only of products whose numbers are given. "
                "Put them into the account's settings (skus)."
            )
        for start in range(0, len(skus), _PAGE):
            yield from _told(api.batch_summaries(unit, skus[start : start + _PAGE]).summaries)
        return
    before = ""
    for page in range(1, _MAX_PAGES + 1):
        found = api.summaries(unit, page=page, per_page=_PAGE).summaries
        mark = ",".join(str(s.sku) for s in found[:3])
        if found and mark == before:
            raise BadAnswer("Trustpilot gives the same page again and again.", delivery=Delivery.NOT_SENT)
        before = mark
        yield from _told(found)
        if len(found) < _PAGE:
            return


def one_product(api: TrustpilotApi, unit: str, sku: str) -> Told:
    """Summary, attributes and imported reviews of one SKU: three calls."""
    found = api.batch_summaries(unit, (sku,)).summaries
    # A product without reviews is missing from the answer: then there are none.
    summary = next((s for s in found if str(s.sku).casefold() == sku.casefold()), wire.Summary())
    parts = next(
        (
            a
            for a in api.attribute_summaries(unit, (sku,)).summaries
            if str(a.sku).casefold() == sku.casefold()
        ),
        wire.AttributesOfSku(),
    )
    attributes = tuple(
        AttributeFigure(str(a.name), a.total_occurrences.value or 0, a.average.value)
        for a in parts.attributes or ()
        if str(a.name)
    )
    figures = [_figures(summary, Origin.SUMMARY, attributes)]
    imported = _figures(api.imported_summary(unit, (sku,)), Origin.IMPORTED)
    if imported.n:
        figures.append(imported)
    return Told(product=Product(sku=sku), figures=tuple(figures))


def _told(summaries: Sequence[wire.Summary]) -> Iterator[Told]:
    for summary in summaries:
        if sku := str(summary.sku):
            yield Told(product=Product(sku=sku), figures=(_figures(summary, Origin.SUMMARY),))


def _figures(
    summary: wire.Summary, origin: Origin, attributes: tuple[AttributeFigure, ...] = ()
) -> ServerFigures:
    d = summary.number_of_reviews or wire.Distribution()
    spread = tuple(
        part.value or 0 for part in (d.one_star, d.two_stars, d.three_stars, d.four_stars, d.five_stars)
    )
    n = d.total.value or 0
    return ServerFigures(
        origin=origin,
        n=n,
        mean=summary.stars_average.value if n else None,
        spread=spread,
        attributes=attributes,
    )
