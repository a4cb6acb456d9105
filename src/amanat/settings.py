"""Every setting of a node: one frozen struct, read from `node.toml` in the party's folder. The rest is no setting.

A setting says what only the place can know: addresses, certificates, the database. What the parties agreed stands in
the compact; what is safe stands in the code.
"""

import tomllib
from pathlib import Path
from typing import Annotated, Final

import msgspec

from amanat.party.errors import Invalid

FILE: Final = "node.toml"


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What `node.toml` may say; all of it may be left out."""

    # Where peers, officers and machines reach this node. Loopback, until somebody decides otherwise.
    host: Annotated[str, msgspec.Meta(min_length=1, max_length=253)] = "127.0.0.1"
    port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 8440

    # PEM files. Without them the node speaks plain HTTP, for loopback or behind a proxy that holds the certificate:
    # records are sealed either way, but who writes to whom, and officers' tokens, would be seen.
    tls_certificate: str = ""
    tls_key: str = ""

    # PEM file of the authorities that peers' certificates are held against; the system's when empty.
    peer_authorities: str = ""

    # "postgresql://user@host/name" for a server; empty for `node.sqlite` beside this file.
    database: str = ""

    # Whether `/log/…` serves this party's logs and those it mirrors (tlog-tiles) to whoever reaches this address.
    # They hold digests only, but tell how many envelopes there were and when.
    serve_logs: bool = False

    # A file whose first line `/metrics` asks for as a bearer token. Without one only this machine is answered, and
    # nobody who comes through a proxy.
    metrics_token_file: str = ""

    # "debug" adds each exchange with a peer.
    log_level: Annotated[str, msgspec.Meta(pattern="^(debug|info|warning|error)$")] = "info"


def read(folder: Path) -> Settings:
    """Read a folder's `node.toml`; what it leaves out, or all when it is not there, is as above. Raises `Invalid`."""
    path = folder / FILE
    if not path.is_file():
        return Settings()
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), Settings)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise Invalid("settings.form", f"{path}: {error}.", "Mend it: docs/operating.md lists all.") from error
