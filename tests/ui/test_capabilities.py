"""Every kind of credentials of every provider: what the window offers is the declared table, and the rest says why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from reviewdesk.domain.capabilities import Capability, CredentialLevel, ProviderSpec
from reviewdesk.domain.clock import SystemClock
from reviewdesk.domain.errors import NotAvailable
from reviewdesk.domain.models import ActionKind, Author, ProviderState, ReviewKind, Target
from reviewdesk.providers.registry import specs
from reviewdesk.secrets.memory import MemorySecrets
from reviewdesk.services.core import Core
from reviewdesk.services.profile import Profile
from reviewdesk.services.replies import CAPABILITY_OF, TEXT_KINDS
from reviewdesk.services.saved_replies import SavedReply
from reviewdesk.store import accounts as stored_accounts
from reviewdesk.store import reviews as stored_reviews
from reviewdesk.store import threads as stored_threads
from reviewdesk.ui.accounts.finish import Abilities, capability_title
from reviewdesk.ui.bridge import Bridge
from reviewdesk.ui.casework.card import AskCard
from reviewdesk.ui.casework.casework import CAPABILITY_OF_ACTION
from reviewdesk.ui.main_window import MainWindow
from tests.support.screens import settle, wait_until
from tests.support.stores import business, record, thread

PROVIDERS = {"trustpilot", "sitejabber", "guaranteed-reviews", "retargeting", "verified-reviews"}
HERE = ("print-review", "copy-markdown", "suggest", "hide", "case", "copy-link", "people", "note", "tag")
"""What is done on this machine alone: no credentials are needed for it, so it is never off for want of any."""
LEVELS: list[tuple[ProviderSpec, CredentialLevel]] = [
    (spec, level) for spec in specs() for level in spec.levels
]


def reaching(spec: ProviderSpec, level: CredentialLevel) -> tuple[Mapping[str, str], frozenset[str]]:
    """Settings and secrets with which an account has this level."""
    choices: list[dict[str, str]] = [{}]
    for field in spec.settings:
        if field.choices and field.kind.value == "choice":
            choices += [{**c, field.key: value} for c in list(choices) for value in field.choices]
    for extra in (
        {},
        {"kinds": "service"},
        {"kinds": "service", "business_user_id": "u1"},
        {"kinds": "product"},
        {"website_id": "w1"},
    ):
        for settings in choices:
            for secrets in (
                frozenset(s.key for s in spec.secrets),
                frozenset(),
                frozenset({spec.secrets[0].key}),
            ):
                wanted = {**settings, **extra}
                if spec.level_of(wanted, secrets) == level.id:
                    return wanted, secrets
    raise AssertionError(f"nothing reaches {spec.id} {level.id}")


@pytest.fixture
def window(themed: QApplication, tmp_path: Path) -> Iterator[tuple[MainWindow, Core, dict[str, int]]]:
    """One window over accounts of every level, each with a waiting company review that has a reply of ours."""
    core = Core.open(
        Profile.open(tmp_path, practice=True), clock=SystemClock(), secrets=MemorySecrets(), practice=True
    )
    found: dict[str, int] = {}

    def write(tx: Any) -> None:
        for number, (spec, level) in enumerate(LEVELS):
            settings, secrets = reaching(spec, level)
            name = f"{spec.code} {level.id} {number}"
            account = stored_accounts.insert(
                tx, name=name, provider=spec.id, settings=dict(settings), secret_keys=secrets
            )
            wanted = record(
                f"r{number}",
                kind=ReviewKind.BUSINESS,
                provider_state=ProviderState.PENDING,
                author=Author(name=f"Ada {number}", email=f"ada{number}@example.org", username="ada"),
                body=f"The lamp of shop {number} flickers.",
                created_at=1_790_000_000 + number,
            )
            stored_reviews.store_page(tx, account.id, reviews=(wanted,))
            review = stored_reviews.find(tx, account.id, f"r{number}")
            assert review is not None
            stored_threads.store_thread(tx, review, thread(business("Sorry for that.")))
            found[f"{spec.id}/{level.id}"] = review

    core.store.write_now(write)
    bridge = Bridge(core)
    made = MainWindow(core, bridge)
    made.resize(1280, 800)
    made.show()
    wait_until(lambda: made.entry() is not None)
    yield made, core, found
    made.close()
    bridge.close()
    core.stop()
    made.deleteLater()
    settle()


def test_every_action_is_as_declared_and_says_why_not(
    window: tuple[MainWindow, Core, dict[str, int]],
) -> None:
    made, core, found = window
    looked = 0
    for spec, level in LEVELS:
        review = found[f"{spec.id}/{level.id}"]
        made.open_review(review)
        wait_until(
            lambda review=review: made.reading.detail() is not None and made.reading.detail().row.id == review
        )
        settle()
        made.telling.tell_reasons()
        where = f"{spec.id} {level.id}"
        for name, wanted in CAPABILITY_OF_ACTION.items():
            reason = made.actions_[name].reason
            granted = any(capability in level.granted for capability in wanted)
            # Where the back office takes reports, the card says so and copies: never off, never through the API.
            granted = granted or (name == "flag" and spec.reports_in_back_office)
            assert (reason is None) == granted, (where, name, reason)
            if not granted:
                assert reason == level.denied[wanted[0]], (where, name)
                assert made.actions_[name].qt.toolTip() == reason
            looked += 1
        assert {name: made.actions_[name].reason for name in HERE} == dict.fromkeys(HERE), where
        # A translation asks the service that a person named, whatever the account may do.
        assert made.actions_["translate"].reason == core.translation.why_not(), where
        assert made.actions_["bulk-reply"].reason is None, where
        # Replying is never off: where the source takes none, the composer says why and copies.
        assert made.composer.open(review, Target.PUBLIC)
        destination = made.composer.destination()
        assert destination is not None
        public = Capability.REPLY in level.granted
        assert destination.look == ("public" if public else "none"), where
        if not public:
            assert destination.reason == level.denied[Capability.REPLY]
            assert level.denied[Capability.REPLY] in made.composer.accessibleName()
        made.composer.close()
        private = any(c in level.granted for c in (Capability.PRIVATE_MESSAGE, Capability.RESOLUTION))
        said: list[str] = []
        made.composer.refused.connect(said.append)
        assert made.composer.open(review, Target.PRIVATE) == private, where
        made.composer.refused.disconnect(said.append)
        assert private or said == [level.denied[Capability.PRIVATE_MESSAGE]], where
        made.composer.close()
        if spec.reports_in_back_office:
            made.actions_.trigger("flag")
            card = made.findChild(AskCard)
            assert card is not None and card.isVisible()
            assert level.denied[Capability.FLAG] in card.editor.accessibleName(), where
            card.dismiss()
        finds = core.moderation.can_find_reviewer(review)
        assert made.actions_["find-reviewer"].reason == (None if finds.available else finds.reason), where
        edit = made.reading.shown_entries()[0].button("edit")
        assert bool(edit.property("off")) == (Capability.EDIT_REPLY not in level.granted), where
        if Capability.EDIT_REPLY not in level.granted:
            assert level.denied[Capability.EDIT_REPLY] in edit.toolTip()
    assert looked == len(LEVELS) * len(CAPABILITY_OF_ACTION)
    assert {spec.id for spec, _ in LEVELS} == PROVIDERS


def test_one_saved_reply_for_many_names_each_source_that_takes_none(
    window: tuple[MainWindow, Core, dict[str, int]],
) -> None:
    _, core, found = window
    reply = core.saved_replies.save(SavedReply(name="Thanks", texts={"": "Thank you."})).result(5)
    asked = {number: key for key, number in found.items()}
    lines = core.bulk_replies.prepare(list(asked), reply)
    assert {line.review_id for line in lines} == set(asked)
    for spec, level in LEVELS:
        line = next(line for line in lines if asked[line.review_id] == f"{spec.id}/{level.id}")
        wanted = level.denied.get(Capability.REPLY)
        # A source that takes replies may still leave this review out: our reply stands there.
        assert line.never == wanted if wanted else line.never not in level.denied.values(), asked[
            line.review_id
        ]


def test_an_action_that_is_off_answers_its_key_with_the_reason(
    window: tuple[MainWindow, Core, dict[str, int]],
) -> None:
    made, _, found = window
    review = next(i for key, i in found.items() if key.startswith("retargeting/"))
    made.open_review(review)
    wait_until(lambda: made.reading.detail() is not None and made.reading.detail().row.id == review)
    settle()
    made.actions_.press("!")
    settle()
    assert made.toast.text() == "Retargeting has no way to report feedback."


def test_waiting_for_an_approval_is_no_way_round_the_table(
    window: tuple[MainWindow, Core, dict[str, int]],
) -> None:
    _, core, found = window
    for spec, level in LEVELS:
        future = core.replies.publish(
            found[f"{spec.id}/{level.id}"], Target.PUBLIC, "We look into it today.", ask_approval=True
        )
        error = future.exception(10)
        if Capability.REPLY in level.granted:
            assert error is None and future.result().error.kind == "approval", (spec.id, level.id)
        else:
            assert isinstance(error, NotAvailable), (spec.id, level.id)
            assert error.message == level.denied[Capability.REPLY], (spec.id, level.id)


PRIVATE_KINDS = (ActionKind.FLAG, ActionKind.FIND_REVIEWER, ActionKind.MESSAGE, ActionKind.RESOLUTION)
PAYLOAD: dict[ActionKind, dict[str, Any]] = {
    ActionKind.EDIT_REPLY: {"comment_id": "c1"},
    ActionKind.DELETE_REPLY: {"comment_id": "c1"},
    ActionKind.CONVERSATION_STATE: {"state": "private"},
    ActionKind.FLAG: {"reason": "other", "message": "Why."},
}


def test_no_action_goes_round_the_table(window: tuple[MainWindow, Core, dict[str, int]]) -> None:
    """Below the window is one gate: every kind of action, at every level, is taken or refused as declared."""
    _, core, found = window
    asked: Counter[bool] = Counter()
    for spec, level in LEVELS:
        review = found[f"{spec.id}/{level.id}"]
        detail = core.inbox.detail(review)
        assert detail is not None
        for kind, capability in CAPABILITY_OF.items():
            future = core.replies.publish(
                review,
                Target.PRIVATE if kind in PRIVATE_KINDS else Target.PUBLIC,
                "We look into it today." if kind in TEXT_KINDS else "",
                kind=kind,
                payload=PAYLOAD.get(kind, {}),
                override=True,
                schedule_at=core.clock.now() + 9_000,
            )
            error = future.exception(10)
            granted = capability in level.granted
            asked[granted] += 1
            where = f"{spec.id} {level.id} {kind.value}"
            if granted:
                # It may be refused for what this review is, never for what the account can't do.
                usual = kind is ActionKind.FIND_REVIEWER and not spec.finds_reviewers
                assert usual or not isinstance(error, NotAvailable), (where, error)
            else:
                assert isinstance(error, NotAvailable), (where, error)
                assert error.message == level.denied[capability], where
    assert set(CAPABILITY_OF.values()) | {Capability.READ, Capability.PRODUCTS, Capability.SUMMARIES} == set(
        Capability
    )
    assert asked[True] and asked[False] and sum(asked.values()) == len(LEVELS) * len(CAPABILITY_OF)


def test_the_account_page_shows_the_declared_table(
    window: tuple[MainWindow, Core, dict[str, int]],
) -> None:
    made, core, found = window
    by_account = {account.id: account for account in core.accounts.list()}
    abilities = Abilities(made)
    for spec, level in LEVELS:
        detail = core.inbox.detail(found[f"{spec.id}/{level.id}"])
        assert detail is not None
        table = core.accounts.capabilities(by_account[detail.row.account_id])
        assert {c for c, can in table.items() if can.available} == set(level.granted)
        assert {c: can.reason for c, can in table.items() if not can.available} == dict(level.denied)
        abilities.show_table(table)
        wanted = {f"{capability_title(c)}: {level.denied.get(c, 'yes')}" for c in Capability}
        assert set(abilities.said()) == wanted, (spec.id, level.id)
