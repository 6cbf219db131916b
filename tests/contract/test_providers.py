"""One suite for every provider, over real HTTP against its practice server: what the rest of the program relies on."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from reviewdesk.domain.capabilities import Capability
from reviewdesk.domain.errors import BadAnswer, Cancelled, Delivery, ProviderError, SignInError
from reviewdesk.domain.models import ActionKind, Deletion, Rejected, ReviewRecord, ReviewRef, Role, Target
from reviewdesk.domain.outbox import text_key
from reviewdesk.providers.base import Action, Cursor, Provider
from reviewdesk.providers.registry import PROVIDERS, spec, specs
from reviewdesk.secrets.memory import MemorySecrets
from reviewdesk.services import health
from reviewdesk.services.core import Core
from tests.contract.harness import ErrorCase, Harness, SendCase, harnesses
from tests.support.core import make_profile
from tests.support.faultserver import refused_port

ALL = harnesses()
REPLYING = [p for p, h in ALL.items() if h.replies_publicly]

for_each = pytest.mark.parametrize("harness", list(ALL), indirect=True)
for_each_with_pages = pytest.mark.parametrize(
    "harness", [p for p, h in ALL.items() if h.has_pages], indirect=True
)
for_each_replying = pytest.mark.parametrize("harness", REPLYING, indirect=True)
for_each_error = pytest.mark.parametrize(
    ("harness", "case"),
    [pytest.param(p, case, id=f"{p}-{case.name}") for p, h in ALL.items() for case in h.errors],
    indirect=["harness"],
)
for_some_errors = pytest.mark.parametrize(
    ("harness", "case"),
    [
        pytest.param(p, case, id=f"{p}-{case.name}")
        for p, h in ALL.items()
        for case in h.errors[:: max(1, len(h.errors) // 4)]
    ],
    indirect=["harness"],
)
for_each_send_fault = pytest.mark.parametrize(
    ("harness", "case"),
    [pytest.param(p, case, id=f"{p}-{case.name}") for p, h in ALL.items() for case in h.send_faults],
    indirect=["harness"],
)

Key = tuple[str, str]


class Taken:
    """What a sync gave, put together as the store would."""

    def __init__(self) -> None:
        self.records: dict[Key, ReviewRecord] = {}
        self.deletions: list[Deletion] = []
        self.rejected: list[Rejected] = []
        self.cursor: Cursor = {}
        self.pages = 0

    def take(self, provider: Provider, *, full: bool = False, pages: int | None = None) -> Taken:
        for got, page in enumerate(provider.fetch(self.cursor, full=full), 1):
            for record in page.reviews:
                key = (record.kind.value, record.native_id)
                before = self.records.get(key)
                if record.thread is None and before is not None:
                    record = replace(record, thread=before.thread)  # not read again: it stands
                self.records[key] = record
            self.deletions += page.deletions
            self.rejected += page.rejected
            self.cursor = json.loads(json.dumps(page.cursor))
            self.pages += 1
            if got == pages:
                break
        return self

    def by_id(self, native_id: str) -> ReviewRecord:
        return next(r for r in self.records.values() if r.native_id == native_id)


def test_every_provider_takes_part() -> None:
    assert set(ALL) == set(PROVIDERS)


def test_every_level_says_something_about_every_capability() -> None:
    for each in specs():
        for level in each.levels:
            table = level.capabilities()
            assert set(table) == set(Capability)
            for answer in table.values():
                assert answer.available is (answer.reason is None)
                if answer.reason is not None:
                    assert answer.reason.endswith(".") and len(answer.reason) > 20


def test_every_setting_is_labelled_once() -> None:
    for each in specs():
        keys = [f.key for f in (*each.settings, *each.secrets)]
        assert len(keys) == len(set(keys))
        assert all(f.label for f in (*each.settings, *each.secrets))
        assert {"ca_file", "timeout_seconds", "settle_seconds", "rate_limit"} <= {
            f.key for f in each.settings
        }
        assert all(f.secret for f in each.secrets) and not any(f.secret for f in each.settings)


@for_each
def test_the_connection_test_names_its_stages(harness: Harness) -> None:
    stages = list(harness.open().check())
    assert [s.stage for s in stages if s.stage in ("address", "connect", "sign-in", "read")] == [
        "address", "connect", "sign-in", "read",
    ]  # fmt: skip
    assert all(s.ok and s.message for s in stages)


@for_each
def test_a_wrong_secret_fails_at_sign_in(harness: Harness) -> None:
    key, value = harness.wrong_secret()
    harness.box.values[key] = value
    stages = list(harness.open().check())
    assert [s.stage for s in stages if not s.ok] == ["sign-in"]
    assert stages[-1].stage == "sign-in" and stages[-1].remedy
    assert value not in repr(stages)
    with pytest.raises(SignInError):
        Taken().take(harness.open())


@for_each
def test_nobody_there_fails_at_connect(harness: Harness) -> None:
    nowhere = f"http://127.0.0.1:{refused_port()}/v1"
    stages = list(harness.open({"base_url": nowhere}).check())
    assert [s.stage for s in stages if not s.ok] == ["connect"]


@for_each
def test_an_open_line_is_refused_before_anything_is_sent(harness: Harness) -> None:
    provider = harness.open({"base_url": "http://reviews.example/v1"})
    assert [s.stage for s in provider.check() if not s.ok] == ["address"]
    with pytest.raises(ProviderError):
        Taken().take(provider)
    assert provider.calls == 0


@for_each
def test_first_sync_reads_everything_and_the_second_changes_nothing(harness: Harness) -> None:
    provider = harness.open()
    first = Taken().take(provider)
    assert len(first.records) >= 20
    assert first.rejected == [] and first.deletions == []
    calls = provider.calls
    again = Taken().take(harness.open(), full=True)
    assert again.records == first.records
    known = dict(first.records)
    first.take(provider)
    assert first.records == known
    assert provider.calls - calls <= calls, "an ordinary sync costs less than a whole one"


@for_each
def test_records_are_complete(harness: Harness) -> None:
    low, high = spec(harness.provider_id).score_min, spec(harness.provider_id).score_max
    for record in Taken().take(harness.open()).records.values():
        assert record.native_id and record.raw
        assert record.score is None or low <= record.score <= high
        assert record.created_at is None or 1_000_000_000 < record.created_at < 2_000_000_000
        for comment in record.thread.comments if record.thread else ():
            assert comment.text


@for_each
def test_newest_first(harness: Harness) -> None:
    pages = list(harness.open().fetch({}, full=False))
    first = [r.created_at for page in pages[:1] for r in page.reviews if r.created_at]
    assert first == sorted(first, reverse=True)


@for_each
def test_a_new_review_is_found(harness: Harness) -> None:
    taken = Taken().take(harness.open())
    native_id = harness.add()
    taken.take(harness.open())
    assert taken.by_id(native_id)


@for_each
def test_an_edit_is_found(harness: Harness) -> None:
    taken = Taken().take(harness.open())
    native_id = harness.edit()
    before = taken.by_id(native_id)
    taken.take(harness.open(), full=not harness.edits_show_without_full)
    after = taken.by_id(native_id)
    assert (after.title, after.body, after.score) != (before.title, before.body, before.score)


@for_each
def test_a_removal_is_told_as_the_provider_tells_it(harness: Harness) -> None:
    taken = Taken().take(harness.open())
    removal = harness.remove()
    taken.take(harness.open(), full=True)
    assert (removal.native_id in [d.native_id for d in taken.deletions]) is removal.deleted
    if removal.state is not None:
        assert taken.by_id(removal.native_id).provider_state is removal.state


@for_each
def test_what_is_merely_absent_is_not_deleted(harness: Harness) -> None:
    taken = Taken().take(harness.open())
    assert taken.take(harness.open(), full=True).deletions == []


@for_each
def test_a_broken_record_costs_only_itself(harness: Harness) -> None:
    whole = Taken().take(harness.open())
    native_id = harness.break_one()
    taken = Taken().take(harness.open())
    assert len(taken.rejected) == 1
    assert taken.rejected[0].where and taken.rejected[0].reason and taken.rejected[0].raw
    assert {k for k in whole.records if k not in taken.records} == {
        (whole.by_id(native_id).kind.value, native_id)
    }


@for_each
def test_sloppy_types_mean_the_same(harness: Harness) -> None:
    taken = Taken().take(harness.open())
    native_id = harness.make_sloppy()
    before = taken.by_id(native_id)
    taken.take(harness.open(), full=True)
    assert taken.rejected == []
    after = taken.by_id(native_id)
    assert replace(after, raw="", thread=None) == replace(before, raw="", thread=None)


@for_each
def test_cancel_stops_between_two_calls(harness: Harness) -> None:
    provider = harness.open()
    pages = provider.fetch({}, full=False)
    next(pages)
    harness.cancel.set()
    calls = provider.calls
    with pytest.raises(Cancelled):
        for _ in pages:
            pass
    assert provider.calls == calls


@for_each
def test_a_stopped_sync_goes_on_at_its_cursor(harness: Harness) -> None:
    whole = Taken()
    fresh = harness.open()
    whole.take(fresh)
    for stop in {1, 2, whole.pages // 2, whole.pages - 1}:
        taken = Taken().take(harness.open(), pages=stop)
        rest = harness.open()
        taken.take(rest)
        assert taken.records.keys() == whole.records.keys()
        assert rest.calls <= fresh.calls


@for_each
def test_a_cursor_of_another_version_begins_again(harness: Harness) -> None:
    whole = Taken().take(harness.open()).records.keys()
    nonsense: list[Cursor] = [{"v": 99}, {"unit": 7, "run": "x", "marks": [1], "start": -1, "page": None}]
    for cursor in nonsense:
        taken = Taken()
        taken.cursor = cursor
        assert taken.take(harness.open()).records.keys() == whole


@for_each_with_pages
def test_a_page_that_repeats_for_ever_ends(harness: Harness) -> None:
    harness.repeat_first_page()
    provider = harness.open()
    with pytest.raises(BadAnswer):
        Taken().take(provider)
    assert provider.calls < 500


@for_each_error
def test_documented_errors(harness: Harness, case: ErrorCase) -> None:
    case.switch_on(harness)
    with pytest.raises(ProviderError) as caught:
        Taken().take(harness.open())
    error = caught.value
    assert type(error) is case.expected
    assert error.delivery is not Delivery.UNKNOWN, "nothing was to be sent"
    assert error.message and not error.message.startswith("<")
    assert case.words in error.provider_words
    if case.retry_after_s is not None:
        assert error.retry_after_s == pytest.approx(case.retry_after_s, abs=2)
    for secret in harness.box.values.values():
        assert secret not in f"{error.message} {error.remedy} {error.provider_words}"


@for_some_errors
def test_after_an_error_the_next_sync_goes_on(harness: Harness, case: ErrorCase) -> None:
    whole = Taken().take(harness.open())
    harness.box.values = dict(harness.secrets())
    case.switch_on(harness)
    taken = Taken()
    with pytest.raises(ProviderError):
        taken.take(harness.open())
    harness.shop.faults.off()
    harness.box.values = dict(harness.secrets())
    taken.take(harness.open())
    assert taken.records.keys() == whole.records.keys()


# --- sending ---------------------------------------------------------------------------------------------


class Done:
    """A Progress that keeps what it was told."""

    def __init__(self) -> None:
        self.kept: dict[str, object] = {}

    def __call__(self, done: object, /) -> None:
        assert isinstance(done, dict)
        self.kept.update(done)


def reply(review: ReviewRef, text: str, progress: dict[str, object] | None = None) -> Action:
    return Action(
        kind=ActionKind.REPLY, review=review, target=Target.PUBLIC, text=text, progress=progress or {}
    )


TEXT = "Thank you, Zoë! 有難う.\nWe are glad — and a bit proud."


@for_each_replying
def test_a_reply_arrives_once_and_is_read_back(harness: Harness) -> None:
    ref = harness.reply_to()
    provider = harness.open()
    before = provider.thread(ref)
    result = provider.send(reply(ref, TEXT), Done())
    thread = provider.thread(ref)
    new = [c for c in thread.comments if c not in before.comments]
    assert [text_key(c.text) for c in new] == [text_key(TEXT)]
    assert new[0].role is Role.BUSINESS
    assert result.remote_id is None or result.remote_id == new[0].id
    assert [text_key(t) for t in harness.replies(ref.native_id)] == [text_key(TEXT)]
    assert thread.review is None or thread.review.native_id == ref.native_id


@for_each_send_fault
def test_what_a_failed_send_may_conclude(harness: Harness, case: SendCase) -> None:
    ref = harness.reply_to()
    case.switch_on(harness)
    done = Done()
    with pytest.raises(ProviderError) as caught:
        harness.open().send(reply(ref, TEXT), done)
    assert caught.value.delivery is case.delivery
    assert (len(harness.replies(ref.native_id)) == 1) is case.arrives
    if case.delivery is Delivery.UNKNOWN:
        # What the outbox does next: read back, and send again only what is not there.
        harness.shop.faults.off()
        provider = harness.open()
        there = [text_key(c.text) for c in provider.thread(ref).comments]
        assert (text_key(TEXT) in there) is case.arrives
        if not case.arrives:
            provider.send(reply(ref, TEXT, done.kept), done)
        assert [text_key(t) for t in harness.replies(ref.native_id)] == [text_key(TEXT)]


@for_each_replying
def test_nobody_there_sends_nothing(harness: Harness) -> None:
    ref = harness.reply_to()
    provider = harness.open({"base_url": f"http://127.0.0.1:{refused_port()}/v1"})
    with pytest.raises(ProviderError) as caught:
        provider.send(reply(ref, TEXT), Done())
    assert caught.value.delivery is Delivery.NOT_SENT


@for_each_replying
def test_a_cancelled_account_sends_nothing(harness: Harness) -> None:
    ref = harness.reply_to()
    harness.cancel.set()
    with pytest.raises(Cancelled) as caught:
        harness.open().send(reply(ref, TEXT), Done())
    assert caught.value.delivery is Delivery.NOT_SENT
    assert harness.replies(ref.native_id) == []


# --- into the database -----------------------------------------------------------------------------------


@for_each
def test_a_broken_record_is_set_aside_with_its_place_and_reason(harness: Harness, tmp_path: Path) -> None:
    """All but one are in the inbox; the one is kept as it came, once, however often it comes."""
    native_id = harness.break_one()
    core = Core.open(make_profile(tmp_path), clock=harness.shop.clock, secrets=MemorySecrets())
    try:
        account = core.accounts.add(
            harness.provider_id, "Shop", harness.settings(), harness.secrets(), test=False
        )
        (report,) = core.sync.run(None, False)
        assert report.ok and report.new >= 19 and len(report.skipped) == 1, report
        found = health.read(core, account.id)
        assert found is not None
        (entry,) = found.set_aside
        assert entry.where and entry.reason and entry.raw
        rows = core.inbox.rows(core.inbox.ids(core.inbox.parse(""))).values()
        assert native_id not in {row.native_id for row in rows} and len(rows) >= report.new - 5
        (again,) = core.sync.run(None, True)
        assert again.ok and again.new == again.changed == 0
    finally:
        core.stop()
