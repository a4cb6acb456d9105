"""The compact's witness quorum as a C2SP tlog-policy file, which any verifier of that format can apply.

One file for each owner of a log: its log keys, the others' ML-DSA-44 witness keys, and the groups without the owner.
"""

import base64
from collections.abc import Mapping
from functools import lru_cache

from amanat.compact.quorum import lines_for
from amanat.compact.signing import require_known
from amanat.compact.terms import Terms
from amanat.log.note import COSIGNATURE_MLDSA44, ED25519, VerifierKey, vkey
from amanat.party.manifest import Manifest, log_name, witness_name


def policy_for(terms: Terms, manifests: Mapping[str, Manifest], owner: str, number: int = 1) -> bytes:
    """Return the policy for the owner's log of this compact. Raises `Refused` when a manifest is not held.

    Where logs of the owner's ended, it is for the `number`-th: what stands in those before stays proved by their own.

    A party with several witness keys, while they change, is a group of them: any one of its keys is its word.
    """
    for party in sorted({owner, *terms.witnesses}):
        require_known(party, manifests)
    others = tuple((party, manifests[party]) for party in terms.witnesses if party != owner)
    return _render((terms.id, number), terms.quorum, (owner, manifests[owner]), others)


@lru_cache(maxsize=256)
def _render(
    of: tuple[str, int], quorum: str, owner: tuple[str, Manifest], others: tuple[tuple[str, Manifest], ...]
) -> bytes:
    code, manifest = owner
    origin = log_name(manifest, *of)
    lines = [f"log {vkey(VerifierKey(origin, ED25519, base64.b64decode(key)))}" for key in manifest.log]
    for party, other in others:
        lines += _witness(party, other)
    lines += [line for line in lines_for(quorum, code) if line]
    return "".join(f"{line}\n" for line in lines).encode()


def _witness(party: str, manifest: Manifest) -> list[str]:
    name = witness_name(manifest)
    keys = [vkey(VerifierKey(name, COSIGNATURE_MLDSA44, base64.b64decode(key))) for key in manifest.witness_pq]
    if len(keys) == 1:
        return [f"witness {party} {keys[0]}"]
    names = [f"{party}.{number}" for number in range(1, len(keys) + 1)]
    lines = [f"witness {name} {key}" for name, key in zip(names, keys, strict=True)]
    return [*lines, f"group {party} any {' '.join(names)}"]
