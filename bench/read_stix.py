"""What does a STIX bundle cost a node: reading, telling the floors, filling the list? 1 KiB, 1 MiB, and files named.

Both sides run in turn in the same process, on the same bytes. Ours: `stix.read` (JSON, I-JSON, STIX), `read_facts`,
and what `apply` does. The peer: OASIS's `stix2.parse`, which reads and judges but knows no floors. The last
line is peer / ours over the whole of our road, for 1 MiB: above 1 we are the faster.

    python bench/read_stix.py ics-attack.json
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import stix2

from amanat.party import canonical
from amanat.party.errors import Invalid
from amanat.record.record import MAX_RECORD_BYTES
from amanat.workspaces.intelligence import rules, stix
from amanat.workspaces.intelligence.facts import read_facts
from measuring import dearest, seconds

TIMES = 5
STAMP = "2026-11-24T06:30:00.000Z"


def indicators(size: int) -> bytes:
    """A bundle of invented indicators, of at least so many bytes."""
    objects = [
        {
            "type": "indicator",
            "spec_version": "2.1",
            "id": f"indicator--00000000-0000-4000-8000-{number:012}",
            "created": STAMP,
            "modified": STAMP,
            "name": "An invented indicator (exercise)",
            "description": "What is said of it takes about as many words as an officer has time for. " * 3,
            "pattern": "[domain-name:value = 'invented.example']",
            "pattern_type": "stix",
            "valid_from": "2026-11-24T06:30:00Z",
            "labels": ["exercise"],
        }
        for number in range(size // 600 + 1)
    ]
    whole = {"type": "bundle", "id": "bundle--00000000-0000-4000-8000-000000000000", "objects": objects}
    return json.dumps(whole).encode()


def milliseconds(ask: Callable[[], object]) -> float:
    """The quickest of a few runs; the others waited for somebody."""
    return min(seconds(ask) for _ in range(TIMES)) * 1000


def measure(name: str, data: bytes) -> float:
    """Print a bundle's line, and return peer / ours."""
    objects = stix.read(data)
    steps = {
        "json": milliseconds(lambda: json.loads(data)),
        "i-json": milliseconds(lambda: canonical.plain(data, "bundle")),
        "read": milliseconds(lambda: stix.read(data)),
        "facts": milliseconds(lambda: read_facts(objects)),
        "again": milliseconds(lambda: stix.objects(data)),
        "list": milliseconds(lambda: (rules.summarise(objects), rules.search_text(objects))),
        "stix2": milliseconds(lambda: stix2.parse(data.decode(), allow_custom=True, version="2.1")),
    }
    shown = "  ".join(f"{step} {taken:.2f}" for step, taken in steps.items())
    fits = "" if len(data) <= MAX_RECORD_BYTES else ", more than a record holds"
    print(f"{name}: {len(data)} bytes, {len(objects)} objects{fits}; milliseconds: {shown}")
    return steps["stix2"] / (steps["read"] + steps["facts"] + steps["again"] + steps["list"])


def main() -> None:
    """Print a line for each bundle, then the ratio."""
    measure("1 KiB", indicators(1024))
    ratio = measure("1 MiB", indicators(1024 * 1024))
    for path in map(Path, sys.argv[1:]):
        try:
            measure(path.name, path.read_bytes().strip(b" \t\r\n"))
        except Invalid as problem:
            print(f"{path.name}: refused: {problem}")
    print(dearest(lambda: read_facts(stix.read(indicators(1024 * 1024)))))
    print(f"ratio stix2_parse_vs_ours_1_MiB {ratio:.2f}")


if __name__ == "__main__":
    main()
