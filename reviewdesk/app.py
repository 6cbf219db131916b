"""The composition root: the only place that knows every room. Qt is imported only where a window opens."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

# Everything else is imported where it is needed: `list` must not wait for what it does not use.

if TYPE_CHECKING:
    from reviewdesk.diagnostics.doctor import Finding
    from reviewdesk.diagnostics.redact import Redactor
    from reviewdesk.domain.clock import Clock
    from reviewdesk.secrets.base import SecretStore
    from reviewdesk.services.core import Core
    from reviewdesk.services.locks import FileLock
    from reviewdesk.services.profile import Profile
    from reviewdesk.services.reading import Reading

__all__ = [
    "examine",
    "open_core",
    "open_reading",
    "open_window",
    "prepare_process",
    "prepare_streams",
    "run_gui",
]

DEBUG_VARIABLE = "REVIEWDESK_DEBUG"
MARK_VARIABLE = "REVIEWDESK_MARK_FIRST_PAINT"
_RAISE_PATIENCE_S = 60.0
_redactors: list[Redactor] = []


def _redactor() -> Redactor:
    """The one of this process: it knows every secret that any profile has shown it."""
    from reviewdesk.diagnostics.redact import Redactor

    if not _redactors:
        _redactors.append(Redactor())
    return _redactors[0]


def _log() -> Any:
    import logging

    return logging.getLogger(__name__)


# --- opening a profile -------------------------------------------------------------------------------------


def open_core(
    profile: Profile | Path | None = None,
    *,
    practice: bool = False,
    secrets: SecretStore | None = None,
    clock: Clock | None = None,
    rescue: bool = False,
    patient: bool = False,
) -> Core:
    """Open a profile: folders, log, secrets, database, services; with ``practice`` the simulated providers too.

    ``profile`` None is the one of the environment or of this user; for practice without any it is a temporary
    folder that goes at ``Core.stop``. ``rescue``: salvage a damaged database, as the window does.
    ``patient``: nothing is indexed before ``Core.start``, as ``Core.open`` has it.
    Raises ``StoreError`` or ``InvalidInput``.
    """
    from reviewdesk.domain.clock import SystemClock
    from reviewdesk.domain.errors import ReviewdeskError
    from reviewdesk.services.core import Core
    from reviewdesk.services.profile import Profile

    at_end: list[Callable[[], None]] = []
    try:
        if not isinstance(profile, Profile):
            profile = _profile(profile, practice=practice, at_end=at_end)
        at_end.append(_start_log(profile))
        core = Core.open(
            profile,
            clock=clock or SystemClock(),
            secrets=secrets if secrets is not None else _secrets(profile),
            practice=practice,
            on_value=_redactor().register,
            rescue=rescue,
            patient=patient,
        )
    except BaseException:
        _end(at_end)
        raise
    core.at_end = at_end
    core.bundle = lambda: _bundle(core)
    if practice:
        try:
            _practise(core)
        except BaseException as error:
            if not isinstance(error, ReviewdeskError):
                _log().critical("practice could not start", exc_info=True)
            core.stop()
            raise
    return core


def open_reading(folder: Path | None) -> Reading:
    """Open a profile only to read what is stored: without accounts' work, log and secrets, and therefore fast.

    Raises ``StoreError`` or ``InvalidInput``.
    """
    from reviewdesk.services.profile import Profile
    from reviewdesk.services.reading import Reading

    return Reading.open(Profile.open(folder))


def note_failure(folder: Path | None) -> None:
    """Write the exception at hand to the profile's log, where no core is open that would do it."""
    from reviewdesk.services.profile import Profile

    end = _start_log(Profile.open(folder))
    _log().critical("uncaught", exc_info=True)
    end()


def _profile(folder: Path | None, *, practice: bool, at_end: list[Callable[[], None]]) -> Profile:
    import shutil
    import tempfile

    from reviewdesk.services.profile import Profile, chosen_folder

    chosen = folder or chosen_folder()
    if practice and chosen is None:
        chosen = Path(tempfile.mkdtemp(prefix="reviewdesk-practice-"))
        at_end.append(lambda: shutil.rmtree(chosen, ignore_errors=True))
    return Profile.open(chosen, practice=practice)


def _secrets(profile: Profile) -> SecretStore:
    from reviewdesk.secrets.memory import MemorySecrets

    if profile.practice:
        # Made up and only for this run: practice needs no keychain.
        return MemorySecrets(_redactor().register)
    from reviewdesk.secrets.keychain import Keychain
    from reviewdesk.secrets.session import SessionSecrets

    return SessionSecrets(Keychain(profile.id, _redactor().register), _redactor().register)


def _start_log(profile: Profile) -> Callable[[], None]:
    import logging

    from reviewdesk.diagnostics.logs import set_up
    from reviewdesk.domain.errors import StoreUnusable

    try:
        handler = set_up(profile.logs, _redactor(), debug=bool(os.environ.get(DEBUG_VARIABLE)))
    except OSError as error:
        raise StoreUnusable(f"The folder {profile.logs} can't be written: {error.strerror}.") from None

    def end() -> None:
        logging.getLogger().removeHandler(handler)
        handler.close()

    return end


def _end(steps: list[Callable[[], None]]) -> None:
    for step in reversed(steps):
        step()


def prepare_streams() -> None:
    """For programs: a character that the terminal can't show is no reason to fail, and a library's log line none to
    write to standard error, as logging does where nobody listens."""
    import logging

    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
    logging.getLogger().addHandler(logging.NullHandler())


def prepare_process() -> None:
    """For programs, not for tests: uncaught exceptions go to the log, no core files, files for their owner only."""
    from reviewdesk.diagnostics.logs import install_hooks, no_core_files

    if os.name == "posix":
        os.umask(0o077)
    install_hooks(_redactor())
    no_core_files()


# --- practice ------------------------------------------------------------------------------------------------


def _practise(core: Core) -> None:
    """Start the practice providers and bring the profile's accounts in line with them."""
    from reviewdesk import practice
    from reviewdesk.services.locks import FileLock

    owner = FileLock(core.profile.locks / "practice.lock")
    first = owner.take()
    # A second program on the same practice profile uses the servers of the first one.
    shop = practice.start(core.profile.practice_state if first else None)
    known = {account.name: account for account in core.accounts.list()}
    offered = {spec.id for spec in core.accounts.specs()}
    for wanted in shop.accounts:
        if wanted.provider not in offered:
            continue
        account = known.get(wanted.name)
        if account is None:
            if first:
                # Without the connection test: the sync that follows says as much, and the window waits for this.
                core.accounts.add(wanted.provider, wanted.name, wanted.settings, wanted.secrets, test=False)
            continue
        if first:
            core.accounts.set_settings(account, {**account.settings, **wanted.settings}, dict(wanted.secrets))
        else:
            for key, value in wanted.secrets.items():
                core.secrets.put(account.id, key, value)

    def end() -> None:
        shop.close()
        owner.drop()

    if first:
        core.at_end.insert(0, end)
    else:
        shop.close()


def _bundle(core: Core) -> str:
    """The diagnostics bundle of an open profile: no name, no text, no secret. Blocking."""
    from importlib import metadata

    from reviewdesk import __version__
    from reviewdesk.diagnostics.bundle import Facts, bundle, versions
    from reviewdesk.services import diagnosis

    known = {}
    for name in _LIBRARIES:
        try:
            known[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    facts = Facts(
        accounts=diagnosis.accounts(core),
        counts=diagnosis.counts(core),
        sizes=diagnosis.sizes(core),
        findings=diagnosis.outbox(core),
        schema=diagnosis.schema(core),
    )
    return bundle(versions(__version__, known), facts, diagnosis.trails(core), _redactor().redact)


_LIBRARIES = ("PySide6-Essentials", "apsw", "httpx", "msgspec", "keyring", "paramiko", "click")


# --- the doctor ------------------------------------------------------------------------------------------------


def examine(folder: Path | None, *, practice: bool = False) -> list[Finding]:
    """What the program needs, checked one by one; also when the profile can't be opened."""
    from reviewdesk.diagnostics import doctor
    from reviewdesk.domain.errors import StoreError

    findings: list[Finding] = []
    try:
        core = open_core(folder, practice=practice)
    except StoreError as error:
        findings.append(doctor.Finding("database", False, error.message, error.remedy))
        findings += [doctor.check_qt(), doctor.check_time_zones()]
        return findings
    try:
        findings.append(_keychain(core))

        def integrity() -> str:
            return "; ".join(core.store.integrity()) or "ok"

        findings.append(doctor.check_database(integrity))
        findings.append(doctor.check_disk(core.profile.data))
        findings += [doctor.check_qt(), doctor.check_time_zones()]
        findings += doctor.check_network(core.accounts.addresses())
    finally:
        core.stop()
    return findings


def _keychain(core: Core) -> Finding:
    from reviewdesk.diagnostics import doctor

    probe = getattr(core.secrets, "probe", None)
    if probe is None:
        return doctor.Finding("keychain", True, "Practice keeps its made-up credentials in memory.")
    return doctor.check_keychain(probe)


# --- the window ------------------------------------------------------------------------------------------------


def open_window(folder: Path | None, *, practice: bool = False, review_id: int = 0) -> int:
    """Open the profile's window, or raise the one that is open already; the exit code.

    ``review_id``: show this review there (0: none in particular).
    """
    if not _has_display():
        return _without_display(folder, practice=practice)
    from reviewdesk.services.locks import FileLock
    from reviewdesk.services.profile import chosen_folder

    gc.disable()  # until ``run_gui`` has its window
    prepare_process()
    at_end: list[Callable[[], None]] = []
    profile = _profile(folder, practice=practice, at_end=at_end)
    lock = FileLock(profile.locks / "window.lock")
    try:
        raised = not lock.take() and _raise_other(profile, lock, review_id)
        if raised:
            return 0
        if not lock.held:
            sys.stderr.write("error: The profile is open in another window, which does not answer.\n")
            return 3
        core = open_core(profile, practice=practice, rescue=True, patient=True)
        core.at_end[:0] = [lock.drop]
        core.at_end += at_end
        at_end = []
        if practice and folder is None and chosen_folder() is None:
            # A profile that somebody named stays as the practice providers give it.
            from reviewdesk.services.sample import arrange_after_first_sync

            arrange_after_first_sync(core)
        code = run_gui(core, review_id)
        wanted = core.restore_from
    finally:
        lock.drop()
        _end(at_end)
    return code if wanted is None else _restore_and_start_again(profile, wanted)


def _restore_and_start_again(profile: Profile, backup: Path) -> int:
    """The window asked for it and is closed: put the backup in place and begin anew, as this program was begun."""
    from reviewdesk.domain.clock import SystemClock
    from reviewdesk.domain.errors import ReviewdeskError
    from reviewdesk.services import backups

    try:
        backups.restore(profile, backup, SystemClock())
    except (ReviewdeskError, OSError) as error:
        # The database is as it was; the window that opens now shows it.
        said = f"{error.message} {error.remedy}" if isinstance(error, ReviewdeskError) else error.strerror
        sys.stderr.write(f"error: {said}\n")
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - this very program


def _has_display() -> bool:
    if not sys.platform.startswith("linux"):
        return True
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return any(os.environ.get(name) for name in names)


def _without_display(folder: Path | None, *, practice: bool) -> int:
    if not practice:
        sys.stderr.write(
            "error: There is no display to open a window on. "
            "The command line works without one: reviewdesk --help\n"
        )
        return 1
    from reviewdesk.cli.reading import print_rows

    out = sys.stdout
    core = open_core(folder, practice=True)
    try:
        out.write("There is no display here, so no window opens. This is the practice inbox:\n\n")
        out.flush()
        reports = core.sync.run(None, False)
        accounts = {account.id: account for account in core.accounts.list()}
        print_rows(core.inbox.page(core.inbox.parse(""), limit=25), accounts)
        total = core.inbox.count(core.inbox.parse(""))
        out.write(f"\n{total} reviews in {len(accounts)} practice accounts; the newest 25 are shown.\n\n")
        out.write(_WHERE_NEXT)
        failed = [report for report in reports if report.error is not None]
        for report in failed:
            sys.stderr.write(f"error: {report.account}: {report.error.message if report.error else ''}\n")
        return 1 if failed else 0
    finally:
        core.stop()


_WHERE_NEXT = """Where to look next:
  With a display (or xvfb-run) the same command opens the window.
  Everything works from here as well. In the program's environment, for instance:
    python -m reviewdesk --demo --profile practice list "stars:<=2 is:new"
    python -m reviewdesk --demo --profile practice show ID
    python -m reviewdesk --demo --profile practice reply ID --text "Thank you."
    python -m reviewdesk --help
"""


def _raise_other(profile: Profile, lock: FileLock, review_id: int) -> bool:
    """Ask the window that is open to come forward; true when it said that it does.

    It may be on its way up, between its lock and its answer, or just ending: then ``lock`` is taken instead.
    """
    import threading

    from PySide6.QtCore import QCoreApplication

    from reviewdesk.domain.clock import SystemClock
    from reviewdesk.ui import summons

    application = QCoreApplication.instance() or QCoreApplication([])
    clock, never = SystemClock(), threading.Event()
    end = clock.monotonic() + _RAISE_PATIENCE_S
    while clock.monotonic() < end:
        if summons.ask(profile.id, review_id):
            del application
            return True
        if lock.take():
            return False
        clock.wait(never, 0.1)
    return False


def run_gui(core: Core, review_id: int = 0) -> int:
    """Show the window of an opened core until it is closed; stops the core. The exit code."""
    from reviewdesk.ui import loading

    loading.load()
    from PySide6.QtWidgets import QApplication

    # Nothing of what a start makes is garbage; looking for some takes a twentieth of it. ``_collect_again`` ends this.
    gc.disable()
    running = QApplication.instance()
    application = running if isinstance(running, QApplication) else QApplication(["reviewdesk"])
    application.setApplicationName("reviewdesk")
    application.setApplicationDisplayName("Reviewdesk")
    application.setDesktopFileName("reviewdesk")
    from reviewdesk.ui import languages
    from reviewdesk.ui.bridge import Bridge
    from reviewdesk.ui.main_window import MainWindow

    languages.install(application)

    bridge = Bridge(core)
    kept: list[Any] = []
    ends: list[Callable[[], None]] = []
    try:
        window = MainWindow(core, bridge, gradually=True)
        kept.append(_quit_on_signals(application))
        if os.environ.get(MARK_VARIABLE):
            kept.append(_mark_first_paint(window))
        if review_id or sys.platform == "darwin":
            # The system hands an address over as soon as it can; elsewhere nobody waits for these ears.
            _listen(core, window, review_id, ends)
        else:
            window.making.soon(partial(_listen, core, window, 0, ends))
        window.making.soon(_give_memory_back)
        window.making.then(partial(_set_icon, application))
        window.making.then(partial(_notice_person, application, core, kept))
        window.making.then(core.start)
        window.making.then(partial(_collect_again, core, kept))
        window.making.gradually()
        window.show()
        code = application.exec()
        window.making.stop()
        _end(ends)
        del kept
    finally:
        bridge.close()
        core.stop()
        gc.enable()
    return int(code)


def _listen(core: Core, window: Any, review_id: int, ends: list[Callable[[], None]]) -> None:
    """Hear second starts of this profile, and addresses where the system brings them; show the review at hand."""
    from reviewdesk.ui import summons

    server = summons.Summons(core.profile.id, window)
    ends.append(server.close)
    if sys.platform == "darwin":
        addresses = summons.Addresses(window, partial(summons.show_review, window))
        from PySide6.QtCore import QCoreApplication

        QCoreApplication.instance().installEventFilter(addresses)
    summons.show_at_start(window, review_id)


def _give_memory_back() -> None:
    from reviewdesk.ui import memory

    memory.give_back()


def _notice_person(application: Any, core: Core, kept: list[Any]) -> None:
    """What works in the background makes room for whoever sits here."""
    from reviewdesk.ui.presence import Presence

    kept.append(Presence(application, core.courtesy.person_acts))


def _collect_again(core: Core, kept: list[Any]) -> None:
    """The window is whole: what it is made of stays, and is not looked through again and again."""
    from reviewdesk.ui.garbage import Garbage

    gc.freeze()
    kept.append(Garbage(core.courtesy.idle_s))


def _set_icon(application: Any) -> None:
    from PySide6.QtGui import QIcon

    from reviewdesk.assets import asset

    application.setWindowIcon(QIcon(str(asset("icons", "reviewdesk.svg"))))


def _quit_on_signals(application: Any) -> Any:
    """SIGTERM and SIGINT close the window in order. Python's handlers run only when woken through a socket."""
    import signal
    import socket

    from PySide6.QtCore import QSocketNotifier

    reader, writer = socket.socketpair()
    reader.setblocking(False)
    writer.setblocking(False)
    signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)

    def handle(*_: object) -> None:
        application.closeAllWindows()
        application.quit()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handle)
    notifier = QSocketNotifier(reader.fileno(), QSocketNotifier.Type.Read)
    notifier.activated.connect(lambda *_: reader.recv(64))
    return notifier, reader, writer


def _mark_first_paint(window: Any) -> Any:
    """For the benchmarks: tell when the inbox was first painted with rows, then end."""
    from PySide6.QtCore import QEvent, QObject, QTimer
    from PySide6.QtWidgets import QApplication

    from reviewdesk.ui.inbox import InboxList

    class Marker(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint and view.model().rowCount() > 0:
                watched.removeEventFilter(self)
                # The filter runs before the painting: the timer fires after it.
                QTimer.singleShot(0, self.told)
            return False

        def told(self) -> None:
            sys.stderr.write(f"first-paint {_process_age():.4f}\n")
            sys.stderr.flush()
            QApplication.quit()

    view = window.findChild(InboxList).view
    marker = Marker(window)
    view.viewport().installEventFilter(marker)
    return marker


def _process_age() -> float:
    """Seconds since this process began: the kernel's own figure on Linux, else since Python's clock could tell."""
    try:
        ticks = float(Path("/proc/self/stat").read_text("ascii").rpartition(")")[2].split()[19])
        up = float(Path("/proc/uptime").read_text("ascii").split()[0])
    except (OSError, ValueError, IndexError):
        import time

        return time.process_time()
    return up - ticks / os.sysconf("SC_CLK_TCK")
