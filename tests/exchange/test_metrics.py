"""What a node tells those who watch it: figures without content, to nobody else."""

import httpx
import pytest
from structlog.testing import capture_logs

from amanat.exchange import journal
from amanat.exchange.receive import Report
from amanat.party.errors import Invalid
from border import Border
from wire import connected, eventually, free_port, serve

SHOWN = "a token of the watcher's"


def figures(url: str, **headers: str) -> dict[str, float]:
    """All figures by name and labels."""
    answer = httpx.get(f"{url}/metrics", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    lines = (line for line in answer.text.splitlines() if line and not line.startswith("#"))
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_what_was_exchanged_is_counted(border: Border) -> None:
    with connected(border) as nodes:
        border.pk.send("af")
        eventually(lambda: figures(nodes["af"].url).get('amanat_records_total{code="",outcome="accepted"}', 0) == 1)
        eventually(lambda: nodes["af"].lines.standing()["pk"].state == "up")
        told = figures(nodes["af"].url)
        assert told['amanat_log_entries{log="pk-af"}'] == 1
        assert told['amanat_line_state{peer="pk",state="up"}'] == 1
        assert told["amanat_commit_writers_total"] >= told["amanat_commits_total"] > 0
        assert told["amanat_disk_free_bytes"] == 1
        assert (told['amanat_outbox_records{peer="pk"}'], told['amanat_outbox_oldest_seconds{peer="pk"}']) == (0, 0)
        eventually(lambda: figures(nodes["pk"].url).get('amanat_exchange_seconds_count{peer="af"}', 0) >= 1)


def test_what_waits_is_told_with_its_age(border: Border) -> None:
    with serve(border.pk, free_port()) as node:
        border.pk.send("af")
        border.clock.forward(hours=1)
        told = figures(node.url)
    assert told['amanat_outbox_records{peer="af"}'] == 1
    assert told['amanat_outbox_oldest_seconds{peer="af"}'] == 3600
    assert told['amanat_log_unconfirmed_entries{log="pk-af"}'] == 1


def test_no_content_and_no_id_is_among_them(border: Border) -> None:
    sent = border.pk.send("af", text="two lorries at Torkham")
    with serve(border.pk, free_port()) as node:
        said = httpx.get(f"{node.url}/metrics").text
    assert not any(word in said for word in ("lorries", sent.record.fields.id, sent.digest, "duty"))


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_whoever_comes_through_a_proxy_is_not_of_this_machine(border: Border, header: str) -> None:
    with serve(border.pk, free_port()) as node:
        assert httpx.get(f"{node.url}/metrics", headers={header: "198.51.100.7"}).status_code == 403


def test_where_there_is_a_token_it_must_be_shown(border: Border) -> None:
    with serve(border.pk, free_port(), token=SHOWN) as node:
        refused = [
            httpx.get(f"{node.url}/metrics", headers=each).status_code for each in ({}, {"Authorization": "Bearer x"})
        ]
        assert refused == [403, 403]
        assert figures(node.url, Authorization=f"Bearer {SHOWN}")


def test_life_and_readiness_are_told_to_all_and_nothing_else_is(border: Border) -> None:
    with serve(border.pk, free_port(), token=SHOWN) as node:
        assert [httpx.get(f"{node.url}/health/{each}").status_code for each in ("live", "ready")] == [204, 204]
        border.pk.hold_back()
        answer = httpx.get(f"{node.url}/health/ready")
    assert (answer.status_code, answer.content) == (503, b"")


def test_what_a_peer_brings_by_the_thousand_is_one_line_of_the_journal() -> None:
    wrong = Invalid("act.fork", "One of thousands.", "Look at it.")
    with capture_logs() as lines:
        journal.told(Report("pk", problems=[("act", wrong)] * 3000))
    assert [(each["code"], each["count"]) for each in lines if each["log_level"] == "warning"] == [("act.fork", 3000)]
