"""How an officer gives a place and sees it: a name of the gazetteer, degrees, or the military grid (MGRS).

Law: a place is as exact as it was typed, and shown no more exactly than that. In whose country a point lies the officer
says, or the gazetteer of a name that it has: it is never worked out from degrees, since the line is not ours to draw.
What the gazetteer has otherwise than a sender says is shown.
"""

import math
import re
import unicodedata
import warnings
from dataclasses import dataclass
from typing import Final

from mgrs import MGRS
from mgrs.core import MGRSError

from amanat.exchange.lexica import own_lexicon
from amanat.exchange.means import Turn
from amanat.party.errors import Invalid
from amanat.party.folding import plain_text
from amanat.party.lexicon import Language
from amanat.workspaces.liaison.gazetteer import Gazetteer, choice, crossings, gazetteer, named, sought
from amanat.workspaces.liaison.kinds import DECIMALS, Spot
from amanat.workspaces.liaison.rules import metres_apart

METRES_PER_DEGREE: Final = 111_000
MOST_TYPED: Final = 120
MOST_METRES: Final = 100_000
CLEARLY: Final = 5_000
"""Metres from where the gazetteer has a name, beyond what either is known to, at which degrees are of another place."""
DIGITS: Final = 5
"""Of each half of a grid reference: a metre."""

_MINUTES: Final = 60
_GRID: Final = MGRS()
# Bands C to X: the poles have another grid (UPS), where nobody here is.
_SQUARE: Final = re.compile(
    r"(?P<zone>[1-9]|0[1-9]|[1-5][0-9]|60) ?(?P<band>[C-HJ-NP-X]) ?(?P<square>[A-HJ-NP-Z]{2}) ?"
    r"(?P<east>\d*) ?(?P<north>\d*)",
    re.ASCII,
)
_NEAR: Final = 0.0001  # degrees
_GRID_SOUTH, _GRID_NORTH = -80, 84
_WITHIN: Final = re.compile(r"\s*(?:±|\+/?-)\s*(\d{1,6})\s*(M|KM)\s*$", re.ASCII)
_HALF: Final = re.compile(
    r"(?P<before>[NSEW]?)\s*(?P<sign>[+-]?)(?P<numbers>\d+(?:\.\d+)?(?:[\s:°O'\"]+\d+(?:\.\d+)?){0,2})"
    r"[\s°O'\"]*(?P<after>[NSEW]?)",
    re.ASCII,
)
_RUN: Final = re.compile(r"(\d{2,3})(\d\d)(\d\d)?(\.\d+)?", re.ASCII)
"""Degrees, minutes and perhaps seconds without a space: 340724N."""
_MARKS: Final = str.maketrans({"\u2212": "-", "\u201d": '"', "\u2013": "-"})


@dataclass(frozen=True, slots=True)
class Shown:
    """A place as it is read: its name, or ""; degrees; the grid, or "" at the poles; and how closely it is known.

    `country` is who administers it by its sender's word, `known_country` by the gazetteer where that says otherwise of
    the name, and `apart` how many kilometres from these degrees it has that name; each "" or 0 where there is nothing.
    """

    name: str
    degrees: str
    grid: str
    metres: int
    country: str
    known_country: str
    apart: int


@dataclass(frozen=True, slots=True)
class Offered:
    """A place that a field offers before anything is typed, and a map shows: what names it, and where it is."""

    says: str
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class _Axis:
    """One coordinate as typed: degrees, the metres that its last digit stands for, and N, S, E, W or nothing."""

    degrees: float
    metres: float
    letter: str


def read(turn: Turn, text: str, country: str | None) -> Spot:
    """Return the place that was typed here: `parse` by this party's own names."""
    return parse(text, country, known(turn))


def known(turn: Turn) -> Gazetteer:
    """Return the gazetteer under the names of this party's own lexicon."""
    lexicon = own_lexicon(turn)
    return gazetteer(lexicon.names if lexicon else {})


def parse(text: str, country: str | None, names: Gazetteer) -> Spot:
    """Return the place that was typed; `country` is who administers it, of coordinates. Raises `Invalid`."""
    if len(text) > MOST_TYPED:
        raise _unknown(text)
    typed = _plain(text)
    keys = names.keys.get(sought(text), ()) if sought(text) else ()
    if len(keys) > 1:
        raise Invalid(
            "liaison.places",
            f"Several places are called {text.strip()!r}.",
            f"Type one of {', '.join(choice(key, names, 'en') for key in keys)}.",
        )
    if keys:
        entry = names.entries[keys[0]]
        return Spot(entry.lat, entry.lon, entry.metres, entry.country, entry.key)
    within = _WITHIN.search(typed)
    stated = int(within[1]) * (1000 if within[2] == "KM" else 1) if within else 0
    bare = typed[: within.start()] if within else typed
    lat, lon, metres = _of_grid(bare, text) or _of_degrees(bare, text)
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):  # noqa: PLR2004 - degrees
        raise _unknown(text)
    return _spot(lat, lon, max(stated, metres), country)


def offered(names: Gazetteer, language: Language) -> tuple[Offered, ...]:
    """Return the crossings, and what else the party's lexicon names, as they are typed in a language."""
    keys = dict.fromkeys((*crossings(names), *names.own))
    entries = [names.entries[key] for key in keys]
    return tuple(Offered(choice(each.key, names, language), each.lat, each.lon) for each in entries)


def typed(spot: Spot, names: Gazetteer, language: Language) -> str:
    """Return what `parse` makes the same place of, but for its country: what a form is filled in with."""
    entry = names.entries.get(spot.name or "")
    if entry and (entry.lat, entry.lon, entry.metres) == (spot.lat, spot.lon, spot.metres):
        return choice(entry.key, names, language)
    places = _decimals(spot.metres)
    return f"{spot.lat:.{places}f}, {spot.lon:.{places}f} ±{spot.metres} m"


def shown(spot: Spot, names: Gazetteer, language: Language) -> Shown:
    """Return a place in a language, no more exactly than it is known: its sender's digits beyond that are left out."""
    places = _decimals(spot.metres)
    degrees = (
        f"{abs(spot.lat):.{places}f}°{'S' if spot.lat < 0 else 'N'} "
        f"{abs(spot.lon):.{places}f}°{'W' if spot.lon < 0 else 'E'}"
    )
    return Shown(
        named(spot.name or "", names, language),
        degrees,
        grid(spot),
        spot.metres,
        spot.country or "",
        *_otherwise(spot, names),
    )


def _otherwise(spot: Spot, names: Gazetteer) -> tuple[str, int]:
    """Return whose the gazetteer says a named place is, and how many kilometres off, where that is not as was said."""
    entry = names.entries.get(spot.name or "")
    if entry is None:
        return "", 0
    apart = metres_apart(spot, Spot(entry.lat, entry.lon, entry.metres))
    elsewhere = apart > entry.metres + spot.metres + CLEARLY
    return entry.country if spot.country not in (None, entry.country) else "", round(apart / 1000) if elsewhere else 0


def grid(spot: Spot) -> str:
    """Return the square of the military grid that a place is in, the smallest of no less than its metres' width."""
    if not _GRID_SOUTH <= spot.lat < _GRID_NORTH:
        return ""
    digits = DIGITS - min(math.ceil(math.log10(spot.metres)), DIGITS)
    written = _SQUARE.fullmatch(_GRID.toMGRS(spot.lat, spot.lon, MGRSPrecision=DIGITS))
    if written is None:  # the library answers in nothing else
        return ""
    numbers = written["east"]  # both halves, which nothing parts
    halves = (numbers[:digits], numbers[DIGITS : DIGITS + digits]) if digits else ()
    return " ".join((written["zone"] + written["band"], written["square"], *halves))


# --- the grid -----------------------------------------------------------------------------------------------


def _of_grid(typed: str, text: str) -> tuple[float, float, float] | None:
    """The middle of the square that was typed, and its width in metres; None where it is no reference to the grid."""
    found = _SQUARE.fullmatch(" ".join(typed.split()))
    if found is None:
        return None
    east, north = found["east"], found["north"]
    if not north:
        east, north = east[: len(east) // 2], east[len(east) // 2 :]
    if len(east) != len(north) or not 1 <= len(east) <= DIGITS:
        raise _unknown(text)
    head = f"{int(found['zone']):02}{found['band']}{found['square']}"
    middle, *corners = (_point(head, east, north, *each) for each in ("55", "00", "09", "90", "99"))
    if middle is None or not any(_lies(head, point) for point in (middle, *corners) if point):
        raise _unknown(text)
    return (*middle, 10.0 ** (DIGITS - len(east)))


def _point(head: str, east: str, north: str, right: str, up: str) -> tuple[float, float] | None:
    """A point of a square: its middle for 5 and 5, a corner for 0 or 9; None where the grid has no such square."""
    more = {"5": "50000", "0": "00000", "9": "99999"}
    try:
        with warnings.catch_warnings(action="ignore", category=RuntimeWarning):  # of a corner beyond its band
            lat, lon = _GRID.toLatLon(head + (east + more[right])[:DIGITS] + (north + more[up])[:DIGITS])
    except MGRSError:
        return None
    return lat, lon


def _lies(head: str, point: tuple[float, float]) -> bool:
    """Whether a point, or one some ten metres from it, is in this square of 100 km: squares end with zone and band."""
    lat, lon = point
    near = ((0, 0), (_NEAR, 0), (-_NEAR, 0), (0, _NEAR), (0, -_NEAR))
    return any(_GRID.toMGRS(lat + north, (lon + east + 180) % 360 - 180).startswith(head) for north, east in near)


# --- degrees ------------------------------------------------------------------------------------------------


def _of_degrees(typed: str, text: str) -> tuple[float, float, float]:
    halves = [_axis(half) for half in _halves(typed)]
    one, other = halves if len(halves) == 2 else (None, None)  # noqa: PLR2004 - a latitude and a longitude
    if one is None or other is None:
        raise _unknown(text)
    if one.letter in {"E", "W"} or other.letter in {"N", "S"}:
        one, other = other, one
    if one.letter in {"E", "W"} or other.letter in {"N", "S"}:
        raise _unknown(text)
    return one.degrees, other.degrees, min(one.metres, other.metres)


def _halves(typed: str) -> list[str]:
    """A text parted in two: at a comma, else at the letters of its hemispheres, else where half its numbers end."""
    if re.search("[,;/]", typed):
        return [each.strip() for each in re.split("[,;/]", typed)]
    letters = [each.start() for each in re.finditer("[NSEW]", typed)]
    if len(letters) == 2:  # noqa: PLR2004 - one for each half
        at = letters[1] if letters[0] == 0 else letters[0] + 1
        return [typed[:at].strip(), typed[at:].strip()]
    words = typed.split()
    return [" ".join(words[: len(words) // 2]), " ".join(words[len(words) // 2 :])] if len(words) % 2 == 0 else []


def _axis(half: str) -> _Axis | None:
    found = _HALF.fullmatch(half)
    if found is None or (found["before"] and found["after"]):
        return None
    letter = found["before"] or found["after"]
    run = _RUN.fullmatch(found["numbers"]) if letter else None
    numbers = _parted(run) if run else re.findall(r"\d+(?:\.\d+)?", found["numbers"])
    if (letter and found["sign"]) or any("." in each for each in numbers[:-1]):
        return None
    if any(float(each) >= _MINUTES for each in numbers[1:]):
        return None
    degrees = sum(float(each) / _MINUTES**place for place, each in enumerate(numbers))
    decimals = len(numbers[-1].partition(".")[2])
    metres = METRES_PER_DEGREE / _MINUTES ** (len(numbers) - 1) / 10.0 ** min(decimals, 12)
    return _Axis(-degrees if found["sign"] == "-" or letter in {"S", "W"} else degrees, metres, letter)


def _parted(run: re.Match[str]) -> list[str]:
    numbers = [each for each in run.groups()[:3] if each]
    return [*numbers[:-1], numbers[-1] + (run[4] or "")]


# --- both ---------------------------------------------------------------------------------------------------


def _plain(text: str) -> str:
    """The text in capitals, with digits and signs of ASCII, whatever keyboard wrote it."""
    seen = plain_text(text.translate(_MARKS)).translate(_MARKS).replace("''", '"')
    return "".join(
        str(unicodedata.decimal(each)) if each.isdecimal() else each.upper() if each.isascii() else each
        for each in seen.strip()
    )


def _spot(lat: float, lon: float, metres: float, country: str | None) -> Spot:
    """A place known to within so many metres, of as many digits as that is worth."""
    known = min(max(round(metres), 1), MOST_METRES)
    places = _decimals(known)
    return Spot(round(lat, places), round(lon, places), known, country)


def _decimals(metres: int) -> int:
    """Of a degree, so many that what is cut off moves a place by less than a tenth of what it is known to."""
    return min(max(math.ceil(math.log10(5 * METRES_PER_DEGREE / metres)), 0), DECIMALS)


def _unknown(text: str) -> Invalid:
    return Invalid(
        "liaison.place",
        f"{text[:MOST_TYPED].strip()!r} is no place that can be found.",
        'Type a name of the gazetteer, degrees ("33.9, 70.1", "34°07\'24"N 71°03\'40"E"), or the grid '
        '("42S WD 12345 67890", of 2 to 10 digits).',
    )
