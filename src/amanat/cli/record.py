"""What officers do with records: send, approve, withdraw, keep, erase."""

from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import typer

from amanat.cli import handling, screen
from amanat.cli.kind import newest
from amanat.cli.options import (
    HERE,
    Folder,
    Json,
    PassphraseFile,
    Source,
    Yes,
    open_means,
    post_of,
    read_time,
    record_name,
)
from amanat.compact.terms import defaults
from amanat.exchange import erasure
from amanat.exchange import send as sending
from amanat.exchange import withdraw as withdrawing
from amanat.exchange.means import begin
from amanat.exchange.send import Held, Pending
from amanat.party import canonical
from amanat.party.errors import Invalid
from amanat.record.kind import Kind
from amanat.record.notices import Withdrawal
from amanat.record.record import Draft, Ref, read
from amanat.store import listing
from amanat.workspaces import find

PostName = Annotated[str, typer.Option("--post", help="The post that acts, such as torkham/duty.")]
Refs = list[str] | None


def register(app: typer.Typer) -> None:
    """Add these commands to the top level, where an officer's hand expects them."""
    for command in (send, held, approve, withdraw, keep, erase):
        app.command()(command)


def send(
    file: Source,
    compact: Annotated[str, typer.Option("--compact", help="The compact it is sent under.")],
    to: Annotated[list[str], typer.Option("--to", metavar="PARTY", help="Who is to have it; repeatable.")],
    post: PostName,
    folder: Folder = HERE,
    kind: Annotated[str, typer.Option("--kind", help="What kind of record it is.")] = "intelligence.report",
    tlp: handling.Tlp = None,
    code: handling.Codes = None,
    purpose: handling.Purpose = None,
    legal_basis: handling.LegalBasis = None,
    not_to: handling.NotTo = None,
    expires_days: handling.ExpiresDays = None,
    grading: handling.GradingText = None,
    handling_file: handling.HandlingFile = None,
    answers: Annotated[Refs, typer.Option("--answers", metavar="PARTY:ID", help="The record it answers.")] = None,
    about: Annotated[Refs, typer.Option("--about", metavar="PARTY:ID", help="The record it is about.")] = None,
    supersedes: Annotated[Refs, typer.Option("--supersedes", metavar="[PARTY:]ID", help="What it replaces.")] = None,
    exercise: Annotated[bool, typer.Option("--exercise", help="Mark it as exercise.")] = False,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Send what a file holds: it is checked, signed, sealed and logged, and waits for the next bundle.

    Example: amanat send -C pk report.json --compact pk-af --to af --post torkham/duty --exercise
    """
    means, wanted = open_means(folder, passphrase_file), newest(kind)
    with begin(means) as turn:
        terms = turn.known.compact(compact).terms
    handled = handling.change(
        defaults(terms, wanted.name, means.now()),
        means.now(),
        tlp=tlp,
        codes=code,
        purpose=purpose,
        legal_basis=legal_basis,
        not_to=not_to,
        expires_days=expires_days,
        grading=grading,
        file=handling_file,
    )
    named = {"answers": answers, "about": about, "supersedes": supersedes}
    refs = tuple(
        msgspec.convert({"relation": relation, "party": party, "id": id_}, Ref)
        for relation, texts in named.items()
        for party, id_ in (record_name(text, means.party) for text in texts or ())
    )
    drafts = [
        Draft(wanted.label, body, tuple(to), handled, terms.digest, refs, exercise) for body in _bodies(file, wanted)
    ]
    for sent in sending.send(drafts, post_of(means.party, post), means):
        _tell(sent, as_json=as_json)


def held(folder: Folder = HERE, passphrase_file: PassphraseFile = None, as_json: Json = False) -> None:
    """List the records that wait for a second person, with the digest it must have read.

    Example: amanat held -C pk
    """
    means = open_means(folder, passphrase_file)
    with means.engine.begin() as tx:
        waiting = [read(data, means.kinds) for data in listing.held(tx)]
    for record in waiting:
        if as_json:
            screen.show(record.data.decode())
        else:
            screen.show(
                f"{record.fields.id}  {record.fields.kind}  by {record.fields.author.name}  digest {record.digest}"
            )


def approve(
    id_: Annotated[str, typer.Argument(metavar="ID")],
    digest: Annotated[str, typer.Option("--digest", help="Of the record as the second person read it.")],
    post: PostName,
    folder: Folder = HERE,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Approve a held record as the second person; it is checked again and sent.

    Example: amanat approve -C pk ID --digest DIGEST --post torkham/commander
    """
    means = open_means(folder, passphrase_file)
    _tell(sending.release_held(id_, digest, post_of(means.party, post), means), as_json=as_json)


def withdraw(
    id_: Annotated[str, typer.Argument(metavar="ID")],
    reason: Annotated[
        Literal["mistaken", "outdated", "retracted-by-source", "sent-in-error", "redress"], typer.Option("--reason")
    ],
    post: PostName,
    folder: Folder = HERE,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Withdraw a record of ours: all who had it are told, and destroy it where its kind says so.

    Example: amanat withdraw -C pk ID --reason mistaken --post torkham/duty
    """
    means = open_means(folder, passphrase_file)
    _, own_id = record_name(id_, means.party)
    _tell(withdrawing.withdraw(own_id, Withdrawal(reason), post_of(means.party, post), means), as_json=as_json)


def keep(
    id_: Annotated[str, typer.Argument(metavar="PARTY:ID")],
    ground: Annotated[str, typer.Option("--ground", help="Why it must be kept.")],
    until: Annotated[str, typer.Option("--until", metavar="DATE", help="And until when, UTC.")],
    folder: Folder = HERE,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Keep another party's record past withdrawal or expiry, and tell it so with the ground and the date.

    Example: amanat keep -C af pk:ID --ground "evidence in case 12 of the joint court" --until 2027-03-01
    """
    means = open_means(folder, passphrase_file)
    party, own_id = record_name(id_, means.party)
    erasure.keep(party, own_id, ground, read_time(until, "--until"), means)
    screen.say(f"Kept; {party} is told with the next bundle.")


def erase(
    folder: Folder = HERE, yes: Yes = False, passphrase_file: PassphraseFile = None, as_json: Json = False
) -> None:
    """Destroy what was withdrawn or has expired, here, and sign our word for it to the originators.

    Example: amanat erase -C af --yes
    """
    means = open_means(folder, passphrase_file)
    screen.confirm("Destroy all records that are due, for good?", yes=yes)
    for gone in erasure.erase_due(means):
        if as_json:
            screen.show_json({"party": gone.party, "id": gone.id, "because": gone.because})
        else:
            screen.show(f"destroyed  {gone.party}:{gone.id}  {gone.because}")


def _bodies(file: Path, kind: Kind) -> list[Any]:
    """Read a file by its workspace's importer for that kind, or as the kind's own JSON."""
    data = screen.read_file(file)
    for workspace in find():
        for importer in workspace.importers:
            if kind in workspace.kinds and file.suffix in importer.suffixes:
                return [body for label, body in importer.read(data) if label == kind.label]
    canonical.check_text(data, f"body {file}")
    try:
        return [msgspec.json.decode(data, type=kind.body)]
    except msgspec.DecodeError as error:
        raise Invalid(
            "body.form", f"{file} is no {kind.label}: {error}.", f"See `amanat kind schema {kind.name}`."
        ) from error


def _tell(sent: Pending | Held, *, as_json: bool) -> None:
    party, id_ = sent.record.key
    waits = isinstance(sent, Held)
    if as_json:
        screen.show_json({"party": party, "id": id_, "held": waits, "digest": sent.digest})
        return
    screen.show(f"{party}:{id_}")
    if isinstance(sent, Held):
        screen.say(f"Held for a second person: `amanat approve {id_} --digest {sent.digest} --post …`.")
    else:
        to = ", ".join(sent.record.fields.audience)
        screen.say(
            f"Logged at {sent.log_index}; waiting for {to}. Next: `amanat bundle export --to {to.split(', ')[0]}`."
        )
