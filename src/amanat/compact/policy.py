"""The compact's Cedar policies: validated when read, asked once for every recipient, failing closed.

Cedar skips a `forbid` that errs, so an Allow counts only when nothing erred. The schema is closed: parties, kinds and
the words compared with are those of the compact, so that a misspelt one is refused when signing, not found years later.
"""

import json
import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final

import cedarpy

from amanat.party.types import quoted

MAX_POLICY_BYTES: Final = 64 * 1024
MAX_CLAUSE: Final = 20
# Cedar's parser recurses on the machine's stack and ends the process at some 500 nested brackets or "if"s.
MAX_TOKENS: Final = 256

_TOKEN = re.compile(r'//[^\n]*+|"[^"]*+"?|\w+|[&|=<>!]+|\S')
_CLAUSE = re.compile(r"[0-9]+(\.[0-9a-z]+)*")
_CONTEXT = """{
  to: String, tlp: Long, h1: Long, h2: Long, h3: Long, persons: Long, exercise: Long,
  days: Long, purpose: String, legal_basis: String, suspended: Long
}"""


@dataclass(frozen=True, slots=True)
class Policy:
    """Cedar text, with the parties and kinds it may speak of."""

    text: str
    parties: tuple[str, ...]
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """What Cedar is asked of one recipient. Flags are 0 or 1; `tlp` is 0 (CLEAR) to 4 (RED); `legal_basis` may be "".

    `days` are the days begun from the record's time to its expiry.
    """

    sender: str
    kind: str
    to: str
    tlp: int
    h1: int
    h2: int
    h3: int
    persons: int
    exercise: int
    days: int
    purpose: str
    legal_basis: str
    suspended: int


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether Cedar allows it, the `@id`s that decided it, and what erred, if anything did."""

    allowed: bool
    clauses: tuple[str, ...]
    error: str | None


def flaw(policy: Policy, words: AbstractSet[str]) -> str | None:
    """Return what keeps a policy from being signed, or None.

    `words` are the codes that its strings may be compared with. Every policy needs an `@id` of its own (its clause
    number) and `@says` (the clause in plain words).
    """
    if not policy.text.isascii():
        return "the policies hold letters beyond ASCII, which could pass for others"
    if "\\" in policy.text:
        return "the policies hold a backslash, by which a text reads otherwise than it is written"
    if len(policy.text) > MAX_POLICY_BYTES:
        return f"the policies have {len(policy.text)} bytes, and at most {MAX_POLICY_BYTES} are read"
    longest = max(map(len, _statements(policy.text)))
    if longest > MAX_TOKENS:
        return f"one policy has {longest} words and signs, and at most {MAX_TOKENS} are read; split it"
    try:
        parsed = json.loads(cedarpy.policies_to_json_str(policy.text))
    except ValueError as error:
        return f"Cedar cannot read it: {quoted(error)}"
    return _unsound(parsed, words) or _invalid(policy)


@lru_cache(maxsize=64)
def clauses(policy: Policy) -> Mapping[str, str]:
    """Return each policy's `@id` with its `@says`, in the order they are written."""
    parsed = json.loads(cedarpy.policies_to_json_str(policy.text))
    return {each["annotations"]["id"]: each["annotations"]["says"] for each in _in_order(parsed)}


def written(policy: Policy) -> Mapping[str, tuple[str, str]]:
    """Return each policy's `@id` with its effect ("permit" or "forbid") and its Cedar text, in the order written.

    A comment stands with the policy that follows it.
    """
    parsed = _in_order(json.loads(cedarpy.policies_to_json_str(policy.text)))
    ends = [found.end() for found in _TOKEN.finditer(policy.text) if found[0] == ";"]
    texts = [policy.text[start:end].strip() for start, end in pairwise([0, *ends])]
    return {each["annotations"]["id"]: (each["effect"], text) for each, text in zip(parsed, texts, strict=True)}


@lru_cache(maxsize=65536)
def decide(policy: Policy, request: Request) -> Decision:
    """Ask Cedar; equal questions are asked once. Anything but a clean Allow is a no."""
    policies, schema = _compiled(policy)
    context = asdict(request)
    question = {
        "principal": {"type": "Party", "id": context.pop("sender")},
        "action": {"type": "Action", "id": "send"},
        "resource": {"type": "Kind", "id": context.pop("kind")},
        "context": context,
    }
    answer = cedarpy.is_authorized(question, policies, [], schema)
    errors = [_with_id(policy, error) for error in answer.diagnostics.errors]
    decided = tuple(sorted(answer.diagnostics.id_annotations_by_reason.values()))
    return Decision(answer.allowed and not errors, decided, errors[0] if errors else None)


@lru_cache(maxsize=64)
def _compiled(policy: Policy) -> tuple[cedarpy.PolicySet, cedarpy.Schema]:
    return cedarpy.PolicySet.from_str(policy.text), cedarpy.Schema.from_str(_schema(policy))


def _schema(policy: Policy) -> str:
    parties, kinds = json.dumps(policy.parties), json.dumps(policy.kinds)
    return (
        f"entity Party enum {parties};\nentity Kind enum {kinds};\n"
        f'action "send" appliesTo {{ principal: [Party], resource: [Kind], context: {_CONTEXT} }};'
    )


def _statements(text: str) -> Iterator[list[str]]:
    """Cut the text into the tokens of each policy, comments left out, without building anything nested."""
    statement: list[str] = []
    for word in _TOKEN.findall(text):
        if word.startswith("//"):
            continue
        statement.append(word)
        if word == ";":
            yield statement
            statement = []
    yield statement


def _unsound(parsed: dict[str, Any], words: AbstractSet[str]) -> str | None:
    """Name what Cedar itself lets pass and a compact must not."""
    if parsed["templates"]:
        return "it holds a template (?principal or ?resource), which says nothing by itself"
    if not parsed["staticPolicies"]:
        return "it holds no policy, so nothing could ever be sent"
    seen: set[str] = set()
    for each in _in_order(parsed):
        clause = each.get("annotations", {}).get("id") or ""
        if not _CLAUSE.fullmatch(clause) or len(clause) > MAX_CLAUSE or clause in seen:
            return f'each policy needs a clause number of its own, like @id("4.1.a"); here stands {clause[:80]!r}'
        seen.add(clause)
        found = _unsound_clause(each, words)
        if found:
            return f"clause {clause} {found}"
    return None


def _unsound_clause(each: dict[str, Any], words: AbstractSet[str]) -> str | None:
    if not each["annotations"].get("says"):
        return 'needs @says("…"), what it says in plain words'
    if _asks_whether(each["conditions"]):
        return "asks with `has` what is there; all of it always is, so that this decides nothing"
    strange = sorted(_strings(each["conditions"]) - words)
    if strange:
        return f"compares with {strange[0][:80]!r}, which no party, purpose or legal basis is called"
    return None


def _asks_whether(node: Any) -> bool:  # noqa: ANN401 - Cedar's JSON
    """Whether a condition uses `has`: behind it Cedar accepts a misspelt attribute, and the clause never applies."""
    if isinstance(node, list):
        return any(map(_asks_whether, node))
    return isinstance(node, dict) and ("has" in node or any(map(_asks_whether, node.values())))


def _strings(node: Any) -> set[str]:  # noqa: ANN401 - Cedar's JSON
    """Collect the string literals of conditions; a pattern of `like` stands for a word nobody could check."""
    if isinstance(node, list):
        return set().union(*map(_strings, node))
    if not isinstance(node, dict):
        return set()
    if isinstance(node.get("Value"), str):
        return {node["Value"]}
    if "like" in node:
        return {"like …"}
    return set().union(*map(_strings, node.values()))


def _invalid(policy: Policy) -> str | None:
    """Return Cedar's first complaint in strict validation against the closed schema, or None."""
    result = cedarpy.validate_policies(policy.text, _schema(policy))
    return None if result.validation_passed else _with_id(policy, quoted(result.errors[0].error))


def _in_order(parsed: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the policies in the order they are written, in which Cedar numbers them from policy0."""
    named = parsed["staticPolicies"]
    return [named[f"policy{number}"] for number in range(len(named))]


def _with_id(policy: Policy, sentence: str) -> str:
    """Put clause numbers where Cedar counts policies; a text of the policy that it quotes may only look so."""
    ids = {f"policy{number}": clause for number, clause in enumerate(clauses(policy))}
    return re.sub(
        r"policy `(policy[0-9]+)`", lambda match: f"clause {ids[match[1]]}" if match[1] in ids else match[0], sentence
    )
