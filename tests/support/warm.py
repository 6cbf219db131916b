"""A process that runs command lines one after the other: a process of its own, without its start each time."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys

from reviewdesk.cli import main


def serve() -> None:
    """For each line ``{"args", "env"}`` on standard input one line ``[code, out, err]`` on standard output."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    questions = os.fdopen(os.dup(0), encoding="utf-8")
    sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115, PTH123 - for the life of the process
    usual = dict(os.environ)
    for line in questions:
        asked = json.loads(line)
        os.environ.clear()
        os.environ.update({**usual, **asked["env"]})
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main(asked["args"])
        answers.write(json.dumps([code, out.getvalue(), err.getvalue()]) + "\n")
        answers.flush()


if __name__ == "__main__":
    serve()
