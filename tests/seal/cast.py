"""Who takes part in the tests of the seal, and the record they pass on."""

import base64
from datetime import UTC, datetime

import msgspec

from amanat.party.manifest import Manifest, Revoked, Sealing
from amanat.party.root import Root
from amanat.record.handling import Handling
from amanat.record.kind import Kind, Kinds
from amanat.record.record import Draft, Post, Record, compose
from seal.by_hand import Hand, Party

PK, AF, OBS, OTHER = Party("pk", 1), Party("af", 2), Party("obs", 3), Party("other", 4)
NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
SINCE, UNTIL = datetime(2026, 11, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
COMPACT = "ab" * 32
ID = "01936000-0000-7000-8000-000000000001"


class Sighting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a post saw."""

    text: str


KINDS = Kinds([Kind("test.sighting", 1, Sighting, "destroy", "A sighting.", (Sighting("a lorry"),))])


def record(text: str = "a lorry", audience: tuple[str, ...] = ("af", "obs"), id_: str = ID) -> Record:
    draft = Draft("test.sighting/1", Sighting(text), audience, Handling(tlp="TLP:AMBER", purpose="aid"), COMPACT)
    return compose(draft, Post("pk", "torkham/duty"), KINDS, id_, NOW)


def hand(text: str = "a lorry") -> Hand:
    """An honest envelope from pk to af and obs, by hand."""
    return Hand(record(text).data, PK, (AF, OBS), COMPACT, ID)


def manifest(party: Party, revoked: tuple[str, ...] = ()) -> Manifest:
    """A party's manifest; with `revoked`, its record key is another one by now."""
    current = base64.b64encode(OTHER.record_public if party.record_id in revoked else party.record_public).decode()
    spare = [base64.b64encode(bytes([party.seed, role]) * 16).decode() for role in range(3)]
    return Manifest(
        party=party.code,
        serial=1,
        since=SINCE,
        until=UNTIL,
        name=f"{party.code}.amanat.example",
        root=Root(1, (spare[0],)),
        record=(current,),
        log=(spare[1],),
        witness=(spare[2],),
        witness_pq=(base64.b64encode(bytes([party.seed]) * 1312).decode(),),
        sealing=(Sealing(base64.b64encode(party.sealing_bytes).decode(), SINCE, UNTIL),),
        revoked=tuple(Revoked(key, NOW, "stolen") for key in revoked),
    )


MANIFESTS = {party.code: manifest(party) for party in (PK, AF, OBS)}
