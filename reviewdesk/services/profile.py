"""Where one profile keeps its things: the platform's own folders, or everything under one folder."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from reviewdesk.domain.errors import InvalidInput, StoreUnusable
from reviewdesk.domain.plain import dataclass

__all__ = ["PROFILE_VARIABLE", "Profile"]

PROFILE_VARIABLE = "REVIEWDESK_PROFILE"
_APP = "reviewdesk"
_MARK = "profile.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The folders of a profile. ``open`` makes them, readable by their owner alone.

    ``id`` names the profile in the keychain, so that two profiles never share a secret and a folder that is
    moved keeps its own. ``practice`` is fixed when the profile is made: a practice profile never meets real
    providers and a real one never practice servers.
    """

    data: Path
    config: Path
    cache: Path
    logs: Path
    id: str
    practice: bool = False

    @property
    def database(self) -> Path:
        return self.data / "reviewdesk.db"

    @property
    def pictures(self) -> Path:
        return self.cache / "pictures"

    @property
    def locks(self) -> Path:
        return self.data / "locks"

    @property
    def practice_state(self) -> Path:
        """Where the practice providers keep what they were sent."""
        return self.data / "practice"

    @property
    def label(self) -> str:
        """The folder a person may open to look at the profile."""
        return str(self.data)

    @classmethod
    def open(
        cls,
        folder: Path | None = None,
        *,
        practice: bool = False,
        environment: Mapping[str, str] | None = None,
    ) -> Profile:
        """The profile in ``folder``, in ``REVIEWDESK_PROFILE``, or in the platform's folders.

        Raises ``StoreUnusable`` when the folders can't be made, ``InvalidInput`` when a normal profile is opened
        for practice or the other way round.
        """
        chosen = folder or chosen_folder(environment)
        if chosen is not None:
            root = Path(os.path.abspath(chosen.expanduser()))  # noqa: PTH100 - resolve() would follow links
            places = (root / "data", root / "config", root / "cache", root / "logs")
        else:
            places = _platform_places()
        data, config, cache, logs = places
        try:
            for place in [*places, data / "locks"]:
                _make_private(place)
            mark = _read_or_make_mark(config / _MARK, practice=practice, untouched=not any(data.glob("*.db")))
        except OSError as error:
            where = getattr(error, "filename", None) or str(data)
            raise StoreUnusable(
                f"The folder {where} can't be used: {error.strerror or type(error).__name__}.",
                remedy="Choose another folder with --profile, or make this one writable.",
            ) from None
        if mark.practice != practice:
            raise InvalidInput(_mixed(mark.practice, str(chosen or data)))
        return cls(data=data, config=config, cache=cache, logs=logs, id=mark.id, practice=practice)


def chosen_folder(environment: Mapping[str, str] | None = None) -> Path | None:
    """The folder named by the environment, or None."""
    value = (os.environ if environment is None else environment).get(PROFILE_VARIABLE, "")
    return Path(value) if value else None


def _mixed(is_practice: bool, where: str) -> str:
    if is_practice:
        return f"{where} is a practice profile: open it with --demo."
    return f"{where} holds a real profile; --demo needs a folder of its own (or none, for a temporary one)."


def _platform_places() -> tuple[Path, Path, Path, Path]:
    import platformdirs

    folders = platformdirs.PlatformDirs(_APP, appauthor=False, roaming=False)
    data = Path(folders.user_data_dir)
    config = Path(folders.user_config_dir)
    # On Windows and macOS the platform gives one folder for data and configuration.
    return data, config, Path(folders.user_cache_dir), Path(folders.user_log_dir)


def _make_private(folder: Path) -> None:
    # A folder above that we make is private as well; one that was there keeps what its owner chose.
    if not folder.parent.exists():
        folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if sys.platform != "win32" and folder.stat().st_mode & 0o077 and folder.stat().st_uid == os.getuid():
        folder.chmod(0o700)


@dataclass(frozen=True, slots=True)
class _Mark:
    id: str
    practice: bool


def _read_or_make_mark(path: Path, *, practice: bool, untouched: bool) -> _Mark:
    for _ in range(2):
        try:
            text = path.read_text("utf-8")
        except FileNotFoundError:
            mark = _Mark(os.urandom(8).hex(), practice and untouched)
            if _publish(path, json.dumps({"id": mark.id, "practice": mark.practice}) + "\n"):
                return mark
            continue  # another process made it at this very moment
        try:
            content = json.loads(text)
            return _Mark(str(content["id"]), bool(content["practice"]))
        except (ValueError, KeyError, TypeError):
            raise StoreUnusable(
                f"{path} can't be read.",
                remedy="Restore the file, or move it away and enter the secrets again.",
            ) from None
    raise StoreUnusable(f"{path} can't be made.")


def _publish(path: Path, text: str) -> bool:
    """Write the whole file or nothing; false when it is there already."""
    own = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    handle = os.open(own, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
    try:
        if sys.platform == "win32":
            own.rename(path)  # refuses an existing target there
        else:
            os.link(own, path)
    except FileExistsError:
        return False
    finally:
        own.unlink(missing_ok=True)
    return True
