"""No registered value survives in any form a log line can give it."""

from __future__ import annotations

import base64
import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewdesk.diagnostics import logs
from reviewdesk.diagnostics.redact import Redactor

SECRET = "s3cr&t/Wört=+ \"q'"


def _written(value: str) -> list[str]:
    raw = value.encode()
    return [
        value,
        quote(value),
        quote(value, safe=""),
        quote_plus(value),
        urlencode({"k": value}),
        json.dumps({"k": value}),
        json.dumps({"k": value}, ensure_ascii=False),
        repr({"k": value}),
        repr(raw),
        raw.hex(),
        base64.b64encode(raw).decode(),
        *(base64.b64encode(prefix + raw).decode() for prefix in (b"u:", b"us:", b"user:")),
        base64.b64encode(b"key:" + raw + b":more").decode(),
    ]


def _leaks(value: str, text: str) -> bool:
    """Any run of eight characters of any written form (less for short values)."""
    for form in [
        value,
        quote(value),
        json.dumps(value)[1:-1],
        base64.b64encode(value.encode()).decode()[2:-4],
    ]:
        piece = min(8, len(form))
        if piece >= 4 and any(form[i : i + piece] in text for i in range(len(form) - piece + 1)):
            return True
    return False


@pytest.mark.parametrize("text", _written(SECRET))
def test_every_written_form_is_cut(text: str) -> None:
    redactor = Redactor()
    assert _leaks(SECRET, f"GET /x {SECRET}"), "the search itself must find a planted value"
    redactor.register(SECRET, "acct2/k")
    out = redactor.redact(f"before {text} after")
    assert "<secret:acct2/k>" in out
    assert out.startswith("before ") and out.endswith(" after")
    assert not _leaks(SECRET, out)


@given(st.text(min_size=4, max_size=40), st.text(max_size=30), st.text(max_size=30))
def test_any_value_in_any_text(value: str, before: str, after: str) -> None:
    redactor = Redactor()
    redactor.register(value, "x")
    assert value not in redactor.redact(before + value + after).replace("<secret:x>", "")


def test_the_longer_of_two_nested_values_wins() -> None:
    redactor = Redactor()
    redactor.register("abcd", "short")
    redactor.register("abcdefgh", "long")
    assert redactor.redact("abcdefgh abcd") == "<secret:long> <secret:short>"


def test_a_value_too_short_to_mask_is_refused(caplog: pytest.LogCaptureFixture) -> None:
    redactor = Redactor()
    with caplog.at_level(logging.WARNING):
        redactor.register("abc", "acct1/k")
    assert redactor.redact("abc alphabet") == "abc alphabet"
    assert "acct1/k" in caplog.text and "abc" not in caplog.text


@pytest.fixture
def log(tmp_path: Path) -> Iterator[tuple[Path, Redactor]]:
    redactor = Redactor()
    root = logging.getLogger()
    level = root.level
    handler = logs.set_up(tmp_path / "log", redactor, debug=True)
    yield tmp_path / "log" / "reviewdesk.log", redactor
    root.removeHandler(handler)
    handler.close()
    root.setLevel(level)


def test_the_log_holds_no_secret_even_in_a_traceback(log: tuple[Path, Redactor]) -> None:
    path, redactor = log
    redactor.register(SECRET, "acct1/password")
    logger = logging.getLogger("reviewdesk.test")
    logger.debug("GET %s", quote_plus(SECRET))
    try:
        raise ValueError(f"bad {SECRET}")
    except ValueError:
        logger.exception("it failed with %r", {"k": SECRET})
    text = path.read_text(encoding="utf-8")
    assert "ValueError" in text and "<secret:acct1/password>" in text
    assert not _leaks(SECRET, text)


def test_library_loggers_do_not_write_urls(log: tuple[Path, Redactor]) -> None:
    path, _ = log
    logging.getLogger("httpx").info("HTTP Request: GET https://x.example/?k=key123 200")
    logging.getLogger("reviewdesk.test").info("here")
    assert "key123" not in path.read_text(encoding="utf-8")


@pytest.mark.skipif(
    sys.platform == "win32", reason="Windows keeps the log inside the user's own profile folder"
)
def test_a_library_that_was_silenced_stays_silent(tmp_path: Path) -> None:
    logger = logging.getLogger("paramiko")
    before, root = logger.level, logging.getLogger()
    level = root.level
    logger.setLevel(logging.CRITICAL)
    handler = logs.set_up(tmp_path / "log", Redactor(), debug=True)
    try:
        assert logger.level == logging.CRITICAL
    finally:
        root.removeHandler(handler)
        handler.close()
        root.setLevel(level)
        logger.setLevel(before)


def test_only_the_owner_reads_the_log(log: tuple[Path, Redactor]) -> None:
    path, _ = log
    logging.getLogger("reviewdesk.test").info("here")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_an_uncaught_error_is_one_sentence_for_a_person(
    log: tuple[Path, Redactor], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path, redactor = log
    redactor.register(SECRET, "acct1/password")
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    import threading

    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    logs.install_hooks(redactor)
    try:
        raise RuntimeError(SECRET)
    except RuntimeError as error:
        sys.excepthook(RuntimeError, error, error.__traceback__)
    told = capsys.readouterr().err
    assert told.startswith("error: ") and told.count("\n") == 1 and "Traceback" not in told
    assert "Traceback" in path.read_text(encoding="utf-8")
    assert not _leaks(SECRET, told + path.read_text(encoding="utf-8"))


def test_each_line_of_a_key_is_kept_out() -> None:
    redactor = Redactor()
    lines = [
        "-----BEGIN OPENSSH PRIVATE KEY-----",
        "b3BlbnNzaC1rZXktdjEAAAAABG5vbmU",
        "QyNTUxOQAAACDabc123def456",
        "ab",
    ]
    redactor.register("\n".join(lines), "account 1/private_key")
    text = redactor.redact(f"bad line: {lines[1]} and {lines[2]!r} ab")
    assert lines[1] not in text and lines[2] not in text and text.endswith(" ab")
