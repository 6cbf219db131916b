"""The packages' parts, as far as they can be judged without freezing the program."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from reviewdesk.cli import _COMMANDS
from tests.support.packaging_parts import ROOT, part


def tool(name: str) -> str:
    """A program of the distributors, or the test is skipped where it is not installed."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


# --- Linux ---------------------------------------------------------------------------------------------------


def test_the_man_page_has_every_command_and_no_fault(tmp_path: Path) -> None:
    manual = part("manual")
    page = manual.man_page()
    for command in _COMMANDS:
        assert f".SS {command.replace('-', chr(92) + '-')}\n" in page
    groff = shutil.which("groff")
    if groff:
        done = subprocess.run(
            [groff, "-man", "-Tutf8", "-ww", "-Kutf8"], input=page, capture_output=True, text=True, check=True
        )
        assert done.stderr == ""


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completions_ask_the_program(shell: str) -> None:
    text = part("manual").completions()[shell]
    assert "_REVIEWDESK_COMPLETE" in text and f"{shell}_complete" in text
    interpreter = tool(shell)
    done = subprocess.run([interpreter, "-n"], input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_program_completes_its_commands() -> None:
    environment = {
        **os.environ,
        "_REVIEWDESK_COMPLETE": "bash_complete",
        "COMP_WORDS": "reviewdesk out",
        "COMP_CWORD": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", "from reviewdesk.cli import main; main()"],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.split() == ["plain,outbox"], done.stderr


def test_the_desktop_entry_is_valid() -> None:
    entry = ROOT / "packaging" / "linux" / "reviewdesk.desktop"
    done = subprocess.run(
        [tool("desktop-file-validate"), str(entry)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_the_metainfo_is_valid(tmp_path: Path) -> None:
    file = tmp_path / f"{part('names').APP_ID}.metainfo.xml"
    file.write_text(part("linux.package")._filled("metainfo.xml"), "utf-8")
    command = [tool("appstreamcli"), "validate", "--no-net", "--no-color", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout


def test_the_newest_symbol_of_the_c_library_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "a.so").write_bytes(b"\x7fELF..GLIBC_2.3.4\x00GLIBC_2.34\x00GLIBC_2.9\x00")
    (tmp_path / "text").write_bytes(b"GLIBC_9.9")
    assert part("linux.package").least_glibc(tmp_path) == "2.34"


def test_shell_scripts_parse() -> None:
    for script in (ROOT / "packaging").glob("*.sh"):
        assert os.access(script, os.X_OK), script
        subprocess.run([tool("bash"), "-n", str(script)], check=True)


# --- Windows -------------------------------------------------------------------------------------------------


def test_the_installer_compiles_without_a_warning(tmp_path: Path) -> None:
    makensis = tool("makensis")
    folder = tmp_path / "folder"
    for name in ("_internal", "licenses"):
        (folder / name).mkdir(parents=True)
        (folder / name / "file").write_text("x")
    for name in ("reviewdesk.exe", "reviewdesk-gui.exe"):
        (folder / name).write_bytes(b"MZ")
    icon = tmp_path / "reviewdesk.ico"
    drawn = tmp_path / "icons"
    subprocess.run(
        [sys.executable, str(ROOT / "packaging" / "icons.py"), str(drawn)], check=True, timeout=100
    )
    icon.write_bytes((drawn / "reviewdesk.ico").read_bytes())
    output = tmp_path / "Reviewdesk-setup-x.exe"
    command = part("windows.package").installer_command(makensis, folder, output)
    command = [f"-DICON={icon}" if word.startswith("-DICON=") else word for word in command]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert output.read_bytes().startswith(b"MZ")


def test_the_installer_asks_for_no_rights_and_leaves_the_profile() -> None:
    script = (ROOT / "packaging" / "windows" / "installer.nsi").read_text("utf-8")
    code = "\n".join(line for line in script.splitlines() if not line.lstrip().startswith(";"))
    assert "RequestExecutionLevel user" in code and "HKLM" not in code and "$PROGRAMFILES" not in code
    # The whole folder is never removed: a person may have chosen one that holds more.
    assert 'RMDir /r "$INSTDIR"' not in code and "APPDATA\\reviewdesk" not in code
    assert """'"$INSTDIR\\reviewdesk-gui.exe" open -- "%1"'""" in code
    # Every message box has an answer for silent installations, which must never wait.
    assert all("/SD " in line for line in code.splitlines() if "MessageBox" in line)


def test_the_programs_properties(tmp_path: Path) -> None:
    file = tmp_path / "version.txt"
    part("windows.package").write_version_file(file)
    text = file.read_text("utf-8")
    compile(text, str(file), "eval")
    assert f"StringStruct('ProductVersion', '{part('names').version()}')" in text


# --- macOS ---------------------------------------------------------------------------------------------------


def test_macos_signs_from_the_inside_out(tmp_path: Path) -> None:
    bundle = tmp_path / "Reviewdesk.app"
    library = bundle / "Contents" / "Frameworks" / "a.dylib"
    framework = bundle / "Contents" / "Frameworks" / "QtCore.framework"
    framework.mkdir(parents=True)
    library.write_bytes(b"")
    macos = part("macos.package")
    commands = macos.sign_commands(bundle, {"REVIEWDESK_MAC_IDENTITY": "Developer ID Application: X (Y)"})
    assert [command[-1] for command in commands] == [str(library), str(framework), str(bundle), str(bundle)]
    assert all("runtime" in command and "--timestamp" in command for command in commands[:-1])
    assert "--entitlements" in commands[-2] and commands[-1][:2] == ["codesign", "--verify"]
    # Without an identity: ad hoc, and nobody's time server is asked.
    unsigned = macos.sign_commands(bundle, {})
    assert unsigned[0][unsigned[0].index("--sign") + 1] == "-" and "--timestamp=none" in unsigned[0]


def test_macos_notarises_with_all_three_values_or_not_at_all(tmp_path: Path) -> None:
    macos, image = part("macos.package"), tmp_path / "a.dmg"
    names = ("REVIEWDESK_MAC_APPLE_ID", "REVIEWDESK_MAC_TEAM", "REVIEWDESK_MAC_PASSWORD")
    assert macos.notary_commands(image, {}) == []
    assert macos.notary_commands(image, dict.fromkeys(names, "")) == []
    with pytest.raises(SystemExit):
        macos.notary_commands(image, {names[0]: "a@example.org"})
    commands = macos.notary_commands(image, dict.fromkeys(names, "x"))
    assert [command[:3] for command in commands[:2]] == [
        ["xcrun", "notarytool", "submit"],
        ["xcrun", "stapler", "staple"],
    ]


def test_a_bundle_that_is_not_ours_is_refused(tmp_path: Path) -> None:
    import plistlib

    bundle = tmp_path / "Reviewdesk.app"
    (bundle / "Contents").mkdir(parents=True)
    info = part("slim").info_plist(part("names").version()) | {"CFBundleIdentifier": part("names").APP_ID}
    (bundle / "Contents" / "Info.plist").write_bytes(plistlib.dumps(info))
    part("macos.package").check(bundle)
    (bundle / "Contents" / "Info.plist").write_bytes(plistlib.dumps(info | {"CFBundleURLTypes": []}))
    with pytest.raises(SystemExit):
        part("macos.package").check(bundle)


# --- hosted CI -----------------------------------------------------------------------------------------------


def test_the_workflow_pins_what_it_uses_and_needs_no_secret_to_run() -> None:
    text = (ROOT / ".github" / "workflows" / "packages.yml").read_text("utf-8")
    used = re.findall(r"uses: (\S+)", text)
    assert used and all(re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", name) for name in used)
    assert 'tags: ["v*"]' in text
    for system in ("ubuntu-", "windows-", "macos-15 ", "macos-15-intel"):
        assert f"os: {system}" in text
    # A step that reads a certificate runs only where there is one.
    steps = text.split("      - ")
    for step in steps:
        if "CERTIFICATE: ${{" in step:
            assert re.search(r"if: .*env\.REVIEWDESK_\w+ != ''", step)
    assert "permissions:\n  contents: read" in text
