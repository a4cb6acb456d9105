"""The joint statement of two sides over a real border: neither side alone undoes or exchanges what both signed."""

from collections.abc import Iterator
from dataclasses import replace

import msgspec
import pytest

from amanat.party.errors import Invalid
from amanat.record.record import Record
from amanat.workspaces.liaison.incidents import rules, sentences, stating
from amanat.workspaces.liaison.incidents.kinds import MOST_VERSIONS, Proposed, Signature, text_digest
from amanat.workspaces.liaison.incidents.told import of
from amanat.workspaces.liaison.kinds import Named, Said
from amanat.workspaces.liaison.tests.incidents_cast import Event, event, on

LATER = (Said("joint.no-guilt"),)
KIND = "liaison.statement"


@pytest.fixture
def shots(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Event]:
    with event(tmp_path_factory.mktemp("shots")) as made:
        yield made


def proposes(shots: Event, side: str, of: Record, number: int = 50, said: tuple[Said, ...] = LATER) -> Record:
    body = Proposed(incident=Named(*of.key), number=number, sentences=said, wording=sentences.wording(said))
    return shots.tell(side, of, KIND, body)


def signs(shots: Event, side: str, of: Record, text: Record, digest: str = "") -> Record:
    name = digest or text_digest(text.body)
    return shots.tell(side, of, KIND, Signature(incident=Named(*of.key), text=Named(*text.key), digest=name))


def joint(shots: Event, of: Record) -> set[tuple[str, str] | None]:
    """Which text both signed, as each of the three says."""
    seen = (shots.seen(party, of) for party in ("pk", "af", "obs"))
    found = (rules.agreed(each.facts, each.versions) for each in seen)
    return {None if each is None else (each.told.key.party, each.told.key.id) for each in found}


def signed(shots: Event) -> tuple[Record, Record]:
    """An incident, and the text of pk that af signed ten minutes later, as all know."""
    opened = shots.open()
    shots.carry()
    shots.wait(minutes=1)
    text = proposes(shots, "pk", opened, 1)
    shots.carry()
    shots.wait(minutes=10)
    signs(shots, "af", opened, text)
    shots.carry()
    return opened, text


@pytest.mark.parametrize(("number", "minutes"), [(50, 1), (1, -20)])
def test_texts_without_end_of_one_side_hide_none_that_both_signed(shots: Event, number: int, minutes: int) -> None:
    opened, text = signed(shots)
    shots.wait(minutes=minutes)
    for _ in range(MOST_VERSIONS + 2):
        proposes(shots, "pk", opened, number)
        shots.wait(seconds=1)
    shots.wait(minutes=30)
    shots.carry()
    assert joint(shots, opened) == {text.key}
    assert len(shots.seen("af", opened).versions) <= 2


def test_signatures_without_end_hide_none(shots: Event) -> None:
    opened, text = signed(shots)
    shots.wait(minutes=-9)
    for _ in range(MOST_VERSIONS + 1):
        signs(shots, "af", opened, text, "0" * 64)
    shots.wait(minutes=30)
    for _ in range(3):
        signs(shots, "af", opened, text)
    shots.carry()
    assert joint(shots, opened) == {text.key}
    assert len(of(shots.seen("pk", opened).told, Signature)) == 1


def test_who_signs_an_old_text_late_exchanges_nothing(shots: Event) -> None:
    opened = shots.open()
    shots.carry()
    old = proposes(shots, "pk", opened, 1)
    shots.wait(minutes=1)
    new = proposes(shots, "pk", opened, 2, (Said("joint.informed"),))
    shots.carry()
    signs(shots, "af", opened, new)
    shots.wait(minutes=1)
    signs(shots, "af", opened, old)
    shots.carry()
    assert joint(shots, opened) == {new.key}


def test_proposing_again_what_both_had_said_exchanges_nothing(shots: Event) -> None:
    opened = shots.open()
    shots.carry()
    for side in ("pk", "af"):
        shots.wait(minutes=1)
        proposes(shots, side, opened, 1)
    shots.wait(minutes=1)
    new = proposes(shots, "af", opened, 2, (Said("joint.informed"),))
    shots.carry()
    signs(shots, "pk", opened, new)
    shots.wait(minutes=1)
    proposes(shots, "pk", opened, 2)
    shots.carry()
    assert joint(shots, opened) == {new.key}


def test_a_text_that_its_side_replaced_is_offered_no_more_and_refused(shots: Event) -> None:
    opened = shots.open()
    shots.carry()
    old = proposes(shots, "pk", opened, 1)
    shots.wait(minutes=1)
    proposes(shots, "pk", opened, 2, (Said("joint.informed"),))
    shots.carry()
    shown, other = shots.seen("af", opened).versions
    assert [rules.replaced((shown, other), each) for each in (shown, other)] == [True, False]
    with pytest.raises(Invalid) as refused:
        shots.do("af", "statement-sign", **on(opened), text=":".join(old.key), digest=shown.digest)
    assert refused.value.code == "liaison.text-other"


def test_a_text_is_signed_in_the_words_of_every_language(shots: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    """A book that words a sentence otherwise, in whatever language, is neither signed by unseen nor passes for it."""
    opened = shots.open()
    shots.carry()
    text = proposes(shots, "pk", opened, 1)
    shots.carry()
    word = sentences.entry(LATER[0].phrase)
    assert word is not None
    texts = {**word.texts, "ps": "بل څه"}
    with monkeypatch.context() as other:
        other.setattr(sentences, "book", lambda: {word.id: replace(word, texts=texts)})
        assert not stating.as_here(shots.seen("af", opened).versions[0])
        with pytest.raises(Invalid) as refused:
            shots.do("af", "statement-sign", **on(opened), text=":".join(text.key), digest=text_digest(text.body))
        assert refused.value.code == "liaison.text-wording"
    shots.do("af", "statement-sign", **on(opened), text=":".join(text.key), digest=text_digest(text.body))
    shots.carry()
    assert joint(shots, opened) == {text.key}
    other_words = msgspec.structs.replace(text.body, wording="00" * 32)
    assert text_digest(other_words) != text_digest(text.body)
