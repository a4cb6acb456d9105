"""The same exchange over the wire: what one party sends, the other has at once, and both know it."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from amanat.exchange import live, pace, peer_api, peer_line
from amanat.exchange.accept import Accepted
from amanat.exchange.bundle import Item
from amanat.exchange.lines import forget_address, set_address
from amanat.exchange.means import Means, begin, look
from amanat.exchange.outbox import answer, deliver
from amanat.exchange.receive import Report, take_in
from amanat.exchange.send import send
from amanat.log.proof import parse_proof
from amanat.party.errors import Unreachable
from amanat.store import database, listing, turns
from amanat.store.tables import PEER
from border import Border
from side import Side
from wire import Node, connected, eventually, free_port


def state(side: Side, digest: str) -> list[str]:
    with look(side.means) as turn:
        return [each.state for each in listing.deliveries(turn.tx, digest)]


def has(side: Side, party: str, id_: str) -> bool:
    with look(side.means) as turn:
        return listing.one(turn.tx, party, id_) is not None


def of_line(side: Side) -> list[str]:
    """What live pages were told of the line to af."""
    with look(side.means) as turn:
        return [each.detail for each in live.after(turn.tx, 0) if (each.type, each.party) == ("line", "af")]


@contextmanager
def another_program(side: Side) -> Iterator[Side]:
    """The same party's database, opened as a second program does."""
    engine = database.open_existing(side.kept.where)
    try:
        yield replace(side, means=replace(side.means, engine=engine))
    finally:
        engine.dispose()


def test_a_record_is_at_its_recipient_at_once_and_its_receipt_becomes_final(border: Border) -> None:
    with connected(border):
        sent = border.pk.send("af")
        eventually(lambda: has(border.af, *sent.record.key))
        eventually(lambda: state(border.pk, sent.digest) == ["final"])


def test_what_a_command_beside_the_node_sends_leaves_at_once_too(border: Border) -> None:
    with connected(border), another_program(border.pk) as beside:
        sent = beside.send("af")
        eventually(lambda: has(border.af, *sent.record.key), within=5.0)


def paused(node: Node) -> None:
    """Pause its line to af."""
    with begin(node.side.means) as turn:
        node.lines.pause(turn, "af")


def test_what_a_command_beside_the_node_says_of_a_peer_is_followed(border: Border) -> None:
    """A line that another program paused, goes on with, forgets and begins anew is so in the node that is served."""
    with connected(border, "pk", "af") as nodes, another_program(border.pk) as beside:
        lines, url = nodes["pk"].lines, nodes["af"].url
        eventually(lambda: lines.standing()["af"].state == "up")
        with beside.means.engine.begin() as tx:
            tx.execute(PEER.update().values(paused=True))
        eventually(lambda: lines.standing()["af"].state == "paused", within=5.0)
        set_address(beside.means, "af", url)
        eventually(lambda: lines.standing()["af"].state == "up", within=5.0)
        set_address(beside.means, "af", f"http://127.0.0.1:{free_port()}")
        eventually(lambda: lines.standing()["af"].state == "down", within=5.0)
        forget_address(beside.means, "af")
        eventually(lambda: "af" not in lines.standing(), within=5.0)
        set_address(beside.means, "af", url)
        eventually(lambda: "af" in lines.standing() and lines.standing()["af"].state == "up", within=5.0)
    told = of_line(border.pk)
    assert [each for each in told if each in ("set", "forgotten")] == ["set", "set", "set", "forgotten", "set"]


def test_no_second_line_to_a_peer_begins_while_the_one_forgotten_is_at_work_and_no_other_waits_for_it(
    border: Border,
) -> None:
    with connected(border, "pk", "af") as nodes, another_program(border.pk) as beside:
        lines, url, over = nodes["pk"].lines, nodes["af"].url, threading.Event()
        eventually(lambda: lines.standing()["af"].state == "up")
        lines.threads["af"] = threading.Thread(target=over.wait)  # as one that takes in a long answer
        lines.threads["af"].start()
        forget_address(beside.means, "af")
        eventually(lambda: "af" not in lines.standing(), within=5.0)
        set_address(beside.means, "af", url)
        forget_address(beside.means, "obs")
        eventually(lambda: "obs" not in lines.standing(), within=3.0)
        assert "af" not in lines.standing()
        over.set()
        eventually(lambda: "af" in lines.standing() and lines.standing()["af"].state == "up", within=5.0)


def test_a_line_that_is_paused_stays_so_whatever_others_commit(border: Border) -> None:
    with connected(border, "pk", "af") as nodes, another_program(border.pk) as beside:
        paused(nodes["pk"])
        sent = beside.send("af")
        heard = threading.Event()
        turns.after_commits(nodes["pk"].side.means.engine, heard.set)
        beside.send("af")
        assert heard.wait(5)
        assert nodes["pk"].lines.standing()["af"].state == "paused"
        assert state(border.pk, sent.digest) == ["pending"]


def test_a_pause_that_is_not_committed_yet_is_not_taken_back_by_a_look_at_the_database(border: Border) -> None:
    with connected(border, "pk", "af") as nodes:
        lines = nodes["pk"].lines
        eventually(lambda: lines.standing()["af"].state == "up")
        look_at_it = threading.Thread(target=lines._follow)  # noqa: SLF001 - as whoever watches other programs does
        with begin(nodes["pk"].side.means) as turn:
            lines.pause(turn, "af")
            look_at_it.start()
            look_at_it.join(0.3)
            assert lines.standing()["af"].state == "paused"
        look_at_it.join()
        assert lines.standing()["af"].state == "paused"


def test_a_mistake_of_ours_does_not_end_the_look_at_what_other_programs_do(border: Border) -> None:
    """What they do while nobody looks is seen with the next look."""
    failed = threading.Event()
    with connected(border, "pk", "af") as nodes, another_program(border.pk) as beside:
        eventually(lambda: nodes["pk"].lines.standing()["af"].state == "up")

        def mistaken() -> None:
            if not failed.is_set():
                failed.set()
                raise ZeroDivisionError

        nodes["pk"].lines.new_keys = mistaken
        assert failed.wait(5)
        sent = beside.send("af")
        eventually(lambda: has(border.af, *sent.record.key), within=5.0)


def test_live_pages_are_told_once_that_a_peer_answers_and_that_it_does_so_no_more(border: Border) -> None:
    with connected(border, "pk", "af"):
        eventually(lambda: of_line(border.pk)[-1:] == ["up"])  # before, it may have found nobody there
    before = len(of_line(border.pk))
    with connected(border, "pk") as nodes:
        eventually(lambda: nodes["pk"].lines.standing()["af"].tries > 1)
        assert of_line(border.pk)[before:] == ["set", "down"]


def test_a_database_that_is_away_keeps_a_line_from_nothing_but_telling(
    border: Border, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connected(border, "pk") as nodes:
        lines = nodes["pk"].lines
        eventually(lambda: lines.standing()["af"].tries > 0)

        def away(_turn: object, *_said: object, **_more: object) -> None:
            raise Unreachable("store.away", "The database does not answer.", "It is tried again.")

        lines.end()  # else it tries again meanwhile, and stands as that has it
        monkeypatch.setattr(live, "tell", away)
        lines.line("af")._stand("up")  # noqa: SLF001 - as an exchange would have it
        assert lines.standing()["af"].state == "up"


def send_many(side: Side, count: int) -> None:
    send([side.draft("af", text=f"report {number}") for number in range(count)], side.post, side.means)


def test_what_comes_over_a_wire_is_answered_in_the_transaction_that_takes_it_in(border: Border) -> None:
    border.pk.send("af")
    given, engine = list[Item](), border.af.means.engine
    with deliver("af", border.pk.means) as due:
        envelopes = [item for item in due if item.type == "envelope"]
    before, _ = turns.commits(engine)
    take_in("pk", envelopes, border.af.means, lambda turn: given.extend(answer(turn, "pk", 10)))
    assert turns.commits(engine)[0] == before + 1
    assert [item.type for item in given] == ["receipt"]
    assert border.items("af", "pk", "receipt") == []


def test_no_more_answers_are_given_at_once_than_were_asked_for(border: Border) -> None:
    send_many(border.pk, 5)
    given = list[Item]()
    with deliver("af", border.pk.means) as due:
        take_in("pk", due, border.af.means, lambda turn: given.extend(answer(turn, "pk", 3)))
    assert len(given) == 3
    assert len(border.items("af", "pk", "receipt")) == 2


def test_a_backlog_goes_in_shares_each_once_and_in_order(border: Border, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the receipts of one share are taken in the next goes, and nothing of the one before with it."""
    monkeypatch.setattr(pace, "MOST", 8000)
    reports = list[Report]()
    with connected(border) as nodes:
        sent = border.pk.send("af")
        eventually(lambda: state(border.pk, sent.digest) == ["final"])
        nodes["af"].reception.told = reports.append
        nodes["pk"].lines.line("af").pace.most = 8000
        send_many(border.pk, 30)
        eventually(lambda: sum(len(each.outcomes) for each in reports) >= 30)
        eventually(lambda: len(border.af.received()) == 31)
    outcomes = [each for report in reports for each in report.outcomes]
    assert len([each for report in reports if (each := report.outcomes)]) > 5
    assert [type(each) for each in outcomes] == [Accepted] * 30
    assert [each.log_index for each in outcomes if isinstance(each, Accepted)] == [*range(1, 31)]


def test_a_record_does_not_wait_until_the_answer_before_is_taken_in(
    border: Border, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent, held, taking = threading.Event(), threading.Event(), threading.Event()
    waited_for = set[bytes | None]()

    def slowly(sender: str, items: Iterable[Item], means: Means) -> Report:
        came = list(items)
        sent.wait(20)
        if {parse_proof(item.data).extra for item in came if item.type == "receipt"} & waited_for:
            taking.set()
            held.wait(20)
        return take_in(sender, came, means)

    with connected(border, "pk", "af"):
        first = border.pk.send("af")
        eventually(lambda: state(border.pk, first.digest) != ["pending"])
        with monkeypatch.context() as patched:
            patched.setattr(peer_line, "take_in", slowly)
            taken = border.pk.send("af")
            waited_for.add(bytes.fromhex(taken.digest))
            sent.set()
            eventually(taking.is_set)
            meanwhile = border.pk.send("af")
            eventually(lambda: has(border.af, *meanwhile.record.key), within=15.0)
            held.set()
        eventually(lambda: "pending" not in state(border.pk, taken.digest) + state(border.pk, meanwhile.digest))


def test_who_asks_gets_a_backlog_in_shares_without_a_pause_between(
    border: Border, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For a party that cannot be reached asks every 30 seconds; what one answer cannot hold is asked for at once."""
    monkeypatch.setattr(peer_api, "MOST", 12_000)
    with connected(border, "pk", "af") as nodes:
        paused(nodes["pk"])
        send_many(border.pk, 15)
        asking = nodes["af"].lines.line("pk")
        asking.pace.ask_again()
        asking.press()
        eventually(lambda: len(border.af.received()) == 15, within=60.0)
