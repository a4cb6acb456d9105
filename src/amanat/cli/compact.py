"""Compacts: writing one, having every member sign it, joining it, asking it, and stopping it."""

from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import typer

from amanat import node
from amanat.cli import handling, screen
from amanat.cli.options import HERE, Folder, Json, Out, PassphraseFile, Source, StatementFile, open_means, take_in
from amanat.cli.statement import describe_manifest, digest, read_manifest_file, read_statement, write_statement
from amanat.compact import signing
from amanat.compact.check import Compact
from amanat.compact.explain import Question, explain, summary
from amanat.compact.signing import Act
from amanat.compact.terms import Terms, defaults, fill, parse
from amanat.exchange import join as joining
from amanat.exchange.means import Means, begin
from amanat.party import canonical, dsse, labels
from amanat.party.errors import Invalid
from amanat.party.fingerprint import fingerprint
from amanat.record.kind import Facts
from amanat.store import statements

app = typer.Typer(name="compact", help="Agree, and ask what was agreed.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(metavar="ID", help="The compact's id.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, in a line; the other members read it.")]


@app.command()
def example(out: Out) -> None:
    """Write the worked example: two members and an invented observer, to be changed into one's own.

    Example: amanat compact example --out pk-af.toml
    """
    screen.refuse_overwriting(out)
    node.write_file(out, files("amanat.compact").joinpath("examples", "pk-af.toml").read_bytes())
    screen.say(f"Wrote {out}. Change it, then `amanat compact check {out}`.")


@app.command()
def check(file: Source) -> None:
    """Read a compact's text; what is wrong is named with its line, its key and what is allowed there.

    Example: amanat compact check pk-af.toml
    """
    terms = parse(screen.read_file(file))
    screen.show(f"good: {terms.id} version {terms.version}, SHA-256 {terms.digest}")


@app.command()
def draft(
    file: Source,
    out: Out,
    manifests: Annotated[
        list[Path] | None,
        typer.Option("--manifest", metavar="FILE", exists=True, help="Put its fingerprint where 64 zeros stand."),
    ] = None,
) -> None:
    """Turn a compact's text into the statement that every member's custodians sign, byte for byte.

    Example: amanat compact draft pk-af.toml --manifest pk.manifest --manifest af.manifest --manifest obs.manifest
    --out pk-af.compact
    """
    screen.refuse_overwriting(out)
    known = [read_manifest_file(path) for path in manifests or ()]
    text = fill(screen.read_file(file), {each.party: fingerprint(each.root).hex() for each in known})
    terms = parse(text)
    write_statement(out, dsse.sign(labels.COMPACT, text, []))
    for manifest in known:
        screen.say("\n".join(describe_manifest(manifest)[:4]))
    screen.say(f"Wrote {out}, SHA-256 of what is signed {terms.digest}. Next: the custodians of every member sign it.")


@app.command()
def missing(statement: StatementFile, folder: Folder = HERE, passphrase_file: PassphraseFile = None) -> None:
    """List the members whose custodians have not yet signed a compact in sufficient number.

    Example: amanat compact missing -C pk pk-af.compact
    """
    read = read_statement(statement)
    terms = parse(read.body())
    with begin(open_means(folder, passphrase_file)) as turn:
        held = turn.known.compacts.get(terms.id)
        waiting = signing.missing(read, turn.known.manifests, held.terms if held else None)
    for party in waiting:
        screen.show(party)
    if not waiting:
        screen.say("Every member has signed.")


@app.command()
def join(statement: StatementFile, folder: Folder = HERE, passphrase_file: PassphraseFile = None) -> None:
    """Join a compact that every member signed, and begin this party's log for it; or take in its amendment.

    Example: amanat compact join -C pk pk-af.compact
    """
    means, data = open_means(folder, passphrase_file), screen.read_file(statement)
    terms = parse(read_statement(statement).body())
    with begin(means) as turn:
        held = turn.known.compacts.get(terms.id)
    if held is not None and terms.version > held.terms.version:
        take_in("compact", data, means)
    else:
        terms = joining.join(data, means)
    screen.say(f"Joined {terms.id}, version {terms.version}, in force from {terms.starts} to {terms.ends}.")


@app.command("show")
def show_(
    what: Annotated[str | None, typer.Argument(metavar="ID|FILE", help="A compact joined, or a file of one.")] = None,
    folder: Folder = HERE,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Tell a compact in plain words, joined or from a file; without ID, list those joined.

    Example: amanat compact show -C pk pk-af
    """
    if what is not None and Path(what).is_file():
        found = [Compact(_terms_of(Path(what)), "active")]
    else:
        with begin(open_means(folder, passphrase_file)) as turn:
            found = (
                [turn.known.compact(what)]
                if what
                else [turn.known.compacts[id_] for id_ in sorted(turn.known.compacts)]
            )
    for compact in found:
        terms = compact.terms
        if as_json:
            head = {"id": terms.id, "version": terms.version, "digest": terms.digest, "state": compact.state}
            screen.show_json(head | {"members": sorted(terms.members), "observers": sorted(terms.observers)})
        elif what is None:
            screen.show(
                f"{terms.id}  version {terms.version}  {compact.state}  {', '.join(terms.parties)}  {terms.title}"
            )
        else:
            screen.show(summary(terms).rstrip("\n"))


@app.command("explain")
def explain_(
    kind: Annotated[str, typer.Option("--kind", help="Such as intelligence.report.")],
    sender: Annotated[str, typer.Option("--from", metavar="PARTY")],
    to: Annotated[list[str], typer.Option("--to", metavar="PARTY", help="Repeatable.")],
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", exists=True, dir_okay=False)] = None,
    compact: Annotated[str | None, typer.Option("--compact", metavar="ID", help="A compact joined here.")] = None,
    folder: Folder = HERE,
    tlp: handling.Tlp = None,
    code: handling.Codes = None,
    purpose: handling.Purpose = None,
    legal_basis: handling.LegalBasis = None,
    expires_days: handling.ExpiresDays = None,
    handling_file: handling.HandlingFile = None,
    person: Annotated[bool, typer.Option("--person", help="As if it named a person.")] = False,
    exercise: Annotated[bool, typer.Option("--exercise", help="As if marked as exercise.")] = False,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Say whether something may be sent, by which clause, and what to change where it may not.

    Example: amanat compact explain pk-af.toml --kind intelligence.report --from pk --to af --tlp RED
    """
    if (file is None) == (compact is None):
        raise typer.BadParameter("give either a compact's file or --compact ID")
    now = node.now()
    asked = Compact(_terms_of(file), "active") if file else _joined(compact or "", open_means(folder, passphrase_file))
    base = defaults(asked.terms, kind, now)
    handled = handling.change(
        base, now, tlp=tlp, codes=code, purpose=purpose, legal_basis=legal_basis, expires_days=expires_days,
        file=handling_file,
    )  # fmt: skip
    facts = Facts(names_person=person)
    answer = explain(Question(kind, handled, sender, tuple(to), now, facts, exercise), asked)
    if as_json:
        screen.show_json(answer)
        return
    screen.show(f"{'may' if answer.may else 'may not'} be sent: {answer.by}")
    screen.show("\n".join(line for line in (answer.says, answer.change) if line))


@app.command()
def suspend(id_: Id, reason: Reason, folder: Folder = HERE, passphrase_file: PassphraseFile = None) -> None:
    """Suspend a compact at once, by this node's signature; what survives a suspension is in the compact.

    Example: amanat compact suspend -C pk pk-af --reason "shelling at the crossing"
    """
    means = open_means(folder, passphrase_file)
    act = _act(id_, "suspend", reason, means)
    take_in("act", dsse.to_bytes(dsse.sign(labels.ACT, canonical.encode(act), [means.keys.record])), means)
    screen.say(f"{id_} is suspended; the others learn it with the next bundle.")


@app.command()
def resume(id_: Id, reason: Reason, out: Out, folder: Folder = HERE, passphrase_file: PassphraseFile = None) -> None:
    """Write the act that lifts this party's suspension, for its custodians to sign.

    Example: amanat compact resume -C pk pk-af --reason "talks held" --out resume.act
    """
    _draft_act(id_, "resume", reason, out, open_means(folder, passphrase_file))


@app.command()
def end(id_: Id, reason: Reason, out: Out, folder: Folder = HERE, passphrase_file: PassphraseFile = None) -> None:
    """Write the act that gives notice to end a compact, for this party's custodians to sign.

    Example: amanat compact end -C pk pk-af --reason "a new compact is in force" --out end.act
    """
    _draft_act(id_, "end", reason, out, open_means(folder, passphrase_file))


@app.command()
def act(statement: StatementFile, folder: Folder = HERE, passphrase_file: PassphraseFile = None) -> None:
    """Take a signed act in: a suspension, its end, or a notice.

    Example: amanat compact act -C pk resume.act
    """
    means, data = open_means(folder, passphrase_file), screen.read_file(statement)
    take_in("act", data, means)
    read = signing.read_act(data)
    screen.say(f"Taken in: {read.party} {read.act}s the compact. Reason given: {read.reason}")


def _terms_of(path: Path) -> Terms:
    """Read a compact's text from its TOML file or from its statement."""
    data = screen.read_file(path)
    return parse(dsse.parse(data, labels.COMPACT, str(path)).body() if data.startswith(b"{") else data)


def _joined(id_: str, means: Means) -> Compact:
    with begin(means) as turn:
        return turn.known.compact(id_)


def _act(id_: str, what: Literal["suspend", "resume", "end"], reason: str, means: Means) -> Act:
    with begin(means) as turn:
        terms = turn.known.compact(id_).terms
        held = [signing.read_act(data) for data in statements.acts(turn.tx, terms.id)]
    serial = max((each.serial for each in held if each.party == means.party), default=0) + 1
    at = datetime.fromtimestamp(int(means.now().timestamp()), UTC)
    fields = {"compact": terms.digest, "party": means.party, "serial": serial, "act": what, "at": at, "reason": reason}
    try:
        return msgspec.convert(fields, Act)
    except msgspec.ValidationError as error:
        raise Invalid("act.reason", f"The act does not fit: {error}.", "Give a reason of one line.") from error


def _draft_act(id_: str, what: Literal["resume", "end"], reason: str, out: Path, means: Means) -> None:
    screen.refuse_overwriting(out)
    statement = dsse.sign(labels.ACT, canonical.encode(_act(id_, what, reason, means)), [])
    write_statement(out, statement)
    screen.say(f"Wrote {out}, SHA-256 {digest(statement)}. Next: custodians sign it, then `amanat compact act`.")
