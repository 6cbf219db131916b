"""The contract suite's tests on the feed's files; ``tests/contract`` runs them on the API."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from reviewdesk import practice
from reviewdesk.domain.outbox import text_key
from reviewdesk.providers.base import Provider
from tests.contract import test_providers as suite
from tests.contract.harness import Harness
from tests.contract.harness_verified_reviews import FeedHarness
from tests.support.practice_sftp import in_process_sftp

Test = Callable[[Harness], None]

# The others speak of HTTP, or of lists that come newest first and never tell of removals.
WHOLE: list[Test] = [
    suite.test_records_are_complete,
    suite.test_newest_first,
    suite.test_a_new_review_is_found,
    suite.test_an_edit_is_found,
    suite.test_a_removal_is_told_as_the_provider_tells_it,
    suite.test_sloppy_types_mean_the_same,
    suite.test_cancel_stops_between_two_calls,
    suite.test_a_stopped_sync_goes_on_at_its_cursor,
    suite.test_a_cursor_of_another_version_begins_again,
    suite.test_a_broken_record_costs_only_itself,
    suite.test_the_connection_test_names_its_stages,
]


@pytest.fixture
def folder() -> Iterator[FeedHarness]:
    made = FeedHarness(practice.start(providers=("verified-reviews",)))
    yield made
    made.close()


@pytest.mark.parametrize("test", WHOLE, ids=lambda test: test.__name__.removeprefix("test_"))
def test_in_a_folder(folder: FeedHarness, test: Test) -> None:
    test(folder)


class SftpHarness(FeedHarness):
    """The same files on an SFTP server."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.stack = ExitStack()
        self.server = self.stack.enter_context(in_process_sftp(self.folder))
        self.box.values["password"] = self.server.password

    def open(self, settings: dict[str, str] | None = None) -> Provider:
        told = {
            "transport": "sftp",
            "path": "",
            "host": self.server.host,
            "port": str(self.server.port),
            "username": self.server.username,
            "host_key": self.server.host_key,
            **(settings or {}),
        }
        return super().open(told)

    def wrong_secret(self) -> tuple[str, str]:
        return "password", "not-the-password-at-all"

    def close(self) -> None:
        super().close()
        self.stack.close()


@pytest.fixture
def sftp() -> Iterator[SftpHarness]:
    made = SftpHarness(practice.start(providers=("verified-reviews",)))
    yield made
    made.close()


@pytest.mark.parametrize(
    "test",
    [
        suite.test_the_connection_test_names_its_stages,
        suite.test_a_wrong_secret_fails_at_sign_in,
        suite.test_an_edit_is_found,
        suite.test_a_removal_is_told_as_the_provider_tells_it,
        suite.test_cancel_stops_between_two_calls,
        suite.test_a_stopped_sync_goes_on_at_its_cursor,
    ],
    ids=lambda test: test.__name__.removeprefix("test_"),
)
def test_over_sftp(sftp: SftpHarness, test: Test) -> None:
    test(sftp)


def test_the_second_run_gives_the_same_and_deletes_only_what_was_refused(folder: FeedHarness) -> None:
    first = suite.Taken().take(folder.open())
    assert len(first.records) >= 50 and first.rejected == []
    again = suite.Taken().take(folder.open(), full=True)
    assert again.records == first.records
    # The practice history tells of two reviews that were refused for good before anybody here had seen them.
    assert len(first.deletions) == 2 and not {d.native_id for d in first.deletions} & {
        r.native_id for r in first.records.values()
    }
    before = dict(first.records)
    first.take(folder.open())
    assert first.records == before
    assert sum(r.anonymised for r in first.records.values()) == 2


def test_the_answers_of_a_night_come_with_it(folder: FeedHarness) -> None:
    taken = suite.Taken().take(folder.open())
    shop = folder.shop.verified_reviews
    native_id = next(i for i in shop.review_ids() if not shop.review(i)["exchanges"])
    shop.colleague_replies(native_id, "Merci beaucoup !")
    shop.customer_comments(native_id, "Avec plaisir.")
    folder.night()
    thread = taken.take(folder.open()).by_id(native_id).thread
    assert thread is not None and [c.role.value for c in thread.comments] == ["business", "consumer"]


def test_both_doors_call_a_review_the_same(folder: FeedHarness) -> None:
    from tests.contract.harness_verified_reviews import ProviderHarness

    api = ProviderHarness(folder.shop)
    by_files = suite.Taken().take(folder.open()).records
    by_calls = suite.Taken().take(api.open()).records
    assert by_files.keys() == by_calls.keys()
    for key, record in by_files.items():
        other = by_calls[key]
        # The CSV of a night has no line ends within a text.
        assert text_key(record.body) == text_key(other.body)
        assert (record.score, record.created_at, record.order_id, record.anonymised) == (
            other.score,
            other.created_at,
            other.order_id,
            other.anonymised,
        )
