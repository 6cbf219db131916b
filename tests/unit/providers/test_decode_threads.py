"""Two accounts of one provider begin at the same moment: the first use of a wire type must not crash the process."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

# Six threads, each type fresh: without the lock in decode._decoder about every fourth such process died of a
# segmentation fault (msgspec 0.22, Python 3.11).
_RACE = """
import sys, threading
sys.setswitchinterval(1e-6)
from reviewdesk.providers import decode
from reviewdesk.providers.trustpilot import sync, wire
barrier = threading.Barrier(6)
def work():
    barrier.wait()
    for _ in range(40):
        decode.convert({"unit": "u", "run": {"full": True, "started": 1.0}}, sync._Point)
        decode.decode_envelope(b'{"productReviews":[{"id":"1"}],"total":"3"}', wire.ProductReviews)
        decode.decode_record(b'{"id":"1","stars":3,"product":{"id":1}}', wire.ProductReview)
        decode._made_decoder.cache_clear()
threads = [threading.Thread(target=work) for _ in range(6)]
[t.start() for t in threads]
[t.join() for t in threads]
print("done")
"""


def test_first_use_on_six_threads_at_once() -> None:
    for _ in range(6):
        done = subprocess.run(
            [sys.executable, "-c", _RACE], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stdout.strip()) == (0, "done"), done.stderr[-2000:]


def test_typed_decoding_has_one_door() -> None:
    """Nobody makes a typed decoder past the lock."""
    found = []
    for path in (ROOT / "reviewdesk").rglob("*.py"):
        if path.name == "decode.py" and path.parent.name == "providers":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in (
                "msgspec.json.decode",
                "msgspec.json.Decoder",
                "msgspec.convert",
            ):
                typed = len(node.args) > 1 or any(k.arg == "type" for k in node.keywords)
                if typed or ast.unparse(node.func).endswith("Decoder"):
                    found.append(f"{path.name}:{node.lineno}")
    assert found == []
