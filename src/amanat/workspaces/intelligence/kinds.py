"""The bodies of intelligence records, with examples that documents, tests and the demo use.

Law: a body carries a public format whole and unchanged (`msgspec.Raw` keeps the sender's bytes); what it means to the
floors is read from those bytes and never claimed beside them.
"""

from typing import Final

import msgspec

from amanat.record.kind import Facts, Kind
from amanat.workspaces.intelligence import stix
from amanat.workspaces.intelligence.facts import read_facts


class Report(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A STIX 2.1 bundle, byte for byte as its producer wrote it, without white space around it."""

    bundle: msgspec.Raw


def _facts(body: Report) -> Facts:
    return read_facts(stix.read(bytes(body.bundle)))


_EXAMPLE: Final = b"""{
  "type": "bundle",
  "id": "bundle--3f2b0b52-6f0c-4d38-9a57-2a9f4d7f6a01",
  "objects": [
    {
      "type": "incident",
      "spec_version": "2.1",
      "id": "incident--0e2a7f7e-6a63-4b57-8f0c-5ad1c9b8d102",
      "created": "2026-11-24T06:30:00.000Z",
      "modified": "2026-11-24T06:30:00.000Z",
      "name": "Mortar fire near the line (exercise)",
      "confidence": 70,
      "x_rounds_counted": 4
    },
    {
      "type": "location",
      "spec_version": "2.1",
      "id": "location--7b1c0f0a-2a55-4f0e-9a3b-6f1f5d0c9e03",
      "created": "2026-11-24T06:30:00.000Z",
      "modified": "2026-11-24T06:30:00.000Z",
      "country": "PK",
      "administrative_area": "Kurram"
    },
    {
      "type": "report",
      "spec_version": "2.1",
      "id": "report--c0a8f5de-1d0e-4d5b-8a77-9be1f2a3b404",
      "created": "2026-11-24T06:30:00.000Z",
      "modified": "2026-11-24T06:30:00.000Z",
      "name": "Mortar fire near the line (exercise)",
      "published": "2026-11-24T06:30:00.000Z",
      "object_refs": [
        "incident--0e2a7f7e-6a63-4b57-8f0c-5ad1c9b8d102",
        "location--7b1c0f0a-2a55-4f0e-9a3b-6f1f5d0c9e03"
      ]
    }
  ]
}"""

REPORT: Final = Kind(
    name="intelligence.report",
    version=1,
    body=Report,
    on_withdraw="destroy",
    summary="What one party's service knows of a threat or an incident, as a STIX 2.1 bundle.",
    examples=(Report(msgspec.Raw(_EXAMPLE)),),
    facts=_facts,
)
