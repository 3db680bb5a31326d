"""The same window over an engine that follows a rule as the whole program is tested with."""

from __future__ import annotations

from tests.e2e.conftest import film, open_window, rule

__all__ = ["film", "open_window", "rule"]
