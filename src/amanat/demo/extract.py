"""How the demo's data was made: `python -m amanat.demo.extract PAK.csv.gz AFG.csv.gz GALAXY.json.gz DIR`.

Incidents: from the Uppsala Conflict Data Program's event files of the two countries, those of 2010 to 2019 near the
line between an organisation and an authority or civilians. Groups: from the MISP galaxy of threat actors, two without
a country. Law: no person's name, no source's headline, and no place closer than a tenth of a degree is taken over.
"""

import csv
import gzip
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

FIELDS = ("side", "event", "date", "group", "against", "area", "latitude", "longitude", "deaths")
EACH = 20
GROUPS = {"TTP": "TTP", "IS": "IS in Khorasan"}
PARTIES = {
    "Civilians": "civilians",
    "Government of Pakistan": "forces of the authorities in Islamabad",
    "Government of Afghanistan": "forces of the authorities in Kabul at the time",
}
NEAR = {"pk": ((69.2, 71.7), (32.0, 35.0)), "af": ((70.0, 71.7), (33.5, 35.3))}
DESCRIBED = {"pk": "ToddyCat", "af": "NewsPenguin"}


def incidents(side: str, rows: Iterable[dict[str, str]]) -> Iterator[dict[str, str]]:
    """Yield twenty events of one side, evenly drawn in order of date."""
    found = [_event(side, row) for row in rows if _fits(side, row)]
    found.sort(key=lambda event: (event["date"], event["event"]))
    step = max(1, len(found) // EACH)
    yield from found[::step][:EACH]


def groups(galaxy: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the description of a group for each side to report, as the galaxy has it."""
    by_name = {entry["value"]: entry for entry in galaxy["values"]}
    for side, name in DESCRIBED.items():
        entry = by_name[name]
        yield {
            "side": side,
            "name": name,
            "uuid": entry["uuid"],
            "description": entry["description"],
            "aliases": entry["meta"].get("synonyms", []),
            "references": entry["meta"]["refs"][:2],
        }


def _fits(side: str, row: dict[str, str]) -> bool:
    (west, east), (south, north) = NEAR[side]
    sides = {row["side_a"], row["side_b"]}
    near = west <= float(row["longitude"]) <= east and south <= float(row["latitude"]) <= north
    known = len(sides & GROUPS.keys()) == 1 and len(sides & PARTIES.keys()) == 1
    return near and known and "2010" <= row["year"] <= "2019"


def _event(side: str, row: dict[str, str]) -> dict[str, str]:
    sides = (row["side_a"], row["side_b"])
    date = row.get("date_start") or f"{row['year']}-{int(row['month']):02}-{int(row['day']):02}"
    return {
        "side": side,
        "event": row["id"],
        "date": date[:10],
        "group": next(GROUPS[each] for each in sides if each in GROUPS),
        "against": next(PARTIES[each] for each in sides if each in PARTIES),
        "area": row.get("adm_2", ""),
        "latitude": f"{float(row['latitude']):.1f}",
        "longitude": f"{float(row['longitude']):.1f}",
        "deaths": row.get("best") or row["best_death"],
    }


def _main(pk: str, af: str, galaxy: str, folder: str) -> None:
    with (Path(folder) / "incidents.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, FIELDS, lineterminator="\n")
        writer.writeheader()
        for side, path in (("pk", pk), ("af", af)):
            with gzip.open(path, "rt", encoding="utf-8") as file:
                writer.writerows(incidents(side, csv.DictReader(file)))
    with gzip.open(galaxy, "rt", encoding="utf-8") as file:
        found = list(groups(json.load(file)))
    text = json.dumps(found, ensure_ascii=False, indent=2)
    (Path(folder) / "groups.json").write_text(f"{text}\n", "utf-8")


if __name__ == "__main__":
    _main(*sys.argv[1:])
