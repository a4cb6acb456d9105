"""What people decide and the node then keeps: a first manifest, compared face to face, and joining a compact."""

from amanat.compact import signing
from amanat.compact.terms import Terms
from amanat.exchange import sequencer
from amanat.exchange.means import Means, begin
from amanat.party.errors import Invalid
from amanat.party.manifest import Manifest, accept_first, require_own_keys
from amanat.store import statements


def learn(statement: bytes, fingerprint: bytes, means: Means) -> Manifest:
    """Keep a party's first manifest, whose root has the fingerprint that people compared. Raises `Invalid`.

    A name and a key have one holder: what is signed by them would else be laid to whoever else has them.
    """
    manifest = accept_first(statement, fingerprint)
    with begin(means) as turn:
        if manifest.party in turn.known.manifests:
            raise Invalid(
                "manifest.known",
                f"A manifest of {manifest.party} is known already.",
                "Later ones are taken in by themselves.",
            )
        for other in turn.known.manifests.values():
            if manifest.name == other.name:
                raise Invalid(
                    "manifest.name",
                    f"The manifest of {manifest.party} takes the name {manifest.name}, which {other.party} holds.",
                    "Do not use it; ask both parties, face to face, whose name it is.",
                )
        require_own_keys(manifest, turn.known.manifests.values())
        statements.add_manifest(turn.tx, manifest.party, manifest.serial, statement)
    return manifest


def join(statement: bytes, means: Means) -> Terms:
    """Join a compact that every member signed, and make this party's log for it. Raises `Invalid` or `Refused`."""
    with begin(means) as turn:
        terms = signing.accept_compact(statement, turn.known.manifests, None)
        if terms.id in turn.known.compacts:
            raise Invalid("compact.joined", f"The compact {terms.id} is joined already.", "Nothing is to be done.")
        if means.party not in terms.parties:
            raise Invalid("compact.parties", f"{means.party} is no party of {terms.id}.", "Give the right file.")
        statements.add_compact(turn.tx, terms.id, terms.version, terms.digest, statement)
        sequencer.create(turn, terms.id)
    return terms
