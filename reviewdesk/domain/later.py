"""Modules that are loaded at the first look into them: a start pays only for those it uses."""

from __future__ import annotations

import importlib
from types import ModuleType

__all__ = ["Later"]


class Later(ModuleType):
    """Stands for the module of its name: ``messages = Later("reviewdesk.store.messages")``. Any thread.

    Beside it, under ``TYPE_CHECKING``, stands the import that it stands for.
    """

    def __getattr__(self, attribute: str) -> object:
        # Importing is what holds threads off half a module; the second time it is one look into a dictionary.
        return getattr(importlib.import_module(self.__name__), attribute)
