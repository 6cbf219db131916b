"""What a folder build is made of: licence texts of everything in it, and a software bill of materials (CycloneDX).

Read from PyInstaller's own list of what it collected, so that nothing is named that is not shipped, and nothing is
shipped that is not named.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.metadata
import json
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import names

__all__ = ["Part", "collect", "sbom", "write_licences"]

_TEXTS = names.ROOT / "packaging" / "licences"
_LICENCE_FILE = re.compile(r"(^|/)(licen[cs]e|copying|notice|copyright|authors)[^/]*$", re.IGNORECASE)
# Wheels without licence texts of their own: which of packaging/licences they come under.
_KNOWN = {
    "pyside6-essentials": ("LGPL-3.0.txt", "GPL-3.0.txt", "Qt.txt"),
    "shiboken6": ("LGPL-3.0.txt", "GPL-3.0.txt", "Qt.txt"),
}


@dataclass
class Part:
    """One thing with a name, a version and a licence."""

    name: str
    version: str
    kind: str
    """``pypi``, ``deb`` or ``generic``: the type of its package address (purl)."""
    licence: str = ""
    homepage: str = ""
    texts: dict[str, bytes] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)

    @property
    def purl(self) -> str:
        where = {"pypi": "pypi", "deb": "deb/debian", "generic": "generic"}[self.kind]
        return f"pkg:{where}/{self.name.lower() if self.kind == 'pypi' else self.name}@{self.version}"


def collect(work: Path) -> list[Part]:
    """Everything that PyInstaller put into the build whose work folder is ``work``."""
    parts: dict[str, Part] = {"python": _python()}
    owners = _owners()
    from_system: dict[str, Path] = {}
    for name, source in _collected(work):
        path = Path(source)
        owner = owners.get(str(path)) or owners.get(str(path.resolve()))
        if owner is not None:
            part = parts.get(owner) or parts.setdefault(owner, _distribution(owner))
        elif path.is_relative_to(names.ROOT / "build" / "work") or _ours(path):
            continue
        elif any(path.is_relative_to(root) for root in _python_roots()):
            part = parts["python"]
        elif sys.platform.startswith("linux"):
            from_system[name] = path
            continue
        else:
            # On Windows and macOS whatever is left comes with Python's own installation or the system.
            part = parts["python"]
        part.files.add(name)
    packages = _debian_owners(from_system.values())
    unknown = sorted(str(path) for path in from_system.values() if path not in packages)
    if unknown:
        raise SystemExit(f"nobody knows where these come from: {', '.join(unknown)}")
    for name, path in from_system.items():
        key = f"deb:{packages[path]}"
        part = parts.get(key) or parts.setdefault(key, _debian(packages[path]))
        part.files.add(name)
    # PyInstaller's starting program is in every build.
    parts["pyinstaller"] = _distribution("pyinstaller")
    bare = sorted(part.name for part in parts.values() if not part.texts)
    if bare:
        raise SystemExit(f"no licence text for {', '.join(bare)}: put one into packaging/licences")
    return sorted(parts.values(), key=lambda part: (part.kind != "pypi", part.name.lower()))


def _ours(path: Path) -> bool:
    inside = path.is_relative_to(names.ROOT) and not path.is_relative_to(names.ROOT / "build")
    return inside or path.is_relative_to(names.ROOT / "build" / "icons")


def _collected(work: Path) -> Iterator[tuple[str, str]]:
    """(place in the build, file it came from): modules and everything else."""
    for name in ("PYZ-00.toc", "COLLECT-00.toc", "Analysis-00.toc"):
        document = ast.literal_eval((work / name).read_text(encoding="utf-8"))
        yield from _entries(document, only=None if name != "Analysis-00.toc" else ("PYMODULE", "PYSOURCE"))


def _entries(value: object, only: tuple[str, ...] | None) -> Iterator[tuple[str, str]]:
    if isinstance(value, tuple) and len(value) == 3 and all(isinstance(part, str) for part in value):
        name, source, kind = value
        known = kind.split("-")[0] in ("PYMODULE", "PYSOURCE", "BINARY", "EXTENSION", "DATA")
        if (
            known
            and source not in ("", "-")
            and Path(source).is_absolute()
            and (only is None or kind in only)
        ):
            yield name, source
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _entries(part, only)


def _owners() -> dict[str, str]:
    """Every installed file and the distribution it belongs to."""
    found = {}
    for distribution in importlib.metadata.distributions():
        for file in distribution.files or ():
            found[str(distribution.locate_file(file))] = _canonical(distribution.name)
    return found


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _distribution(name: str) -> Part:
    found = importlib.metadata.distribution(name)
    about = found.metadata
    texts = {}
    for file in found.files or ():
        if ".dist-info/" in file.as_posix() and _LICENCE_FILE.search(file.as_posix()):
            texts[Path(file).name] = Path(str(found.locate_file(file))).read_bytes()
    for text in _KNOWN.get(_canonical(name), ()):
        texts[text] = (_TEXTS / text).read_bytes()
    own = _TEXTS / f"{_canonical(name)}.txt"
    if own.exists():
        texts[own.name] = own.read_bytes()
    said = about.get("License-Expression") or about.get("License") or ""
    if not said or "\n" in said or len(said) > 80:
        classifiers = [
            c.split(" :: ")[-1] for c in about.get_all("Classifier", []) if c.startswith("License ::")
        ]
        said = " AND ".join(classifiers) or "see text"
    links = [link.split(", ", 1)[1] for link in about.get_all("Project-URL", []) if ", " in link]
    return Part(
        about["Name"], found.version, "pypi", said, about.get("Home-page") or (links or [""])[0], texts
    )


def _python_roots() -> list[Path]:
    return [Path(sysconfig.get_path("stdlib")), Path(sys.base_prefix)]


def _python() -> Part:
    version = ".".join(map(str, sys.version_info[:3]))
    places = [Path(sysconfig.get_path("stdlib")), Path(sys.base_prefix), Path("/usr/share/doc/python3")]
    texts = {}
    for place in places:
        for file in ("LICENSE.txt", "LICENSE", "copyright"):
            if (place / file).is_file() and not texts:
                texts["LICENSE.txt"] = (place / file).read_bytes()
    return Part("python", version, "generic", "PSF-2.0", "https://www.python.org", texts)


def _debian_owners(paths: Iterable[Path]) -> dict[Path, str]:
    """The package that each file came with, asked for all at once. Debian's list has some files below /, some below /usr."""
    spellings: dict[str, set[Path]] = {}
    for path in paths:
        for spelling in {str(path), str(path.resolve())}:
            for known in {spelling, spelling.removeprefix("/usr"), f"/usr{spelling}"}:
                spellings.setdefault(known, set()).add(path)
    if not spellings:
        return {}
    asked = ["dpkg-query", "-S", *sorted(spellings)]
    # It fails when it does not know one of them, which is expected of most spellings.
    answer = subprocess.run(asked, capture_output=True, text=True, check=False).stdout
    found = {}
    for line in answer.splitlines():
        package, _, file = line.rpartition(": ")
        for path in spellings.get(file, ()):
            found[path] = package.split(",")[0]
    return found


def _debian(package: str) -> Part:
    asked = ["dpkg-query", "-W", "-f", "${Version}\t${Homepage}", package]
    version, _, homepage = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.partition(
        "\t"
    )
    name = package.split(":")[0]
    text = Path("/usr/share/doc") / name / "copyright"
    texts = {"copyright": text.read_bytes()} if text.is_file() else {}
    return Part(name, version, "deb", "see text", homepage, texts)


def write_licences(parts: list[Part], folder: Path) -> None:
    """Every text in a folder of its part, and a list of them all."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    rows = []
    for part in parts:
        place = folder / f"{part.name}-{part.version}".replace("/", "_").replace(":", "_")
        place.mkdir(exist_ok=True)
        for name, text in part.texts.items():
            (place / name).write_bytes(text)
        rows.append(f"{part.name} {part.version}\n    {part.licence}  {part.homepage}".rstrip())
    head = (
        f"{names.TITLE} {names.version()} is under the MIT licence (LICENSE). This build also holds what is listed "
        "here; the folder of each part has its licence in full.\n\n"
        + (_TEXTS / "Qt.txt").read_text(encoding="utf-8")
        + "\n"
    )
    (folder / "LICENSE").write_bytes((names.ROOT / "LICENSE").read_bytes())
    (folder / "THIRD-PARTY.txt").write_text(head + "\n".join(rows) + "\n", encoding="utf-8")


def sbom(parts: list[Part], folder: Path) -> str:
    """A CycloneDX document of the build in ``folder``, as JSON. Raises SystemExit when it is not valid."""
    from cyclonedx.model import HashAlgorithm, HashType, Property
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.model.license import DisjunctiveLicense
    from cyclonedx.output.json import JsonV1Dot5
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator
    from packageurl import PackageURL

    bom = Bom()
    root = Component(
        name="reviewdesk",
        version=names.version(),
        type=ComponentType.APPLICATION,
        bom_ref="reviewdesk",
        licenses=[DisjunctiveLicense(id="MIT")],
    )
    bom.metadata.component = root
    made = []
    for part in parts:
        digests = hashlib.sha256()
        for file in sorted(part.files):
            if (path := folder / "_internal" / file).is_file():
                digests.update(hashlib.sha256(path.read_bytes()).digest())
        made.append(
            Component(
                name=part.name,
                version=part.version,
                type=ComponentType.LIBRARY,
                bom_ref=part.purl,
                purl=PackageURL.from_string(part.purl),
                licenses=[DisjunctiveLicense(name=part.licence)] if part.licence else [],
                properties=[Property(name="reviewdesk:files", value=str(len(part.files)))],
                hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digests.hexdigest())],
            )
        )
    bom.components.update(made)
    bom.register_dependency(root, made)
    text = JsonV1Dot5(bom).output_as_string(indent=1)
    wrong = JsonStrictValidator(SchemaVersion.V1_5).validate_str(text)
    if wrong is not None:
        raise SystemExit(f"the bill of materials is not valid: {wrong}")
    return json.dumps(json.loads(text), indent=1, sort_keys=True) + "\n"
