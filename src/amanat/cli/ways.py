"""How what is said here comes to other parties: over the line to those whose address is known, else with a bundle."""

from collections.abc import Collection

from amanat.exchange.means import Turn


def split(turn: Turn, parties: Collection[str]) -> tuple[list[str], list[str]]:
    """Return which of these parties have a line, and which are met by bundle."""
    from amanat.exchange import lines

    reached = lines.addresses(turn.tx)
    return [each for each in parties if each in reached], [each for each in parties if each not in reached]


def way(turn: Turn, parties: Collection[str]) -> str:
    """Say how it comes to these parties, as the end of a sentence."""
    by_line, by_bundle = split(turn, parties)
    if not by_line:
        return "with the next bundle"
    if not by_bundle:
        return "over the line while the node is served"
    return f"over the line to {_and(by_line)} while the node is served, with the next bundle to {_and(by_bundle)}"


def _and(parties: Collection[str]) -> str:
    return " and ".join(parties)
