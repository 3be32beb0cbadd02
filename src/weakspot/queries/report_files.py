"""Reports as files: one HTML page that needs nothing else, and PDF. Foreign text is escaped in both."""

from __future__ import annotations

import html
import io
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from weakspot.queries.reports import ReportDocument, Section

MAX_CELL = 300
_BAR = 40
_STYLE = """
body{font:14px/1.5 "Segoe UI",system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#242424}
h1{font-size:1.6rem;margin:0}h2{font-size:1.1rem;margin:1.6rem 0 .4rem}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.25rem .5rem;border-bottom:1px solid #ddd}
td:last-child,th:last-child{text-align:right}.bar{background:#0f6cbd;height:.6rem;display:block}
.chart td:nth-child(2){width:50%;text-align:left}@media print{body{margin:0}}
"""


def to_html(report: ReportDocument) -> bytes:
    """A page with its style inside and no script."""
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        f"<title>{html.escape(report.title)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{html.escape(report.title)}</h1><p>{html.escape(report.subtitle)}</p>",
        *(_section(one) for one in report.sections),
        "</body></html>",
    ]
    return "".join(parts).encode("utf-8", "replace")


def to_pdf(report: ReportDocument) -> bytes:
    """A4 pages. Letters that the built-in fonts lack become question marks."""
    buffer = io.BytesIO()
    document = SimpleDocTemplate(
        buffer, pagesize=A4, title=report.title, author="Weakspot", leftMargin=18 * mm, rightMargin=18 * mm,
        topMargin=18 * mm, bottomMargin=18 * mm, invariant=1,
    )  # fmt: skip
    styles = getSampleStyleSheet()
    story: list[Flowable] = [
        Paragraph(_plain(report.title), styles["Title"]),
        Paragraph(_plain(report.subtitle), styles["Normal"]),
    ]
    for section in report.sections:
        story.append(Paragraph(_plain(section.title), styles["Heading2"]))
        story += [Paragraph(_plain(one), styles["Normal"]) for one in section.paragraphs]
        if section.rows:
            story.append(_table(section, styles["BodyText"]))
        story.append(Spacer(1, 4 * mm))
    document.build(story)
    return buffer.getvalue()


def _section(section: Section) -> str:
    told = "".join(f"<p>{html.escape(one)}</p>" for one in section.paragraphs)
    return f"<h2>{html.escape(section.title)}</h2>{told}{_html_table(section) if section.rows else ''}"


def _html_table(section: Section) -> str:
    most = max((_number(row[-1]) for row in section.rows), default=0.0)
    names = [section.columns[0], "", section.columns[1]] if section.is_chart else list(section.columns)
    head = "".join(f"<th>{html.escape(one)}</th>" for one in names)
    body = []
    for row in section.rows:
        cells = [f"<td>{html.escape(one[:MAX_CELL])}</td>" for one in row]
        if section.is_chart:
            share = 100 * _number(row[-1]) / most if most else 0.0
            cells.insert(1, f'<td><span class="bar" style="width:{share:.1f}%"></span></td>')
        body.append(f"<tr>{''.join(cells)}</tr>")
    kind = ' class="chart"' if section.is_chart else ""
    return f"<table{kind}><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"


def _table(section: Section, style: object) -> Table:
    most = max((_number(row[-1]) for row in section.rows), default=0.0)
    rows: list[list[object]] = []
    for row in section.rows:
        cells: list[object] = [Paragraph(_plain(one[:MAX_CELL]), style) for one in row]
        if section.is_chart:
            filled = round(_BAR * _number(row[-1]) / most) if most else 0
            cells.insert(1, Paragraph(f'<font color="#0f6cbd">{"|" * filled}</font>', style))
        rows.append(cells)
    names = [section.columns[0], "", section.columns[1]] if section.is_chart else list(section.columns)
    table = Table([[Paragraph(f"<b>{_plain(one)}</b>", style) for one in names], *rows], repeatRows=1)
    table.setStyle(
        TableStyle([("LINEBELOW", (0, 0), (-1, -1), 0.25, colors.lightgrey), ("VALIGN", (0, 0), (-1, -1), "TOP")])
    )
    return table


def _plain(text: str) -> str:
    """Text in the letters of the built-in fonts, escaped for the small markup of paragraphs."""
    return escape(text.encode("cp1252", "replace").decode("cp1252"))


def _number(text: str) -> float:
    return float(text.replace(",", ""))
