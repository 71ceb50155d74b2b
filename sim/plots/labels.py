"""Places for labels: beside their point, off each other and off the circles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

CHAR_PX = 6.4
LINE_PX = 14.0
CLEAR_PX = 3.0


@dataclass(frozen=True)
class LabelBox:
    """A rectangle in pixels, y upwards."""

    left: float
    bottom: float
    right: float
    top: float

    def meets(self, other: LabelBox) -> bool:
        """Tell whether two rectangles overlap."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.bottom < other.top
            and other.bottom < self.top
        )

    def meets_any(self, others: Sequence[LabelBox]) -> bool:
        """Tell whether it overlaps one of several rectangles."""
        return any(self.meets(other) for other in others)

    def holds(self, other: LabelBox) -> bool:
        """Tell whether another rectangle lies inside."""
        return (
            self.left <= other.left
            and other.right <= self.right
            and self.bottom <= other.bottom
            and other.top <= self.top
        )


def around(x: float, y: float, radius: float) -> LabelBox:
    """Return the square around a circle."""
    return LabelBox(x - radius, y - radius, x + radius, y + radius)


def box_of(text: str, x: float, y: float, radius: float, position: str) -> LabelBox:
    """Return the rectangle of a label at one of the drawing library's text positions."""
    wide, high = CHAR_PX * len(text), LINE_PX
    vertical, horizontal = position.split(" ")
    gap = radius + CLEAR_PX
    bottom = {"top": y + gap, "middle": y - high / 2, "bottom": y - gap - high}[vertical]
    aside = gap if vertical == "middle" else 0.0
    left = {"left": x - aside - wide, "center": x - wide / 2, "right": x + aside}[horizontal]
    return LabelBox(left, bottom, left + wide, bottom + high)


POSITIONS = (
    "top center",
    "bottom center",
    "middle right",
    "middle left",
    "top right",
    "top left",
    "bottom right",
    "bottom left",
)


def place_labels(
    texts: list[str],
    circles: list[tuple[float, float, float]],
    frame: LabelBox,
    lines: Sequence[LabelBox] = (),
    positions: Sequence[str] = POSITIONS,
) -> list[str | None]:
    """Return a text position a label, or None where it fits nowhere.

    Parameters
    ----------
    texts : list of str
        Labels, the most important first; an empty one is skipped.
    circles : list of (x, y, radius)
        Circle of each label, px.
    frame : LabelBox
        What a label must stay inside, px.
    lines : sequence of LabelBox
        What a label crosses as few of as its free places allow.
    positions : sequence of str
        Text positions, the best first.
    """
    taken = [around(*circle) for circle in circles]
    out: list[str | None] = []
    for i, (text, (x, y, radius)) in enumerate(zip(texts, circles, strict=True)):
        boxes = {position: box_of(text, x, y, radius, position) for position in positions if text}
        others = taken[:i] + taken[i + 1 :]
        free = [p for p, box in boxes.items() if frame.holds(box) and not box.meets_any(others)]
        chosen = min(free, key=lambda p: sum(boxes[p].meets(line) for line in lines), default=None)
        taken += [boxes[chosen]] if chosen else []
        out.append(chosen)
    return out
