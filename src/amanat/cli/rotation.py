"""Changing a party's keys: new ones for a role, revoking old ones, other custodians; each by a later manifest.

Law: a rotated signing key comes into use only once the manifest that lists it was taken in (`party update`); a new
sealing key only opens, so the node holds it at once.
"""

import base64
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import typer

from amanat import node
from amanat.cli import screen
from amanat.cli.options import HERE, OPERATOR, Folder, Out, PassphraseFile, at, unlocked
from amanat.cli.statement import ROLES, write_statement
from amanat.exchange.acting import noted
from amanat.exchange.means import Means, begin, read_manifest
from amanat.party import canonical, dsse, labels
from amanat.party.errors import Invalid
from amanat.party.key_id import key_id
from amanat.party.keys import NodeSecrets, forget_sealing, new_secrets, node_keys, public_keys, rotate_sealing
from amanat.party.manifest import MAX_KEYS, Manifest, Revoked, Sealing
from amanat.party.root import Root
from amanat.store import statements

MANIFEST_DAYS = 365
REMIND = timedelta(days=30)
SEALING_DAYS = 92  # sealing keys rotate monthly; what was sealed to the last two still comes in by a late stick
RECORD_KEYS = 2  # the one in use and the one before
IN_FLIGHT = timedelta(days=31)  # how late a stick may come with what was sealed in a key's last hour

Custodians = Annotated[
    list[str], typer.Option("--custodian", metavar="PUB", help="A custodian's public key; repeatable.")
]
Threshold = Annotated[int, typer.Option("--threshold", metavar="N", help="How many custodians must sign.")]


def register(app: typer.Typer) -> None:
    """Add `rotate`, `revoke` and `entrust` to the party commands."""
    for command in (rotate, revoke, entrust):
        app.command()(command)


def rotate(
    out: Out,
    folder: Folder = HERE,
    record: Annotated[bool, typer.Option("--record", help="A new key for signing records.")] = False,
    sealing: Annotated[bool, typer.Option("--sealing", help="A new key for others to seal to.")] = False,
    log: Annotated[bool, typer.Option("--log", help="A new key for signing logs.")] = False,
    witness: Annotated[bool, typer.Option("--witness", help="New keys for countersigning.")] = False,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Draw new keys for this node.

    Writes the manifest that lists them, for the custodians to sign; they come into use with `amanat party update`.

    Example: amanat party rotate -C pk --sealing --out pk.manifest-2
    """
    if not (record or sealing or log or witness):
        raise typer.BadParameter("say which keys: --record, --sealing, --log or --witness")
    screen.require_new(out)
    passphrase = screen.passphrase(passphrase_file, f"the node in {folder}")
    means = unlocked(folder, passphrase)
    held, key = _own(means), node.read_key(folder, passphrase)
    secrets, fresh = key.coming or key.secrets, new_secrets(node.random)
    now = means.now().replace(microsecond=0)
    if sealing:
        secrets = _forget_past(rotate_sealing(secrets, node.random), means, now)
    changed = {"record": record, "log": log, "witness": witness, "witness_pq": witness}
    secrets = msgspec.structs.replace(secrets, **{role: getattr(fresh, role) for role in ROLES if changed[role]})
    manifest = manifest_of(secrets, held, now, party=held.party, name=held.name, root=held.root)
    in_use = msgspec.structs.replace(key.secrets, sealing=secrets.sealing)
    with noted(means, OPERATOR, "keys.change", held.party):
        node.write_key(folder, node.NodeKey(key.party, in_use, secrets), passphrase)
        write_draft(out, manifest)


def revoke(
    key: Annotated[str, typer.Argument(metavar="KEYID", help="The key's id, or its first 16 digits.")],
    reason: Annotated[Literal["lost", "stolen", "retired"], typer.Option("--reason", help="What became of it.")],
    out: Out,
    folder: Folder = HERE,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Revoke a lost, stolen or retired key for good.

    Writes the manifest that says so, for the custodians to sign. What the key signed and nobody has taken in yet will
    be refused: deliver it before, or send it again.

    Example: amanat party revoke -C pk KEYID --reason stolen --out pk.manifest-3
    """
    screen.require_new(out)
    means, held, base, now = _coming(folder, passphrase_file)
    with noted(means, OPERATOR, "keys.change", held.party):
        write_draft(out, _without(base, held, key, reason, now))


def entrust(
    custodians: Custodians,
    threshold: Threshold,
    out: Out,
    folder: Folder = HERE,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Give the party into the hands of other custodians.

    Writes the manifest that names them all, also those who stay. Custodians before and after sign it, each in number.
    Acts on a compact that others have yet to get are then to be signed anew: `party update` names them.

    Example: amanat party entrust -C pk --custodian PUB --threshold 1 --out pk.manifest-4
    """
    screen.require_new(out)
    means, held, base, now = _coming(folder, passphrase_file)
    root = Root(threshold, tuple(sorted(set(custodians))))
    with noted(means, OPERATOR, "keys.change", held.party):
        write_draft(out, msgspec.structs.replace(base, serial=held.serial + 1, since=now, root=root))
    screen.say(f"{screen.many(held.root.threshold, 'custodian')} of those before must sign it too.")


def manifest_of(
    secrets: NodeSecrets, held: Manifest | None, now: datetime, *, party: str, name: str, root: Root
) -> Manifest:
    """Return the manifest after `held` that puts the secrets' keys first, keeping those before still listed."""
    public = public_keys(secrets)
    listed = {role: _first(role, public[role], getattr(held, role) if held else ()) for role in ROLES}
    sealing = held.sealing if held else ()
    if public["sealing"] not in [each.key for each in sealing]:
        sealing = (Sealing(public["sealing"], now, now + timedelta(days=SEALING_DAYS)), *sealing)
    return Manifest(
        party=party,
        serial=held.serial + 1 if held else 1,
        since=now,
        until=now + timedelta(days=MANIFEST_DAYS),
        name=name,
        root=root,
        sealing=tuple(each for each in sealing if each.until > now),
        revoked=held.revoked if held else (),
        **listed,
    )


def put_into_use(folder: Path, passphrase: str, manifest: Manifest) -> bool:
    """Use the secrets that waited for this manifest of our own; return whether there were any."""
    key = node.read_key(folder, passphrase)
    if key.coming is None or any(public_keys(key.coming)[role] != getattr(manifest, role)[0] for role in ROLES):
        return False
    node.write_key(folder, node.NodeKey(key.party, key.coming), passphrase)
    return True


def remind(means: Means, folder: Path) -> None:
    """Say in good time that others can soon not seal to us any more."""
    with begin(means) as turn:
        own = turn.known.manifests.get(means.party)
    if own is None:
        return
    ends = min(own.until, max(each.until for each in own.sealing))
    if ends < means.now() + REMIND:
        screen.say(f"From {ends:%Y-%m-%d} on nobody can send to {own.party}: its keys run out.")
        screen.say(f"Next: `amanat party rotate{at(folder)} --sealing --out FILE`, for the custodians to sign.")


def write_draft(out: Path, manifest: Manifest) -> None:
    """Write a manifest for the custodians to sign."""
    write_statement(out, dsse.sign(labels.MANIFEST, canonical.encode(manifest), []))
    screen.say(
        f"Wrote {out}, manifest {manifest.serial}, for {screen.many(manifest.root.threshold, 'custodian')} to sign."
    )
    if manifest.serial > 1:
        screen.say(f"Next: `amanat party update {out}` here. Let them sign no other manifest {manifest.serial}: two")
        screen.say("signed ones under one number are a fork, which every party refuses from then on.")


def _first(role: str, key: str, keys: tuple[str, ...]) -> tuple[str, ...]:
    """The current key first, and those before it: what a record key signed is on its way, what others signed stands."""
    return (key, *(each for each in keys if each != key))[: RECORD_KEYS if role == "record" else MAX_KEYS[role]]


def _forget_past(secrets: NodeSecrets, means: Means, now: datetime) -> NodeSecrets:
    """Destroy the private halves of sealing keys whose time, and that of what was under way, is over."""
    with begin(means) as turn:
        papers = [read_manifest(data) for data in statements.history(turn.tx, means.party)]
    ended = {sealing.key for manifest in papers for sealing in manifest.sealing if sealing.until + IN_FLIGHT <= now}
    past = {key_id(base64.b64decode(key)) for key in ended} & node_keys(secrets).sealing.keys()
    for each in sorted(past):
        secrets = forget_sealing(secrets, each)
        screen.say(f"Destroyed the private half of the sealing key {each[:16]}, whose time is over.")
    return secrets


def _coming(folder: Path, passphrase_file: Path | None) -> tuple[Means, Manifest, Manifest, datetime]:
    """Return the node, our manifest, the same with the keys that were drawn since and wait for theirs, and the time."""
    passphrase = screen.passphrase(passphrase_file, f"the node in {folder}")
    means = unlocked(folder, passphrase)
    held, now = _own(means), means.now().replace(microsecond=0)
    coming = node.read_key(folder, passphrase).coming
    if coming is None:
        return means, held, held, now
    base = manifest_of(coming, held, now, party=held.party, name=held.name, root=held.root)
    return means, held, base, now


def _without(
    base: Manifest, held: Manifest, key: str, reason: Literal["lost", "stolen", "retired"], now: datetime
) -> Manifest:
    ids = {key_id(base64.b64decode(each)): each for role in ROLES for each in getattr(base, role)}
    ids |= {key_id(base64.b64decode(each.key)): each.key for each in base.sealing}
    found = [id_ for id_ in ids if id_.startswith(key)]
    if len(found) != 1:
        raise Invalid(
            "key.unknown", f"The manifest lists {len(found)} keys beginning with {key}.", "See `amanat party show`."
        )
    gone = ids[found[0]]
    left = {role: tuple(each for each in getattr(base, role) if each != gone) for role in ROLES}
    sealing = tuple(each for each in base.sealing if each.key != gone)
    if not all((*left.values(), sealing)):
        raise Invalid("key.last", "It is the only key of its role.", "Rotate that role first: `amanat party rotate`.")
    revoked = tuple(sorted((*base.revoked, Revoked(found[0], now, reason)), key=lambda each: each.keyid))
    return msgspec.structs.replace(base, serial=held.serial + 1, since=now, sealing=sealing, revoked=revoked, **left)


def _own(means: Means) -> Manifest:
    with begin(means) as turn:
        manifests = turn.known.manifests
    if means.party not in manifests:
        raise Invalid(
            "manifest.own", "This node does not know its own manifest yet.", "Learn it: `amanat party learn`."
        )
    return manifests[means.party]
