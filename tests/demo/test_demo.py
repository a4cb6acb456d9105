"""The demo is real: what it says held can be asked again from the folder it leaves, and one miss fails it."""

import base64
import hashlib
import io
import json
import os
import re
import subprocess
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import httpx
import pytest
import stix2
import stix2validator
from rich.console import Console
from sqlalchemy import select

from amanat import demo, node
from amanat.demo import folders, nodes, tamper
from amanat.demo.cast import NAMES, _test_hours, passphrase
from amanat.demo.reports import reports
from amanat.demo.trial import Catch
from amanat.exchange.means import begin, look
from amanat.log.proof import parse_proof
from amanat.officer import account
from amanat.party.errors import Invalid
from amanat.record.record import Record, read
from amanat.store import listing
from amanat.store.tables import RECORD
from amanat.workspaces.liaison import calls
from amanat.workspaces.liaison.incidents import matters
from amanat.workspaces.liaison.incidents import views as incident_views
from cheap import cheap_keys
from tally import Tally

CAP = "urn:oasis:names:tc:emergency:cap:1.2"
ROOT = Path(__file__).resolve().parents[2]
NINE = [
    "A byte of an envelope",
    "An envelope left out of a bundle",
    "A rewritten leaf",
    "A replay into another compact",
    "A re-addressed envelope",
    "A record wrapped anew",
    "One ciphertext, two texts",
    "Two histories",
    "A revoked key",
]


@dataclass(frozen=True)
class Played:
    """One play of the demo: the folder it left, what it told, and whether all held."""

    folder: Path
    told: str
    held: bool
    let_in: dict[str, int]

    @property
    def urls(self) -> list[str]:
        """Where it says that the nodes stay up."""
        return re.findall(r"^    (?:pk|af|obs) +(http://127.0.0.1:[0-9]+)/sign-in$", self.told, re.MULTILINE)


def play(folder: Path, *, stay: bool = False) -> Played:
    """Play it as it is played from a checkout, by a shell that finds none of our programs; if to stay, sign in everywhere."""
    screen, let_in = io.StringIO(), dict[str, int]()

    def sign_in() -> None:
        (password,) = re.findall(r"the password is: (.+)$", screen.getvalue(), re.MULTILINE)
        for url in Played(folder, screen.getvalue(), held=True, let_in={}).urls:
            asked = {"name": "duty", "password": password}
            let_in[url] = httpx.post(f"{url}/api/v1/session", json=asked).status_code

    with pytest.MonkeyPatch.context() as patched, cheap_keys():
        patched.chdir(ROOT)
        patched.setattr(nodes, "PORTS", dict.fromkeys(nodes.PORTS, 0))  # others play on this machine at the same time
        patched.setenv("PATH", "/usr/bin:/bin")
        held = demo.run(folder, Console(file=screen, width=80), sign_in if stay else None)
    return Played(folder, screen.getvalue(), held, let_in)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return play(tmp_path_factory.mktemp("demo") / "border", stay=True)


def test_all_of_it_holds_and_nine_attacks_are_caught_by_name(played: Played) -> None:
    assert played.held
    assert [attack.name for attack in tamper.ATTACKS] == NINE
    for number, name in enumerate(NINE, 1):
        assert f"{number}   {name}" in played.told
    assert "9 of 9 attacks were caught, each by its own check." in played.told
    assert "NOT" not in played.told


def test_the_story_fits_a_narrow_terminal(played: Played) -> None:
    story, _, _ = played.told.partition("Everything held.")
    assert [line for line in story.splitlines() if len(line) > 80 or line != line.rstrip()] == []


def test_what_to_try_by_hand_works_as_it_is_printed(played: Played) -> None:
    """In a shell that finds none of our programs; all but the line that asks for a passphrase."""
    last = played.told.partition("hand:\n")[2].partition("\n\n")[0]
    assert "check_receipt.py" in last
    lines = [line.removeprefix("    ") for line in last.splitlines() if "passphrase" not in line]
    assert [line for line in lines if len(line) > 76 and not line.startswith(("PATH=", "cd "))] == []
    bare = os.environ | {"PATH": "/usr/bin:/bin"}
    done = subprocess.run(["/bin/bash", "-ec", "\n".join(lines)], env=bare, capture_output=True, text=True, check=False)  # noqa: S603
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("final: ") == 2
    assert "from pk to af: " in done.stdout
    assert "good: af.amanat.example/pk-af" in done.stdout


def naive_root(entries: Sequence[bytes]) -> bytes:
    """RFC 6962 section 2.1, word for word."""
    if len(entries) == 1:
        return hashlib.sha256(b"\x00" + entries[0]).digest()
    split = 1 << (len(entries) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + naive_root(entries[:split]) + naive_root(entries[split:])).digest()


@pytest.mark.parametrize("code", NAMES)
def test_a_log_left_behind_can_be_read_by_anyone(played: Played, code: str) -> None:
    """Read here with nothing of ours: the checkpoint signs the root over the entries of the bundles."""
    log = played.folder / "logs" / code
    origin, size, _ = (log / "checkpoint").read_text("utf-8").split("\n")[:3]
    assert origin == f"{code}.amanat.example/pk-af"
    assert len(entries(log)) == int(size)


def test_every_receipt_left_behind_is_of_the_envelope_beside_it(played: Played) -> None:
    envelopes = sorted((played.folder / "receipts").glob("*.envelope"))
    assert len(envelopes) >= 15
    for envelope in envelopes:
        proof = parse_proof(envelope.with_suffix(folders.RECEIPT).read_bytes())
        assert proof.extra == hashlib.sha256(envelope.read_bytes()).digest()


def entries(log: Path) -> list[bytes]:
    """What stands in a log left behind, once its checkpoint signs the root over it; read with nothing of ours."""
    _, size, root = (log / "checkpoint").read_text("utf-8").split("\n")[:3]
    bundle = (log / f"tile/entries/000.p/{size}").read_bytes()
    found = [bundle[at + 2 : at + 34] for at in range(0, len(bundle), 34)]
    assert naive_root(found) == base64.b64decode(root)
    return found


def test_the_day_is_proven_by_what_was_handed_over_of_it(played: Played) -> None:
    """Each envelope in both logs, and none of them before the day; as many ways of the observer's as there were records."""
    day = played.folder / "day"
    logs = {code: entries(day / code) for code in ("pk", "af")}
    before = {code: entries(day / "before" / code) for code in logs}
    assert all(logs[code][: len(before[code])] == before[code] for code in logs)
    envelopes = list((day / "records").glob("*.envelope"))
    assert len(envelopes) >= 40
    for envelope in envelopes:
        entry = hashlib.sha256(envelope.read_bytes()).digest()
        sender, recipient = envelope.stem.rpartition("-")[0].split("-to-")
        assert entry in logs[sender][len(before[sender]) :]
        assert entry in logs[recipient][len(before[recipient]) :]


def test_neither_state_left_anything_out_of_what_it_handed_over(played: Played) -> None:
    """What the logs grew by is all of it handed over, or the observer's own to know."""
    day = played.folder / "day"
    known = {hashlib.sha256(each.read_bytes()).digest() for each in (day / "records").glob("*.envelope")}
    assert known
    known.update(entries(day / "obs"))
    for code in ("pk", "af"):
        assert known.issuperset(entries(day / code)[len(entries(day / "before" / code)) :])


def test_the_public_is_warned_by_a_file_that_says_it_is_an_exercise(played: Played) -> None:
    alert = ET.fromstring((played.folder / "day" / "warning.xml").read_bytes())  # noqa: S314 - our own file
    assert [alert.findtext(f"{{{CAP}}}{each}") for each in ("status", "msgType", "scope")] == [
        "Exercise",
        "Alert",
        "Public",
    ]


@pytest.mark.parametrize("code", ["pk", "af"])
def test_both_sides_left_behind_say_that_the_incident_is_closed_and_what_is_joint(played: Played, code: str) -> None:
    means = node.open_node(played.folder / code, passphrase(code))
    with look(means) as turn:
        (row, *_) = turn.tx.execute(select(incident_views.INCIDENT).order_by(incident_views.INCIDENT.c.at)).all()
        matter = matters.require(turn, row.party, row.id)
    means.engine.dispose()
    assert matter.standing.closed
    assert matter.root.exercise
    assert [sorted(each.signed) for each in matter.versions] == [["af", "pk"]]
    assert sorted(each.verdict for each in matter.findings) == ["agreed", "disputed", "disputed"]


def test_the_parties_left_behind_open_and_hold_what_the_others_sent(played: Played) -> None:
    for code in NAMES:
        means = node.open_node(played.folder / code, passphrase(code))
        with begin(means) as turn:
            assert listing.listing(turn.tx, code, listing.Search(own=False))
        means.engine.dispose()


def test_one_attack_that_is_not_caught_fails_the_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    missed = replace(tamper.ATTACKS[0], attempt=lambda _cast, _folder: [Catch("tried", "a.check", "accepted", "In.")])
    monkeypatch.setattr(demo, "ATTACKS", (missed,))
    monkeypatch.setattr(demo, "_played", lambda *_: True)  # the honest part, which has nothing to do with it
    played = play(tmp_path / "border")
    assert not played.held
    assert "NOT CAUGHT  tried: accepted, and not a.check" in played.told
    assert "NOT EVERYTHING HELD" in played.told


def test_the_nodes_stay_up_for_as_long_as_they_are_wanted_and_no_longer(played: Played) -> None:
    """Whoever was told where they are signed in at each; now nobody answers there."""
    assert played.let_in == dict.fromkeys(played.urls, 201)
    assert len(played.urls) == 3
    for url in played.urls:
        with pytest.raises(httpx.ConnectError):
            httpx.get(url)


def test_nobody_is_played_over(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(Invalid, match="is not empty") as refused:
        play(tmp_path)
    assert refused.value.code == "demo.folder"
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


@pytest.mark.parametrize(
    ("now", "hours"),
    [("06:30:59", ["06:30", "18:30"]), ("18:30:00", ["06:30", "18:30"]), ("23:59:00", ["00:00", "12:00"])],
)
def test_a_test_call_is_agreed_for_the_minute_that_it_is(now: str, hours: list[str]) -> None:
    """Not for the day's last: nodes that are up a minute later ring for it no more."""
    assert _test_hours(datetime.fromisoformat(f"2026-11-26T{now}Z")) == hours


def test_somebody_works_at_every_post_that_a_call_may_ring(played: Played) -> None:
    for code in ("pk", "af"):
        means = node.open_node(played.folder / code, passphrase(code))
        with look(means) as turn:
            posts = {each.post for each in account.officers(turn.tx) if "duty" in each.roles}
            rung = {post for line in calls.lines(turn) for post in line.terms.posts[code]}
        means.engine.dispose()
        assert (rung - posts, len(rung)) == (set(), 4)


@pytest.mark.parametrize("side", ["pk", "af"])
def test_reports_name_nobody_real(side: str) -> None:
    made = reports("pk" if side == "pk" else "af")
    assert len(made) == 8
    for data in made:
        people = [each for each in json.loads(data)["objects"] if each["type"] == "identity"]
        assert [each["name"] for each in people if "(invented)" not in each["name"]] == []
        assert [each for each in people if "exercise" not in each["labels"]] == []


@pytest.mark.suite("OASIS's stix2 and validator, reports that arrived")
def test_reports_that_arrived_are_stix_to_oasis_own_tools(played: Played, tally: Tally) -> None:
    """As each party holds them: signed, sealed, carried, opened, and still the sender's bytes."""
    options = stix2validator.ValidationOptions(version="2.1", disabled="all")
    for code in NAMES:
        for record in held(played.folder / code, code):
            bundle = bytes(record.body.bundle).decode()
            assert stix2.parse(bundle, allow_custom=False).type == "bundle"
            assert judged(bundle, options)
            tally.ran()


def held(folder: Path, code: str) -> list[Record]:
    """The reports that a party left behind by the demo holds, its own and others'."""
    means = node.open_node(folder, passphrase(code))
    with begin(means) as turn:
        kept = turn.tx.execute(select(RECORD.c.data).where(RECORD.c.data.is_not(None))).scalars().all()
    means.engine.dispose()
    records = [read(data, means.kinds) for data in kept]
    return [record for record in records if record.kind.name == "intelligence.report"]


def judged(bundle: str, options: stix2validator.ValidationOptions) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # it asks its schema library for an exception's old name
        return bool(stix2validator.validate_string(bundle, options).is_valid)
