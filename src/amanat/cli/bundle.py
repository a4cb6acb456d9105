"""Bundles: what one party has for another, written to a stick and taken in from it."""

import os
import tempfile
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from amanat.cli import screen
from amanat.cli.options import HERE, Folder, Json, Out, PassphraseFile, Source, open_means
from amanat.exchange.accept import Accepted, Declined, Outcome, Repeated
from amanat.exchange.bundle import parties, read, verify, write
from amanat.exchange.outbox import deliver
from amanat.exchange.receive import Report, receive
from amanat.node import sync_folder
from amanat.party.errors import Invalid
from amanat.seal.header import parse_header

app = typer.Typer(name="bundle", help="Carry records by file.", no_args_is_help=True)


@app.command()
def export(
    to: Annotated[str, typer.Option("--to", metavar="PARTY", help="Who it is for.")],
    out: Out,
    folder: Folder = HERE,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Write all that waits for a party to one file, safe to pull out once this returns.

    Example: amanat bundle export -C pk --to af --out pk-to-af.bundle
    """
    screen.refuse_overwriting(out)
    means = open_means(folder, passphrase_file)
    handle, name = tempfile.mkstemp(dir=out.parent, prefix=f".{out.name}.")
    try:
        items = deliver(to, means)
        with os.fdopen(handle, "wb") as file:
            count = write(file, means.party, to, screen.track(items, "writing", len(items)))
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(out)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    sync_folder(out.parent)
    screen.say(f"Wrote {out}: {_counts(Counter(item.type for item in items))}; {count} items for {to}.")


@app.command("import")
def import_(file: Source, folder: Folder = HERE, passphrase_file: PassphraseFile = None, as_json: Json = False) -> None:
    """Take in a bundle: read to its end first, then judge every item, and say what became of each.

    Example: amanat bundle import -C af pk-to-af.bundle
    """
    means = open_means(folder, passphrase_file)
    with file.open("rb") as stream:
        sender, recipient = parties(stream)
        if recipient != means.party:
            raise Invalid(
                "bundle.recipient",
                f"{file} is for {recipient}, and this is {means.party}.",
                "Hand it to those it names; nothing of it was taken in.",
            )
        stream.seek(0)
        total = verify(stream)
        report = receive(sender, screen.track(read(stream), "taking in", total), means)
    if as_json:
        screen.show_json(_as_data(report))
    else:
        _tell(report)


@app.command("show")
def show_(file: Source, as_json: Json = False) -> None:
    """Say who a bundle is from and for and what it carries, without opening anything.

    Example: amanat bundle show pk-to-af.bundle
    """
    with file.open("rb") as stream:
        sender, recipient = parties(stream)
        stream.seek(0)
        items = list(read(stream))
    ids = [parse_header(item.data).core.record_id for item in items if item.type == "envelope"]
    counts = Counter(item.type for item in items)
    if as_json:
        screen.show_json({"sender": sender, "recipient": recipient, "items": counts, "records": ids})
        return
    screen.show(f"from {sender} to {recipient}: {_counts(counts)}")
    for id_ in ids:
        screen.show(f"{sender}:{id_}")


def _counts(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {type_}{'s' if count > 1 else ''}" for type_, count in counts.items()) or "nothing"


def _tell(report: Report) -> None:
    screen.say(f"From {report.sender}: {_counts(report.items)}.")
    for outcome in report.outcomes:
        screen.show(_words(outcome))
    for type_, problem in report.problems:
        screen.show(f"not taken in: a {type_}. {problem}")
    for first, last in report.gaps:
        span = f"envelope {first}" if first == last else f"envelopes {first} to {last}"
        screen.show(f"missing: {span} that {report.sender} says it sent; ask for a new bundle")


def _words(outcome: Outcome) -> str:
    match outcome:
        case Accepted(record, log_index):
            party, id_ = record.key
            return f"accepted  {party}:{id_}  {record.fields.kind}  our log {log_index}"
        case Repeated(digest):
            return f"repeated  {digest[:16]}  answered before; the answer goes out again"
        case Declined(digest, sender, problem):
            return f"refused   {digest[:16]}  {sender} will be told. {problem.says}"


def _as_data(report: Report) -> dict[str, object]:
    def one(outcome: Outcome) -> dict[str, object]:
        match outcome:
            case Accepted(record, log_index):
                party, id_ = record.key
                return {"outcome": "accepted", "party": party, "id": id_, "log_index": log_index}
            case Repeated(digest):
                return {"outcome": "repeated", "envelope": digest}
            case Declined(digest, _, problem):
                return {"outcome": "refused", "envelope": digest, "code": problem.code, "says": problem.says}

    return {
        "sender": report.sender,
        "items": report.items,
        "outcomes": [one(outcome) for outcome in report.outcomes],
        "problems": [{"item": type_, "says": str(problem)} for type_, problem in report.problems],
        "gaps": report.gaps,
    }
