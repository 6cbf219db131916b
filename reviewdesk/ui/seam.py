"""What rooms find on the window to add themselves with (``reviewdesk.ui.rooms`` tells how)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from reviewdesk.ui.commands import OF_THE_LIST

if TYPE_CHECKING:
    from reviewdesk.ui.actions import Action, Actions
    from reviewdesk.ui.menus import Menus
    from reviewdesk.ui.navigation import Navigation
    from reviewdesk.ui.page import Page
    from reviewdesk.ui.settings import Sections
    from reviewdesk.ui.settings.sections import Build, Items
    from reviewdesk.ui.sidebar import Sidebar
    from reviewdesk.ui.telling import Telling

__all__ = ["Seam"]

translate = QCoreApplication.translate


class Seam:
    """Part of the window; the GUI thread alone."""

    if TYPE_CHECKING:
        actions_: Actions
        menus: Menus
        navigation: Navigation
        settings_sections: Sections
        sidebar: Sidebar
        telling: Telling

        def show_view(self, key: str) -> bool: ...

    def add_page(
        self,
        key: str,
        title: str,
        icon: str,
        make: Callable[[], Page],
        *,
        place: int = 50,
        keys: Iterable[str] = (),
        shortcuts: Iterable[str] = (),
        also: Iterable[str] = (),
    ) -> None:
        """A page with its entry under Tools in the sidebar (by ``place``) and the action ``go-<key>``.

        ``make`` is called when the page is first shown. Raises ValueError for a key that is taken.
        """
        self.navigation.add_page(key, make)
        self.sidebar.add_page(f"page:{key}", title, icon, place)
        self.add_action(
            f"go-{key}",
            translate("actions", "Go to {view}").format(view=title),
            partial(self.show_view, f"page:{key}"),
            keys=keys,
            shortcuts=shortcuts,
            icon=icon,
            group=translate("actions", "Going to"),
            also=(title, *also),
        )
        self.menus.add("go", (f"go-{key}",))

    def page(self, key: str) -> Page | None:
        """A page that was shown already, else None."""
        return self.navigation.page(key)

    def show_page(self, key: str) -> Page:
        """Go to a page and answer with it. Raises KeyError for an unknown one."""
        return self.navigation.show_page(key)

    def set_page_count(self, key: str, count: int, *, failed: bool = False) -> None:
        """The number beside a page's entry; ``failed`` shows it as something that needs a look."""
        self.sidebar.set_page_count(f"page:{key}", count, failed=failed)

    def add_action(
        self,
        name: str,
        title: str,
        callback: Callable[[], object],
        *,
        shortcuts: Iterable[str] = (),
        keys: Iterable[str] = (),
        icon: str = "",
        checkable: bool = False,
        group: str = "",
        also: Iterable[str] = (),
        about_review: bool = False,
    ) -> Action:
        """An action of a room. ``about_review``: it is off while there is no review to be about."""
        made = self.actions_.add(
            name,
            title,
            callback,
            shortcuts=shortcuts,
            keys=keys,
            icon=icon,
            checkable=checkable,
            group=group,
            also=also,
        )
        if about_review:
            self.telling.about_reviews((name,))
        return made

    def acts_on_page(self, name: str) -> bool:
        """Whether the single keys of an action act while a page is shown that is no list of reviews."""
        page = self.navigation.shown_page()
        if page is not None and name in page.answers:
            return True
        return name not in OF_THE_LIST and not self.telling.is_about_reviews(name)

    def add_settings(
        self,
        section: str,
        *,
        items: Items | None = None,
        build: Build | None = None,
        title: str = "",
        icon: str = "",
        place: int = 95,
    ) -> None:
        """Rows or a widget for a section of the settings; a new section needs ``title`` and ``icon``.

        Sections: general 10, accounts 20, reading 30, writing 40, shortcuts 50, notifications 60, appearance 70,
        data 80, network 90, about 100. Raises ValueError for an unknown one without a title.
        """
        self.settings_sections.add(section, items=items, build=build, title=title, icon=icon, place=place)
