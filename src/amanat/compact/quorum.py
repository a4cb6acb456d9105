"""Whose countersignatures make a log's checkpoint final: C2SP tlog-policy `group` and `quorum` lines over party codes.

A party never counts on its own log: it is left out of every group there, and so is a group that has nobody left.
`all` and `any` then speak of those that remain; a number stays the number it is. The log's own parser reads the lines.
"""

import re
from collections.abc import Sequence
from hashlib import sha256

from amanat.log.malformed import Malformed
from amanat.log.note import COSIGNATURE_ED25519, VerifierKey, vkey
from amanat.log.policy import NONE, parse_policy

_GROUP = re.compile(r"[a-z][a-z0-9-]{0,47}")  # no dots: "pk.1" is a key of pk where it has several (witnessing.py)


def lines_for(quorum: str, owner: str) -> tuple[str, ...]:
    """Return the lines for the owner's log, where its own countersignature does not count.

    Each stands for the line of the same number in the compact, and is empty when nobody is left in its group.
    """
    gone = {owner}
    lines = []
    for words in map(str.split, quorum.split("\n")):
        if words[:1] == ["group"]:
            members = [name for name in words[3:] if name not in gone]
            if not members:
                gone.add(words[1])
            lines.append(" ".join([*words[:3], *members]) if members else "")
        else:
            lines.append(" ".join(words))
    return tuple(lines)


def flaw(quorum: str, witnesses: Sequence[str], owners: Sequence[str]) -> str | None:
    """Return what keeps the quorum from being met, for any owner's log, by all witnesses together; or None."""
    found = _misused(quorum, owners) or _unreadable(quorum, witnesses)
    if found:
        return found
    for owner in owners:
        found = _unreadable("\n".join(lines_for(quorum, owner)), [name for name in witnesses if name != owner])
        if found:
            return f"the log of {owner}, where {owner} itself does not count, could never meet it: {found}"
    return None


def _misused(quorum: str, owners: Sequence[str]) -> str | None:
    """Name what a tlog-policy file may hold and a compact's quorum must not."""
    if not quorum.isascii():
        return "it holds letters beyond ASCII, which could pass for others"
    for number, line in enumerate(quorum.split("\n"), 1):
        words = line.split()
        if words and not words[0].startswith("#") and words[0] not in ("group", "quorum"):
            return f"its line {number} begins with {words[0][:80]!r}; only group, quorum and # may"
        if words == ["quorum", NONE]:
            return f"its line {number} asks for no witness, so that a party could show two histories unseen"
        if words[:1] == ["group"] and (len(words) == 1 or not _GROUP.fullmatch(words[1]) or words[1] in owners):
            return f"its line {number} names a group otherwise than in small letters, or by the code of a party"
    return None


def _unreadable(quorum: str, witnesses: Sequence[str]) -> str | None:
    """Ask the log's parser, with a stand-in key for each witness; return its complaint, lines counted as written."""
    keys = [VerifierKey(name, COSIGNATURE_ED25519, sha256(name.encode()).digest()) for name in witnesses]
    defined = [f"witness {key.name} {vkey(key)}" for key in keys]
    try:
        parse_policy("\n".join([*defined, quorum, ""]).encode())
    except Malformed as error:
        says = re.sub(
            r"^Line ([0-9]+)", lambda match: f"its line {int(match[1]) - len(defined)}", error.says.removesuffix(".")
        )
        return f"{says} ({error.mend.removesuffix('.')})"
    return None
