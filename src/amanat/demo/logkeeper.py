"""What the keeper of a log can try: rewrite what stands in it, or show one history here and another there."""

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import select

from amanat.demo.cast import COMPACT, Actor, Cast, carry, double
from amanat.demo.folders import audit_folder, export_log
from amanat.demo.trial import Catch, send_plain
from amanat.exchange.means import begin
from amanat.log.malformed import Malformed
from amanat.log.tiles import encode_entries, entries_path, new_tiles, parse_entries, tile_path
from amanat.log.tree import Tree, grow, leaf_hash
from amanat.party.errors import Problem
from amanat.party.manifest import log_name
from amanat.store import statements
from amanat.store.dialect import upsert
from amanat.store.tables import COSIGNED, WITNESSED


def rewritten_leaf(cast: Cast, folder: Path) -> list[Catch]:
    """As af, put another digest where pk's first report stands: in the entries, then in every tile above them too."""
    log = folder / "log"
    size = export_log(cast["af"], log)
    bundle = log / entries_path(0, size)
    entries = [bytes(32), *parse_entries(bundle.read_bytes())[1:]]
    bundle.write_bytes(encode_entries(entries))
    alone = _audited("af rewrites the entry", "tiles.differ", log)
    for tile in new_tiles(grow(Tree(), [leaf_hash(entry) for entry in entries]), _no_tile):
        (log / tile_path(tile.level, tile.n, tile.width)).write_bytes(tile.data)
    return [alone, _audited("and makes every tile above it fit", "log.root", log)]


def two_histories(cast: Cast, folder: Path) -> list[Catch]:
    """As pk, go on from an old copy of the database: af countersigned one history, the observer is shown another."""
    pk, af = cast["pk"], cast["af"]
    with double(pk, folder / "old-copy") as copy:
        forked = {**cast, "pk": copy}
        send_plain(pk, ["af"])
        carry(cast, "pk", "af", folder / "one-history.bundle")
        send_plain(copy, ["af"], 2)
        carry(forked, "pk", "obs", folder / "another-history.bundle")
        _claim(copy, _cosigned_by(af, pk))
        shown = carry(forked, "pk", "af", folder / "another-history-for-af.bundle")
        answered = carry(forked, "af", "pk", folder / "answer.bundle")
    return [
        _problem("af is asked to countersign the other history", "proof.consistency", "checkpoint", shown.problems),
        _kept("af keeps the request, which pk's log key signed", "proof.consistency", af),
        _problem("the copy is told what af countersigned", "log.rollback", "cosignature", answered.problems),
    ]


def _audited(tried: str, expected: str, log: Path) -> Catch:
    try:
        checkpoint = audit_folder(log)
    except Malformed as found:
        return Catch(tried, expected, found.code, found.says)
    return Catch(tried, expected, "good", f"The audit finds {checkpoint.size} entries in order.")


def _no_tile(_level: int, _n: int, _width: int) -> bytes:
    """Read nothing: a log rebuilt from its first entry has no earlier tile."""
    return b""


def _cosigned_by(witness: Actor, owner: Actor) -> int:
    """Return the size of the owner's log that the witness countersigned last; the owner was told."""
    origin = log_name(owner.manifest, COMPACT)
    with begin(witness.means) as turn:
        return int(turn.tx.execute(select(WITNESSED.c.size).where(WITNESSED.c.origin == origin)).scalar_one())


def _claim(copy: Actor, size: int) -> None:
    """Make the forked database believe that af countersigned it up to `size`, so that it asks from there."""
    with begin(copy.means) as turn:
        row = {"log": COMPACT, "witness": "af", "size": size, "pending": size, "next": size}
        upsert(turn.tx, COSIGNED, ("size", "pending", "next"), row)


def _problem(tried: str, expected: str, type_: str, problems: Sequence[tuple[str, Exception]]) -> Catch:
    """Return the first problem a bundle's report names for items of that type."""
    for named, problem in problems:
        if named == type_ and isinstance(problem, Problem | Malformed):
            return Catch(tried, expected, problem.code, problem.says)
    return Catch(tried, expected, "accepted", f"The {type_} was taken in.")


def _kept(tried: str, expected: str, witness: Actor) -> Catch:
    with begin(witness.means) as turn:
        rows = [row for row in statements.evidence(turn.tx) if row.code == expected]
    says = (
        f"{len(rows)} signed request of {len(rows[0].data)} bytes is kept as evidence." if rows else "Nothing is kept."
    )
    return Catch(tried, expected, rows[0].code if rows else "nothing kept", says)
