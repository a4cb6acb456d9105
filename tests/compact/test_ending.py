"""The end of a log, by its words alone: who signs it, what it shows, and what is refused of it."""

import base64
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from amanat.compact.ending import MAX_ENTRIES, Ending, accept_ending, ended_at, origin_of, read_ending, stands
from amanat.log.checkpoint import Checkpoint
from amanat.log.cosignature import cosign_ed25519
from amanat.log.malformed import Malformed
from amanat.log.note import COSIGNATURE_ED25519, ED25519, Note, VerifierKey, sign_ed25519
from amanat.party import canonical, dsse, labels
from amanat.party.errors import Invalid, Refused
from amanat.party.keys import new_secrets, node_keys
from amanat.party.manifest import log_name
from compact.cast import IN_FORCE, MANIFESTS, NOW, custodians_of, drawn

PK, AF = node_keys(new_secrets(drawn(10))), node_keys(new_secrets(drawn(20)))
ORIGIN = "pk.amanat.example/pk-af"
ENDED = Checkpoint(ORIGIN, 3, bytes(32))
LOG = [VerifierKey(ORIGIN, ED25519, PK.log.public_key().public_bytes_raw())]
WITNESSES = [
    VerifierKey("af.amanat.example/witness", COSIGNATURE_ED25519, AF.witness.public_key().public_bytes_raw()),
    VerifierKey("obs.amanat.example/witness", COSIGNATURE_ED25519, base64.b64decode(MANIFESTS["obs"].witness[0])),
]


def note(at: Checkpoint = ENDED, key: Ed25519PrivateKey = PK.log, *, countersigned: bool = True) -> str:
    lines = [sign_ed25519(at.text(), at.origin, key)]
    if countersigned:
        lines.append(cosign_ed25519(at.text(), "af.amanat.example/witness", AF.witness, 1))
    return Note(at.text(), tuple(lines)).encode().decode()


def ending(**changed: Any) -> Ending:
    given: dict[str, Any] = {
        "compact": "pk-af",
        "party": "pk",
        "number": 1,
        "checkpoint": note(),
        "at": NOW,
        "because": "lost",
    }
    return Ending(**given | changed)


def signed(said: Ending, keys: Sequence[Ed25519PrivateKey] = ()) -> dsse.Statement:
    return dsse.sign(labels.ENDING, canonical.encode(said), keys or custodians_of(said.party))


def accept(said: Ending, keys: Sequence[Ed25519PrivateKey] = (), listed: Sequence[VerifierKey] = LOG) -> Ending:
    return accept_ending(dsse.to_bytes(signed(said, keys)), IN_FORCE, MANIFESTS, listed, WITNESSES)


def test_it_says_which_log_ended_and_where() -> None:
    said = accept(ending())
    assert (origin_of(said, MANIFESTS), ended_at(said)) == (ORIGIN, ENDED)


def test_the_next_log_has_the_name_of_the_first_and_a_number() -> None:
    names = [log_name(MANIFESTS["pk"], "pk-af", number) for number in (1, 2, 3)]
    assert names == [ORIGIN, f"{ORIGIN}/2", f"{ORIGIN}/3"]


@pytest.mark.parametrize(
    "keys", [custodians_of("pk", each=1), custodians_of("af")], ids=["fewer than speak for it", "of another party"]
)
def test_custodians_who_do_not_speak_for_the_party_end_nothing(keys: list[Ed25519PrivateKey]) -> None:
    with pytest.raises(Refused, match="not signed by enough") as caught:
        accept(ending(), keys)
    assert (caught.value.code, caught.value.by) == ("ending.unsigned", "custodians end logs")


def test_a_custodians_signature_that_fails_condemns_it() -> None:
    one, other = signed(ending()), signed(ending(because="forked"))
    forged = dsse.Statement(one.payload, one.payload_type, other.signatures)
    with pytest.raises(Invalid, match="on the ending does not hold"):
        stands(dsse.to_bytes(forged), MANIFESTS)


def test_what_is_no_ending_is_called_none() -> None:
    act = dsse.sign(labels.ACT, canonical.encode(ending()), custodians_of("pk"))
    for reads in (read_ending, lambda data: stands(data, MANIFESTS)):
        with pytest.raises(Invalid, match="The ending is of type"):
            reads(dsse.to_bytes(act))


def test_only_a_party_of_the_compact_has_a_log_to_end() -> None:
    with pytest.raises(Refused, match="is no party") as caught:
        accept(ending(party="neighbour"))
    assert (caught.value.code, caught.value.by) == ("ending.party", "own logs")


@pytest.mark.parametrize(
    "checkpoint",
    [note(Checkpoint("pk.amanat.example/other", 3, bytes(32))), note(countersigned=False)],
    ids=["of another log", "that no witness countersigned"],
)
def test_it_shows_a_checkpoint_of_that_log_that_a_witness_countersigned(checkpoint: str) -> None:
    with pytest.raises(Invalid, match="shows no checkpoint") as caught:
        accept(ending(checkpoint=checkpoint))
    assert caught.value.code == "ending.checkpoint"


def reads(said: dict[str, Any]) -> bool:
    """Whether an ending of these fields is one, whoever signed it."""
    statement = dsse.sign(labels.ENDING, canonical.encode(said), custodians_of("pk"))
    try:
        read_ending(dsse.to_bytes(statement))
    except Invalid:
        return False
    return True


@pytest.mark.parametrize(
    ("name", "least", "most"), [("number", 1, 63), ("checkpoint", "", "x" * 16 * 1024)], ids=["number", "checkpoint"]
)
def test_what_is_too_small_or_too_large_is_no_ending(name: str, least: Any, most: Any) -> None:
    said = msgspec.to_builtins(ending())
    assert [reads(said | {name: each}) for each in (least, most)] == [True, True]
    assert not reads(said | {name: most + (1 if name == "number" else "x")})
    assert name != "number" or not reads(said | {name: least - 1})


def test_a_field_that_no_ending_has_is_refused_by_name() -> None:
    said = msgspec.to_builtins(ending()) | {"note": "it hides nothing"}
    with pytest.raises(Invalid, match="unknown field `note`"):
        read_ending(dsse.to_bytes(dsse.sign(labels.ENDING, canonical.encode(said), custodians_of("pk"))))


def test_its_size_is_one_that_a_log_can_have() -> None:
    assert MAX_ENTRIES == 2**40
    largest = Checkpoint(ORIGIN, MAX_ENTRIES, bytes(32))
    assert ended_at(accept(ending(checkpoint=note(largest)))) == largest
    with pytest.raises(Invalid, match="more than any log can have") as caught:
        accept(ending(checkpoint=note(Checkpoint(ORIGIN, MAX_ENTRIES + 1, bytes(32)))))
    assert caught.value.code == "ending.size"


def test_any_key_that_the_log_ever_listed_may_have_signed_its_checkpoint() -> None:
    since = VerifierKey(ORIGIN, ED25519, AF.log.public_key().public_bytes_raw())
    for listed in ((*LOG, since), (since, *LOG)):
        assert accept(ending(), listed=listed) == ending()
    with pytest.raises(Malformed, match=f"no signature by '?{ORIGIN}'? with key id {since.key_id.hex()}"):
        accept(ending(), listed=(since, VerifierKey(ORIGIN, ED25519, bytes(32))))


def test_it_shows_a_checkpoint_that_the_log_signed() -> None:
    with pytest.raises(Malformed):
        accept(ending(checkpoint=note(key=Ed25519PrivateKey.generate())))


def test_a_countersignature_that_fails_condemns_it() -> None:
    other = Checkpoint(ORIGIN, 3, b"\1" * 32)
    line = cosign_ed25519(other.text(), "af.amanat.example/witness", AF.witness, 1)
    own = sign_ed25519(ENDED.text(), ORIGIN, PK.log)
    with pytest.raises(Malformed):
        accept(ending(checkpoint=Note(ENDED.text(), (own, line)).encode().decode()))


def test_a_time_has_one_spelling() -> None:
    with pytest.raises(Invalid, match="The time at is not a whole second"):
        ending(at=NOW.replace(microsecond=1))
