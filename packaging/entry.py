"""What the packaged program runs first; PyInstaller starts from this file."""

from __future__ import annotations

import sys

from reviewdesk.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
