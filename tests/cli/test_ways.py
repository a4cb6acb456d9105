"""What is said here comes over the line to whom an address is known of, and else with a bundle; commands say which."""

from pathlib import Path

from amanat.cli.ways import way
from amanat.exchange.lines import set_address
from amanat.exchange.means import look
from border import meet


def test_each_party_is_said_to_learn_it_by_its_way(tmp_path: Path) -> None:
    said = []
    with meet(tmp_path) as border:
        for party in ("", "af", "obs"):
            if party:
                set_address(border.pk.means, party, "http://127.0.0.1:9")
            with look(border.pk.means) as turn:
                said.append(way(turn, ["af", "obs"]))
    assert said == [
        "with the next bundle",
        "over the line to af while the node is served, with the next bundle to obs",
        "over the line while the node is served",
    ]
