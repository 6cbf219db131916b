"""A list that is killed at random rows and run again: nobody is asked twice, judged by what the server carried out."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from reviewdesk import practice
from tests.support.inviting import add_account
from tests.support.program import CommandLine

pytestmark = pytest.mark.timeout(300)

ROWS = 24


@pytest.mark.parametrize("send", [False, True], ids=["links", "e-mails"])
def test_killed_at_random_rows_nobody_is_asked_twice(tmp_path: Path, send: bool) -> None:
    chance = random.Random(4 + 2 * send)
    lines = [f"k{n}@example.org;K-{n};2026-01-15" for n in range(1, ROWS + 1)]
    file = tmp_path / "list.csv"
    file.write_text("\n".join(("email;order_id;order_date", *lines)) + "\n", encoding="utf-8")
    options = ["--send"] if send else []
    with practice.start(providers=("sitejabber",)) as shop:
        run = CommandLine(tmp_path)
        account = add_account(run, shop, "harbour.example")

        def carried_out() -> list[str]:
            done = shop.journal.entries("sitejabber", method="POST", path="review/request/add")
            return [str(e.fields["order_id"]) for e in done if e.committed and e.outcome != "cut-before"]

        kills = 0
        for place in sorted(chance.sample(range(2, ROWS - 2), 6)):
            if place <= len(carried_out()):
                continue
            # Either before the server acts on the row, after it did, or somewhere between two rows.
            how = chance.choice(("before", "after", "between"))
            left = place - len(carried_out())
            held = shop.faults.on(
                "review/request/add",
                method="POST",
                nth=left,
                **{f"hold_{how}": True} if how != "between" else {},
            )
            process = run.start("invite-bulk", account, str(file), *options)
            if how == "between":
                shop.journal.wait_for(
                    "sitejabber", method="POST", path="review/request/add", count=place, timeout_s=90
                )
            else:
                held.wait_reached(90)
            run.killed(process)
            shop.faults.off()
            kills += 1
        assert kills

        last = run("invite-bulk", account, str(file), *options, "--json", timeout_s=200)
        found = last.json()
        states = Counter(row["state"] for row in found["rows"])
        assert states["invited"] + states["unknown"] == ROWS and states["unknown"] <= kills, states
        asked = Counter(carried_out())
        assert max(asked.values()) == 1, asked
        # Whoever is called invited was asked; who may have been is unknown and was asked once or not at all.
        assert {row["order_id"] for row in found["rows"] if row["state"] == "invited"} <= set(asked)
        links = {r["order_id"]: r["link"] for r in shop.sitejabber.requests}
        if not send:
            for row in found["rows"]:
                assert row["state"] == "unknown" or row["link"] == links[row["order_id"]]
        # Another round changes nothing.
        again = run("invite-bulk", account, str(file), *options, "--json", timeout_s=200).json()
        assert again["rows"] == found["rows"] and Counter(carried_out()) == asked
        run.end()
