"""One record in full, for whoever reads it: who says it to whom, how it binds them, and what it says."""

from collections.abc import Mapping
from types import MappingProxyType

from amanat.cli import screen
from amanat.cli.attachment import size
from amanat.record.handling import describe
from amanat.record.record import Record

EXERCISE = "EXERCISE"


def show_record(record: Record, clause: str = "", parts: Mapping[str, str] = MappingProxyType({})) -> None:
    """Print a record, an exercise under its banner, with the standing clause of its compact where that is known.

    `parts` says by name how much of each attachment is here.
    """
    fields = record.fields
    if fields.exercise:
        screen.show(" ".join([EXERCISE] * 3))
    second = f", approved by {fields.approved_by.name}" if fields.approved_by else ""
    screen.show(
        f"{fields.kind} from {fields.author.party} {fields.author.name}{second} to {', '.join(fields.audience)}"
    )
    screen.show(f"written {fields.at:%Y-%m-%d %H:%M:%S} UTC")
    for ref in fields.refs:
        screen.show(f"{ref.relation} {ref.party}:{ref.id}")
    for line in describe(fields.handling):
        screen.show(line)
    for each in fields.attachments:
        here = f", {parts[each.name]}" if each.name in parts else ""
        screen.show(f"attached {each.name}, {size(each)}{here}, SHA-256 {each.sha256}")
    if clause:
        screen.show(clause.strip())
    screen.show_body(bytes(fields.body))
