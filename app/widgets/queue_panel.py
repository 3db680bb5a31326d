"""The films that are being analysed: how far, how long to go, and why some failed."""

from __future__ import annotations

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QProgressBar,
    QPushButton,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.session.queue import ENDED, Queue, QueueRow, RowState
from app.widgets.job_status import in_words

HEIGHT = 220
TITLES = ("Film", "State", "What happened")
WORDS = {
    RowState.WAITING: "waiting",
    RowState.READING: "reading…",
    RowState.FINDING: "finding corners…",
    RowState.DONE: "done",
    RowState.FAILED: "failed",
    RowState.SKIPPED: "skipped",
}
FINDING = {"implant": "localising…"}
"""Of tasks other than the first; they take long enough to say how far they are."""

Index = QModelIndex | QPersistentModelIndex


class QueueModel(QAbstractTableModel):
    """The rows of a queue as Qt's tables ask for them."""

    def __init__(self, queue: Queue) -> None:
        super().__init__()
        self._queue = queue
        self._rows: list[QueueRow] = []
        self._places: dict[int, int] = {}
        queue.rows_changed.connect(self._read_all)
        queue.row_changed.connect(self._read_one)

    def row_at(self, place: int) -> QueueRow:
        """The row on a line."""
        return self._rows[place]

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index | None = None) -> int:
        return len(TITLES)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        across = orientation == Qt.Orientation.Horizontal
        return TITLES[section] if across and role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self._rows[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return (row.name, state_words(row), row.reason)[index.column()]
        if role == Qt.ItemDataRole.ForegroundRole and row.state is RowState.FAILED:
            return QApplication.palette().brush(QPalette.ColorRole.BrightText)
        return None

    def _read_all(self) -> None:
        self.beginResetModel()
        self._rows = list(self._queue.rows)
        self._places = {row.key: place for place, row in enumerate(self._rows)}
        self.endResetModel()

    def _read_one(self, key: int) -> None:
        place = self._places.get(key)
        if place is not None:
            self._rows[place] = self._queue.row(key)
            self.dataChanged.emit(self.index(place, 0), self.index(place, len(TITLES) - 1))


class QueuePanel(QWidget):
    """Pause, go on, cancel, try again; a click on a film shows its case."""

    case_chosen = Signal(str)
    closed = Signal()

    def __init__(self, queue: Queue) -> None:
        super().__init__()
        self._queue = queue
        self._model = QueueModel(queue)
        self._table = _table(self._model)
        self._table.clicked.connect(self._choose)
        self._table.activated.connect(self._choose)
        self._summary = QLabel()
        self._bar = QProgressBar(textVisible=False)
        self._bar.setFixedWidth(100)
        self._pause = QPushButton("Pause")
        self._pause.clicked.connect(lambda: (queue.resume if queue.is_paused else queue.pause)())
        self._retry = QPushButton("Try failed again")
        self._retry.clicked.connect(queue.retry_failed)
        self._cancel = QPushButton("Cancel")
        self._cancel.clicked.connect(queue.cancel)
        self._clear = QPushButton("Clear list")
        self._clear.setToolTip("Take what has ended off this list; the cases stay")
        self._clear.clicked.connect(queue.clear_ended)
        box = QVBoxLayout(self)
        box.setContentsMargins(12, 8, 12, 8)
        box.addLayout(self._top_row())
        box.addWidget(self._table, 1)
        self.setFixedHeight(HEIGHT)
        for signal in (queue.rows_changed, queue.row_changed, queue.paused_changed):
            signal.connect(self.refresh)
        self.refresh()

    @property
    def text(self) -> str:
        """The summary, in one line."""
        return self._summary.text()

    def refresh(self) -> None:
        """Say how far the queue is."""
        queue = self._queue
        total, left, failed = len(queue.rows), queue.open_count, queue.count(RowState.FAILED)
        self._summary.setText(_words(queue))
        self._bar.setRange(0, max(total, 1))
        self._bar.setValue(total - left)
        self._pause.setText("Go on" if queue.is_paused else "Pause")
        self._pause.setEnabled(left > 0)
        self._cancel.setEnabled(left > 0)
        self._retry.setEnabled(failed > 0)
        self._clear.setEnabled(total > left)

    def _top_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        caption = QLabel("Queue")
        caption.setObjectName("caption")
        for widget in (caption, self._bar, self._summary):
            row.addWidget(widget)
        row.addStretch(1)
        close = QToolButton()
        close.setText("✕")
        close.setAccessibleName("Close the queue's list")
        close.clicked.connect(self.closed)
        for button in (self._pause, self._retry, self._cancel, self._clear, close):
            row.addWidget(button)
        return row

    def _choose(self, index: QModelIndex) -> None:
        row = self._model.row_at(index.row())
        if row.case_id:
            self.case_chosen.emit(row.case_id)


def state_words(row: QueueRow) -> str:
    """How far a row is."""
    if row.state is not RowState.FINDING or row.task not in FINDING:
        return WORDS[row.state]
    return FINDING[row.task] + (f" {row.tenths}0 %" if row.tenths else "")


def queue_words(queue: Queue) -> str:
    """The queue in the status line."""
    failed = queue.count(RowState.FAILED)
    paused = " paused" if queue.is_paused else ""
    return f"queue {queue.open_count}{paused}" + (f" · {failed} failed" if failed else "")


def _words(queue: Queue) -> str:
    if not queue.rows:
        return "Nothing is being analysed."
    ended, failed = queue.count(*ENDED), queue.count(RowState.FAILED)
    parts = [f"{ended} of {len(queue.rows)}"]
    parts += [f"{failed} failed"] if failed else []
    if queue.is_paused:
        parts.append("paused")
    elif queue.open_count and queue.seconds_left is not None:
        parts.append(in_words(queue.seconds_left))
    return " · ".join(parts)


def _table(model: QueueModel) -> QTableView:
    table = QTableView()
    table.setModel(model)
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(24)
    table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QTableView.SelectionMode.SingleSelection)
    header = table.horizontalHeader()
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    header.setHighlightSections(False)
    for column, width in enumerate((170, 120)):
        table.setColumnWidth(column, width)
    header.setSectionResizeMode(len(TITLES) - 1, QHeaderView.ResizeMode.Stretch)
    table.setAccessibleName("Queue")
    return table
