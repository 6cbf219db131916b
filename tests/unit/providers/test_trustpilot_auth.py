"""Signing in: four grants, one renewal, stored before use, nothing asked twice."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from reviewdesk.domain.errors import (
    InvalidInput,
    KeychainLocked,
    NetworkError,
    RateLimited,
    SignInError,
)
from reviewdesk.providers.base import BrowserSignIn
from reviewdesk.providers.trustpilot.spec import SESSION
from tests.support.trustpilot import UNIT, Desk, open_desk

REDIRECT = "https://harbour.example/trustpilot"
BY_PASSWORD = {"grant": "password", "username": "anna.nyborg@example.org"}
BY_BROWSER = {"grant": "authorization_code", "redirect_uri": REDIRECT}


@pytest.fixture
def desk() -> Iterator[Desk]:
    with open_desk() as made:
        made.box.values["password"] = made.server.password
        yield made


def read(desk: Desk, **settings: str) -> object:
    return desk.open(**settings).api.product_reviews(UNIT, per_page=1)


def test_client_credentials_sign_in_once_for_many_processes(desk: Desk) -> None:
    for _ in range(3):
        read(desk)
    assert desk.asked("/accesstoken$") == 1
    assert [key for key, _ in desk.box.puts] == [SESSION]
    assert desk.open().token_expires is None


def test_password(desk: Desk) -> None:
    read(desk, **BY_PASSWORD)
    assert desk.sent("/accesstoken$")["grant_type"] == "password"
    assert "refresh_token" not in str(desk.shop.journal.entries()[-1])


def test_two_factor_is_explained(desk: Desk) -> None:
    desk.server.two_factor = True
    with pytest.raises(SignInError) as caught:
        read(desk, **BY_PASSWORD)
    assert "two-factor" in caught.value.remedy and "client credentials" in caught.value.remedy


def test_authorization_code_by_pasted_address(desk: Desk) -> None:
    provider = desk.open(**BY_BROWSER)
    assert isinstance(provider, BrowserSignIn)
    with pytest.raises(SignInError):
        provider.api.product_reviews(UNIT)
    address = urlsplit(provider.sign_in_address())
    asked = parse_qs(address.query)
    assert asked["redirect_uri"] == [REDIRECT] and asked["response_type"] == ["code"]
    provider.finish_sign_in(f"{REDIRECT}?code={desk.server.issue_code()}")
    assert provider.api.product_reviews(UNIT, per_page=1).product_reviews
    life = (provider.token_expires or 0) - desk.clock.now()
    assert 80 * 86400 < life < 100 * 86400, "the answer's own figure, not the document's 30 days"


def test_the_real_sign_in_page_is_trustpilots(desk: Desk) -> None:
    address = desk.open(**BY_BROWSER, base_url="https://api.trustpilot.com/v1").sign_in_address()
    assert address.startswith("https://authenticate.trustpilot.com?client_id=")
    for redirect in ("", "http://127.0.0.1:8000/"):
        with pytest.raises(InvalidInput):
            desk.open(grant="authorization_code", redirect_uri=redirect).sign_in_address()


@pytest.mark.parametrize(
    "form", ["{code}", " {redirect}?state=1&code={code} ", "{redirect}?code={code}#", "?code={code}"]
)
def test_what_a_person_may_paste(desk: Desk, form: str) -> None:
    provider = desk.open(**BY_BROWSER)
    provider.finish_sign_in(form.format(code=desk.server.issue_code(), redirect=REDIRECT))
    provider.api.product_reviews(UNIT, per_page=1)


def test_the_implicit_grants_fragment_is_understood_too(desk: Desk) -> None:
    other = desk.open()
    other.api.product_reviews(UNIT, per_page=1)
    token = other.api.sign_in.token()
    provider = desk.open(**BY_BROWSER)
    provider.finish_sign_in(f"{REDIRECT}#access_token={token}&token_type=bearer&expires_in=359999")
    provider.api.product_reviews(UNIT, per_page=1)
    assert provider.token_expires == int(desk.clock.now()) + 359_999


@pytest.mark.parametrize(
    "pasted",
    [
        "",
        "two words",
        "https://other.example/?code=abc",
        f"{REDIRECT}?state=1",
        "code",
        f"{REDIRECT}?code= ",
        "http://[::1",
    ],
)
def test_what_makes_no_sense_is_said(desk: Desk, pasted: str) -> None:
    provider = desk.open(**BY_BROWSER)
    with pytest.raises((InvalidInput, SignInError)):
        provider.finish_sign_in(pasted)
    assert desk.box.puts == []


def test_a_refusal_in_the_browser_is_a_sign_in_error(desk: Desk) -> None:
    with pytest.raises(SignInError):
        desk.open(**BY_BROWSER).finish_sign_in(f"{REDIRECT}?error=access_denied")


def test_a_refresh_token_rotates_and_is_stored_before_it_is_used(desk: Desk) -> None:
    provider = desk.open(**BY_BROWSER)
    provider.finish_sign_in(desk.server.issue_code())
    spent = desk.server.live_refresh_tokens
    desk.server.expire_tokens()
    seen: list[int] = []
    put = desk.box.put

    def counting_put(key: str, value: str | None) -> None:
        seen.append(desk.asked("/reviews$"))
        put(key, value)

    desk.box.put = counting_put  # type: ignore[method-assign]
    provider.api.product_reviews(UNIT, per_page=1)
    # One refused reading, the renewal, its storing, and only then the second reading.
    assert seen == [1]
    assert (desk.asked("/refresh$"), desk.asked("/reviews$")) == (1, 2)
    assert desk.server.live_refresh_tokens != spent
    assert desk.server.live_refresh_tokens[0] in (desk.box.values[SESSION])


def test_a_token_is_not_renewed_before_its_end(desk: Desk) -> None:
    read(desk)
    desk.clock.advance(359_990)  # type: ignore[attr-defined]
    read(desk)
    assert desk.asked("/accesstoken$") == 1
    desk.clock.advance(20)  # type: ignore[attr-defined]
    read(desk)
    assert desk.asked("/accesstoken$") == 2
    assert desk.asked("/reviews$") == 3, "the end was known: no call was wasted on it"


def test_ct3_eight_calls_at_once_renew_once(desk: Desk) -> None:
    provider = desk.open(**BY_BROWSER)
    provider.finish_sign_in(desk.server.issue_code())
    old = provider.api.sign_in.token()
    desk.server.expire_tokens()
    start, tokens = threading.Barrier(8), []

    def renew() -> None:
        start.wait(10)
        tokens.append(provider.api.sign_in.renewed(old))

    threads = [threading.Thread(target=renew) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(tokens) == 8 and len(set(tokens)) == 1 and tokens[0] != old
    assert desk.asked("/refresh$") == 1


def test_two_processes_share_one_renewal(desk: Desk) -> None:
    window, script = desk.open(), desk.open()
    window.api.product_reviews(UNIT, per_page=1)
    script.api.product_reviews(UNIT, per_page=1)
    desk.server.expire_tokens()
    window.api.product_reviews(UNIT, per_page=1)
    script.api.product_reviews(UNIT, per_page=1)
    assert desk.asked("/accesstoken$") == 2


def test_a_spent_refresh_token_ends_in_sign_in_again_and_no_more_calls(desk: Desk) -> None:
    provider = desk.open(**BY_BROWSER)
    provider.finish_sign_in(desk.server.issue_code())
    desk.server.revoke_all()
    for _ in range(3):
        with pytest.raises(SignInError) as caught:
            provider.api.product_reviews(UNIT)
        assert "Sign in again" in caught.value.remedy
    assert (desk.asked("/refresh$"), desk.asked("/reviews$")) == (1, 1)
    assert SESSION not in desk.box.values


def test_a_password_grant_signs_in_anew_when_its_refresh_token_is_spent(desk: Desk) -> None:
    provider = desk.open(**BY_PASSWORD)
    provider.api.product_reviews(UNIT, per_page=1)
    desk.server.revoke_all()
    provider.api.product_reviews(UNIT, per_page=1)
    assert desk.asked("/accesstoken$") == 2


def test_refused_credentials_are_not_tried_again_until_they_change(desk: Desk) -> None:
    desk.box.values["api_secret"] = "wrong"
    provider = desk.open()
    for _ in range(3):
        with pytest.raises(SignInError):
            provider.api.product_reviews(UNIT)
    assert desk.asked("/accesstoken$") == 1
    list(provider.check())
    assert desk.asked("/accesstoken$") == 2, "a person asked for it"
    desk.box.values["api_secret"] = desk.server.api_secret
    assert provider.api.product_reviews(UNIT, per_page=1).product_reviews


def test_a_token_that_stays_refused_is_tried_twice(desk: Desk) -> None:
    desk.shop.faults.on("/reviews$", status=401, body="{}", times=None)
    with pytest.raises(SignInError):
        read(desk)
    assert (desk.asked("/reviews$"), desk.asked("/accesstoken$")) == (2, 2)


@pytest.mark.parametrize(
    ("fault", "error"),
    [({"status": 429, "body": "{}"}, RateLimited), ({"cut": "before"}, NetworkError)],
)
def test_a_passing_fault_of_the_renewal_keeps_the_refresh_token(
    desk: Desk, fault: dict[str, object], error: type[Exception]
) -> None:
    provider = desk.open(**BY_BROWSER)
    provider.finish_sign_in(desk.server.issue_code())
    desk.server.expire_tokens()
    desk.shop.faults.on("/refresh$", **fault)  # type: ignore[arg-type]
    with pytest.raises(error):
        provider.api.product_reviews(UNIT)
    desk.clock.advance(4000)  # type: ignore[attr-defined]
    assert provider.api.product_reviews(UNIT, per_page=1).product_reviews


def test_a_locked_keychain_does_not_lose_a_rotated_pair(desk: Desk) -> None:
    provider = desk.open(**BY_BROWSER)
    provider.finish_sign_in(desk.server.issue_code())
    desk.server.expire_tokens()
    put, locked = desk.box.put, True

    def put_when_open(key: str, value: str | None) -> None:
        if locked:
            raise KeychainLocked("The keychain is locked.")
        put(key, value)

    desk.box.put = put_when_open  # type: ignore[method-assign]
    for _ in range(2):
        with pytest.raises(KeychainLocked):
            provider.api.product_reviews(UNIT)
    assert desk.asked("/refresh$") == 1
    locked = False
    assert provider.api.product_reviews(UNIT, per_page=1).product_reviews
    assert desk.asked("/refresh$") == 1, "the pair of the first renewal is still the one in use"


def test_revoke_voids_the_refresh_token(desk: Desk) -> None:
    provider = desk.open(**BY_BROWSER)
    provider.finish_sign_in(desk.server.issue_code())
    provider.sign_out()
    assert desk.server.live_refresh_tokens == [] and SESSION not in desk.box.values
    provider.sign_out()
    assert desk.asked("/revoke$") == 1


def test_other_credentials_void_the_kept_session(desk: Desk) -> None:
    read(desk)
    read(desk, **BY_PASSWORD)
    assert desk.asked("/accesstoken$") == 2


@pytest.mark.parametrize("kept", ["", "{}", "not json", '{"access": 5}'])
def test_a_session_that_can_not_be_read_is_made_anew(desk: Desk, kept: str) -> None:
    desk.box.values[SESSION] = kept
    read(desk)
    assert desk.asked("/accesstoken$") == 1


@pytest.mark.parametrize(
    ("key", "words"), [("api_key", "API key"), ("api_secret", "API secret"), ("password", "password")]
)
def test_a_missing_secret_is_named(desk: Desk, key: str, words: str) -> None:
    del desk.box.values[key]
    with pytest.raises(SignInError) as caught:
        read(desk, **BY_PASSWORD)
    assert words in caught.value.message
    assert desk.asked() == 0


def test_lenient_token_numbers(desk: Desk) -> None:
    body = '{"access_token": "abc", "expires_in": 10, "refresh_token": null, "refresh_token_expires_in": ""}'
    desk.shop.faults.on("/accesstoken$", body=body)
    provider = desk.open()
    assert provider.api.sign_in.token() == "abc"
    desk.clock.advance(11)  # type: ignore[attr-defined]
    assert provider.api.sign_in.token() != "abc"
