"""Signatures by account and language: kept, found, judged by the same check as a reply, gone with their account."""

from __future__ import annotations

from pathlib import Path

import pytest

from reviewdesk.domain.signatures import MOST
from reviewdesk.services.signatures import SIGNATURES_KEY
from tests.support.core import open_scripted


def test_the_language_comes_first_then_any_and_a_restart_keeps_them(tmp_path: Path) -> None:
    with open_scripted(tmp_path) as desk:
        signatures, account = desk.core.signatures, desk.account.id
        assert signatures.of(account, "fr") == ""
        signatures.put(account, "", "The team")
        signatures.put(account, "fr", " L'équipe\x07 \n")
        assert [signatures.of(account, code) for code in ("fr", "fr-CA", "fr_FR", "FR", "de", None, "")] == (
            ["L'équipe"] * 4 + ["The team"] * 3
        )
        assert signatures.of(account + 1, "fr") == ""
        signatures.put(account, "de", "x" * (MOST + 50))
        assert len(signatures.own(account, "de")) == MOST
        signatures.put(account, "de", "  ")
        assert signatures.own(account, "de") == ""
    with open_scripted(tmp_path) as desk:
        assert desk.core.signatures.all() == {desk.account.id: {"": "The team", "fr": "L'équipe"}}


def test_an_account_that_goes_takes_its_signature_along(tmp_path: Path) -> None:
    with open_scripted(tmp_path) as desk:
        core = desk.core
        core.signatures.put(desk.account.id, "", "The team")
        core.accounts.rename(desk.account, "Another name")
        assert core.signatures.all(), "another name is no reason"
        core.accounts.remove(desk.account)
        assert core.signatures.all() == {}


@pytest.mark.parametrize("kept", ["", "{", "[]", '{"x": 1, "7": 5, "8": {"": "ok"}}'])
def test_what_makes_no_sense_is_no_signature(tmp_path: Path, kept: str) -> None:
    with open_scripted(tmp_path) as desk:
        desk.core.settings.set_text(SIGNATURES_KEY, kept)
        assert set(desk.core.signatures.all()) <= {8}


def test_what_may_not_be_public_is_found_in_it(tmp_path: Path) -> None:
    with open_scripted(tmp_path) as desk:
        unfit = desk.core.signatures.unfit
        assert [f.rule.id for f in unfit("Please delete your review.\nThe team")] == ["ask-change"]
        assert [f.rule.id for f in unfit("Change your review and we will give you a voucher.")]
        assert unfit("L'équipe Harbour") == ()
