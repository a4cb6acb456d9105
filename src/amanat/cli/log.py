"""Logs: publishing them, auditing anybody's, and the keys and policies that others check them by."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path
from typing import Annotated
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import msgspec
import typer

from amanat.cli import arguments, screen
from amanat.cli.failed import checking
from amanat.cli.options import HERE, CompactId, Folder, Json, PassphraseFile, known_party, open_means
from amanat.compact.ending import ended_at
from amanat.compact.witnessing import policy_for
from amanat.exchange.means import Known, Means, Turn, begin
from amanat.exchange.publish import CHECKPOINT, audit_published, publish
from amanat.exchange.receipt import log_key, policy_of
from amanat.exchange.witness import of_others
from amanat.log.checkpoint import parse_checkpoint
from amanat.log.lines import HASH_SIZE
from amanat.log.malformed import Malformed
from amanat.log.note import parse_note, parse_vkey, vkey
from amanat.log.tiles import TILE_WIDTH, encode_entries, parse_entries
from amanat.node import write_file
from amanat.party.errors import Unreachable
from amanat.store import logs, mirrors

MAX_FETCHED = 24 * 1024 * 1024  # a full entry bundle: 256 entries of 64 KiB, and room
TIMEOUT_SECONDS = 20

Fetch = Callable[[str], bytes]

app = typer.Typer(name="log", help="Publish and audit logs.")


@app.command("audit")
def audit_(
    where: Annotated[str, typer.Argument(metavar="FOLDER|URL", help="A tlog-tiles log.")],
    key: Annotated[str, typer.Option("--vkey", metavar="VKEY|FILE", help="Its verifier key, or a file that holds it.")],
    as_json: Json = False,
) -> None:
    """Check a whole log, entry by entry.

    Every entry, every tile, and the signature under the checkpoint; in a folder or behind a URL. Exit code 3 says that
    it does not hold.

    Example: amanat log audit af-log --vkey af-log.vkey
    """
    verifier = parse_vkey(screen.read_text(Path(key)).strip() if Path(key).is_file() else key)
    source = fetch_from(where)
    with checking(f"log {where}"), _watched(source) as fetch:
        checkpoint = audit_published(fetch, verifier)
    if as_json:
        screen.show_json({"origin": checkpoint.origin, "size": checkpoint.size, "root": checkpoint.root.hex()})
    else:
        screen.show(f"good: {checkpoint.origin}, {_entries(checkpoint.size)}, root {checkpoint.root.hex()}")


@app.command("list")
def list_(folder: Folder = HERE, passphrase_file: PassphraseFile = None, as_json: Json = False) -> None:
    """List the logs kept here.

    Our own, and those that this party keeps because it countersigns them: whose each is, how many of its entries are
    here, the size of its newest checkpoint, and up to where it is countersigned (ours: by the quorum; others': by us).
    Where its party said that it ended: at which size and why.

    Example: amanat log list -C obs
    """
    with begin(open_means(folder, passphrase_file)) as turn:
        rows = [*_own(turn), *_others(turn), *_ended(turn)]
    if as_json:
        for row in rows:
            screen.show_json(row)
    elif rows:
        headings = ("log", "party", "entries", "of", "countersigned", "ended")
        screen.show_rows(headings, [[str(each) for each in msgspec.structs.astuple(row)] for row in rows])
    else:
        screen.say("Nothing.")


class _Row(msgspec.Struct, frozen=True):
    """One log in the list: whose, how many entries are here, its size, up to where it is countersigned, how it ended."""

    origin: str
    party: str
    entries: int
    size: int
    countersigned: int
    ended: str = ""


def _own(turn: Turn) -> Iterator[_Row]:
    for log in sorted(turn.known.compacts):
        size, final = logs.latest(turn.tx, log)[0].size, logs.with_quorum(turn.tx, log)
        origin = turn.known.log_name(turn.means.party, log)
        yield _Row(origin, turn.means.party, size, size, final[0] if final else 0)


def _others(turn: Turn) -> Iterator[_Row]:
    known = of_others(turn)
    for held in mirrors.every(turn.tx, known):
        done = held.mirrored.size if held.mirrored else 0
        yield _Row(held.origin, known[held.origin].party, held.next, held.pending.size, done)


def _ended(turn: Turn) -> Iterator[_Row]:
    """Logs that ended, ours and those kept here."""
    for ending in (each for those in turn.known.endings.values() for each in those):
        at, held = ended_at(ending), mirrors.of(turn.tx, ended_at(ending).origin)
        done = held.mirrored.size if held and held.mirrored else 0
        why = f"{ending.because}, {ending.at:%Y-%m-%d}"
        yield _Row(at.origin, ending.party, held.next if held else 0, at.size, done, why)


@app.command()
def export(
    compact: CompactId,
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", file_okay=False, help="A folder to publish.")],
    party: Annotated[
        str | None,
        typer.Option("--party", metavar="PARTY", parser=arguments.party_code, help="Whose log; ours if none is named."),
    ] = None,
    folder: Folder = HERE,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Write a log as a static folder.

    Our own, or another party's that is kept here because this party countersigns it: so it gets its log back that lost
    it. Or bring the folder up to date. Verifier key and policy are written beside it, as FOLDER.vkey and FOLDER.policy.

    Example: amanat log export -C af --compact pk-af --out af-log
    """
    means = open_means(folder, passphrase_file)
    with begin(means) as turn, screen.bar("publishing") as (progress, task):
        known = turn.known
        whose = known_party(turn, party).party if party else means.party
        origin = known.log_name(whose, known.compact(compact).terms.id)
        size = publish(turn, origin, _writer(out, lambda: progress.advance(task)))
    write_file(out.with_name(f"{out.name}.vkey"), f"{_vkey(whose, compact, known)}\n".encode())
    write_file(out.with_name(f"{out.name}.policy"), policy_of(known, compact, whose))
    screen.say(f"Published {_entries(size)} in {out}; the verifier key is {out}.vkey, the policy {out}.policy.")


@app.command("vkey")
def vkey_(compact: CompactId, folder: Folder = HERE, passphrase_file: PassphraseFile = None) -> None:
    """Print the verifier key of this party's log.

    A C2SP vkey: whoever audits our log needs it.

    Example: amanat log vkey -C af --compact pk-af
    """
    means = open_means(folder, passphrase_file)
    screen.show(_vkey(means.party, compact, _known(means)))


@app.command()
def policy(
    compact: CompactId,
    party: Annotated[
        str, typer.Option("--party", metavar="PARTY", parser=arguments.party_code, help="Whose log it is for.")
    ],
    number: Annotated[
        int | None,
        typer.Option(
            "--number", metavar="N", min=1, help="Which of its logs, where some ended.", show_default="the last"
        ),
    ] = None,
    folder: Folder = HERE,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Print the policy receipts are checked by.

    A C2SP tlog-policy: the key of a party's log, its witnesses, and which of them the compact asks for.

    Example: amanat log policy -C pk --compact pk-af --party af
    """
    means = open_means(folder, passphrase_file)
    known = _known(means)
    count = len(known.ended(party, compact)) + 1
    if number is not None and number > count:
        raise typer.BadParameter(f"{party} has {screen.many(count, 'log')} for {compact}")
    policy_ = policy_for(known.compact(compact).terms, known.manifests, party, number or count)
    screen.show(policy_.decode().rstrip("\n"))


def _entries(size: int) -> str:
    return screen.many(size, "entry", "entries")


def _known(means: Means) -> Known:
    with begin(means) as turn:
        return turn.known


def _vkey(party: str, compact: str, known: Known) -> str:
    return vkey(log_key(known.manifests[party], known.log_name(party, known.compact(compact).terms.id)))


def _writer(folder: Path, written: Callable[[], None]) -> Callable[[str, bytes], None]:
    """Write below a folder, saying so each time.

    A tile or bundle that stands there stays: full ones never change, partial ones are named for their width.
    """

    def write(path: str, data: bytes) -> None:
        written()
        file = folder / path
        if path != CHECKPOINT and file.exists():
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        write_file(file, data)

    return write


@contextmanager
def _watched(fetch: Fetch) -> Iterator[Fetch]:
    """A bar that grows with every entry bundle fetched."""
    with screen.bar("auditing") as (progress, task):

        def watched(path: str) -> bytes:
            data = fetch(path)
            if path == CHECKPOINT:
                progress.update(task, total=parse_checkpoint(parse_note(data).text).size)
            elif path.startswith("tile/entries/"):
                progress.advance(task, TILE_WIDTH)
            return data

        yield watched


def fetch_from(where: str) -> Fetch:
    """Return what reads the files of a log in a folder, or at an http or https URL."""
    if where.startswith(("https://", "http://")):
        return _url_fetch(where)
    if not Path(where).is_dir():
        raise typer.BadParameter(f"there is no folder {where}; give a log's folder, or its http or https URL")
    return _folder_fetch(Path(where))


def _folder_fetch(folder: Path) -> Fetch:
    def fetch(path: str) -> bytes:
        return screen.read_file(folder / path, MAX_FETCHED) if (folder / path).is_file() else _full(path, fetch)

    return fetch


def _full(path: str, fetch: Fetch) -> bytes:
    """Fetch the full tile where the partial one is gone (tlog-tiles, section Partial tiles), cut to its width."""
    full, partial, width = path.partition(".p/")
    if not partial:
        raise Malformed("log.absent", f"The log has no {path}.", "Publish it again, or name the log's folder or URL.")
    if full.startswith("tile/entries/"):
        return encode_entries(parse_entries(fetch(full))[: int(width)])
    return fetch(full)[: HASH_SIZE * int(width)]


def _url_fetch(url: str) -> Fetch:
    """Read a log by HTTP, bounded in time and size; what does not answer is `Unreachable`."""

    def fetch(path: str) -> bytes:
        address = f"{url.rstrip('/')}/{path}"
        try:
            with urlopen(address, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - http and https only, see fetch_from
                data: bytes = answer.read(MAX_FETCHED + 1)
        except HTTPError as error:
            if error.code in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
                return _full(path, fetch)
            raise Unreachable("log.http", f"{address} answers {error.code}.", "Try again later.") from error
        except (URLError, HTTPException, TimeoutError, ConnectionError) as error:
            raise Unreachable("log.http", f"{address} does not answer.", "See to the line, and try again.") from error
        except ValueError as error:
            raise typer.BadParameter(f"{address} is no URL") from error
        if len(data) > MAX_FETCHED:
            raise Unreachable("log.http", f"{address} sends over {MAX_FETCHED} bytes.", "Ask who publishes it.")
        return data

    return fetch
