"""C2SP's specifications and Go's notes: every example that stands in them is read as written, and nothing else is one.

The examples are taken out of the specifications themselves, so that none is passed over: every block of code in them is
either run here or set aside by what it is.
"""

import re
from collections.abc import Callable
from pathlib import PurePath

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from amanat.log.checkpoint import parse_checkpoint
from amanat.log.cosignature import cosign_ed25519
from amanat.log.malformed import Malformed
from amanat.log.note import (
    COSIGNATURE_ED25519,
    ED25519,
    Note,
    VerifierKey,
    parse_note,
    parse_signature_lines,
    parse_vkey,
    verify_ed25519,
    vkey,
)
from amanat.log.policy import Group, parse_policy, satisfied
from amanat.log.proof import parse_proof
from amanat.log.tiles import entries_path, tile_path
from amanat.log.witness import parse_add_checkpoint
from conformance.vectors import members, read_json
from tally import Tally

SPECIFICATIONS = {PurePath(path).stem: data.decode() for path, data in members("c2sp_specs.tar.gz").items()}
WHEN = 1679315147  # the time in tlog-cosignature's example
SOFA = "example.com/behind-the-sofa"

# What stands in a block of code and is no example of bytes, by how it begins.
ASIDE = {
    r"(POST|GET) ": "of HTTP requests, which `tests/exchange/test_served_logs.py` makes",
    r".*<|key ID = |.*base64\(|SHA-256\(|group <": "that describe a syntax",
    r"(struct|enum) \{|uint8 |MTH\(|start = ": "that give a structure or formula",
    r"subtree \d|.*\[\.\.\.\]": "of subtree cosignatures, which are optional",
}


def blocks(text: str) -> list[str]:
    """All blocks of code: between fences, or indented after an empty line."""
    fenced = re.compile(r"^```[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
    indented = re.compile(r"(?<=\n\n)(?:(?:    |\t)[^\n]*\n(?:\n(?=    |\t))?)+")
    within = [found.group(1) for found in fenced.finditer(text)]
    return within + [
        re.sub(r"^(    |\t)", "", found, flags=re.MULTILINE) for found in indented.findall(fenced.sub("", text))
    ]


# --- what an example must read as -----------------------------------------------------------------------------------------


def poem(text: str) -> None:
    note = parse_note(text.encode())
    assert note.text.decode().endswith("sole:\n\ned è subito sera.\n"), "split at the last empty line"
    assert [(line.name, line.key_id.hex()) for line in note.signatures] == [("quasimodo.example/salvatore", "367ba04b")]
    assert len(note.signatures[0].signature) == 64
    assert note.encode() == text.encode()


def foo_key(text: str) -> None:
    key = parse_vkey(text.rstrip("\n"))
    assert (key.name, key.algorithm, key.key_id.hex()) == ("example.com/foo", ED25519, "530d903a")
    assert vkey(key) == text.rstrip("\n")


def foo_note(text: str) -> None:
    """Verified by the key that stands in the same specification."""
    (key,) = re.findall(r"^    (example\.com/foo\+.*)$", SPECIFICATIONS["signed-note"], re.MULTILINE)
    verify_ed25519(parse_note(text.encode()), parse_vkey(key))


def checkpoint(text: str) -> None:
    note = parse_note(text.encode())
    read = parse_checkpoint(note.text)
    assert (read.origin, read.size, read.extensions) == (SOFA, 20852163, ())
    assert read.root.hex().startswith("0ac5186a91863e8e")
    assert Note(read.text(), note.signatures).encode() == text.encode()


def cosigned(text: str) -> None:
    log, witness = parse_note(text.encode()).signatures
    assert (log.name, witness.name) == (SOFA, "witness.example.com/w1")
    assert (int.from_bytes(witness.signature[:8]), len(witness.signature)) == (WHEN, 8 + 64)
    assert parse_note(text.encode()).encode() == text.encode()


def cosigned_message(text: str) -> None:
    """What our cosignature signs, byte for byte."""
    key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    line = cosign_ed25519("".join(text.splitlines(keepends=True)[2:]).encode(), "witness.example.com/w1", key, WHEN)
    Ed25519PublicKey.from_public_bytes(key.public_key().public_bytes_raw()).verify(line.signature[8:], text.encode())


def proof(text: str) -> None:
    """Its checkpoint's signatures are abridged there, and no base64: only its lines are read."""
    read = parse_proof(re.sub(r"^(— \S+) .*$", r"\1 hI2DJ3Jv", text, flags=re.MULTILINE).encode())
    assert read.index == 73894
    assert read.extra is not None
    assert read.extra.startswith(b"age-v1.2.1-darwin-arm64.tar.gz")
    assert [step.hex()[:8] for step in read.path] == ["8122b25e", "07de650d", "10a373a0", "468a2912", "0070a2a1"]


def policy(text: str) -> None:
    """With a key of our making in the place of each `<vkey>`."""
    publics = (
        Ed25519PrivateKey.from_private_bytes(bytes([at]) * 32).public_key().public_bytes_raw() for at in range(9)
    )
    kinds = (
        ED25519 if line.startswith("log") else COSIGNATURE_ED25519 for line in text.splitlines() if "<vkey>" in line
    )
    for kind, public in zip(kinds, publics, strict=False):
        text = text.replace("<vkey>", vkey(VerifierKey(f"w{public.hex()[:4]}.example", kind, public)), 1)
    read = parse_policy(text.encode())
    assert read.groups == {
        "X-witnesses": Group(2, ("X1", "X2", "X3")),
        "Y-witnesses": Group(1, ("Y1", "Y2", "Y3")),
        "X-and-Y": Group(2, ("X-witnesses", "Y-witnesses")),
    }
    assert (list(read.witnesses), len(read.logs), read.quorum) == (["X1", "X2", "X3", "Y1", "Y2", "Y3"], 1, "X-and-Y")


def no_quorum(text: str) -> None:
    assert satisfied(parse_policy(text.encode()), set())


def add_checkpoint(text: str) -> None:
    request = parse_add_checkpoint(text.encode())
    assert request.old_size == 20852014
    assert [step.hex()[:8] for step in request.proof] == ["3e544d0a", "8eb2590e", "e7ea4a95", "ffa59584"]
    assert [line.name for line in parse_note(request.checkpoint).signatures] == [SOFA] * 2
    assert request.encode() == text.encode()


def answered(text: str) -> None:
    lines = parse_signature_lines(text.encode())
    assert [line.name.rpartition("/")[2][1:] for line in lines] == ["1", "1", "2"]
    assert [len(line.signature) for line in lines] == [8 + 64] * 3
    assert b"".join(line.encode() for line in lines) == text.encode()


EXAMPLES: dict[str, Callable[[str], None]] = {
    "signed-note: Ognuno": poem,
    "signed-note: example.com/foo+": foo_key,
    "signed-note: This is an example": foo_note,
    f"tlog-checkpoint: {SOFA}": checkpoint,
    f"tlog-cosignature: {SOFA}": cosigned,
    "tlog-cosignature: cosignature/v1": cosigned_message,
    "tlog-mirror: — mirror.example/m1": answered,
    "tlog-policy: log <vkey>\n\n": policy,
    "tlog-policy: quorum none": no_quorum,
    "tlog-proof: c2sp.org/tlog-proof@v1": proof,
    "tlog-witness: old ": add_checkpoint,
    "tlog-witness: — witness.example/w1 CMp+": answered,
}


@pytest.mark.suite("C2SP, examples in the specifications")
def test_every_example_in_the_specifications_reads_as_written(tally: Tally) -> None:
    found = [f"{name}: {block}" for name, text in sorted(SPECIFICATIONS.items()) for block in blocks(text)]
    assert len(SPECIFICATIONS) == 9
    left = dict(EXAMPLES)
    for block in found:
        name = next((start for start in left if block.startswith(start)), None)
        if name is not None:
            left.pop(name)(block.partition(": ")[2])
            tally.ran()
        else:
            tally.set_aside(next(what for start, what in ASIDE.items() if re.match(start, block.partition(": ")[2])))
    assert left == {}


@pytest.mark.suite("C2SP, paths of tiles told in words")
def test_tiles_and_entries_have_the_paths_that_tlog_tiles_tells(tally: Tally) -> None:
    text = " ".join(SPECIFICATIONS["tlog-tiles"].split())
    assert "index 1234067 will be encoded as `x001/x234/067`" in text
    assert tile_path(0, 1234067) == "tile/0/x001/x234/067"
    tally.ran()
    assert entries_path(1234067) == "tile/entries/x001/x234/067"
    tally.ran()


@pytest.mark.suite("Go, signed notes")
def test_gos_notes_are_verified_by_gos_keys_and_its_broken_ones_are_refused(tally: Tally) -> None:
    given = read_json("go_sumdb_note_vectors.json")
    enoch, peter = given["keys"][0], given["keys"][3]
    for line, text in ((given["signature_lines"][1], enoch), (given["signature_lines"][2], peter)):
        note, key = parse_note(f"{given['text']}\n{line}\n".encode()), parse_vkey(text)
        assert note.signatures[0].name == key.name
        verify_ed25519(note, key)
        tally.ran(2)
    for broken in (given["keys"][1], given["keys"][2], given["keys"][4]):
        with pytest.raises(Malformed):
            parse_vkey(broken)
        tally.ran()
    with pytest.raises(Malformed) as caught:
        parse_note(f"{given['text']}\n{given['signature_lines'][0]}\n".encode())
    assert caught.value.code == "note.line"
    tally.ran()
