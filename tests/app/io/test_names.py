"""Any name becomes a file that any system can hold, and no two the same."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from app.io.names import file_stem, file_stems


@given(st.lists(st.text(), max_size=8))
@example(["a/b", "a:b", "A?b"])
@example(["a", "a", "a-2", "A"])
@example(["\udcff", "日" * 300, "CON", "con.1", "..", "", " "])
def test_names_of_files_are_unique_and_safe(names: list[str]) -> None:
    stems = file_stems(names)
    assert len({stem.casefold() for stem in stems}) == len(names) == len(stems)
    for stem in stems:
        assert stem == stem.strip(" .") != ""
        assert len(stem.encode()) < 200
        assert not set(stem) & set('<>:"/\\|?*\n\0')
        assert stem.partition(".")[0].lower() not in ("con", "nul", "lpt1")


def test_plain_names_are_kept() -> None:
    assert file_stem("Wirbelsäule 3 · page 2") == "Wirbelsäule 3 · page 2"
    assert file_stems(["film", "Film", "film"]) == ("film", "Film-2", "film-3")
