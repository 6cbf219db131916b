"""``python -m tests.benchmarks.index_forms DATABASE``: what the search index gets of each review, pickled, ids rising.

The slower half of indexing is Python, and reading; in a process of its own it goes on while another one writes the index.
"""

from __future__ import annotations

import pickle
import sys
from pathlib import Path

from reviewdesk.store import search_index
from reviewdesk.store.connections import open_reader
from reviewdesk.store.writer import Reader

_ROWS = 500


def main() -> None:
    """See the module. Without a transaction: the one who writes must be able to empty the log."""
    reader, out = Reader(open_reader(Path(sys.argv[1]))), sys.stdout.buffer
    after = -(1 << 63)
    while ids := [
        row[0]
        for row in reader.rows("SELECT id FROM review WHERE id > ? ORDER BY id LIMIT ?", (after, _ROWS))
    ]:
        rows = sorted(search_index._texts(reader, ids))
        pickle.dump([search_index._row(row) for row in rows], out, pickle.HIGHEST_PROTOCOL)
        after = ids[-1]
    pickle.dump(None, out)


if __name__ == "__main__":
    main()
