"""What an evaluation found: a table of figures, and the films on which least was right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import (
    QHeaderView,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.session.run_news import WorstFilm
from app.widgets.pieces import caption
from inference.manifest import Metric

CLICKS = (0, 1, 5, 10)
STATISTICS = (("Mean", "mre_px"), ("Median", "mre_px_median"), ("90th percentile", "mre_px_p90"))
MORE = (
    ("By hand alone after 10 clicks, px", "manual_mre_px.10"),
    ("Columns on other levels at first, share", "slipped_share"),
    ("Main Cobb angle, mean error, °", "cobb_main_mae_deg"),
    ("SMAPE of the Cobb angles, %", "cobb_smape"),
    ("Boxes that hold one centre, share", "box_recall"),
    ("Films with the right count, share", "box_count_right"),
    ("Studies with implants told from others, AUROC", "auroc_study"),
    ("… from the healthy ones most like them", "auroc_matched"),
    ("Pixels of implants, AUPRC", "pixel_auprc"),
    ("Implants miscounted, a study", "count_error"),
    ("Healthy studies with an alarm, share", "alarm_share"),
    ("Seconds a study", "seconds_per_study"),
)
PICTURE = QSize(120, 168)
WALL_PX = 224


class RunResults(QWidget):
    """Figures above, the worst films below; a film that is pressed is asked for."""

    film_chosen = Signal(Path)

    def __init__(self) -> None:
        super().__init__()
        self._table = _table()
        self._more = QLabel()
        self._more.setObjectName("secondary")
        self._more.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._wall = _wall()
        self._wall.clicked.connect(self._choose)
        self._wall.activated.connect(self._choose)
        self._held = QWidget()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._held)
        box = QVBoxLayout(self._held)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        self._clicks = QWidget()
        clicks = QVBoxLayout(self._clicks)
        clicks.setContentsMargins(0, 0, 0, 0)
        clicks.addWidget(caption("Mean error of the corners, px, with 95 % intervals by person"))
        clicks.addWidget(self._table)
        box.addWidget(self._clicks)
        box.addWidget(self._more)
        self._worst = caption("The worst films before any click; press one to open it")
        box.addWidget(self._worst)
        box.addWidget(self._wall, 1)
        box.addStretch(0)
        self.clear()

    @property
    def cells(self) -> tuple[tuple[str, ...], ...]:
        """The table as it is read, row by row."""
        model = self._table.model()
        columns = range(model.columnCount())
        return tuple(
            tuple(str(model.index(row, column).data()) for column in columns)
            for row in range(model.rowCount())
        )

    def clear(self) -> None:
        """Nothing is found yet."""
        self.show_figures({})
        self.show_worst(())

    def show_figures(self, figures: Mapping[str, Metric]) -> None:
        """The table, and what else was measured; all is hidden where nothing was."""
        self._held.setVisible(bool(figures))
        self._clicks.setVisible(any(name.startswith("mre_px.") for name in figures))
        for row, click in enumerate(CLICKS):
            told = [figures.get(f"{name}.{click}") for _, name in STATISTICS]
            words = [f"{click}", *(interval(figure) if figure else "–" for figure in told)]
            for column, text in enumerate(words):
                self._table.setItem(row, column, QTableWidgetItem(text))
        n = next(iter(figures.values())).n if figures else 0
        lines = [f"{title}: {interval(figures[name])}" for title, name in MORE if name in figures]
        self._more.setText("\n".join([f"On {n} films or studies", *lines] if figures else []))

    def show_worst(self, films: Sequence[WorstFilm]) -> None:
        """Thumbnails by name, the worst first."""
        self._wall.clear()
        for part in (self._worst, self._wall):
            part.setVisible(bool(films))
        for film in films:
            item = QListWidgetItem(_icon(film.picture), film.film.stem)
            item.setToolTip(film.words)
            item.setData(Qt.ItemDataRole.UserRole, str(film.film))
            self._wall.addItem(item)

    def _choose(self, index: QModelIndex) -> None:
        self.film_chosen.emit(Path(index.data(Qt.ItemDataRole.UserRole)))


def interval(figure: Metric) -> str:
    """A figure with its interval, as precise as is worth reading."""
    value, low, high = figure.value, figure.low, figure.high
    digits = 1 if max(abs(value), abs(high or 0.0)) >= 10 else 2
    said = f"{value:.{digits}f}"
    return said if low is None or high is None else f"{said}  [{low:.{digits}f}, {high:.{digits}f}]"


def _icon(picture: Path) -> QIcon:
    return QIcon(
        QPixmap(str(picture)).scaled(
            PICTURE,
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
    )


def _table() -> QTableWidget:
    table = QTableWidget(len(CLICKS), 1 + len(STATISTICS))
    table.setAccessibleName("Figures")
    table.setHorizontalHeaderLabels(["Clicks", *(title for title, _ in STATISTICS)])
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(26)
    table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
    table.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
    table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    table.setShowGrid(False)
    header = table.horizontalHeader()
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
    header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
    table.setFixedHeight(26 * len(CLICKS) + 32)
    return table


def _wall() -> QListWidget:
    wall = QListWidget()
    wall.setObjectName("wall")
    wall.setAccessibleName("Worst films")
    wall.setViewMode(QListWidget.ViewMode.IconMode)
    wall.setIconSize(PICTURE)
    wall.setGridSize(PICTURE + QSize(20, 36))
    wall.setMovement(QListWidget.Movement.Static)
    wall.setResizeMode(QListWidget.ResizeMode.Adjust)
    wall.setTextElideMode(Qt.TextElideMode.ElideMiddle)
    wall.setMinimumHeight(WALL_PX)
    return wall
