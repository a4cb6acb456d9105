"""Compacts: writing one, having every member sign it, joining it and asking it."""

from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

import typer

from amanat import node
from amanat.cli import arguments, handling, screen, stopping
from amanat.cli.options import (
    HERE,
    OPERATOR,
    Folder,
    Json,
    KindName,
    Out,
    PassphraseFile,
    open_means,
    take_in,
)
from amanat.cli.statement import describe_manifest, read_manifest_file, read_statement, write_statement
from amanat.compact import signing
from amanat.compact.check import Compact
from amanat.compact.explain import Question, explain, summary
from amanat.compact.terms import Terms, defaults, fill, parse
from amanat.exchange import agreed
from amanat.exchange import join as joining
from amanat.exchange.acting import noted
from amanat.exchange.means import begin, texts
from amanat.party import dsse, labels
from amanat.party.errors import Invalid
from amanat.party.fingerprint import fingerprint
from amanat.record.kind import Facts

app = typer.Typer(name="compact", help="Agree, and ask what was agreed.")

NO_ROOT = "0" * 64

CompactText = Annotated[
    Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="The text of a compact, in TOML.")
]
CompactFile = Annotated[
    Path, typer.Argument(metavar="STATEMENT", exists=True, dir_okay=False, help="What `amanat compact draft` wrote.")
]


@app.command()
def example(out: Out) -> None:
    """Write a worked example to begin from.

    Two members, an invented observer and one kind of record, clause by clause, to be changed into one's own.

    Example: amanat compact example --out pk-af.toml
    """
    screen.require_new(out)
    node.write_file(out, files("amanat.compact").joinpath("examples", "pk-af.toml").read_bytes())
    screen.say(f"Wrote {out}. Change it, then `amanat compact check {out}`.")


@app.command()
def check(file: CompactText) -> None:
    """Check the text of a compact.

    What is wrong is named with its line, its key and what is allowed there.

    Example: amanat compact check pk-af.toml
    """
    terms = parse(screen.read_file(file))
    screen.show(f"good: {terms.id} version {terms.version}, SHA-256 {terms.digest}")
    if _rootless(terms):
        screen.say(
            f"Next: `amanat compact draft {file} --out FILE`, with --manifest for {', '.join(_rootless(terms))}."
        )


@app.command()
def draft(
    file: CompactText,
    out: Out,
    manifests: Annotated[
        list[Path] | None,
        typer.Option("--manifest", metavar="FILE", exists=True, dir_okay=False, help="A party's manifest; repeatable."),
    ] = None,
) -> None:
    """Make a text ready for signing.

    Every member's custodians then sign the new file, byte for byte. --manifest, repeated for every party, puts its
    fingerprint where 64 zeros stand: compare it face to face first.

    Example: amanat compact draft pk-af.toml --manifest pk.manifest --manifest af.manifest --out pk-af.compact
    """
    screen.require_new(out)
    known = [read_manifest_file(path) for path in manifests or ()]
    text = fill(screen.read_file(file), {each.party: fingerprint(each.root).hex() for each in known})
    terms = parse(text)
    if _rootless(terms):
        raise Invalid(
            "draft.root",
            f"64 zeros stand where the fingerprint of {', '.join(_rootless(terms))} belongs.",
            "Give --manifest for each, or write the fingerprint into the text.",
        )
    write_statement(out, dsse.sign(labels.COMPACT, text, []))
    for manifest in known:
        screen.say("\n".join(describe_manifest(manifest)[:4]))
    screen.say(f"Wrote {out}, SHA-256 of what is signed {terms.digest}. Next: the custodians of every member sign it.")


@app.command()
def missing(statement: CompactFile, folder: Folder = HERE, passphrase_file: PassphraseFile = None) -> int:
    """List the members who have yet to sign.

    A member has signed when as many of its custodians have as its manifest asks for. The exit code is 1 while any has
    yet to.

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
    return 1 if waiting else 0


@app.command()
def join(statement: CompactFile, folder: Folder = HERE, passphrase_file: PassphraseFile = None) -> None:
    """Join a compact that every member signed.

    It begins this party's log for it. A later version of a compact joined before takes its place.

    Example: amanat compact join -C pk pk-af.compact
    """
    means, data = open_means(folder, passphrase_file), screen.read_file(statement)
    terms = parse(read_statement(statement).body())
    with begin(means) as turn:
        held = turn.known.compacts.get(terms.id)
    with noted(means, OPERATOR, "compact.join", terms.id):
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
    """Tell a compact in plain words, or list all.

    Joined or from a file, with its state and what its members did about it. Without ID, those joined are listed.

    Example: amanat compact show -C pk pk-af
    """
    if what is not None and Path(what).is_file():
        screen.show(summary(_terms_of(Path(what))).rstrip("\n"))
        return
    with begin(open_means(folder, passphrase_file)) as turn:
        compacts = turn.known.compacts
        found = [turn.known.compact(what)] if what else [compacts[id_] for id_ in sorted(compacts)]
        acts = {each.terms.id: agreed.acts_of(turn, each.terms.id) for each in found}
        versions = texts(turn.tx, what) if what else []
        due = stopping.unsigned(turn)
    if as_json:
        for each in found:
            screen.show_json(_head(each) | {"acts": acts[each.terms.id]})
    elif what is None:
        rows = [_cells(each) for each in found]
        screen.show_rows(("compact", "version", "state", "parties", "title"), rows)
    else:
        screen.show(f"{what} is {found[0].state}.")
        for act in acts[what]:
            anew = f" Act {act.serial}, to be signed anew." if (what, act) in due else ""
            screen.show(f"{stopping.told(act, versions)}{anew}")
        screen.show(summary(found[0].terms).rstrip("\n"))


@app.command("explain")
@handling.options
def explain_(
    kind: KindName,
    sender: Annotated[
        str, typer.Option("--from", metavar="PARTY", parser=arguments.party_code, help="Who would send it.")
    ],
    to: Annotated[
        list[str],
        typer.Option("--to", metavar="PARTY", parser=arguments.party_code, help="Who would have it; repeatable."),
    ],
    said: handling.Said,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", exists=True, dir_okay=False, help="A compact's text or statement."),
    ] = None,
    compact: Annotated[str | None, typer.Option("--compact", metavar="ID", help="A compact joined here.")] = None,
    folder: Folder = HERE,
    person: Annotated[bool, typer.Option("--person", help="As if it named a person.")] = False,
    exercise: Annotated[bool, typer.Option("--exercise", help="As if marked as exercise.")] = False,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> int:
    """Ask whether something may be sent.

    Of a compact's file, which needs no node, or of one joined: yes or no, by which clause, and what to change. The
    exit code is 1 for no.

    Example: amanat compact explain pk-af.toml --kind intelligence.report --from pk --to af --tlp RED
    """
    asked, now = _asked(file, compact, folder, passphrase_file), node.now()
    handled = handling.change(defaults(asked.terms, kind, now), said, now)
    facts = Facts(person="a person, as asked" if person else "")
    answer = explain(Question(kind, handled, sender, tuple(to), now, facts, exercise), asked)
    if as_json:
        screen.show_json(answer)
    else:
        screen.show(f"{'may' if answer.may else 'may not'} be sent: {answer.by}")
        screen.show("\n".join(line for line in (answer.says, answer.change) if line))
    return 0 if answer.may else 1


def _asked(file: Path | None, id_: str | None, folder: Path, passphrase_file: Path | None) -> Compact:
    """The compact a question is about: a file's, as if in force, or one joined, in the state it is in."""
    if (file is None) == (id_ is None):
        raise typer.BadParameter("give either a compact's file or --compact ID")
    if file is not None:
        return Compact(_terms_of(file), "active")
    with begin(open_means(folder, passphrase_file)) as turn:
        return turn.known.compact(id_ or "")


def _rootless(terms: Terms) -> list[str]:
    """The parties whose fingerprint is yet to be put in."""
    roots = {code: member.root for code, member in terms.members.items()}
    roots |= {code: observer.root for code, observer in terms.observers.items()}
    return sorted(code for code, root in roots.items() if root == NO_ROOT)


def _cells(compact: Compact) -> list[str]:
    terms = compact.terms
    return [terms.id, f"version {terms.version}", compact.state, ", ".join(terms.parties), terms.title]


def _head(compact: Compact) -> dict[str, Any]:
    terms = compact.terms
    return {
        "id": terms.id,
        "version": terms.version,
        "digest": terms.digest,
        "state": compact.state,
        "members": sorted(terms.members),
        "observers": sorted(terms.observers),
    }


def _terms_of(path: Path) -> Terms:
    """Read a compact's text from its TOML file or from its statement."""
    data = screen.read_file(path)
    return parse(dsse.parse(data, labels.COMPACT, str(path)).body() if data.startswith(b"{") else data)


stopping.register(app)
