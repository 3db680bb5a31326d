"""The launcher: stdlib only, readable for old Pythons, and careful with the environment."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys

import pytest

import launch


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """An empty checkout whose environment and pip are imagined; returns what was called."""
    calls = []
    venv = tmp_path / ".venv"
    for name in ("requirements.txt", "requirements-dev.txt"):
        (tmp_path / name).write_text("left-pad==1.0\n", encoding="utf-8")
    paths = {
        "ROOT": tmp_path,
        "VENV": venv,
        "STAMP": venv / "caliper.json",
        "LOG": venv / "install.log",
        "BUSY": venv / "installing",
    }
    for name, path in paths.items():
        monkeypatch.setattr(launch, name, path)

    def make_venv():
        calls.append("make")
        launch.BUSY.unlink(missing_ok=True)
        launch.STAMP.unlink(missing_ok=True)
        venv.mkdir(exist_ok=True)

    monkeypatch.setattr(launch, "make_venv", make_venv)
    monkeypatch.setattr(launch, "venv_version", lambda: "3.12.4" if venv.exists() else "")
    monkeypatch.setattr(launch, "pip_install", lambda arguments: calls.append(arguments[-1]))
    return calls


def test_it_imports_the_standard_library_only(project_root):
    tree = ast.parse((project_root / "launch.py").read_text(encoding="utf-8"))
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").split(".")[0])
    assert names
    assert names <= sys.stdlib_module_names


def test_old_pythons_get_through_it_to_the_message(project_root):
    source = (project_root / "launch.py").read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 7))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            arguments = [*node.args.args, *node.args.kwonlyargs]
            for hint in [node.returns, *(argument.annotation for argument in arguments)]:
                assert not isinstance(hint, ast.Subscript | ast.BinOp), f"unquoted in {node.name}"
        assert not (isinstance(node, ast.ImportFrom) and node.module == "__future__")


def test_an_unsupported_python_without_a_better_one_is_told(monkeypatch, capsys):
    monkeypatch.setattr(sys, "version_info", (3, 8, 1))
    monkeypatch.setattr(launch, "find_supported_python", list)
    with pytest.raises(SystemExit) as end:
        launch.ensure_supported_python([])
    assert end.value.code == 3
    told = capsys.readouterr().out
    assert "3.11, 3.12, 3.13" in told
    assert "this is 3.8" in told


def test_it_hands_over_only_once(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 8, 1))
    monkeypatch.setenv(launch.REEXEC_MARK, "1")
    monkeypatch.setattr(launch, "find_supported_python", lambda: pytest.fail("searched again"))
    with pytest.raises(SystemExit):
        launch.ensure_supported_python([])


@pytest.mark.skipif(os.name == "nt", reason="the imagined Pythons are shell scripts")
def test_a_shim_that_does_not_start_is_passed_over(tmp_path, monkeypatch):
    for name, body in [
        ("3.13", "exit 127"),
        ("3.12", "echo 3.12 True"),
        ("3.11", "echo 3.11 True"),
    ]:
        script = tmp_path / f"python{name}"
        script.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
        script.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert launch.find_supported_python() == [str(tmp_path / "python3.12")]
    (tmp_path / "python3.12").write_text("#!/bin/sh\necho 3.12 False\n", encoding="utf-8")
    assert launch.find_supported_python() == [str(tmp_path / "python3.11")]


@pytest.mark.parametrize(
    ("library", "package"),
    [
        ("libEGL.so.1", "libegl1"),
        ("libX11.so.6", "libx11-6"),
        ("libX11-xcb.so.1", "libx11-xcb1"),
        ("libdbus-1.so.3", "libdbus-1-3"),
        ("libglib-2.0.so.0", "libglib2.0-0"),
        ("libxkbcommon.so.0", "libxkbcommon0"),
        ("libxkbcommon-x11.so.0", "libxkbcommon-x11-0"),
        ("libxcb-render-util.so.0", "libxcb-render-util0"),
    ],
)
def test_packages_follow_from_library_names(library, package):
    assert launch.debian_package(library) == package


@pytest.fixture
def bare_linux(monkeypatch):
    """A Debian machine used by an ordinary person; returns the set of libraries missing."""
    missing = set()
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(launch, "loads", lambda library: library not in missing)
    monkeypatch.setattr(launch, "can_apt_install", lambda: False)
    monkeypatch.setattr(launch.shutil, "which", lambda name: f"/usr/bin/{name}")
    return missing


def test_missing_core_libraries_stop_with_one_command(bare_linux):
    bare_linux |= {"libEGL.so.1", "libxcb-icccm.so.4"}
    with pytest.raises(launch.SetupError) as error:
        launch.ensure_qt_libraries()
    (command,) = [line for line in str(error.value).splitlines() if "apt-get" in line]
    assert command.endswith("install --no-install-recommends -y libegl1 libxcb-icccm4")


def test_missing_window_libraries_do_not_stop_a_screenless_run(bare_linux, capsys):
    bare_linux.add("libxcb-keysyms.so.1")
    launch.ensure_qt_libraries()
    assert "libxcb-keysyms1" in capsys.readouterr().out


def test_root_gets_the_libraries_installed(bare_linux, monkeypatch):
    bare_linux.add("libGL.so.1")
    installed = []

    def apt_install(packages):
        installed.extend(packages)
        bare_linux.clear()
        return True

    monkeypatch.setattr(launch, "can_apt_install", lambda: True)
    monkeypatch.setattr(launch, "apt_install", apt_install)
    launch.ensure_qt_libraries()
    assert installed == ["libgl1"]


def test_a_missing_venv_module_is_named_with_the_command(bare_linux, monkeypatch):
    monkeypatch.setattr(launch, "venv_modules_present", lambda: False)
    with pytest.raises(launch.SetupError, match=r"sudo apt-get .* python3\.\d+-venv"):
        launch.ensure_venv_modules()


def test_an_unchanged_environment_is_reused(checkout):
    launch.ensure_environment("dev", cuda=False)
    assert checkout == ["make", "requirements-dev.txt"]
    launch.ensure_environment("dev", cuda=False)
    launch.ensure_environment("run", cuda=False)
    assert checkout == ["make", "requirements-dev.txt"]


def test_changed_requirements_are_installed_but_line_endings_are_no_change(checkout):
    launch.ensure_environment("run", cuda=False)
    requirements = launch.ROOT / "requirements.txt"
    requirements.write_bytes(b"left-pad==1.0\r\n")
    launch.ensure_environment("run", cuda=False)
    assert checkout == ["make", "requirements.txt"]
    requirements.write_bytes(b"left-pad==1.1\n")
    launch.ensure_environment("run", cuda=False)
    assert checkout == ["make", "requirements.txt", "requirements.txt"]


def test_the_tools_are_added_to_an_environment_made_to_run(checkout):
    launch.ensure_environment("run", cuda=False)
    launch.ensure_environment("dev", cuda=False)
    assert checkout == ["make", "requirements.txt", "requirements-dev.txt"]


def test_an_interrupted_installation_is_made_anew(checkout):
    launch.ensure_environment("run", cuda=False)
    launch.BUSY.touch()
    launch.ensure_environment("run", cuda=False)
    assert checkout == ["make", "requirements.txt"] * 2


def test_a_moved_checkout_is_made_anew(checkout):
    launch.ensure_environment("run", cuda=False)
    stamp = json.loads(launch.STAMP.read_text(encoding="utf-8"))
    launch.STAMP.write_text(json.dumps({**stamp, "root": "/elsewhere"}), encoding="utf-8")
    launch.ensure_environment("run", cuda=False)
    assert checkout == ["make", "requirements.txt"] * 2


@pytest.mark.parametrize("rubbish", ["", "[]", "{", "{}"])
def test_an_unreadable_record_means_install_again(checkout, rubbish):
    launch.ensure_environment("run", cuda=False)
    launch.STAMP.write_text(rubbish, encoding="utf-8")
    launch.ensure_environment("run", cuda=False)
    assert checkout == ["make", "requirements.txt", "requirements.txt"]


def test_a_failed_installation_leaves_no_record(checkout, monkeypatch):
    def fail(arguments):
        raise launch.SetupError("no connection")

    monkeypatch.setattr(launch, "pip_install", fail)
    with pytest.raises(launch.SetupError):
        launch.ensure_environment("run", cuda=False)
    assert launch.read_stamp() == {}


def test_cuda_comes_on_request_on_windows_only(checkout, capsys):
    if os.name == "nt":
        pytest.skip("this is Windows, where the request is carried out")
    launch.ensure_environment("run", cuda=True)
    assert checkout == ["make", "requirements.txt"]
    assert "--cuda changes nothing here" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("Collecting torch==2.14.1 (from -r requirements.txt (line 9))", None),
        (
            "Using cached PySide6-6.11.3-cp310-abi3-win_amd64.whl (1.2 GB)",
            "  using cached PySide6 6.11.3 (1.2 GB)",
        ),
        (
            "  Downloading torch-2.14.1-cp311-cp311-manylinux_2_28_x86_64.whl (820.1 MB)",
            "  downloading torch 2.14.1 (820.1 MB)",
        ),
        (
            "Installing collected packages: a, b, c",
            "  installing 3 packages (the longest step) ...",
        ),
        ("Requirement already satisfied: numpy", None),
        ("  Downloading attrs-26.1.0-py3-none-any.whl (66 kB)", None),
        (
            "ERROR: No matching distribution found for x",
            "  ERROR: No matching distribution found for x",
        ),
    ],
)
def test_pip_is_told_in_short_lines(line, shown):
    assert launch.readable(line) == shown


def test_all_checks_run_though_one_fails(monkeypatch, capsys):
    def step(code):
        return [sys.executable, "-c", f"print('said by {code}'); raise SystemExit({code})"]

    steps = [("first", step(0)), ("second", step(2)), ("third", step(0))]
    monkeypatch.setattr(launch, "check_steps", lambda: steps)
    assert launch.check([]) == 1
    told = capsys.readouterr().out
    assert [line.split()[1:3] for line in told.splitlines() if line.startswith("check ")] == [
        ["first", "ok"],
        ["second", "FAILED"],
        ["third", "ok"],
    ]
    assert "said by 2" in told
    assert "said by 0" not in told


def test_every_check_of_the_house_is_made():
    names = [name for name, _ in launch.check_steps()]
    assert names == ["format", "lint", "types", "imports", "sizes"]


@pytest.mark.parametrize(
    ("checked", "tested", "code"), [(0, 0, 0), (1, 0, 1), (0, 5, 5), (1, 2, 2)]
)
def test_the_exit_code_of_the_tests_is_passed_on(monkeypatch, checked, tested, code):
    given = {}

    def venv_call(command, **settings):
        given.update(settings, command=command)
        return tested

    monkeypatch.setattr(launch, "check", lambda _rest: checked)
    monkeypatch.setattr(launch, "venv_call", venv_call)
    assert launch.test(["-k", "spine"]) == code
    assert given["command"][-2:] == ["-k", "spine"]
    assert given["QT_QPA_PLATFORM"] == "offscreen"
    assert given["NO_ALBUMENTATIONS_UPDATE"] == "1"


def test_arguments_that_are_no_verb_go_to_the_program(checkout, monkeypatch, tmp_path):
    started = []
    monkeypatch.setattr(launch, "ensure_qt_libraries", lambda: None)
    monkeypatch.setattr(launch, "venv_call", lambda command, **_: started.append(command) or 7)
    assert launch.main(["film ä.png"]) == 7
    assert launch.main(["run", "test"]) == 7
    assert [command[1:] for command in started] == [
        [str(tmp_path / "main.py"), "film ä.png"],
        [str(tmp_path / "main.py"), "test"],
    ]


def test_verbs_without_a_window_do_not_ask_for_its_libraries(checkout, monkeypatch):
    monkeypatch.setattr(launch, "ensure_qt_libraries", lambda: pytest.fail("asked"))
    monkeypatch.setattr(launch, "venv_call", lambda command, **_: 0)
    assert launch.main(["analyse", "vertebrae", "film.png"]) == 0


def test_trouble_is_a_sentence_and_not_a_traceback(checkout, monkeypatch, capsys):
    def trouble():
        raise launch.SetupError("do this")

    monkeypatch.setattr(launch, "ensure_qt_libraries", trouble)
    assert launch.main(["run"]) == 3
    assert capsys.readouterr().out == "do this\n"


def test_help_names_verbs_and_pythons_without_setting_up(project_root, tmp_path):
    script = tmp_path / "launch.py"
    script.write_bytes((project_root / "launch.py").read_bytes())
    told = subprocess.check_output([sys.executable, script, "--help"], text=True)
    assert "run|test|check|bench" in told
    assert "3.11, 3.12, 3.13" in told
    assert [path.name for path in tmp_path.iterdir()] == ["launch.py"]


def test_a_real_environment_is_made_and_a_broken_one_replaced(tmp_path, monkeypatch):
    venv = tmp_path / ".venv"
    (venv / "bin").mkdir(parents=True)  # half made: no interpreter
    paths = {"ROOT": tmp_path, "VENV": venv, "LOG": venv / "log", "BUSY": venv / "installing"}
    for name, path in paths.items():
        monkeypatch.setattr(launch, name, path)
    assert launch.venv_version() == ""
    launch.make_venv()
    assert launch.venv_version() == ".".join(str(part) for part in sys.version_info[:3])
    monkeypatch.setenv("PIP_TARGET", str(tmp_path / "elsewhere"))
    with pytest.raises(launch.SetupError, match="pip failed"):
        launch.pip_install(["--no-index", "no-such-package-of-caliper==1.0"])
    assert "no-such-package-of-caliper" in (venv / "log").read_text(encoding="utf-8")
    assert not (venv / "installing").exists()
    assert not (tmp_path / "elsewhere").exists()
