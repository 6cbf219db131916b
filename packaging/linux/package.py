"""The Linux packages out of the folder build: .deb, .rpm, a portable archive and the Flatpak manifest."""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import shutil
import subprocess
import tarfile
import time
from collections.abc import Sequence
from email.utils import formatdate
from pathlib import Path

import icons
import names
import places

__all__ = ["ARTEFACTS", "make"]

ARTEFACTS = ("tar", "deb", "rpm", "flatpak")
_HERE = Path(__file__).resolve().parent
_STAGE = places.BUILD / "linux"
# What the build does not bring along: the graphics driver's side, and what must be the desktop's own.
_DEB_DEPENDS = (
    "libegl1", "libgl1", "libxcb1", "libwayland-client0", "libwayland-cursor0", "libwayland-egl1",
    "xkb-data", "ca-certificates", "fontconfig-config", "fonts-dejavu-core | fonts-noto-core",
)  # fmt: skip
_DEB_RECOMMENDS = (
    "fonts-noto-color-emoji", "fonts-noto-core", "gnome-keyring | kwalletmanager | keepassxc", "dbus-user-session",
    "libcups2", "libenchant-2-2", "hunspell-en-us | hunspell-dictionary",
)  # fmt: skip
_RPM_REQUIRES = (
    "libEGL.so.1()(64bit)", "libGL.so.1()(64bit)", "libxcb.so.1()(64bit)", "libwayland-client.so.0()(64bit)",
    "libwayland-cursor.so.0()(64bit)", "libwayland-egl.so.1()(64bit)", "xkeyboard-config", "ca-certificates",
    "fontconfig",
)  # fmt: skip


def make(artefact: str, into: Path) -> None:
    """Build one of ``ARTEFACTS`` into a folder."""
    {"tar": _tar, "deb": _deb, "rpm": _rpm, "flatpak": _flatpak}[artefact](into)


# --- what all of them hold -----------------------------------------------------------------------------------


def share(into: Path) -> None:
    """``share/``: desktop entry, icons, metainfo, man page, completions."""
    _copy(_HERE / "reviewdesk.desktop", into / "applications" / "reviewdesk.desktop")
    for size in icons.LINUX:
        where = into / "icons" / "hicolor" / f"{size}x{size}" / "apps" / "reviewdesk.png"
        _copy(places.BUILD / "icons" / f"reviewdesk-{size}.png", where)
    scalable = into / "icons" / "hicolor" / "scalable" / "apps" / "reviewdesk.svg"
    _copy(icons.SOURCE, scalable)
    where = into / "metainfo" / f"{names.APP_ID}.metainfo.xml"
    _write(where, _filled("metainfo.xml"))
    manual = places.BUILD / "manual"
    page = into / "man" / "man1" / "reviewdesk.1.gz"
    _write_bytes(page, _gzip((manual / "reviewdesk.1").read_bytes()))
    for shell, place in (
        ("bash", "bash-completion/completions/reviewdesk"),
        ("zsh", "zsh/vendor-completions/_reviewdesk"),
        ("fish", "fish/vendor_completions.d/reviewdesk.fish"),
    ):
        _copy(manual / f"reviewdesk.{shell}", into / place)


def _filled(name: str) -> str:
    day = time.strftime("%Y-%m-%d", time.gmtime(names.released_at()))
    values = {
        "APP_ID": names.APP_ID,
        "SUMMARY": names.SUMMARY,
        "DESCRIPTION": "\n".join(f"    <p>{text}</p>" for text in names.DESCRIPTION),
        "VERSION": names.version(),
        "DATE": day,
    }
    return re.sub(r"@(\w+)@", lambda found: values[found[1]], (_HERE / name).read_text(encoding="utf-8"))


def _copy(source: Path, target: Path) -> None:
    _write_bytes(target, source.read_bytes())


def _write(target: Path, text: str) -> None:
    _write_bytes(target, text.encode("utf-8"))


def _write_bytes(target: Path, data: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)


def _gzip(data: bytes) -> bytes:
    return gzip.compress(data, 9, mtime=0)


def _fresh(name: str) -> Path:
    folder = _STAGE / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _program(into: Path) -> None:
    """The folder build, without the licence texts, in modes that do not depend on this machine's umask."""
    shutil.copytree(places.FOLDER, into, symlinks=True, ignore=shutil.ignore_patterns("licenses"))
    _modes(into)


def _modes(folder: Path) -> None:
    for path in [folder, *folder.rglob("*")]:
        if path.is_symlink():
            continue
        if path.is_dir():
            path.chmod(0o755)
        else:
            # Libraries need no execute bit; programs do.
            path.chmod(0o755 if path.name == "reviewdesk" and path.parent.name == "reviewdesk" else 0o644)


def _installed(root: Path) -> None:
    """The tree below ``root`` as the .deb and the .rpm put it on a machine."""
    _program(root / "usr" / "lib" / "reviewdesk")
    share(root / "usr" / "share")
    (root / "usr" / "bin").mkdir(parents=True)
    (root / "usr" / "bin" / "reviewdesk").symlink_to("../lib/reviewdesk/reviewdesk")


# --- tar -------------------------------------------------------------------------------------------------


def _archive_name() -> str:
    return f"reviewdesk-{names.version()}-linux-{places.machine()}.tar.gz"


def _tar(into: Path) -> None:
    top = f"reviewdesk-{names.version()}"
    root = _fresh("tar") / top
    _program(root)
    root.joinpath("reviewdesk").chmod(0o755)
    shutil.copytree(places.FOLDER / "licenses", root / "licenses")
    share(root / "share")
    _write(
        root / "README.txt",
        f"{names.TITLE} {names.version()}\n\nRun ./reviewdesk from this folder, wherever it is; ./reviewdesk "
        "--self-test says\nwhether everything it needs is here. share/ has the menu entry, icons, man page and\n"
        "completions for those who want to put them into ~/.local/share.\n",
    )

    def anonymous(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = "root"
        entry.mtime = names.released_at()
        return entry

    with (
        (into / _archive_name()).open("wb") as raw,
        gzip.GzipFile("", "wb", 9, raw, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as out,
    ):
        out.add(root, arcname=top, filter=anonymous)


# --- deb -------------------------------------------------------------------------------------------------


def _deb(into: Path) -> None:
    version, machine = names.version(), {"x86_64": "amd64", "aarch64": "arm64"}[places.machine()]
    root = _fresh("deb")
    _installed(root)
    doc = root / "usr" / "share" / "doc" / "reviewdesk"
    _copy(_HERE / "copyright", doc / "copyright")
    shutil.copytree(places.FOLDER / "licenses", doc / "licenses")
    stamp = formatdate(names.released_at())
    news = f"reviewdesk ({version}) stable; urgency=medium\n\n  * See CHANGELOG.md.\n\n -- {names.MAINTAINER}  {stamp}\n"
    _write_bytes(doc / "changelog.gz", _gzip(news.encode("utf-8")))
    _copy(_HERE / "lintian-overrides", root / "usr" / "share" / "lintian" / "overrides" / "reviewdesk")
    files = [path for path in root.rglob("*") if path.is_file() and not path.is_symlink()]
    control = [
        "Package: reviewdesk",
        f"Version: {version}",
        f"Architecture: {machine}",
        f"Maintainer: {names.MAINTAINER}",
        f"Installed-Size: {sum(path.stat().st_size for path in files) // 1024}",
        f"Depends: {', '.join((f'libc6 (>= {least_glibc(places.FOLDER)})', *_DEB_DEPENDS))}",
        f"Recommends: {', '.join(_DEB_RECOMMENDS)}",
        "Section: mail",
        "Priority: optional",
        f"Description: {names.SUMMARY[0].lower() + names.SUMMARY[1:]}",
        *_wrapped(names.DESCRIPTION),
    ]
    sums = [
        f"{hashlib.md5(path.read_bytes()).hexdigest()}  {path.relative_to(root)}"  # the format's own, no security
        for path in sorted(files)
    ]
    _modes_of_tree(root)
    _write(root / "DEBIAN" / "control", "\n".join(control) + "\n")
    _write(root / "DEBIAN" / "md5sums", "\n".join(sums) + "\n")
    (root / "DEBIAN").chmod(0o755)
    file = into / f"reviewdesk_{version}_{machine}.deb"
    pack = ["dpkg-deb", "--root-owner-group", "-Zxz", "-z6", "--build", str(root), str(file)]
    _run(pack, environment={**os.environ, "SOURCE_DATE_EPOCH": str(names.released_at())})


def _wrapped(paragraphs: Sequence[str]) -> list[str]:
    import textwrap

    lines: list[str] = []
    for paragraph in paragraphs:
        lines += [" ."] if lines else []
        lines += [f" {line}" for line in textwrap.wrap(paragraph, 76)]
    return lines


def _modes_of_tree(root: Path) -> None:
    _modes(root)
    (root / "usr" / "lib" / "reviewdesk" / "reviewdesk").chmod(0o755)


def least_glibc(folder: Path) -> str:
    """The newest symbol version of the C library that any file of the build asks for."""
    found = {(2, 28)}
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink() and path.read_bytes()[:4] == b"\x7fELF":
            for major, minor in re.findall(rb"GLIBC_(\d+)\.(\d+)\b", path.read_bytes()):
                found.add((int(major), int(minor)))
    return ".".join(map(str, max(found)))


# --- rpm -------------------------------------------------------------------------------------------------


def _rpm(into: Path) -> None:
    top = _fresh("rpm")
    root = top / "root"
    root.mkdir()
    _installed(root)
    shutil.copytree(places.FOLDER / "licenses", root / "usr" / "share" / "licenses" / "reviewdesk")
    # Fedora's and openSUSE's place for zsh.
    zsh = root / "usr" / "share" / "zsh"
    (zsh / "vendor-completions").rename(zsh / "site-functions")
    _modes_of_tree(root)
    description = "\n".join(line[1:] if line != " ." else "" for line in _wrapped(names.DESCRIPTION))
    glibc = least_glibc(places.FOLDER)
    spec = f"""\
%global debug_package %{{nil}}
%global __strip /bin/true
%global __brp_python_bytecompile %{{nil}}
%global _build_id_links none
%global __os_install_post %{{nil}}
Name: reviewdesk
Version: {names.version()}
Release: 1
Summary: {names.SUMMARY}
License: MIT AND LGPL-3.0-only
BuildArch: {places.machine()}
# The libraries inside are the program's own: nobody else may find them, and nothing is asked for on their behalf.
AutoReqProv: no
Requires: libc.so.6(GLIBC_{glibc})(64bit)
{chr(10).join(f"Requires: {name}" for name in _RPM_REQUIRES)}
Recommends: google-noto-sans-fonts
Recommends: google-noto-color-emoji-fonts
Recommends: enchant2
Recommends: hunspell-en-US

%description
{description}

%install
cp -a {root}/. %{{buildroot}}/

%files
/usr/bin/reviewdesk
/usr/lib/reviewdesk
%license /usr/share/licenses/reviewdesk
/usr/share/applications/reviewdesk.desktop
/usr/share/icons/hicolor/*/apps/reviewdesk.*
/usr/share/metainfo/{names.APP_ID}.metainfo.xml
/usr/share/man/man1/reviewdesk.1.gz
/usr/share/bash-completion/completions/reviewdesk
/usr/share/zsh/site-functions/_reviewdesk
/usr/share/fish/vendor_completions.d/reviewdesk.fish

%changelog
* {time.strftime("%a %b %d %Y", time.gmtime(names.released_at()))} {names.MAINTAINER} - {names.version()}-1
- See CHANGELOG.md
"""
    _write(top / "reviewdesk.spec", spec)
    command = ["rpmbuild", "-bb", "--quiet", "--define", f"_topdir {top}/work"]
    command += ["--define", "_binary_payload w12.zstdio", "--define", "_source_date_epoch_from_changelog 0"]
    _run([*command, str(top / "reviewdesk.spec")])
    for file in (top / "work" / "RPMS").rglob("*.rpm"):
        shutil.copy(file, into / file.name)


# --- flatpak ---------------------------------------------------------------------------------------------


def _flatpak(into: Path) -> None:
    archive = into / _archive_name()
    if not archive.exists():
        _tar(into)
    name = f"{names.APP_ID}.yml"
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    text = (_HERE / name).read_text(encoding="utf-8")
    _write(into / name, text.replace("@ARCHIVE@", archive.name).replace("@SHA256@", digest))


def _run(command: Sequence[str], environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(command, env=environment, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command[:2])} ... failed ({done.returncode})")
