"""kill -9 at random moments, as often as asked: ``python -m tests.faults.kills --count 3000``."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path

from tests.faults.killer import killed
from tests.faults.mutants import MUTANTS


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.kills", description=__doc__)
    parser.add_argument("--count", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=random.randrange(10_000))
    parser.add_argument("--mutant", action="append", default=[], choices=sorted(MUTANTS))
    given = parser.parse_args()
    print(f"seed {given.seed}", flush=True)

    def progress(done: int) -> None:
        if done % 100 == 0:
            print(f"{done} kills", file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory(prefix="reviewdesk-kills-") as folder:
        verdict = killed(
            Path(folder), given.count, seed=given.seed, mutants=tuple(given.mutant), progress=progress
        )
    print(verdict)
    for violation in verdict.violations[:50]:
        print(f"  {violation}")
    return 1 if verdict.violations else 0


if __name__ == "__main__":
    sys.exit(main())
