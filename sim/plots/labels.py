"""Places for labels: beside their point, off each other and off the circles."""

from __future__ import annotations

from dataclasses import dataclass

CHAR_PX = 6.4
LINE_PX = 14.0
CLEAR_PX = 3.0


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels, y upwards."""

    left: float
    bottom: float
    right: float
    top: float

    def meets(self, other: Box) -> bool:
        """Tell whether two rectangles overlap."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.bottom < other.top
            and other.bottom < self.top
        )


def around(x: float, y: float, radius: float) -> Box:
    """Return the square around a circle."""
    return Box(x - radius, y - radius, x + radius, y + radius)


def box_of(text: str, x: float, y: float, radius: float, position: str) -> Box:
    """Return the rectangle of a label at one of the drawing library's text positions."""
    wide, high = CHAR_PX * len(text), LINE_PX
    vertical, horizontal = position.split(" ")
    gap = radius + CLEAR_PX
    bottom = {"top": y + gap, "middle": y - high / 2, "bottom": y - gap - high}[vertical]
    aside = gap if vertical == "middle" else 0.0
    left = {"left": x - aside - wide, "center": x - wide / 2, "right": x + aside}[horizontal]
    return Box(left, bottom, left + wide, bottom + high)


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


def place_labels(texts: list[str], circles: list[tuple[float, float, float]], frame: Box) -> list[str | None]:
    """Return a text position a label, or None where it fits nowhere.

    Parameters
    ----------
    texts : list of str
        Labels, the most important first; an empty one is skipped.
    circles : list of (x, y, radius)
        Circle of each label, px.
    frame : Box
        What a label must stay inside, px.
    """
    taken = [around(*circle) for circle in circles]
    out: list[str | None] = []
    for i, (text, (x, y, radius)) in enumerate(zip(texts, circles, strict=True)):
        chosen = None
        for position in POSITIONS if text else ():
            box = box_of(text, x, y, radius, position)
            inside = frame.left <= box.left and box.right <= frame.right and frame.bottom <= box.bottom
            others = taken[:i] + taken[i + 1 :]
            if inside and box.top <= frame.top and not any(box.meets(other) for other in others):
                chosen = position
                taken.append(box)
                break
        out.append(chosen)
    return out
