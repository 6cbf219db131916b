"""Our own addresses: anybody may write one, so one spelling each and nothing beside it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewdesk.domain.errors import InvalidInput
from reviewdesk.domain.links import is_link, review_link, review_of


@given(st.integers(min_value=1, max_value=2**63 - 1))
def test_a_review_comes_back(number: int) -> None:
    assert is_link(review_link(number))
    assert review_of(review_link(number)) == number


@pytest.mark.parametrize(
    "address", ["reviewdesk:", "reviewdesk://", "reviewdesk://inbox", "reviewdesk://inbox/", "ReviewDesk://"]
)
def test_only_the_window(address: str) -> None:
    assert review_of(address) == 0


def test_a_browser_may_add_a_slash() -> None:
    assert review_of("reviewdesk://review/17/") == 17


@pytest.mark.parametrize(
    "address",
    [
        "reviewdesk://review/",
        "reviewdesk://review/0",
        "reviewdesk://review/-1",
        "reviewdesk://review/1 --profile x",
        "reviewdesk://review/1\n",
        "reviewdesk://review/1/../2",
        "reviewdesk://review/٣",
        "reviewdesk://review/9223372036854775808",
        "reviewdesk://review/1?send=yes",
        "reviewdesk://account/remove",
        "reviewdesk://reply/1?text=hello",
        "https://example.com/",
        "",
    ],
)
def test_everything_else_is_refused(address: str) -> None:
    with pytest.raises(InvalidInput):
        review_of(address)


@given(st.text(max_size=60))
def test_nothing_is_taken_for_a_review_that_is_none(text: str) -> None:
    try:
        number = review_of(f"reviewdesk://{text}")
    except InvalidInput:
        return
    assert number == 0 or text.rstrip("/").lower() == f"review/{number}"
