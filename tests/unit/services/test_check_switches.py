"""The rules of the check before publishing can be switched off, each kind by itself, everywhere at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from reviewdesk.domain.checks import check
from reviewdesk.domain.checks.model import Known
from reviewdesk.domain.checks.rules import rules
from reviewdesk.domain.models import OutboxState, Target
from reviewdesk.services.checks import SWITCHES
from reviewdesk.services.settings import CHECK_CONDUCT, CHECK_PRIVATE, CHECK_SHOUTING
from tests.support.core import open_scripted
from tests.support.scripted import World


def test_every_rule_has_one_switch_and_all_are_on() -> None:
    named = [rule for _, those in SWITCHES for rule in those]
    assert sorted(named) == sorted(rules())
    assert all(preference.default is True for preference, _ in SWITCHES)


@pytest.mark.parametrize("rule_id", ["ask-change", "shouting"])
def test_a_rule_that_is_off_finds_nothing_and_hides_nothing(rule_id: str) -> None:
    text = "PLEASE DELETE YOUR REVIEW NOW!!!"
    on = {f.rule.id for f in check(text, Known())}
    assert "ask-change" in on
    off = {f.rule.id for f in check(text, Known(off=frozenset({rule_id})))}
    assert rule_id not in off
    assert ("shouting" in off) is (rule_id == "ask-change"), "what the weightier one covered comes to light"


def test_the_switches_hold_in_the_window_and_before_sending(tmp_path: Path) -> None:
    world = World()
    world.add_review(1)
    with open_scripted(tmp_path, world=world) as desk:
        core = desk.core
        review = core.inbox.ids(core.inbox.parse(""))[0]
        text = "Please delete your review."
        assert [f.rule.id for f in core.checks.check(review, Target.PUBLIC, text)] == ["ask-change"]
        held = core.replies.publish(review, Target.PUBLIC, text).result(10)
        assert held.state is OutboxState.HELD
        core.outbox.discard(held.id).result(10)
        core.settings.set(CHECK_PRIVATE, False).result(5)
        core.settings.set(CHECK_SHOUTING, False).result(5)
        assert core.checks.check(review, Target.PUBLIC, text), "the other switches are not about it"
        core.settings.set(CHECK_CONDUCT, False).result(5)
        assert core.checks.check(review, Target.PUBLIC, text) == ()
        assert core.replies.publish(review, Target.PUBLIC, text).result(10).state is not OutboxState.HELD
