"""What a workspace is: the whole surface by which one plugs into a node.

Law: a workspace describes itself by one frozen `Workspace` and does nothing else on import. Everything here has a
reader today; a field is added with the first face that reads it, not before.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import MetaData

from amanat.record.kind import Kind


@dataclass(frozen=True, slots=True)
class Views:
    """Tables derived from records, always rebuildable from them.

    `tables` are created in the node's database, each name beginning with the workspace's and an underscore. Views have
    a version and no migrations: when `version` changes, the node drops the tables and applies all records again.
    """

    tables: MetaData
    version: int


@dataclass(frozen=True, slots=True)
class Importer:
    """How foreign files become bodies of records.

    `suffixes` are those of file names it takes (".json"); `read` returns for the bytes of one file each body with the
    label of its kind, and raises `Invalid` saying where in the file what is wrong. It decides nothing: an officer sees
    the bodies before any is sent.
    """

    name: str
    suffixes: tuple[str, ...]
    read: Callable[[bytes], list[tuple[str, Any]]]


@dataclass(frozen=True, slots=True)
class Workspace:
    """One thing people do together; `name` is its folder's, and begins the name of each of its kinds and tables.

    `icon` is what stands beside its name, one of those in `console/assets/icons.ts`.
    """

    name: str
    icon: str
    kinds: tuple[Kind, ...]
    views: Views
    importers: tuple[Importer, ...] = ()
