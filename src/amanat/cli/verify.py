"""Checks that need no node, no network and no key of ours: only the files that somebody hands over."""

import hashlib
from pathlib import Path
from typing import Annotated

import typer

from amanat.cli import screen
from amanat.cli.failed import checking
from amanat.cli.full_record import show_record
from amanat.cli.options import BundleFile, Json
from amanat.compact.lacking import waits_for
from amanat.exchange import shown, times
from amanat.exchange.bundle import parties, read
from amanat.log.bounds import bounds
from amanat.log.policy import parse_policy, verify_proof
from amanat.log.proof import parse_proof
from amanat.log.tree import leaf_hash
from amanat.node import all_kinds
from amanat.party import canonical, dsse, labels
from amanat.party.errors import Invalid
from amanat.party.fingerprint import fingerprint, words
from amanat.party.manifest import Manifest, accept_first
from amanat.seal.open import open_with_key

KEY_DIGITS = 64
PROVISIONAL = 10  # the exit code of a receipt that holds, and is not final

app = typer.Typer(name="verify", help="Check what somebody hands you, offline.")

Envelope = Annotated[
    Path, typer.Option("--envelope", metavar="FILE", exists=True, dir_okay=False, help="The sealed envelope.")
]


@app.command()
def receipt(
    envelope: Envelope,
    proof: Annotated[
        Path,
        typer.Option("--receipt", metavar="FILE", exists=True, dir_okay=False, help="What `amanat receipt` wrote."),
    ],
    policy: Annotated[
        Path,
        typer.Option("--policy", metavar="FILE", exists=True, dir_okay=False, help="What `amanat log policy` printed."),
    ],
    as_json: Json = False,
) -> int:
    """Check a receipt.

    The envelope stands in the log of the party that gave the receipt; who countersigned that log is said. Provisional
    means that the compact asks for more of them, and ends with exit code 10. Exit code 3 says that it does not hold.

    Example: amanat verify receipt --envelope e.bin --receipt r.proof --policy af-log.policy
    """
    entry = hashlib.sha256(screen.read_file(envelope)).digest()
    with checking("receipt"):
        trusted = parse_policy(screen.read_file(policy))
        given = parse_proof(screen.read_file(proof))
        verified = verify_proof(trusted, given, leaf_hash(entry))
    state = "final" if verified.quorum else "provisional"
    witnesses = sorted(verified.cosigned)
    until = bounds(given.index, [verified])
    if as_json:
        found = {"state": state, "log": verified.log_name, "index": given.index, "cosigned": witnesses}
        found |= times.as_data(until)
        screen.show_json({**found, "envelope": entry.hex()})
    else:
        screen.show(f"{state}: the envelope stands at {given.index} in {verified.log_name}")
        if witnesses:
            screen.show(f"countersigned by {', '.join(witnesses)}")
        if until.not_after:
            screen.show(f"it stood there {times.words(until)}")
        if waiting := waits_for(trusted, witnesses):
            screen.show(f"waits for the countersignature of {waiting}")
    return 0 if verified.quorum else PROVISIONAL


@app.command()
def record(
    envelope: Envelope,
    key: Annotated[Path, typer.Option("--key", metavar="FILE", exists=True, dir_okay=False, help="Its content key.")],
    manifest: Annotated[
        Path, typer.Option("--manifest", metavar="FILE", exists=True, dir_okay=False, help="Its sender's manifest.")
    ],
    as_json: Json = False,
) -> None:
    """Check a record that was disclosed.

    The envelope is opened with its content key, and what its sender signed is shown. Exit code 3 says that it does
    not hold.

    Example: amanat verify record --envelope e.bin --key e.bin.key --manifest pk.manifest
    """
    with checking("record"):
        known = _manifest(manifest)
        opened = open_with_key(screen.read_file(envelope), _key(key), {known.party: known}, all_kinds())
    if as_json:
        screen.show_json(shown.plain(opened))
        return
    party, id_ = opened.key
    screen.show(f"good: {party} signed {party}:{id_}")
    show_record(opened)
    spoken = " ".join(words(fingerprint(known.root)))
    screen.say(f"It is {party}'s word only if {party}'s fingerprint is, as you compared it: {spoken}")


@app.command("bundle")
def bundle_(file: BundleFile, as_json: Json = False) -> None:
    """Check that a bundle came over whole.

    What is in it proves itself when it is taken in. Exit code 3 says that it was cut off or altered.

    Example: amanat verify bundle pk-to-af.bundle
    """
    with file.open("rb") as stream, checking("bundle"):
        sender, recipient = parties(stream)
        count = sum(1 for _ in screen.track(read(stream), "reading"))
    if as_json:
        screen.show_json({"sender": sender, "recipient": recipient, "items": count})
    else:
        screen.show(f"whole: {count} items from {sender} to {recipient}")


def _manifest(path: Path) -> Manifest:
    """Read a manifest that its own custodians signed; whose custodians they are, the fingerprint says."""
    data = screen.read_file(path)
    claimed = canonical.decode(dsse.parse(data, labels.MANIFEST, str(path)).body(), Manifest, str(path))
    return accept_first(data, fingerprint(claimed.root))


def _key(path: Path) -> bytes:
    text = screen.read_file(path).decode("ascii", "replace").strip()
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(text) != KEY_DIGITS or not key:
        raise Invalid("disclosure.key", f"{path} is not a content key.", "Give the 64 hex digits that were disclosed.")
    return key
