"""Signatures by account and language, kept with the profile's settings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from reviewdesk.domain.checks import Finding, Known, check
from reviewdesk.domain.signatures import MOST
from reviewdesk.domain.text import cap, clean

if TYPE_CHECKING:
    from reviewdesk.services.settings import SettingsService

__all__ = ["SIGNATURES_KEY", "SignatureService"]

SIGNATURES_KEY = "writing.signatures"
ANY = ""
"""The language of a signature that stands under every reply without one of its own."""


class SignatureService:
    """Any thread; reads are answered from memory after the first."""

    def __init__(self, settings: SettingsService) -> None:
        self._settings = settings

    def of(self, account_id: int, language: str | None) -> str:
        """What stands under a reply of this account in this language (``fr``, ``fr-CA``); empty where there is none."""
        mine = self.all().get(account_id, {})
        code = (language or ANY).replace("_", "-").split("-")[0].lower()
        return mine.get(code) or mine.get(ANY, "")

    def own(self, account_id: int, language: str) -> str:
        """The signature that was written for exactly this language (empty: for any)."""
        return self.all().get(account_id, {}).get(language, "")

    def put(self, account_id: int, language: str, text: str) -> None:
        """Keep a signature; an empty one goes. At most ``MOST`` characters are kept."""
        kept = {key: dict(texts) for key, texts in self.all().items()}
        written = cap(clean(text), MOST, "").strip()
        mine = kept.setdefault(account_id, {})
        if written:
            mine[language] = written
        else:
            mine.pop(language, None)
        self.restore(kept)

    def forget(self, account_id: int) -> None:
        """The account is gone, and what it signed with goes too."""
        kept = dict(self.all())
        if kept.pop(account_id, None) is not None:
            self.restore(kept)

    def all(self) -> Mapping[int, Mapping[str, str]]:
        """Every signature by account and language."""
        try:
            kept = json.loads(self._settings.text(SIGNATURES_KEY) or "{}")
        except ValueError:
            return {}
        if not isinstance(kept, dict):
            return {}
        return {
            int(account): {str(code): str(text) for code, text in texts.items()}
            for account, texts in kept.items()
            if str(account).isdecimal() and isinstance(texts, dict)
        }

    def restore(self, kept: Mapping[int, Mapping[str, str]]) -> None:
        """Keep these and no others."""
        self._settings.set_text(
            SIGNATURES_KEY, json.dumps({str(k): dict(v) for k, v in sorted(kept.items()) if v})
        )

    @staticmethod
    def unfit(text: str) -> tuple[Finding, ...]:
        """What the check before publishing would stop in a signature, whoever the customer is."""
        return tuple(finding for finding in check(text, Known()) if finding.must)
