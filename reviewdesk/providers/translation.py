"""A translation service that somebody named: the LibreTranslate call ``POST /translate`` and nothing else.

Source of the fields: LibreTranslate's own API documentation (``q``, ``source``, ``target``, ``format``, ``api_key`` in;
``translatedText`` and, with ``source`` auto, ``detectedLanguage.language`` out).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reviewdesk.domain.errors import BadAnswer
from reviewdesk.domain.text import clean
from reviewdesk.providers.base import Context
from reviewdesk.providers.http import HttpClient

__all__ = ["Translated", "translate"]

LONGEST = 20_000
"""Characters of one text that are sent; a service refuses longer ones."""


@dataclass(frozen=True, slots=True)
class Translated:
    """``language``: what the service took the text for, as a code; empty where it does not say."""

    text: str
    language: str


def translate(
    context: Context, base_url: str, title: str, key: str | None, text: str, source: str, target: str
) -> Translated:
    """One text in the language ``target`` (``en``), from ``source`` or, where that is empty, whatever it is in.

    One request, never repeated and never redirected, as it carries a customer's words. Blocking. Raises ProviderError.
    """
    client = HttpClient(base_url, context, title=title)
    try:
        client.hide(key)
        body = {
            "q": text[:LONGEST],
            "source": source or "auto",
            "target": target,
            "format": "text",
            **({"api_key": key} if key else {}),
        }
        answer = client.call("POST", "/translate", json=body, outgoing=True).json()
    finally:
        client.close()
    return _read(answer, title)


def _read(answer: Any, title: str) -> Translated:
    said = answer.get("translatedText") if isinstance(answer, dict) else None
    if not isinstance(said, str):
        raise BadAnswer(f"{title} gave no translation.")
    detected = answer.get("detectedLanguage")
    language = detected.get("language") if isinstance(detected, dict) else None
    return Translated(clean(said), language if isinstance(language, str) else "")
