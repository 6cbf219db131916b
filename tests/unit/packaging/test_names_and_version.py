"""The version comes from one place, and what packages say about themselves fits together."""

from __future__ import annotations

import plistlib
import re
import tomllib
from collections.abc import Iterator
from configparser import ConfigParser

import pytest

import reviewdesk
from tests.support.packaging_parts import ROOT, part


@pytest.fixture(autouse=True)
def _fixed_date(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")
    yield


def test_the_version_is_the_programs() -> None:
    assert part("names").version() == reviewdesk.__version__
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert "version" in project["project"]["dynamic"]
    assert project["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "reviewdesk.__version__"}
    # Nobody else writes it down, or it would have to be changed there too.
    number = re.escape(reviewdesk.__version__)
    for folder in ("packaging", ".github"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in (".py", ".yml", ".xml", ".nsi", ".spec", ".desktop", ".sh"):
                found = re.search(rf"(?<![\d.]){number}(?![\d.])", path.read_text("utf-8"))
                assert found is None or "v0.1.0" in path.read_text("utf-8"), path


def test_the_desktop_entry_opens_our_addresses_and_nothing_else() -> None:
    entry = ConfigParser(interpolation=None)
    entry.optionxform = str  # type: ignore[assignment, method-assign]
    entry.read(ROOT / "packaging" / "linux" / "reviewdesk.desktop", encoding="utf-8")
    main = entry["Desktop Entry"]
    assert main["MimeType"] == "x-scheme-handler/reviewdesk;"
    assert main["Exec"] == "reviewdesk %u"
    assert main["Icon"] == "reviewdesk" and main["StartupWMClass"] == "reviewdesk"
    assert entry["Desktop Action practice"]["Exec"] == "reviewdesk --demo"


def test_the_metainfo_is_filled_in() -> None:
    text = part("linux.package")._filled("metainfo.xml")
    assert "@" not in text
    assert f'<release version="{reviewdesk.__version__}" date="2026-09-21"/>' in text
    assert f"<id>{part('names').APP_ID}</id>" in text


def test_the_bundle_tells_macos_of_our_addresses() -> None:
    info = part("slim").info_plist(reviewdesk.__version__)
    assert plistlib.loads(plistlib.dumps(info)) == info
    assert info["CFBundleShortVersionString"] == reviewdesk.__version__
    assert info["CFBundleURLTypes"][0]["CFBundleURLSchemes"] == ["reviewdesk"]


def test_the_entitlements_are_a_property_list_with_the_least() -> None:
    with (ROOT / "packaging" / "macos" / "entitlements.plist").open("rb") as file:
        rights = plistlib.load(file)
    assert set(rights) == {
        "com.apple.security.cs.allow-unsigned-executable-memory",
        "com.apple.security.cs.disable-library-validation",
    }


def test_the_identifiers_are_one() -> None:
    identifier = part("names").APP_ID
    spec = (ROOT / "packaging" / "reviewdesk.spec").read_text("utf-8")
    assert f'bundle_identifier="{identifier}"' in spec
    manifest = ROOT / "packaging" / "linux" / f"{identifier}.yml"
    assert manifest.read_text("utf-8").count(f"id: {identifier}\n") == 1
    assert identifier in part("slim").info_plist("1")["CFBundleURLTypes"][0]["CFBundleURLName"]


def test_build_requirements_are_the_tested_versions() -> None:
    folder = ROOT / "packaging" / "requirements"
    for run in sorted(folder.glob("run-*.txt")):
        build = folder / run.name.replace("run-", "build-")
        wanted = set(re.findall(r"^\S+==\S+", run.read_text("utf-8"), re.MULTILINE))
        got = set(re.findall(r"^\S+==\S+", build.read_text("utf-8"), re.MULTILINE))
        assert wanted <= got, sorted(wanted - got)
        assert any(line.startswith("pyinstaller==") for line in got)
        assert "://" not in build.read_text("utf-8")
