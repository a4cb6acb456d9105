"""Parties: making one's own node and manifest, learning the others' face to face, names in one's own words."""

from pathlib import Path
from typing import Annotated

import typer

from amanat import node
from amanat.cli import rotation, screen
from amanat.cli.lexicon_file import parse
from amanat.cli.options import HERE, Folder, Json, Out, PassphraseFile, Source, StatementFile, open_means, take_in
from amanat.cli.statement import describe_manifest, read_manifest_file, write_statement
from amanat.exchange import join
from amanat.exchange.means import begin
from amanat.party import canonical, dsse, labels
from amanat.party.errors import Invalid
from amanat.party.fingerprint import fingerprint as fingerprint_of
from amanat.party.fingerprint import parse_qr_text, qr_svg, qr_terminal, qr_text, same, words
from amanat.party.lexicon import read_lexicon
from amanat.party.manifest import Manifest
from amanat.party.root import Root
from amanat.store import statements
from amanat.store.tables import LEXICON

app = typer.Typer(name="party", help="Make a party, and know the others.", no_args_is_help=True)
rotation.register(app)


@app.command()
def create(
    party: Annotated[str, typer.Option("--party", help="Its neutral code, such as pk.")],
    name: Annotated[str, typer.Option("--name", help="Its name in logs, such as pk.amanat.example.")],
    custodians: Annotated[list[str], typer.Option("--custodian", metavar="PUB", help="A custodian's public key.")],
    threshold: Annotated[int, typer.Option("--threshold", help="How many custodians must sign.")],
    out: Out,
    folder: Folder = HERE,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Make a party's folder, and its first manifest for the custodians to sign.

    Example: amanat party create -C pk --party pk --name pk.amanat.example --custodian PUB1 --custodian PUB2
    --custodian PUB3 --threshold 2 --out pk.manifest
    """
    screen.refuse_overwriting(out)
    now = node.now().replace(microsecond=0)
    root = Root(threshold, tuple(sorted(custodians)))
    passphrase = screen.passphrase(passphrase_file, f"the new node of {party}", new=True)
    node.create(folder, party, passphrase)
    secrets = node.read_key(folder, passphrase).secrets
    manifest = rotation.manifest_of(secrets, None, now, party=party, name=name, root=root)
    write_statement(out, dsse.sign(labels.MANIFEST, canonical.encode(manifest), []))
    screen.say(
        f"Made the node of {party} in {folder}, and {out} for {threshold} of {len(custodians)} custodians to sign."
    )
    if threshold == 1:
        screen.say("One custodian alone can speak for this party; 3 of 5 is what we advise.")


@app.command()
def fingerprint(
    manifest: StatementFile,
    svg: Annotated[Path | None, typer.Option("--svg", metavar="FILE", help="Draw the QR code there too.")] = None,
    as_json: Json = False,
) -> None:
    """Show the fingerprint of a party's root keys: twelve words, digits and a QR code, to compare face to face.

    Example: amanat party fingerprint pk.manifest
    """
    read = read_manifest_file(manifest)
    value = fingerprint_of(read.root)
    text = qr_text(read.party, value)
    if svg:
        node.write_file(svg, qr_svg(text).encode())
    if as_json:
        screen.show_json({"party": read.party, "words": list(words(value)), "hex": value.hex(), "qr": text})
        return
    screen.show(" ".join(words(value)))
    screen.show(value.hex())
    screen.say(qr_terminal(text))


@app.command()
def learn(
    manifest: StatementFile,
    folder: Folder = HERE,
    spoken: Annotated[str | None, typer.Option("--words", help="The twelve words they read out.")] = None,
    digits: Annotated[str | None, typer.Option("--fingerprint", help="The 64 hex digits, or the QR's text.")] = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Keep a party's first manifest, after comparing its fingerprint face to face; one's own too.

    Example: amanat party learn -C pk --words "WORDS READ OUT BY THE OTHER SIDE" af.manifest
    """
    if (spoken is None) == (digits is None):
        raise typer.BadParameter("give either --words or --fingerprint, as it was compared face to face")
    compared = _compared(spoken, digits, read_manifest_file(manifest))
    means = open_means(folder, passphrase_file)
    learnt = join.learn(screen.read_file(manifest), compared, means)
    screen.say(f"Learnt {learnt.party}, manifest {learnt.serial}, valid to {learnt.until:%Y-%m-%d}.")


@app.command()
def update(manifest: StatementFile, folder: Folder = HERE, passphrase_file: PassphraseFile = None) -> None:
    """Take in a party's later manifest by hand; by bundle it comes by itself. One's own puts new keys into use.

    Example: amanat party update -C pk pk.manifest-2
    """
    passphrase = screen.passphrase(passphrase_file, f"the node in {folder}")
    means = node.open_node(folder, passphrase)
    take_in("manifest", screen.read_file(manifest), means)
    read = read_manifest_file(manifest)
    screen.say(f"Manifest {read.serial} of {read.party} is known.")
    if read.party == means.party and rotation.put_into_use(folder, passphrase, read):
        screen.say("The new keys are in use from now on.")


@app.command("show")
def show_(
    party: Annotated[str | None, typer.Argument(metavar="[PARTY]")] = None,
    folder: Folder = HERE,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Show what is known of one party, or list all that are known.

    Example: amanat party show -C pk af
    """
    means = open_means(folder, passphrase_file)
    with begin(means) as turn:
        manifests = turn.known.manifests
    if party is not None and party not in manifests:
        raise Invalid(
            "party.unknown", f"No manifest of {party} is known.", "Learn it face to face: `amanat party learn`."
        )
    for code in sorted(manifests) if party is None else [party]:
        manifest = manifests[code]
        if as_json:
            screen.show_json({**canonical.plain(canonical.encode(manifest), "manifest"), "own": code == means.party})
        elif party is None:
            screen.show(f"{code}  manifest {manifest.serial}  valid to {manifest.until:%Y-%m-%d}  {manifest.name}")
        else:
            screen.show("\n".join(describe_manifest(manifest)))


@app.command()
def lexicon(file: Source, out: Out, folder: Folder = HERE, passphrase_file: PassphraseFile = None) -> None:
    """Sign this party's own names for the line, authorities, places and groups, written in TOML.

    Example: amanat party lexicon -C pk lexicon.toml --out pk.lexicon
    """
    screen.refuse_overwriting(out)
    means = open_means(folder, passphrase_file)
    with begin(means) as turn:
        held = statements.latest(turn.tx, LEXICON).get(means.party)
    serial = read_lexicon(held).serial + 1 if held else 1
    value = parse(screen.read_file(file), means.party, serial, means.now().replace(microsecond=0))
    statement = dsse.sign(labels.LEXICON, canonical.encode(value), [means.keys.record])
    take_in("lexicon", dsse.to_bytes(statement), means)
    write_statement(out, statement)
    screen.say(f"Signed the lexicon {value.serial} of {means.party}; it goes out with every bundle.")


def _compared(spoken: str | None, digits: str | None, manifest: Manifest) -> bytes:
    """Return the fingerprint that was compared face to face. Raises `Invalid` when it is another than the file's."""
    value = fingerprint_of(manifest.root)
    if spoken is not None and same(spoken, value):
        return value
    if digits is not None:
        return parse_qr_text(digits)[1] if ":" in digits else parse_qr_text(f"AMANAT1:PK:{digits.upper()}")[1]
    raise Invalid(
        "manifest.fingerprint",
        f"The words compared are not those of this manifest of {manifest.party}.",
        "Do not use it; compare the words again, face to face.",
    )
