"""The size check finds what is over its limit, and nothing else."""

from __future__ import annotations

import ast

import pytest

from checks.sizes import Survey, argument_count, body_length, survey_file


def function(source: str) -> ast.FunctionDef:
    node = ast.parse(source).body[0]
    assert isinstance(node, ast.FunctionDef)
    return node


def excesses(*, path: str, source: str) -> list[str]:
    survey = Survey()
    survey_file(survey, path=path, source=source)
    return [excess.what for excess in survey.excesses]


@pytest.mark.parametrize(
    ("path", "limit"),
    [("app/io/a.py", 500), ("models/a/b.py", 400), ("main.py", 60), ("launch.py", 500)],
)
def test_a_file_may_reach_its_limit_but_not_pass_it(path, limit):
    assert excesses(path=path, source="x = 1\n" * limit) == []
    assert excesses(path=path, source="x = 1\n" * (limit + 1)) == ["lines"]


def test_a_docstring_is_no_part_of_a_body():
    assert (
        body_length(function('def f():\n    """One.\n\n    Two.\n    """\n    a = 1\n    return a'))
        == 2
    )
    assert body_length(function('def f():\n    """Only this."""')) == 0


def test_a_long_function_is_found_inside_a_class():
    body = "\n".join(["        x = 1"] * 61)
    assert excesses(path="app/a.py", source=f"class A:\n    def f(self):\n{body}\n") == [
        "lines in the body"
    ]


def test_self_is_no_argument():
    assert argument_count(function("def f(self, a, /, b, *rest, c, **more): ...")) == 3
    assert excesses(path="a.py", source="def f(a, b, c, d, e, f, g): ...") == []
    assert excesses(path="a.py", source="def f(a, b, c, d, e, f, g, *, h): ...") == ["arguments"]


def test_the_main_window_has_a_limit_of_its_own():
    body = "\n".join(["    x = 1"] * 280)
    assert excesses(path="app/a.py", source=f"class A(QWidget):\n{body}\n") == []
    assert excesses(path="app/a.py", source=f"class A(QtWidgets.QMainWindow):\n{body}\n") == [
        "lines in the class"
    ]
