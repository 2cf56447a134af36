"""Hypothesis strategy for table layouts: grids cut into merged cells of every shape, with texts as offices write them."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.office_files import Spot

TEXTS = st.sampled_from(
    "产出指标|数量指标|得到培训的残疾人人数|≥46人|工作计划|25%|470.00|用于残疾人就业、培训。|满意度指标|1500元/人|100%|<及时>&发放|1|A类 B-2|第一段\n第二段|≤20.7万元||".split(
        "|"
    )
)


@st.composite
def layouts(draw: st.DrawFn, most_rows: int = 7, most_columns: int = 6, texts: st.SearchStrategy[str] = TEXTS) -> list[Spot]:
    """A full cover of a small grid by rectangles, in reading order; every row and every column begins with at least one cell."""
    rows, columns = draw(st.integers(1, most_rows)), draw(st.integers(1, most_columns))
    taken: set[tuple[int, int]] = set()
    spots: list[Spot] = []
    for row in range(rows):
        for column in range(columns):
            if (row, column) in taken:
                continue
            wide = draw(st.integers(1, 3)) if draw(st.booleans()) else 1
            high = draw(st.integers(1, 3)) if draw(st.booleans()) else 1
            width = 1
            while width < wide and column + width < columns and (row, column + width) not in taken:
                width += 1
            height = min(high, rows - row)
            taken.update((row + i, column + j) for i in range(height) for j in range(width))
            spots.append(Spot(row, column, draw(texts), height, width))
    return spots
