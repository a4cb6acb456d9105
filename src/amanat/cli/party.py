"""Parties: learning one's own manifest and the others' face to face, and names in one's own words."""

import re
from pathlib import Path
from typing import Annotated

import typer

from amanat import node
from amanat.cli import arguments, rotation, screen, stopping
from amanat.cli.lexicon_file import parse
from amanat.cli.options import (
    HERE,
    OPERATOR,
    Folder,
    Json,
    Out,
    PassphraseFile,
    known_party,
    open_means,
    take_in,
    unlocked,
)
from amanat.cli.statement import describe_manifest, read_manifest_file, write_statement
from amanat.exchange import join
from amanat.exchange.acting import noted
from amanat.exchange.means import Means, begin
from amanat.party import canonical, dsse, labels
from amanat.party.errors import Invalid
from amanat.party.fingerprint import fingerprint as fingerprint_of
from amanat.party.fingerprint import parse_qr_text, qr_svg, qr_terminal, qr_text, same, words
from amanat.party.lexicon import accept as accept_lexicon
from amanat.party.lexicon import read_lexicon
from amanat.party.manifest import Manifest
from amanat.store import statements
from amanat.store.tables import LEXICON

app = typer.Typer(name="party", help="Know the parties, and speak for one's own.")

ManifestFile = Annotated[
    Path, typer.Argument(metavar="MANIFEST", exists=True, dir_okay=False, help="A party's manifest.")
]


@app.command()
def fingerprint(
    manifest: ManifestFile,
    svg: Annotated[
        Path | None, typer.Option("--svg", metavar="FILE", dir_okay=False, help="Draw the QR code there too.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show a party's fingerprint, to compare.

    Twelve words, 64 hex digits and a QR code of its root keys, which each side reads out to the other face to face.

    Example: amanat party fingerprint pk.manifest
    """
    read = read_manifest_file(manifest)
    value = fingerprint_of(read.root)
    text = qr_text(read.party, value)
    if svg:
        screen.require_new(svg)
        node.write_file(svg, qr_svg(text).encode())
    if as_json:
        screen.show_json({"party": read.party, "words": list(words(value)), "hex": value.hex(), "qr": text})
        return
    screen.show(" ".join(words(value)))
    screen.show(value.hex())
    screen.say(qr_terminal(text))


@app.command()
def learn(
    manifest: ManifestFile,
    folder: Folder = HERE,
    spoken: Annotated[
        str | None, typer.Option("--words", metavar="WORDS", help="The twelve words they read out.")
    ] = None,
    digits: Annotated[
        str | None, typer.Option("--fingerprint", metavar="DIGITS", help="The 64 hex digits, or the QR's text.")
    ] = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Keep a party's first manifest, our own too.

    Only after its fingerprint was compared face to face: it is given here as it was heard, never as a file says it. All
    that is given must fit.

    Example: amanat party learn -C pk --words "WORDS READ OUT BY THE OTHER SIDE" af.manifest
    """
    if spoken is None and digits is None:
        raise typer.BadParameter("give --words or --fingerprint, as it was compared face to face")
    compared = _compared(spoken, digits, read_manifest_file(manifest))
    means = open_means(folder, passphrase_file)
    with noted(means, OPERATOR, "party.learn", read_manifest_file(manifest).party):
        learnt = join.learn(screen.read_file(manifest), compared, means)
    screen.say(f"Learnt {learnt.party}, manifest {learnt.serial}, valid to {learnt.until:%Y-%m-%d}.")


@app.command()
def update(manifest: ManifestFile, folder: Folder = HERE, passphrase_file: PassphraseFile = None) -> None:
    """Take in a party's later manifest.

    That of another party comes with its bundles, too. Our own puts rotated keys into use.

    Example: amanat party update -C pk pk.manifest-2
    """
    passphrase = screen.passphrase(passphrase_file, f"the node in {folder}")
    means = unlocked(folder, passphrase)
    read = read_manifest_file(manifest)
    own = read.party == means.party
    with noted(means, OPERATOR, "keys.change" if own else "party.learn", read.party):
        take_in("manifest", screen.read_file(manifest), means)
        changed = own and rotation.put_into_use(folder, passphrase, read)
    screen.say(f"Manifest {read.serial} of {read.party} is known.")
    if not own:
        return
    if changed:
        screen.say("The new keys are in use from now on.")
    stopping.remind(means, folder)
    if not _lexicon_holds(means, read):
        screen.say("No key that signed your lexicon is listed any more: sign it anew, `amanat party lexicon`.")


@app.command("show")
def show_(
    party: Annotated[
        str | None, typer.Argument(metavar="[PARTY]", parser=arguments.party_code, help="Its code; without, all.")
    ] = None,
    folder: Folder = HERE,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Show one party, or list all that are known.

    Example: amanat party show -C pk af
    """
    with begin(open_means(folder, passphrase_file)) as turn:
        own = turn.means.party
        found = [known_party(turn, party)] if party else sorted(turn.known.manifests.values(), key=_party)
    if as_json:
        for each in found:
            screen.show_json(canonical.plain(canonical.encode(each), "manifest") | {"own": each.party == own})
    elif party:
        for line in describe_manifest(found[0]):
            screen.show(line)
    else:
        rows = [[each.party, f"manifest {each.serial}", f"{each.until:%Y-%m-%d}", each.name] for each in found]
        screen.show_rows(("party", "manifest", "valid to", "name"), rows)


@app.command()
def lexicon(
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="The names, in TOML.")],
    out: Out,
    folder: Folder = HERE,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Sign this party's own names for things.

    The file is TOML: `languages = ["en", "ur"]`, and for each thing by its neutral key, such as line, authority.af or
    place.torkham, a table of names by language: `names.line = { en = "the line" }`. It may also list `calendars`, the starts of
    lunar months as they were announced (`month_starts`), and in which time zone each party's times are shown:
    `zones = { pk = "Asia/Karachi", af = "Asia/Kabul" }`.

    Example: amanat party lexicon -C pk lexicon.toml --out pk.lexicon
    """
    screen.require_new(out)
    means = open_means(folder, passphrase_file)
    with begin(means) as turn:
        held = statements.latest(turn.tx, LEXICON).get(means.party)
    serial = read_lexicon(held).serial + 1 if held else 1
    value = parse(screen.read_file(file), means.party, serial, means.now().replace(microsecond=0))
    statement = dsse.sign(labels.LEXICON, canonical.encode(value), [means.keys.record])
    with noted(means, OPERATOR, "party.speak", means.party):
        take_in("lexicon", dsse.to_bytes(statement), means)
    write_statement(out, statement)
    screen.say(f"Signed the lexicon {value.serial} of {means.party}; it goes out with every bundle.")


def _lexicon_holds(means: Means, manifest: Manifest) -> bool:
    """Whether the others will still take our lexicon in; if we have none, there is nothing to take."""
    with begin(means) as turn:
        held = statements.latest(turn.tx, LEXICON).get(means.party)
    try:
        return held is None or bool(accept_lexicon(held, manifest, None))
    except Invalid:
        return False


def _party(manifest: Manifest) -> str:
    return manifest.party


def _compared(spoken: str | None, digits: str | None, manifest: Manifest) -> bytes:
    """Return the fingerprint that was compared face to face. Raises `Invalid` when anything given is not the file's."""
    value = fingerprint_of(manifest.root)
    if spoken is not None and not same(spoken, value):
        raise _differs("words", manifest)
    if digits is not None:
        party, compared = parse_qr_text(digits) if ":" in digits else (manifest.party, hex_digits(digits))
        if (party, compared) != (manifest.party, value):
            raise _differs("digits" if party == manifest.party else f"digits of {party}", manifest)
    return value


def hex_digits(digits: str) -> bytes:
    """Read a whole fingerprint as 64 hex digits, in either case and with white space between. Raises `Invalid`."""
    joined = "".join(digits.split())
    if not re.fullmatch(r"[0-9a-fA-F]{64}", joined):
        raise Invalid(
            "fingerprint.digits", "What was given is not the 64 hex digits of a fingerprint.", "Give all of them."
        )
    return bytes.fromhex(joined)


def _differs(what: str, manifest: Manifest) -> Invalid:
    return Invalid(
        "manifest.fingerprint",
        f"The {what} compared do not fit this manifest of {manifest.party}.",
        "Do not use it; compare again, face to face.",
    )


rotation.register(app)
