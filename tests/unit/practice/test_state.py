"""With a state folder, what was changed survives, and a second process finds the first."""

from __future__ import annotations

from pathlib import Path

import pytest

from reviewdesk import practice
from tests.support.clock import FakeClock
from tests.support.practice import Wire, account, sitejabber_wire, trustpilot_wire

ONLY = ("trustpilot", "sitejabber")


def test_changes_survive(tmp_path: Path) -> None:
    with practice.start(tmp_path, clock=FakeClock(), providers=ONLY) as shop:
        port, opened_at = shop.server.port, shop.opened_at
        replied, edited, gone, *_ = shop.trustpilot.review_ids("dk")
        shop.trustpilot.colleague_replies(replied, "We are on it.")
        shop.trustpilot.edit_review(edited, content="Changed my mind.", stars=1)
        shop.trustpilot.remove_review(gone)
        shop.sitejabber.edit_review(shop.sitejabber.review_numbers()[0], content="Now it works.")
        before = [shop.trustpilot.review(r) for r in shop.trustpilot.review_ids()]
        assert gone not in {r["id"] for r in before}
    later = FakeClock()
    later.advance(3 * 86_400)
    with practice.start(tmp_path, clock=later, providers=ONLY, seed=99) as shop:
        assert (shop.server.port, shop.opened_at) == (port, opened_at)
        assert [shop.trustpilot.review(r) for r in shop.trustpilot.review_ids()] == before
        assert [c["content"] for c in shop.trustpilot.comments(replied)][-1] == "We are on it."
        assert shop.sitejabber.review(shop.sitejabber.review_numbers()[0])["content"] == "Now it works."


def test_a_reply_over_http_is_kept_before_the_answer(tmp_path: Path) -> None:
    with practice.start(tmp_path, clock=FakeClock(), providers=("trustpilot",)) as shop:
        review = shop.trustpilot.review_ids("dk")[0]
        talk = trustpilot_wire(shop).post(f"/private/product-reviews/{review}/create-conversation").json
        path = f"/private/conversations/{talk['conversationId']}/comments"
        trustpilot_wire(shop).post(path, {"content": "Kept?"})
        assert "Kept?" in (tmp_path / "trustpilot.jsonl").read_text(encoding="utf-8")


def test_a_torn_line_is_passed_over(tmp_path: Path) -> None:
    with practice.start(tmp_path, clock=FakeClock(), providers=("trustpilot",)) as shop:
        first, second, *_ = shop.trustpilot.review_ids("dk")
        shop.trustpilot.edit_review(first, content="Whole.")
        shop.trustpilot.edit_review(second, content="Torn.")
        original = practice.start(clock=FakeClock(), providers=("trustpilot",))
        unedited = original.trustpilot.review(second)["content"]
        original.close()
    file = tmp_path / "trustpilot.jsonl"
    file.write_bytes(file.read_bytes()[:-9])
    with practice.start(tmp_path, clock=FakeClock(), providers=("trustpilot",)) as shop:
        assert shop.trustpilot.review(first)["content"] == "Whole."
        assert shop.trustpilot.review(second)["content"] == unedited
        shop.trustpilot.edit_review(second, content="Again.")
    with practice.start(tmp_path, clock=FakeClock(), providers=("trustpilot",)) as shop:
        assert shop.trustpilot.review(second)["content"] == "Again."


def test_damaged_memory_starts_afresh(tmp_path: Path) -> None:
    (tmp_path / "practice.json").write_text("{", encoding="utf-8")
    with practice.start(tmp_path, clock=FakeClock(), providers=("trustpilot",)) as shop:
        assert len(shop.trustpilot.review_ids()) >= 300


def test_a_second_start_on_the_same_folder_uses_the_first_server(tmp_path: Path) -> None:
    with practice.start(tmp_path, clock=FakeClock(), providers=ONLY) as first:
        review = first.trustpilot.review_ids("dk")[0]
        with practice.start(tmp_path, clock=FakeClock(), providers=ONLY) as second:
            assert second.attached
            assert [a.settings for a in second.accounts] == [a.settings for a in first.accounts]
            with pytest.raises(KeyError):
                second.record("trustpilot")
            base = account(second, "Harbour DK").settings["base_url"]
            wire = Wire(base, trustpilot_wire(first).headers)
            assert wire.get(f"/private/product-reviews/{review}").json["id"] == review
        assert sitejabber_wire(first).get("/businesses/harbour.example").status == 200, (
            "the first one goes on"
        )


def test_a_stranger_on_the_port_is_left_alone(tmp_path: Path) -> None:
    with practice.start(tmp_path, clock=FakeClock(), providers=("trustpilot",)) as shop:
        port = shop.server.port
    with practice.start(tmp_path / "other", clock=FakeClock(), providers=("trustpilot",)) as stranger:
        memory = tmp_path / "practice.json"
        memory.write_text(memory.read_text().replace(str(port), str(stranger.server.port)))
        with practice.start(tmp_path, clock=FakeClock(), providers=("trustpilot",)) as shop:
            assert not shop.attached
            assert shop.server.port != stranger.server.port
