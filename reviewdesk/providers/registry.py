"""The providers, by id. Specs are cheap to load; the HTTP library comes only with a provider's class."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reviewdesk.domain.capabilities import ProviderSpec
    from reviewdesk.providers.base import Provider

__all__ = ["CODES", "PROVIDERS", "spec", "specs"]

CODES: Mapping[str, str] = {
    "trustpilot": "TP",
    "sitejabber": "SJ",
    "guaranteed-reviews": "GR",
    "retargeting": "RT",
    "verified-reviews": "VR",
}
"""``ProviderSpec.code`` of each, for who only shows it and loads no spec (the window's first painting)."""


def _trustpilot_spec() -> ProviderSpec:
    from reviewdesk.providers.trustpilot.spec import SPEC

    return SPEC


def _trustpilot() -> type[Provider]:
    from reviewdesk.providers.trustpilot.provider import TrustpilotProvider

    return TrustpilotProvider


def _sitejabber_spec() -> ProviderSpec:
    from reviewdesk.providers.sitejabber.spec import SPEC

    return SPEC


def _sitejabber() -> type[Provider]:
    from reviewdesk.providers.sitejabber.provider import SitejabberProvider

    return SitejabberProvider


def _guaranteed_reviews_spec() -> ProviderSpec:
    from reviewdesk.providers.guaranteed_reviews.spec import SPEC

    return SPEC


def _guaranteed_reviews() -> type[Provider]:
    from reviewdesk.providers.guaranteed_reviews.provider import GuaranteedReviewsProvider

    return GuaranteedReviewsProvider


def _retargeting_spec() -> ProviderSpec:
    from reviewdesk.providers.retargeting.spec import SPEC

    return SPEC


def _retargeting() -> type[Provider]:
    from reviewdesk.providers.retargeting.provider import RetargetingProvider

    return RetargetingProvider


def _verified_reviews_spec() -> ProviderSpec:
    from reviewdesk.providers.verified_reviews.spec import SPEC

    return SPEC


def _verified_reviews() -> type[Provider]:
    from reviewdesk.providers.verified_reviews.provider import VerifiedReviewsProvider

    return VerifiedReviewsProvider


# A provider is these two lines and its package (docs/architecture.md section 5).
_KNOWN: dict[str, tuple[Callable[[], ProviderSpec], Callable[[], type[Provider]]]] = {
    "trustpilot": (_trustpilot_spec, _trustpilot),
    "sitejabber": (_sitejabber_spec, _sitejabber),
    "guaranteed-reviews": (_guaranteed_reviews_spec, _guaranteed_reviews),
    "retargeting": (_retargeting_spec, _retargeting),
    "verified-reviews": (_verified_reviews_spec, _verified_reviews),
}


class _Providers(Mapping[str, "type[Provider]"]):
    """Reads like a dict; each class is imported when it is asked for."""

    def __getitem__(self, key: str) -> type[Provider]:
        return _KNOWN[key][1]()

    def __iter__(self) -> Iterator[str]:
        return iter(_KNOWN)

    def __len__(self) -> int:
        return len(_KNOWN)


PROVIDERS: Mapping[str, type[Provider]] = _Providers()


def spec(provider: str) -> ProviderSpec:
    """What is known about a provider without talking to it. Raises KeyError for an unknown id."""
    return _KNOWN[provider][0]()


def specs() -> tuple[ProviderSpec, ...]:
    """All of them, in the order in which they are shown."""
    return tuple(load() for load, _ in _KNOWN.values())
