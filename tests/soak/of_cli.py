"""Targets in `cli` and `node`: what an operator types, and the files that somebody hands to an operator.

Second oracle: a program of the operator's own would fail on what is read as two things; so each is read twice, alike.
"""

import contextlib
import io
import tempfile
from collections.abc import Callable
from datetime import UTC
from functools import cache, partial
from pathlib import Path

import msgspec
import typer

from amanat.cli import arguments, screen, verify
from amanat.cli.failed import CheckFailed
from amanat.cli.kind import newest
from amanat.cli.party import hex_digits
from amanat.cli.record import bodies
from amanat.cli.statement import count, describe, digest, names_custodian, read_manifest_file, read_statement
from amanat.compact.lacking import waits_for
from amanat.log.malformed import Malformed
from amanat.log.policy import parse_policy
from amanat.party import canonical, labels
from amanat.party.errors import Invalid, Problem
from amanat.record.handling import Grading
from amanat.record.kind import Kind
from amanat.record.notices import KEPT, WITHDRAWAL
from amanat.workspaces.liaison import places
from amanat.workspaces.liaison.gazetteer import gazetteer
from amanat.workspaces.liaison.notices import states
from compact import cast as agreed
from party import cast
from protocol import vectors
from protocol.envelopes import PK
from protocol.receipts import POLICIES
from seal.cast import manifest
from soak.of_party import SPOKEN, SPOKEN_SEEDS, signed
from soak.target import Reader, Target

# --- what is typed ----------------------------------------------------------------------------------------------------


def _typed(read: Callable[[str], object]) -> Callable[[bytes], object]:
    """As Python hands arguments to a program: bytes that are no UTF-8 become lone surrogates."""
    return lambda data: read(data.replace(b"\0", b"").decode("utf-8", "surrogateescape"))


def _name(text: str) -> None:
    party, id_ = arguments.split_name(arguments.record_name(text), "pk")
    assert f"{party}:{id_}" in {text, f"pk:{text}"}


def _time(text: str) -> None:
    read = arguments.time(text)
    assert read.tzinfo is UTC
    assert arguments.time(read.isoformat()) == read


def _grading(text: str) -> None:
    msgspec.convert(arguments.split_grading(arguments.grading(text)), Grading)


def _lines(text: str) -> None:
    for read in (arguments.tlp, arguments.handling_code, arguments.line, arguments.log_name, arguments.post_name):
        with contextlib.suppress(typer.BadParameter):
            again = read(text)
            assert read(again) == again
    assert arguments.party_code(text) == text


def _place(text: str) -> None:
    """What a form is filled in with again is read as the same place."""
    spot = places.parse(text, None, _NAMES)
    assert places.parse(places.typed(spot, _NAMES, "en"), None, _NAMES) == spot
    assert places.shown(spot, _NAMES, "ur").degrees


_NAMES = gazetteer({"place.chaman": {"ur": "\u0686\u0645\u0646"}})
BAD = (typer.BadParameter,)
TYPED = Target(
    "typed",
    (
        *SPOKEN,
        Reader(("cli.arguments.record_name", "cli.arguments.split_name"), "typed by an operator", BAD, _typed(_name)),
        Reader(("cli.arguments.time",), "typed by an operator", BAD, _typed(_time)),
        Reader(("cli.arguments.grading", "cli.arguments.split_grading"), "typed", (*BAD, Invalid), _typed(_grading)),
        Reader(
            (
                "cli.arguments.party_code",
                "cli.arguments.tlp",
                "cli.arguments.handling_code",
                "cli.arguments.line",
                "cli.arguments.log_name",
                "cli.arguments.post_name",
            ),
            "typed by an operator",
            BAD,
            _typed(_lines),
        ),
        Reader(("cli.party.hex_digits",), "a fingerprint in digits, typed", (Invalid,), _typed(hex_digits)),
        Reader(("cli.kind.newest", "record.kind.Kinds.get"), "a kind, typed", (Invalid,), _typed(newest)),
        Reader(("workspaces.liaison.places.parse",), "typed by an officer", (Invalid,), _typed(_place)),
        Reader(("workspaces.liaison.notices.states.read",), "typed by an officer", (Invalid,), _typed(states.read)),
    ),
    lambda: [
        *SPOKEN_SEEDS,
        *(
            text.encode()
            for text in ("pk", "af:01936000-0000-7000-8000-000000000001", "amber+strict", "h1", "pk.example")
        ),
        *(text.encode() for text in ("4x4:B2", "admiralty:C3", "torkham/duty", "intelligence.report/1", "0f" * 32)),
        *(
            text.encode()
            for text in ("33.9, 70.1", "340724N 0710340E", "42S WD 123 678", "Torkham (AF)", "33.9 70.1 +-2 km")
        ),
        *(text.encode() for text in ("2026-11-24", "2026-11-24T06:30:00Z", "2026-11-24 06:30+04:30", "a caveat")),
    ],
    "lines",
    256,
    tries=200,
)


# --- what is handed over as a file ------------------------------------------------------------------------------------


_SENDER = cast.signed(msgspec.structs.replace(manifest(PK), root=cast.root(cast.SUCCESSORS, 2)), cast.SUCCESSORS[:2])


@cache
def _folder() -> Path:
    """A folder of files that hold, to put one that does not beside them."""
    folder = Path(tempfile.mkdtemp())
    (folder / "envelope").write_bytes(vectors.envelope("one"))
    (folder / "receipt").write_bytes(vectors.receipt(vectors.named("receipt", "final")))
    (folder / "policy").write_text(POLICIES["af"], "utf-8")
    (folder / "manifest").write_bytes(_SENDER)
    (folder / "key").write_text(vectors.named("envelope", "one")["opens"]["content_key"], "ascii")
    return folder


def _file(data: bytes, suffix: str = "") -> Path:
    path = _folder() / f"given{suffix}"
    path.write_bytes(data)
    return path


def _quietly(do: Callable[[], object]) -> str:
    """What is printed, which must be text that any terminal takes."""
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()):
        do()
    out.getvalue().encode("utf-8")
    return out.getvalue()


def _told(data: bytes) -> None:
    """A paper for custodians to sign, put into words before they do."""
    path = _file(data)
    statement = read_statement(path)
    assert count(statement)
    assert len(digest(statement)) == 64
    names_custodian(statement, "0" * 64)
    _quietly(lambda: list(map(screen.show, describe(statement))))
    if statement.payload_type == labels.MANIFEST:
        read_manifest_file(path)


def _told_as(data: bytes, label: str) -> None:
    _told(signed(label, data, cast.CUSTODIANS))


def _receipt(data: bytes) -> None:
    folder = _folder()
    _quietly(lambda: verify.receipt(folder / "envelope", _file(data), folder / "policy"))


def _policy(data: bytes) -> None:
    folder = _folder()
    _quietly(lambda: verify.receipt(folder / "envelope", folder / "receipt", _file(data), as_json=True))
    policy = parse_policy(data)
    waits_for(policy, ())


def _key(data: bytes) -> None:
    folder = _folder()
    _quietly(lambda: verify.record(folder / "envelope", _file(data), folder / "manifest"))


def _manifest(data: bytes) -> None:
    folder = _folder()
    _quietly(lambda: verify.record(folder / "envelope", folder / "key", _file(data)))


def _bundle(data: bytes) -> None:
    _quietly(lambda: verify.bundle_(_file(data), as_json=True))


def _body(data: bytes, kind: Kind, suffix: str = ".json") -> None:
    """A record's body as an officer's other program wrote it: what is read can be composed."""
    for body in bodies(_file(data, suffix), kind):
        canonical.decode(canonical.encode(body), kind.body, "body")


def _seeds() -> list[bytes]:
    papers = [cast.signed(cast.MANIFEST), canonical.encode(cast.MANIFEST), agreed.sealed_with(()), agreed.AGREED]
    acts = [canonical.encode(agreed.act("pk", "end")), agreed.signed_act(agreed.act("pk", "suspend"), ())]
    given = [vectors.bundle(vectors.named("bundle", "answer")), POLICIES["nested"].encode()]
    bodies_ = [b'{"reason":"outdated"}', b'{"ground":"audit","until":"2027-01-01T00:00:00Z"}']
    report = canonical.encode(newest("intelligence.report").examples[0])
    receipt = vectors.receipt(vectors.named("receipt", "provisional"))
    key = vectors.named("envelope", "one")["opens"]["content_key"].encode()
    return [*papers, *acts, *given, *bodies_, report, report[10:-1], receipt, _SENDER, key]


_REPORT = newest("intelligence.report")
NO = (Problem, Malformed, CheckFailed, typer.BadParameter)
HANDED = Target(
    "handed",
    (
        Reader(
            ("cli.statement.read_statement", "cli.statement.describe", "cli.statement.read_manifest_file"),
            "a paper to be signed",
            NO,
            _told,
        ),
        *(
            Reader(
                ("cli.statement.describe",),
                "the same, signed by some",
                NO,
                partial(_told_as, label=label),
            )
            for label in (labels.MANIFEST, labels.COMPACT, labels.ACT)
        ),
        Reader(("cli.verify.receipt",), "a receipt somebody shows", NO, _receipt),
        Reader(("cli.verify.receipt", "compact.lacking.waits_for"), "a policy somebody gives", NO, _policy),
        Reader(("cli.verify.record",), "a content key that was disclosed", NO, _key),
        Reader(("cli.verify.record",), "a manifest handed over with it", NO, _manifest),
        Reader(("cli.verify.bundle_",), "a bundle", NO, _bundle),
        *(
            Reader(("cli.record.bodies",), "a body that another program wrote", NO, partial(_body, kind=kind))
            for kind in (WITHDRAWAL, KEPT, _REPORT)
        ),
        Reader(("cli.record.bodies",), "the same of no known suffix", NO, partial(_body, kind=_REPORT, suffix=".body")),
    ),
    _seeds,
    "json",
    tries=25,
)

TARGETS = (TYPED, HANDED)
