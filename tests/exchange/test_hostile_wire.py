"""A hostile caller on the wire: sent away before it costs anything, kept as evidence where it proves something.

Each test leaves the honest exchange between the others as it was: a record still arrives, and its receipt is final.
"""

import socket
import threading
import time
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from amanat.exchange import at_pace, bundle, peer_api, peer_auth, route
from amanat.exchange.bundle import Item
from amanat.exchange.peer_auth import COVERED, NONCE_HEADER
from amanat.exchange.peer_client import MAX_BYTES, MAX_ITEMS, PATH
from border import Border
from side import Side, public_id
from wire import TRUST, Node, Nodes, connected, eventually, free_port, port_of, serve

PAGE, WHO, LIMITS = "docs/protocol/peer-api.md", "Who asks", "Exchange"
MIB = 1024 * 1024


@pytest.fixture
def nodes(border: Border) -> Iterator[Nodes]:
    """Two nodes on the wire, without that of obs, whom the tests play; afterwards all three exchange, and quickly."""
    with connected(border, "pk", "af") as served:
        yield served
        with serve(border.obs, port_of(served["af"], "obs")):
            check_unharmed(border)


def check_unharmed(border: Border) -> None:
    """A record passes between honest parties, and its receipt becomes final."""
    sent = border.af.send("obs", **border.af.green())
    eventually(lambda: border.af.delivery(sent, "obs") == "final")


def nonce(node: Node) -> str:
    return httpx.get(f"{node.url}/peer/v1/nonce", verify=TRUST).headers[NONCE_HEADER]


def stick(sender: str, recipient: str, *items: Item) -> bytes:
    """The bytes of a bundle."""
    file = BytesIO()
    bundle.write(file, sender, recipient, items)
    return file.getvalue()


def signed(node: Node, party: str, body: bytes, key: Ed25519PrivateKey, under: str = "") -> dict[str, str]:
    """The head of a request as `party` signs it by that key."""
    return dict(peer_auth.sign(f"{node.url}{PATH}", body, (party, node.side.means.party), key, under or nonce(node)))


def ask(node: Node, headers: Mapping[str, str], body: bytes) -> tuple[int, str]:
    """Ask, and return the status and code that came back."""
    answer = httpx.post(f"{node.url}{PATH}", headers=headers, content=body, timeout=20, verify=TRUST)
    return answer.status_code, "" if answer.status_code == 200 else answer.json()["code"]


def report(border: Border, text: str = "brought by a stranger hand") -> Item:
    """An envelope that pk sends to af, and that the line did not bring."""
    return Item("envelope", border.pk.forge("af", text=text, sequence=900))


def record_key(side: Side) -> Ed25519PrivateKey:
    return side.means.keys.record


# --- who asks ---------------------------------------------------------------------------------------------------------


@pytest.mark.promised("a request played again", PAGE, WHO, "A nonce is good once")
def test_a_request_played_again_is_not_answered_again(border: Border, nodes: Nodes) -> None:
    body = stick("obs", "af")
    head = signed(nodes["af"], "obs", body, record_key(border.obs))
    assert ask(nodes["af"], head, body) == (200, "")
    assert ask(nodes["af"], head, body) == (401, "peer.nonce")


@pytest.mark.promised("a request played again", PAGE, WHO, "`nonce`: one that the party asked gave")
def test_what_was_signed_for_one_node_is_nothing_to_another(border: Border, nodes: Nodes) -> None:
    body = stick("obs", "af")
    head = signed(nodes["af"], "obs", body, record_key(border.obs), nonce(nodes["pk"]))
    assert ask(nodes["af"], head, body) == (401, "peer.nonce")


@pytest.mark.promised(
    "a request shown to another", PAGE, WHO, "`tag`: `amanat-peer-v1:` and the code of the party asked"
)
def test_whoever_is_asked_cannot_show_the_request_to_another(border: Border) -> None:
    """It could else break off what its caller brings there, each time that it is asked itself."""
    with connected(border, "pk", "af") as nodes, opened(nodes["af"]) as honest:
        body, brought = stick("obs", "pk"), stick("obs", "af")
        shown = signed(nodes["pk"], "obs", body, record_key(border.obs), nonce(nodes["af"]))
        head = signed(nodes["af"], "obs", brought, record_key(border.obs))
        honest.sendall(head_of(head, f"Content-Length: {len(brought)}"))
        eventually(lambda: "obs" in nodes["af"].reception.bodies)
        assert ask(nodes["af"], shown, body) == (403, "peer.unsigned")
        honest.sendall(brought)
        assert status_of(honest) == 200


def test_a_nonce_spelt_in_another_way_is_the_same_nonce() -> None:
    given = peer_auth.Nonces(bytes, lambda: 0.0)
    fresh = given.give()
    assert given.take(fresh)
    assert not given.take(fresh.rstrip("="))
    assert not given.take(f"{fresh[:8]}!{fresh[8:]}")


@pytest.mark.promised("a bundle in another's name", PAGE, "Errors", "the body is no bundle for the party asked")
def test_a_bundle_for_somebody_else_is_not_taken_in(border: Border, nodes: Nodes) -> None:
    for body in (stick("obs", "pk"), stick("pk", "af", report(border)), stick("af", "obs")):
        head = signed(nodes["af"], "obs", body, record_key(border.obs))
        assert ask(nodes["af"], head, body) == (400, "bundle.recipient")
    assert border.af.received() == []


@pytest.mark.promised("an altered byte", PAGE, WHO, "`sha-256`, of the body")
def test_a_body_altered_after_signing_is_not_taken_in(border: Border, nodes: Nodes) -> None:
    body = stick("pk", "af")
    head = signed(nodes["af"], "pk", body, record_key(border.pk))
    assert ask(nodes["af"], head, stick("pk", "af", report(border))) == (403, "peer.unsigned")
    assert border.af.received() == []


@pytest.mark.promised("a revoked key", PAGE, WHO, "by a record key that the caller's latest manifest lists")
def test_a_revoked_key_asks_nothing_any_more(border: Border, nodes: Nodes) -> None:
    stolen = record_key(border.obs)
    border.obs.rotate("record")
    border.af.take("manifest", border.obs.revoke(public_id(stolen)), sender="obs")
    body = stick("obs", "af")
    assert ask(nodes["af"], signed(nodes["af"], "obs", body, stolen), body) == (403, "peer.unsigned")
    assert ask(nodes["af"], signed(nodes["af"], "obs", body, record_key(border.obs)), body) == (200, "")


@pytest.mark.promised(
    "a request in another's name", PAGE, "Errors", "its manifest is not known there, or lists another key"
)
def test_nobody_asks_in_anothers_name(border: Border, nodes: Nodes) -> None:
    body = stick("pk", "af")
    assert ask(nodes["af"], signed(nodes["af"], "pk", body, record_key(border.obs)), body) == (403, "peer.unsigned")
    head = signed(nodes["af"], "obs", body, record_key(border.obs))
    assert ask(nodes["af"], {**head, "amanat-party": "pk"}, body) == (403, "peer.unsigned")
    for stranger in ("af", "ru", "", "pk, obs", "x" * 4000):
        head = signed(nodes["af"], stranger, body, record_key(border.obs))
        assert ask(nodes["af"], head, body) == (403, "peer.stranger")


@pytest.mark.promised("a signature that covers less", PAGE, WHO, '`"@method" "@path" "@query" "content-digest"')
@pytest.mark.parametrize("left_out", COVERED)
def test_a_signature_that_leaves_one_thing_out_covers_nothing(
    border: Border, nodes: Nodes, left_out: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    body, under = stick("obs", "af"), nonce(nodes["af"])
    with monkeypatch.context() as patched:
        patched.setattr(peer_auth, "COVERED", tuple(each for each in COVERED if each != left_out))
        head = dict(peer_auth.sign(f"{nodes['af'].url}{PATH}", body, ("obs", "af"), record_key(border.obs), under))
    assert ask(nodes["af"], head, body)[0] == 403


@pytest.mark.promised("a question put to a signed request", PAGE, WHO, '`"@method" "@path" "@query"')
def test_nobody_on_the_way_has_more_given_than_was_asked_for(border: Border, nodes: Nodes) -> None:
    body = stick("obs", "af")
    for query in ("?pull=true", "?pull=false", "?x=\xff", "?"):
        head = signed(nodes["af"], "obs", body, record_key(border.obs))
        answer = httpx.post(f"{nodes['af'].url}{PATH}{query}", headers=head, content=body, verify=TRUST)
        if query == "?":
            assert answer.status_code == 200
        else:
            assert (answer.status_code, answer.json()["code"]) == (403, "peer.unsigned")


@pytest.mark.promised("odd fields", PAGE, WHO, "each of these fields stands once")
def test_odd_fields_are_refused_and_never_a_fault(border: Border, nodes: Nodes) -> None:
    body = stick("obs", "af")
    good = signed(nodes["af"], "obs", body, record_key(border.obs))
    for name in ("amanat-party", "signature", "signature-input", "content-digest", "date"):
        twice = [*good.items(), (name, good.get(name.title(), "x")), (name, "x")]
        answer = httpx.post(f"{nodes['af'].url}{PATH}", headers=twice, content=body, verify=TRUST)
        assert (answer.status_code, answer.json()["code"]) == (403, "peer.unsigned"), name
    digest = "sha-256=:AAAA:"
    for changed in (
        {"Date": "Mon, 01 Jan 99999 00:00:00 GMT"},
        {"Date": "Mon, 01 Jan 2026 00:00:00 +99999999999"},
        {"Content-Digest": digest},
        {"Content-Digest": "()"},
        {"Signature": "amanat=1"},
        {"Signature": "amanat=::, amanat=::"},
        {"Signature": ""},
        {"Signature": "\xff"},
        {"Signature-Input": good["Signature-Input"] + ";created=99999999999999999999"},
        {"Signature-Input": good["Signature-Input"].replace('"@method"', '"@method";req')},
        {"Signature-Input": good["Signature-Input"].replace('"@method"', "(" * 500)},
        {"Signature-Input": good["Signature-Input"].replace("keyid", "keyed")},
        {"Host": "evil.example/x?y#z"},
        {"X-Long": "x" * 60_000},
    ):
        head = {**signed(nodes["af"], "obs", body, record_key(border.obs)), **changed}
        answer = httpx.post(
            f"{nodes['af'].url}{PATH}",
            headers=[(k.encode(), v.encode("latin-1")) for k, v in head.items()],
            content=body,
            verify=TRUST,
        )
        assert answer.status_code < 500, changed


# --- how much, how slowly ---------------------------------------------------------------------------------------------


def opened(node: Node) -> socket.socket:
    return socket.create_connection(("127.0.0.1", urlsplit(node.url).port or 0), timeout=10)


def head_of(headers: Mapping[str, str], *besides: str) -> bytes:
    """A request's head, byte for byte."""
    lines = [f"POST {PATH} HTTP/1.1", "Host: node", *(f"{name}: {value}" for name, value in headers.items()), *besides]
    return "\r\n".join([*lines, "", ""]).encode()


def status_of(connection: socket.socket) -> int:
    """The status of what comes back; 0 when the connection ends without."""
    try:
        line = connection.recv(4096).split(b"\r\n")[0].split()
    except ConnectionError:
        return 0
    return int(line[1]) if line else 0


def pour(connection: socket.socket, piece: bytes, most: int) -> int:
    """Send the same again and again; return how many bytes were taken before the other end closed."""
    sent = 0
    try:
        while sent < most:
            sent += connection.send(piece)
    except OSError:
        return sent
    return sent


@pytest.mark.promised("more than a node can hold", PAGE, LIMITS, "16 MiB, not packed")
def test_a_body_too_large_is_not_read_to_its_end(border: Border, nodes: Nodes) -> None:
    node, key = nodes["af"], record_key(border.obs)
    for besides, piece in (
        (f"Content-Length: {100 * MIB}", bytes(64 * 1024)),
        ("Transfer-Encoding: chunked", b"10000\r\n" + bytes(0x10000) + b"\r\n"),
    ):
        with opened(node) as connection:
            connection.sendall(head_of(signed(node, "obs", b"", key), besides))
            assert pour(connection, piece, 100 * MIB) < 60 * MIB
    body = stick("obs", "af") + bytes(MAX_BYTES)
    assert ask(node, signed(node, "obs", body, key), body) == (413, "peer.size")


@pytest.mark.promised("more than a node can hold", PAGE, LIMITS, "16,384 items")
def test_items_without_number_are_not_taken_in(border: Border, nodes: Nodes) -> None:
    """Two million fit into a body: each would be written down, and what was wrong with it kept in memory."""
    body = stick("obs", "af", *(Item("act", b"%d" % each) for each in range(MAX_ITEMS + 1)))
    assert ask(nodes["af"], signed(nodes["af"], "obs", body, record_key(border.obs)), body) == (413, "peer.size")
    assert border.af.evidence() == []


def test_a_packed_body_is_not_unpacked(border: Border, nodes: Nodes) -> None:
    body = stick("obs", "af")
    head = {**signed(nodes["af"], "obs", body, record_key(border.obs)), "Content-Encoding": "gzip"}
    assert ask(nodes["af"], head, body) == (413, "peer.size")


@pytest.mark.promised(
    "a flood of strangers", PAGE, WHO, "whose head does not show a party known here gets `403`, before the body is read"
)
def test_nothing_of_a_strangers_body_is_read(border: Border, nodes: Nodes) -> None:
    node = nodes["af"]
    key, before = Ed25519PrivateKey.generate(), resident()
    crowd = [opened(node) for _ in range(48)]
    for at, connection in enumerate(crowd):
        claim = signed(node, ("obs", "nobody")[at % 2], b"", key)
        connection.sendall(head_of(claim, f"Content-Length: {16 * MIB}"))
        connection.settimeout(0.2)
    border.pk.send("af", text="meanwhile")
    threads = [threading.Thread(target=pour, args=(each, bytes(256 * 1024), 8 * MIB)) for each in crowd]
    for thread in threads:
        thread.start()
    eventually(lambda: [each.body.text for each in border.af.received()] == ["meanwhile"], within=10)
    for thread, connection in zip(threads, crowd, strict=True):
        thread.join()
        connection.close()
    assert resident() - before < 64 * MIB
    assert not node.reception.bodies


def resident() -> int:
    """Bytes of memory that this process, which serves all nodes, has in use."""
    return int(Path("/proc/self/statm").read_text("utf-8").split()[1]) * 4096


@pytest.mark.promised("a flood of one peer", PAGE, LIMITS, "exchanges of one caller at a time")
def test_a_flood_of_one_peer_is_told_to_wait_and_holds_nobody_up(border: Border, nodes: Nodes) -> None:
    node, said = nodes["af"], list[tuple[int, str]]()
    papers = [
        Item("envelope", border.obs.forge("af", text="x" * 1000, sequence=n, **border.obs.green()))
        for n in range(1, 31)
    ]
    body = stick("obs", "af", *papers)
    heads = [signed(node, "obs", body, record_key(border.obs)) for _ in range(24)]
    threads = [threading.Thread(target=lambda head=head: said.append(ask(node, head, body))) for head in heads]
    for thread in threads:
        thread.start()
    sent = border.pk.send("af", text="meanwhile")
    eventually(lambda: border.pk.delivery(sent, "af") != "pending", within=10)
    for thread in threads:
        thread.join()
    assert {*said} <= {(200, ""), (429, "peer.busy"), (408, "peer.slow")}
    assert (200, "") in said
    assert len(said) > said.count((200, ""))
    border.dishonest.add("obs")


@pytest.mark.promised("a slow request", PAGE, LIMITS, "60 seconds, and one more for each 4 KiB that came")
def test_a_body_that_trickles_is_given_up(border: Border, nodes: Nodes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(route, "BODY_SECONDS", 0.5)
    node = nodes["af"]
    with opened(node) as connection:
        connection.sendall(head_of(signed(node, "obs", b"", record_key(border.obs)), "Content-Length: 1000"))
        begun = time.monotonic()
        threading.Thread(target=trickle, args=(connection,), daemon=True).start()
        assert status_of(connection) == 408
        assert time.monotonic() - begun < 5


def trickle(connection: socket.socket) -> None:
    try:
        while True:
            connection.send(b"a")
            time.sleep(0.05)
    except OSError:
        return


def test_a_head_that_trickles_is_given_up(border: Border) -> None:
    with serve(border.af, free_port(), head_milliseconds=500) as node, opened(node) as connection:
        begun = time.monotonic()
        connection.sendall(head_of({}, "X-Slow: ")[:-6])
        threading.Thread(target=trickle, args=(connection,), daemon=True).start()
        assert status_of(connection) in (0, 408)
        assert time.monotonic() - begun < 5


def test_whoever_connects_and_says_nothing_is_let_go(border: Border) -> None:
    with serve(border.af, free_port(), head_milliseconds=500) as node, opened(node) as connection:
        assert status_of(connection) == 0


@pytest.mark.promised(
    "a slow request", PAGE, LIMITS, "a body that still comes is given up when the caller's next one begins"
)
def test_a_body_whose_line_broke_does_not_keep_its_sender_out(border: Border, nodes: Nodes) -> None:
    node, key, body = nodes["af"], record_key(border.obs), stick("obs", "af")
    with opened(node) as stalled:
        stalled.sendall(head_of(signed(node, "obs", b"", key), "Content-Length: 1000") + b"a")
        eventually(lambda: "obs" in node.reception.bodies)
        assert ask(node, signed(node, "obs", body, key), body) == (200, "")
        assert status_of(stalled) == 408


@pytest.mark.promised(
    "more than a node can hold", PAGE, LIMITS, "one that is not read is given up when the next is ready"
)
def test_of_a_peer_that_reads_no_answer_one_is_in_memory(
    border: Border, nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    node, body = nodes["af"], stick("obs", "af")
    with monkeypatch.context() as patched:
        patched.setattr(peer_api.Reception, "_give", lambda *_: bytes(16 * MIB))
        crowd = list[socket.socket]()
        for _ in range(4):
            crowd.append(opened(node))
            before = node.reception.going.get("obs")
            crowd[-1].sendall(
                head_of(signed(node, "obs", body, record_key(border.obs)), f"Content-Length: {len(body)}")
            )
            crowd[-1].sendall(body)
            eventually(lambda before=before: node.reception.going.get("obs") not in (None, before))  # type: ignore[misc]
    assert all(read_to_the_end(each) < 16 * MIB for each in crowd[:-1])
    for each in crowd:
        each.close()


@pytest.mark.promised("more than a node can hold", PAGE, LIMITS, "60 seconds, and one more for each 4 KiB that went")
def test_an_answer_that_nobody_reads_is_given_up(border: Border, nodes: Nodes, monkeypatch: pytest.MonkeyPatch) -> None:
    node, body = nodes["af"], stick("obs", "af")
    monkeypatch.setattr(at_pace, "BODY_SECONDS", 0.5)
    monkeypatch.setattr(at_pace, "BYTES_PER_SECOND", 16 * MIB)
    with opened(node) as connection, monkeypatch.context() as patched:
        patched.setattr(peer_api.Reception, "_give", lambda *_: bytes(16 * MIB))
        connection.sendall(head_of(signed(node, "obs", body, record_key(border.obs)), f"Content-Length: {len(body)}"))
        connection.sendall(body)
        eventually(lambda: "obs" in node.reception.going)
        eventually(lambda: "obs" not in node.reception.going)
        assert read_to_the_end(connection) < 16 * MIB


def read_to_the_end(connection: socket.socket) -> int:
    """How many bytes come before the other side closes."""
    connection.settimeout(20)
    read = 0
    while piece := connection.recv(MIB):
        read += len(piece)
    return read


# --- what is in it ----------------------------------------------------------------------------------------------------


@pytest.mark.promised("a lying witness", PAGE, "Errors", "they are kept as evidence")
def test_a_witness_that_lies_makes_no_receipt_final(border: Border) -> None:
    """It signs nothing itself, takes another's line for its own, and adds to a root that it made up."""
    with connected(border, "pk", "af") as nodes:
        sent = border.pk.send("af")
        eventually(lambda: border.pk.delivery(sent, "af") == "provisional")
        note = next(each for each in border.items("af", "pk", "cosignature") if each.startswith(b"pk."))
        head, _, lines = note.partition(b"\n\n")
        root = head.splitlines()[2]
        lies = (
            note,
            head + b"\n\n" + lines.replace(b"af.amanat", b"obs.amanat"),
            head.replace(root, root[::-1].strip(b"=") + b"=") + b"\n\n" + lines,
        )
        body = stick("obs", "pk", *(Item("cosignature", each) for each in lies))
        assert ask(nodes["pk"], signed(nodes["pk"], "obs", body, record_key(border.obs)), body) == (200, "")
        assert len(border.pk.evidence()) == len(lies)
        assert border.pk.delivery(sent, "af") == "provisional"
    with connected(border):
        eventually(lambda: border.pk.delivery(sent, "af") == "final")


@pytest.mark.promised(
    "a forked log",
    "docs/threat-model.md",
    "A snapshot rolled back offline",
    "The first witness to whom it shows it refuses",
)
def test_a_second_history_shown_on_the_wire_is_refused_and_kept(border: Border) -> None:
    """And the two who were not lied to exchange all the while."""
    border.dishonest.add("pk")
    with connected(border):
        sent = border.pk.send("af", text="seen by all")
        eventually(lambda: border.pk.delivery(sent, "af") == "final")
        other = border.af.send("obs", **border.af.green())
        eventually(lambda: border.af.delivery(other, "obs") == "final")
    copy = border.pk.snapshot()
    first = border.pk.send("af", text="one history")
    with connected(border):
        eventually(lambda: border.pk.delivery(first, "af") == "final")
    border.pk.restore(copy)
    border.pk.send("af", text="another history")
    with connected(border):
        eventually(lambda: "log.rollback" in border.pk.evidence())
        eventually(lambda: "witness.fork" in border.obs.evidence() + border.af.evidence())
        passed = border.af.send("obs", **border.af.green())
        # Not final: that takes a countersignature of pk, whose node signs nothing since it saw what it had signed.
        eventually(lambda: border.af.delivery(passed, "obs") == "provisional")
