"""The closed lists of what may be said of an incident: nothing else can be, and none has room for a person.

Law: a code never changes what it means; what it is called stands in `words`.
"""

from collections.abc import Mapping
from typing import Final, Literal

Type = Literal["shots", "shelling", "air-strike", "drone", "works", "crossing", "detention", "explosion", "clash"]
Who = Literal["ours", "theirs", "third", "unknown"]
"""By whom, as the sender says it: its own side, the other member, somebody else, nobody knows."""
Did = Literal[
    "fired",
    "returned-fire",
    "shelled",
    "struck",
    "flew",
    "advanced",
    "withdrew",
    "crossed",
    "detained",
    "released",
    "built",
    "removed",
    "exploded",
    "warned",
    "ceased",
]
Arms = Literal["small-arms", "machine-gun", "mortar", "rocket", "artillery", "tank", "drone", "aircraft"]
Direction = Literal["north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west"]
Damaged = Literal[
    "post", "vehicle", "house", "school", "clinic", "mosque", "market", "road", "bridge", "field", "water"
]
Thing = Literal["photo", "video", "fragment", "log", "witness-statement", "document"]
Watcher = Literal["post", "patrol", "camera", "radar", "drone", "observer-post", "civilians"]
"""Who may have seen it: never by name."""
Stance = Literal["agrees", "disputes", "cannot-say"]
Seen = Literal["seen", "heard", "seen-after", "not-seen", "seen-otherwise"]
"""An observer's word on a statement: seen or heard as it says, its traces seen, not seen, seen to be otherwise."""
Mediator = Literal["elders-of-both", "elders-of-one", "local-council", "traders", "relief-society"]
"""Who mediates, by role: nobody is named."""

LISTS: Final[Mapping[str, tuple[str, ...]]] = {
    name: type_.__args__  # type: ignore[attr-defined]
    for name, type_ in {
        "incident type": Type,
        "who": Who,
        "did": Did,
        "arms": Arms,
        "direction": Direction,
        "damaged": Damaged,
        "evidence kind": Thing,
        "watcher": Watcher,
        "stance": Stance,
        "seen": Seen,
        "mediator": Mediator,
    }.items()
}
"""List of words → its codes, in the order in which a form offers them."""
