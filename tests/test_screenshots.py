"""README shows four pictures of the console: they are there, can be read at a page's width, are small, and said in words."""

import re
import struct
from pathlib import Path

import pytest

from e2e.screenshots import SHOTS, WIDTH

ROOT = Path(__file__).resolve().parents[1]
SHOWN = re.findall(r"!\[([^]]*)\]\((docs/screenshots/[^)]+)\)", (ROOT / "README.md").read_text("utf-8"))
MOST = 350_000


def test_readme_shows_all_that_are_taken_one_of_them_from_right_to_left() -> None:
    assert sorted(path for _, path in SHOWN) == sorted(f"docs/screenshots/{each.name}.png" for each in SHOTS)
    assert len(SHOTS) == 4
    assert {each.language for each in SHOTS} == {"en", "ur"}
    assert {each.dark for each in SHOTS} == {False, True}


@pytest.mark.parametrize(("alt", "path"), SHOWN)
def test_each_is_a_small_picture_of_a_whole_page_and_is_said_in_words(alt: str, path: str) -> None:
    data = (ROOT / path).read_bytes()
    assert data[:16] == b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
    (shot,) = (each for each in SHOTS if path.endswith(f"/{each.name}.png"))
    assert struct.unpack(">II", data[16:24]) == (WIDTH, shot.height)
    assert 20_000 < len(data) <= MOST
    assert len(alt.split()) >= 8
