"""What the tests of the command line share: a person's folder where a rule is installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.cli import analyse as verb
from app.cli import analyst
from tests.app.rule_home import install_rule
from tests.e2e.rule_engine import rule_engine_command


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person's folder where the rule is installed, and a program that ships nothing."""
    folder = tmp_path / "home"
    install_rule(folder)
    monkeypatch.setenv("CALIPER_HOME", str(folder))
    monkeypatch.setattr(verb, "program_root", lambda: tmp_path / "program")
    command = rule_engine_command(seconds=0.0)
    monkeypatch.setattr(analyst, "engine_command", lambda **_: command)
    return folder
