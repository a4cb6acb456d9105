"""Bundles: what one party has for another, written to a stick and taken in from it."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Annotated

import typer

from amanat.cli import arguments, rotation, screen, stopping
from amanat.cli.attachment import as_data, progress
from amanat.cli.mends import told
from amanat.cli.news import News, since, standing
from amanat.cli.options import HERE, OPERATOR, BundleFile, Folder, Json, Out, PassphraseFile, at, open_means
from amanat.exchange.accept import Accepted, Declined, Outcome, Repeated
from amanat.exchange.acting import noted
from amanat.exchange.bundle import Item, parties, read, write
from amanat.exchange.means import begin
from amanat.exchange.outbox import deliver
from amanat.exchange.receive import Report, receive
from amanat.node import writing
from amanat.party.errors import Invalid
from amanat.seal.header import parse_header

app = typer.Typer(name="bundle", help="Carry records by file.")


@app.command()
def export(
    to: Annotated[str, typer.Option("--to", metavar="PARTY", parser=arguments.party_code, help="Who it is for.")],
    out: Out,
    folder: Folder = HERE,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Write all that waits for a party to a file.

    Records, receipts, refusals, papers and countersignatures. Once this returns a stick may be pulled out.

    Example: amanat bundle export -C pk --to af --out pk-to-af.bundle
    """
    screen.require_new(out)
    means = open_means(folder, passphrase_file)
    if to == means.party:
        raise typer.BadParameter(f"{to} is the party of this folder itself; give the one that is to have it")
    counts = Counter[str]()
    with noted(means, OPERATOR, "bundle.export", to), deliver(to, means) as items, writing(out) as file:
        write(file, means.party, to, _counting(screen.track(items, "writing", len(items)), counts))
    rotation.remind(means, folder)
    stopping.remind(means, folder)
    screen.say(f"Wrote {out} for {to}: {_counts(counts)}.")


@app.command("import")
def import_(
    file: BundleFile, folder: Folder = HERE, passphrase_file: PassphraseFile = None, as_json: Json = False
) -> None:
    """Take in a bundle.

    It is read to its end first, then every item is judged, and what became of each is said: new acts on a compact and
    later manifests too.

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
        total = sum(1 for _ in screen.track(read(stream), "reading"))
        with begin(means) as turn:
            before = standing(turn)
        with noted(means, OPERATOR, "bundle.import", sender):
            report = receive(sender, screen.track(read(stream), "taking in", total), means)
    with begin(means) as turn:
        news = since(before, turn)
    if as_json:
        screen.show_json(_as_data(report) | news.data())
        return
    _tell(report, news)
    if report.outcomes:
        screen.say(f"Next: `amanat bundle export{at(folder)} --to {sender} --out FILE` takes the answers back.")


@app.command("show")
def show_(file: BundleFile, as_json: Json = False) -> None:
    """Say what a bundle carries.

    Who it is from and for, how many items of each type, and the names of its records, without opening anything.

    Example: amanat bundle show pk-to-af.bundle
    """
    counts, ids = Counter[str](), []
    with file.open("rb") as stream:
        sender, recipient = parties(stream)
        for item in screen.track(read(stream), "reading"):
            counts[item.type] += 1
            if item.type == "envelope":
                ids.append(parse_header(item.data).core.record_id)
    if as_json:
        screen.show_json({"sender": sender, "recipient": recipient, "items": counts, "records": ids})
        return
    screen.show(f"from {sender} to {recipient}: {_counts(counts)}")
    for id_ in ids:
        screen.show(f"{sender}:{id_}")


_NAMES = {
    "ending": ("end of a log", "ends of logs"),
    "entries": ("part of a log", "parts of logs"),
    "mirrored": ("word on a log", "words on logs"),
    "asking": ("envelope asked for", "envelopes asked for"),
    "again": ("envelope given again", "envelopes given again"),
}


def _counting(items: Iterable[Item], counts: Counter[str]) -> Iterator[Item]:
    for item in items:
        counts[item.type] += 1
        yield item


def _counts(counts: Counter[str]) -> str:
    return ", ".join(screen.many(count, *_NAMES.get(type_, (type_,))) for type_, count in counts.items()) or "nothing"


def _tell(report: Report, news: News) -> None:
    screen.say(f"From {report.sender}: {_counts(report.items)}.")
    for line in news.lines():
        screen.show_rows((), [[line]])
    screen.show_rows((), [_cells(outcome) for outcome in report.outcomes])
    for type_, problem in report.problems:
        screen.show_rows((), [[f"not taken in: {_one(type_)}", told(problem)]])
    if report.left:
        screen.show(f"left until this node knows what it signed: {_counts(report.left)}; see `amanat node reconcile`")
    if report.unkept:
        screen.show(f"bytes not kept, for no known key signed them: {_counts(report.unkept)}; digests and sizes are")
    for each in report.attachments:
        screen.show_rows((), [["attached", f"{each.party}:{each.id}", each.attachment.name, progress(each)]])
    for first, last in report.gaps:
        span = f"envelope {first}" if first == last else f"envelopes {first} to {last}"
        screen.show(f"missing: {span} that {report.sender} says it sent; ask for a new bundle")


def _cells(outcome: Outcome) -> list[str]:
    match outcome:
        case Accepted((party, id_), kind, log_index):
            return ["accepted", f"{party}:{id_}", kind, f"our log {log_index}"]
        case Repeated(digest):
            return ["repeated", f"envelope {digest[:16]}", "", "answered before; the answer goes out again"]
        case Declined(digest, sender, problem, told):
            answered = f"{sender} will be told. " if told else ""
            return ["refused", f"envelope {digest[:16]}", "", f"{answered}{problem.says}"]


def _one(type_: str) -> str:
    name, *_ = _NAMES.get(type_, (type_,))
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"


def _as_data(report: Report) -> dict[str, object]:
    def one(outcome: Outcome) -> dict[str, object]:
        match outcome:
            case Accepted((party, id_), _, log_index):
                return {"outcome": "accepted", "party": party, "id": id_, "log_index": log_index}
            case Repeated(digest):
                return {"outcome": "repeated", "envelope": digest}
            case Declined(digest, _, problem, _):
                return {"outcome": "refused", "envelope": digest, "code": problem.code, "says": problem.says}

    return {
        "sender": report.sender,
        "items": report.items,
        "outcomes": [one(outcome) for outcome in report.outcomes],
        "problems": [{"item": type_, "says": str(problem)} for type_, problem in report.problems],
        "unkept": report.unkept,
        "left": report.left,
        "gaps": report.gaps,
        "attachments": [as_data(each) | {"party": each.party, "id": each.id} for each in report.attachments],
    }
