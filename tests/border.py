"""A border of three real parties, who meet only by the bundles that are carried between them.

Tests move the clock. After every test `Border.check` asks of all three nodes whatever must always hold.
"""

import io
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar, cast

import audit
from amanat.compact import terms
from amanat.exchange import bundle, join, outbox, receive
from amanat.party import canonical, dsse, labels
from amanat.party.fingerprint import fingerprint
from kept import Keeping, in_folder, let_go
from side import Clock, Side, like, public_id, side


@dataclass
class Border:
    """Three parties who meet only by what is carried; `dishonest` names those whom a test makes break the rules."""

    clock: Clock
    pk: Side
    af: Side
    obs: Side
    dishonest: set[str] = field(default_factory=set)
    keep: Keeping = in_folder

    @property
    def sides(self) -> Mapping[str, Side]:
        return {"af": self.af, "obs": self.obs, "pk": self.pk}

    def set_clock(self, party: str, **ahead: int) -> None:
        """Give a party a clock that runs with the others' and is so much ahead of them, as `timedelta` counts it."""
        side, by = self.sides[party], timedelta(**ahead)
        side.means = replace(side.means, now=lambda: self.clock() + by)

    def check(self) -> None:
        """Ask whatever must hold after anything.

        Nothing acknowledged is lost, nothing stands twice, logs, answers and countersignatures fit what was signed, and
        views are what a rebuild gives.
        """
        audit.check(self)

    def items(self, sender: str, recipient: str, *types: str) -> list[bytes]:
        """The items of these types that `sender` has for `recipient`."""
        with outbox.deliver(recipient, self.sides[sender].means) as due:
            return [item.data for item in due if item.type in types]

    def put_back(self, copy: bytes) -> None:
        """Put a copy of pk's back, as `amanat node restore` does: it says nothing until it is let."""
        self.pk.restore(copy)
        self.pk.hold_back()

    def hear(self, *parties: str) -> None:
        """Let pk hear what these countersigned of its logs."""
        for party in parties:
            self.carry(party, "pk")

    def refuse_late(self, sender: str, recipient: str) -> None:
        """Bring a stick only once the key that signed what is on it was revoked; `sender` is told so."""
        stick, side = self.bundle(sender, recipient), self.sides[sender]
        stolen = public_id(side.means.keys.record)
        side.rotate("record")
        self.sides[recipient].take("manifest", side.revoke(stolen))
        self.insert(recipient, stick)
        self.exchange(recipient, sender)

    def second_history(self) -> bytes:
        """Put pk back to before what obs countersigned and let its log grow otherwise; what it then asks of obs."""
        self.dishonest.add("pk")
        copy = self.pk.snapshot()
        self.pk.log(3)
        self.exchange("pk", "obs")
        self.pk.restore(copy)
        self.pk.log(3, start=100)
        (request,) = self.items("pk", "obs", "checkpoint")
        return request

    def bundle(self, sender: str, recipient: str) -> bytes:
        """The bytes that `sender` writes on a stick for `recipient`."""
        stick = io.BytesIO()
        with outbox.deliver(recipient, self.sides[sender].means) as due:
            bundle.write(stick, sender, recipient, due)
        return stick.getvalue()

    def insert(self, recipient: str, stick: bytes) -> receive.Report:
        """Let `recipient` take in what a stick holds, verified to its end first."""
        file = io.BytesIO(stick)
        bundle.verify(file)
        file.seek(0)
        sender, named = bundle.parties(file)
        assert named == recipient
        return receive.receive(sender, bundle.read(file), self.sides[recipient].means)

    def carry(self, sender: str, recipient: str) -> receive.Report:
        """Carry one stick."""
        return self.insert(recipient, self.bundle(sender, recipient))

    def exchange(self, one: str, other: str) -> None:
        """Carry sticks both ways between two parties until each has the other's answers."""
        for sender, recipient in ((one, other), (other, one), (one, other)):
            assert not self.carry(sender, recipient).problems

    def settle(self) -> None:
        """Carry sticks all ways until receipts are final everywhere: records, countersignatures, receipts."""
        for _ in range(3):
            for sender in self.sides:
                for recipient in self.sides.keys() - {sender}:
                    report = self.carry(sender, recipient)
                    assert not report.problems, report.problems


# --- how they came to know each other ---------------------------------------------------------------------------------


def agree(
    sides: Iterable[Side],
    amends: terms.Terms | None = None,
    *changes: tuple[bytes, bytes],
    signers: Iterable[str] = ("pk", "af"),
) -> bytes:
    """The worked example with the parties' roots in it, or a later version of it, signed by two custodians of each."""
    parties = {each.party: each for each in sides}
    example = files("amanat.compact").joinpath("examples/pk-af.toml").read_bytes()
    written = terms.fill(example, {party: fingerprint(each.manifest.root).hex() for party, each in parties.items()})
    if amends is not None:
        version = f'version = {amends.version + 1}\nprevious = "{amends.digest}"\n#'
        written = written.replace(b"version = 1", version.encode(), 1)
    for change in changes:
        assert change[0] in written
        written = written.replace(*change)
    keys = [key for party in signers for key in parties[party].custodians[:2]]
    return dsse.to_bytes(dsse.sign(labels.COMPACT, written, keys))


@contextmanager
def meet(folder: Path, random: Callable[[int], bytes] = os.urandom, keep: Keeping = in_folder) -> Iterator[Border]:
    """Let the three be as they are once they have met; `random` draws their keys, else the process drew them once."""
    clock = Clock()
    if random is os.urandom:
        sides: Mapping[str, Side] = {
            party: like(one, copy, folder, clock, keep) for party, (one, copy) in _met_once(folder, keep).items()
        }
    else:
        sides = _met(folder, clock, random, keep)
    yield Border(clock, sides["pk"], sides["af"], sides["obs"], keep=keep)
    for each in sides.values():
        let_go(each.means.engine)


_ONCE: dict[Keeping, Mapping[str, tuple[Side, bytes]]] = {}


def _met_once(folder: Path, keep: Keeping) -> Mapping[str, tuple[Side, bytes]]:
    """Three who have met, each with its database, which are copied and never worked with: meeting takes its time."""
    if keep not in _ONCE:
        first = folder / "first"
        first.mkdir()
        _ONCE[keep] = {party: (one, one.snapshot()) for party, one in _met(first, Clock(), os.urandom, keep).items()}
        for one, _ in _ONCE[keep].values():
            let_go(one.means.engine)
    return _ONCE[keep]


def _met(folder: Path, clock: Clock, random: Callable[[int], bytes], keep: Keeping) -> dict[str, Side]:
    """Let the three compare fingerprints, exchange manifests and join the compact all members signed."""
    sides = {party: side(party, folder, clock, random, keep) for party in ("pk", "af", "obs")}
    for each in sides.values():
        for other in sides.values():
            statement = dsse.sign(labels.MANIFEST, canonical.encode(other.manifest), other.custodians[:2])
            join.learn(dsse.to_bytes(statement), fingerprint(other.manifest.root), each.means)
    signed = agree(sides.values())
    for each in sides.values():
        join.join(signed, each.means)
    return sides


Brought = TypeVar("Brought")
_BROUGHT: dict[
    tuple[Keeping, Callable[[Border], Any]], tuple[Any, datetime, set[str], dict[str, tuple[Side, bytes]]]
] = {}


def brought(border: Border, do: Callable[[Border], Brought]) -> Brought:
    """Bring three who have just met to where `do` brings them, and return what it returns.

    It is done once in a process, by the first who asks; all are then given copies of what came of it.
    """
    if (border.keep, do) not in _BROUGHT:
        made = do(border)
        copies = {party: (replace(each), each.snapshot()) for party, each in border.sides.items()}
        _BROUGHT[border.keep, do] = made, border.clock.at, {*border.dishonest}, copies
    made, border.clock.at, dishonest, copies = _BROUGHT[border.keep, do]
    border.dishonest = {*dishonest}
    for party, (there, copy) in copies.items():
        border.sides[party].become(there, copy)
    return cast("Brought", made)


def codes(report: receive.Report) -> list[tuple[str, str]]:
    """What of a bundle did not hold: type of item and code of error."""
    return [(type_, getattr(problem, "code", "")) for type_, problem in report.problems]
