"""``invite``, ``invite-bulk`` and ``invite-withdraw`` as an administrator runs them, against practice servers."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from reviewdesk import practice
from reviewdesk.practice import PracticeShop
from tests.support.codes import read_png
from tests.support.inviting import add_account, at_trustpilot
from tests.support.program import CommandLine

pytestmark = pytest.mark.timeout(300)

SHOP, TRUST, ORDERS = "harbour.example", "Harbour DK", "Harbour Maison"
ANSWER = {"link", "links", "expires", "sent", "qr"}
COLUMNS = ["row", "email", "order_id", "state", "link", "reason"]


@pytest.fixture(scope="module")
def shop() -> Iterator[PracticeShop]:
    with practice.start(providers=("sitejabber", "trustpilot", "guaranteed-reviews")) as shop:
        yield shop


@pytest.fixture(scope="module")
def run(shop: PracticeShop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandLine]:
    run = CommandLine(tmp_path_factory.mktemp("inviting"))
    for name in (SHOP, TRUST, ORDERS):
        add_account(run, shop, name)
    yield run
    run.end()


def person(number: int, **more: str) -> list[str]:
    """Options of a customer that nobody else in these tests is."""
    options = {
        "email": f"c{number}@example.org",
        "order-id": f"INV-{number}",
        "order-date": "2026-01-15",
    } | more
    return [part for key, value in options.items() for part in (f"--{key}", value)]


def asked(shop: PracticeShop, order: str) -> dict[str, Any]:
    """The one request that Sitejabber has for this order."""
    [found] = [r for r in shop.sitejabber.requests if r["order_id"] == order]
    return dict(found)


def invited(run: CommandLine, account: str, *options: str) -> dict[str, Any]:
    found = run("invite", account, *options, "--json").check(0).json()
    assert set(found) == ANSWER
    return dict(found)


def results(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        rows = list(reader)
        assert reader.fieldnames == COLUMNS
    return rows


# --- one customer --------------------------------------------------------------------------------------


def test_links_are_the_server_s_own(run: CommandLine, shop: PracticeShop) -> None:
    made = invited(run, SHOP, *person(1))
    assert made["link"] == asked(shop, "INV-1")["link"] and made["links"] == {}
    assert made["sent"] is False and made["expires"] is None and made["qr"] is None
    assert asked(shop, "INV-1")["emailed"] is False

    made = invited(run, TRUST, "--email", "c2@example.org", "--order-id", "INV-2", "--locale", "fr")
    last = at_trustpilot(shop, "INV-2")
    assert last["kind"] == "service-link" and made["link"].endswith(last["id"])
    assert last["body"]["locale"] == "fr-FR"


def test_links_for_products(run: CommandLine, shop: PracticeShop) -> None:
    with shop.sitejabber.lock:
        skus = [p["sku"] for p in shop.sitejabber.data["products"].values()][:2]
    made = invited(run, SHOP, *person(3), "--sku", skus[0], "--sku", skus[1])
    assert set(made["links"]) == set(skus) and made["link"] in made["links"].values()
    with shop.trustpilot.lock:
        sku = next(iter(shop.trustpilot.data["products"].values()))["sku"]
    made = invited(run, TRUST, *person(4)[:4], "--kind", "product", "--sku", sku)
    last = at_trustpilot(shop, "INV-4")
    assert last["kind"] == "product-link" and made["link"].endswith(last["id"])


def test_only_send_lets_anybody_be_e_mailed(run: CommandLine, shop: PracticeShop) -> None:
    made = invited(run, SHOP, *person(5), "--send")
    assert made["sent"] is True and made["link"] is None
    assert asked(shop, "INV-5")["emailed"] is True
    made = invited(run, TRUST, *person(6)[:4], "--send")
    assert made["sent"] is True and at_trustpilot(shop, "INV-6")["kind"] == "email"

    before = len(shop.journal.entries())
    refused = run("invite", ORDERS, *person(7, name="Ann Bee")).check(1)
    assert "--send" in refused.err and len(shop.journal.entries()) == before
    made = invited(run, ORDERS, *person(7, name="Ann Bee"), "--send")
    assert made["sent"] is True and made["link"] is None
    assert shop.guaranteed_reviews.orders[-1]["id_order"] == "INV-7"


def test_a_link_made_offline(run: CommandLine, shop: PracticeShop) -> None:
    before = len(shop.journal.entries())
    made = invited(run, SHOP, *person(8, name="Ann Bee"), "--offline")
    assert shop.sitejabber.read_offline_link(made["link"]) == {
        "email": "c8@example.org", "order_date": "01-15-2026", "order_id": "INV-8", "first_name": "Ann",
        "last_name": "Bee",
    }  # fmt: skip
    assert made["sent"] is False and len(shop.journal.entries()) == before
    run("invite", TRUST, *person(9), "--offline").check(1)
    run("invite", SHOP, *person(9), "--offline", "--send").check(2)


def test_the_qr_code_is_the_link(run: CommandLine, tmp_path: Path) -> None:
    made = invited(run, SHOP, *person(10), "--qr", str(tmp_path / "code.png"))
    assert made["qr"] == str(tmp_path / "code.png")
    assert read_png((tmp_path / "code.png").read_bytes()) == made["link"]
    run("invite", SHOP, *person(11), "--qr", str(tmp_path / "code.doc")).check(2)
    run("invite", SHOP, *person(11), "--qr", str(tmp_path / "none" / "code.png")).check(2)
    run("invite", SHOP, *person(11), "--send", "--qr", str(tmp_path / "other.png")).check(2)


def test_nobody_is_asked_twice_for_an_order(run: CommandLine, shop: PracticeShop) -> None:
    made = invited(run, SHOP, *person(20))
    before = len(shop.journal.entries())
    for again in (person(20), person(20, email="C20@Example.ORG")):
        refused = run("invite", SHOP, *again, "--json").check(1)
        assert made["link"] in refused.err and refused.out == ""
        assert any(f"20{year}-" in refused.err for year in range(25, 40))
    run("invite", SHOP, *person(20), "--send").check(1)
    run("invite", TRUST, *person(20)[:4]).check(1)
    assert len(shop.journal.entries()) == before
    invited(run, SHOP, *person(20, **{"order-id": "INV-20-B"}))


def test_what_can_not_be_right(run: CommandLine, shop: PracticeShop) -> None:
    before = len(shop.journal.entries())
    assert "Order date" in run("invite", SHOP, *person(30)[:4]).check(2).err
    assert "no ending" in run("invite", SHOP, *person(30, email="c30@example")).check(2).err
    assert "31 November" in run("invite", SHOP, *person(30, **{"order-date": "31.11.2025"})).check(2).err
    run("invite", "nobody", *person(30)).check(2)
    run("invite", SHOP, *person(30), "--kind", "shop").check(2)
    run("invite", SHOP).check(2)
    assert len(shop.journal.entries()) == before


def test_an_answer_that_was_lost_is_never_sent_again(run: CommandLine, shop: PracticeShop) -> None:
    shop.faults.on("email-invitations", method="POST", cut="after")
    lost = run("invite", TRUST, *person(40)[:4], "--send", "--json").check(1)
    assert lost.json()["sent"] is None
    run("invite", TRUST, *person(40)[:4], "--send").check(1)
    run("outbox", "run").check(0)
    assert at_trustpilot(shop, "INV-40")["kind"] == "email"


def test_while_the_keychain_is_locked_nobody_is_asked(
    run: CommandLine, shop: PracticeShop, tmp_path: Path
) -> None:
    before = len(shop.journal.entries())
    locked = run.keychain_file.with_suffix(".locked")
    locked.touch()
    run("invite", SHOP, *person(45)).check(4)
    file = the_list(
        tmp_path / "k.csv", "k1@example.org;KC-1;15.01.2026;K", "k2@example.org;KC-2;15.01.2026;K"
    )
    run("invite-bulk", SHOP, file).check(4)
    locked.unlink()
    assert len(shop.journal.entries()) == before
    run("invite-bulk", SHOP, file).check(0)
    assert asked(shop, "KC-1") and asked(shop, "KC-2")


def test_taking_back(run: CommandLine, shop: PracticeShop) -> None:
    invited(run, SHOP, *person(50, email="Taken@example.org"))
    invited(run, SHOP, *person(51, email="Taken@example.org"))
    done = run("invite-withdraw", SHOP, "--email", "taken@example.org", "--order-id", "INV-50", "--json")
    assert done.check(0).json()["removed_order_ids"] == ["INV-50"]
    assert [r["order_id"] for r in shop.sitejabber.requests if r["email"] == "Taken@example.org"] == [
        "INV-51"
    ]
    assert "INV-51" in run("invite-withdraw", SHOP, "--email", "taken@example.org").check(0).out
    run("invite-withdraw", SHOP, "--email", "taken@example.org").check(1)
    assert "Trustpilot" in run("invite-withdraw", TRUST, "--email", "taken@example.org").check(1).err


def test_a_review_shows_its_invitation(run: CommandLine, shop: PracticeShop) -> None:
    run("sync", SHOP).check(0)
    row = next(r for r in run("list", "--limit", "300", "--json").check(0).json() if r["order_id"])
    made = invited(
        run, SHOP, "--email", "z@example.org", "--order-id", row["order_id"], "--order-date", "2026-01-15"
    )
    shown = run("show", str(row["id"]), "--json").check(0).json()["invitations"]
    assert [i["link"] for i in shown] == [made["link"]]
    assert set(shown[0]) == {
        "id", "at", "account", "way", "kind", "email", "order_id", "state", "link", "links", "expires",
    }  # fmt: skip
    assert shown[0]["state"] == "invited" and shown[0]["account"] == SHOP


# --- a list --------------------------------------------------------------------------------------------


def the_list(path: Path, *lines: str) -> str:
    path.write_text("\n".join(("mail;order_no;bought_on;first", *lines)) + "\n", encoding="cp1252")
    return str(path)


def test_a_list_and_its_result(run: CommandLine, shop: PracticeShop, tmp_path: Path) -> None:
    before = len(shop.sitejabber.requests)
    file = the_list(
        tmp_path / "orders.csv",
        "l1@example.org;L-1;15.01.2026;Amélie",
        "l2@example;L-2;15.01.2026;Heike",
        "l3@example.org;;15.01.2026;Luis",
        "l4@example.org;L-4;31.11.2025;Oliver",
        "l5@example.org;L-5;15.01.2026;=cmd()",
        "L1@EXAMPLE.org;L-1;15.01.2026;Amélie",
    )
    out = tmp_path / "result.csv"
    looked = run("invite-bulk", SHOP, file, "--dry-run", "--out", str(out))
    assert looked.check(1).out.startswith("2 of 6 rows would be invited, 3 are bad")
    assert [r["state"] for r in results(out)].count("bad") == 3 and len(shop.sitejabber.requests) == before

    done = run("invite-bulk", SHOP, file, "--out", str(out)).check(1)
    rows = results(out)
    assert [r["state"] for r in rows] == ["invited", "bad", "bad", "bad", "invited", "skipped"]
    assert [r["row"] for r in rows] == ["1", "2", "3", "4", "5", "6"]
    for number, words in ((2, "mail"), (3, "order_no"), (4, "bought_on")):
        assert words in rows[number - 1]["reason"] and f"row {number}" in done.err
    made = [asked(shop, "L-1"), asked(shop, "L-5")]
    assert [r["link"] for r in rows if r["link"]] == [r["link"] for r in made]
    assert made[0]["first_name"] == "Amélie" and not any(r["emailed"] for r in made)
    assert {path.name for path in tmp_path.iterdir()} == {"orders.csv", "result.csv"}

    again = run("invite-bulk", SHOP, file, "--json").check(1).json()
    assert (again["invited"], again["bad"], again["skipped"]) == (2, 3, 1)
    assert [r["link"] for r in again["rows"]] == [r["link"] or None for r in rows]
    assert len(shop.sitejabber.requests) == before + 2


def test_a_list_with_columns_of_other_names(run: CommandLine, shop: PracticeShop, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("wer,was,wann\nm1@example.org,M-1,2026-01-15\n", encoding="utf-8")
    refused = run("invite-bulk", SHOP, str(tmp_path / "a.csv")).check(2)
    assert "wer, was, wann" in refused.err and "--map" in refused.err
    maps = ("--map", "email=wer", "--map", "order_id=2", "--map", "order_date=wann")
    run("invite-bulk", SHOP, str(tmp_path / "a.csv"), *maps).check(0)
    # Remembered for lists with these columns.
    (tmp_path / "b.csv").write_text("wer,was,wann\nm2@example.org,M-2,2026-01-15\n", encoding="utf-8")
    run("invite-bulk", SHOP, str(tmp_path / "b.csv")).check(0)
    assert asked(shop, "M-2")["email"] == "m2@example.org"
    for wrong in ("nonsense", "colour=wer", "email=none", "email=9"):
        run("invite-bulk", SHOP, str(tmp_path / "a.csv"), "--map", wrong).check(2)


def test_lists_that_are_none(run: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "broken.xlsx").write_bytes(b"PK\x03\x04 this is no workbook")
    for name in ("missing.csv", "empty.csv", "broken.xlsx", "."):
        run("invite-bulk", SHOP, str(tmp_path / name)).check(2)
    file = the_list(tmp_path / "x.csv", "x1@example.org;X-1;15.01.2026;X")
    run("invite-bulk", SHOP, file, "--out", file).check(2)
    run("invite-bulk", SHOP, file, "--out", str(tmp_path / "no" / "r.csv")).check(2)
    run("invite-bulk", SHOP, file, "--random", "3").check(2)
    run("invite-bulk", ORDERS, file).check(1)


def test_a_list_that_is_e_mailed(run: CommandLine, shop: PracticeShop, tmp_path: Path) -> None:
    file = the_list(tmp_path / "m.csv", *(f"e{i}@example.org;E-{i};15.01.2026;N{i}" for i in range(4)))
    shop.faults.on("review/request/add", method="POST", nth=2, cut="after")
    done = run("invite-bulk", SHOP, file, "--send", "--json").check(1).json()
    assert [r["state"] for r in done["rows"]] == ["invited", "unknown", "invited", "invited"]
    again = run("invite-bulk", SHOP, file, "--send", "--json").check(1).json()
    assert again["rows"] == done["rows"]
    mailed = [r["email"] for r in shop.sitejabber.requests if r["order_id"].startswith("E-")]
    assert sorted(mailed) == [f"e{i}@example.org" for i in range(4)]
    assert json.dumps(done)


def test_a_workbook_of_orders_that_are_mailed_later(
    run: CommandLine, shop: PracticeShop, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    for record in (
        ("E-Mail", "Bestellnummer", "Bestelldatum", "Vorname", "Nachname"),
        ("w1@example.org", 7001, datetime(2026, 1, 15), "Jörg", "Müller"),
        ("w2@example.org", 7002, datetime(2026, 1, 16), "Zoë", None),
    ):
        book.worksheets[0].append(record)
    book.save(tmp_path / "orders.xlsx")
    file = str(tmp_path / "orders.xlsx")
    run("invite-bulk", ORDERS, file).check(1)
    done = run("invite-bulk", ORDERS, file, "--send", "--json").check(1).json()
    assert [r["state"] for r in done["rows"]] == ["invited", "bad"]
    assert "Nachname" in done["rows"][1]["reason"]
    last = shop.guaranteed_reviews.orders[-1]
    assert (last["id_order"], last["lastname"], last["order_date"]) == (
        "7001",
        "Müller",
        "2026-01-15 00:00:00",
    )


def test_a_part_that_chance_chose(run: CommandLine, shop: PracticeShop, tmp_path: Path) -> None:
    file = the_list(tmp_path / "r.csv", *(f"r{i}@example.org;R-{i};15.01.2026;N{i}" for i in range(9)))
    done = run("invite-bulk", SHOP, file, "--random", "4", "--seed", "herbst", "--json").check(0).json()
    assert done["invited"] == 4 and done["skipped"] == 5
    again = run("invite-bulk", SHOP, file, "--random", "4", "--seed", "herbst", "--json").check(0).json()
    assert again["rows"] == done["rows"]

    page = run("invite-record", str(done["run"]), "--check", file).check(0).out
    assert "herbst" in page and "the same rows" in page and "@" not in page
    other = the_list(tmp_path / "other.csv", "r0@example.org;R-0;15.01.2026;N0")
    run("invite-record", str(done["run"]), "--check", other).check(1)
    run("invite-record", "9999").check(2)
    listed = run("invite-record", "--json").check(0).json()
    assert listed[0]["run"] == done["run"] and listed[0]["state"] == "done"
