"""A peer's node that lies when it is asked: the line to it is down and says so, and everything else goes on.

What answers is a socket that says what the test writes; the caller is the very client of a node.
"""

import gzip
import io
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

import httpx
import pytest
from structlog.testing import capture_logs

from amanat.exchange import bundle, peer_line
from amanat.exchange.bundle import Item
from amanat.exchange.lines import set_address
from amanat.exchange.peer_client import MAX_BYTES, MAX_ITEMS, Wire, client
from amanat.exchange.peer_line import Line
from amanat.party.errors import Invalid, Problem, Unreachable
from border import Border
from wire import TRUST, connected, eventually

PAGE, LIMITS = "docs/protocol/peer-api.md", "Exchange"
Saying = Callable[[socket.socket], None]


@dataclass
class Liar:
    """A node that answers whatever it is asked in one way; `heads` are the requests as they came."""

    url: str
    heads: list[bytes] = field(default_factory=list)


@contextmanager
def lying(say: Saying) -> Iterator[Liar]:
    """Let somebody answer so until the block ends."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        liar = Liar(f"http://127.0.0.1:{listening.getsockname()[1]}")

        def answer(connection: socket.socket) -> None:
            with closing(connection):
                try:
                    connection.settimeout(5)
                    liar.heads.append(request(connection))
                    say(connection)
                except OSError:
                    return

        def listen() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                threading.Thread(target=answer, args=(connection,), daemon=True).start()

        threading.Thread(target=listen, daemon=True).start()
        yield liar


def request(connection: socket.socket) -> bytes:
    """Read a request to its end; return its head."""
    came = b""
    while b"\r\n\r\n" not in came:
        came += connection.recv(65536) or b"\r\n\r\n"
    head, _, body = came.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length:
        piece = connection.recv(65536)
        if not piece:
            break
        body += piece
    return head


def says(body: bytes, *fields: str, status: str = "200 OK", length: int | None = None) -> Saying:
    """Answer that, and close."""
    given = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", "Connection: close"]
    head = "\r\n".join([*given, *fields, "", ""]).encode("latin-1")
    return lambda connection: connection.sendall(head + body)


def endless(piece: bytes, *fields: str, every: float = 0.0) -> Saying:
    """Answer the same without an end."""

    def say(connection: socket.socket) -> None:
        connection.sendall("\r\n".join(["HTTP/1.1 200 OK", *fields, ""]).encode())
        while True:
            connection.sendall(piece)
            time.sleep(every)

    return say


def stick(sender: str, recipient: str, *items: Item) -> bytes:
    file = io.BytesIO()
    bundle.write(file, sender, recipient, items)
    return file.getvalue()


def asked(border: Border, liar: Liar) -> tuple[Wire, httpx.Client]:
    """What asks that node as pk asks af's, with a nonce, as if it were in the middle of it."""
    http = client(TRUST, httpx.Timeout(5.0))
    return Wire(http, liar.url, "pk", "af", border.pk.means.keys.record, nonce="aaaa"), http


def failing(border: Border, say: Saying) -> Problem:
    """Ask a node that answers so; return what is said of it."""
    with lying(say) as liar:
        wire, http = asked(border, liar)
        with closing(http), pytest.raises(Problem) as caught:
            wire.exchange([], border.clock(), pull=True)
    return caught.value


# --- one answer -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (stick("obs", "pk"), "peer.other"),
        (stick("af", "obs"), "peer.other"),
        (stick("af", "pk", Item("lexicon", bytes(200)))[:-150], "bundle.truncated"),
        (stick("af", "pk")[:-1], "bundle.end"),
        (b"<html>welcome</html>", "bundle.first"),
        (b"", "bundle.first"),
    ],
    ids=["another's", "for another", "truncated", "cut", "junk", "nothing"],
)
def test_an_answer_that_is_no_bundle_for_us_is_not_taken_in(border: Border, body: bytes, code: str) -> None:
    assert failing(border, says(body)).code == code


@pytest.mark.promised("more than a node can hold", PAGE, LIMITS, "16,384 items")
def test_an_answer_of_items_without_number_is_not_taken_in(border: Border) -> None:
    answer = stick("af", "pk", *(Item("act", b"%d" % each) for each in range(MAX_ITEMS + 1)))
    assert failing(border, says(answer)).code == "peer.size"


def test_an_answer_that_ends_too_early_is_none(border: Border) -> None:
    assert isinstance(failing(border, says(stick("af", "pk"), length=100_000)), Unreachable)


@pytest.mark.promised("an answer without an end", PAGE, LIMITS, "read more of one than it may have")
@pytest.mark.parametrize(
    "fields", [("Content-Length: 10000000000", ""), ("Transfer-Encoding: chunked", "")], ids=["10 GB", "endless"]
)
def test_of_an_answer_without_an_end_no_more_is_read_than_one_may_have(border: Border, fields: tuple[str, ...]) -> None:
    piece = bytes(0x10000)
    pieces = b"10000\r\n" + piece + b"\r\n" if "chunked" in fields[0] else piece
    problem = failing(border, endless(pieces, *fields))
    assert (problem.code, str(MAX_BYTES) in problem.says) == ("peer.size", True)


@pytest.mark.promised("a packed answer", PAGE, LIMITS, "unpack an answer")
@pytest.mark.parametrize("coding", ["gzip", "gzip, gzip", "deflate", "br", "zstd"])
def test_a_packed_answer_is_not_unpacked(border: Border, coding: str) -> None:
    bomb = gzip.compress(gzip.compress(bytes(64 * 1024 * 1024)))
    problem = failing(border, says(bomb, f"Content-Encoding: {coding}"))
    assert problem.code == "peer.size"


@pytest.mark.promised("an answer that sends elsewhere", PAGE, LIMITS, "MUST NOT follow a redirection")
@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
def test_a_redirection_is_shown_and_not_followed(border: Border, status: str) -> None:
    with lying(says(b"")) as elsewhere:
        problem = failing(border, says(b"", f"Location: {elsewhere.url}/peer/v1/exchange", status=status))
        assert (problem.code, elsewhere.heads) == ("peer.refused", [])


def test_what_a_peer_says_is_shown_without_what_a_terminal_would_obey(border: Border) -> None:
    said = json.dumps({"detail": "\x1b[2J\x1b]0;owned\x07 no\n" + "x" * 10_000}).encode()
    problem = failing(border, says(said, status="403 No"))
    assert problem.says.isprintable()
    assert len(problem.says) < 500


@pytest.mark.parametrize("said", [b"[" * 100_000, b'{"detail": 1}', b"[1]", b"\xff", b"1" * 5000], ids=str)
def test_a_reason_that_is_none_is_not_shown(border: Border, said: bytes) -> None:
    problem = failing(border, says(said, status="503 No"))
    assert (problem.code, "no reason given" in problem.says) == ("peer.busy", True)


@pytest.mark.parametrize("date", ["", "never", "Mon, 01 Jan 99999 00:00:00 GMT", "1 Jan 2026 00:00:00 +99999999999"])
def test_a_date_that_is_none_says_nothing_of_the_clock(border: Border, date: str) -> None:
    with lying(says(stick("af", "pk"), f"Date: {date}")) as liar:
        wire, http = asked(border, liar)
        with closing(http):
            assert wire.exchange([], border.clock(), pull=True)[1] is None


@pytest.mark.parametrize("given", ['x";tag="other', "x" * 5000, "\xe9", ""])
def test_a_nonce_that_is_none_is_never_signed(border: Border, given: str) -> None:
    with lying(says(stick("af", "pk"), f"Amanat-Nonce: {given}", f"Set-Cookie: a={'b' * 3000}")) as liar:
        wire, http = asked(border, liar)
        with closing(http):
            wire.exchange([], border.clock(), pull=True)
            wire.exchange([], border.clock(), pull=True)
            assert wire.nonce == "aaaa"
            assert not http.cookies
    assert not any(b"ookie" in head for head in liar.heads)


def test_after_a_failure_a_fresh_nonce_is_asked_for(border: Border) -> None:
    """Else a node that was started anew, and closes before it read the rest of a large body, is never heard again."""
    with lying(lambda _connection: None) as liar:
        wire, http = asked(border, liar)
        with closing(http):
            for _ in range(2):
                with pytest.raises(Unreachable):
                    wire.exchange([], border.clock(), pull=True)
    assert [head.split()[0] for head in liar.heads] == [b"POST", b"GET"]


# --- a line to such a node --------------------------------------------------------------------------------------------


@contextmanager
def line(border: Border, liar: Liar) -> Iterator[Line]:
    """A line from pk to that node, at work in its thread."""
    wire, http = asked(border, liar)
    made = Line(border.pk.means, wire, time.monotonic, lambda: 0.0, lambda _: None, lambda *_: None)
    thread = threading.Thread(target=made.run, daemon=True)
    thread.start()
    yield made
    made.end()
    wire.cut()
    thread.join(10)
    assert not thread.is_alive()
    http.close()


@pytest.mark.promised("a peer that takes and stays silent", PAGE, LIMITS, "is brought again after 1 second")
def test_who_takes_envelopes_and_never_answers_them_is_not_brought_them_without_end(border: Border) -> None:
    border.pk.send("af")
    with lying(says(stick("af", "pk"))) as liar, line(border, liar) as made:
        eventually(lambda: made.standing.state == "up")
        time.sleep(1.5)
        assert made.standing.state == "up"
    assert len([head for head in liar.heads if head.startswith(b"POST")]) <= 5


def test_a_later_record_does_not_wait_for_what_is_left_unanswered(border: Border) -> None:
    border.pk.send("af")
    with lying(says(stick("af", "pk"))) as liar, line(border, liar) as made:
        eventually(lambda: len(liar.heads) >= 3)
        time.sleep(0.3)
        before = len(liar.heads)
        border.pk.send("af")
        made.wake()
        eventually(lambda: len(liar.heads) > before, within=0.6)


def test_an_answer_that_nobody_thought_of_does_not_end_the_line(
    border: Border, monkeypatch: pytest.MonkeyPatch
) -> None:
    with lying(says(stick("af", "pk"))) as liar, line(border, liar) as made:
        eventually(lambda: made.standing.state == "up")
        with monkeypatch.context() as patched, capture_logs() as told:
            patched.setattr(peer_line, "take_in", lambda *_: 1 / 0)
            border.pk.send("af")
            made.wake()
            eventually(lambda: "ZeroDivisionError" in made.standing.says)
        assert (told[0]["event"], told[0]["problem"]) == ("put off", "ZeroDivisionError")
        assert told[0]["where"][-1].startswith("<lambda>:")
        eventually(lambda: made.standing.state == "up")


def _wait(held: threading.Event) -> None:
    held.wait(5)


def _hurried(made: Line) -> Line:
    made.hurry()
    return made


def test_a_pause_outlives_whatever_comes_of_the_exchange_at_hand(border: Border) -> None:
    held = threading.Event()
    with lying(lambda _: _wait(held)) as liar, line(border, liar) as made:
        eventually(lambda: liar.heads != [])
        made.pause()
        held.set()
        time.sleep(0.5)
        assert made.standing.state == "paused"
        before = len(liar.heads)
        time.sleep(1.2)
        assert len(liar.heads) == before
        made.resume()
        eventually(lambda: len(liar.heads) > before)


def test_an_answer_that_trickles_is_cut_off_in_the_end(border: Border, monkeypatch: pytest.MonkeyPatch) -> None:
    """In its head, where nothing else of ours would see it, as in its body."""
    monkeypatch.setattr(peer_line, "EXCHANGE_SECONDS", 0.5)
    for fields in ((), ("Content-Length: 100000", "")):
        with lying(endless(b"a", *fields, every=0.05)) as liar, line(border, liar) as made:
            eventually(lambda: liar.heads != [])
            eventually(lambda: _hurried(made).standing.state == "down", within=5)


def test_a_node_stops_although_a_peer_never_ends_its_answer(border: Border) -> None:
    with lying(endless(b"a", every=0.05)) as liar:
        with connected(border, "pk"):
            set_address(border.pk.means, "af", liar.url)
            eventually(lambda: liar.heads != [])
            begun = time.monotonic()
        assert time.monotonic() - begun < 15


# --- where a peer is said to be ---------------------------------------------------------------------------------------


ODD = [
    "ftp://node.example",
    "node.example:8440",
    "//node.example",
    "http://",
    "http://user:word@node.example",
    "http://node.example@evil.example",
    "http://node.example#.evil.example",
    "http://node.example?",
    "http://node.example?x=y",
    "http://node.example/path",
    "http://node.example/../x",
    "http://node.example\\@evil.example",
    "http://node.example:99999",
    "http://node.example:port",
    "http://node.example\r\nX: y",
    "http://no de.example",
    "http://[::1",
    "http://" + "x" * 70_000,
    "file:///etc/passwd",
    "",
]


def test_what_is_no_plain_address_is_refused(border: Border) -> None:
    for url in ODD:
        with pytest.raises(Invalid, match=r"is no address of a node") as caught:
            set_address(border.pk.means, "af", url)
        assert caught.value.code == "peer.url"


def test_a_plain_address_is_taken(border: Border) -> None:
    for url in ("https://node.example:8440", "http://127.0.0.1:8440/", "http://[::1]:8440", "https://Node.Example"):
        set_address(border.pk.means, "af", url)
