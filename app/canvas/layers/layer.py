"""What the view asks of every layer over the film."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt, Signal

from app.canvas.overlay import Overlay
from app.canvas.placement import Placement


class Layer(Overlay):
    """Something drawn over the film in screen pixels, so that pens and marks keep their size.

    All positions given to a layer are screen pixels of the canvas.
    """

    def __init__(self) -> None:
        super().__init__()
        self.placement = Placement(zoom=1.0, centre=(0.0, 0.0), viewport=(1.0, 1.0))
        self.image_sha256: str | None = None

    def place(self, placement: Placement) -> None:
        """Follow the film when it is moved, zoomed, flipped or turned."""
        self.prepareGeometryChange()
        self.placement = placement
        self.update()

    def show_on(self, image_sha256: str | None) -> None:
        """Another film is on screen (None: no film)."""
        self.image_sha256 = image_sha256

    def press(self, at: QPointF) -> bool:
        """The left button went down; True takes the gesture."""
        return False

    def move(self, at: QPointF) -> None:
        """The mouse moves during a gesture of this layer."""

    def release(self, at: QPointF) -> None:
        """The gesture of this layer ends."""

    def hover(self, at: QPointF | None) -> bool:
        """The mouse is here (None: gone) with no button down; True where something can be taken."""
        return False

    def takes(self, at: QPointF) -> bool:
        """Whether a press here would be this layer's; changes nothing."""
        return False

    def double_click(self, at: QPointF) -> None:
        """The second press of a double click was this layer's."""

    @property
    def cursor_shape(self) -> Qt.CursorShape:
        """The mouse cursor where `hover` finds something."""
        return Qt.CursorShape.PointingHandCursor

    def right_click(self, at: QPointF) -> None:
        """A menu is about to be shown for what lies here."""

    def click_empty(self) -> None:
        """The person clicked where no layer has anything."""

    def cancel_drag(self) -> bool:
        """Give up the gesture under way; True if there was one."""
        return False

    @property
    def held_point(self) -> tuple[float, float] | None:
        """Row and column that the hand holds and covers; None while nothing is dragged."""
        return None

    def screen_room(self) -> QRectF:
        """The whole canvas."""
        return QRectF(0, 0, *self.placement.viewport)


class DataLayer(Layer):
    """Draws `_data`, None for nothing, where the film is; another film has nothing yet."""

    def __init__(self) -> None:
        super().__init__()
        self._data: object | None = None

    def place(self, placement: Placement) -> None:
        super().place(placement)
        self._refresh()

    def show_on(self, image_sha256: str | None) -> None:
        if image_sha256 != self.image_sha256:
            self.clear()
        super().show_on(image_sha256)

    def boundingRect(self) -> QRectF:
        return self.screen_room() if self._data is not None else QRectF()

    def clear(self) -> None:
        """Draw nothing."""
        raise NotImplementedError

    def _take_data(self, data: object | None) -> None:
        if (data is None) != (self._data is None):
            self.prepareGeometryChange()
        self._data = data

    def _refresh(self) -> None:
        """Work out anew where the data are on the screen."""
        raise NotImplementedError


class PointsLayer(DataLayer):
    """Numbered points, each of which the mouse can be over; subclasses know which one it is over.

    `selected` and `hovered` give -1 for none.
    """

    selected = Signal(int)
    hovered = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._under: int | None = None

    def takes(self, at: QPointF) -> bool:
        return self._hit(at) is not None

    def hover(self, at: QPointF | None) -> bool:
        point = None if at is None else self._hit(at)
        if point != self._under:
            lit, self._under = (self._under, point), point
            self.repaint(self.room_of(one) for one in lit if one is not None)
            self.hovered.emit(-1 if point is None else point)
        return point is not None

    def click_empty(self) -> None:
        if self._data is not None:
            self.selected.emit(-1)

    def room_of(self, point: int) -> QRectF:
        """What a point covers on the screen when the mouse is over it; nothing where it is gone."""
        raise NotImplementedError

    def _hit(self, at: QPointF) -> int | None:
        raise NotImplementedError
