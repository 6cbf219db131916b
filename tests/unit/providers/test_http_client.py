"""What HttpClient does beyond faults: limits, Retry-After, pictures, addresses, and silence about secrets."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import urlsplit

import pytest

from reviewdesk.domain.capabilities import Field, RateLimit
from reviewdesk.domain.errors import (
    BadAnswer,
    Delivery,
    NetworkError,
    ProviderError,
    RateLimited,
    Refused,
    SignInError,
)
from reviewdesk.providers.addresses import address_problem, is_loopback, path, same_place
from reviewdesk.providers.answers import Answer, provider_words, retry_after
from reviewdesk.providers.http import Expect, HttpClient
from reviewdesk.providers.trust import trusted_tls
from tests.support.clock import FakeClock
from tests.support.contexts import Memory, context
from tests.support.faultserver import FaultServer, Peer, answer

NOW = 1_780_000_000.0


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
def made() -> Iterator[list[HttpClient]]:
    clients: list[HttpClient] = []
    yield clients
    for client in clients:
        client.close()


def always(data: bytes):
    def script(peer: Peer) -> None:
        while True:
            peer.request()
            peer.send(data)

    return script


# --- limits ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("77", 77),
        (" 77 ", 77),
        ("0", 1),
        ("-1", 1),
        ("315360000", 3600),
        ("1e400", 3600),
        ("nan", None),
        ("soon", None),
        ("", None),
        (None, None),
        ("9" * 100, None),
        (format_datetime(datetime.fromtimestamp(NOW + 120, UTC), usegmt=True), 120),
        (format_datetime(datetime.fromtimestamp(NOW - 120, UTC), usegmt=True), 1),
        ("Wed, 99 Foo 2026 00:00:00 GMT", None),
    ],
)
def test_c18_retry_after(header: str | None, seconds: float | None) -> None:
    assert retry_after(header, NOW) == seconds


def test_after_a_429_no_call_is_made_before_its_time(clock: FakeClock, made: list[HttpClient]) -> None:
    with FaultServer(always(answer(b"{}", status="429 Slow", headers=("Retry-After: 50",)))) as server:
        client = HttpClient(server.url, context(clock=clock), title="Trustpilot")
        made.append(client)
        for left in (50, 20):
            with pytest.raises(RateLimited) as caught:
                client.get("/x")
            assert caught.value.retry_after_s == pytest.approx(left)
            clock.advance(30)
        assert len(server.requests) == 1
        with pytest.raises(RateLimited):
            client.get("/x")
        assert len(server.requests) == 2


def test_without_retry_after_the_wait_doubles_up_to_an_hour(clock: FakeClock, made: list[HttpClient]) -> None:
    waits = []
    with FaultServer(always(answer(b"{}", status="429 Slow"))) as server:
        client = HttpClient(server.url, context(clock=clock), title="Trustpilot")
        made.append(client)
        for _ in range(9):
            with pytest.raises(RateLimited) as caught:
                client.get("/x")
            waits.append(caught.value.retry_after_s or 0)
            clock.advance(3601)
    for n, wait in enumerate(waits):
        assert min(3600, 60 * 2 ** min(n, 6)) <= wait <= min(3600, 75 * 2 ** min(n, 6))


def test_calls_keep_the_limits_and_a_person_goes_first(clock: FakeClock, made: list[HttpClient]) -> None:
    memory = Memory()
    sent: list[float] = []
    with FaultServer(always(answer(b"[]"))) as server:
        client: HttpClient

        def meanwhile() -> None:
            if len(server.requests) == 9 and not sent:
                sent.append(clock.monotonic())
                with client.urgent():
                    client.call("POST", "/reply", json={}, outgoing=True)

        client = HttpClient(
            server.url,
            context(clock=clock, memory=memory, meanwhile=meanwhile),
            title="Sitejabber",
            limits=(RateLimit(10, 10),),
        )
        made.append(client)
        start = clock.monotonic()
        for _ in range(12):
            client.get("/page")
        assert client.calls == 13
        assert sent == [start], "the reply did not wait for the window"
        assert [r.line.split()[1] for r in server.requests].index("/v1/reply") == 9
        assert clock.monotonic() - start > 10
        assert memory.saves == 13


def test_an_accounts_own_limits_win(clock: FakeClock, made: list[HttpClient]) -> None:
    for text, expected in (
        ("2/60", [RateLimit(2, 60)]),
        ("nonsense", [RateLimit(9, 9)]),
        ("", [RateLimit(9, 9)]),
    ):
        client = HttpClient(
            "https://x.example",
            context({"rate_limit": text}, clock=clock),
            title="X",
            limits=(RateLimit(9, 9),),
        )
        made.append(client)
        assert [limit for limit, _ in client.pacer.used()] == expected


# --- silence about secrets -----------------------------------------------------------------------------


def test_nothing_is_logged_but_method_host_path_and_status(
    caplog: pytest.LogCaptureFixture, made: list[HttpClient]
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore", "httpcore.http11", "httpcore.connection"):
        assert logging.getLogger(name).getEffectiveLevel() >= logging.WARNING
    with FaultServer(always(answer(b'{"secret": "canary-body"}'))) as server:
        client = HttpClient(server.url, context(), title="X")
        made.append(client)
        client.get("/things", query={"client_token": "canary-query"}, headers={"apikey": "canary-header"})
        client.call("POST", "/login", form={"password": "canary-form"})
    assert "canary" not in caplog.text
    assert "GET 127.0.0.1/v1/things: 200" in caplog.text


def test_a_provider_that_repeats_a_secret_is_not_quoted(made: list[HttpClient]) -> None:
    body = b'{"message": "Bad token canary-1234 for canary-1234567"}'
    with FaultServer(always(answer(body, status="400 Bad"))) as server:
        client = HttpClient(server.url, context(), title="X")
        made.append(client)
        client.hide("canary-1234")
        client.hide("canary-1234567")
        client.hide("")
        with pytest.raises(Refused) as caught:
            client.get("/x")
    assert "canary" not in f"{caught.value} {caught.value.provider_words}"
    assert caught.value.provider_words == "Bad token ••• for •••"


def test_a_secret_that_no_call_needed_is_not_cut_in_two_either(made: list[HttpClient]) -> None:
    """Where the words of an error end, half of it would stand in the log, and nobody would know what it is."""
    secret = "canary/of two-words%4f" * 2
    body = f'{{"message": "{"x" * 270} {secret}"}}'.encode()
    fields = (Field(key="spare", label="Spare", secret=True), Field(key="none", label="None", secret=True))
    with FaultServer(always(answer(body, status="400 Bad"))) as server:
        client = HttpClient(server.url, context(secrets={"spare": secret}), title="X", secrets=fields)
        made.append(client)
        with pytest.raises(Refused) as caught:
            client.get("/x")
    assert caught.value.provider_words == f"{'x' * 270} •••"


def test_a_server_that_mixes_up_two_accounts_is_not_quoted_either(made: list[HttpClient]) -> None:
    body = b'{"message": "Bad token canary-of-the-other"}'
    with FaultServer(always(answer(body, status="400 Bad"))) as server:
        client, other = (HttpClient(server.url, context(), title="X") for _ in range(2))
        made += [client, other]
        other.hide("canary-of-the-other")
        with pytest.raises(Refused) as caught:
            client.get("/x")
    assert caught.value.provider_words == "Bad token •••"


@pytest.mark.parametrize("value", ["two\nlines", "umläut", " blank", "tab\t", "nul\x00"])
def test_a_credential_that_can_not_be_a_header_is_said_without_repeating_it(
    value: str, made: list[HttpClient]
) -> None:
    with FaultServer(always(answer(b"[]"))) as server:
        client = HttpClient(server.url, context(), title="X")
        made.append(client)
        with pytest.raises(SignInError) as caught:
            client.get("/x", headers={"apikey": value})
        assert value not in str(caught.value)
        assert server.requests == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            b'{"fault": {"faultstring": "Invalid access token", "detail": {}}, "message": "x"}',
            "Invalid access token",
        ),
        (b'{"Message": "no"}', "no"),
        (b'{"ErrorCode": "1", "Error": "wrong"}', "wrong"),
        (b'{"errors": [{"message": "one"}, {"message": "two"}]}', "one; two"),
        (b'{"error": {"message": "inner"}}', "inner"),
        (b'{"error": "invalid_client", "error_description": "Unknown app"}', "Unknown app"),
        (b'{"details": "more"}', "more"),
        (b'{"message": "<b>bold</b> \\u202e words"}', None),
        (b"<html><style>x{}</style><h1>Down</h1> for maintenance</html>", "Down for maintenance"),
        (b"plain words", "plain words"),
        (b"", ""),
        (b"[]", ""),
        (b"[" * 100_000, None),
        (b'{"message": ' + b'{"message": ' * 50 + b'"deep"' + b"}" * 51, ""),
        (b"\xff\xfe", None),
        (b'{"message": "' + b"x" * 5000 + b'"}', "x" * 300),
    ],
)
def test_ct12_the_providers_own_words_are_plain_and_short(body: bytes, words: str | None) -> None:
    said = provider_words(body)
    assert len(said) <= 300 and "<b>" not in said and "\n" not in said
    if words is not None:
        assert said == words


# --- shapes --------------------------------------------------------------------------------------------


def test_calls_whose_answer_is_undocumented_take_any_2xx_but_a_web_page(made: list[HttpClient]) -> None:
    with FaultServer(always(answer(b"<p>ok</p>"))) as server:
        client = HttpClient(server.url, context(), title="X")
        made.append(client)
        with pytest.raises(BadAnswer) as caught:
            client.call("POST", "/state", json={}, outgoing=True, expect=Expect.ANY)
        assert caught.value.delivery is Delivery.UNKNOWN, "a hotel's network answers with 200 as well"
    for data in (answer(b"", status="204 No Content"), answer(b"done"), answer(b"true")):
        with FaultServer(always(data)) as server:
            client = HttpClient(server.url, context(), title="X")
            made.append(client)
            assert client.call("POST", "/state", json={}, outgoing=True, expect=Expect.ANY).status in (
                200,
                204,
            )


def test_an_outgoing_answer_that_can_not_be_decoded_is_unknown() -> None:
    for outgoing, delivery in ((True, Delivery.UNKNOWN), (False, Delivery.NOT_SENT)):
        with pytest.raises(BadAnswer) as caught:
            Answer(200, {}, b"[}", outgoing=outgoing).json()
        assert caught.value.delivery is delivery


def test_forms_files_and_json_are_sent_as_such(made: list[HttpClient]) -> None:
    with FaultServer(always(answer(b"[]"))) as server:
        client = HttpClient(server.url, context(), title="X")
        made.append(client)
        client.call("POST", "/a", form={"a": "1 & 2"})
        client.call("POST", "/b", json={"ü": 1})
        client.call("POST", "/c", form={"a": "1"}, files={"image1": ("p.png", b"\x89PNG", "image/png")})
        client.call("POST", "/d")
        client.call("DELETE", "/e", outgoing=True)
        form, json, files, empty, gone = server.requests
    assert (form.headers["content-type"], form.body) == ("application/x-www-form-urlencoded", b"a=1+%26+2")
    assert (json.headers["content-type"], json.body) == ("application/json", '{"ü":1}'.encode())
    assert files.headers["content-type"].startswith("multipart/form-data") and b"\x89PNG" in files.body
    assert empty.headers["content-length"] == "0"
    assert gone.line.startswith("DELETE /v1/e") and gone.headers["connection"] == "close"


def test_underscores_in_header_names_survive(made: list[HttpClient]) -> None:
    with FaultServer(always(answer(b"[]"))) as server:
        client = HttpClient(server.url, context(), title="X")
        made.append(client)
        client.get("/a", headers={"user_token": "abcd"})
        assert server.requests[0].headers["user_token"] == "abcd"


# --- pictures --------------------------------------------------------------------------------------------


def test_pictures_come_without_credentials_capped_and_from_known_hosts(made: list[HttpClient]) -> None:
    png = answer(b"\x89PNG1234", headers=("Content-Type: image/png",))
    with FaultServer(always(png)) as server:
        client = HttpClient("https://x.example", context(), title="X", limits=(RateLimit(1, 3600),))
        made.append(client)
        url = server.url + "/p.png?size=1"
        for _ in range(3):  # outside the pacing
            assert client.fetch_bytes(url, 1000, hosts=("x.example",)).body == b"\x89PNG1234"
        assert {"authorization", "apikey", "cookie"}.isdisjoint(server.requests[0].headers)
        with pytest.raises(BadAnswer):
            client.fetch_bytes(url, 4)
    for bad in (
        "http://x.example/p.png",
        "https://evil.example/p.png",
        "https://notx.example/p.png",
        "file:///etc/passwd",
        "https://user:pw@x.example/p.png",
        "ftp://127.0.0.1/p.png",
        "javascript:alert(1)",
        "",
    ):
        with pytest.raises(BadAnswer):
            client.fetch_bytes(bad, 1000, hosts=("x.example",))


def test_what_is_not_a_picture_is_refused(made: list[HttpClient]) -> None:
    with FaultServer(always(answer(b"<svg/>", headers=("Content-Type: text/html",)))) as server:
        client = HttpClient("https://x.example", context(), title="X")
        made.append(client)
        with pytest.raises(BadAnswer):
            client.fetch_bytes(server.url, 1000)


# --- addresses -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example/v1",
        "http://127.0.0.1:8080/x",
        "http://localhost",
        "http://[::1]:1/v1",
        "https://x:8443",
    ],
)
def test_good_addresses(url: str) -> None:
    assert address_problem(url) is None


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example/v1",
        "http://127.0.0.1.example/v1",
        "http://192.168.1.1",
        "ftp://api.example",
        "api.example",
        "",
        "https://",
        "https://user:pw@api.example",
        "https://api.example/v1?k=1",
        "https://api.example/#x",
        "https://api.example/a b",
        "https://api.example\\@evil.example",
        "https://api.example:99999/",
        "https://api.example:x/",
    ],
)
def test_bad_addresses(url: str, made: list[HttpClient]) -> None:
    problem = address_problem(url)
    assert problem is not None and problem.endswith(".")
    client = HttpClient(url, context(), title="X")
    made.append(client)
    with pytest.raises(NetworkError) as caught:
        client.get("/x")
    assert caught.value.delivery is Delivery.NOT_SENT and client.calls == 0


def test_path_segments_can_not_leave_their_place() -> None:
    assert path("private", "reviews", "a/b?c#d", "..", "tags") == "/private/reviews/a%2Fb%3Fc%23d/%2E%2E/tags"


def test_same_place() -> None:
    def same(a: str, b: str) -> bool:
        return same_place(urlsplit(a), urlsplit(b))

    assert same("https://x.example/a", "https://x.example:443/b")
    assert not same("https://x.example", "http://x.example")
    assert not same("https://x.example", "https://x.example:444")
    assert not same("https://x.example", "https://y.x.example")


def test_loopback() -> None:
    assert all(map(is_loopback, ("127.0.0.1", "127.8.8.8", "::1", "localhost")))
    assert not any(map(is_loopback, ("128.0.0.1", "localhost.example", "", None, "0.0.0.0")))


# --- trust -----------------------------------------------------------------------------------------------


def test_ct7_verification_can_not_be_switched_off() -> None:
    import ssl

    made = trusted_tls("")
    assert made.verify_mode is ssl.CERT_REQUIRED and made.check_hostname
    assert made.minimum_version >= ssl.TLSVersion.TLSv1_2


def test_a_wrong_clock_is_named_beside_an_expired_certificate() -> None:
    import ssl

    from reviewdesk.providers.faults import tls_error

    error = ssl.SSLCertVerificationError()
    error.verify_code = 10
    plain = tls_error(error, "x.example")
    late = tls_error(error, "x.example", clock_offset_s=3600)
    assert plain is not None and late is not None
    assert "60 minutes behind" in late.remedy and "60 minutes" not in plain.remedy


def test_settings_that_make_no_sense_fall_back(made: list[HttpClient]) -> None:
    for text in ("", "x", "nan", "-5", "1e9"):
        client = HttpClient("https://x.example", context({"timeout_seconds": text}), title="X")
        made.append(client)
        assert 0.05 <= client._timeout <= 600


def test_an_error_names_no_address_with_a_query(made: list[HttpClient]) -> None:
    client = HttpClient("https://localhost:1", context(timeout_s=0.2), title="X")
    made.append(client)
    with pytest.raises(ProviderError) as caught:
        client.get("/a/b", query={"k": "canary"})
    assert "canary" not in str(caught.value) and "/a/b" not in str(caught.value)
