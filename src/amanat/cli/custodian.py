"""Custodians: the few who hold a party's root keys, each with a key file of its own, and sign on its behalf."""

from pathlib import Path
from typing import Annotated

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from amanat.cli import screen
from amanat.cli.options import Json, Out, PassphraseFile, Yes
from amanat.cli.statement import count, describe, digest, names_custodian, read_statement, write_statement
from amanat.node import locked, random, write_file
from amanat.party import canonical, dsse, labels
from amanat.party.dsse import Statement
from amanat.party.errors import Invalid
from amanat.party.key_file import unlock
from amanat.party.key_id import key_id
from amanat.party.keys import SEED_BYTES
from amanat.party.manifest import Manifest
from amanat.party.types import to_base64

app = typer.Typer(name="custodian", help="Hold a root key and sign for a party.")


@app.command()
def create(out: Out, passphrase_file: PassphraseFile = None, as_json: Json = False) -> None:
    """Make a custodian's key file.

    Its public key is printed: `amanat node create` is given those of all custodians.

    Example: amanat custodian create --out custodian-1.key
    """
    screen.require_new(out)
    passphrase = screen.passphrase(passphrase_file, f"the new key {out}", new=True)
    seed = random(SEED_BYTES)
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    write_file(out, locked(seed, passphrase, "custodian"), mode=0o600)
    text = to_base64(public)
    screen.say(f"Wrote {out}. Keep it offline, apart from the other custodians' keys. Its public key:")
    if as_json:
        screen.show_json({"public_key": text, "key_id": key_id(public)})
    else:
        screen.show(text)


@app.command()
def sign(
    statements: Annotated[
        list[Path], typer.Argument(metavar="STATEMENT...", exists=True, dir_okay=False, help="Files to sign.")
    ],
    key: Annotated[Path, typer.Option("--key", metavar="FILE", exists=True, dir_okay=False, help="The key file.")],
    passphrase_file: PassphraseFile = None,
    yes: Yes = False,
) -> None:
    """Sign manifests, compacts, acts and ends of logs.

    Each is first put into plain words. The signature is added to the file; the next custodian signs the same file.

    Example: amanat custodian sign --key custodian-1.key manifest.json
    """
    found = [(path, read_statement(path)) for path in statements]
    for path, statement in found:
        screen.say(f"{path}, SHA-256 of what is signed {digest(statement)}:")
        for line in describe(statement):
            screen.say(f"  {line}")
    screen.confirm("Sign as its custodian?", yes=yes)
    seed = unlock(screen.read_file(key), screen.passphrase(passphrase_file, f"the key {key}"), "custodian")
    private = Ed25519PrivateKey.from_private_bytes(seed)
    own_id = key_id(private.public_key().public_bytes_raw())
    for path, statement in found:
        _require_custodian(path, statement, own_id)
    for path, statement in found:
        if not names_custodian(statement, own_id):
            screen.say(f"{key} is of none of the custodians {path} names; it counts only where they take over from it.")
        signed = dsse.merge(statement, dsse.sign(statement.payload_type, statement.body(), [private]))
        write_statement(path, signed)
        screen.say(f"Signed {path}; {count(signed)}.")


def _require_custodian(path: Path, statement: Statement, custodian: str) -> None:
    """Raise `Invalid` where a first manifest names other custodians: a later one may be signed by those before them."""
    if statement.payload_type != labels.MANIFEST or names_custodian(statement, custodian):
        return
    if canonical.decode(statement.body(), Manifest, "manifest").serial == 1:
        raise Invalid(
            "statement.custodian",
            f"The key given is of none of the custodians {path} names, and nobody comes before a first manifest.",
            "Give the key of one of its custodians; nothing was signed.",
        )
