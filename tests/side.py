"""One party of the border, all of it real: its custodians, keys, papers and database; only its clock stands still.

Law: no part is a stand-in but the kind of record, which is small enough to say in a test what the floors see in it.
"""

import base64
import hashlib
import io
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from unittest import mock

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Column, LargeBinary, MetaData, String, Table, delete, select

from amanat.compact import terms
from amanat.compact.check import Permitted
from amanat.compact.ending import Ending
from amanat.compact.signing import Act
from amanat.exchange import again, bundle, receive, send, sequencer
from amanat.exchange.attachments import read_out, stage
from amanat.exchange.erasure import keep_in
from amanat.exchange.means import Means, Turn, begin
from amanat.exchange.opening import open_in
from amanat.exchange.send import Held, Pending
from amanat.node import unwatched
from amanat.party import canonical, dsse, labels
from amanat.party.key_id import key_id
from amanat.party.keys import NodeSecrets, new_secrets, node_keys, rotate_sealing, sealing_public
from amanat.party.lexicon import Lexicon, read_lexicon
from amanat.party.manifest import Manifest, Revoked, Sealing, sealing_key_at
from amanat.party.root import Root
from amanat.record.attachment import Attachment
from amanat.record.handling import CustodyRisk, Grading, Handling
from amanat.record.kind import Facts, Kind, Kinds, Place, Tx
from amanat.record.notices import NOTICES, Ground
from amanat.record.record import Draft, Post, Record, approve, compose, read
from amanat.seal.envelope import seal
from amanat.seal.header import Recipient, address
from amanat.seal.sign import sign
from amanat.store import attachments, marks, records, statements, turns
from amanat.store.tables import ARRIVAL, DELIVERY, ENVELOPE, LEXICON, RECORD
from amanat.workspaces import find
from kept import Keeping, Kept, in_folder

START = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
COMPACT = "pk-af"


# --- what is sent -----------------------------------------------------------------------------------------------------


class Report(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A report that says itself what the floors have to know of it."""

    text: str
    names_person: bool = False
    country: str | None = None


VIEWS = MetaData()
SEEN = Table(
    "seen",
    VIEWS,
    Column("party", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("text", LargeBinary, nullable=False),
)


def facts(report: Report) -> Facts:
    places = (Place(report.country, 10.0),) if report.country else ()
    return Facts(person="its text" if report.names_person else "", places=places)


def apply(tx: Tx, record: Record) -> None:
    if record.body.text == "a report that breaks the view":
        raise ZeroDivisionError
    party, id_ = record.key
    tx.execute(SEEN.insert(), {"party": party, "id": id_, "text": record.body.text.encode()})


def forget(tx: Tx, party: str, id_: str) -> None:
    tx.execute(delete(SEEN).where(SEEN.c.party == party, SEEN.c.id == id_))


REPORT = Kind(
    "intelligence.report",
    1,
    Report,
    "destroy",
    "A report.",
    (Report("a lorry"),),
    facts=facts,
    apply=apply,
    forget=forget,
)
OTHERS = tuple(each for each in find() if each.name != "intelligence")  # whose kind REPORT stands for
KINDS = Kinds([REPORT, *NOTICES, *(kind for each in OTHERS for kind in each.kinds)])
VIEWED = (VIEWS, *(each.views.tables for each in OTHERS))


# --- who sends it -----------------------------------------------------------------------------------------------------


def foreign(turn: Turn, draft: Draft, author: Post) -> Record:
    """Send a draft as a program of a party may that is not ours: dated by its clock alone, whatever it refers to."""
    with mock.patch.object(send, "dated", lambda turn, _refs: turn.now):
        (sent,) = send.send_in(turn, [draft], author)
    return sent.record


@dataclass
class Clock:
    """A clock that stands still until a test moves it."""

    at: datetime = START

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **by: int) -> None:
        """Let time pass, as `timedelta` counts it."""
        self.at += timedelta(**by)


@dataclass
class Side:
    """One party: its custodians, its secrets, and the means of its node."""

    party: str
    custodians: tuple[Ed25519PrivateKey, ...]
    secrets: NodeSecrets
    manifest: Manifest
    means: Means
    kept: Kept

    def person(self, text: str = "a person") -> dict[str, Any]:
        """What makes a draft one that names a person, handled as clause 4.1 and the floors ask."""
        handling = Handling(
            tlp="TLP:AMBER",
            purpose="counter-terrorism",
            codes=("H1", "H2"),
            grading=Grading("4x4", "B", "2"),
            legal_basis="criminal-procedure",
            expires=self.means.now() + timedelta(days=30),
            custody_risk=CustodyRisk("low", "none", not_obtained_by_torture=True, basis="assessed by the desk"),
        )
        return {"body": Report(text, names_person=True), "handling": handling}

    def green(self) -> dict[str, Any]:
        """What makes a draft one that clause 4.1.b lets the observer have."""
        expires = self.means.now() + timedelta(days=30)
        return {"handling": Handling(tlp="TLP:GREEN", purpose="counter-terrorism", expires=expires)}

    @property
    def terms(self) -> terms.Terms:
        """The latest text of the compact that is held here."""
        with begin(self.means) as turn:
            return turn.known.compact(COMPACT).terms

    @property
    def post(self) -> Post:
        return Post(self.party, "duty")

    def send(self, *to: str, text: str = "a lorry", **changes: Any) -> Pending:
        """Send a report for which the compact asks no second person."""
        (sent,) = send.send([self.draft(*to, text=text, **changes)], self.post, self.means)
        assert isinstance(sent, Pending)
        return sent

    def open(self, key: tuple[str, str], post: str = "duty") -> Pending | None:
        """Let an officer at a post press *read* on the record of that (party, id)."""
        with begin(self.means) as turn:
            return open_in(turn, *key, post)

    def keep(self, key: tuple[str, str], ground: Ground, until: datetime) -> None:
        """Keep the record of that (party, id) past its end."""
        with begin(self.means) as turn:
            keep_in(turn, key, ground, until)

    def attach(self, name: str, data: bytes) -> Attachment:
        """Seal a file for a record that this party is about to send."""
        return stage(name, io.BytesIO(data), self.means, unwatched)

    def with_file(self, *to: str, name: str = "bridge.jpg", data: bytes = b"two lorries", **changes: Any) -> Pending:
        """Send a report with a file, which counts as naming a person; the second post approves it."""
        held = self.hold(*to, attachments=(self.attach(name, data),), **{**self.person(), **changes})
        return send.release_held(held.record.fields.id, held.digest, Post(self.party, "chief"), self.means)

    def file(self, of: Pending | Record) -> bytes:
        """What the first file of a record reads here."""
        with self.means.engine.begin() as tx:
            here = attachments.of(tx, of.record.key if isinstance(of, Pending) else of.key)[0]
        return b"".join(read_out(here, self.means))

    def parts(self, of: Pending | Record) -> int:
        """How many chunks of a record's files are here."""
        with self.means.engine.begin() as tx:
            key = of.record.key if isinstance(of, Pending) else of.key
            return sum(each.chunks for each in attachments.of(tx, key))

    def log(self, count: int, start: int = 0, width: int = 32) -> None:
        """Log so many digests of envelopes that nobody sees, of which it may be known from which number on."""
        digests = [hashlib.sha256(b"%d" % number).digest()[:width] for number in range(start, start + count)]
        with begin(self.means) as turn:
            sequencer.commit(turn, COMPACT, digests)

    def hold(self, *to: str, text: str = "a person", **changes: Any) -> Held:
        """Send a report that waits for its second person."""
        (held,) = send.send([self.draft(*to, text=text, **changes)], self.post, self.means)
        assert isinstance(held, Held)
        return held

    def draft(self, *to: str, text: str = "a lorry", **changes: Any) -> Draft:
        """A draft that the compact permits between the members."""
        agreed = self.terms
        handling = terms.defaults(agreed, REPORT.label, self.means.now())
        given = {"kind": REPORT.label, "body": Report(text), "handling": handling, "compact": agreed.digest}
        return Draft(**{**given, "audience": to, **changes})

    def forge(
        self,
        *to: str,
        text: str = "a lorry",
        id_: str = "",
        sequence: int = 1,
        approved: bool = False,
        **changes: Any,
    ) -> bytes:
        """Seal as an altered node does, which asks neither floors nor compact and writes nothing down."""
        made = compose(
            self.draft(*to, text=text, **changes),
            self.post,
            self.means.kinds,
            id_ or self.means.new_id(),
            self.means.now(),
        )
        if approved:
            made = approve(made, made.digest, Post(self.party, "chief"), self.means.kinds)
        with begin(self.means) as turn:
            keys = [(party, *sealing_key_at(turn.known.manifests[party], self.means.now())) for party in sorted(to)]
        unasked = Permitted(made, made.fields.compact, "none", needs_second_person=False)
        recipients = [Recipient(party, id_, key, sequence) for party, id_, key in keys]
        addressed = address(unasked, public_id(self.means.keys.record), recipients, self.means.random(32))
        return seal(sign(addressed, self.means.keys.record)).data

    def act(self, what: Literal["suspend", "resume", "end"], serial: int, *, custodians: bool = False) -> bytes:
        """Sign and keep an act on the compact, with the node's record key or two custodians."""
        signed = self.sign_act(what, serial, custodians=custodians)
        assert not self.take("act", signed).problems
        return signed

    def sign_act(
        self,
        what: Literal["suspend", "resume", "end"],
        serial: int,
        *,
        custodians: bool = False,
        reason: str = "a reason",
    ) -> bytes:
        """Sign an act, and keep it nowhere."""
        act = Act(
            compact=self.terms.digest, party=self.party, serial=serial, act=what, at=self.means.now(), reason=reason
        )
        keys = self.custodians[:2] if custodians else [self.means.keys.record]
        return dsse.to_bytes(dsse.sign(labels.ACT, canonical.encode(act), keys))

    def sign_ending(self, ending: Ending, *keys: Ed25519PrivateKey) -> bytes:
        """Sign the end of a log, with two custodians where no other keys are given."""
        return dsse.to_bytes(dsse.sign(labels.ENDING, canonical.encode(ending), keys or self.custodians[:2]))

    def sign_anew(self, *acts: bytes) -> tuple[bytes, ...]:
        """Have acts signed by those who are custodians now, word for word as they were, and keep them so."""
        said = [dsse.parse(each, labels.ACT, "act").body() for each in acts]
        anew = tuple(dsse.to_bytes(dsse.sign(labels.ACT, each, self.custodians[:2])) for each in said)
        self.take("act", *anew)
        return anew

    @property
    def acts(self) -> list[bytes]:
        """The acts on the compact that are held here, as they are passed on."""
        with begin(self.means) as turn:
            return statements.acts(turn.tx, COMPACT)

    def word(self, serial: int, line: str) -> bytes:
        """Sign and keep a lexicon that has a word for the line."""
        lexicon = Lexicon(
            party=self.party,
            serial=serial,
            at=self.means.now(),
            languages=("en",),
            calendars=("gregorian",),
            names={"line": {"en": line}},
        )
        signed = dsse.to_bytes(dsse.sign(labels.LEXICON, canonical.encode(lexicon), [self.means.keys.record]))
        assert not self.take("lexicon", signed).problems
        return signed

    def take(self, type_: str, *data: bytes, sender: str | None = None) -> receive.Report:
        """Take in items as if `sender`, or this party itself, had brought them."""
        return receive.receive(sender or self.party, [bundle.Item(type_, each) for each in data], self.means)

    def give_again(self, party: str, days: int = 3) -> int:
        """Let a peer be given what it lost, as an operator does; how much waits."""
        with begin(self.means) as turn:
            return again.allow(turn, party, turn.now + timedelta(days=days))

    def hold_back(self) -> None:
        """Mark the node as put back to an old copy: it says nothing until it is let."""
        with begin(self.means) as turn:
            marks.put(turn.tx, "restored", turn.now)

    def rotate(self, *roles: str) -> bytes:
        """Draw new keys for these roles and publish the manifest that lists them before the old ones."""
        fresh = new_secrets(os.urandom)
        changed: dict[str, Any] = {role: getattr(fresh, role) for role in roles if role != "sealing"}
        secrets = msgspec.structs.replace(self.secrets, **changed)
        return self.renew(rotate_sealing(secrets, os.urandom) if "sealing" in roles else secrets)

    def revoke(self, *keys: str) -> bytes:
        """Publish the manifest that revokes these keys, by key id."""
        return self.renew(self.secrets, *(Revoked(each, self.means.now(), "stolen") for each in keys))

    def change_custodians(self) -> bytes:
        """Publish the manifest by which three other people become custodians: two of either three sign it."""
        before, after = self.custodians, tuple(Ed25519PrivateKey.generate() for _ in range(3))
        root = Root(2, tuple(sorted(text(key.public_key().public_bytes_raw()) for key in after)))
        self.manifest = msgspec.structs.replace(self.manifest, serial=self.manifest.serial + 1, root=root)
        self.custodians = after
        return self._publish(*before[:2])

    def renew(self, secrets: NodeSecrets, *revoked: Revoked) -> bytes:
        """Publish the next manifest, for these secrets and without those keys; keep it here and return it."""
        gone = tuple(sorted({*self.manifest.revoked, *revoked}))
        self.manifest = following(self.manifest, secrets, gone, self.means.now())
        self.secrets, self.means = secrets, replace(self.means, keys=node_keys(secrets))
        return self._publish()

    def begin_now(self) -> bytes:
        """Publish a manifest that holds, and a sealing key, from this very second by the own clock."""
        now = self.means.now()
        sealing = tuple(msgspec.structs.replace(each, since=now) for each in self.manifest.sealing)
        serial = self.manifest.serial + 1
        self.manifest = msgspec.structs.replace(self.manifest, serial=serial, since=now, sealing=sealing)
        return self._publish()

    def _publish(self, *besides: Ed25519PrivateKey) -> bytes:
        keys = [*self.custodians[:2], *besides]
        signed = dsse.to_bytes(dsse.sign(labels.MANIFEST, canonical.encode(self.manifest), keys))
        assert not self.take("manifest", signed).problems
        return signed

    # --- what stands here ---

    def envelope(self, sent: Pending) -> bytes:
        """The envelope's bytes as this party stores them."""
        with begin(self.means) as turn:
            data = turn.tx.execute(select(ENVELOPE.c.data).where(ENVELOPE.c.digest == sent.digest)).scalar_one()
        assert isinstance(data, bytes)
        return data

    def state(self, of: Pending | Record) -> str | None:
        """What has become of a record here: current, superseded, withdrawn, destroyed; None when it never came."""
        party, id_ = of.record.key if isinstance(of, Pending) else of.key
        with begin(self.means) as turn:
            query = select(RECORD.c.state).where(RECORD.c.party == party, RECORD.c.id == id_)
            return turn.tx.execute(query).scalar_one_or_none()

    def delivery(self, sent: Pending, to: str) -> str:
        """How the delivery of a record stands: pending, provisional, final or refused."""
        with begin(self.means) as turn:
            where = (DELIVERY.c.envelope == sent.digest, DELIVERY.c.recipient == to)
            return str(turn.tx.execute(select(DELIVERY.c.state).where(*where)).scalar_one())

    def received(self) -> list[Record]:
        """The records of others that are held here, in order of arrival."""
        query = (
            select(RECORD.c.data)
            .join(ARRIVAL, ARRIVAL.c.envelope == RECORD.c.envelope)
            .where(RECORD.c.data.is_not(None))
            .order_by(ARRIVAL.c.log_index)
        )
        with begin(self.means) as turn:
            return [read(data, self.means.kinds) for data in turn.tx.execute(query).scalars()]

    def holds(self, key: tuple[str, str]) -> Record:
        """The record of that (party, id) as it is held here."""
        with begin(self.means) as turn:
            return read(records.data_of(turn.tx, [key])[key], self.means.kinds)

    def states(self) -> dict[str, str | None]:
        """What has become of the records of others that are held here, by their text, or kind where there is none."""
        return {getattr(each.body, "text", each.kind.name): self.state(each) for each in self.received()}

    def words(self) -> dict[str, str]:
        """Each party's word for the line, by the lexica held here."""
        with begin(self.means) as turn:
            held = statements.latest(turn.tx, LEXICON)
        return {party: read_lexicon(data).names["line"]["en"] for party, data in held.items()}

    def knows(self, party: str) -> Manifest:
        """The latest manifest of a party that is held here."""
        with begin(self.means) as turn:
            return turn.known.manifests[party]

    def evidence(self) -> list[str]:
        """Codes of all that is kept as evidence, oldest first."""
        with begin(self.means) as turn:
            return [row.code for row in statements.evidence(turn.tx)]

    def content(self) -> str:
        """All that the database says."""
        held = MetaData()
        with turns.reading(self.means.engine) as tx:
            held.reflect(tx, only=lambda name, _: not name.startswith("text_index"))
            rows = {table.name: sorted(map(repr, tx.execute(select(table)))) for table in held.sorted_tables}
        return "\n".join(f"{name} {row}" for name, said in sorted(rows.items()) for row in said)

    def snapshot(self) -> bytes:
        """A copy of the database."""
        return self.kept.snapshot(self.means.engine)

    def restore(self, copy: bytes) -> None:
        """Put the copy in the place of the database."""
        self.kept.restore(self.means.engine, copy)

    def become(self, other: "Side", copy: bytes) -> None:
        """Take the custodians, keys and papers of a side that began as this one did, and put a copy of its database here."""
        self.custodians, self.secrets, self.manifest = other.custodians, other.secrets, other.manifest
        self.means = replace(self.means, keys=other.means.keys)
        self.restore(copy)

    def files(self) -> bytes:
        """All bytes on the disk."""
        return self.kept.files()


# --- its papers ------------------------------------------------------------------------------------------------------


def manifest(party: str, secrets: NodeSecrets, root: Root, now: datetime) -> Manifest:
    """A first manifest that lists the public halves of the secrets for three years."""
    keys = node_keys(secrets)
    ed25519 = [text(key.public_key().public_bytes_raw()) for key in (keys.record, keys.log, keys.witness)]
    since, until = now - timedelta(days=30), now + timedelta(days=365 * 3)
    sealing = (Sealing(text(sealing_public(base64.b64decode(each))), since, until) for each in secrets.sealing)
    return Manifest(
        party=party,
        serial=1,
        since=since,
        until=until,
        name=f"{party}.amanat.example",
        root=root,
        record=(ed25519[0],),
        log=(ed25519[1],),
        witness=(ed25519[2],),
        witness_pq=(text(keys.witness_pq.public_key().public_bytes_raw()),),
        sealing=tuple(sealing),
    )


def following(held: Manifest, secrets: NodeSecrets, revoked: tuple[Revoked, ...], now: datetime) -> Manifest:
    """The next manifest: the secrets' keys first, those before still listed, and none that was revoked."""
    new = manifest(held.party, secrets, held.root, now)
    gone = {each.keyid for each in revoked}
    listed = {
        role: tuple(
            key
            for key in dict.fromkeys((*getattr(new, role), *getattr(held, role)))
            if key_id(base64.b64decode(key)) not in gone
        )[:2]
        for role in ("record", "log", "witness", "witness_pq")
    }
    sealing = tuple(each for each in new.sealing if key_id(base64.b64decode(each.key)) not in gone)
    return msgspec.structs.replace(new, serial=held.serial + 1, revoked=revoked, sealing=sealing, **listed)


def side(
    party: str, folder: Path, clock: Clock, random: Callable[[int], bytes] = os.urandom, keep: Keeping = in_folder
) -> Side:
    """A party that knows nobody yet: custodians two of three, fresh node keys, an empty database."""
    custodians = tuple(Ed25519PrivateKey.from_private_bytes(random(32)) for _ in range(3))
    root = Root(2, tuple(sorted(text(key.public_key().public_bytes_raw()) for key in custodians)))
    secrets = new_secrets(random)
    kept = keep(folder, party)
    engine = kept.create()
    for views in VIEWED:
        views.create_all(engine)
    means = Means(party, node_keys(secrets), KINDS, engine, clock, random)
    return Side(party, custodians, secrets, manifest(party, secrets, root, clock()), means, kept)


def like(side: Side, copy: bytes, folder: Path, clock: Clock, keep: Keeping = in_folder) -> Side:
    """A party that has another's custodians, keys and papers, and a copy of its database."""
    kept = keep(folder, side.party)
    return replace(side, means=replace(side.means, engine=kept.create_as(copy), now=clock), kept=kept)


def public_id(key: Ed25519PrivateKey) -> str:
    """The id of a key's public half."""
    return key_id(key.public_key().public_bytes_raw())


def spoiled(data: bytes) -> bytes:
    """The bytes with another last one, whatever it was."""
    return data[:-1] + bytes([data[-1] ^ 1])


def text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
