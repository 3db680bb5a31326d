#!/usr/bin/env python3
"""Set Caliper up in .venv and run, test, check or measure it; standard library only.

The syntax stays old on purpose: a Python this program does not support must still get far
enough to name those it does. That is why annotations with brackets are quoted here.
"""

import contextlib
import ctypes
import hashlib
import importlib.util
import json
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import IO

SUPPORTED = ("3.13", "3.12", "3.11")  # in the order of preference on a search
ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "caliper.json"
LOG = VENV / "install.log"
BUSY = VENV / "installing"  # there while pip writes: found at a start, it was interrupted
REQUIREMENTS = {
    "run": ("requirements.txt",),
    "dev": ("requirements.txt", "requirements-dev.txt"),
}
ROOMS = ("domain", "app", "inference", "models", "training", "benchmarks", "checks")
CUDA_INDEX = "https://download.pytorch.org/whl/cu130"
DISK_NEEDED_GB = 8
SILENCE_S = 15  # after this long without a word from pip, say that it still works
REEXEC_MARK = "CALIPER_REEXEC"
VERBS = ("run", "test", "check", "bench")
QT_FREE_VERBS = ("analyse", "generate", "weights", "train", "evaluate", "fine-tune", "engine")
USAGE = """\
usage: launch.py [run|test|check|bench] [--cuda] [...]

  run    set up .venv and start Caliper (the default); what follows goes to main.py
  test   set up, check, then test; what follows goes to pytest
  check  format, lint, types, imports, sizes
  bench  measure against the budgets
  --cuda on Windows, with an NVIDIA card: install the CUDA build of torch (about 2.5 GB)

Python {} (64 bit). Nothing outside this folder changes, but for system packages
that Debian or Ubuntu lack, installed only when started as root."""

# The libraries Qt loads. Without the first group nothing of Qt imports; the second is needed
# for a window under X11.
QT_CORE = """libEGL.so.1 libGL.so.1 libX11.so.6 libxkbcommon.so.0 libdbus-1.so.3
libfontconfig.so.1 libglib-2.0.so.0"""
QT_WINDOW = """libxkbcommon-x11.so.0 libX11-xcb.so.1 libxcb-cursor.so.0 libxcb-icccm.so.4
libxcb-image.so.0 libxcb-keysyms.so.1 libxcb-randr.so.0 libxcb-render.so.0 libxcb-render-util.so.0
libxcb-shape.so.0 libxcb-shm.so.0 libxcb-sync.so.1 libxcb-util.so.1 libxcb-xfixes.so.0
libxcb-xkb.so.1"""


class SetupError(Exception):
    """Setting up cannot go on; the text tells a person what to do."""


def say(text: str) -> None:
    """Print one line at once, whatever the console's encoding."""
    encoding = sys.stdout.encoding or "ascii"
    print(text.encode(encoding, "replace").decode(encoding), flush=True)


def captured(
    command: "list[str]", environ: "dict[str, str] | None" = None
) -> "subprocess.CompletedProcess[str]":
    """Run to the end without a keyboard; both outputs as one text."""
    return subprocess.run(
        command,
        cwd=str(ROOT),
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )


# --- which Python ---------------------------------------------------------------------------


def answer_of(command: "list[str]", question: str) -> str:
    """What a Python says to one line of source; empty where it does not start (empty shims)."""
    try:
        answer = subprocess.check_output(
            [*command, "-c", question], stderr=subprocess.DEVNULL, timeout=60
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.decode("ascii", "replace").strip()


def find_supported_python() -> "list[str]":
    """The command of the best supported 64-bit Python on the PATH; empty where there is none."""
    question = "import sys; print('%d.%d' % sys.version_info[:2], sys.maxsize > 2**32)"
    for version in SUPPORTED:
        commands = [[shutil.which("python" + version) or ""]]
        if os.name == "nt":
            commands.append(["py", "-" + version])
        for command in commands:
            if command[0] and answer_of(command, question) == version + " True":
                return command
    return []


def ensure_supported_python(argv: "list[str]") -> None:
    """Return on a supported Python; else hand over to one, or say which are supported."""
    own = f"{sys.version_info[0]}.{sys.version_info[1]}"
    if own in SUPPORTED and sys.maxsize > 2**32:
        return
    command = [] if os.environ.get(REEXEC_MARK) else find_supported_python()
    if command:
        say(f"This is Python {own}; going on with {' '.join(command)}.")
        environ = dict(os.environ, **{REEXEC_MARK: "1"})
        sys.exit(subprocess.call([*command, str(Path(__file__).resolve()), *argv], env=environ))
    say(f"Caliper runs on Python {', '.join(sorted(SUPPORTED))}, 64 bit; this is {own}.")
    say("No supported one was found on the PATH. Get one from https://www.python.org/downloads/")
    say("or from your system's packages, then start this script with it.")
    sys.exit(3)


# --- what the system must bring -------------------------------------------------------------


def can_apt_install() -> bool:
    """Whether Debian packages can be installed here without asking for a password."""
    return (
        sys.platform.startswith("linux")
        and shutil.which("apt-get") is not None
        and hasattr(os, "geteuid")
        and os.geteuid() == 0
    )


def apt_command(packages: "list[str]") -> str:
    """The one command a person would type."""
    install = "sudo apt-get install --no-install-recommends -y "
    return "sudo apt-get update && " + install + " ".join(packages)


def apt_install(packages: "list[str]") -> bool:
    """Install Debian packages as root; say what went wrong and return False otherwise."""
    say("  installing with apt-get: " + " ".join(packages))
    environ = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    install = ["apt-get", "install", "-q", "--no-install-recommends", "-y", *packages]
    for step in (["apt-get", "update", "-q"], install):
        done = captured(step, environ)
    if done.returncode != 0:
        tail = done.stdout.strip().splitlines()[-8:]
        say("  apt-get failed:\n    " + "\n    ".join(tail))
    return done.returncode == 0


def venv_modules_present() -> bool:
    """Whether this Python can make environments (Debian splits that into a package)."""
    importlib.invalidate_caches()
    return all(importlib.util.find_spec(name) is not None for name in ("venv", "ensurepip"))


def ensure_venv_modules() -> None:
    """Have the modules that make an environment, or raise SetupError with the command."""
    if venv_modules_present():
        return
    package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    say(f"This Python cannot make environments: the package {package} is missing.")
    if can_apt_install() and apt_install([package]) and venv_modules_present():
        return
    if shutil.which("apt-get"):
        raise SetupError(f"Run this, then start again:\n  {apt_command([package])}")
    raise SetupError("Install your system's package for Python's venv and ensurepip modules.")


def loads(library: str) -> bool:
    """Whether the dynamic loader finds the library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def debian_package(library: str) -> str:
    """The package of a library by Debian's naming rule: libX11.so.6 is in libx11-6."""
    name, version = library.lower().replace("glib-2", "glib2").split(".so.")
    return name + ("-" if name[-1].isdigit() else "") + version


def missing_packages(libraries: str) -> "list[str]":
    """The Debian packages of the libraries that do not load."""
    return [debian_package(library) for library in libraries.split() if not loads(library)]


def ensure_qt_libraries() -> None:
    """Have what Qt loads on Linux; a screen-less test can do without the second group."""
    if not sys.platform.startswith("linux"):
        return
    missing = missing_packages(QT_CORE + " " + QT_WINDOW)
    if missing:
        say("Qt needs system libraries that are missing here.")
    if missing and can_apt_install():
        apt_install(missing)
        missing = missing_packages(QT_CORE + " " + QT_WINDOW)
    if not missing:
        return
    advice = "Debian calls their packages: " + " ".join(missing)
    if shutil.which("apt-get"):
        advice = f"This command installs them:\n  {apt_command(missing)}"
    if missing_packages(QT_CORE):
        raise SetupError(advice)
    say("Without them no window opens under X11.\n" + advice)


# --- the environment ------------------------------------------------------------------------


def venv_script(name: str) -> Path:
    """Path of a program inside the environment."""
    if os.name == "nt":
        return VENV / "Scripts" / (name + ".exe")
    return VENV / "bin" / name


def requirements_hash(kind: str) -> str:
    """Hash of the requirement files of a kind; line endings do not count."""
    digest = hashlib.sha256()
    for name in REQUIREMENTS[kind]:
        digest.update(b"".join((ROOT / name).read_bytes().split(b"\r")) + b"\0")
    return digest.hexdigest()


def read_stamp() -> "dict[str, str]":
    """What was completely installed into the environment; empty when nothing is sure."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def write_stamp(stamp: "dict[str, str]") -> None:
    """Record it in one step, so that an interruption leaves the old record or the new one."""
    part = STAMP.with_suffix(".part")
    part.write_text(json.dumps(stamp, indent=1, sort_keys=True), encoding="utf-8")
    os.replace(part, STAMP)


def venv_version() -> str:
    """Python version of the environment; empty when it does not start or has no pip."""
    question = "import sys, pip; print('%d.%d.%d' % sys.version_info[:3])"
    return answer_of([str(venv_script("python"))], question)


def make_venv() -> None:
    """Make the environment anew, removing a broken or half-made one."""
    if VENV.is_symlink():
        raise SetupError(f"{VENV} is a link to an environment that does not work: remove it.")
    if VENV.exists():
        say("Removing an environment that is broken or only half made.")
        shutil.rmtree(str(VENV))
    ensure_venv_modules()
    free_gb = shutil.disk_usage(str(ROOT)).free / 1e9
    if free_gb < DISK_NEEDED_GB:
        say(f"Only {free_gb:.1f} GB are free here; about {DISK_NEEDED_GB} GB are needed.")
    say(f"Making the environment in {VENV.name} ...")
    made = subprocess.call([sys.executable, "-m", "venv", str(VENV)])
    if made != 0 or not venv_version():
        shutil.rmtree(str(VENV), ignore_errors=True)
        raise SetupError(f"python -m venv failed (exit code {made}) with {sys.executable}.")


def readable(line: str) -> "str | None":
    """One short line for a line of pip worth showing, else None."""
    fetched = re.match(
        r"\s*(Downloading|Using cached) (\S+?)-(\d[^-\s]*)\S* \(([\d.]+ [MG]B)\)", line
    )
    if fetched:
        name = fetched.group(2).rsplit("/", 1)[-1]
        return f"  {fetched.group(1).lower()} {name} {fetched.group(3)} ({fetched.group(4)})"
    if line.startswith("Installing collected packages:"):
        count = len(line.split(":", 1)[1].split(","))
        return f"  installing {count} packages (the longest step) ..."
    return f"  {line.strip()}" if line.startswith("ERROR") else None


def pump(stream: "IO[bytes]", lines: "queue.Queue[str | None]") -> None:
    """Move a process's output into a queue; None is its end."""
    for raw in stream:
        lines.put(raw.decode("utf-8", "replace").rstrip())
    lines.put(None)


def show_steps(stream: "IO[bytes]") -> "list[str]":
    """Log pip's output and tell a person its steps, until it ends; its last lines."""
    started = time.monotonic()
    lines = queue.Queue()  # type: queue.Queue[str | None]
    threading.Thread(target=pump, args=(stream, lines), daemon=True).start()
    tail = deque(maxlen=12)  # type: deque[str]
    with LOG.open("a", encoding="utf-8") as log:
        while True:
            try:
                line = lines.get(timeout=SILENCE_S)
            except queue.Empty:
                say(f"  ... still at work, {time.monotonic() - started:.0f} s")
                continue
            if line is None:
                return list(tail)
            log.write(line + "\n")
            tail.append(line)
            shown = readable(line)
            if shown:
                say(shown)


def pip_install(arguments: "list[str]") -> None:
    """Install into the environment and nowhere else; raise SetupError if it fails."""
    command = [str(venv_script("python")), "-m", "pip", "install", "--progress-bar", "off"]
    command += ["--disable-pip-version-check", "--no-input", *arguments]
    elsewhere = ("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PYTHONHOME")
    environ = {name: value for name, value in os.environ.items() if name not in elsewhere}
    BUSY.touch()
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=str(ROOT), env=environ
    )
    assert process.stdout is not None
    try:
        tail = show_steps(process.stdout)
    finally:
        code = process.wait()
    BUSY.unlink()
    if code != 0:
        raise SetupError(
            "pip failed:\n    " + "\n    ".join(tail) + f"\nThe whole story is in {LOG}.\n"
            "Check the connection and the disk, then start again."
        )


def install_cuda_build(stamp: "dict[str, str]") -> None:
    """Replace PyPI's CPU-only torch by the CUDA build; only on Windows and only on request."""
    if os.name != "nt":
        say("--cuda changes nothing here: PyPI's torch for Linux has CUDA, macOS has none.")
        return
    if stamp.get("cuda") == stamp.get("run"):
        return
    pins = (ROOT / "requirements.txt").read_text(encoding="utf-8").split()
    torch = [pin for pin in pins if pin.startswith(("torch==", "torchvision=="))]
    say("Installing the CUDA build of torch (about 2.5 GB) ...")
    pip_install(["--force-reinstall", "--no-deps", "--index-url", CUDA_INDEX, *torch])
    write_stamp(dict(stamp, cuda=stamp.get("run", "")))


@contextlib.contextmanager
def setup_lock() -> "Iterator[None]":
    """Let one launcher at a time set up this checkout; the system drops the lock on a crash."""
    with (ROOT / ".venv.lock").open("a+b") as handle:
        if sys.platform == "win32":
            import msvcrt

            handle.seek(0)
            msvcrt.locking(handle.fileno(), msvcrt.LK_LOCK, 1)
        else:
            import fcntl

            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                say("Another launcher is setting up here; waiting for it ...")
                fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def usable_venv_version(stamp: "dict[str, str]") -> str:
    """The environment's version; empty where it is broken, interrupted, moved or too old."""
    version = venv_version()
    if BUSY.exists() or stamp.get("root", str(ROOT)) != str(ROOT):
        return ""
    return version if version.rpartition(".")[0] in SUPPORTED else ""


def ensure_environment(kind: str, cuda: bool) -> None:
    """Have an environment with everything the kind requires; reuse it when nothing changed."""
    with setup_lock():
        stamp = read_stamp()
        version = usable_venv_version(stamp)
        if not version:
            make_venv()
            version = venv_version()
            stamp = {}
        if stamp.get("python") != version or stamp.get(kind) != requirements_hash(kind):
            say(f"Installing what Caliper needs (Python {version}; once, a few minutes) ...")
            if os.name == "nt" and not cuda:
                say("On Windows PyPI's torch is CPU-only; for an NVIDIA card: launch.py run --cuda")
            pip_install(["-r", REQUIREMENTS[kind][-1]])
            stamp = dict(stamp, root=str(ROOT), python=version, run=requirements_hash("run"))
            stamp[kind] = requirements_hash(kind)
            write_stamp(stamp)
            say("The environment is ready.")
        if cuda:
            install_cuda_build(stamp)


# --- the verbs ------------------------------------------------------------------------------


def venv_call(command: "list[str]", *, cwd: "Path | None" = None, **settings: str) -> int:
    """Run a program of the environment; Ctrl-C is the program's own, SIGTERM is passed on."""
    process = subprocess.Popen(command, cwd=cwd, env=dict(os.environ, **settings))
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue


def check_steps() -> "list[tuple[str, list[str]]]":
    """Name and command of each check."""
    python = str(venv_script("python"))
    ruff = str(venv_script("ruff"))
    typed = [room for room in ROOMS if (ROOT / room / "__init__.py").exists()]
    return [
        ("format", [ruff, "format", "--check", "."]),
        ("lint", [ruff, "check", "."]),
        ("types", [python, "-m", "mypy", "main.py", "launch.py", *typed]),
        ("imports", [str(venv_script("lint-imports"))]),
        ("sizes", [python, "-m", "checks.sizes"]),
    ]


def check(_rest: "list[str]") -> int:
    """Run every check, one line each, the output of those that fail; 1 if any did."""
    failed = 0
    for name, command in check_steps():
        started = time.monotonic()
        done = captured(command)
        seconds = time.monotonic() - started
        say(f"check {name:<8} {'ok' if done.returncode == 0 else 'FAILED':<7}{seconds:5.1f} s")
        if done.returncode != 0:
            failed = 1
            say(done.stdout.rstrip())
    return failed


def test(rest: "list[str]") -> int:
    """Run the checks, then the tests; the exit code is the tests' own, or 1 for a check."""
    failed = check([])
    spread = ("-n", "auto", "--dist", "worksteal")  # over all cores
    command = [str(venv_script("python")), "-m", "pytest", *spread, *rest]
    tested = venv_call(command, cwd=ROOT, QT_QPA_PLATFORM="offscreen", NO_ALBUMENTATIONS_UPDATE="1")
    if failed:
        say("The tests are done, but a check failed: see above.")
    return tested or failed


def bench(rest: "list[str]") -> int:
    """Run the benchmarks, each against its budget."""
    if not (ROOT / "benchmarks" / "__main__.py").exists():
        raise SetupError("There are no benchmarks in this checkout.")
    return venv_call([str(venv_script("python")), "-m", "benchmarks", *rest], cwd=ROOT)


def main(argv: "list[str]") -> int:
    """Set up as the verb requires and start it."""
    ensure_supported_python(argv)
    if argv[:1] in (["-h"], ["--help"]):
        say(USAGE.format(", ".join(sorted(SUPPORTED))))
        return 0
    verb, rest = (argv[0], argv[1:]) if argv[:1] and argv[0] in VERBS else ("run", argv)
    cuda = "--cuda" in rest
    rest = [argument for argument in rest if argument != "--cuda"]
    try:
        if verb != "check" and not (verb == "run" and rest[:1] and rest[0] in QT_FREE_VERBS):
            ensure_qt_libraries()
        ensure_environment("run" if verb == "run" else "dev", cuda)
        if verb == "run":  # in the person's working folder, so that the paths they typed hold
            return venv_call([str(venv_script("python")), str(ROOT / "main.py"), *rest])
        return {"check": check, "test": test, "bench": bench}[verb](rest)
    except (SetupError, OSError) as error:
        say(f"{error}")
        return 3
    except KeyboardInterrupt:
        say("Stopped. Starting again picks it up.")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
