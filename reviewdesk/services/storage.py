"""What the profile takes on the disk, place by place, as the file system tells it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reviewdesk.services.backups import BackupService

if TYPE_CHECKING:
    from reviewdesk.services.pictures import PictureService
    from reviewdesk.services.profile import Profile

__all__ = ["Storage", "StorageService", "Use"]

DATABASE, BACKUPS, SET_ASIDE, PICTURES, LOGS, OTHER = (
    "database", "backups", "set-aside", "pictures", "logs", "other",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Use:
    """``files`` and ``bytes`` (as long as the files are) of one place; ``path`` is where to look."""

    place: str
    path: Path
    files: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Storage:
    uses: tuple[Use, ...]
    free: int
    """Bytes that are free on the disk of the data folder."""

    @property
    def total(self) -> int:
        return sum(use.bytes for use in self.uses)


class StorageService:
    """Blocking reads of the file system; a pool thread."""

    def __init__(self, profile: Profile, pictures: PictureService, backups: BackupService) -> None:
        self._profile = profile
        self._pictures = pictures
        self._backups = backups

    def measure(self) -> Storage:
        """Every file of the profile once, in the place it belongs to."""
        import shutil

        profile, main = self._profile, self._profile.database
        sizes: dict[str, list[int]] = {}
        folders = dict.fromkeys((profile.data, profile.config, profile.cache, profile.logs))
        seen: set[Path] = set()
        for folder in folders:
            for path in _files(folder):
                if path in seen:
                    continue
                seen.add(path)
                try:
                    size = path.stat().st_size
                except OSError:
                    continue  # it went in this moment
                sizes.setdefault(self._place(path), []).append(size)
        where = {
            DATABASE: main, BACKUPS: profile.data / "backups", SET_ASIDE: profile.data, PICTURES: profile.pictures,
            LOGS: profile.logs, OTHER: profile.data,
        }  # fmt: skip
        uses = tuple(Use(p, where[p], len(sizes.get(p, ())), sum(sizes.get(p, ()))) for p in where)
        return Storage(uses, shutil.disk_usage(profile.data).free)

    def _place(self, path: Path) -> str:
        profile, main = self._profile, self._profile.database
        if path in (main, main.with_name(main.name + "-wal"), main.with_name(main.name + "-shm")):
            return DATABASE
        if path.parent == profile.data / "backups" or path.name.startswith(main.name + ".before-"):
            return BACKUPS
        if profile.data / "damaged" in path.parents or profile.data / "replaced" in path.parents:
            return SET_ASIDE
        if profile.pictures in path.parents:
            return PICTURES
        return LOGS if profile.logs in path.parents else OTHER

    def clear_pictures(self) -> None:
        """Empty the picture cache; pictures are loaded again when they are looked at."""
        self._pictures.clear()

    def clear_set_aside(self) -> None:
        """Delete the databases that were set aside when one was damaged or restored."""
        import shutil

        for name in ("damaged", "replaced"):
            shutil.rmtree(self._profile.data / name, ignore_errors=True)


def _files(folder: Path) -> Iterable[Path]:
    return (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
