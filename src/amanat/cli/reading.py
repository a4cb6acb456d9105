"""What officers read: what came in, what became of what went out, and one record in full."""

from typing import Annotated

import typer

from amanat.cli import screen
from amanat.cli.handling import describe
from amanat.cli.options import HERE, Folder, Json, PassphraseFile, open_means, record_name
from amanat.compact.witnessing import policy_for
from amanat.exchange.answers import read_refusal
from amanat.exchange.means import Turn, begin
from amanat.log.policy import parse_policy, verify_checkpoint
from amanat.log.proof import parse_proof
from amanat.party.errors import Invalid
from amanat.party.types import PartyCode
from amanat.record.record import Record, read
from amanat.store import listing
from amanat.store.listing import Delivery, Listed, Search

Text = Annotated[str, typer.Option("--search", help="Only records that hold this text.")]
Kind = Annotated[str, typer.Option("--kind", help="Only this kind, such as intelligence.report.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=1000, help="At most so many.")]
After = Annotated[str | None, typer.Option("--after", metavar="PARTY:ID", help="The page after this record.")]


def register(app: typer.Typer) -> None:
    """Add these commands to the top level."""
    for command in (inbox, outbox, show):
        app.command()(command)


def inbox(
    folder: Folder = HERE,
    search: Text = "",
    kind: Kind = "",
    party: Annotated[str, typer.Option("--party", help="Only from this party.")] = "",
    limit: Limit = 50,
    after: After = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """List what others sent us, newest first.

    Example: amanat inbox -C af --search Torkham --limit 20
    """
    with begin(open_means(folder, passphrase_file)) as turn:
        page = _page(after, turn.means.party)
        found = listing.listing(turn.tx, turn.means.party, Search(False, search, kind, party, page, limit))  # noqa: FBT003
    rows = [[f"{row.party}:{row.id}", row.at[:16], row.kind, row.state] for row in found]
    if as_json:
        for row in found:
            screen.show_json(_head(row))
    else:
        screen.show_rows(("record", "written (UTC)", "kind", "state"), rows)
    if len(found) == limit:
        screen.say(f"There may be more: --after {found[-1].party}:{found[-1].id}")


def outbox(
    folder: Folder = HERE,
    search: Text = "",
    kind: Kind = "",
    limit: Limit = 50,
    after: After = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """List what we sent, newest first, and what became of it at each party.

    Example: amanat outbox -C pk
    """
    with begin(open_means(folder, passphrase_file)) as turn:
        page = _page(after, turn.means.party)
        found = listing.listing(turn.tx, turn.means.party, Search(True, search, kind, "", page, limit))  # noqa: FBT003
        became = {row.id: _became(turn, row) for row in found}
    if as_json:
        for row in found:
            screen.show_json(_head(row) | {"deliveries": became[row.id]})
    else:
        said = {id_: "; ".join(f"{to}: {words}" for to, words in each.items()) for id_, each in became.items()}
        rows = [[f"{row.party}:{row.id}", row.at[:16], row.kind, row.state, said[row.id]] for row in found]
        screen.show_rows(("record", "written (UTC)", "kind", "state", "delivery"), rows)
    if len(found) == limit:
        screen.say(f"There may be more: --after {found[-1].party}:{found[-1].id}")


def show(
    name: Annotated[str, typer.Argument(metavar="[PARTY:]ID")],
    folder: Folder = HERE,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Show one record in full: what it says, how it binds us, where it stands and who can prove it.

    Example: amanat show -C af pk:ID
    """
    with begin(open_means(folder, passphrase_file)) as turn:
        party, id_ = record_name(name, turn.means.party)
        row = listing.one(turn.tx, party, id_)
        record = _held(turn, id_) if row is None else row.data and read(row.data, turn.means.kinds)
        if row is None and not record:
            raise Invalid("record.unknown", f"No record {id_} of {party} is here.", "See `amanat inbox` and `outbox`.")
        became = _became(turn, row) if row else {}
        clause = _clause(turn, row.compact if row else None, record or None)
    if as_json:
        body = screen.as_json(record.data) if record else None
        head = _head(row) if row else {"party": party, "id": id_, "state": "held"}
        screen.show_json(head | {"deliveries": became, "without_prejudice": clause, "record": body})
        return
    if row:
        screen.show(f"{row.party}:{row.id}  {row.state}  log {row.compact} at {row.log_index}  envelope {row.envelope}")
    for to, words in became.items():
        screen.show(f"{to}: {words}")
    if record:
        _show_record(record, clause)


def _show_record(record: Record, clause: str) -> None:
    fields = record.fields
    if fields.exercise:
        screen.show("EXERCISE EXERCISE EXERCISE")
    second = f", approved by {fields.approved_by.name}" if fields.approved_by else ""
    screen.show(
        f"{fields.kind} from {fields.author.party} {fields.author.name}{second} to {', '.join(fields.audience)}"
    )
    screen.show(f"written {fields.at:%Y-%m-%d %H:%M:%S} UTC")
    for ref in fields.refs:
        screen.show(f"{ref.relation} {ref.party}:{ref.id}")
    screen.show("\n".join(describe(fields.handling)))
    screen.show(clause.strip())
    screen.show(bytes(fields.body).decode())


def _held(turn: Turn, id_: str) -> Record | None:
    """A record of ours that waits for its second person, who reads it by this command."""
    waiting = (read(data, turn.means.kinds) for data in listing.held(turn.tx))
    found = next((record for record in waiting if record.fields.id == id_), None)
    if found:
        screen.say(f"Held for a second person: `amanat approve {id_} --digest {found.digest} --post …`.")
    return found


def _became(turn: Turn, row: Listed) -> dict[PartyCode, str]:
    """What became of our record at each of its recipients, in words; nothing for another's."""
    if row.party != turn.means.party:
        return {}
    return {each.recipient: _state(turn, each, row.compact) for each in listing.deliveries(turn.tx, row.envelope)}


def _state(turn: Turn, delivery: Delivery, compact: str) -> str:
    if delivery.answer is None:
        return "waiting"
    if delivery.state == "refused":
        refusal = read_refusal(delivery.answer, delivery.recipient, turn.known, turn.means)
        return f"refused: {refusal.by} ({refusal.code})"
    policy = parse_policy(policy_for(turn.known.compact(compact).terms, turn.known.manifests, delivery.recipient))
    verified = verify_checkpoint(policy, parse_proof(delivery.answer).checkpoint)
    cosigned = " and ".join(sorted(verified.cosigned)) or "nobody yet"
    only = "" if verified.quorum or not verified.cosigned else " only"
    return f"{delivery.state}: in its log, countersigned by {cosigned}{only}"


def _clause(turn: Turn, compact: str | None, record: Record | None) -> str:
    """The standing without-prejudice clause of the compact a record was written under."""
    if compact is not None:
        return turn.known.compact(compact).terms.without_prejudice
    return turn.known.by_digest(record.fields.compact).terms.without_prejudice if record else ""


def _head(row: Listed) -> dict[str, object]:
    return {
        "party": row.party,
        "id": row.id,
        "kind": row.kind,
        "at": row.at,
        "expires": row.expires,
        "state": row.state,
        "compact": row.compact,
        "log_index": row.log_index,
        "envelope": row.envelope,
    }


def _page(after: str | None, own: str) -> tuple[str, str] | None:
    return record_name(after, own) if after else None
