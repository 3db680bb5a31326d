"""The watch over left-behind processes and threads barks when it should, and only then."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_process_or_thread_left_behind_fails_its_test(pytester):
    source = (Path(__file__).parent / "conftest.py").read_text(encoding="utf-8")
    pytester.makeconftest(source.replace("GRACE_S = 5.0", "GRACE_S = 0.2"))
    pytester.makepyfile(
        """
        import subprocess, sys, threading
        import pytest
        SLEEP = [sys.executable, "-c", "import time; time.sleep(3)"]
        @pytest.fixture(scope="module")
        def engine():
            process = subprocess.Popen(SLEEP)
            yield process
            process.kill()
            process.wait()
        def test_shared(engine):
            assert engine.poll() is None
        def test_tidy():
            process = subprocess.Popen(SLEEP)
            process.kill()
            process.wait()
        def test_leaves_process():
            subprocess.Popen(SLEEP)
        def test_leaves_thread():
            threading.Timer(1.0, print).start()
        """
    )
    result = pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=4, errors=2)
    result.stdout.fnmatch_lines(["*ERROR*test_leaves_process*", "*ERROR*test_leaves_thread*"])
