"""QR codes for the charger: what a phone reads there leads to the page of that connector.

As SVG, and as PDF (ISO 32000-1) in one of the fonts that every reader has, to be printed.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Final
from urllib.parse import quote
from xml.sax.saxutils import escape

import segno

QUIET: Final = 4  # modules around a code, as ISO/IEC 18004 wants
MODULE: Final = 10  # units of a module; in a PDF 1/72 inch
LINE: Final = 40  # units for the caption
LETTER: Final = 0.62  # width of a letter as a share of its height; few are wider
AVERAGE: Final = 0.53
LARGEST: Final = 24  # units of a letter
SMALLEST: Final = 6

Run = tuple[int, int, int]  # column, row and length of modules that are dark


def address(base: str, station_id: str, connector: int) -> str:
    """The address of the page of a connector."""
    return f"{base}/pay/{quote(station_id, safe='')}/{connector}"


def svg(url: str, caption: str) -> str:
    """A code with a caption below, black on white."""
    side, runs = _modules(url)
    path = "".join(f"M{x} {y}h{n}v1h-{n}z" for x, y, n in runs)
    width, height = side * MODULE, side * MODULE + LINE
    text = escape(caption)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img"><title>{text}</title>'
        f'<rect width="{width}" height="{height}" fill="#fff"/>'
        f'<path transform="scale({MODULE})" d="{path}"/>'
        f'<text x="{width // 2}" y="{side * MODULE}" text-anchor="middle" '
        f'font-family="Helvetica, Arial, sans-serif" font-size="{_size(caption, width)}">{text}'
        "</text></svg>"
    )


def pdf(url: str, caption: str) -> bytes:
    """A page with a code and a caption below; letters that Western Europe lacks become `?`."""
    side, runs = _modules(url)
    width, height = side * MODULE, side * MODULE + LINE
    squares = "\n".join(
        f"{x * MODULE} {height - (y + 1) * MODULE} {n * MODULE} {MODULE} re" for x, y, n in runs
    )
    size = _size(caption, width)
    left = max(0, round((width - len(caption) * size * AVERAGE) / 2))
    drawn = f"{squares}\nf\nBT /F1 {size} Tf {left} {LINE} Td ("
    content = drawn.encode() + _literal(caption) + b") Tj ET"
    return _document(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width} {height}] /Contents 4 0 R "
        "/Resources << /Font << /F1 5 0 R >> >> >>".encode(),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    )


def _modules(url: str) -> tuple[int, list[Run]]:
    """The modules of a side with the quiet zone, and the dark ones."""
    code = segno.make_qr(url, error="q")
    rows = list(code.matrix_iter(border=QUIET))
    return len(rows), [run for y, row in enumerate(rows) for run in _runs(y, bytes(row))]


def _runs(y: int, row: bytes) -> Iterator[Run]:
    x = 0
    for is_dark, group in groupby(row):
        length = len(list(group))
        if is_dark:
            yield x, y, length
        x += length


def _size(caption: str, width: int) -> int:
    """Letters so small that the caption fits."""
    fitting = int(width / (max(1, len(caption)) * LETTER))
    return max(SMALLEST, min(LARGEST, fitting))


def _literal(text: str) -> bytes:
    """A text as a PDF string holds it (7.3.4.2)."""
    said = "".join(each if each.isprintable() else " " for each in text)
    for special in "\\()":
        said = said.replace(special, f"\\{special}")
    return said.encode("cp1252", "replace")


def _document(*objects: bytes) -> bytes:
    """A PDF file of objects that are numbered from 1 (7.5)."""
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, each in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    start, count = len(out), len(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % count
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (count, start)
    return bytes(out)
