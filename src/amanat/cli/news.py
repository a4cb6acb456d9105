"""What an import changed of who speaks and of what stands: told at once, for nobody looks for what they do not expect.

Law: every act that was new is told, and every later manifest with the keys it revokes, whichever party brought them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from amanat.cli.statement import SHORT
from amanat.cli.stopping import told
from amanat.compact.signing import Act
from amanat.exchange.agreed import acts_of
from amanat.exchange.means import Known, Turn, texts
from amanat.party.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known at one moment: manifests and compacts with their states, and the acts on each compact."""

    known: Known
    acts: frozenset[tuple[str, Act]]


@dataclass(frozen=True, slots=True)
class News:
    """What became known: acts by compact, in order of time, each told in a sentence; later manifests by party."""

    acts: tuple[tuple[str, Act, str], ...]
    manifests: tuple[tuple[Manifest, tuple[str, ...]], ...]

    def lines(self) -> Iterator[str]:
        """Say it, a line each."""
        for manifest, revoked in self.manifests:
            tail = f"; it revokes {', '.join(revoked)}" if revoked else ""
            yield f"{manifest.party} has manifest {manifest.serial}, valid to {manifest.until:%Y-%m-%d}{tail}"
        for id_, _, sentence in self.acts:
            yield f"{id_}: {sentence}"

    def data(self) -> dict[str, Any]:
        """Return it for a program."""
        return {
            "manifests": [
                {"party": each.party, "serial": each.serial, "revoked": revoked} for each, revoked in self.manifests
            ],
            "acts": [{"compact": id_, "act": act} for id_, act, _ in self.acts],
        }


def standing(turn: Turn) -> Standing:
    """Return what is known now."""
    compacts = turn.known.compacts.values()
    acts = frozenset((each.terms.id, act) for each in compacts for act in acts_of(turn, each.terms.id))
    return Standing(turn.known, acts)


def since(before: Standing, turn: Turn) -> News:
    """Return what became known since then."""
    after = standing(turn)
    acts = sorted(after.acts - before.acts, key=_time)
    sentences = [f"{told(act, texts(turn.tx, id_))} {id_} is {turn.known.compact(id_).state}." for id_, act in acts]
    manifests = [
        (manifest, _revoked(before.known.manifests.get(party), manifest))
        for party, manifest in sorted(turn.known.manifests.items())
        if before.known.manifests.get(party) != manifest
    ]
    told_acts = ((id_, act, sentence) for (id_, act), sentence in zip(acts, sentences, strict=True))
    return News(tuple(told_acts), tuple(manifests))


def _revoked(before: Manifest | None, now: Manifest) -> tuple[str, ...]:
    """The keys that a manifest newly revokes, each with its reason."""
    earlier = before.revoked if before else ()
    return tuple(f"{each.keyid[:SHORT]} as {each.reason}" for each in now.revoked if each not in earlier)


def _time(act: tuple[str, Act]) -> tuple[str, Any, str, int]:
    id_, what = act
    return id_, what.at, what.party, what.serial
