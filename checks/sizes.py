"""Size limits of the source: what must be split stops the check; what is aimed at is reported."""

from __future__ import annotations

import ast
import statistics
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROOMS = (
    "domain", "app", "inference", "models", "training", "checks", "tests", "benchmarks",
)  # fmt: skip

FILE_LINES = 500
NETWORK_FILE_LINES = 400
MAIN_WINDOW_LINES = 250
ENTRY_LINES = 60
FUNCTION_LINES = 60
CLASS_LINES = 300
ARGUMENTS = 7

# Files that are one table of data and nothing else may be long; named one by one.
DATA_TABLES: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Excess:
    """One thing that is larger than its limit."""

    place: str
    what: str
    size: int
    limit: int

    def __str__(self) -> str:
        return f"{self.place}: {self.what} {self.size}, at most {self.limit}"


@dataclass
class Survey:
    """What was found in the files read so far."""

    excesses: list[Excess] = field(default_factory=list)
    file_lines: list[int] = field(default_factory=list)
    body_lines: list[int] = field(default_factory=list)

    def hold(self, place: str, *, what: str, size: int, limit: int) -> None:
        """Note an excess where the size is over the limit."""
        if size > limit:
            self.excesses.append(Excess(place, what, size, limit))


def file_limit(path: str) -> int:
    """The limit of lines for a file, by its path from the root."""
    if path == "main.py":
        return ENTRY_LINES
    if path.startswith("models/"):
        return NETWORK_FILE_LINES
    return FILE_LINES


def body_length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from the first statement after the docstring to the last."""
    body = node.body
    if ast.get_docstring(node) is not None:
        body = body[1:]
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def argument_count(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Arguments a caller can give; self and cls are not among them."""
    names = [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
    return len(names) - (names[:1] in (["self"], ["cls"]))


def is_main_window(node: ast.ClassDef) -> bool:
    """Whether the class derives from Qt's main window directly."""
    return any(ast.unparse(base).endswith("QMainWindow") for base in node.bases)


def survey_file(survey: Survey, *, path: str, source: str) -> None:
    """Measure one file; the path is relative to the root, with forward slashes."""
    lines = len(source.splitlines())
    if lines > 1:  # the __init__ files would halve the median
        survey.file_lines.append(lines)
    if path not in DATA_TABLES:
        survey.hold(path, what="lines", size=lines, limit=file_limit(path))
    for node in ast.walk(ast.parse(source, filename=path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            place = f"{path}:{node.lineno} {node.name}"
            body = body_length(node)
            survey.body_lines.append(body)
            survey.hold(place, what="lines in the body", size=body, limit=FUNCTION_LINES)
            survey.hold(place, what="arguments", size=argument_count(node), limit=ARGUMENTS)
        elif isinstance(node, ast.ClassDef):
            place = f"{path}:{node.lineno} {node.name}"
            lines = (node.end_lineno or 0) - node.lineno + 1
            limit = MAIN_WINDOW_LINES if is_main_window(node) else CLASS_LINES
            survey.hold(place, what="lines in the class", size=lines, limit=limit)


def survey_tree(root: Path) -> Survey:
    """Measure every source file of the project."""
    survey = Survey()
    files = sorted(root.glob("*.py"))
    for room in ROOMS:
        files += sorted((root / room).rglob("*.py"))
    for file in files:
        path = file.relative_to(root).as_posix()
        survey_file(survey, path=path, source=file.read_text(encoding="utf-8"))
    return survey


def main() -> int:
    """Print the excesses and the medians; 1 if anything is over its limit."""
    survey = survey_tree(ROOT)
    for excess in survey.excesses:
        print(excess)
    print(
        f"{len(survey.file_lines)} files, median {statistics.median(survey.file_lines):.0f} lines; "
        f"{len(survey.body_lines)} functions, median {statistics.median(survey.body_lines):.0f}"
    )
    return 1 if survey.excesses else 0


if __name__ == "__main__":
    sys.exit(main())
