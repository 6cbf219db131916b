"""Sitejabber's token: kept, shared between processes, renewed once for four codes and never for others."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from reviewdesk.domain.errors import (
    BadAnswer,
    NetworkError,
    PermissionDenied,
    ProviderError,
    RateLimited,
    ServerError,
    SignInError,
)
from reviewdesk.domain.models import ActionKind
from reviewdesk.practice.sitejabber_base import ERRORS
from reviewdesk.providers.sitejabber.session import RENEWABLE, error_of
from reviewdesk.providers.sitejabber.spec import SESSION
from tests.support.contexts import Box
from tests.support.desks import Desk, open_desk

LIST = r"/reviews$"


@pytest.fixture
def desk() -> Iterator[Desk]:
    with open_desk("sitejabber") as made:
        yield made


def read(desk: Desk, provider: object = None) -> int:
    opened = desk.open() if provider is None else provider
    return sum(len(page.reviews) for page in opened.fetch({}, full=False))  # type: ignore[attr-defined]


def refuse(desk: Desk, code: int, path: str = LIST, times: int | None = 1) -> None:
    body = {"status": "ERROR", "success": False, "errorCode": code, "errorReason": ERRORS[code]}
    desk.shop.faults.on(path, status=200, body=json.dumps(body), times=times)


def test_one_sign_in_serves_many_processes_for_half_a_year(desk: Desk) -> None:
    for _ in range(3):
        assert read(desk) > 0
    desk.clock.advance(170 * 86_400)
    read(desk)
    assert desk.server.logins == 1
    provider = desk.open()
    read(desk, provider)
    assert provider.token_expires is not None
    desk.clock.advance(provider.token_expires - desk.clock.now() + 1)
    assert read(desk, provider) > 0
    assert desk.server.logins == 2


def test_the_token_is_kept_before_it_is_used(desk: Desk) -> None:
    desk.shop.faults.on("/businesses/", cut="before", times=None)
    with pytest.raises(NetworkError):
        read(desk)
    desk.shop.faults.off()
    kept = json.loads(desk.box.values[SESSION])
    assert kept["username"] == "harbourshop" and len(kept["token"]) == 40
    assert (
        desk.settings["email"] == kept["email"]
        and desk.box.values["password"] not in desk.box.values[SESSION]
    )
    read(desk)
    assert desk.server.logins == 1


def test_a_connection_test_does_not_end_the_token_of_others(desk: Desk) -> None:
    read(desk)
    stages = list(desk.open().check())
    assert [s.stage for s in stages] == ["address", "connect", "sign-in", "permission", "read"]
    assert all(s.ok for s in stages)
    assert desk.server.logins == 1


def test_another_password_or_user_is_a_new_sign_in(desk: Desk) -> None:
    read(desk)
    desk.box.values["password"] = "another-password"
    stages = list(desk.open().check())
    assert [s.stage for s in stages if not s.ok] == ["sign-in"] and "201" in stages[-1].message
    desk.box.values["password"] = desk.server.password
    other = desk.open(email="somebody.else@example.org")
    with pytest.raises(SignInError):
        read(desk, other)
    read(desk)
    assert desk.server.logins == 1


@pytest.mark.parametrize("code", sorted(RENEWABLE))
def test_signs_in_again_once(desk: Desk, code: int) -> None:
    read(desk)
    refuse(desk, code)
    assert read(desk) > 0
    assert desk.server.logins == 2
    refuse(desk, code, times=None)
    with pytest.raises(SignInError) as caught:
        read(desk)
    assert caught.value.status == code
    assert desk.server.logins == 3 and desk.asked("/login$") == 3


@pytest.mark.parametrize("code", sorted(set(ERRORS) - RENEWABLE))
def test_never_signs_in_again_for_anything_else(desk: Desk, code: int) -> None:
    read(desk)
    refuse(desk, code)
    with pytest.raises(ProviderError) as caught:
        read(desk)
    assert caught.value.status == code
    assert desk.asked("/login$") == 1


@pytest.mark.parametrize("code", [101, 102, 201, 202, 205, 429, 503])
def test_a_refused_sign_in_is_not_repeated(desk: Desk, code: int) -> None:
    refuse(desk, code, "/login$", times=None)
    with pytest.raises(ProviderError):
        read(desk)
    assert desk.asked() == 1


def test_a_token_that_ran_out_or_was_ended_elsewhere_is_renewed(desk: Desk) -> None:
    provider = desk.open()
    read(desk, provider)
    desk.server.expire_token()
    assert read(desk, provider) > 0
    desk.server.log_in_elsewhere()
    assert read(desk, provider) > 0
    assert desk.server.logins == 3


def test_two_processes_do_not_throw_each_other_out(desk: Desk) -> None:
    window, cron = desk.open(), desk.open()
    read(desk, window)
    desk.server.expire_token()
    read(desk, cron)  # signs in again: the window's token is no longer valid
    for _ in range(3):
        read(desk, window)  # finds the new one in the keychain
        read(desk, cron)
    assert desk.server.logins == 2


def test_two_machines_take_turns_without_a_storm(desk: Desk) -> None:
    here, there = desk.open(), desk.open(box=Box(desk.shop.accounts[0].secrets))
    for provider in (here, there, here, there):
        assert read(desk, provider) > 0
    assert desk.server.logins == 4, "one sign-in for each that found its token ended"


def test_a_reply_survives_an_ended_token_and_goes_out_once(desk: Desk) -> None:
    number = next(n for n in desk.server.review_numbers() if not desk.server.comments(n))
    desk.provider.thread(desk.business(number))
    desk.server.log_in_elsewhere()
    desk.send(ActionKind.REPLY, desk.business(number), "Thanks!")
    assert [c["content"] for c in desk.server.comments(number)] == ["Thanks!"]


def test_a_revoked_key_and_a_disabled_user(desk: Desk) -> None:
    read(desk)
    desk.server.client_revoked = True
    with pytest.raises(SignInError, match="API key"):
        read(desk)
    desk.server.client_revoked, desk.server.user_disabled = False, True
    with pytest.raises(SignInError, match="disabled"):
        read(desk)
    assert desk.asked("/login$") == 1


def test_after_a_refusal_for_too_many_calls_none_is_made_for_ten_seconds(desk: Desk) -> None:
    provider = desk.open()
    read(desk, provider)
    refuse(desk, 429)
    for _ in range(3):
        with pytest.raises(RateLimited) as caught:
            read(desk, provider)
    assert 8 <= float(caught.value.retry_after_s or 0) <= 10
    assert len([e for e in desk.shop.journal.entries() if e.outcome != "ok"]) == 1
    desk.clock.advance(10)
    assert read(desk, provider) > 0


def test_maintenance(desk: Desk) -> None:
    desk.server.maintenance = True
    with pytest.raises(ServerError) as caught:
        read(desk)
    assert caught.value.retry_after_s == 600
    stages = list(desk.open().check())
    assert [s.stage for s in stages if not s.ok] == ["sign-in"]


def test_a_nonsense_session_is_signed_in_anew(desk: Desk) -> None:
    for kept in (
        "",
        "x",
        "{}",
        '{"token": 1}',
        "[]",
        '{"token":"a","expires":9999999999,"username":"u","email":"e"}',
    ):
        desk.box.values[SESSION] = kept
        assert read(desk) > 0
    assert desk.server.logins == 6


def test_incomplete_credentials_ask_nobody(desk: Desk) -> None:
    for missing in ("client_token", "password"):
        box = Box({k: v for k, v in desk.box.values.items() if k not in (missing, SESSION)})
        with pytest.raises(SignInError, match="not complete"):
            read(desk, desk.open(box=box))
    assert desk.asked() == 0


@pytest.mark.parametrize("user", ["null", "[]", '{"username": null}', '{"username": 7}', "7"])
def test_a_sign_in_without_a_name_still_works(desk: Desk, user: str) -> None:
    token = desk.server._new_token()
    body = f'{{"token": "{token}", "expire": "", "user": {user}, "status": "OK", "success": true}}'
    desk.shop.faults.on("/login$", status=200, body=body)
    assert read(desk) > 0


@pytest.mark.parametrize("status", [200, 400])
def test_no_secret_is_written_into_an_error(desk: Desk, status: int) -> None:
    read(desk)
    token = json.loads(desk.box.values[SESSION])["token"]
    secrets = [desk.box.values["client_token"], desk.box.values["password"], token]
    reason = f"Odd: {' '.join(secrets)}"
    body = {"status": "ERROR", "success": False, "errorCode": 306, "errorReason": reason}
    desk.shop.faults.on(LIST, status=status, body=json.dumps(body))
    provider = desk.open()
    provider.catalogue.business()
    with pytest.raises(ProviderError) as caught:
        read(desk, provider)
    error = caught.value
    assert error.status == 306 and "Odd: •••" in error.provider_words
    assert not [s for s in secrets if s in f"{error} {error.message} {error.provider_words}"]


def test_what_the_codes_mean() -> None:
    for code, reason in ERRORS.items():
        error = error_of(code, reason)
        assert error.status == code and reason in error.message and error.provider_words == reason
        assert isinstance(error, SignInError) is (code in RENEWABLE | {101, 102, 201, 202})
    assert isinstance(error_of(308, "x"), PermissionDenied)
    assert isinstance(error_of(None, ""), BadAnswer) and isinstance(error_of(12, "<b>x</b>"), BadAnswer)
