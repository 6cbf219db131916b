"""Data care by command, each a process of its own, against practice servers over real HTTP."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
import openpyxl
import pytest

from reviewdesk import practice
from reviewdesk.practice import PracticeShop
from tests.support.program import CommandLine
from tests.support.traces import traces

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[CommandLine, PracticeShop]]:
    with practice.start(providers=("trustpilot", "sitejabber")) as shop:
        run = CommandLine(tmp_path_factory.mktemp("care"))
        for number, account in enumerate(shop.accounts):
            if account.provider == "sitejabber" or number == 0:
                _add(run, account)
        run("sync").check(0)
        yield run, shop
        run.end()


def _add(run: CommandLine, account: Any) -> None:
    chosen = {**account.settings, "rate_limit": "10000/1"}
    pairs = [part for key, value in chosen.items() for part in ("--set", f"{key}={value}")]
    keys = [part for key in account.secrets for part in ("--secret", key)]
    values = {f"REVIEWDESK_SECRET_{key.upper()}": value for key, value in account.secrets.items()}
    run(
        "account", "add", account.provider, "--name", account.name, *pairs, *keys, "--no-test", **values
    ).check(0)


def test_export_equals_list_and_leaves_private_fields_out(
    desk: tuple[CommandLine, PracticeShop], tmp_path: Path
) -> None:
    run, _ = desk
    rows = {row["id"]: row for row in run("list", "--limit", "10000", "--json").check(0).json()}
    out = tmp_path / "out.jsonl"
    run("export", "--format", "jsonl", "--out", str(out)).check(0)
    read = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [row["id"] for row in read] == list(rows)
    for row in read:
        whole = rows[row["id"]]
        assert set(whole) - set(row) == {"order_id"} and set(whole["author"]) - set(row["author"]) == {
            "email"
        }
        assert all(row[k] == whole[k] for k in row if k != "author")
    run("export", "stars:<=2", "--format", "csv", "--out", str(out), "--include-private").check(0)
    with out.open(encoding="utf-8-sig", newline="") as file:
        low = list(csv.DictReader(file))
    assert len(low) == int(run("count", "stars:<=2").check(0).out) > 0
    assert {"author_email", "order_id", "reference", "messages"} <= set(low[0])
    book = tmp_path / "out.xlsx"
    run("export", "--format", "xlsx", "--out", str(book)).check(0)
    assert openpyxl.load_workbook(book)["Reviews"].max_row == len(rows) + 1


@pytest.mark.parametrize(
    "words",
    [
        ("export", "--out", "x"),
        ("export", "--format", "pdf", "--out", "x"),
        ("export", "nonsense:1", "--format", "csv", "--out", "x"),
        ("export", "--format", "csv", "--out", "/nowhere/at/all.csv"),
        ("person", "find", "no-address"),
        ("backup", "--out", "/nowhere/at/all.db"),
        ("restore", "/nowhere/at/all.db"),
    ],
)
def test_wrong_usage_is_exit_2_and_said_before_anything_is_done(
    desk: tuple[CommandLine, PracticeShop], words: tuple[str, ...]
) -> None:
    desk[0](*words).check(2)


def _customer(run: CommandLine, shop: PracticeShop) -> dict[str, Any]:
    """Somebody whom the business itself told Sitejabber of: only those can be removed there."""
    for row in run("list", "account:" + _sitejabber(run), "--limit", "10000", "--json").check(0).json():
        record = shop.sitejabber.review(row["native_id"]) if row["kind"] == "business" else None
        if record is not None and record["solicited"] and row["author"]["email"] and row["order_id"]:
            found: dict[str, Any] = row
            return found
    raise AssertionError("nobody")


def _sitejabber(run: CommandLine) -> str:
    return next(a["name"] for a in run("account", "list", "--json").json() if a["provider"] == "sitejabber")


def test_a_person_is_found_exported_and_erased_here_and_at_the_provider(
    desk: tuple[CommandLine, PracticeShop], tmp_path: Path
) -> None:
    run, shop = desk
    row = _customer(run, shop)
    email, order = row["author"]["email"], row["order_id"]
    run("backup", "--out", str(tmp_path / "outside.db")).check(0)
    places = run("person", "find", email, "--json").check(0).json()
    assert all(set(p) == {"where", "id", "what"} for p in places)
    assert str(row["id"]) in {p["id"] for p in places if p["where"] == "reviews"}
    assert email in run("person", "export", email).check(0).out
    # Trustpilot has no call that shows a customer's data, and the command says so.
    done = run("person", "export", email, "--at-provider", "--out", str(tmp_path / "p.json"))
    assert done.code == 1 and "no call that shows" in done.err
    told = json.loads((tmp_path / "p.json").read_text("utf-8"))
    at = {t["account"]: t for t in told["providers"]}
    assert email in json.dumps(at[_sitejabber(run)]["data"])
    report = run("person", "erase", email, "--at-provider", "--json").check(0).json()
    assert set(report) == {"erased", "provider", "left"}
    assert {e["where"] for e in report["erased"]} >= {"reviews", "raw records", "search index"}
    assert all(set(e) == {"where", "count"} and e["count"] > 0 for e in report["erased"])
    assert {p["account"]: p["ok"] for p in report["provider"]} == dict.fromkeys(at, True)
    assert str(tmp_path / "outside.db") in {each["where"] for each in report["left"]}
    assert shop.sitejabber.review(row["native_id"])["author"]["firstName"] == "Anonymous"
    # Sample customers share their first names: that one is the business of tests/unit/services/test_privacy.py.
    values = [email, order]
    assert traces(run.profile, values, tmp_path) == []
    for more in ((), ("--full",)):
        run("sync", *more).check(0)
        assert traces(run.profile, values, tmp_path) == []
    again = run("show", str(row["id"]), "--json").check(0).json()
    assert again["author"] == {"name": "Anonymous", "username": None, "email": None, "id": None}
    assert again["order_id"] is None
    assert run("person", "find", email, "--json").check(0).json() == []
    assert run("person", "erase", email, "--json").check(0).json()["erased"] == []


def test_a_provider_that_cannot_be_asked_is_exit_1_and_named(
    desk: tuple[CommandLine, PracticeShop], tmp_path: Path
) -> None:
    run, _ = desk
    report = run("person", "erase", "stranger@example.org", "--at-provider", "--json")
    assert report.code == 1
    told = {p["account"]: p for p in report.json()["provider"]}
    assert (
        not told[_sitejabber(run)]["ok"] and "does not know this person" in told[_sitejabber(run)]["message"]
    )
    assert traces(run.profile, ["stranger@example.org"], tmp_path) == [], (
        "the address does not stay in the outbox"
    )


def test_backup_and_restore(desk: tuple[CommandLine, PracticeShop], tmp_path: Path) -> None:
    run, _ = desk
    review = run("list", "provider:trustpilot", "--limit", "1", "--json").json()[0]
    queued = run(
        "reply", str(review["id"]), "--text", "Thank you for the kind words.", "--queue", "--json"
    ).json()
    copy = tmp_path / "copy.db"
    run("backup", "--out", str(copy)).check(0)
    assert copy.stat().st_mode & 0o777 == 0o600
    run("outbox", "discard", str(queued["outbox_id"])).check(0)
    done = run("restore", str(copy))
    assert done.code == 0 and "1 outbox items are held" in done.err
    (item,) = [i for i in run("outbox", "list", "--json").json() if i["outbox_id"] == queued["outbox_id"]]
    assert item["state"] == "held" and item["text"] == "Thank you for the kind words."
    run("outbox", "run")
    (item,) = [i for i in run("outbox", "list", "--json").json() if i["outbox_id"] == queued["outbox_id"]]
    assert item["state"] == "held"
    thread = run("show", str(review["id"]), "--json").json()["conversation"]["comments"]
    assert not [c for c in thread if c["text"] == "Thank you for the kind words."]
    text = tmp_path / "text.db"
    text.write_text("no database")
    run("restore", str(text)).check(2)
    damaged = tmp_path / "damaged.db"
    damaged.write_bytes(copy.read_bytes()[:40_000])
    run("restore", str(damaged)).check(2)
    db = apsw.Connection(str(copy))
    assert db.pragma("integrity_check") == "ok"
    db.close()
