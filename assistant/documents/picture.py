"""Pictures of pages: set straight, and the ruling lines in them. Needs OpenCV, which comes with the recognition extra."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from assistant.documents.ruling import Rule

if TYPE_CHECKING:
    import numpy

    Picture: TypeAlias = numpy.ndarray[Any, Any]
else:
    Picture = Any

LONGEST_SIDE = 3_200
_SHORTEST_SIDE = 1_100


def prepared(picture: Picture) -> Picture:
    """A photo or scan brought to a workable size and set straight."""
    import cv2

    longest = max(picture.shape[:2])
    factor = LONGEST_SIDE / longest if longest > LONGEST_SIDE else min(3.0, _SHORTEST_SIDE / longest) if longest < _SHORTEST_SIDE else 1.0
    if factor != 1.0:
        method = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
        picture = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=method)
    return _straight(picture)


def turned(picture: Picture, quarter: int) -> Picture:
    """The picture turned counter-clockwise by quarters."""
    import numpy

    return numpy.ascontiguousarray(numpy.rot90(picture, quarter))


def _ink(picture: Picture, *, red: bool = True) -> Picture:
    """Dark strokes as 255 on 0, whatever the light; without ``red`` a seal's ink is paper."""
    import cv2

    if picture.ndim != 3:
        grey = picture
    else:
        grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) if red else picture[:, :, 0].copy()
    ink: Picture = cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 31, 15)
    return ink


def _straight(picture: Picture) -> Picture:
    """A slightly tilted page turned upright by the tilt of its long lines."""
    import cv2
    import numpy

    height, width = picture.shape[:2]
    lines = cv2.HoughLinesP(_ink(picture), 1, numpy.pi / 1800, threshold=200, minLineLength=width // 5, maxLineGap=12)
    if lines is None:
        return picture
    angles = [float(numpy.degrees(numpy.arctan2(y1 - y0, x1 - x0))) for x0, y0, x1, y1 in lines.reshape(-1, 4)]
    level = [angle for angle in angles if abs(angle) < 12]
    tilt = float(numpy.median(level)) if len(level) >= 3 else 0.0
    if abs(tilt) < 0.08:
        return picture
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), tilt, 1.0)
    straight: Picture = cv2.warpAffine(picture, turn, (width, height), flags=cv2.INTER_CUBIC, borderValue=(255, 255, 255))
    return straight


def ink_in(picture: Picture, left: int, top: int, right: int, bottom: int) -> tuple[int, int, int, int] | None:
    """Where something is written in a part of a picture (edges in pixels), or None for blank paper: specks and the cell's own walls are nothing."""
    import cv2
    import numpy

    part = picture[max(top, 0) : bottom, max(left, 0) : right]
    if part.shape[0] < 8 or part.shape[1] < 8:
        return None
    # What is much darker than the paper: a seal's rim and grain are not.
    plain = part[:, :, 0] if part.ndim == 3 else part
    dark = (plain < float(numpy.median(plain)) - 40).astype(numpy.uint8) * 255
    strokes = cv2.morphologyEx(cv2.bitwise_and(_ink(part, red=False), dark), cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_RECT, (2, 2)))
    _, _, stats, _ = cv2.connectedComponentsWithStats(strokes, connectivity=8)
    found = [
        (int(x), int(y), int(x + wide), int(y + high))
        for x, y, wide, high, area in stats[1:]
        if area >= 12 and max(wide, high) >= 7 and wide < 0.9 * part.shape[1] and high < 0.9 * part.shape[0]
    ]
    if not found:
        return None
    x0, y0, x1, y1 = (pick(edge[i] for edge in found) for i, pick in enumerate((min, min, max, max)))
    return max(left, 0) + x0, max(top, 0) + y0, max(left, 0) + x1, max(top, 0) + y1


def rules_of(picture: Picture, scale: float, text_height: float) -> tuple[list[Rule], list[Rule]]:
    """The horizontal and vertical ruling lines of a picture, in points (``scale`` points a pixel).

    ``text_height`` in points: strokes of characters are shorter than lines, which the cells' own height makes longer than text is high.
    The round of a red seal is no line; where nothing else is ruled, red lines are.
    """
    across, down = _rules(_ink(picture, red=False), scale, text_height)
    return (across, down) if len(across) > 2 and len(down) > 1 else _rules(_ink(picture), scale, text_height)


def _rules(ink: Picture, scale: float, text_height: float) -> tuple[list[Rule], list[Rule]]:
    import cv2

    glyph = text_height / scale
    found: list[list[Rule]] = []
    for length, flat in ((max(25, int(2.2 * glyph)), True), (max(18, int(1.35 * glyph)), False)):
        shape = (length, 1) if flat else (1, length)
        # Thicken first so that a line one pixel off its row stays one line, then keep only what is long.
        strokes = cv2.dilate(ink, cv2.getStructuringElement(cv2.MORPH_RECT, (1, 3) if flat else (3, 1)))
        strokes = cv2.morphologyEx(strokes, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_RECT, shape))
        _, _, stats, _ = cv2.connectedComponentsWithStats(strokes, connectivity=8)
        rules = []
        for left, top, wide, high, _area in stats[1:]:
            thick, long, at, start = (high, wide, top + high / 2, left) if flat else (wide, high, left + wide / 2, top)
            if thick <= 14 and long >= length:
                rules.append(Rule(float(at) * scale, float(start) * scale, float(start + long) * scale))
        found.append(rules)
    return found[0], found[1]
