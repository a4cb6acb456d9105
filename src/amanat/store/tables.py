"""The core's tables (docs/threat-model.md says of each whether it is trusted and what its thief could do).

Statements are stored as the exact bytes that were signed; whoever reads them verifies them again where it matters.
Digests are hex text, so that a person with a database shell can follow a record.
"""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, MetaData, String, Table, text

METADATA = MetaData()
NUMBER = BigInteger().with_variant(Integer(), "sqlite")  # 64 bits in both: a peer's numbers may be of any size
WITHDRAWN = "state = 'withdrawn'"
CHANGED = "state <> 'current'"
WITHDRAWS = "relation = 'withdraws'"
RECALLED = "recalled IS true"

MANIFEST = Table(
    "manifest",
    METADATA,
    Column("party", String, primary_key=True),
    Column("serial", NUMBER, primary_key=True),
    Column("data", LargeBinary, nullable=False),
)
LEXICON = Table(
    "lexicon",
    METADATA,
    Column("party", String, primary_key=True),
    Column("serial", NUMBER, primary_key=True),
    Column("data", LargeBinary, nullable=False),
)
COMPACT = Table(
    "compact",
    METADATA,
    Column("id", String, primary_key=True),
    Column("version", NUMBER, primary_key=True),
    Column("digest", String, nullable=False, unique=True),
    Column("data", LargeBinary, nullable=False),
)
ACT = Table(
    "act",
    METADATA,
    Column("compact", String, primary_key=True),
    Column("party", String, primary_key=True),
    Column("serial", NUMBER, primary_key=True),
    Column("digest", String, primary_key=True),
    Column("counts", Boolean, nullable=False),
    Column("data", LargeBinary, nullable=False),
)
_counting = ACT.c.counts.is_(True)
Index(
    "act_counting",
    ACT.c.compact,
    ACT.c.party,
    ACT.c.serial,
    ACT.c.digest,
    sqlite_where=_counting,
    postgresql_where=_counting,
)
ENDING = Table(
    "ending",
    METADATA,
    Column("compact", String, primary_key=True),
    Column("party", String, primary_key=True),
    Column("number", NUMBER, primary_key=True),
    Column("data", LargeBinary, nullable=False),
)
HELD = Table(
    "held",
    METADATA,
    Column("id", String, primary_key=True),
    Column("digest", String, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("officer", NUMBER),
    Column("writers", String, nullable=False),
    Column("person", Boolean, nullable=False),
)
DRAFT = Table(
    "draft",
    METADATA,
    Column("id", String, primary_key=True),
    Column("version", NUMBER, nullable=False),
    Column("changed", String, nullable=False),
    Column("expires", String, nullable=False, index=True),
    Column("officer", NUMBER, nullable=False),
    Column("post", String, nullable=False),
    Column("writers", String, nullable=False),
    Column("files", String, nullable=False),
    Column("returned", String),
    Column("returned_by", String),
    Column("data", LargeBinary, nullable=False),
    Column("title", String),
)
ENVELOPE = Table(
    "envelope",
    METADATA,
    Column("digest", String, primary_key=True),
    Column("data", LargeBinary),
    Column("content_key", LargeBinary),
)
RECORD = Table(
    "record",
    METADATA,
    Column("party", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("envelope", String, nullable=False, index=True),
    Column("compact", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("at", String, nullable=False),
    Column("expires", String, index=True),
    Column("exercise", Boolean, nullable=False),
    Column("person", Boolean, nullable=False),
    Column("log_index", NUMBER, nullable=False),
    Column("state", String, nullable=False),
    Column("kept_until", String),
    Column("read_by", String),
    Column("data", LargeBinary),
    # What is due is asked for every minute; hardly any record is withdrawn and not yet destroyed.
    Index("record_withdrawn", "state", sqlite_where=text(WITHDRAWN), postgresql_where=text(WITHDRAWN)),
)
_unread = RECORD.c.read_by.is_not(None)
_read_first = (RECORD.c.read_by, RECORD.c.id, RECORD.c.kind)
Index("record_unread", *_read_first, sqlite_where=_unread, postgresql_where=_unread)

# A list is read from where it is narrowed down to, newest first; what else is asked of a row is asked of the index.
_place = (RECORD.c.at, RECORD.c.party, RECORD.c.id)
_exercise = RECORD.c.exercise.is_(True)
Index("record_place", *_place, RECORD.c.kind, RECORD.c.state)
Index("record_party", RECORD.c.party, RECORD.c.at, RECORD.c.id, RECORD.c.kind, RECORD.c.state, RECORD.c.compact)
Index("record_kind", RECORD.c.kind, *_place, RECORD.c.state)
_changed = text(CHANGED)
Index("record_state", RECORD.c.state, *_place, RECORD.c.kind, sqlite_where=_changed, postgresql_where=_changed)
Index("record_exercise", *_place, sqlite_where=_exercise, postgresql_where=_exercise)
Index("record_unread_place", *_place, sqlite_where=_unread, postgresql_where=_unread)
Index("record_log", RECORD.c.compact, RECORD.c.log_index)
TEXT = Table(
    "text",
    METADATA,
    Column("number", NUMBER, primary_key=True, autoincrement=True),
    Column("party", String, nullable=False),
    Column("id", String, nullable=False),
    Column("words", String, nullable=False),
    Index("text_of", "party", "id", unique=True),
)
REFERENCE = Table(
    "reference",
    METADATA,
    Column("party", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("relation", String, primary_key=True),
    Column("to_party", String, primary_key=True),
    Column("to_id", String, primary_key=True, index=True),
)
_withdraws = text(WITHDRAWS)
Index("reference_withdraws", REFERENCE.c.party, REFERENCE.c.id, sqlite_where=_withdraws, postgresql_where=_withdraws)
DELIVERY = Table(
    "delivery",
    METADATA,
    Column("envelope", String, primary_key=True),
    Column("recipient", String, primary_key=True),
    Column("sequence", NUMBER, nullable=False),
    Column("state", String, nullable=False),
    Column("answer", LargeBinary),
    Column("recalled", Boolean, nullable=False, default=False),
    Index("delivery_line", "recipient", "sequence"),
    Index("delivery_open", "recipient", "state", "sequence"),
    Index("delivery_recalled", "envelope", sqlite_where=text(RECALLED), postgresql_where=text(RECALLED)),
)
ARRIVAL = Table(
    "arrival",
    METADATA,
    Column("envelope", String, primary_key=True),
    Column("sender", String, nullable=False),
    Column("id", String, nullable=False),
    Column("sequence", NUMBER, nullable=False),
    Column("compact", String, nullable=False),
    Column("log_index", NUMBER),
    Column("answered", String, nullable=False),
    Index("arrival_line", "sender", "sequence"),
    Index("arrival_id", "sender", "id"),
    Index("arrival_due", "sender", "answered", "compact", "log_index"),
)
ARRIVED = Table(
    "arrived",
    METADATA,
    Column("sender", String, primary_key=True),
    Column("first", NUMBER, primary_key=True),
    Column("last", NUMBER, nullable=False),
)
REFUSAL = Table(
    "refusal",
    METADATA,
    Column("envelope", String, primary_key=True),
    Column("sender", String, primary_key=True, index=True),
    Column("data", LargeBinary, nullable=False),
    Column("answered", Boolean, nullable=False),
)
_due = REFUSAL.c.answered.is_(False)
Index("refusal_due", REFUSAL.c.sender, sqlite_where=_due, postgresql_where=_due)
HEARTBEAT = Table(
    "heartbeat",
    METADATA,
    Column("sender", String, primary_key=True),
    Column("sent", NUMBER, nullable=False),
    Column("at", String, nullable=False),
    Column("data", LargeBinary, nullable=False),
)
ATTACHMENT = Table(
    "attachment",
    METADATA,
    Column("party", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("position", NUMBER, primary_key=True),
    Column("address", String, nullable=False, index=True),
    Column("at", String, nullable=False),
    Column("told", Boolean, nullable=False),
    Column("dropped", NUMBER, nullable=False),
    Column("data", LargeBinary, nullable=False),
)
_untold = ATTACHMENT.c.told.is_(False)
Index("attachment_untold", ATTACHMENT.c.party, sqlite_where=_untold, postgresql_where=_untold)
CHUNK = Table(
    "chunk",
    METADATA,
    Column("address", String, primary_key=True),
    Column("number", NUMBER, primary_key=True),
    Column("data", LargeBinary, nullable=False),
)
HOLDING = Table(
    "holding",
    METADATA,
    Column("address", String, primary_key=True),
    Column("holder", String, primary_key=True),
    Column("at", String, nullable=False),
    Column("data", LargeBinary, nullable=False),
)
EVIDENCE = Table(
    "evidence",
    METADATA,
    Column("number", NUMBER, primary_key=True, autoincrement=True),
    Column("party", String, nullable=False),
    Column("code", String, nullable=False),
    Column("at", String, nullable=False),
    Column("digest", String, nullable=False, index=True),
    Column("item", String, nullable=False),
    Column("size", NUMBER, nullable=False),
    Column("signed", String),
    Column("data", LargeBinary),
    Column("originator", String),
    Column("record", String),
    Column("until", String, index=True),
)
_unsigned = EVIDENCE.c.signed.is_(None) & EVIDENCE.c.data.is_not(None)
Index("evidence_unsigned", EVIDENCE.c.size, sqlite_where=_unsigned, postgresql_where=_unsigned)
VIEW = Table(
    "view",
    METADATA,
    Column("name", String, primary_key=True),
    Column("version", NUMBER, nullable=False),
)
ENTRIES = Table(
    "entries",
    METADATA,
    Column("log", String, primary_key=True),
    Column("number", NUMBER, primary_key=True),
    Column("data", LargeBinary, nullable=False),
)
TILE = Table(
    "tile",
    METADATA,
    Column("log", String, primary_key=True),
    Column("level", NUMBER, primary_key=True),
    Column("number", NUMBER, primary_key=True),
    Column("data", LargeBinary, nullable=False),
)
CHECKPOINT = Table(
    "checkpoint",
    METADATA,
    Column("log", String, primary_key=True),
    Column("size", NUMBER, primary_key=True),
    Column("note", LargeBinary, nullable=False),
    Column("shown", Boolean, nullable=False),
    Column("quorum", Boolean, nullable=False),
    Column("edge", LargeBinary, nullable=False),
    Column("tiles", LargeBinary, nullable=False),
    Column("entries", LargeBinary, nullable=False),
)
_quorum = CHECKPOINT.c.quorum.is_(True)
Index("checkpoint_quorum", CHECKPOINT.c.log, CHECKPOINT.c.size, sqlite_where=_quorum, postgresql_where=_quorum)
WITNESSED = Table(
    "witnessed",
    METADATA,
    Column("origin", String, primary_key=True),
    Column("size", NUMBER, nullable=False),
    Column("note", LargeBinary, nullable=False),
)
PENDING = Table(
    "pending",
    METADATA,
    Column("origin", String, primary_key=True),
    Column("size", NUMBER, nullable=False),
    Column("note", LargeBinary, nullable=False),
    Column("next", NUMBER, nullable=False),
)
COSIGNED = Table(
    "cosigned",
    METADATA,
    Column("log", String, primary_key=True),
    Column("witness", String, primary_key=True),
    Column("size", NUMBER, nullable=False),
    Column("pending", NUMBER, nullable=False),
    Column("next", NUMBER, nullable=False),
)
MARK = Table(
    "mark",
    METADATA,
    Column("name", String, primary_key=True),
    Column("at", String, nullable=False),
    Column("detail", String, nullable=False),
)
AHEAD = Table(
    "ahead",
    METADATA,
    Column("log", String, primary_key=True),
    Column("witness", String, primary_key=True),
    Column("size", NUMBER, nullable=False),
    Column("note", LargeBinary, nullable=False),
)
LOST = Table(
    "lost",
    METADATA,
    Column("log", String, primary_key=True),
    Column("log_index", NUMBER, primary_key=True),
    Column("last", NUMBER, nullable=False),
    Column("envelope", String, nullable=False, index=True),
)
AGAIN = Table(
    "again",
    METADATA,
    Column("party", String, primary_key=True),
    Column("envelope", String, primary_key=True),
    Column("ours", Boolean, primary_key=True),
)
GIVING = Table(
    "giving",
    METADATA,
    Column("party", String, primary_key=True),
    Column("until", String, nullable=False),
)
PEER = Table(
    "peer",
    METADATA,
    Column("party", String, primary_key=True),
    Column("url", String, nullable=False),
    Column("paused", Boolean, nullable=False),
)
CLOCK = Table(
    "clock",
    METADATA,
    Column("party", String, primary_key=True),
    Column("ahead", NUMBER, nullable=False),
    Column("at", String, nullable=False),
)
EVENT = Table(
    "event",
    METADATA,
    Column("number", NUMBER, primary_key=True, autoincrement=True),
    Column("at", String, nullable=False),
    Column("type", String, nullable=False),
    Column("party", String, nullable=False),
    Column("id", String, nullable=False),
    Column("detail", String, nullable=False),
)
OFFICER = Table(
    "officer",
    METADATA,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    Column("sign_in", String, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("post", String, nullable=False),
    Column("roles", String, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created", String, nullable=False),
    Column("disabled", String),
    Column("password", String, nullable=False),
    Column("password_given", Boolean, nullable=False),
    Column("failures", NUMBER, nullable=False),
    Column("locked_until", String),
    Column("language", String, nullable=False),
)
SAVED = Table(
    "saved_filter",
    METADATA,
    Column("officer", NUMBER, primary_key=True, autoincrement=False),
    Column("name", String, primary_key=True),
    Column("address", String, nullable=False),
)
TOKEN = Table(
    "token",
    METADATA,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    Column("officer", NUMBER, nullable=False, index=True),
    Column("name", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("scope", String, nullable=False),
    Column("created", String, nullable=False),
    Column("expires", String, nullable=False),
    Column("used", String),
    Column("revoked", String),
)
SESSION = Table(
    "session",
    METADATA,
    Column("digest", String, primary_key=True),
    Column("officer", NUMBER, nullable=False, index=True),
    Column("created", String, nullable=False),
    Column("seen", String, nullable=False),
    Column("began_by", String, nullable=False),
    Column("proven", String),
    Column("wrong", NUMBER, nullable=False),
    Column("browser", String, nullable=False),
    Column("address", String, nullable=False),
)
FACTOR = Table(
    "factor",
    METADATA,
    Column("officer", NUMBER, primary_key=True, autoincrement=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("since", String, nullable=False),
    Column("step", NUMBER, nullable=False),
)
RECOVERY = Table(
    "recovery",
    METADATA,
    Column("officer", NUMBER, primary_key=True, autoincrement=False),
    Column("digest", String, primary_key=True),
)
PASSKEY = Table(
    "passkey",
    METADATA,
    Column("id", String, primary_key=True),
    Column("officer", NUMBER, nullable=False, index=True),
    Column("domain", String, nullable=False),
    Column("name", String, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("counter", NUMBER, nullable=False),
    Column("created", String, nullable=False),
    Column("used", String),
)
WATCH = Table(
    "watch",
    METADATA,
    Column("number", NUMBER, primary_key=True, autoincrement=True),
    Column("post", String, nullable=False),
    Column("officer", NUMBER, nullable=False),
    Column("begins", String, nullable=False),
    Column("ends", String, nullable=False),
    Column("cancelled", String),
    Column("taken", String),
    Column("offered", String),
    Column("given", String),
    Column("next", NUMBER),
    Column("notes", String, nullable=False),
    Column("matters", String, nullable=False),
    Column("salt", LargeBinary),
    Index("watch_place", "post", "begins"),
)
# Whatever else goes wrong, two officers never have the watch of one post.
_held = WATCH.c.taken.is_not(None) & WATCH.c.given.is_(None)
Index("watch_held", WATCH.c.post, unique=True, sqlite_where=_held, postgresql_where=_held)
KEPT_BACK = Table(
    "kept_back",
    METADATA,
    Column("digest", String, primary_key=True),
    Column("data", LargeBinary, nullable=False),
    Column("until", String, nullable=False),
)
AUDIT = Table(
    "audit",
    METADATA,
    Column("number", NUMBER, primary_key=True, autoincrement=False),
    Column("at", String),
    Column("officer", NUMBER),
    Column("post", String),
    Column("act", String),
    Column("subject", String),
    Column("outcome", String),
    Column("channel", String),
    Column("salt", LargeBinary),
    Column("digest", String, nullable=False),
    # What is narrowed down is read in the order of time: days are asked for with anything else.
    Index("audit_at", "at", "number"),
    *(Index(f"audit_{name}", name, "at", "number") for name in ("officer", "act", "subject", "outcome")),
)
