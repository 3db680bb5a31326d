"""The pictures of chosen series: small pictures that are asked for when they come in sight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QColor, QIcon, QPixmap
from PySide6.QtWidgets import QListView

PICTURE = QSize(132, 132)
CELL = QSize(164, 186)
KEY = Qt.ItemDataRole.UserRole

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class BrowserImage:
    """One file that may be opened.

    Args:
        key: what its small picture is asked for by, and what choosing it gives.
        refusal: what it is where it can't be opened as a picture, else "".
    """

    key: str
    title: str
    subtitle: str = ""
    refusal: str = ""

    @property
    def words(self) -> str:
        """What stands below its picture."""
        return "\n".join(part for part in (self.title, self.refusal or self.subtitle) if part)


class BrowserImages(QAbstractListModel):
    """Images as Qt's lists ask for them; `wanted` tells each key once, when it is first drawn."""

    wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._images: tuple[BrowserImage, ...] = ()
        self._icons: dict[str, QIcon] = {}
        blank = QPixmap(PICTURE)
        blank.fill(QColor("#07090c"))
        self._blank = QIcon(blank)

    @property
    def images(self) -> tuple[BrowserImage, ...]:
        """What is listed."""
        return self._images

    def set_images(self, images: Sequence[BrowserImage]) -> None:
        """List others; pictures that came stay at hand."""
        self.beginResetModel()
        self._images = tuple(images)
        self.endResetModel()

    @Slot(str, bytes)
    def set_picture(self, key: str, encoded: bytes) -> None:
        """Show an encoded picture (PNG); what can't be decoded leaves the place dark."""
        picture = QPixmap()
        if picture.loadFromData(encoded):
            self._icons[key] = QIcon(picture)
            for row, image in enumerate(self._images):
                if image.key == key:
                    self.dataChanged.emit(self.index(row), self.index(row))

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._images)

    def flags(self, index: Index) -> Qt.ItemFlag:
        is_film = index.isValid() and not self._images[index.row()].refusal
        return super().flags(index) if is_film else Qt.ItemFlag.NoItemFlags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        image = self._images[index.row()]
        if role == Qt.ItemDataRole.DecorationRole:
            return self._icon(image)
        values: dict[int, object] = {
            Qt.ItemDataRole.DisplayRole: image.words,
            Qt.ItemDataRole.ToolTipRole: image.words,
            Qt.ItemDataRole.SizeHintRole: CELL,
            KEY: image.key,
        }
        return values.get(role)

    def _icon(self, image: BrowserImage) -> QIcon:
        icon = self._icons.get(image.key)
        if icon is None:
            icon = self._icons[image.key] = self._blank
            if not image.refusal:
                self.wanted.emit(image.key)
        return icon


def images_view(model: BrowserImages) -> QListView:
    """A wall of small pictures, several of which can be chosen."""
    view = QListView()
    view.setModel(model)
    view.setViewMode(QListView.ViewMode.IconMode)
    view.setResizeMode(QListView.ResizeMode.Adjust)
    view.setMovement(QListView.Movement.Static)
    view.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
    view.setUniformItemSizes(True)
    view.setIconSize(PICTURE)
    view.setGridSize(CELL)
    view.setWordWrap(True)
    view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
    view.setObjectName("wall")
    view.setAccessibleName("Films of the chosen series")
    return view
