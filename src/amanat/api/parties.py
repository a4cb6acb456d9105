"""Parties: who they are by their latest manifests, and the words by which fingerprints are compared face to face."""

from datetime import datetime
from typing import Any

import msgspec
from litestar import Router
from litestar.params import FromPath

from amanat.exchange.means import look
from amanat.exchange.route import Here, reads
from amanat.party.errors import Invalid
from amanat.party.fingerprint import fingerprint, words
from amanat.party.manifest import Manifest, record_keys


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """A party known here. `words` are its root keys' fingerprint, as it is read out face to face."""

    party: str
    own: bool
    name: str
    serial: int
    since: datetime
    until: datetime
    custodians: int
    threshold: int
    fingerprint: str
    words: tuple[str, ...]
    record_keys: tuple[str, ...]
    revoked: tuple[str, ...]


@reads("/", "compact.read")
def list_parties(means: Here) -> tuple[Party, ...]:
    """List the parties known here, this one among them."""
    with look(means) as turn:
        return tuple(_party(turn.known.manifests[code], means.party) for code in sorted(turn.known.manifests))


@reads("/{code:str}", "compact.read")
def show_party(means: Here, code: FromPath[str]) -> Party:
    """Show one party."""
    with look(means) as turn:
        manifest = turn.known.manifests.get(code)
    if manifest is None:
        raise Invalid("party.unknown", f"No manifest of {code[:16]} is known.", "Learn it face to face.")
    return _party(manifest, means.party)


def _party(manifest: Manifest, own: str) -> Party:
    root = fingerprint(manifest.root)
    return Party(
        party=manifest.party,
        own=manifest.party == own,
        name=manifest.name,
        serial=manifest.serial,
        since=manifest.since,
        until=manifest.until,
        custodians=len(manifest.root.keys),
        threshold=manifest.root.threshold,
        fingerprint=root.hex(),
        words=words(root),
        record_keys=tuple(sorted(record_keys(manifest))),
        revoked=tuple(each.keyid for each in manifest.revoked),
    )


ROUTES: list[Any] = [Router("/parties", route_handlers=[list_parties, show_party], tags=["parties"])]
