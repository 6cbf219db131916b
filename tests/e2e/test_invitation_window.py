"""Each kind of invitation by keyboard alone in the real window; the practice servers' own records judge."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw
import pytest

from reviewdesk.domain.models import ReviewKind
from reviewdesk.practice.sitejabber import SitejabberServer
from reviewdesk.providers.registry import PROVIDERS
from reviewdesk.ui.invitations.fields import FEW_FIELDS, shown_fields
from tests.e2e.test_window_journey import pictures_to, prepared, profile_database
from tests.support.screen import Program, Screen, needs_screen, until, virtual_screen

pytestmark = [needs_screen, pytest.mark.timeout(300)]
SOURCES = ("trustpilot", "trustpilot", "sitejabber", "guaranteed-reviews")
"""Those that invite, in the order of the practice accounts."""


@pytest.fixture
def screen() -> Iterator[Screen]:
    with virtual_screen() as made:
        yield made


@dataclass(frozen=True)
class Kind:
    """One kind of invitation. ``down``: how often Down brings the wanted way after the first one."""

    source: int
    about: ReviewKind
    way: str
    down: int
    order: str = ""
    email: str = ""
    skus: str = ""
    more: dict[str, str] = field(default_factory=dict)

    def values(self) -> dict[str, str]:
        return {
            "email": self.email,
            "name": "Pierre Lambert",
            "first_name": "Pierre",
            "last_name": "Lambert",
            "order_id": self.order,
            "order_date": "2026-10-09",
            "skus": self.skus,
        }


SHOP, PRODUCT = ReviewKind.BUSINESS, ReviewKind.PRODUCT
TP, SJ, GR = 0, 2, 3
KINDS = (
    Kind(TP, SHOP, "link", 0, "TP-1", "a.one@example.org"),
    Kind(TP, SHOP, "email", 1, "TP-2", "b.two@example.org"),
    Kind(TP, PRODUCT, "link", 0, "TP-3", "c.three@example.org", "HB-X2"),
    Kind(TP, PRODUCT, "email", 1, "TP-4", "d.four@example.org", "HB-X2"),
    Kind(SJ, SHOP, "link", 0, "SJ-1", "e.five@example.org"),
    Kind(SJ, SHOP, "email", 1, "SJ-2", "f.six@example.org"),
    Kind(SJ, PRODUCT, "link", 0, "SJ-3", "g.seven@example.org", "HB-X2"),
    Kind(SJ, PRODUCT, "email", 1, "SJ-4", "h.eight@example.org", "HB-X2"),
    Kind(SJ, SHOP, "offline", 2, "SJ-5", "i.nine@example.org"),
    Kind(SJ, SHOP, "edit-link", 3, "", ""),
    Kind(SJ, SHOP, "write-link", 4),
    Kind(GR, SHOP, "order", 0, "GR-1", "j.ten@example.org"),
)


def press(screen: Screen, kind: Kind) -> None:
    """The window from its opening to the confirming key, as a person without a mouse does it."""
    screen.key("ctrl+n")
    screen.run("xdotool", "search", "--sync", "--onlyvisible", "--name", "^Invite to review")
    screen.look(0.8)
    # The first field has the focus; the source is two controls before it.
    screen.key("shift+Tab", "shift+Tab")
    if kind.source:
        screen.key(*["Down"] * kind.source)
    screen.key("Tab")
    if kind.about is PRODUCT:
        screen.key("Down")
    screen.key("Tab")
    form = next(f for f in PROVIDERS[SOURCES[kind.source]].spec.invitations if f.kind is kind.about)
    values = kind.values()
    shown = [f for f in shown_fields(form) if f.key not in FEW_FIELDS or f.required]
    for item in shown:
        if values.get(item.key):
            screen.type(values[item.key], delay_ms=4)
        screen.key("Tab")
    if len(shown) < len(shown_fields(form)):
        screen.key("Tab")  # past "More fields"
    if kind.down:
        screen.key(*["Down"] * kind.down)
    screen.look(0.3)
    screen.key("ctrl+Return")


def invitations(profile: Path) -> list[dict[str, Any]]:
    """What the program keeps, oldest first."""
    db = apsw.Connection(str(profile_database(profile)), flags=apsw.SQLITE_OPEN_READONLY)
    db.set_busy_timeout(5000)
    try:
        rows = db.execute(
            "SELECT way, kind, state, email, order_id, link, links FROM invitation ORDER BY id"
        ).fetchall()
    finally:
        db.close()
    names = ("way", "kind", "state", "email", "order", "link", "links")
    return [dict(zip(names, row, strict=True)) for row in rows]


def records(profile: Path) -> list[tuple[str, dict[str, Any]]]:
    """What the practice servers themselves keep: (kind, record), its last word on each."""
    kept: dict[tuple[str, str, str], Any] = {}
    for file in sorted(f for f in profile.rglob("*.jsonl") if f.is_file()):
        for line in file.read_text(encoding="utf-8").splitlines():
            kind, key, record = json.loads(line)
            kept[file.name, kind, key] = record
    return [(kind, record) for (_, kind, _), record in kept.items() if record is not None]


def test_every_kind_by_keyboard_is_what_the_server_has(screen: Screen, tmp_path: Path) -> None:
    profile = prepared(tmp_path / "profile")
    shots = pictures_to(tmp_path)
    writer = reviewer_address(profile)
    with Program(screen, "--demo", "--profile", str(profile), log=tmp_path / "window.log") as program:
        screen.window()
        screen.look(2.0)
        for number, kind in enumerate(KINDS, 1):
            if kind.way == "edit-link":
                kind = Kind(kind.source, kind.about, kind.way, kind.down, "", writer)
            press(screen, kind)
            screen.picture(shots / f"asked-{number:02}.png")
            until(lambda n=number: len(invitations(profile)) == n, f"invitation {number}: {kind}", 20)  # type: ignore[misc]
            made = invitations(profile)[-1]
            assert (made["way"], made["kind"]) == (kind.way, kind.about.value), kind
            if kind.way in ("link", "offline", "edit-link", "write-link"):
                until(lambda: invitations(profile)[-1]["state"] == "invited", f"the link of {kind}", 40)
                screen.look(0.4)
                screen.picture(shots / f"invite-{number:02}-{kind.way}.png")
            screen.key("Escape")
            screen.look(0.5)
        until(lambda: all(i["state"] == "invited" for i in invitations(profile)), "all of them", 60)
        screen.key("ctrl+q")
        program.process.wait(15)
    assert program.process.returncode == 0, program.said()
    assert "Traceback" not in program.said()
    made = invitations(profile)
    kept = records(profile)
    judge_trustpilot(made, kept)
    judge_sitejabber(made, kept, writer)
    orders = [r for kind, r in kept if kind == "orders" and "GR-1" in json.dumps(r)]
    assert len(orders) == 1 and orders[0]["email"] == "j.ten@example.org", orders
    assert next(i for i in made if i["order"] == "GR-1")["link"] is None


def reviewer_address(profile: Path) -> str:
    """Somebody who has written at Sitejabber and whose address it gives."""
    db = apsw.Connection(str(profile_database(profile)), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        found = db.execute(
            "SELECT r.author_email FROM review r JOIN account a ON a.id = r.account_id WHERE a.provider = 'sitejabber'"
            " AND r.kind = 'business' AND r.author_email <> '' AND r.provider_state = 'published' AND r.source IS NULL"
            " LIMIT 1"
        ).fetchall()
    finally:
        db.close()
    return str(found[0][0])


def judge_trustpilot(made: list[dict[str, Any]], kept: list[tuple[str, dict[str, Any]]]) -> None:
    links = {r["id"]: r for kind, r in kept if kind == "links" and "body" in r}
    emails = {r["email"]: r for kind, r in kept if kind == "emails"}
    assert len(links) == 2 and set(emails) == {"b.two@example.org", "d.four@example.org"}
    for order, kind, email in (("TP-1", "service-link", "a.one"), ("TP-3", "product-link", "c.three")):
        mine = next(i for i in made if i["order"] == order)
        found = re.fullmatch(r"http://127\.0\.0\.1:\d+/links/evaluate-(?:link-)?([0-9a-f]{32})", mine["link"])
        assert found is not None, mine["link"]
        record = links[found[1]]
        assert record["kind"] == kind and record["email"] == f"{email}@example.org"
        assert record["body"]["referenceId"] == order
    assert "serviceReviewInvitation" in emails["b.two@example.org"]["body"]
    assert emails["d.four@example.org"]["body"]["productReviewInvitation"]["productSkus"] == ["HB-X2"]
    assert all(i["link"] is None for i in made if i["way"] == "email" and i["order"].startswith("TP"))


def judge_sitejabber(made: list[dict[str, Any]], kept: list[tuple[str, dict[str, Any]]], writer: str) -> None:
    requests = {r["order_id"]: (kind, r) for kind, r in kept if kind in ("requests", "product_requests")}
    assert set(requests) == {"SJ-1", "SJ-2", "SJ-3", "SJ-4"}
    by_order = {i["order"]: i for i in made}
    for order, kind, emailed in (
        ("SJ-1", "requests", False),
        ("SJ-2", "requests", True),
        ("SJ-3", "product_requests", False),
        ("SJ-4", "product_requests", True),
    ):
        where, record = requests[order]
        assert (where, record["emailed"]) == (kind, emailed), order
        assert by_order[order]["email"] == record["email"]
        if not emailed:
            assert by_order[order]["link"] == record["link"]
    opened = SitejabberServer.read_offline_link(None, by_order["SJ-5"]["link"])  # type: ignore[arg-type]
    assert opened["email"] == "i.nine@example.org" and opened["order_id"] == "SJ-5"
    given = {(r["kind"], r["email"]): r["link"] for kind, r in kept if kind == "given_links"}
    edit = next(i for i in made if i["way"] == "edit-link")
    assert edit["link"] == given["edit", writer]
    write = next(i for i in made if i["way"] == "write-link")
    assert write["link"] == given["write", ""]
