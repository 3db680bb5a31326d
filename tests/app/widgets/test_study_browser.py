"""The browser of studies: choosing by mouse and keys, searching, pictures that come late."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QListView, QPushButton, QTreeView

from app.widgets.browser_images import BrowserImage
from app.widgets.job_status import JobStatus
from app.widgets.study_browser import BrowserNode, StudyBrowser
from tests.app.widgets.test_case_list import png

LEFT, PLAIN = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
CONTROL = Qt.KeyboardModifier.ControlModifier


def series(name: str, *keys: str) -> BrowserNode:
    images = tuple(BrowserImage(key, "AP", "80 × 64") for key in keys)
    return BrowserNode(f"DX · {name}", f"{len(keys)} films", images=images)


def people() -> list[BrowserNode]:
    """Two people; one film of the second is none."""
    report = BrowserImage("report", "", refusal="a structured report")
    bending = BrowserNode("DX · bending", "1 film", images=(BrowserImage("d", "left"), report))
    return [
        BrowserNode(
            "Ödön Ångström",
            "P 17",
            (BrowserNode("2024-03-05", "spine", (series("AP", "a", "b"), series("lateral", "c"))),),
        ),
        BrowserNode("Jane Doe", "P 4", (BrowserNode("2023-01-02", "follow-up", (bending,)),)),
    ]


@pytest.fixture
def browser(qtbot) -> StudyBrowser:
    """A browser with two people."""
    made = StudyBrowser()
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    made.show_nodes(people())
    return made


@pytest.fixture
def heard(browser: StudyBrowser) -> list[list[str]]:
    """What was chosen."""
    told: list[list[str]] = []
    browser.chosen.connect(told.append)
    return told


def row(browser: StudyBrowser, *names: str) -> QModelIndex:
    """The row with these titles from the top."""
    model, index = browser.findChild(QTreeView).model(), QModelIndex()
    for name in names:
        rows = (model.index(number, 0, index) for number in range(model.rowCount(index)))
        index = next(found for found in rows if found.data() == name)
    return index


def click(view: QTreeView | QListView, index: QModelIndex, keys: object = PLAIN) -> None:
    QTest.mouseClick(view.viewport(), LEFT, keys, view.visualRect(index).center())


def double_click(view: QTreeView | QListView, index: QModelIndex) -> None:
    at = view.visualRect(index).center()
    click(view, index)
    QTest.mouseDClick(view.viewport(), LEFT, PLAIN, at)


def image(browser: StudyBrowser, number: int) -> QModelIndex:
    return browser.findChild(QListView, "wall").model().index(number, 0)


def primary(browser: StudyBrowser) -> QPushButton:
    return browser.findChild(QPushButton, "primary")


def test_the_first_series_is_chosen_and_enter_opens_it(
    browser: StudyBrowser, heard: list[list[str]]
) -> None:
    assert browser.keys == ["a", "b"]
    assert primary(browser).text() == "Open 2 films"
    QTest.keyClick(browser, Qt.Key.Key_Return)
    assert heard == [["a", "b"]]
    assert not browser.isVisible()


def test_several_rows_open_together(browser: StudyBrowser, heard: list[list[str]]) -> None:
    tree = browser.findChild(QTreeView)
    click(tree, row(browser, "Ödön Ångström", "2024-03-05", "DX · lateral"))
    click(tree, row(browser, "Jane Doe", "2023-01-02", "DX · bending"), CONTROL)
    QTest.mouseClick(primary(browser), LEFT)
    assert heard == [["c", "d"]]


def test_a_person_means_all_their_films(browser: StudyBrowser) -> None:
    click(browser.findChild(QTreeView), row(browser, "Ödön Ångström"))
    assert browser.keys == ["a", "b", "c"]


def test_chosen_images_alone_are_opened(browser: StudyBrowser, heard: list[list[str]]) -> None:
    wall = browser.findChild(QListView, "wall")
    click(wall, image(browser, 1))
    assert primary(browser).text() == "Open film"
    QTest.keyClick(wall, Qt.Key.Key_Return)
    assert heard == [["b"]]


def test_a_double_click_opens_an_image_or_a_series(
    browser: StudyBrowser, heard: list[list[str]]
) -> None:
    double_click(browser.findChild(QListView, "wall"), image(browser, 1))
    browser.show()
    lateral = row(browser, "Ödön Ångström", "2024-03-05", "DX · lateral")
    double_click(browser.findChild(QTreeView), lateral)
    assert heard == [["b"], ["c"]]


def test_a_double_click_on_a_person_opens_nothing(
    browser: StudyBrowser, heard: list[list[str]]
) -> None:
    double_click(browser.findChild(QTreeView), row(browser, "Jane Doe"))
    assert heard == []
    assert browser.isVisible()


def test_what_is_no_film_is_shown_but_cannot_be_chosen(browser: StudyBrowser) -> None:
    click(browser.findChild(QTreeView), row(browser, "Jane Doe", "2023-01-02", "DX · bending"))
    assert "structured report" in image(browser, 1).data()
    wall = browser.findChild(QListView, "wall")
    click(wall, image(browser, 1))
    assert browser.keys == ["d"]


@pytest.mark.parametrize(
    ("wanted", "left"),
    [
        ("ångström", ["Ödön Ångström"]),
        ("BENDING", ["Jane Doe"]),
        ("2024", ["Ödön Ångström"]),
        ("p 4", ["Jane Doe"]),
        ("nobody", []),
        ("", ["Ödön Ångström", "Jane Doe"]),
    ],
)
def test_the_search_leaves_what_matches_and_what_it_belongs_to(
    browser: StudyBrowser, wanted: str, left: list[str]
) -> None:
    browser.findChild(QLineEdit).insert(wanted)  # a keyboard of tests knows no Å
    model = browser.findChild(QTreeView).model()
    assert [model.index(n, 0).data() for n in range(model.rowCount())] == left
    assert primary(browser).isEnabled() == bool(left)


def test_pictures_are_wanted_once_and_only_of_what_is_seen(browser: StudyBrowser, qtbot) -> None:
    many = [f"film {number}" for number in range(500)]
    wanted: list[str] = []
    browser.thumbnail_wanted.connect(wanted.append)
    browser.show_nodes([series("many", *many)])
    qtbot.waitUntil(lambda: "film 0" in wanted)
    browser.grab()
    assert len(wanted) == len(set(wanted)) < 100
    dark = browser.grab().toImage()
    browser.set_thumbnail("film 0", png())
    assert browser.grab().toImage() != dark
    browser.set_thumbnail("film 1", b"no picture")
    browser.grab()
    assert wanted.count("film 0") == wanted.count("film 1") == 1


def test_looking_through_files_is_shown_and_can_be_stopped(qtbot) -> None:
    browser = StudyBrowser()
    qtbot.addWidget(browser)
    browser.show()
    browser.show_progress(3, 40)
    job = browser.findChild(JobStatus)
    assert "40 files" in job.text
    assert not primary(browser).isEnabled()
    with qtbot.waitSignal(browser.stopped):
        QTest.mouseClick(job.findChild(QPushButton), LEFT)
    browser.show_nodes(people(), note="Stopped: not everything is listed")
    assert job.isHidden()
    assert browser.keys == ["a", "b"]


def test_names_stay_out_of_the_title(browser: StudyBrowser) -> None:
    for node in people():
        assert node.title not in browser.windowTitle() + browser.accessibleName()


def found(*names: str) -> list[BrowserNode]:
    """People of these names, one film each."""
    return [
        BrowserNode(name, children=(BrowserNode("2024", children=(series("AP", name),)),), key=name)
        for name in names
    ]


def test_it_fills_and_what_is_chosen_stays_chosen(qtbot) -> None:
    browser = StudyBrowser()
    qtbot.addWidget(browser)
    browser.show_progress(0, 9)
    browser.show_part(found("Doe"))
    assert browser.keys == ["Doe"]
    assert not browser.findChild(JobStatus).isHidden()
    tree = browser.findChild(QTreeView)
    tree.collapse(row(browser, "Doe"))
    browser.findChild(QLineEdit).setText("o")
    browser.show_part(found("Coe", "Doe", "Roe"))
    assert browser.keys == ["Doe"]
    assert tree.model().rowCount() == 3
    browser.show_nodes(found("Coe", "Doe", "Loe", "Roe"), note="Stopped")
    assert browser.keys == ["Doe"]
    assert browser.findChild(JobStatus).isHidden()
    browser.show_nodes(found("Zoe"))
    assert tree.model().rowCount() == 1
    assert browser.keys == ["Zoe"]


def test_a_series_that_grows_keeps_its_chosen_film(qtbot) -> None:
    browser = StudyBrowser()
    qtbot.addWidget(browser)
    browser.show_part([series("AP", "b", "d")])
    wall = browser.findChild(QListView)
    wall.setCurrentIndex(wall.model().index(1, 0))
    assert browser.keys == ["d"]
    browser.show_part([series("AP", "a", "b", "c", "d")])
    assert browser.keys == ["d"]
    wall.clearSelection()
    assert browser.keys == ["a", "b", "c", "d"]
