"""C2SP tlog-policy: which logs are known, which witnesses, and how many of them must have cosigned.

Law: a policy says only what its file says; names are opaque octets; a line that cannot be read condemns the file.
"""

import re
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from types import MappingProxyType

from amanat.log.checkpoint import Checkpoint, parse_checkpoint
from amanat.log.cosignature import verify_cosignature
from amanat.log.lines import quote
from amanat.log.malformed import Malformed
from amanat.log.note import (
    COSIGNATURE_ED25519,
    COSIGNATURE_MLDSA44,
    ED25519,
    Note,
    VerifierKey,
    parse_note,
    parse_vkey,
    verify_ed25519,
)
from amanat.log.proof import Proof, verify_inclusion

MAX_POLICY = 256 * 1024
"""Bytes in a policy: well above 32 logs and 32 witnesses with ML-DSA-44 keys, the least the specification asks for."""

NONE = "none"
"""The predefined quorum that asks for no witness."""

_FORBIDDEN = re.compile(rb"[^\t\n\x20-\x7e\x80-\xff]")
_THRESHOLD = re.compile(r"[1-9][0-9]{0,5}")
_BLANKS = re.compile(rb"[ \t]+")


@dataclass(frozen=True, slots=True)
class Group:
    """Witnessed when at least `threshold` of its members, witnesses or groups, are."""

    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy as read. Groups stand in the order of the file, so that each names only what precedes it.

    Names are the file's octets decoded with `surrogateescape`: equal names are equal octets.
    """

    logs: tuple[VerifierKey, ...]
    witnesses: Mapping[str, VerifierKey]
    groups: Mapping[str, Group]
    quorum: str


@dataclass(frozen=True, slots=True)
class Verified:
    """A checkpoint signed by a log of the policy: which, who cosigned when (POSIX seconds), and if that is a quorum."""

    checkpoint: Checkpoint
    log_name: str
    cosigned: Mapping[str, int]
    quorum: bool


@dataclass(slots=True)
class _Reading:
    """What the lines read so far have defined."""

    logs: list[VerifierKey] = field(default_factory=list)
    witnesses: dict[str, VerifierKey] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    members: set[str] = field(default_factory=set)
    quorum: str | None = None


def parse_policy(data: bytes) -> Policy:
    """Return the policy in a file of at most 256 KiB (section Policy file syntax and structure).

    URLs are read over: they take no part in verification. Errors name line, finding and what is allowed.
    """
    if len(data) > MAX_POLICY:
        raise Malformed("policy.size", f"A policy has {len(data)} bytes.", f"At most {MAX_POLICY} are read.")
    if control := _FORBIDDEN.search(data):
        number = data.count(b"\n", 0, control.start()) + 1
        raise Malformed(
            "policy.octet",
            f"Line {number} holds the octet 0x{control[0].hex()}.",
            "Tab and newline are the only control characters allowed.",
        )
    *lines, rest = data.split(b"\n")
    if rest:
        raise Malformed("policy.end", f"Line {len(lines) + 1} does not end in newline.", "Send all of it, unchanged.")
    reading = _Reading()
    for number, line in enumerate(lines, 1):
        words = _BLANKS.split(line.strip(b" \t"))
        if words != [b""] and not words[0].startswith(b"#"):
            _read_line(reading, number, [word.decode(errors="surrogateescape") for word in words])
    if reading.quorum is None:
        raise Malformed("policy.quorum", "The policy has no quorum line.", 'End it with "quorum <name>".')
    return Policy(
        tuple(reading.logs),
        MappingProxyType(reading.witnesses),
        MappingProxyType(reading.groups),
        reading.quorum,
    )


def _read_line(reading: _Reading, number: int, words: list[str]) -> None:
    match words:
        case ["log", vkey] | ["log", vkey, _]:
            key = _key(number, vkey, {ED25519}, "a log key has type 0x01")
            reading.logs.append(_once(number, key, reading.logs))
        case ["witness", name, vkey] | ["witness", name, vkey, _]:
            _check_new(reading, number, name)
            types = {COSIGNATURE_ED25519, COSIGNATURE_MLDSA44}
            key = _key(number, vkey, types, "a witness key has type 0x04 or 0x06")
            reading.witnesses[name] = _once(number, key, reading.witnesses.values())
        case ["group", name, threshold, *members] if members:
            _check_new(reading, number, name)
            reading.groups[name] = _group(reading, number, threshold, members)
        case ["quorum", name]:
            if reading.quorum is not None:
                raise _refused("policy.quorum", number, "is a second quorum line", "exactly one is allowed")
            if name != NONE:
                _check_known(reading, number, name)
            reading.quorum = name
        case _:
            raise _refused(
                "policy.line",
                number,
                f"reads {quote(' '.join(words))}",
                '"log <vkey> [<url>]", "witness <name> <vkey> [<url>]", "group <name> <k|all|any> <name>...", '
                '"quorum <name>" and comments after "#" are allowed',
            )


def _key(number: int, vkey: str, types: AbstractSet[int], allowed: str) -> VerifierKey:
    try:
        key = parse_vkey(vkey)
    except Malformed as error:
        raise Malformed("policy.key", f"Line {number}: {error.says}", error.mend) from error
    if key.algorithm not in types:
        raise _refused("policy.key", number, f"has a key of type 0x{key.algorithm:02x}", allowed)
    return key


def _once(number: int, key: VerifierKey, others: Iterable[VerifierKey]) -> VerifierKey:
    if any(key.public == other.public for other in others):
        raise _refused(
            "policy.duplicate",
            number,
            f"repeats the public key of {quote(key.name)}",
            "each is allowed once among logs and once among witnesses",
        )
    return key


def _check_new(reading: _Reading, number: int, name: str) -> None:
    if name == NONE or name in reading.witnesses or name in reading.groups:
        raise _refused(
            "policy.name",
            number,
            f"defines {quote(name)} again",
            f'each name is defined once, and "{NONE}" never',
        )


def _check_known(reading: _Reading, number: int, name: str) -> None:
    if name not in reading.witnesses and name not in reading.groups:
        raise _refused(
            "policy.name",
            number,
            f"names {quote(name)}",
            "witnesses and groups defined on lines above are allowed",
        )


def _group(reading: _Reading, number: int, threshold: str, members: list[str]) -> Group:
    for name in members:
        _check_known(reading, number, name)
        if name in reading.members:
            raise _refused(
                "policy.member",
                number,
                f"makes {quote(name)} a member again",
                "each name is a member once, in one group",
            )
        reading.members.add(name)
    if threshold in {"any", "all"}:
        needed = 1 if threshold == "any" else len(members)
    else:
        needed = int(threshold) if _THRESHOLD.fullmatch(threshold) else 0
    if not 1 <= needed <= len(members):
        raise _refused(
            "policy.threshold",
            number,
            f"asks for {quote(threshold)} of {len(members)}",
            f'"any", "all" and 1 to {len(members)} are allowed',
        )
    return Group(needed, tuple(members))


def _refused(code: str, number: int, found: str, allowed: str) -> Malformed:
    return Malformed(code, f"Line {number} {found}.", f"Here {allowed}.")


def satisfied(policy: Policy, names: AbstractSet[str]) -> bool:
    """Tell whether these witnesses, by their names in the policy, are a quorum (section Defining the quorum)."""
    return fewest(policy, names) is not None


def fewest(policy: Policy, names: AbstractSet[str]) -> frozenset[str] | None:
    """Return the fewest of these witnesses that are a quorum, None when all of them are none.

    Each name is a member once, so that the fewest of a group are those of its members who need the fewest.
    """
    needed = {NONE: frozenset[str](), **{name: frozenset({name}) for name in policy.witnesses if name in names}}
    for name, group in policy.groups.items():
        those = sorted((needed[member] for member in group.members if member in needed), key=len)
        if len(those) >= group.threshold:
            needed[name] = frozenset().union(*those[: group.threshold])
    return needed.get(policy.quorum)


def verify_checkpoint(policy: Policy, note_bytes: bytes) -> Verified:
    """Return the checkpoint of one of the policy's logs and who of its witnesses cosigned it.

    Raises `Malformed` unless a log of the policy signed it under its origin, and if any line by a known key fails.
    Whether the quorum is met is told, not demanded.
    """
    note = parse_note(note_bytes)
    checkpoint = parse_checkpoint(note.text)
    _verify_log(policy, note, checkpoint.origin)
    times = {name: verify_cosignature(note, checkpoint, key) for name, key in policy.witnesses.items()}
    cosigned = {name: time for name, time in times.items() if time is not None}
    return Verified(checkpoint, checkpoint.origin, MappingProxyType(cosigned), satisfied(policy, cosigned.keys()))


def _verify_log(policy: Policy, note: Note, origin: str) -> None:
    signed = [key for key in policy.logs if note.by(key)]
    if origin not in {key.name for key in signed}:
        raise Malformed(
            "policy.log",
            f"No log of the policy signed this checkpoint of {quote(origin)}.",
            "Check the policy's log lines, or ask for the log's own signed checkpoint.",
        )
    for key in signed:
        verify_ed25519(note, key)


def verify_proof(policy: Policy, proof: Proof, leaf_hash: bytes) -> Verified:
    """Return the checkpoint under which this leaf stands in a log (tlog-proof, section Verifying a tlog proof)."""
    verified = verify_checkpoint(policy, proof.checkpoint)
    checkpoint = verified.checkpoint
    verify_inclusion(leaf_hash, proof.index, checkpoint.size, proof.path, checkpoint.root)
    return verified
