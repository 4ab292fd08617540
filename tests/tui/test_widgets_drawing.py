"""Pictures carry their figures and fill the width they are given."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from qa_audit.tui.widgets import drawing
from qa_audit.tui.widgets.charts import BlockBars, HeatMap, Matrix, RunChart, StackedBars
from qa_audit.tui.widgets.drawing import Bar, Point

GRADES = ["Outstanding", "Good", "RI", "Inadequate"]


def test_pictures(snapshot) -> None:
    pictures = [
        BlockBars([Bar("Assessment", 12), Bar("Plans", 7.5, mark=10), Bar("Voice", 0), Bar("Visits", None)], title="Done"),
        StackedBars([("North", (1, 5, 9, 2)), ("South", (0, 0, 0, 0)), ("West team", (0, 30, 1, 0))], title="Grades"),
        Matrix([[1, 2, 0, 1], [0, 10, 3, 0], [0, 2, 8, 1], [0, 0, 1, 4]], rows=GRADES, columns=GRADES,
               row_title="Auditor", column_title="Moderator", note="In brackets: agreed. !: two grades apart."),
        HeatMap([[0.1, 0.9], [None, 0.5]], rows=["Plans", "Visits"], columns=["North", "South"]),
        RunChart([Point("Q1", 3), Point("Q2", 5), Point("Q3", None), Point("Q4", 8)], middle=4.5, title="Run"),
    ]  # fmt: skip
    snapshot("pictures", "\n\n".join(picture.text(80) for picture in pictures) + "\n")


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=6), st.integers(6, 200))
def test_a_stacked_bar_fills_its_width_and_hides_nothing(parts: list[int], width: int) -> None:
    cells = drawing.stacked_bar(parts, width)
    assert sum(cells) == (width if sum(parts) else 0)
    assert all((cell > 0) == (part > 0) for cell, part in zip(cells, parts, strict=True))


@given(st.floats(0, 1e9), st.floats(0, 1e9), st.integers(0, 120))
def test_a_bar_never_leaves_its_room(value: float, top: float, width: int) -> None:
    drawn = drawing.bar(value, top, width)
    assert cell_len(drawn) <= width
    assert bool(drawn) == (value > 0 and top > 0 and width > 0)


@given(
    st.lists(st.one_of(st.none(), st.floats(0, 1e6)), max_size=30), st.integers(20, 140), st.integers(2, 12)
)
def test_a_run_chart_draws_anything(values: list[float | None], width: int, height: int) -> None:
    rows = drawing.run_chart(
        [Point(str(i), value) for i, value in enumerate(values)], width, height, middle=1.0
    )
    assert rows
    assert all(row.cell_length <= width + 12 for row in rows)


@given(
    st.lists(st.tuples(st.text(max_size=40), st.one_of(st.none(), st.floats(0, 1e6))), max_size=8),
    st.integers(20, 140),
)
def test_block_bars_draw_any_words(bars: list[tuple[str, float | None]], width: int) -> None:
    rows = drawing.block_bars([Bar(label, value) for label, value in bars], width)
    assert len(rows) == len(bars)
