"""Native charts for the workbook, fed from its own tables. Knows openpyxl, used by `workbook` alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from qa_audit.reports import look
from qa_audit.reports.document import Chart, Charts, Table
from qa_audit.reports.layout import CHART_GAP, CHART_ROWS, Place, Plan, chart_columns
from qa_audit.text import clean

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

Sources = Mapping[str, tuple[str, Table, Place]]
"""Table name to (sheet name, table, place), from `layout.chart_sources`."""

_ROW_CM = 0.529
_EMU = 360_000
"""Drawing units to a centimetre."""
_WIDEST_CM = 24.0


def add_charts(sheet: Worksheet, plan_: Plan, sources: Sources) -> tuple[str, ...]:
    """Put the charts of a sheet in their places; returns the description of each, in order."""
    alts: list[str] = []
    total = sum(_centimetres(width) for width in plan_.widths)
    for place in plan_.places:
        if not isinstance(place.block, Charts):
            continue
        count = len(place.block.items)
        width = min((total - CHART_GAP * (count - 1)) / count, _WIDEST_CM)
        for index, chart in enumerate(place.block.items):
            drawn = _draw(chart, sources)
            drawn.anchor = _anchor(index * (width + CHART_GAP), place.row, plan_, width)
            sheet.add_chart(drawn)
            alts.append(clean(chart.alt or chart.title))
    return tuple(alts)


def _centimetres(width: float) -> float:
    """Width of a column of `width` characters on the screen."""
    return (width * 7 + 5) * 2.54 / 96


def _anchor(left: float, row: int, plan_: Plan, width: float) -> Any:
    from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, OneCellAnchor
    from openpyxl.drawing.xdr import XDRPositiveSize2D

    column = 0
    while column < plan_.columns - 1 and left >= _centimetres(plan_.widths[column]):
        left -= _centimetres(plan_.widths[column])
        column += 1
    marker = AnchorMarker(col=column, colOff=round(left * _EMU), row=row - 1, rowOff=0)
    size = XDRPositiveSize2D(round(width * _EMU), round((CHART_ROWS * _ROW_CM - 0.4) * _EMU))
    return OneCellAnchor(_from=marker, ext=size)


def _draw(chart: Chart, sources: Sources) -> Any:
    from openpyxl.chart import BarChart, LineChart, Reference
    from openpyxl.chart.data_source import AxDataSource, StrRef
    from openpyxl.chart.reference import DummyWorksheet
    from openpyxl.chart.shapes import GraphicalProperties
    from openpyxl.drawing.line import LineProperties

    sheet_name, table, place = sources[chart.table]
    category, columns = chart_columns(chart, table)
    home: Any = DummyWorksheet(sheet_name)
    drawn: Any = LineChart() if chart.kind == "line" else BarChart()
    for heading, column in zip(chart.series, columns, strict=True):
        drawn.series.append(_series(chart, heading, column, home, place))
    names = Reference(home, min_col=category, min_row=place.heading_row + 1, max_row=place.last_row)
    for series in drawn.series:
        series.cat = AxDataSource(strRef=StrRef(str(names)))
    if chart.kind == "stacked":
        drawn.type, drawn.grouping, drawn.overlap, drawn.gapWidth = "col", "percentStacked", 100, 55
        drawn.y_axis.number_format, drawn.y_axis.majorUnit = "0%", 0.25
    elif chart.kind == "bar":
        drawn.type, drawn.gapWidth = "col", 55
        drawn.y_axis.number_format = "0"
    else:
        drawn.y_axis.number_format = "+0.0;-0.0;0.0"
        drawn.x_axis.tickLblPos = "low"
    drawn.title = _words(chart.title, 1200, bold=True, colour=look.INK)
    if chart.y_title:
        drawn.y_axis.title = _words(chart.y_title, 900, bold=False, colour=look.MUTED)
    drawn.x_axis.delete = drawn.y_axis.delete = False
    drawn.y_axis.majorGridlines.spPr = GraphicalProperties(ln=LineProperties(solidFill=look.RULE, w=6_350))
    for axis in (drawn.x_axis, drawn.y_axis):
        axis.spPr = GraphicalProperties(ln=LineProperties(solidFill=look.RULE, w=6_350))
        axis.txPr = _text_look(900, look.MUTED)
        axis.majorTickMark = axis.minorTickMark = "none"
    if len(chart.series) > 1:
        drawn.legend.position = "b"
        drawn.legend.txPr = _text_look(900, look.INK)
    else:
        drawn.legend = None
    drawn.graphical_properties = GraphicalProperties(ln=LineProperties(solidFill=look.RULE, w=6_350))
    drawn.display_blanks = "gap"
    drawn.roundedCorners = False
    return drawn


def _series(chart: Chart, heading: str, column: int, home: Any, place: Place) -> Any:
    from openpyxl.chart import Reference, Series
    from openpyxl.chart.data_source import StrRef
    from openpyxl.chart.label import DataLabelList
    from openpyxl.chart.series import SeriesLabel
    from openpyxl.chart.shapes import GraphicalProperties
    from openpyxl.drawing.line import LineProperties

    values = Reference(home, min_col=column, min_row=place.heading_row + 1, max_row=place.last_row)
    series: Any = Series(values)
    label = Reference(home, min_col=column, min_row=place.heading_row)
    series.tx = SeriesLabel(strRef=StrRef(str(label)))
    colour = look.GRADE_SERIES.get(heading, look.ACCENT)
    if chart.kind == "line":
        series.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=colour, w=22_000))
        series.marker.symbol, series.marker.size = "circle", 7
        series.marker.graphicalProperties = GraphicalProperties(solidFill=colour)
        series.marker.graphicalProperties.line.solidFill = colour
        series.smooth = False
        return series
    series.graphicalProperties = GraphicalProperties(solidFill=colour)
    series.dLbls = DataLabelList()
    series.dLbls.showVal, series.dLbls.numFmt = True, "0;;;"  # a zero has no label
    series.dLbls.txPr = _text_look(900, look.INK)
    for name in ("showSerName", "showCatName", "showLegendKey", "showPercent", "showBubbleSize"):
        setattr(series.dLbls, name, False)
    if chart.kind == "bar":
        series.dLbls.position = "outEnd"
    return series


def _words(text: str, size: int, *, bold: bool, colour: str) -> Any:
    from openpyxl.chart.text import RichText, Text
    from openpyxl.chart.title import Title
    from openpyxl.drawing.text import CharacterProperties, Paragraph, ParagraphProperties, RegularTextRun

    look_of = CharacterProperties(sz=size, b=bold, solidFill=colour)
    run = RegularTextRun(rPr=look_of, t=clean(text))
    paragraph = Paragraph(pPr=ParagraphProperties(defRPr=look_of), r=[run])
    return Title(tx=Text(rich=RichText(p=[paragraph])), overlay=False)


def _text_look(size: int, colour: str) -> Any:
    from openpyxl.chart.text import RichText
    from openpyxl.drawing.text import CharacterProperties, Paragraph, ParagraphProperties

    look_of = CharacterProperties(sz=size, b=False, solidFill=colour)
    paragraph: Any = Paragraph(pPr=ParagraphProperties(defRPr=look_of), endParaRPr=look_of)
    paragraph.r = []
    return RichText(p=[paragraph])
