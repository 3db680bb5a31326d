"""Evaluation: perfect, manual and slipping predictors get the figures that they deserve."""

from __future__ import annotations

import csv
import json
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from domain.annotation import Hint
from domain.errors import WrongUse
from tests.training.folder import write_aasce
from training.data.aasce import SPLIT_FILE, read_aasce, read_film, read_split
from training.vertebrae_evaluation import Evaluation, evaluate
from training.vertebrae_protocol import Rules, measure_film, slip_levels

FloatArray = NDArray[np.float64]


class Told:
    """A predictor that knows the truth by film, off by whole levels until a hint says so."""

    def __init__(
        self, truth: list[tuple[NDArray[np.uint8], FloatArray]], *, levels: float = 0.0
    ) -> None:
        self.truth, self.levels = truth, levels
        self.follows = True
        self.noise = 0.0

    def predict(
        self, film: NDArray[np.uint8], hints: tuple[Hint, ...]
    ) -> tuple[FloatArray, FloatArray]:
        corners = next(known for pixels, known in self.truth if np.array_equal(pixels, film)).copy()
        rng = np.random.default_rng(0)
        if not (hints and self.follows):
            step = np.gradient(corners.reshape(17, 4, 2), axis=0).reshape(68, 2)
            corners = corners + self.levels * step + rng.normal(0, self.noise, (68, 2))
        for hint in hints:
            corners[hint.index] = hint.row, hint.column
        return corners, np.zeros(68)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write_aasce(tmp_path / "data", count=4)
    return tmp_path / "data"


def told(data: Path, *, levels: float = 0.0) -> Told:
    films = [(read_film(film.path), film) for film in read_aasce(data)]
    return Told([(pixels, film.corners_px(pixels.shape)) for pixels, film in films], levels=levels)


def metrics(data: Path, out: Path, predictor: Told) -> dict[str, dict[str, float]]:
    outcome = evaluate(Evaluation(data, out, rules=Rules(3)), predictor)
    assert outcome.failed == []
    found: dict[str, dict[str, float]] = json.loads((out / "metrics.json").read_text())
    return found


def test_the_truth_has_no_error(data: Path, tmp_path: Path) -> None:
    found = metrics(data, tmp_path / "out", told(data))
    assert found["mre_px.0"] == {"value": 0.0, "low": 0.0, "high": 0.0, "n": 4}
    assert found["cobb_main_mae_deg"]["value"] == pytest.approx(0, abs=1e-6)
    assert found["slipped_share"]["value"] == 0
    assert "slips_brought_back" not in found
    assert found["noc3_20"]["value"] == 0


def test_a_slip_that_one_click_mends(data: Path, tmp_path: Path) -> None:
    found = metrics(data, tmp_path / "out", told(data, levels=1.0))
    assert found["slipped_share"]["value"] == 1
    assert found["slips_brought_back"]["value"] == 1
    assert found["others_gain_by_click"]["value"] == pytest.approx(1.0)
    assert found["mre_px.0"]["value"] > 10
    assert found["mre_px.1"]["value"] == pytest.approx(0, abs=1e-9)
    assert found["manual_mre_px.1"]["value"] > 0.9 * found["mre_px.0"]["value"]


def test_a_network_that_ignores_the_hand_is_the_manual_baseline(data: Path, tmp_path: Path) -> None:
    predictor = told(data)
    predictor.follows, predictor.noise = False, 5.0
    found = metrics(data, tmp_path / "out", predictor)
    for click in (1, 2, 3):
        assert found[f"mre_px.{click}"]["value"] == pytest.approx(
            found[f"manual_mre_px.{click}"]["value"]
        )
    assert found["others_gain_by_click"]["value"] == pytest.approx(0)
    assert found["mre_px.3"]["value"] < found["mre_px.0"]["value"]


def test_a_line_for_each_film(data: Path, tmp_path: Path) -> None:
    metrics(data, tmp_path / "out", told(data, levels=1.0))
    with (tmp_path / "out" / "films.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["name"] for row in rows] == [film.name for film in read_aasce(data)]
    assert all(abs(float(row["slip"]) - 1.0) < 0.1 for row in rows)
    assert all(float(row["any_click_unslips"]) == 1 for row in rows)
    assert all(float(row["mre_px.3"]) == 0 < float(row["manual_mre_px.3"]) for row in rows)
    assert all(float(row["cobb_third_true"]) >= 0 and float(row["slip.3"]) == 0 for row in rows)
    assert len({row["clicked.1"] for row in rows} | {"T1.TL"}) > 1


class Images(HTMLParser):
    """What a page shows, and whether it asks for anything from elsewhere."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.sources: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        assert tag not in {"script", "link", "iframe"}
        self.sources += [unquote(told["src"] or "")] if "src" in told else []


def test_a_page_shows_plots_and_the_worst_films(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    predictor = told(data, levels=1.0)
    evaluate(Evaluation(data, out, rules=Rules(1), title="a < b"), predictor)
    page = (out / "index.html").read_text(encoding="utf-8")
    shown = Images(page).sources
    assert {"error_by_click.svg", "angles.svg"} < set(shown)
    worst = [name for name in shown if name.startswith("worst/")]
    assert len(worst) == 4
    assert all((out / name).is_file() for name in shown)
    assert "a &lt; b" in page
    assert "mre_px.0" in page
    with (out / "films.csv").open(newline="") as lines:
        rows = sorted(csv.DictReader(lines), key=lambda row: -float(row["mre_px.0"]))
    wanted = [f"{n:02d}-{Path(row['name']).stem}.png" for n, row in enumerate(rows, start=1)]
    assert [Path(name).name for name in worst] == wanted


def test_the_clicked_corner_is_not_among_the_others(data: Path) -> None:
    film = read_aasce(data)[0]
    predictor = told(data)
    base = predictor.predict

    def one_off(film: NDArray[np.uint8], hints: tuple[Hint, ...]) -> tuple[FloatArray, FloatArray]:
        corners, spread = base(film, hints)
        if not hints:
            corners[12] += 40
        return corners, spread

    predictor.predict = one_off  # type: ignore[method-assign]
    result = measure_film(film, predictor, person="p", rules=Rules(1))
    assert result.others == (pytest.approx(0), pytest.approx(0))
    assert result.curve[0] > 0
    assert result.curve[1] == pytest.approx(0)


@pytest.mark.parametrize("levels", [-1.0, 0.0, 0.5, 2.0])
def test_slip_is_measured_in_levels(levels: float) -> None:
    rows = 100.0 + 40 * np.arange(17)
    truth = np.zeros((17, 4, 2))
    truth[:, :, 0] = rows[:, None] + np.array([-15, -15, 15, 15])
    truth[:, :, 1] = [200, 240, 200, 240]
    found = truth + np.array([40 * levels, 3.0])
    assert slip_levels(found.reshape(68, 2), truth.reshape(68, 2)) == pytest.approx(levels)


def test_boxes(data: Path, tmp_path: Path) -> None:
    boxes = tmp_path / "boxes"
    boxes.mkdir()
    predictor = told(data)
    for number, (pixels, corners) in enumerate(predictor.truth[:2]):
        name = f"film-{number}.png"
        _, content = cv2.imencode(".png", pixels)
        (boxes / name).write_bytes(content.tobytes())
        by_vertebra = corners.reshape(17, 4, 2)
        low, high = by_vertebra.min(axis=1) - 1, by_vertebra.max(axis=1) + 1
        listed = np.column_stack([low[:, ::-1], high[:, ::-1]])
        if number:  # one box lies where there is no vertebra
            listed[0] = [1, 1, 3, 3]
        told_boxes = {"image": name, "boxes_xyxy": listed.tolist()}
        (boxes / f"film-{number}.boxes.json").write_text(json.dumps(told_boxes))
    evaluate(Evaluation(boxes, tmp_path / "out"), predictor)
    found = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert found["box_recall"]["value"] == pytest.approx(33 / 34)
    assert found["box_recall"]["n"] == 2
    shown = Images((tmp_path / "out" / "index.html").read_text(encoding="utf-8")).sources
    assert shown == ["worst/01-film-1.png", "worst/02-film-0.png"]
    assert all((tmp_path / "out" / name).is_file() for name in shown)


def test_a_missing_film_is_named_and_the_rest_is_measured(data: Path, tmp_path: Path) -> None:
    predictor = told(data)
    gone = read_aasce(data)[1].path
    gone.unlink()
    outcome = evaluate(Evaluation(data, tmp_path / "out", rules=Rules(1)), predictor)
    assert outcome.failed == [gone.name]
    assert len(outcome.films) == 3


def test_all_films_missing_still_ends_in_a_report(data: Path, tmp_path: Path) -> None:
    predictor = told(data)
    for film in read_aasce(data):
        film.path.unlink()
    outcome = evaluate(Evaluation(data, tmp_path / "out"), predictor)
    assert len(outcome.failed) == 4
    assert json.loads((tmp_path / "out" / "metrics.json").read_text()) == {}


def test_ctrl_c_leaves_the_figures_of_what_is_finished(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    predictor = told(data)
    base, seen = predictor.predict, []

    def stop(film: NDArray[np.uint8], hints: tuple[Hint, ...]) -> tuple[FloatArray, FloatArray]:
        seen.append(film)
        if len(seen) > 2 * 2:
            raise KeyboardInterrupt
        return base(film, hints)

    predictor.predict = stop  # type: ignore[method-assign]
    outcome = evaluate(Evaluation(data, tmp_path / "out", rules=Rules(1)), predictor)
    assert (len(outcome.films), outcome.left, outcome.is_whole) == (2, 2, False)
    assert json.loads((tmp_path / "out" / "metrics.json").read_text())["mre_px.0"]["n"] == 2
    assert "2 of 4 films. Run the same command again" in capsys.readouterr().err


@pytest.fixture
def committed(tmp_path: Path) -> Path:
    """Films that are called like some of the committed split."""
    split = json.loads(SPLIT_FILE.read_text(encoding="utf-8"))
    names = [*split["validation"][::16], *split["training"][:2], *split["defective"][:1]]
    write_aasce(tmp_path / "committed", names=names)
    return tmp_path / "committed"


def test_halves_are_disjoint_and_make_up_the_validation_people(
    committed: Path, tmp_path: Path
) -> None:
    names = {}
    for half in ("choose", "report"):
        task = Evaluation(committed, tmp_path / half, half=half, rules=Rules(0))
        names[half] = {film.name for film in evaluate(task, told(committed)).films}
    assert all(names.values())
    assert not names["choose"] & names["report"]
    assert names["choose"] | names["report"] == read_split("validation") & {
        film.name for film in read_aasce(committed)
    }


def test_films_known_to_be_defective_are_left_out_and_others_are_only_doubted(
    committed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = evaluate(Evaluation(committed, tmp_path / "1", rules=Rules(0)), told(committed))
    assert len(outcome.films) == 9
    assert "left out" in capsys.readouterr().err
    write_aasce(tmp_path / "mine", count=2)
    listed = (tmp_path / "mine" / "landmarks.csv").read_text().splitlines()
    row = listed[0].split(",")
    row[0], row[1] = row[1], row[0]  # left and right of one end-plate exchanged
    (tmp_path / "mine" / "landmarks.csv").write_text("\n".join([",".join(row), listed[1]]))
    mine = tmp_path / "mine"
    outcome = evaluate(Evaluation(mine, tmp_path / "2", rules=Rules(0)), told(mine))
    assert len(outcome.films) == 2
    assert "measured, though its labels" in capsys.readouterr().err


def test_training_people_have_no_halves(data: Path, tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="halves"):
        evaluate(Evaluation(data, tmp_path / "out", part="training", half="report"), Told([]))


def test_no_film_of_that_kind(data: Path, tmp_path: Path) -> None:
    for asked in ({"part": "validation"}, {"half": "report"}, {"limit": 0}):
        with pytest.raises(WrongUse, match="no film to measure"):
            evaluate(Evaluation(data, tmp_path / "out", **asked), Told([]))


def test_a_place_that_is_no_folder(data: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WrongUse, match="cannot be put"):
        evaluate(Evaluation(data, tmp_path / "file" / "below"), Told([]))


def test_a_folder_without_data(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="No AASCE data"):
        evaluate(Evaluation(tmp_path, tmp_path / "out"), Told([]))
