"""Attachments on their way: sealed before their record is sent, carried in chunks, taken in chunk by chunk, read out.

Law: a few chunks in memory, whatever the file's size. A chunk is kept only when it opens by the key that an accepted
record names, and never over one that is here; what came is kept, and only the rest is sent again. Who may read a file
could seal another under its key: what is not whole the file that was signed is thrown away, and comes again.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import islice
from typing import Literal, Protocol

from sqlalchemy import Connection

from amanat.exchange import answers
from amanat.exchange.answers import Answer
from amanat.exchange.bundle import Item
from amanat.exchange.means import Means, Turn, begin
from amanat.exchange.rebuild import Watch
from amanat.party.errors import Invalid
from amanat.record.attachment import MAX_ATTACHMENT_BYTES, Attachment, media_type
from amanat.record.record import Record
from amanat.seal.chunks import CHUNK_BYTES, chunk_count, open_chunk, seal_chunks
from amanat.seal.chunks import address as address_of
from amanat.seal.header import KEY_BYTES
from amanat.store import attachments, drafts, turns
from amanat.store.attachments import Here, Stand

AT_ONCE = 16
"""Chunks in one transaction: 4 MiB."""

STAGED_FOR = timedelta(days=1)

_ADDRESS_BYTES = 32
_NUMBER_BYTES = 4

Coming = dict[str, dict[int, bytes]]
"""Sealed chunks by address and number."""


class Source(Protocol):
    """What a file is read from, twice: one of an officer's own, or one that comes in by the API (`store.spool`)."""

    def seek(self, offset: Literal[0], /) -> int:
        """Go back to the beginning."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes, at most so many."""


# --- going out --------------------------------------------------------------------------------------------------------


def stage(name: str, file: Source, means: Means, watch: Watch) -> Attachment:
    """Seal a file under a fresh key and keep it here for a record to name. Raises `Invalid`; nothing is kept then.

    It is read twice: what it holds goes into its key.
    """
    size, digest = _measure(name, file)
    attachment = Attachment(name, media_type(name), size, digest, means.random(KEY_BYTES).hex())
    sealed = enumerate(seal_chunks(attachment, watch(_pieces(file), chunk_count(attachment))))
    with turns.writing(means.engine) as tx:
        address = attachments.stage(tx, means.party, attachment, means.now().isoformat())
    with ExitStack() as undo:
        undo.callback(discard, [attachment], means)
        while run := [(address, number, data) for number, data in islice(sealed, AT_ONCE)]:
            with turns.writing(means.engine) as tx:
                attachments.put(tx, run)
        undo.pop_all()
    return attachment


def discard(staged: Sequence[Attachment], means: Means) -> None:
    """Destroy staged files that no record came to name."""
    with turns.writing(means.engine) as tx:
        attachments.unstage(tx, means.party, staged)


def bind(turn: Turn, record: Record) -> None:
    """Give the staged files to the record of ours that names them. Raises `Invalid` when they are not all here."""
    named = record.fields.attachments
    if not named:
        return
    attachments.name(turn.tx, record.key, named, turn.now.isoformat())
    lacking = [each.attachment.name for each in attachments.of(turn.tx, record.key) if not each.complete]
    if lacking:
        raise Invalid(
            "attachment.missing", f"Of {', '.join(lacking)} not all is here.", "Attach the file and send it once more."
        )
    attachments.unstage(turn.tx, turn.means.party, named)


def discard_old(turn: Turn) -> None:
    """Destroy what was staged over a day ago and is named by no record or draft, and chunks that belong to nothing."""
    before, party = (turn.now - STAGED_FOR).isoformat(), turn.means.party
    named = drafts.files(turn.tx)
    over = [
        each for each in attachments.staged_before(turn.tx, party, before) if address_of(each, party).hex() not in named
    ]
    attachments.unstage(turn.tx, party, over)


@dataclass(frozen=True, slots=True)
class Chunks:
    """The chunks due for a peer, by address and runs of numbers: read one by one as asked for, and so never stale."""

    due: tuple[tuple[str, range], ...]
    means: Means

    def first(self, size: int | None) -> "Chunks":
        """Return only those that come to about so many bytes; all when that is None."""
        if size is None:
            return self
        kept, left = list[tuple[str, range]](), size // CHUNK_BYTES
        for address, numbers in self.due:
            kept.append((address, numbers[:left]))
            left -= len(kept[-1][1])
        return Chunks(tuple(each for each in kept if each[1]), self.means)

    def __len__(self) -> int:
        """How many they are."""
        return sum(len(numbers) for _, numbers in self.due)

    def __iter__(self) -> Iterator[Item]:
        """Yield those that are still here."""
        for address, number in ((address, number) for address, numbers in self.due for number in numbers):
            sealed = _alone(self.means, address, number)
            if sealed is not None:
                yield Item("chunk", bytes.fromhex(address) + number.to_bytes(_NUMBER_BYTES, "big") + sealed)


def due(turn: Turn, recipient: str) -> Chunks:
    """Return what a peer does not say that it holds of the attachments sent to it."""
    found = []
    for each in attachments.due(turn.tx, turn.means.party, recipient, turn.means.kinds.recalled):
        held = answers.stored_holding(each.said).chunks if each.said else ()
        found += [(each.address, numbers) for numbers in attachments.outside(chunk_count(each.attachment), held)]
    return Chunks(tuple(found), turn.means)


def holdings(turn: Turn, recipient: str) -> Iterator[Answer]:
    """Say of each of a peer's attachments, of which chunks came since it was last told, what is here now."""
    for address in attachments.untold(turn.tx, recipient):
        held = attachments.held(turn.tx, address)
        item = Item("holding", answers.hold(address, recipient, held, turn.means))
        yield Answer(item, attachments.TOLD, address)


# --- coming in --------------------------------------------------------------------------------------------------------


def take(run: Sequence[bytes], means: Means) -> tuple[set[str], list[Invalid]]:
    """Keep the chunks that open; return the addresses of their attachments, and what is wrong with the others.

    A file that they make whole is read through first, while others write, and kept only as it was read.
    """
    with turns.reading(means.engine) as tx:
        stands = attachments.awaited(tx, means.party, [data[:_ADDRESS_BYTES].hex() for data in run])
    coming, problems, strange = _opening(run, stands)
    kept = set[str]()
    while coming:
        wrong = {address: _read_through(stands[address], address, coming[address], means) for address in coming}
        with begin(means) as turn:
            seen, stands = stands, attachments.awaited(turn.tx, means.party, coming)
            strange += sum(len(chunks) for address, chunks in coming.items() if address not in stands)
            changed = Coming()
            for address, stand in stands.items():
                if not _makes_whole(stand, coming[address]):
                    _put(turn, address, coming[address])
                elif stand != seen[address]:
                    changed[address] = coming[address]
                elif (problem := wrong[address]) is not None:
                    problems.append(problem)
                    attachments.drop_chunks(turn.tx, address)
                else:
                    _put(turn, address, coming[address])
        kept |= stands.keys()
        coming = changed
    if strange:
        problems.append(_strange(strange))
    return kept, problems


def _opening(run: Sequence[bytes], stands: Mapping[str, Stand]) -> tuple[Coming, list[Invalid], int]:
    """Return the chunks that open, what is wrong with others, and how many belong to nothing that is named here."""
    coming, problems, strange = Coming(), list[Invalid](), 0
    for data in run:
        address, rest = data[:_ADDRESS_BYTES].hex(), data[_ADDRESS_BYTES:]
        number, sealed = int.from_bytes(rest[:_NUMBER_BYTES], "big"), rest[_NUMBER_BYTES:]
        if address not in stands:
            strange += 1
            continue
        try:
            open_chunk(stands[address].attachment, number, sealed)
        except Invalid as problem:
            problems.append(problem)
        else:
            coming.setdefault(address, {}).setdefault(number, sealed)
    return coming, problems, strange


def _makes_whole(stand: Stand, chunks: Mapping[int, bytes]) -> bool:
    """Whether these are all that is missing. Of what is whole already nothing is: a peer may bring it without end."""
    lacks = stand.lacks()
    return bool(lacks) and lacks <= chunks.keys()


def _read_through(stand: Stand, address: str, chunks: Mapping[int, bytes], means: Means) -> Invalid | None:
    """Say what is wrong with a file that these chunks make whole, before they are kept. It takes seconds."""
    if not _makes_whole(stand, chunks):
        return None
    lacks = stand.lacks()
    try:
        for _ in _plain(stand.attachment, lambda at: chunks[at] if at in lacks else _alone(means, address, at)):
            pass
    except Invalid as problem:
        return problem
    return None


def _put(turn: Turn, address: str, chunks: Mapping[int, bytes]) -> None:
    attachments.put(turn.tx, [(address, number, sealed) for number, sealed in chunks.items()])


def take_holding(turn: Turn, data: bytes, sender: str) -> None:
    """A peer's word of what it holds of an attachment of ours; one played again does nothing."""
    holding = answers.read_holding(data, sender, turn.known, turn.means)
    before = attachments.said(turn.tx, holding.address, sender)
    own = [each for each in attachments.at(turn.tx, [holding.address]) if each.party == turn.means.party]
    if own and (before is None or not _is_past(holding, answers.stored_holding(before))):
        attachments.take_word(turn.tx, holding.address, sender, holding.at.isoformat(), data)


def _is_past(word: answers.Holding, held: answers.Holding) -> bool:
    """Whether a word is older than the one held: its date and what it holds say so. A clock may have been put back."""
    return word.at < held.at and _count(word) < _count(held)


def _count(word: answers.Holding) -> int:
    return sum(last - first + 1 for first, last in word.chunks)


# --- reading ----------------------------------------------------------------------------------------------------------


def named(found: Sequence[Here], wanted: str) -> Here:
    """Return the attachment of that name, or the only one where none is named. Raises `Invalid`."""
    fitting = [each for each in found if wanted in ("", each.attachment.name)]
    if len(fitting) == 1:
        return fitting[0]
    there = ", ".join(each.attachment.name for each in found) or "none"
    raise Invalid(
        "attachment.none",
        f"The record has no attachment {wanted!r} here." if wanted else "It is not said which attachment.",
        f"Attached are: {there}.",
    )


def read_out(here: Here, means: Means) -> Iterator[bytes]:
    """Yield the file's bytes, each chunk read in a transaction of its own: whoever takes them may be slow.

    Raises `Invalid` when not all is here, or is not what was signed.
    """
    return _opened(here, lambda number: _alone(means, here.address, number))


def _opened(here: Here, read: Callable[[int], bytes | None]) -> Iterator[bytes]:
    if not here.complete:
        count = chunk_count(here.attachment)
        raise Invalid(
            "attachment.incomplete",
            f"Of {here.attachment.name!r}, {here.chunks} of {count} parts are here.",
            f"Give {here.party} a bundle, so that it sends the rest, and import its next one.",
        )
    yield from _plain(here.attachment, read)


def _plain(attachment: Attachment, read: Callable[[int], bytes | None]) -> Iterator[bytes]:
    """Yield a file's bytes. Raises `Invalid` when they are not what was signed."""
    digest = hashlib.sha256()
    for number in range(chunk_count(attachment)):
        plain = open_chunk(attachment, number, read(number) or b"")
        digest.update(plain)
        yield plain
    if digest.hexdigest() != attachment.sha256:
        raise Invalid(
            "attachment.content",
            f"The attachment {attachment.name!r} has other content than its record says.",
            "Some reader of it, or its sender, sealed another file under its key; it is asked for again.",
        )


def check_chunks(here: Here, tx: Connection) -> None:
    """Open every chunk that is here, and where that is all of them, hold the whole against its SHA-256.

    Raises `Invalid` for the first that is not what its sender sealed.
    """
    read = partial(attachments.chunk, tx, here.address)
    if here.complete:
        for _ in _opened(here, read):
            pass
        return
    for first, last in attachments.held(tx, here.address):
        for number in range(first, last + 1):
            open_chunk(here.attachment, number, read(number) or b"")


def _alone(means: Means, address: str, number: int) -> bytes | None:
    """Read one chunk and let go of the database."""
    with turns.reading(means.engine) as tx:
        return attachments.chunk(tx, address, number)


def _measure(name: str, file: Source) -> tuple[int, str]:
    """Return size and SHA-256 (hex) of a file. Raises `Invalid` for an empty one, and one that is too large."""
    digest, size = hashlib.sha256(), 0
    for piece in _pieces(file):
        digest.update(piece)
        size += len(piece)
        if size > MAX_ATTACHMENT_BYTES:
            break
    if not 0 < size <= MAX_ATTACHMENT_BYTES:
        gibibytes = MAX_ATTACHMENT_BYTES // 1024**3
        raise Invalid(
            "attachment.size",
            f"The file {name!r} is {'empty' if size == 0 else f'over {gibibytes} GiB'}.",
            f"Attach files of 1 byte to {gibibytes} GiB.",
        )
    return size, digest.hexdigest()


def _pieces(file: Source) -> Iterator[bytes]:
    file.seek(0)
    while piece := file.read(CHUNK_BYTES):
        yield piece


def _strange(count: int) -> Invalid:
    return Invalid(
        "attachment.unknown",
        f"{count} chunks belong to no attachment of a record that is held here.",
        "Nothing is to be done: their record was refused, destroyed, or did not come yet.",
    )
