"""The core's tables (docs/threat-model.md says of each whether it is trusted and what its thief could do).

Statements are stored as the exact bytes that were signed; whoever reads them verifies them again where it matters.
Digests are hex text, so that a person with a database shell can follow a record.
"""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, MetaData, String, Table, text

METADATA = MetaData()
WITHDRAWN = "state = 'withdrawn'"

MANIFEST = Table(
    "manifest",
    METADATA,
    Column("party", String, primary_key=True),
    Column("serial", Integer, primary_key=True),
    Column("data", LargeBinary, nullable=False),
)
LEXICON = Table(
    "lexicon",
    METADATA,
    Column("party", String, primary_key=True),
    Column("serial", Integer, primary_key=True),
    Column("data", LargeBinary, nullable=False),
)
COMPACT = Table(
    "compact",
    METADATA,
    Column("id", String, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("digest", String, nullable=False, unique=True),
    Column("data", LargeBinary, nullable=False),
)
ACT = Table(
    "act",
    METADATA,
    Column("compact", String, primary_key=True),
    Column("party", String, primary_key=True),
    Column("serial", Integer, primary_key=True),
    Column("digest", String, primary_key=True),
    Column("counts", Boolean, nullable=False),
    Column("data", LargeBinary, nullable=False),
)
Index("act_counting", ACT.c.compact, ACT.c.party, ACT.c.serial, ACT.c.digest, sqlite_where=ACT.c.counts.is_(True))
HELD = Table(
    "held",
    METADATA,
    Column("id", String, primary_key=True),
    Column("digest", String, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("officer", Integer),
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
    Column("log_index", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("kept_until", String),
    Column("data", LargeBinary),
    # What is due is asked for every minute; hardly any record is withdrawn and not yet destroyed.
    Index("record_withdrawn", "state", sqlite_where=text(WITHDRAWN), postgresql_where=text(WITHDRAWN)),
)
TEXT = Table(
    "text",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
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
DELIVERY = Table(
    "delivery",
    METADATA,
    Column("envelope", String, primary_key=True),
    Column("recipient", String, primary_key=True),
    Column("sequence", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("answer", LargeBinary),
    Index("delivery_line", "recipient", "sequence"),
    Index("delivery_open", "recipient", "state", "sequence"),
)
ARRIVAL = Table(
    "arrival",
    METADATA,
    Column("envelope", String, primary_key=True),
    Column("sender", String, nullable=False),
    Column("id", String, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("compact", String, nullable=False),
    Column("log_index", Integer),
    Column("answered", String, nullable=False),
    Index("arrival_line", "sender", "sequence"),
    Index("arrival_id", "sender", "id"),
    Index("arrival_due", "sender", "answered", "compact", "log_index"),
)
ARRIVED = Table(
    "arrived",
    METADATA,
    Column("sender", String, primary_key=True),
    Column("first", Integer, primary_key=True),
    Column("last", Integer, nullable=False),
)
REFUSAL = Table(
    "refusal",
    METADATA,
    Column("envelope", String, primary_key=True),
    Column("sender", String, primary_key=True, index=True),
    Column("data", LargeBinary, nullable=False),
    Column("answered", Boolean, nullable=False),
)
Index("refusal_due", REFUSAL.c.sender, sqlite_where=REFUSAL.c.answered.is_(False))
HEARTBEAT = Table(
    "heartbeat",
    METADATA,
    Column("sender", String, primary_key=True),
    Column("sent", Integer, nullable=False),
    Column("at", String, nullable=False),
    Column("data", LargeBinary, nullable=False),
)
ATTACHMENT = Table(
    "attachment",
    METADATA,
    Column("party", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("address", String, nullable=False, index=True),
    Column("at", String, nullable=False),
    Column("told", Boolean, nullable=False),
    Column("data", LargeBinary, nullable=False),
)
Index("attachment_untold", ATTACHMENT.c.party, sqlite_where=ATTACHMENT.c.told.is_(False))
CHUNK = Table(
    "chunk",
    METADATA,
    Column("address", String, primary_key=True),
    Column("number", Integer, primary_key=True),
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
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("party", String, nullable=False),
    Column("code", String, nullable=False),
    Column("at", String, nullable=False),
    Column("digest", String, nullable=False, index=True),
    Column("item", String, nullable=False),
    Column("size", Integer, nullable=False),
    Column("signed", String),
    Column("data", LargeBinary),
    Column("originator", String),
    Column("record", String),
    Column("until", String, index=True),
)
Index("evidence_unsigned", EVIDENCE.c.size, sqlite_where=EVIDENCE.c.signed.is_(None) & EVIDENCE.c.data.is_not(None))
VIEW = Table(
    "view",
    METADATA,
    Column("name", String, primary_key=True),
    Column("version", Integer, nullable=False),
)
ENTRIES = Table(
    "entries",
    METADATA,
    Column("log", String, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("data", LargeBinary, nullable=False),
)
TILE = Table(
    "tile",
    METADATA,
    Column("log", String, primary_key=True),
    Column("level", Integer, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("data", LargeBinary, nullable=False),
)
CHECKPOINT = Table(
    "checkpoint",
    METADATA,
    Column("log", String, primary_key=True),
    Column("size", Integer, primary_key=True),
    Column("note", LargeBinary, nullable=False),
    Column("shown", Boolean, nullable=False),
    Column("quorum", Boolean, nullable=False),
    Column("edge", LargeBinary, nullable=False),
    Column("tiles", LargeBinary, nullable=False),
    Column("entries", LargeBinary, nullable=False),
)
Index("checkpoint_quorum", CHECKPOINT.c.log, CHECKPOINT.c.size, sqlite_where=CHECKPOINT.c.quorum.is_(True))
WITNESSED = Table(
    "witnessed",
    METADATA,
    Column("origin", String, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("note", LargeBinary, nullable=False),
)
PENDING = Table(
    "pending",
    METADATA,
    Column("origin", String, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("note", LargeBinary, nullable=False),
    Column("next", BigInteger, nullable=False),
)
COSIGNED = Table(
    "cosigned",
    METADATA,
    Column("log", String, primary_key=True),
    Column("witness", String, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("pending", BigInteger, nullable=False),
    Column("next", BigInteger, nullable=False),
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
    Column("size", Integer, nullable=False),
    Column("note", LargeBinary, nullable=False),
)
LOST = Table(
    "lost",
    METADATA,
    Column("log", String, primary_key=True),
    Column("log_index", Integer, primary_key=True),
    Column("envelope", String, nullable=False, index=True),
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
    Column("ahead", Integer, nullable=False),
    Column("at", String, nullable=False),
)
EVENT = Table(
    "event",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("at", String, nullable=False),
    Column("type", String, nullable=False),
    Column("party", String, nullable=False),
    Column("id", String, nullable=False),
    Column("detail", String, nullable=False),
)
OFFICER = Table(
    "officer",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("sign_in", String, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("post", String, nullable=False),
    Column("roles", String, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created", String, nullable=False),
    Column("disabled", String),
    Column("password", String, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("locked_until", String),
)
TOKEN = Table(
    "token",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("officer", Integer, nullable=False, index=True),
    Column("name", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("scope", String, nullable=False),
    Column("created", String, nullable=False),
    Column("expires", String),
    Column("used", String),
    Column("revoked", String),
)
SESSION = Table(
    "session",
    METADATA,
    Column("digest", String, primary_key=True),
    Column("officer", Integer, nullable=False, index=True),
    Column("created", String, nullable=False),
    Column("seen", String, nullable=False),
)
AUDIT = Table(
    "audit",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", String, index=True),
    Column("officer", Integer, index=True),
    Column("post", String),
    Column("act", String),
    Column("subject", String, index=True),
    Column("outcome", String),
    Column("channel", String),
    Column("salt", LargeBinary),
    Column("digest", String, nullable=False),
)
