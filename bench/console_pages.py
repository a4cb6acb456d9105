"""How long until a page begins to come, when 1,000,000 records are kept? Every page, each filter, deep in the list.

Ours: a served node whose database was filled by `filling.py` (which says what in it is real), asked over HTTP on
loopback by officers' sessions, page after page: seconds until the first byte of the answer. The peer is the same node
before it was filled, with a few hundred records, drafts and approvals that were sent and written for real, asked the
same in turn. A round trip to a node that looks nothing up is shown beside them. The last line is peer / ours for the
page that grew most.
"""

import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http import HTTPStatus
from pathlib import Path
from random import Random
from statistics import median, quantiles
from urllib.parse import urlencode

import httpx
import msgspec
import psycopg
from sqlalchemy import func, select

from amanat.demo import cast, trial
from amanat.demo.cast import COMPACT, Actor, Cast
from amanat.exchange import cursor, drafts
from amanat.exchange.caller import COOKIE
from amanat.exchange.drafting import Asked
from amanat.exchange.means import Means, Turn, begin, look
from amanat.exchange.send import Hand, send_in
from amanat.officer.may import MACHINE, Role
from amanat.store.tables import AUDIT, DRAFT, HELD, RECORD
from bundle_import import met
from filling import fill
from hiring import hired
from measuring import seconds
from serving import on_both, served
from wire import free_port

RECORDS, TIMES, WANTED, SHOWN = 1_000_000, 40, 0.050, 12
WRITTEN, RETURNED, OFFICERS = 300, 10, 500
ROLES: tuple[Role, ...] = ("duty", "analyst", "approver", "operator", "administrator", "auditor")
NONE: Mapping[str, str] = {}
FILTERS: tuple[dict[str, str], ...] = (
    {"text": "torkham"},
    {"text": "mortar torkham 1234"},
    {"text": "sector"},
    {"text": "nowhere"},
    {"text": "kurram", "party": "obs", "state": "superseded"},
    {"box": "in"},
    {"box": "out"},
    {"box": "unread"},
    {"kind": "record.withdrawal"},
    {"workspace": "intelligence"},
    {"party": "obs"},
    {"party": "obs", "kind": "record.destroyed"},
    {"state": "superseded"},
    {"state": "withdrawn"},
    {"state": "destroyed"},
    {"exercise": "yes"},
    {"exercise": "no", "box": "out", "state": "superseded", "kind": "intelligence.report"},
    {"since": "2025-02-01", "until": "2025-02-02"},
    {"until": "2025-06-01", "party": "obs", "box": "in"},
)
AUDITED: tuple[dict[str, str], ...] = (
    {},
    {"officer": "x.duty"},
    {"act": "sign-in"},
    {"outcome": "refused"},
    {"act": "record.keep"},
    {"subject": "pk:77"},
    {"since": "2025-02-01", "until": "2025-02-02"},
    {"officer": "x.duty", "act": "sign-in", "outcome": "refused"},
)


ALONE: tuple[tuple[str, Role], ...] = (
    ("/", "duty"),
    ("/", "approver"),
    ("/", "operator"),
    ("/sign-in", "duty"),
    ("/password", "duty"),
    ("/tokens", "duty"),
    ("/roles", "duty"),
    ("/compacts", "duty"),
    (f"/compacts/{COMPACT}", "duty"),
    (f"/compacts/{COMPACT}/question?kind={trial.REPORT}&to=af", "duty"),
    ("/parties", "duty"),
    ("/parties/af", "operator"),
    ("/parties/pk", "duty"),
    ("/parties/af/again", "operator"),
    ("/logs", "duty"),
    (f"/logs/{COMPACT}", "duty"),
    ("/officers", "administrator"),
    ("/officers/new", "administrator"),
    ("/officers/x.duty", "administrator"),
)


@dataclass(frozen=True, slots=True)
class Page:
    """A page: the role that asks for it, and the addresses at which it is asked in turn."""

    name: str
    role: Role
    paths: tuple[str, ...]


def written(parties: Cast, folder: Path) -> None:
    """Send records to and fro with their receipts, have others wait for a second person, and write drafts."""
    for _ in range(3):
        trial.send_plain(parties["pk"], ["af"], 6)
        trial.send_plain(parties["af"], ["pk"], 6)
    for number, way in enumerate((("pk", "af"), ("af", "pk"), ("pk", "af"), ("af", "pk"))):
        cast.carry(parties, *way, folder / f"{number}.bundle")
    pk, colleague = parties["pk"], replace(MACHINE, officer=2, post="torkham/chief")
    bundles = trial.bundles(pk, naming=False)
    made = [trial.draft(pk, bundles[number % len(bundles)], ["af"]) for number in range(WRITTEN)]
    form = Asked(kind=trial.REPORT, compact=COMPACT, to=("af",), body={"bundle": msgspec.json.decode(bundles[0])})
    with begin(pk.means) as turn:
        waiting = send_in(turn, made, trial.post(pk), Hand(1, submits=True))
        for each in waiting[:RETURNED]:
            drafts.give_back(turn, colleague, each.record.fields.id, each.record.digest, "Where was it?")
        for _ in range(WRITTEN):
            drafts.create_in(turn, colleague, form)


def pages(means: Means, shown: Sequence[str]) -> Iterator[Page]:
    """Yield all pages of the console that are asked for by GET; `shown` are records that were sent for real."""
    with look(means) as turn:
        deep = _deep(turn)
        held = tuple(turn.tx.execute(select(HELD.c.id).limit(TIMES)).scalars())
        written = tuple(turn.tx.execute(select(DRAFT.c.id).limit(TIMES)).scalars())
        acts = turn.tx.execute(select(func.max(AUDIT.c.number))).scalar_one() or 0
    yield from _lists(deep, acts, held[len(held) // 2], written[len(written) // 2])
    by_name: tuple[tuple[str, Role, str], ...] = (
        ("record", "duty", "/record/{}"),
        ("record, another's", "analyst", "/record/{}"),
        ("record checked", "duty", "/record/{}/check"),
        ("withdrawal", "duty", "/record/{}/withdrawal"),
    )
    for named, role, path in by_name:
        others = "another" in named
        yield Page(named, role, tuple(path.format(each) for each in shown if each.startswith("pk/") != others))
    yield Page("record, any", "duty", tuple(f"/record/{party}/{id_}" for party, id_ in deep))
    yield Page("approval", "approver", tuple(f"/approvals/{each}" for each in held))
    for rest in ("", "/sending", "/import"):
        yield Page(f"draft{rest}", "duty", tuple(f"/draft/{each}{rest}" for each in written))
    for path in ("", "?answers=af:{}", "?supersedes=pk:{}"):
        party = path.partition("=")[2][:2]
        ids = [each.partition("/")[2] for each in shown if each.startswith(party)]
        yield Page(f"compose {path[1:-6]}".strip(), "duty", tuple(f"/compose{path.format(each)}" for each in ids))
    for path, role in ALONE:
        yield Page(path, role, (path,))


def _deep(turn: Turn) -> list[tuple[str, str]]:
    """Records from all over the list."""
    count, chance = turn.tx.execute(select(func.count()).select_from(RECORD)).scalar_one(), Random(6)
    places = [chance.randrange(count) for _ in range(TIMES)]
    query = select(RECORD.c.party, RECORD.c.id).where(RECORD.c.log_index.in_(places), RECORD.c.data.is_not(None))
    return [(party, id_) for party, id_ in turn.tx.execute(query)]


def _lists(deep: list[tuple[str, str]], acts: int, held: str, draft: str) -> Iterator[Page]:
    """Yield lists, each from its begin and from deep within."""
    places = [cursor.written(*each) for each in deep]
    for wanted in ({}, *FILTERS):
        said = urlencode(wanted)
        yield Page(f"records {said}", "duty", (f"/records?{said}",))
        yield Page(f"records {said} deep", "duty", tuple(f"/records?{said}&cursor={each}" for each in places))
    yield Page("records newer", "duty", tuple(f"/records?newer={each}" for each in places))
    for wanted in AUDITED:
        said = urlencode(wanted)
        yield Page(f"audit {said}", "auditor", (f"/audit?{said}",))
        at = tuple(f"/audit?{said}&before={acts * number // TIMES}" for number in range(1, TIMES))
        yield Page(f"audit {said} deep", "auditor", at)
    yield Page("approvals", "approver", ("/approvals", f"/approvals?cursor={held}"))
    yield Page("drafts", "duty", ("/drafts", f"/drafts?cursor={draft}"))


def asked(http: httpx.Client, path: str, cookie: str) -> float:
    """Seconds until the first byte of a page's content."""
    begun = time.perf_counter()
    with http.stream("GET", path, headers={"cookie": f"{COOKIE}={cookie}"}) as answer:
        if answer.status_code != HTTPStatus.OK:
            raise SystemExit(f"error: {path} is answered with {answer.status_code}")
        pieces = answer.iter_raw()
        next(pieces)
        took = time.perf_counter() - begun
        for _ in pieces:
            pass
    return took


def in_turn(page: Page, other: Page, sides: Sequence[httpx.Client], cookie: str) -> tuple[list[float], list[float]]:
    """Seconds that a page took each time, at the node that has few records and at the one that has many."""
    few, many = list[float](), list[float]()
    for number in range(-2, TIMES):  # the first fill what both keep in memory
        for side, of, took in zip(sides, (page, other), (few, many), strict=True):
            took.append(asked(side, of.paths[number % len(of.paths)], cookie))
    return few[2:], many[2:]


def p95(took: Sequence[float]) -> float:
    """Within how many seconds 95 of 100 were."""
    return quantiles(took, n=20)[18]


@contextmanager
def copied(actor: Actor, folder: Path, databases: Mapping[str, str]) -> Iterator[Actor]:
    """Lend the party's node on a copy of its database, as it is before it is filled."""
    if not databases:
        with cast.double(actor, folder) as made:
            yield made
        return
    actor.means.engine.dispose()
    address = databases["af"].replace("/af?", "/few?")
    with psycopg.connect(databases["af"], autocommit=True) as other:
        other.execute("CREATE DATABASE few TEMPLATE pk")
    folder.mkdir()
    (folder / "node.toml").write_text(f'database = "{address}"\n', "utf-8")
    yield replace(actor, folder=folder)


def names(actor: Actor) -> list[str]:
    """Return "PARTY/ID" of records that were sent for real."""
    with look(actor.means) as turn:
        query = select(RECORD.c.party, RECORD.c.id).where(RECORD.c.kind == trial.LABEL)
        return [f"{party}/{id_}" for party, id_ in turn.tx.execute(query)]


def measured(place: Path, databases: Mapping[str, str]) -> tuple[dict[str, tuple[list[float], list[float]]], float]:
    """Seconds that each page took at the node with few records and at that with many, and those of a round trip."""
    found = dict[str, tuple[list[float], list[float]]]()
    with met(place, databases) as parties:
        pk = parties["pk"]
        cookies = dict(zip(ROLES, hired(pk, (*ROLES, *ROLES[:1] * OFFICERS)), strict=False))
        written(parties, place)
        shown, few = names(pk), list(pages(pk.means, names(pk)))
        with copied(pk, place / "few", databases) as before:
            began = time.perf_counter()
            fill(pk, RECORDS)
            print(f"{RECORDS} records were written in {time.perf_counter() - began:.0f} s", flush=True)
            many = list(pages(pk.means, shown))
            ports = free_port(), free_port()
            with (
                served(before, ports[0]) as one,
                served(pk, ports[1]) as other,
                httpx.Client(base_url=one.url, trust_env=False, timeout=60) as at_few,
                httpx.Client(base_url=other.url, trust_env=False, timeout=60) as at_many,
            ):
                for page, like in zip(few, many, strict=True):
                    found[f"{page.name} ({page.role})"] = in_turn(page, like, (at_few, at_many), cookies[page.role])
                trips = [seconds(lambda: at_many.get("/peer/v1/nonce")) for _ in range(TIMES)]
    return found, median(trips)


def figures(database: str, databases: Mapping[str, str] = NONE) -> None:
    """Fill a node, ask for all pages; print the slowest, those that are late, and the ratios."""
    with tempfile.TemporaryDirectory() as place:
        found, trip = measured(Path(place), databases)
    slowest = sorted(found.items(), key=lambda each: p95(each[1][1]), reverse=True)
    late = [name for name, (_, many) in slowest if p95(many) > WANTED]
    for name, (few, many) in slowest if len(late) > SHOWN else slowest[:SHOWN]:
        print(
            f"{name}: half within {median(many) * 1e3:.1f} ms, 95 of 100 within {p95(many) * 1e3:.1f} ms; with few "
            f"records {median(few) * 1e3:.1f} and {p95(few) * 1e3:.1f} ms"
        )
    wanted = "all in time" if not late else f"{len(late)} late: {WANTED * 1e3:.0f} ms are wanted"
    print(f"{database}: {len(found)} pages at {RECORDS} records, {wanted}; one round trip {trip * 1e3:.2f} ms")
    named = "_postgresql" if databases else ""
    print(f"ratio round_trip_vs_slowest_page{named} {trip / p95(slowest[0][1][1]):.3f}")
    grown = min(median(few) / median(many) for few, many in found.values())
    print(f"ratio pages_of_few_vs_many_records{named} {grown:.2f}")


if __name__ == "__main__":
    on_both(figures)
