"""How long until one hears whether a plan clashes? 10,000 activities told of, with more added and ended in between.

Ours: a plan is held against all that the other side told of, through the database of a party's node: a transaction that
reads, from the cells to the sorted verdicts. Every activity stands beside its notice, which was acknowledged. Before
every tenth question one is ended by a step and another told of, in a transaction that is durable before the question.
The floor: the same question of the same activities in memory, found by the same cells, each already read and measured;
there is no database, and it is gone with the process. Both must say the same. The last line is ours / the floor, at the
99th of a hundred questions.
"""

import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from random import Random
from statistics import mean, median, quantiles

from amanat.compact.terms import Terms
from amanat.demo import cast
from amanat.exchange.means import Means, Turn, begin, look
from amanat.workspaces.liaison.ground.shapes import Shape
from amanat.workspaces.liaison.ground.spines import Ball, at_least, cells
from amanat.workspaces.liaison.notices.activities import ACTIVITY, CELL, against, disclose, proposals
from amanat.workspaces.liaison.notices.deconfliction import Activity, Verdict, farthest, judge, reach, severity
from amanat.workspaces.liaison.notices.tables import NOTICE, STEP
from amanat.workspaces.liaison.sealed.tables import SEALED, UNSEALED
from amanat.workspaces.liaison.tests.planned import MORNING, Spread, by_chance
from amanat.workspaces.liaison.views import TABLES, spell
from measuring import dearest, seconds

TOLD, QUESTIONS, CHANGES_EVERY = 10_000, 2_000, 10
PROPOSED = 100
AT = spell(MORNING)
LINE = Spread(begins=(29.5, 61.0), ends=(37.0, 72.0), aside=0.1, days=60)
"""Some 1,300 km of it: eight activities for every kilometre, over two months."""

Found = list[tuple[Activity, Verdict]]


@dataclass
class Memory:
    """Activities by the cells they are in, each with its ball."""

    told: dict[str, tuple[Activity, Ball]] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=count)
    cells: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))

    def disclose(self, activity: Activity) -> None:
        """Add an activity."""
        self.told[activity.id] = activity, activity.ground.ball
        for cell in cells(activity.ground):
            self.cells[cell].add(activity.id)

    def end(self, id_: str) -> None:
        """Take an activity out."""
        activity, _ = self.told.pop(id_)
        for cell in cells(activity.ground):
            self.cells[cell].remove(id_)

    def against(self, terms: Terms, plan: Activity) -> Found:
        """Return what the database is to find too."""
        most, _ = reach(terms, plan.type)
        its, found = plan.ground.ball, Found()
        for id_ in set[str]().union(*(self.cells[cell] for cell in cells(plan.ground, most))):
            activity, where = self.told[id_]
            away = at_least(its, where)
            if away <= most and (within := farthest(terms, plan, activity)) is not None and away <= within:
                verdict = judge(terms, plan, activity)
                found += [(activity, verdict)] if verdict.level != "clear" else []
        return sorted(found, key=lambda each: (severity(each[1]), each[1].metres or 0.0, each[0].party, each[0].id))


def node(folder: Path) -> tuple[Means, Terms]:
    """A party's node, with the tables of activities, and the compact that it joined."""
    parties = {code: cast.make_party(code, folder / code) for code in ("pk", "af", "obs")}
    cast.introduce(parties)
    terms = cast.join_all(parties, cast.sign_compact(parties, cast.compact_text(parties)))
    means = parties["af"].means
    with begin(means) as turn:
        TABLES.create_all(turn.tx, tables=[ACTIVITY, CELL, NOTICE, STEP, SEALED, UNSEALED])
    return means, terms


def asking(means: Means, terms: Terms, plan: Activity) -> Found:
    """Ask the node's database of a plan."""
    with look(means) as turn:
        return list(against(turn.tx, terms, plan).found)


def proposing(means: Means, terms: Terms, plan: Activity, shape: Shape) -> None:
    """Ask it what would be clear."""
    with look(means) as turn:
        proposals(turn.tx, terms, plan, shape, MORNING)


def change(means: Means, memory: Memory, terms: Terms, gone: str, added: Activity) -> None:
    """End one activity and tell of another; in both."""
    with begin(means) as turn:
        step(turn, terms, "pk", gone, ends=True)
        tell(turn, terms, added)
    memory.end(gone)
    memory.disclose(added)


def tell(turn: Turn, terms: Terms, activity: Activity) -> None:
    """Tell of an activity: its notice, the word of the other side that it has it, and what is held against others."""
    during = {"since": spell(activity.window.since), "until": spell(activity.window.until)}
    row = common(terms, activity.party, activity.id) | during | {"type": activity.type, "counts": AT, "body": "{}"}
    turn.tx.execute(NOTICE.insert(), row)
    step(turn, terms, "af", activity.id, ends=False)
    disclose(turn.tx, terms.digest, activity, AT)


def step(turn: Turn, terms: Terms, party: str, id_: str, *, ends: bool) -> None:
    """Add what follows a notice of pk's."""
    of = {"type": "ended" if ends else "acknowledged", "of_party": "pk", "of_id": id_, "ends": ends, "body": "{}"}
    turn.tx.execute(STEP.insert(), common(terms, party, f"{id_}-{ends}") | of)


def common(terms: Terms, party: str, id_: str) -> dict[str, object]:
    """What every row of a record has."""
    named = {"party": party, "id": id_, "post": "duty", "recipient": "", "compact": terms.digest}
    return named | {"at": AT, "exercise": False}


def filled(means: Means, terms: Terms, chance: Random) -> Memory:
    """Tell of as many as there are to be."""
    memory = Memory()
    with begin(means) as turn:
        for _ in range(TOLD):
            memory.disclose(activity := LINE.activity(chance, "pk", next(memory.numbers)))
            tell(turn, terms, activity)
    return memory


def timed(work: Callable[[], Found], times: list[float]) -> Found:
    """What is found, noting the milliseconds that it takes."""
    found = list[Found]()
    times.append(1000 * seconds(lambda: found.append(work())))
    return found[0]


def asked(means: Means, terms: Terms, memory: Memory, chance: Random) -> dict[str, list[float]]:
    """The milliseconds of each question, of both, and of each change; and how many were found."""
    taken: dict[str, list[float]] = {"ours": [], "the floor": [], "a change": [], "found": []}
    for number in range(QUESTIONS):
        if number % CHANGES_EVERY == 0:
            gone, added = chance.choice(sorted(memory.told)), LINE.activity(chance, "pk", next(memory.numbers))
            taken["a change"].append(1000 * seconds(partial(change, means, memory, terms, gone, added)))
        plan = LINE.activity(chance, "af", number)
        found = timed(partial(asking, means, terms, plan), taken["ours"])
        if found != timed(partial(memory.against, terms, plan), taken["the floor"]):
            raise SystemExit(f"error: database and memory differ about {plan}")
        taken["found"].append(len(found))
    return taken


def main() -> None:
    """Print what was found, how long it took, and where the time went."""
    chance = by_chance(2026)
    with tempfile.TemporaryDirectory() as folder:
        means, terms = node(Path(folder))
        memory = filled(means, terms, chance)
        asked(means, terms, memory, chance)  # once for nothing: statements are compiled, and pages read
        taken = asked(means, terms, memory, chance)
        found = taken.pop("found")
        print(f"{len(memory.told)} told of, {QUESTIONS} questions: {mean(found):.1f} found, {max(found):.0f} at most")
        plans = [LINE.planned(chance, "af", number) for number in range(PROPOSED)]
        taken["proposals"] = [1000 * seconds(partial(proposing, means, terms, *plan)) for plan in plans]
        for name, times in taken.items():
            print(f"{name:<10} p50 {median(times):6.2f} ms   p99 {late(times):6.2f} ms   most {max(times):6.2f} ms")
        print(dearest(lambda: [asking(means, terms, plan) for plan, _ in plans]))
        print(f"deconfliction_p99_vs_memory {late(taken['ours']) / late(taken['the floor']):.2f}")


def late(times: list[float]) -> float:
    """The 99th of a hundred."""
    return quantiles(times, n=100)[98]


if __name__ == "__main__":
    main()
