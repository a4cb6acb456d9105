"""The examples in the protocol pages are bytes of the vectors, and `python tests/protocol/test_pages.py` writes them there."""

import base64
import json
import re
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import msgspec
import pytest

from amanat.compact.ending import MAX_ENTRIES, Ending
from amanat.compact.signing import Act
from amanat.exchange.again import MAX_HEAD, MOST_ASKED, Head
from amanat.exchange.answers import MAX_RUNS, MAX_VOID, Asking, Heartbeat, Holding, Mirrored, Refusal
from amanat.exchange.bundle import MAX_ITEM_BYTES, TYPES
from amanat.exchange.mirror import MAX_PENDING
from amanat.log.mirror import MAX_PACKAGES
from amanat.log.note import MAX_NOTE, MAX_SIGNATURES
from amanat.log.policy import MAX_POLICY
from amanat.log.proof import MAX_PROOF
from amanat.log.witness import MAX_REQUEST
from amanat.party.canonical import MAX_DEPTH
from amanat.party.manifest import Manifest
from amanat.record.attachment import MAX_ATTACHMENT_BYTES, MAX_ATTACHMENTS, MAX_NAME, SUFFIXES, Attachment
from amanat.record.handling import Handling
from amanat.record.record import MAX_RECORD_BYTES, Fields
from amanat.seal.again import WRAP_BYTES
from amanat.seal.chunks import CHUNK_BYTES
from amanat.seal.envelope import MAX_ENVELOPE_BYTES
from amanat.seal.open import MAX_SEQUENCE
from protocol import vectors
from protocol.make_vectors import VECTORS
from protocol.vectors import load, named

PAGES = VECTORS.parent
WIDE = 120
LONGEST_ITEM = 1000
COLUMNS, LINES = 130, 72


def core() -> str:
    """Core of envelope `one`, whose last line is empty."""
    return vectors.envelope("one").partition(b"\n\n")[0].decode() + "\n\n"


def record() -> str:
    return str(named("envelope", "one")["opens"]["record"]) + "\n"


def receipt() -> str:
    return cut(vectors.receipt(named("receipt", "final")).decode())


def policy() -> str:
    return cut(load("receipt")["policies"]["af"])


def bundle() -> str:
    """The bundle `answer`, long items left out."""
    rest, shown = base64.b64decode(named("bundle", "answer")["bundle"]).decode(), ""
    while rest:
        line, _, rest = rest.partition("\n")
        shown += line + "\n"
        if item := re.fullmatch(r"[a-z]+ ([0-9]+)", line):
            length = int(item[1])
            data, rest = rest.encode()[:length].decode(), rest.encode()[length + 1 :].decode()
            shown += f"({length} bytes)\n" if length > LONGEST_ITEM else data + "\n"
    return shown


def attachment() -> str:
    return json.dumps(named("attachment", "short")["attachment"], separators=(",", ":")) + "\n"


def chunk() -> str:
    return str(named("attachment", "short")["items"][0]) + "\n"


def cut(text: str) -> str:
    return "".join((line if len(line) <= WIDE else line[:WIDE] + "…") + "\n" for line in text.splitlines())


EXAMPLES = {
    "envelope.md": {"core": core, "record": record},
    "receipt.md": {"receipt": receipt, "policy": policy},
    "bundle.md": {"bundle": bundle},
    "attachment.md": {"attachment": attachment, "chunk": chunk},
}
BLOCK = re.compile(r"(<!-- example: ([a-z]+) -->\n```\n)(.*?)(```\n)", re.DOTALL)


@pytest.mark.parametrize("page", EXAMPLES)
def test_the_examples_of_a_page_are_those_of_the_vectors(page: str) -> None:
    shown = {name: text for _, name, text, _ in BLOCK.findall((PAGES / page).read_text("utf-8"))}
    assert shown == {name: make() for name, make in EXAMPLES[page].items()}


@pytest.mark.parametrize("page", EXAMPLES)
def test_a_page_is_about_two_printed_pages(page: str) -> None:
    lines = (PAGES / page).read_text("utf-8").splitlines()
    assert sum(max(1, -(-len(line) // COLUMNS)) for line in lines) <= 2 * LINES


# --- what the pages say of fields and limits is what the code has -----------------------------------------------------


def first_column(page: str, heading: str) -> list[str]:
    """The names in backticks in the first column of the table that begins with this heading."""
    table = (PAGES / page).read_text("utf-8").partition(f"| {heading} |")[2].partition("\n\n")[0]
    return [
        name for row in re.findall(r"^\| (`[^|]*) \|", table, re.MULTILINE) for name in re.findall(r"`([^`]+)`", row)
    ]


def payload(name: str, page: str = "bundle.md") -> tuple[str, ...]:
    """The fields of a statement, as a page writes them in order."""
    written = re.search(rf"^    {name} +\{{(.*?)\}}", (PAGES / page).read_text("utf-8"), re.MULTILINE)
    assert written is not None
    return tuple(re.findall(r'"([a-z_]+)"', written[1]))


def test_the_fields_of_a_record_stand_in_the_pages_order() -> None:
    assert first_column("envelope.md", "field") == list(Fields.__struct_fields__)
    assert first_column("envelope.md", "field of `handling`") == list(Handling.__struct_fields__)
    assert first_column("attachment.md", "field of an attachment") == list(Attachment.__struct_fields__)


def test_the_page_lists_every_type_that_is_carried_and_how_its_names_end() -> None:
    rows = (PAGES / "attachment.md").read_text("utf-8").partition("| media type |")[2].partition("\n\n")[0]
    said = dict[str, str]()
    for types, endings in re.findall(r"^\| (`.*?) \| (`.*?) \|$", rows, re.MULTILINE):
        named_types = re.findall(r"`(.+?)`", types)
        for type_, ending in zip(named_types, endings.split(", "), strict=True):
            said |= dict.fromkeys(re.findall(r"`(.+?)`", ending), type_)
    assert said == SUFFIXES


def test_a_holding_has_the_fields_of_the_page() -> None:
    written = re.search(r'^    \{("address".*?)\}', (PAGES / "attachment.md").read_text("utf-8"), re.MULTILINE)
    assert written is not None
    assert tuple(re.findall(r'"([a-z_]+)"', written[1])) == Holding.__struct_fields__


@pytest.mark.parametrize(
    ("name", "type_"), [("refusal", Refusal), ("heartbeat", Heartbeat), ("act", Act), ("manifest", Manifest)]
)
def test_the_fields_of_a_statement_stand_in_the_pages_order(name: str, type_: type[msgspec.Struct]) -> None:
    assert payload(name) == type_.__struct_fields__


def test_a_witnesss_word_has_the_fields_of_the_page() -> None:
    assert payload("mirrored", "witness.md") == Mirrored.__struct_fields__


def test_what_is_said_after_a_loss_has_the_fields_of_its_pages() -> None:
    assert payload("ending", "witness.md") == Ending.__struct_fields__
    assert payload("asking", "again.md") == Asking.__struct_fields__
    head = re.search(r'^    \{("version":.*?)\}$', (PAGES / "again.md").read_text("utf-8"), re.MULTILINE)
    assert head is not None
    assert tuple(re.findall(r'"([a-z]+)":', head[1])) == Head.__struct_fields__


def test_the_items_of_a_bundle_stand_in_the_pages_order() -> None:
    assert first_column("bundle.md", "type") == list(TYPES)


@pytest.mark.parametrize(
    ("page", "says", "limit", "number"),
    [
        ("envelope.md", "at most 4 MiB (4,194,304 bytes)", MAX_ENVELOPE_BYTES, 4_194_304),
        ("envelope.md", "record 64 KiB less", MAX_RECORD_BYTES, 4_194_304 - 65_536),
        ("envelope.md", "at most 32 levels", MAX_DEPTH, 32),
        ("attachment.md", "at most 16 objects", MAX_ATTACHMENTS, 16),
        ("attachment.md", "1 to 2^30", MAX_ATTACHMENT_BYTES, 2**30),
        ("attachment.md", "1 to 120 characters", MAX_NAME, 120),
        ("attachment.md", "chunks of 262,144 bytes", CHUNK_BYTES, 262_144),
        ("attachment.md", "4,096 runs", MAX_RUNS, 4096),
        ("envelope.md", "sequence number is 1 to 2^53", MAX_SEQUENCE, 2**53),
        ("bundle.md", "0 to 4 MiB (4,194,304 bytes)", MAX_ITEM_BYTES, 4_194_304),
        ("bundle.md", "at most 132 KiB", MAX_REQUEST, 132 * 1024),
        ("bundle.md", "at most 32 packages", MAX_PACKAGES, 32),
        ("witness.md", "at most 32 in one body", MAX_PACKAGES, 32),
        ("witness.md", "more than 2^24 entries", MAX_PENDING, 2**24),
        ("witness.md", "more than 2^40 entries", MAX_ENTRIES, 2**40),
        ("bundle.md", "at most 65,536;", MAX_VOID, 65_536),
        ("again.md", "at most 16,384 envelopes", MOST_ASKED, 16_384),
        ("again.md", "at most 4,096 bytes", MAX_HEAD, 4096),
        ("again.md", "1,168 bytes: HPKE", WRAP_BYTES, 1168),
        ("receipt.md", "at most 192 KiB", MAX_PROOF, 192 * 1024),
        ("receipt.md", "at most 128 KiB", MAX_NOTE, 128 * 1024),
        ("receipt.md", "1 to 64 signature lines", MAX_SIGNATURES, 64),
        ("receipt.md", "at most 256 KiB", MAX_POLICY, 256 * 1024),
    ],
)
def test_a_limit_is_what_the_page_says(page: str, says: str, limit: int, number: int) -> None:
    assert says in " ".join((PAGES / page).read_text("utf-8").split())
    assert limit == number


if __name__ == "__main__":
    for page, examples in EXAMPLES.items():
        text = (PAGES / page).read_text("utf-8")
        written = BLOCK.sub(lambda block: block[1] + examples[block[2]]() + block[4], text)
        (PAGES / page).write_text(written, "utf-8")
