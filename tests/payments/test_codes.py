from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st

from chargeplane.payments import codes

URL = codes.address("https://charge.example.com", "Köln/1 A", 2)
SQUARE = re.compile(rb"(\d+) (\d+) (\d+) 10 re")
PATH = re.compile(r"M(\d+) (\d+)h(\d+)v1h-\d+z")


def test_the_address_keeps_every_letter_of_the_station() -> None:
    assert URL == "https://charge.example.com/pay/K%C3%B6ln%2F1%20A/2"


def dark(runs: list[tuple[int, int, int]]) -> set[tuple[int, int]]:
    return {(x + each, y) for x, y, length in runs for each in range(length)}


def expected(url: str) -> set[tuple[int, int]]:
    rows = segno.make_qr(url, error="q").matrix_iter(border=4)
    return {(x, y) for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark}


def test_the_svg_shows_the_code_and_its_caption() -> None:
    drawn = ET.fromstring(codes.svg(URL, "Köln <Dom> & 2"))  # noqa: S314 ours
    name = "{http://www.w3.org/2000/svg}"
    text = drawn.find(f"{name}text")
    path = drawn.find(f"{name}path")
    assert text is not None
    assert path is not None
    assert text.text == "Köln <Dom> & 2"
    runs = [(int(x), int(y), int(n)) for x, y, n in PATH.findall(path.attrib["d"])]
    assert dark(runs) == expected(URL)


def test_the_pdf_shows_the_same_code() -> None:
    made = codes.pdf(URL, "Köln (Dom) \\ 2")
    height = int(re.search(rb"MediaBox \[0 0 \d+ (\d+)\]", made)[1])  # type: ignore[index]
    runs = [
        (int(x) // 10, (height - int(y)) // 10 - 1, int(n) // 10)
        for x, y, n in SQUARE.findall(made)
    ]
    assert dark(runs) == expected(URL)
    assert "(Köln \\(Dom\\) \\\\ 2) Tj".encode("cp1252") in made


@given(st.text(max_size=60))
def test_every_caption_makes_a_whole_pdf(caption: str) -> None:
    made = codes.pdf(URL, caption)
    assert made.startswith(b"%PDF-1.4\n")
    start = int(re.findall(rb"startxref\n(\d+)\n%%EOF\n$", made)[-1])
    assert made[start:].startswith(b"xref\n0 6\n")
    for number, place in enumerate(re.findall(rb"(\d{10}) 00000 n ", made[start:]), start=1):
        assert made[int(place) :].startswith(b"%d 0 obj\n" % number)
    length = int(re.search(rb"/Length (\d+)", made)[1])  # type: ignore[index]
    content = made.partition(b"stream\n")[2]
    assert content[length:].startswith(b"\nendstream")


@pytest.mark.parametrize("caption", ["", "CP-1 / 1", "A station with quite a long name / 12"])
def test_a_caption_fits(caption: str) -> None:
    drawn = ET.fromstring(codes.svg(URL, caption))  # noqa: S314 ours
    text = drawn.find("{http://www.w3.org/2000/svg}text")
    assert text is not None
    assert len(caption) * float(text.attrib["font-size"]) * 0.62 <= float(drawn.attrib["width"])
