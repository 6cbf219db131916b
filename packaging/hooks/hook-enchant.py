"""What PyInstaller collects of pyenchant: on Windows the library and English dictionaries that its wheel brings.

On Linux and macOS the library is the system's, found when the first text is judged. PyInstaller's own hook would look
for it on the machine that builds, and fail where there is none.
"""

from __future__ import annotations

from PyInstaller.utils.hooks import collect_data_files, collect_dynamic_libs

# What of it is needed says slim.py.
binaries = collect_dynamic_libs("enchant")
datas = collect_data_files("enchant", excludes=["**/*.a", "**/*.la"])
