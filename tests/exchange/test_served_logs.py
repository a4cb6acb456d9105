"""Logs over HTTP for readers written elsewhere: tlog-tiles, tlog-witness and tlog-mirror as C2SP says them."""

import gzip
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import httpx
import pytest

from amanat.api import tlog
from amanat.exchange import rates, route
from amanat.exchange.means import look
from amanat.exchange.problem import TooMuch
from amanat.exchange.publish import audit_published, origin_hash
from amanat.exchange.rates import MOST_CALLERS, Rate
from amanat.exchange.receipt import log_key
from amanat.log.note import add, parse_note, parse_signature_lines
from amanat.log.witness import MAX_REQUEST, AddCheckpoint, parse_add_checkpoint
from amanat.party.manifest import log_name
from amanat.settings import Settings
from amanat.store import statements
from border import Border
from side import COMPACT, Side
from wire import TRUST, connected, eventually, free_port, serve

OPEN = Settings(serve_logs=True)
PK = "pk.amanat.example/pk-af"
PAGE, HTTP = "docs/protocol/witness.md", "Over HTTP"
LIMITS = "Strangers"


@contextmanager
def served(side: Side, settings: Settings = OPEN) -> Iterator[httpx.Client]:
    """A client of a node that serves logs."""
    with (
        serve(side, free_port(), settings=settings) as node,
        httpx.Client(base_url=node.url, timeout=20, verify=TRUST) as client,
    ):
        yield client


@pytest.fixture
def obs(border: Border) -> Iterator[httpx.Client]:
    """The observer's node, which is asked to witness pk's log."""
    with served(border.obs) as client:
        yield client


def at(path: str, origin: str = PK) -> str:
    return f"/log/{origin_hash(origin)}/{path}"


def bodies(border: Border) -> tuple[bytes, bytes]:
    """The bodies of add-checkpoint and add-entries that pk has for obs."""
    (checkpoint,), (entries,) = border.items("pk", "obs", "checkpoint"), border.items("pk", "obs", "entries")
    return checkpoint, entries


def code(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


# --- tiles ------------------------------------------------------------------------------------------------------------


def test_a_log_is_served_whole_by_its_party_and_by_its_witness(border: Border) -> None:
    border.pk.log(300)
    border.exchange("pk", "obs")
    for side in (border.pk, border.obs):
        with served(side) as client:
            checkpoint = audit_published(
                lambda path, of=client: of.get(at(path)).content,  # type: ignore[misc]  # bound in the loop
                log_key(border.pk.manifest, log_name(border.pk.manifest, COMPACT)),
            )
        assert (checkpoint.origin, checkpoint.size) == (PK, 300)


def test_what_never_changes_may_be_kept_for_ever_and_a_checkpoint_not_at_all(border: Border) -> None:
    border.pk.log(300)
    with served(border.pk) as client:
        tile, checkpoint = client.get(at("tile/0/000")), client.get(at("checkpoint"))
    assert tile.headers["content-type"] == "application/octet-stream"
    assert tile.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert checkpoint.headers["content-type"] == "text/plain; charset=utf-8"
    assert checkpoint.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("accepts", "packed"),
    [("gzip", "gzip"), ("gzip;q=0", None), ("identity", None), ("gzip; q=0.5, br", "gzip"), ("", None)],
)
def test_entries_are_packed_for_whoever_takes_that_and_tiles_for_nobody(
    border: Border, accepts: str, packed: str | None
) -> None:
    border.pk.log(300)
    with served(border.pk) as client:
        for path, may_be in (("tile/entries/000", True), ("tile/0/000", False)):
            answer = client.get(at(path), headers={"accept-encoding": accepts})
            plain = client.get(at(path), headers={"accept-encoding": "identity"})
            assert answer.headers.get("content-encoding") == (packed if may_be else None)
            assert answer.content == plain.content
            assert answer.headers.get("vary") == ("Accept-Encoding" if may_be else None)


def test_what_is_not_there_is_told_404(border: Border) -> None:
    border.pk.log(300)
    with served(border.pk) as client:
        for path in (
            "tile/0/001",
            "tile/0/001.p/45",
            "tile/2/000.p/1",
            "tile/0/0",
            "tile/0/000.p/256",
            "x",
            "../node.key",
        ):
            assert client.get(at(path)).status_code == 404, path
        assert code(client.get(at("checkpoint", "other.example/log"))) == (404, "log.missing")
        assert code(client.get("/log/x/checkpoint")) == (404, "log.missing")


def test_a_node_that_nobody_told_to_serve_logs_has_none_and_witnesses_for_no_stranger(border: Border) -> None:
    border.pk.log(3)
    checkpoint, entries = bodies(border)
    with served(border.obs, Settings()) as client:
        assert client.get(at("checkpoint")).status_code == 404
        assert client.post("/witness/add-checkpoint", content=checkpoint).status_code == 404
        assert client.post("/witness/add-entries", content=entries).status_code == 404


# --- the witness ------------------------------------------------------------------------------------------------------


def test_a_checkpoint_then_its_entries_are_answered_by_the_cosignature_that_is_served(
    border: Border, obs: httpx.Client
) -> None:
    border.pk.log(3)
    checkpoint, entries = bodies(border)
    pending = obs.post("/witness/add-checkpoint", content=checkpoint)
    assert (pending.status_code, pending.content) == (200, b"")
    assert obs.get(at("checkpoint")).status_code == 404
    lines = obs.post("/witness/add-entries", content=entries)
    assert lines.status_code == 200
    request = parse_add_checkpoint(checkpoint)
    again = obs.post("/witness/add-checkpoint", content=AddCheckpoint(3, (), request.checkpoint).encode())
    assert again.content == lines.content
    cosigned = parse_note(obs.get(at("checkpoint")).content)
    assert {*parse_signature_lines(lines.content)} < {*cosigned.signatures}
    whole = add(parse_note(request.checkpoint), parse_signature_lines(lines.content))
    assert border.pk.take("cosignature", whole.encode(), sender="obs").problems == []


def test_who_begins_elsewhere_is_told_where_the_witness_stands(border: Border, obs: httpx.Client) -> None:
    border.pk.log(300)
    checkpoint, entries = bodies(border)
    assert code(obs.post("/witness/add-entries", content=entries)) == (422, "mirror.first")
    obs.post("/witness/add-checkpoint", content=checkpoint)
    conflict = obs.post("/witness/add-checkpoint", content=checkpoint)
    assert (conflict.status_code, conflict.content) == (409, b"300\n")
    assert conflict.headers["content-type"] == "text/x.tlog.size"
    part = obs.post("/witness/add-entries", content=entries[:-1])
    assert (part.status_code, part.content) == (202, b"300\n256\n\n")
    assert part.headers["content-type"] == "text/x.tlog.mirror-info"
    assert part.headers["accept-encoding"] == "gzip"
    packed = obs.post("/witness/add-entries", content=gzip.compress(entries), headers={"content-encoding": "gzip"})
    assert packed.status_code == 200


def test_what_does_not_hold_is_told_by_the_specifications_status(border: Border, obs: httpx.Client) -> None:
    border.pk.log(3)
    checkpoint, entries = bodies(border)
    for body, status in (
        (b"old 1\n", 400),
        (checkpoint.replace(b"\n3\n", b"\n4\n", 1), 403),
        (checkpoint.replace(b"/pk-af\n", b"/xx-yy\n", 1), 404),
        (checkpoint.replace(b"old 0\n", b"old 0\n" + b"A" * 43 + b"=\n"), 422),
    ):
        assert code(obs.post("/witness/add-checkpoint", content=body))[0] == status
    obs.post("/witness/add-checkpoint", content=checkpoint)
    for body, status in (
        (b"", 400),
        (entries.replace(b"/pk-af", b"/xx-yy", 1), 404),
        (entries[:-1] + bytes([entries[-1] ^ 1]), 400 if entries[-1] == 0 else 422),
    ):
        assert code(obs.post("/witness/add-entries", content=body))[0] == status
    packed = obs.post("/witness/add-entries", content=entries, headers={"content-encoding": "gzip"})
    assert code(packed) == (400, "witness.packed")


@pytest.mark.promised("a forked log", PAGE, "Two histories", "both notes are kept")
def test_a_stranger_who_brings_a_second_history_leaves_both_as_evidence(border: Border) -> None:
    request = border.second_history()
    same_size = AddCheckpoint(3, (), parse_add_checkpoint(request).checkpoint).encode()
    with served(border.obs) as client:
        for body in (request, same_size):
            assert code(client.post("/witness/add-checkpoint", content=body)) == (422, "witness.fork")
    with look(border.obs.means) as turn:
        kept = [row for row in statements.evidence(turn.tx) if row.code == "witness.fork"]
    assert {row.party for row in kept} == {"pk"}
    texts = {
        parse_note((row.data or b"").partition(b"\n\n")[2] if row.item == "checkpoint" else row.data).text
        for row in kept
    }
    assert len(texts) == 2, "the first history's checkpoint, and the second's"


# --- strangers --------------------------------------------------------------------------------------------------------


def test_of_a_strangers_body_no_more_is_read_than_one_may_have(border: Border, obs: httpx.Client) -> None:
    border.pk.log(3)
    checkpoint, entries = bodies(border)
    obs.post("/witness/add-checkpoint", content=checkpoint)
    for path, body in (
        ("add-checkpoint", checkpoint + b" " * MAX_REQUEST),
        ("add-entries", entries + bytes(tlog.MAX_UPLOAD)),
    ):
        assert code(obs.post(f"/witness/{path}", content=body)) == (413, "peer.size")


@pytest.mark.promised("a packed body", PAGE, LIMITS, "unpacked up to the same limit")
def test_a_body_packed_small_is_unpacked_no_further_than_it_may_be_large(obs: httpx.Client) -> None:
    packed = gzip.compress(bytes(100 * tlog.MAX_UPLOAD))
    assert len(packed) < tlog.MAX_UPLOAD
    gzipped = {"content-encoding": "gzip"}
    assert code(obs.post("/witness/add-entries", content=packed, headers=gzipped)) == (413, "peer.size")
    assert code(obs.post("/witness/add-checkpoint", content=packed, headers=gzipped)) == (413, "peer.size")


@pytest.mark.promised("a slow request", PAGE, LIMITS, "60 seconds, and one more for each 4 KiB that came")
def test_a_strangers_body_that_trickles_is_given_up(obs: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(route, "BODY_SECONDS", 0.3)

    def trickle() -> Iterator[bytes]:
        for _ in range(20):
            yield b"o"
            time.sleep(0.05)

    answer = obs.post("/witness/add-checkpoint", content=trickle())
    assert code(answer) == (408, "peer.slow")
    assert answer.headers["retry-after"] == "1"


@pytest.mark.promised("a flood of strangers", PAGE, LIMITS, "twice a second")
def test_a_stranger_who_asks_without_end_is_told_to_wait_and_the_line_goes_on(border: Border) -> None:
    border.pk.log(3)
    checkpoint, _ = bodies(border)
    with connected(border, settings=OPEN) as nodes, httpx.Client(base_url=nodes["obs"].url, timeout=20) as client:
        answers = [client.post("/witness/add-checkpoint", content=b"x" + checkpoint) for _ in range(160)]
        assert [answer.status_code for answer in answers[:60]] == [400] * 60
        assert code(answers[-1]) == (429, "rate.exceeded")
        assert client.get(at("checkpoint")).status_code == 429, "it is signed, so it is counted the same"
        assert client.get(at("tile/0/000.p/3")).status_code in (200, 404), "tiles are counted apart"
        sent = border.pk.send("obs", **border.pk.green())
        eventually(lambda: border.pk.delivery(sent, "obs") == "final")


def test_of_one_address_few_bodies_are_read_at_once_and_of_all_not_many(border: Border) -> None:
    strangers = tlog.Strangers(border.obs.means, Rate(1, 1, float), Rate(1, 1, float))
    with ExitStack() as many:
        for number in range(tlog.BODIES):
            many.enter_context(strangers.bringing(f"{number // tlog.BODIES_OF_ONE}"))
            if number == tlog.BODIES_OF_ONE - 1:
                with pytest.raises(TooMuch), strangers.bringing("0"):
                    pass
        with pytest.raises(TooMuch), strangers.bringing("another"):
            pass
    assert not strangers.bodies
    with strangers.bringing("another"):
        assert strangers.bodies == {"another": 1}


def test_callers_beyond_the_most_remembered_push_out_who_asked_longest_ago() -> None:
    rate = Rate(1, 1, float)
    for number in range(MOST_CALLERS + 5):
        rate.take(f"{number}")
    assert len(rate.left) == MOST_CALLERS
    rate.take("0")
    with pytest.raises(TooMuch):
        rate.take("0")


@pytest.mark.parametrize(
    ("host", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "::ffff:192.0.2.7"),
        ("", ""),
    ],
)
def test_who_has_a_network_of_ipv6_is_counted_once(host: str, counted: str) -> None:
    assert rates.counted(host) == counted
