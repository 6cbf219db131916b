"""The one door to HTTP, for every provider; the only room that imports httpx and its engine (ADR 0006)."""

from reviewdesk.providers.answers import Answer, Expect
from reviewdesk.providers.http.client import ERROR_CAP, JSON_CAP, HttpClient, pacer_for

__all__ = ["ERROR_CAP", "JSON_CAP", "Answer", "Expect", "HttpClient", "pacer_for"]
