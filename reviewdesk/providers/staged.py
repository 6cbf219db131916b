"""The staged connection test for providers whose one call does everything: which stage an error belongs to."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from reviewdesk.domain.errors import ErrorKind, ProviderError, ReviewdeskError
from reviewdesk.providers.addresses import address_problem
from reviewdesk.providers.base import CheckStage

__all__ = ["one_call_check"]

_STAGES = ("address", "connect", "sign-in", "permission", "read")
_DONE = {
    "address": "The address is well formed.",
    "connect": "{title} answers.",
    "sign-in": "{title} accepts the credentials.",
    "permission": "The account may read its reviews.",
}
_STAGE_OF = {
    ErrorKind.NETWORK: "connect",
    ErrorKind.TLS: "connect",
    ErrorKind.SIGN_IN: "sign-in",
    ErrorKind.PERMISSION: "permission",
}


def one_call_check(base_url: str, title: str, read: Callable[[], str]) -> Iterator[CheckStage]:
    """``read`` makes the call and says in a sentence what it found. Stops after the first stage that is not ok."""
    problem = address_problem(base_url)
    if problem is not None:
        yield CheckStage("address", False, problem, "Correct the address.")
        return
    found, failed, remedy = "", "", ""
    last = "read"
    try:
        found = read()
    except ProviderError as error:
        last = _STAGE_OF.get(error.kind, "read")
        failed, remedy = error.message, error.remedy
    except ReviewdeskError as error:
        last = "sign-in"
        failed, remedy = error.message, error.remedy
    for stage in _STAGES[: _STAGES.index(last)]:
        yield CheckStage(stage, True, _DONE[stage].format(title=title))
    if failed:
        yield CheckStage(last, False, failed, remedy)
    else:
        yield CheckStage("read", True, found)
