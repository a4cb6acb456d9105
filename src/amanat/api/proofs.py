"""A record's proofs: checked anew here, and given out as files that anybody can check without us."""

from typing import Any

from litestar import Response
from litestar.params import FromPath
from litestar.response import Stream

from amanat.exchange import checks, export, shown
from amanat.exchange.checks import Check
from amanat.exchange.means import begin, look
from amanat.exchange.route import Area, By, Here, does, reads
from amanat.log.checkpoint import parse_checkpoint
from amanat.log.note import parse_note
from amanat.store import logs


@reads("/checks", "record.read")
def check_record(means: Here, party: FromPath[str], id_: FromPath[str]) -> tuple[Check, ...]:
    """Check a record anew: its envelope, its sender's signature, our log, each recipient's receipt."""
    with begin(means) as turn:
        return checks.checked(turn, shown.row_of(turn, party, id_))


@reads("/proof", "record.read", media_type="text/plain")
def download_proof(means: Here, party: FromPath[str], id_: FromPath[str]) -> Response[bytes]:
    """Download the proof that a record stands in our own log: a C2SP tlog-proof, which anybody can check."""
    with begin(means) as turn:
        row = shown.row_of(turn, party, id_)
        proof = checks.own_proof(turn, row)
        logs.show(turn.tx, row.compact, parse_checkpoint(parse_note(proof.checkpoint).text).size)
    return _file(proof.encode(), f"{id_}.{means.party}.tlog-proof")


@reads("/receipts/{recipient:str}", "record.read", media_type="text/plain")
def download_receipt(
    means: Here, party: FromPath[str], id_: FromPath[str], recipient: FromPath[str]
) -> Response[bytes]:
    """Download a recipient's receipt of a record of ours: a C2SP tlog-proof, which anybody can check."""
    with look(means) as turn:
        answer = checks.answer_of(turn, shown.row_of(turn, party, id_), recipient).answer
    return _file(answer or b"", f"{id_}.{recipient}.tlog-proof")


@reads("/policies/{owner:str}", "record.read", media_type="text/plain")
def download_policy(means: Here, party: FromPath[str], id_: FromPath[str], owner: FromPath[str]) -> Response[bytes]:
    """Download what our proof, or a recipient's receipt, is checked against: a C2SP tlog-policy."""
    with begin(means) as turn:
        policy = checks.policy_for(turn, shown.row_of(turn, party, id_), owner)
    return _file(policy, f"{id_}.{owner}.tlog-policy")


@does("GET", "/envelope", "record.export", "record.export", media_type="application/octet-stream")
def download_envelope(means: Here, actor: By, party: FromPath[str], id_: FromPath[str]) -> Stream:
    """Download the sealed envelope, which proofs are about. Who has no key of its recipients cannot read it."""
    made = export.envelope(means, actor, party, id_)
    return Stream(made.pieces, media_type="application/octet-stream", headers=made.headers())


def _file(data: bytes, name: str) -> Response[bytes]:
    return Response(data, media_type="text/plain", headers={"Content-Disposition": export.attached(name)})


ROUTES: list[Any] = [
    Area(
        "/records/{party:str}/{id_:str}",
        route_handlers=[check_record, download_proof, download_receipt, download_policy, download_envelope],
        tags=["records"],
    )
]
