"""Two federated Matrix homeservers for benches to measure against: Synapse on SQLite, over TLS on loopback.

Real are both servers, their federation and what they write to the disk. What would slow them is off: limits on how
often one may ask and on how much one answer tells, presence, and the look at whose certificate a peer shows. They are
installed by pip for a run alone.
"""

import hashlib
import hmac
import subprocess
import venv
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from wire import eventually, free_port

PACKAGE: Final = "matrix-synapse==1.163.2"
SECRET: Final = "guards nothing"  # noqa: S105 (of servers that live as long as a bench)
PATIENCE: Final = 60.0
_OFTEN: Final = "{per_second: 100000, burst_count: 100000}"
_SETTINGS: Final = """
server_name: "localhost:{federation}"
pid_file: {folder}/pid
signing_key_path: {folder}/signing.key
media_store_path: {folder}/media
log_config: {folder}/log.yaml
report_stats: false
registration_shared_secret: "{secret}"
database: {{name: sqlite3, args: {{database: {folder}/homeserver.db}}}}
listeners:
  - {{port: {client}, tls: false, type: http, bind_addresses: ["127.0.0.1"], resources: [{{names: [client]}}]}}
  - {{port: {federation}, tls: true, type: http, bind_addresses: ["127.0.0.1"], resources: [{{names: [federation]}}]}}
tls_certificate_path: {folder}/tls.crt
tls_private_key_path: {folder}/tls.key
federation_verify_certificates: false
ip_range_blacklist: []
federation_ip_range_blacklist: []
trusted_key_servers: []
presence: {{enabled: false}}
filter_timeline_limit: -1
rc_message: {often}
rc_joins: {{local: {often}, remote: {often}}}
rc_invites: {{per_room: {often}, per_user: {often}, per_issuer: {often}}}
rc_federation: {{window_size: 1000, sleep_limit: 100000, sleep_delay: 0, reject_limit: 100000, concurrent: 1000}}
"""
_LOG: Final = """
version: 1
handlers: {file: {class: logging.FileHandler, filename: FILE}}
root: {level: WARNING, handlers: [file]}
"""


@dataclass(frozen=True)
class Homeserver:
    """A server that runs, and the one user it has."""

    url: str
    user: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        """What its user's client sends."""
        return {"authorization": f"Bearer {self.token}"}

    def ask(self, method: str, path: str, body: Mapping[str, object]) -> dict[str, str]:
        """What the client API answers. Raises for anything else than success."""
        answer = httpx.request(method, f"{self.url}{path}", json=body, headers=self.headers, timeout=PATIENCE)
        answer.raise_for_status()
        made: dict[str, str] = answer.json()
        return made


@dataclass(frozen=True)
class Room:
    """A room that a user of each of two servers is in."""

    id: str
    writer: Homeserver
    reader: Homeserver


def installed(place: Path) -> Path:
    """Install the server into an environment of its own; return the Python of it."""
    venv.create(place, with_pip=True)
    python = place / "bin" / "python"
    done = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", PACKAGE], check=False, capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(f"error: {PACKAGE}, which this is measured against, cannot be installed:\n{done.stderr}")
    return python


@contextmanager
def federated(python: Path, place: Path) -> Iterator[Room]:
    """Serve two, and let a user of the one invite a user of the other into a room."""
    with ExitStack() as running:
        writer, reader = (running.enter_context(_served(python, place / name, name)) for name in ("a", "b"))
        made = writer.ask("POST", "/_matrix/client/v3/createRoom", {"preset": "private_chat", "invite": [reader.user]})
        path = f"/_matrix/client/v3/join/{made['room_id']}"
        eventually(lambda: httpx.post(reader.url + path, json={}, headers=reader.headers).is_success, PATIENCE)
        yield Room(made["room_id"], writer, reader)


@contextmanager
def _served(python: Path, folder: Path, name: str) -> Iterator[Homeserver]:
    folder.mkdir(parents=True)
    client, settings = free_port(), folder / "homeserver.yaml"
    said = {"folder": folder, "client": client, "federation": free_port(), "secret": SECRET, "often": _OFTEN}
    settings.write_text(_SETTINGS.format(**said), "utf-8")
    (folder / "log.yaml").write_text(_LOG.replace("FILE", str(folder / "log")), "utf-8")
    new = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30"]
    files = ["-subj", "/CN=localhost", "-keyout", f"{folder}/tls.key", "-out", f"{folder}/tls.crt"]
    subprocess.run([*new, *files], check=True, capture_output=True)
    start = [str(python), "-m", "synapse.app.homeserver", "--config-path", str(settings)]
    subprocess.run([*start, "--generate-keys"], check=True, capture_output=True, cwd=folder)
    url = f"http://127.0.0.1:{client}"
    with (folder / "out").open("wb") as out, subprocess.Popen(start, stdout=out, stderr=out, cwd=folder) as process:
        try:
            eventually(lambda: _answers(url), PATIENCE)
            yield _registered(url, name)
        finally:
            process.terminate()


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/_matrix/client/versions").is_success
    except httpx.HTTPError:
        return False


def _registered(url: str, name: str) -> Homeserver:
    """Register a user by the secret that both know."""
    path, word = f"{url}/_synapse/admin/v1/register", "seven quiet lorries"
    nonce = httpx.get(path).json()["nonce"]
    said = f"{nonce}\0{name}\0{word}\0notadmin".encode()
    mac = hmac.new(SECRET.encode(), said, hashlib.sha1).hexdigest()
    asked = {"nonce": nonce, "username": name, "password": word, "admin": False, "mac": mac}
    made = httpx.post(path, json=asked, timeout=PATIENCE).raise_for_status().json()
    return Homeserver(url, made["user_id"], made["access_token"])
