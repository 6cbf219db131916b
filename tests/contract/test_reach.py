"""How far back an account is loaded: what is older is not kept, and lists are not read to their end for it."""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reviewdesk.domain.models import ReviewRecord
from reviewdesk.providers.registry import PROVIDERS
from reviewdesk.secrets.memory import MemorySecrets
from reviewdesk.services.core import Core
from tests.contract.harness import Harness, harnesses
from tests.support.contexts import context
from tests.support.core import make_profile
from tests.support.desks import open_desk

DAY = 86_400
for_each = pytest.mark.parametrize("harness", list(harnesses()), indirect=True)


def read(harness: Harness, since: int, *, full: bool = False) -> tuple[list[ReviewRecord], int]:
    """What a first run with this limit gives, and its calls."""
    provider = PROVIDERS[harness.provider_id](replace(harness.context(), since=since))
    try:
        found = [r for page in provider.fetch({}, full=full) for r in page.reviews]
        return found, provider.calls
    finally:
        provider.close()


@for_each
def test_nothing_that_is_wanted_is_missing(harness: Harness) -> None:
    whole, calls = read(harness, 0)
    dates = sorted(r.created_at for r in whole if r.created_at)
    since = dates[len(dates) // 2]
    wanted = {(r.kind, r.native_id) for r in whole if r.created_at is None or r.created_at >= since}
    found, fewer = read(harness, since)
    assert wanted <= {(r.kind, r.native_id) for r in found}
    assert fewer <= calls
    again, _ = read(harness, since, full=True)
    assert wanted <= {(r.kind, r.native_id) for r in again}


@for_each
def test_the_service_keeps_to_it(harness: Harness, tmp_path: Path) -> None:
    core = Core.open(make_profile(tmp_path), clock=harness.shop.clock, secrets=MemorySecrets())
    try:
        days = 60
        account = core.accounts.add(
            harness.provider_id, "Shop", harness.settings(), harness.secrets(), test=False, days=days
        )
        assert core.sync.run([account], False)[0].ok
        since = harness.shop.clock.now() - days * DAY
        rows = core.inbox.rows(core.inbox.ids(core.inbox.parse("is:removed OR -is:removed"))).values()
        assert rows and all(row.created_at >= since - 5 for row in rows)
    finally:
        core.stop()


def sitejabber_crowd(server: Any, count: int) -> None:
    pattern = copy.deepcopy(server.data["reviews"][str(server.review_numbers()[0])])
    pattern |= {"pictures": [], "previous": None, "edited": None, "removed": None}
    oldest = min(r["created"] for r in server.data["reviews"].values())
    for place in range(count):
        at = oldest - (place + 1) * 1800
        number = 100_000 + place
        server.data["reviews"][str(number)] = pattern | {"no": number, "created": at, "published": at}


def test_sitejabber_stops_where_everything_is_older() -> None:
    with open_desk("sitejabber") as desk:
        sitejabber_crowd(desk.server, 3000)
        since = int(desk.clock.now()) - 90 * DAY
        made = context(desk.settings, desk.box, clock=desk.clock, cancel=desk.cancel, memory=desk.memory)
        provider = PROVIDERS["sitejabber"](replace(made, since=since))
        try:
            for _ in provider.fetch({}, full=False):
                pass
        finally:
            provider.close()
        assert desk.asked(r"/reviews$") < 15, "thirty pages of old ones are left alone"
