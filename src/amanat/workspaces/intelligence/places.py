"""Places told anywhere in a bundle, in objects or in words, and how exactly.

Law: a place is as exact as its digits, whatever is said beside them; one told in a way that nobody here can measure (a
code, an address, a link to a map, an object that is elsewhere) is exact. Its country is the sender's word: no border is
drawn here, since the line is not ours to draw. Two words for it are none.
"""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, Final

from amanat.party.folding import plain_text
from amanat.record.kind import Place
from amanat.workspaces.intelligence.stix.parts import holds, said, words

METRES_PER_DEGREE: Final = 111_000

# Properties that tell a place closely without a latitude: grids, codes, geometries, addresses, the smallest of names.
_EXACT: Final = words(
    """
    city coord coordinate coordinates coords geo_point geo_uri geocode geohash geojson geom geometry geopoint
    gps grid_ref grid_reference h3 hamlet home_address house_number lat_lng lat_lon latlng latlon latlong mgrs mohalla
    neighborhood neighbourhood olc open_location_code physical_address plus_code pluscode postal_address postal_code
    postcode quadkey residence street street_address usng utm village w3w what3words wkb wkt zip_code
    """
)
_LATITUDES: Final = words("lat lats latitude latitudes northing northings")
_LONGITUDES: Final = words("lng lngs lon lons longitude longitudes easting eastings")

# Each begins with what is rare, so that a long text is searched quickly; what stands before is looked at afterwards.
_DEGREES: Final = r"\d(?<![\w.]\d)\d{0,2}\.\d{%d,}"
_PAIRS: Final = (
    re.compile(rf"({_DEGREES % 2})\s?\u00b0?\s?[NSEWnsew]?[\s,;:/|+-]{{1,4}}({_DEGREES % 2})"),
    re.compile(rf"({_DEGREES % 3})[^\d.]{{1,24}}({_DEGREES % 3})"),
)
_WRITTEN: Final = (
    re.compile(r"\d\s?[\u00b0o]\s?\d{1,2}(\s?\.\d+)?\s?'"),  # 34° 07'
    re.compile(r"\d(?<!\d\d)\d{3,5}(\.\d+)?[NS][\s,/;-]*\d{5,7}(\.\d+)?[EW]\b"),  # 340724N 0713404E
    re.compile(r"\d(?<![\w+/=]\d)\d?\s?[C-HJ-NP-X]\s?[A-HJ-NP-Z]{2}\s?(\d{4,10}|\d{2,5}\s\d{2,5})(?![\w+/=])"),  # MGRS
    re.compile(r"\+(?<=[2-9CFGHJMPQRVWX]{8}\+)(?<![\w+/=]\w{8}\+)[2-9CFGHJMPQRVWX]{2,}(?![\w+/=])"),  # a plus code
    re.compile(r"8(?<![\w+/=]8)[5-9a-d][0-9a-f]{12}f(?![\w+/=])"),  # an H3 cell of resolution 5 and finer
    re.compile(r"geo:-?\d"),  # RFC 5870
)
# Identifiers, times and words, which most texts of a bundle are: a short way out.
_NO_PLACE: Final = re.compile(r"[a-z0-9-]+--[0-9a-f-]{36}|[\d-]{10}T[\d:.]+Z|[A-Za-z _-]*", re.ASCII)
_MAPS: Final = (
    "maps.app.goo.gl",
    "goo.gl/maps",
    "maps.google.",
    "/maps/",
    "/maps?",
    "maps.apple.com",
    "openstreetmap.org",
    "osm.org/",
    "what3words.com",
    "w3w.co/",
    "wikimapia.org",
    "geohack.",
)


def places(objects: Iterable[Any], elsewhere: Iterable[str]) -> tuple[Place, ...]:
    """Return every place told in a bundle's objects; `elsewhere` are the types of objects it refers to and lacks."""
    found = {place for item in objects for place in _places(item, None)}
    if "location" in elsewhere:
        found.add(Place(None, 0))
    return tuple(sorted(found, key=repr))


def _places(value: Any, country: str | None) -> Iterator[Place]:  # noqa: ANN401 - foreign JSON
    """Every place told anywhere in `value`, in the country that its nearest object names."""
    if isinstance(value, str):
        yield from (Place(country, metres) for metres in _told(value))
    elif isinstance(value, list):
        yield from (Place(country, metres) for metres in _unnamed(value))
        for one in value:
            yield from _places(one, country)
    elif isinstance(value, dict):
        here = said(value)
        country = _country(_ending(here, "country"), country)
        told = list(_named(here)) or _unnamed([*value, *value.values()])
        yield from (Place(country, metres) for metres in told)
        yield from (Place(country, metres) for name in value for metres in _told(name))
        for one in value.values():
            yield from _places(one, country)


# --- by the names of properties -----------------------------------------------------------------------------


def _named(here: dict[str, list[Any]]) -> Iterator[float]:
    if any(holds(name, _EXACT) for name in here):
        yield 0
    latitudes = [one for name, values in here.items() if _is(name, _LATITUDES, "latitude") for one in values]
    longitudes = [one for name, values in here.items() if _is(name, _LONGITUDES, "longitude") for one in values]
    if latitudes:
        longitudes += _ending(here, "long")
    if latitudes or longitudes:
        yield _metres(latitudes, longitudes, _ending(here, "precision"))


def _ending(here: dict[str, list[Any]], word: str) -> list[Any]:
    """What stands under a word, or under a name that ends with it: x_acme_country."""
    return [one for name, values in here.items() if f"_{name}".endswith(f"_{word}") for one in values]


def _is(name: str, words: frozenset[str], unmistakable: str) -> bool:
    return unmistakable in name or any(word.rstrip("0123456789") in words for word in name.split("_"))


def _metres(latitudes: list[Any], longitudes: list[Any], precisions: Iterable[Any]) -> float:
    """How far from its coordinates a place may be: as the sender says, but no farther than their digits let it.

    Without that, exact coordinates could pass as vague ones by a number written beside them. Two latitudes in one
    object are degrees and minutes, or two ends of something: exact.
    """
    if len(set(map(repr, latitudes))) > 1 or len(set(map(repr, longitudes))) > 1:
        return 0
    stated = min((one for one in precisions if isinstance(one, int | float)), default=0)
    return min(stated, *map(_grid, (*latitudes, *longitudes)))


def _grid(degrees: Any) -> float:  # noqa: ANN401 - foreign JSON
    """The width in metres of the grid that a coordinate's decimals make: 34.5 is on one of 11 km.

    What is no number of degrees (a text, 341234 for 34.1234) is exact.
    """
    if isinstance(degrees, bool) or not isinstance(degrees, int | float) or abs(degrees) > 180:  # noqa: PLR2004 - degrees
        return 0
    exponent = Decimal(repr(degrees)).as_tuple().exponent
    return METRES_PER_DEGREE * 10.0 ** min(exponent, 0) if isinstance(exponent, int) else 0


def _country(codes: list[Any], outer: str | None) -> str | None:
    """The one country an object says it is in, else the one around it; None where it says two."""
    if not codes:
        return outer
    stated = {code.upper() for code in codes if isinstance(code, str) and re.fullmatch("[A-Za-z]{2}", code)}
    return stated.pop() if len(stated) == 1 else None


# --- by their look ------------------------------------------------------------------------------------------


def _unnamed(values: list[Any]) -> Iterator[float]:
    """Two numbers side by side, under whatever names, that have three decimals each and could be degrees."""
    degrees = [one for one in map(_number, values) if one is not None and 1 < abs(one) <= 180 and _grid(one) <= 111]  # noqa: PLR2004 - degrees, metres
    if len(degrees) > 1 and any(abs(one) <= 90 for one in degrees):  # noqa: PLR2004 - degrees
        yield min(map(_grid, degrees))


def _number(value: Any) -> float | None:  # noqa: ANN401 - foreign JSON
    if isinstance(value, str) and re.fullmatch(r"\s*[-+]?\d{1,3}\.\d+\s*", value := plain_text(value)):
        value = float(value)
    return value if isinstance(value, float) else None


def _told(text: str) -> Iterator[float]:
    """Places written out in a text, in whatever digits."""
    if _NO_PLACE.fullmatch(text):
        return
    text = plain_text(text)
    for pair in _PAIRS:
        for found in pair.finditer(text):
            one, other = (float(number) for number in found.groups())
            if min(abs(one), abs(other)) <= 90 and max(abs(one), abs(other)) <= 180:  # noqa: PLR2004 - degrees
                yield min(_grid(one), _grid(other))
    if any(form.search(text) for form in _WRITTEN) or ("/" in text and any(site in text for site in _MAPS)):
        yield 0
