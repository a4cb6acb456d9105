"""What became of a record, in words: how its delivery stands, which posts opened it when, which records answer it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from amanat.exchange import times
from amanat.exchange.became import delivered_to
from amanat.exchange.means import Turn
from amanat.exchange.opening import Meaning, meanings
from amanat.store import listing
from amanat.store.listing import Delivery, Listed

Became = dict[str, dict[str, Any]]


def became(turn: Turn, rows: Sequence[Listed]) -> Iterator[Became]:
    """Yield for each record of ours what became of it at each of its recipients; nothing for another's."""
    own = [row for row in rows if row.party == turn.means.party]
    sent = listing.deliveries_of(turn.tx, [row.envelope for row in own])
    meant = meanings(turn.tx, [(row.party, row.id) for row in own], turn.means.kinds)
    for row in rows:
        said = meant.get((row.party, row.id), {})
        yield {
            each.recipient: _answer(turn, each, row.compact)
            | as_data(said.get(each.recipient, Meaning()), each.recipient)
            for each in sent.get(row.envelope, ())
        }


def opened_here(turn: Turn, rows: Sequence[Listed]) -> list[dict[str, Any]]:
    """Return for each record of others which of our posts opened it, and which records of ours answer it."""
    own = turn.means.party
    meant = meanings(turn.tx, [(row.party, row.id) for row in rows], turn.means.kinds)
    return [as_data(meant[row.party, row.id].get(own, Meaning()), own) for row in rows]


def as_data(meaning: Meaning, party: str) -> dict[str, Any]:
    """Return what a party said of a record as JSON has it; nothing where it said nothing."""
    opened = [{"post": post, "at": at} for post, at in meaning.opened]
    answers = [f"{party}:{id_}" for id_ in meaning.answers]
    return ({"opened": opened} if opened else {}) | ({"answered_by": answers} if answers else {})


def short(all_: Became) -> str:
    """How each delivery stands, in a word or two: "af final, opened, obs provisional"."""
    return ", ".join(f"{party} {_short_answer(answer)}{short_meaning(answer)}" for party, answer in all_.items())


def short_meaning(said: Mapping[str, Any]) -> str:
    """Whether it was opened or answered, to stand behind something else."""
    return "".join(f", {word}" for word, key in (("opened", "opened"), ("answered", "answered_by")) if key in said)


def words(all_: Became) -> list[str]:
    """What became of a record, one line a party and fact."""
    return [
        line
        for party, answer in all_.items()
        for line in (f"{party}: {_answer_words(answer)}", *meaning_words(party, answer))
    ]


def meaning_words(party: str, said: Mapping[str, Any]) -> list[str]:
    """Say which posts of a party opened a record and which records of it are answers, each on a line."""
    opened = [f"{party}: opened by {each['post']} at {each['at'][:16]}Z" for each in said.get("opened", ())]
    return [*opened, *(f"{party}: answered by {name}" for name in said.get("answered_by", ()))]


def _answer(turn: Turn, delivery: Delivery, compact: str) -> dict[str, Any]:
    said = delivered_to(turn, delivery, compact)
    answer: dict[str, Any] = {"state": said.state}
    if said.state == "refused":
        return answer | {"by": said.by, "code": said.code}
    if said.problem:
        return answer | {"problem": said.problem}
    if delivery.answer is None:
        return answer
    answer |= {"countersigned_by": sorted(each.by for each in said.countersigned), "quorum": said.quorum}
    answer |= times.as_data(times.accepted(turn, compact, delivery.recipient, delivery.answer))
    return answer | ({"waits_for": said.waits_for} if said.waits_for else {})


def _short_answer(answer: dict[str, Any]) -> str:
    match answer:
        case {"state": "pending"}:
            return "waiting"
        case {"state": "refused", "code": code}:
            return f"refused ({code})"
        case {"state": state, "problem": _}:
            return f"{state} (not to be checked any more)"
        case _:
            return str(answer["state"])


def _answer_words(answer: dict[str, Any]) -> str:
    match answer:
        case {"state": "pending"}:
            return "waiting"
        case {"state": "lost"}:
            return "not known since this node was put back"
        case {"state": "refused", "by": by, "code": code}:
            return f"refused: {by} ({code})"
        case {"state": state, "problem": problem}:
            return f"{state}, and can no longer be checked: {problem}"
        case _:
            names = " and ".join(answer["countersigned_by"])
            by = f", countersigned by {names}" if names else ""
            waiting = f", waits for the countersignature of {answer['waits_for']}" if "waits_for" in answer else ""
            until = answer.get("not_after")
            at = f", not after {until['at'][:19]}Z by {until['by']}" if until else ""
            return f"{answer['state']}: in its log{by}{at}{waiting}"
