"""A translation service of the test's own, over real HTTP on loopback: it says what it was asked, and answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

__all__ = ["Service", "translation_service"]


class Service:
    """``asked``: every body it got. ``key``: what it wants. ``broken``: an error it answers with."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.key = ""
        self.broken = 0
        self.address = ""
        self.said: object = None

    def answer(self, body: dict[str, Any]) -> tuple[int, object]:
        self.asked.append(body)
        if self.broken:
            return self.broken, {"error": f"no, not with {body.get('api_key')}"}
        if self.key and body.get("api_key") != self.key:
            return 403, {"error": "Invalid API key"}
        if self.said is not None:
            return 200, self.said
        return 200, {
            "translatedText": f"In {body['target']}: {body['q'].upper()}",
            "detectedLanguage": {"language": "fr", "confidence": 90},
        }


@contextmanager
def translation_service() -> Iterator[Service]:
    """It runs until the end of the block."""
    service = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("content-length", "0")))
            service.paths.append(self.path)
            status, said = service.answer(json.loads(raw))
            body = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: object) -> None:
            """Nothing is written to the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
