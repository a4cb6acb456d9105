"""Targets in `compact`: the text that members are asked to sign, its Cedar policies and its witness quorum.

Second oracles: what is read can be told, asked and amended; every policy decides; every owner's log can meet a quorum.
"""

from amanat.compact import quorum
from amanat.compact.calling import acknowledge, of_post, other, rung
from amanat.compact.check import Compact
from amanat.compact.explain import Question, explain, summary
from amanat.compact.policy import Policy, clauses, decide, flaw, written
from amanat.compact.signing import accept_compact
from amanat.compact.terms import Terms, defaults, fill, parse
from amanat.compact.text import read_text, read_toml
from amanat.compact.witnessing import policy_for
from amanat.log.policy import parse_policy, satisfied
from amanat.party import labels
from amanat.party.errors import Invalid, Refused
from compact import cast
from soak.of_party import signed
from soak.target import Reader, Target


def _terms(data: bytes) -> None:
    terms = parse(data)
    assert terms.text == data
    assert summary(terms)
    for kind in terms.kinds:
        _asked(terms, kind)
    for name in terms.hotlines:
        _called(terms, name)


def _asked(terms: Terms, kind: str) -> None:
    """What an officer may ask of a compact is answered, whatever it is."""
    handling = defaults(terms, kind, cast.NOW)
    assert handling.purpose in terms.purposes
    for sender in terms.members:
        others = tuple(party for party in terms.parties if party != sender)
        question = Question(f"{kind}/1", handling, sender, others, cast.NOW, cast.PERSON)
        assert explain(question, Compact(terms, "active")).by


def _called(terms: Terms, name: str) -> None:
    """A call on a hotline of any compact rings two members' posts, who know that they are on it."""
    hotline = rung(terms, name, cast.NOW)
    for party, posts in hotline.posts.items():
        assert other(hotline, party) in terms.members
        assert all(name in of_post(terms, party, post) for post in posts)
    assert terms.calling
    assert acknowledge(terms.calling, "flash") <= acknowledge(terms.calling, "routine")


def _toml(data: bytes) -> None:
    assert isinstance(read_toml(read_text(data)), dict)


def _fill(data: bytes) -> None:
    filled = fill(data, {"pk": "a" * 64, "af": "b" * 64})
    assert filled.count(b"\n") == data.count(b"\n")


def _accepted(data: bytes) -> None:
    """The text as every custodian there is signed it, with its policy for each log."""
    file = signed(labels.COMPACT, data, cast.custodians_of("pk", "af", "obs", "neighbour"))
    terms = accept_compact(file, cast.MANIFESTS, None)
    for party in terms.parties:
        policy = parse_policy(policy_for(terms, cast.MANIFESTS, party))
        assert satisfied(policy, frozenset(policy.witnesses))


COMPACT = Target(
    "compact",
    (
        Reader(("compact.terms.parse",), "the text that the other member wrote", (Invalid,), _terms),
        Reader(("compact.text.read_text", "compact.text.read_toml"), "any TOML that people write", (Invalid,), _toml),
        Reader(("compact.terms.fill",), "a draft with places for roots", (Invalid,), _fill),
        Reader(
            ("compact.signing.accept_compact", "compact.witnessing.policy_for"),
            "a bundle's compacts",
            (Invalid, Refused),
            _accepted,
        ),
    ),
    lambda: [cast.EXAMPLE, cast.AGREED, cast.amended(cast.NEIGHBOUR, of=cast.AGREED), b'a = ["b", { c = 1 }]\n'],
    "lines",
    32 * 1024,
    tries=40,
)


# --- grammars within it -----------------------------------------------------------------------------------------------

_WORDS = frozenset({"", "pk", "af", "counter-terrorism", "criminal-procedure"})
_PARTIES = ("af", "obs", "pk")


def _cedar(data: bytes) -> None:
    policy = Policy(data.decode("utf-8", "replace"), _PARTIES, ("intelligence.report",))
    found = flaw(policy, _WORDS)
    if found is not None:
        assert found.strip()
        return
    said = clauses(policy)
    assert list(written(policy)) == list(said)
    for suspended in (0, 1):
        decision = decide(policy, cast.asked(suspended=suspended))
        assert set(decision.clauses) <= set(said)
        assert not (decision.allowed and decision.error)


def _quorum(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    found = quorum.flaw(text, _PARTIES, _PARTIES)
    assert found is None or found.strip()
    for owner in _PARTIES if found is None else ():
        lines = quorum.lines_for(text, owner)
        assert len(lines) == text.count("\n") + 1
        assert not any(owner in line.split()[2:] for line in lines if line.startswith("group "))


_CEDAR = b"""
@id("4.1.a") @says("Reports may go.") permit (principal == Party::"pk", action, resource)
when { context.tlp <= 3 && context.persons == 0 || (context.to == "af" && !(context.days > 90)) };
// a comment
@id("4.2") @says("Not while suspended.") forbid (principal, action == Action::"send", resource is Kind)
unless { if context.suspended == 1 then context.h1 + 1 > 2 else ["pk", "af"].contains(context.to) };
"""

CEDAR = Target(
    "cedar",
    (
        Reader(
            ("compact.policy.flaw", "compact.policy.decide", "compact.policy.written"),
            "policies in the other member's text",
            (),
            _cedar,
        ),
        Reader(("compact.quorum.flaw", "compact.quorum.lines_for"), "the quorum in it", (), _quorum),
    ),
    lambda: [cast.TERMS.policy.text.encode(), cast.EVERYTHING.encode(), _CEDAR, cast.TERMS.quorum.encode()],
    "lines",
    8 * 1024,
)

TARGETS = (COMPACT, CEDAR)
