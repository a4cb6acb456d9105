"""A file on its way in lies on the disk under no name, and nothing of it can be read there."""

import os
from pathlib import Path

from amanat.store.spool import Spool

SECRET = b"Exercise Nobody was seen at Torkham. " * 1000


def test_it_reads_as_it_was_written_as_often_as_one_likes(tmp_path: Path) -> None:
    with Spool(tmp_path, os.urandom) as spool:
        spool.write(SECRET[:1001])
        spool.write(SECRET[1001:])
        assert spool.size == len(SECRET)
        for _ in range(2):
            spool.seek(0)
            assert b"".join(iter(lambda: spool.read(999), b"")) == SECRET


def test_nothing_of_it_can_be_read_on_the_disk_where_it_has_no_name(tmp_path: Path) -> None:
    with Spool(tmp_path, os.urandom) as spool:
        spool.write(SECRET)
        spool.seek(0)  # all of it is written by then
        lies = os.pread(spool._file.fileno(), len(SECRET), 0)  # noqa: SLF001 - as a thief of the disk reads it
        assert (len(lies), lies[:37] in SECRET, b"Torkham" in lies) == (len(SECRET), False, False)
        assert list(tmp_path.iterdir()) == []
