"""What do more parties in one compact cost? 3, 5 and 8 of them; every member writes to all the others, all countersign.

Real nodes and the real exchange, carried between all pairs until every receipt is final; no wire, which would add the
same to each. Printed for each number of parties: processor time for a record and recipient, at all nodes together;
bytes carried for a record and recipient; and bytes of countersigning for a pair of parties and a round. The last lines
are what that is with 8 parties beside what it is with 3: 1 means that the whole grows with the number of recipients,
or of pairs.
"""

import json
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path

from amanat.compact.terms import defaults
from amanat.demo import cast
from amanat.demo.cast import Cast
from amanat.exchange import bundle
from amanat.exchange.outbox import deliver
from amanat.exchange.receive import receive
from amanat.exchange.send import send
from amanat.party.fingerprint import fingerprint
from amanat.record.record import Draft, Post
from bundle_import import BODY_BYTES, REPORT, Report, small

SIZES, RECORDS, ROUNDS = (3, 5, 8), 40, 3
WITNESSING = ("checkpoint", "cosignature")


@dataclass(frozen=True)
class Cost:
    """Of a number of parties: processor seconds and bytes a record and recipient, witness bytes a pair and round."""

    processor: float
    carried: float
    witnessing: float


@contextmanager
def border(folder: Path, parties: int) -> Iterator[Cast]:
    """So many parties, of whom one is the observer."""
    codes = ["pk", "af", "obs", *(f"m{number}" for number in range(4, parties + 1))]
    made = {code: cast.make_party(code, folder / code) for code in codes}
    cast.introduce(made)
    cast.join_all(made, cast.sign_compact(made, text(made)))
    try:
        yield {code: small(actor) for code, actor in made.items()}
    finally:
        cast.close(made)


def text(parties: Cast) -> bytes:
    """The worked compact with more members, each of whom may write to each."""
    members = [code for code in parties if code != "obs"]
    written = cast.compact_text({code: parties[code] for code in cast.NAMES}).decode()
    for code, country in zip(members[2:], ("IR", "TM", "UZ", "TJ", "CN"), strict=False):
        root = fingerprint(parties[code].manifest.root).hex()
        member = f'[members.{code}]\nname = "{code}"\nroot = "{root}"\nadministers = ["{country}"]\n\n'
        written = written.replace("[observers.obs]", f"{member}[observers.obs]")
    directions = [f'"{one} > {other}"' for one, other in permutations(members, 2)]
    directions += [f'"{one} > obs"' for one in members]
    principals = ", ".join(f'Party::"{code}"' for code in members)
    for old, new in (
        ('directions = ["pk > af", "af > pk", "pk > obs", "af > obs"]', f"directions = [{', '.join(directions)}]"),
        ('Party::"pk", Party::"af"', principals),
        ('["pk", "af"].contains(context.to)', f"{json.dumps(members)}.contains(context.to)"),
        ("all pk af obs", f"all {' '.join(parties)}"),
    ):
        written = written.replace(old, new)
    return written.encode()


def write_all(parties: Cast) -> int:
    """Let every member write to all the others; return for how many recipients records were, in all."""
    members = [code for code in parties if code != "obs"]
    for code in members:
        means, terms = parties[code].means, cast.terms_of(parties[code])
        others = tuple(sorted(each for each in members if each != code))
        handling = defaults(terms, REPORT.label, means.now())
        body = Report("x" * BODY_BYTES)
        drafts = [Draft(REPORT.label, body, others, handling, terms.digest) for _ in range(RECORDS)]
        send(drafts, Post(code, "desk"), means)
    return RECORDS * len(members) * (len(members) - 1)


def settle(parties: Cast) -> Counter[str]:
    """Carry all that is due between all pairs, until nothing but signs of life is left; return bytes by type."""
    carried = Counter[str]()
    for _ in range(ROUNDS):
        for sender, recipient in permutations(parties, 2):
            with deliver(recipient, parties[sender].means) as due:
                items = list(due)
            for item in bundle.as_written(items):
                carried[item.type] += len(item.data)
            if problems := receive(sender, items, parties[recipient].means).problems:
                raise SystemExit(f"error: {problems}")
    return carried


def measured(folder: Path, count: int) -> Cost:
    """Let so many parties write, and settle it."""
    with border(folder, count) as parties:
        settle(parties)
        begun = time.process_time()
        recipients = write_all(parties)
        carried = settle(parties)
        took = time.process_time() - begun
    witnessing = sum(carried[type_] for type_ in WITNESSING) / (count * (count - 1) * ROUNDS)
    return Cost(took / recipients, (carried["envelope"] + carried["receipt"]) / recipients, witnessing)


def main() -> None:
    """Measure each number of parties; print figures and ratios."""
    costs = {}
    for count in SIZES:
        with tempfile.TemporaryDirectory() as place:
            costs[count] = each = measured(Path(place), count)
        print(
            f"{count} parties: {each.processor * 1e3:.2f} ms of processor and {each.carried / 1024:.1f} KiB a record "
            f"and recipient; {each.witnessing / 1024:.1f} KiB of countersigning a pair and round"
        )
    few, many = costs[SIZES[0]], costs[SIZES[-1]]
    print(f"ratio witness_bytes_a_pair_8_vs_3 {many.witnessing / few.witnessing:.2f}")
    print(f"ratio record_cost_a_recipient_8_vs_3 {many.processor / few.processor:.2f}")


if __name__ == "__main__":
    main()
