"""Stopping a compact and starting it again: a suspension at once, all else by a member's custodians.

Law: each act is told to the other members with its reason, and bears a number; what was done stays in the list.
"""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from amanat.cli import arguments, screen
from amanat.cli.options import HERE, OPERATOR, Folder, Out, PassphraseFile, Yes, at, open_means, take_in
from amanat.cli.statement import digest, write_statement
from amanat.cli.ways import way
from amanat.compact import signing
from amanat.compact.signing import Act
from amanat.compact.terms import Terms
from amanat.exchange.acting import noted
from amanat.exchange.means import Means, Turn, begin, look, texts
from amanat.party import canonical, dsse, labels
from amanat.party.errors import Invalid
from amanat.store import statements

Id = Annotated[str, typer.Argument(metavar="ID", help="The compact's id, such as pk-af.")]
Reason = Annotated[
    str,
    typer.Option("--reason", metavar="TEXT", parser=arguments.line, help="Why, in a line; the other members read it."),
]


def register(app: typer.Typer) -> None:
    """Add these commands to the compact commands."""
    for command in (suspend, resume, end, act, renew):
        app.command()(command)


def suspend(
    id_: Id, reason: Reason, folder: Folder = HERE, yes: Yes = False, passphrase_file: PassphraseFile = None
) -> None:
    """Suspend a compact at once.

    By this node's signature alone; it takes our custodians to resume. What survives a suspension is in the compact.

    Example: amanat compact suspend -C pk pk-af --reason "shelling at the crossing"
    """
    means = open_means(folder, passphrase_file)
    act = _next_act(id_, "suspend", reason, means)
    screen.confirm(f"Suspend {id_}? Only your custodians can lift it.", yes=yes)
    with noted(means, OPERATOR, "compact.act", id_):
        take_in("act", dsse.to_bytes(dsse.sign(labels.ACT, canonical.encode(act), [means.keys.record])), means)
    with look(means) as turn:
        said = _told_to_others(turn, id_)
    screen.say(f"{id_} is suspended; {said}.")


def resume(id_: Id, reason: Reason, out: Out, folder: Folder = HERE, passphrase_file: PassphraseFile = None) -> None:
    """Write the act that lifts our suspension.

    Our custodians sign it, then `amanat compact act` takes it in. The suspension of another member stays.

    Example: amanat compact resume -C pk pk-af --reason "talks held" --out resume.act
    """
    _draft(id_, "resume", reason, out, folder, passphrase_file)


def end(id_: Id, reason: Reason, out: Out, folder: Folder = HERE, passphrase_file: PassphraseFile = None) -> None:
    """Write the act that gives notice.

    Our custodians sign it, then `amanat compact act` takes it in; the compact ends when its days of notice are over,
    and that cannot be taken back.

    Example: amanat compact end -C pk pk-af --reason "a new compact is in force" --out end.act
    """
    _draft(id_, "end", reason, out, folder, passphrase_file)


def act(
    statement: Annotated[
        Path, typer.Argument(metavar="ACT", exists=True, dir_okay=False, help="The act, signed by custodians.")
    ],
    folder: Folder = HERE,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Take in an act that custodians signed.

    A resumption or a notice, our own or another member's, also one signed anew; by bundle it comes by itself.

    Example: amanat compact act -C pk resume.act
    """
    means, data = open_means(folder, passphrase_file), screen.read_file(statement)
    read = signing.read_act(data)
    if read.party == means.party:
        _require_unremarkable(read, means)
    with begin(means) as turn:
        id_ = statements.compact_named(turn.tx, read.compact) or ""
    with noted(means, OPERATOR, "compact.act", id_):
        take_in("act", data, means)
    with begin(means) as turn:
        signing.require_signed(data, turn.known.manifests)
        compact = turn.known.compact(id_)
        sentence, said = told(read, texts(turn.tx, id_)), _told_to_others(turn, id_)
    screen.say(f"{sentence} {id_} is {compact.state}; {said}.")


def renew(
    id_: Id,
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="The act's number, as `compact show` tells it.")],
    out: Out,
    folder: Folder = HERE,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Write an act of ours to be signed anew.

    Whoever has not had it yet believes those alone who are our custodians now. They sign it word for word as it was
    (a suspension, this node signs at once); then `amanat compact act` takes it in, and it goes out so. What a thief of
    our key did is not signed anew: `amanat compact resume` lifts it.

    Example: amanat compact renew -C pk pk-af 2 --out resume.act
    """
    screen.require_new(out)
    means = open_means(folder, passphrase_file)
    with begin(means) as turn:
        turn.known.compact(id_)
        due = [act for of, act in unsigned(turn) if (of, act.serial) == (id_, number)]
    if not due:
        raise Invalid(
            "act.signed",
            f"No act {number} of {means.party} on {id_} waits to be signed anew.",
            f"See `amanat compact show {id_}`.",
        )
    _write(due[0], [means.keys.record] if due[0].act == "suspend" else [], out, folder)


def unsigned(turn: Turn) -> list[tuple[str, Act]]:
    """Return those of our acts that decide, with their compact, and whose signatures hold no more."""
    found = []
    for id_ in sorted(turn.known.compacts):
        held = {signing.read_act(data): data for data in statements.acts(turn.tx, id_)}
        own = [act for act in held if act.party == turn.means.party]
        decide = [act for act in own if act.act == "end"] + _stops(own)[-1:]
        found += [(id_, act) for act in decide if not signing.stands(held[act], turn.known.manifests)]
    return found


def remind(means: Means, folder: Path) -> None:
    """Say which of our acts others refuse who have not had them yet, since who signed them was replaced."""
    with begin(means) as turn:
        due = unsigned(turn)
    for id_, act in due:
        screen.say(f"Who signed our act {act.serial} on {id_} ({act.act}) speaks for us no more: whoever has not had")
        screen.say("it yet refuses it, and goes on without it, until it is signed anew.")
        screen.say(f"Next: `amanat compact renew{at(folder)} {id_} {act.serial} --out FILE`.")


def told(act: Act, versions: Sequence[Terms]) -> str:
    """Tell an act in a sentence; notice runs for the days of the text it was given under."""
    notice = next(timedelta(days=text.notice_days) for text in versions if text.digest == act.compact)
    ends = f", so that it ends {act.at + notice:%Y-%m-%d}" if act.act == "end" else ""
    did = {"suspend": "suspended it", "resume": "lifted its suspension", "end": "gave notice"}[act.act]
    return f"{act.party} {did} {act.at:%Y-%m-%d %H:%M} UTC{ends}: {act.reason}."


def _told_to_others(turn: Turn, id_: str) -> str:
    others = {*turn.known.compact(id_).terms.parties} - {turn.means.party}
    return f"the others learn it {way(turn, sorted(others))}"


def _draft(
    id_: str, what: Literal["resume", "end"], reason: str, out: Path, folder: Path, passphrase_file: Path | None
) -> None:
    screen.require_new(out)
    _write(_next_act(id_, what, reason, open_means(folder, passphrase_file)), [], out, folder)


def _write(act: Act, keys: Sequence[Ed25519PrivateKey], out: Path, folder: Path) -> None:
    statement = dsse.sign(labels.ACT, canonical.encode(act), keys)
    write_statement(out, statement)
    screen.say(f"Wrote {out}, SHA-256 of what is signed {digest(statement)}.")
    first = "" if keys else f"custodians of {act.party} sign it, then "
    screen.say(f"Next: {first}`amanat compact act{at(folder)} {out}`.")


def _next_act(id_: str, what: Literal["suspend", "resume", "end"], reason: str, means: Means) -> Act:
    """Return our next act. Raises `Invalid` for one that would change nothing."""
    with begin(means) as turn:
        terms = turn.known.compact(id_).terms
        acts = [signing.read_act(data) for data in statements.acts(turn.tx, terms.id)]
    own = [each for each in acts if each.party == means.party]
    done = {
        "suspend": _suspends(own) and "suspends it already",
        "resume": not _suspends(own) and "does not suspend it",
        "end": any(each.act == "end" for each in own) and "gave notice already",
    }[what]
    if done:
        raise Invalid("act.idle", f"{means.party} {done}: {id_}.", f"See `amanat compact show {id_}`.")
    return Act(
        compact=terms.digest,
        party=means.party,
        serial=max(map(_serial, own), default=0) + 1,
        act=what,
        at=means.now().replace(microsecond=0),
        reason=reason,
    )


def _require_unremarkable(own: Act, means: Means) -> None:
    """Refuse what the others would hold against us, while nobody else has it."""
    with begin(means) as turn:
        id_ = statements.compact_named(turn.tx, own.compact) or ""
        held = [signing.read_act(data) for data in statements.acts_under(turn.tx, id_, own.party, own.serial)]
        remarked = signing.remark(own, held, turn.now)
    if own not in held and remarked is not None:
        raise remarked


def _suspends(own: list[Act]) -> bool:
    """Whether the last of a member's acts that stops or starts is a suspension."""
    return [each.act for each in _stops(own)[-1:]] == ["suspend"]


def _stops(own: list[Act]) -> list[Act]:
    """A member's suspensions and resumptions, in the order in which they count."""
    return [each for each in signing.in_order(own) if each.act != "end"]


def _serial(act: Act) -> int:
    return act.serial
