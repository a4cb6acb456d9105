"""Nine ways to cheat, each really tried on copies of the three parties, and the check by which each is caught.

Law: an attack would work if its check were gone, and has held only if that very check caught it, by its code. What an
attacker is given (the stick, a database, a content key, a signing key) is what docs/threat-model.md gives.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from amanat.demo import courier, insider, logkeeper
from amanat.demo.cast import Cast, doubles
from amanat.demo.trial import Catch


@dataclass(frozen=True, slots=True)
class Attack:
    """One way to cheat: its name, what the attacker does, the page that says what holds, and the attack itself."""

    name: str
    what: str
    page: str
    attempt: Callable[[Cast, Path], Sequence[Catch]]


ATTACKS = (
    Attack(
        "A byte of an envelope",
        "The courier flips a bit on the stick.",
        "docs/protocol/envelope.md, Opening 2 and 4",
        courier.altered_byte,
    ),
    Attack(
        "An envelope left out of a bundle",
        "The courier takes the second of three off the stick, and writes the frame anew so that it fits.",
        "docs/protocol/bundle.md, Taking a bundle in 4",
        courier.left_out,
    ),
    Attack(
        "A rewritten leaf",
        "af rewrites its own log, so that a report of pk never stood there.",
        "docs/protocol/receipt.md, The log",
        logkeeper.rewritten_leaf,
    ),
    Attack(
        "A replay into another compact",
        "What pk said under one compact is brought under a second one that the same parties signed.",
        "docs/protocol/envelope.md, Opening 2 and 6",
        insider.replayed,
    ),
    Attack(
        "A re-addressed envelope",
        "The courier writes the observer's name and key where af's stood.",
        "docs/protocol/envelope.md, Opening 2",
        courier.readdressed,
    ),
    Attack(
        "A record wrapped anew",
        "af, who may read it, wraps pk's signed record for the observer; pk would seem to have sent two under one id.",
        "docs/protocol/envelope.md, Opening 5",
        insider.rewrapped,
    ),
    Attack(
        "One ciphertext, two texts",
        "pk builds a ciphertext that opens under two keys, tag and all, and gives each reader another key.",
        "docs/protocol/envelope.md, Opening 3",
        insider.two_readings,
    ),
    Attack(
        "Two histories",
        "pk goes on from an old copy of its database: af has seen one history, the observer is shown another.",
        "docs/threat-model.md, A party that tells two others different things",
        logkeeper.two_histories,
    ),
    Attack(
        "A revoked key",
        "A thief has pk's whole node. The custodians revoke its key; the thief signs, dated before that.",
        "docs/protocol/envelope.md, Opening 6",
        insider.revoked_key,
    ),
)


def attempt(attack: Attack, cast: Cast) -> Sequence[Catch]:
    """Try an attack on copies of the parties, and return what each of its tries met. Nothing of it stays."""
    with TemporaryDirectory(prefix="amanat-") as place, doubles(cast, Path(place)) as copies:
        return attack.attempt(copies, Path(place))
