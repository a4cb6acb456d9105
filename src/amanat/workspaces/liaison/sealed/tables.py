"""The tables of sealed notices, of what opens them, and of what is entrusted: a row a record.

Law: a row says nothing that its record does not. Whether an opening fits is asked when it is read: the digest that was
told stands in another record.
"""

from typing import Final

from sqlalchemy import Boolean, Column, Index, Integer, String

from amanat.workspaces.liaison.views import table

SEALED: Final = table(
    "sealed",
    Column("commitment", String, nullable=False),
    Column("opens", String, nullable=False),
    Column("held_by", String, nullable=False),
    Column("escrow", Integer, nullable=False),
    Index("liaison_sealed_at", "at", "party", "id"),
    Index("liaison_sealed_opens", "opens"),
    Index("liaison_sealed_commitment", "commitment", "party"),
)
UNSEALED: Final = table(
    "unsealed",
    Column("of_party", String, nullable=False),
    Column("of_id", String, nullable=False),
    Column("because", String, nullable=False),
    Column("incident_party", String),
    Column("incident_id", String),
    Column("digest", String, nullable=False),
    Column("body", String, nullable=False),
    Index("liaison_unsealed_of", "of_party", "of_id", "party", "digest", "at", "id"),
    Index("liaison_unsealed_at", "at"),
    Index("liaison_unsealed_incident", "incident_id", "party", "at"),
)
HOLDS: Final = table(
    "holds",
    Column("of_party", String, nullable=False),
    Column("of_id", String, nullable=False),
    Column("fits", Boolean, nullable=False),
    Index("liaison_holds_of", "of_party", "of_id", "party", "at", "id"),
)
ENTRUSTED: Final = table(
    "entrusted",
    Column("commitment", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("body", String, nullable=False),
    Index("liaison_entrusted_commitment", "commitment", "party", "at"),
)
