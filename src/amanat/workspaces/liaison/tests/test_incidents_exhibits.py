"""Files of evidence go with an account by a draft, and are known by the SHA-256 that the account lists."""

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from amanat.workspaces.liaison.tests.incidents_cast import FIRED, Event, event, on
from amanat.workspaces.liaison.tests.lines import GRADED
from api.cast import Desk, desk
from console.reading import Read

PHOTO = b"\x89PNG\r\n\x1a\n" + bytes(40)
DIGEST = hashlib.sha256(PHOTO).hexdigest()
KEPT = {"thing0": "photo", "taken0": "08:00", "within0": "5", "digest0": DIGEST, "held0": "torkham/duty; 08:00"}
SENT = "its file was sent with the account"


@pytest.fixture(scope="module")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Event]:
    with event(tmp_path_factory.mktemp("exhibits")) as made:
        yield made


@pytest.fixture(scope="module")
def at(shots: Event) -> Iterator[dict[str, Desk]]:
    with ExitStack() as open_:
        yield {party: open_.enter_context(desk(shots.border.sides[party])) for party in ("pk", "af", "obs")}


def press(at: Desk, path: str, address: dict[str, str], **typed: str) -> httpx.Response:
    at.speak("duty", "en")
    return at.http.post(f"/liaison/{path}", params=address, data={**address, **typed}, headers=at.session("duty"))


def page(at: Desk, address: dict[str, str]) -> str:
    at.speak("duty", "en")
    return at.http.get("/liaison/incident", params=address, headers=at.session("duty")).text


def test_an_account_goes_on_to_a_draft_with_its_files_and_all_three_know_them(
    shots: Event, at: dict[str, Desk]
) -> None:
    opened = shots.open()
    typed = {f"{name}0": text for name, text in FIRED.items()} | KEPT
    begun = press(at["pk"], "account", on(opened), **typed)
    assert begun.status_code == 303, begun.text
    headers = at["pk"].session("duty")
    draft = at["pk"].http.get(begun.headers["location"], headers=headers)
    said = " ".join(Read(draft.text).words.split())
    assert "About: Incident near the line" in said
    for its in ("fired", "small-arms", DIGEST, "torkham/duty"):
        assert its in said.partition("What it says")[2].partition("Files")[0], its  # all of it was typed before
    hidden = Read(draft.text).hidden
    given = {"form": hidden["form"], "version": hidden["version"], **GRADED, "body/number": "7"}
    files: list[Any] = [(field, (None, value)) for field, value in given.items()]
    files += [("upload", ("photo.png", PHOTO, "image/png")), ("do", (None, "send"))]
    kept = at["pk"].http.post(draft.url.path, headers=headers, files=files)
    assert kept.status_code == 303, kept.text
    asking = at["pk"].http.get(f"{draft.url.path}/sending", headers=headers)
    version = {"version": Read(asking.text).hidden["version"]}
    sent = at["pk"].http.post(f"{draft.url.path}/sending", headers=headers, data=version)
    assert sent.headers["location"].startswith(f"/liaison/incident?party=pk&id={opened.key[1]}"), sent.text
    shots.carry()
    for party in ("pk", "af", "obs"):
        (account,) = (each for each in shots.seen(party, opened).told if each.key.party == "pk")
        assert (account.body.number, account.body.evidence[0].digest) == (1, DIGEST)
        assert SENT in page(at[party], on(opened))


def test_evidence_that_is_kept_in_house_has_no_file(shots: Event, at: dict[str, Desk]) -> None:
    opened = shots.open()
    shots.account("pk", opened, FIRED, **KEPT)
    text = page(at["pk"], on(opened))
    assert DIGEST in text
    assert SENT not in text


def test_what_is_typed_amiss_is_told_on_the_form_and_kept(shots: Event, at: dict[str, Desk]) -> None:
    opened = shots.open()
    typed = {f"{name}0": text for name, text in FIRED.items()} | KEPT | {"digest0": "ab"}
    answer = press(at["pk"], "account", on(opened), **typed)
    assert "liaison.evidence" in answer.text
    assert "torkham/duty; 08:00" in answer.text
