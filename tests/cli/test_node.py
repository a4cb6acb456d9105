"""A party's files: what a crash leaves halfway is made whole by giving the command again, and nothing is lost."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from amanat import node
from amanat.cli import main
from amanat.party.errors import Fault, Invalid
from amanat.party.keys import node_keys
from amanat.store.tables import MANIFEST
from cheap import cheap_keys

SPOKEN = "correct horse battery"


class Crash(BaseException):
    """The power went."""


@pytest.fixture(autouse=True)
def cheaply() -> Iterator[None]:
    with cheap_keys():
        yield


def crash(*_: object, **_named: object) -> None:
    raise Crash


@pytest.mark.parametrize("step", ["write_key", "locked", "new_secrets"])
def test_a_crash_before_the_key_file_leaves_a_folder_that_can_be_made_a_node(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(node, step, crash)
        with pytest.raises(Crash):
            node.create(tmp_path, "pk", SPOKEN)
    assert not (tmp_path / node.KEY_FILE).exists()
    node.create(tmp_path, "pk", SPOKEN).engine.dispose()
    assert node.open_node(tmp_path, SPOKEN).party == "pk"


def test_a_crash_while_the_database_is_made_is_no_worse(tmp_path: Path) -> None:
    (tmp_path / node.DATABASE).write_bytes(b"")
    node.create(tmp_path, "pk", SPOKEN).engine.dispose()
    assert node.open_node(tmp_path, SPOKEN).party == "pk"


def test_a_node_is_never_made_over_another(tmp_path: Path) -> None:
    node.create(tmp_path, "pk", SPOKEN).engine.dispose()
    with pytest.raises(Invalid, match="holds a node already"):
        node.create(tmp_path, "pk", SPOKEN)


def test_a_database_with_anything_in_it_stands_even_without_its_key_file(tmp_path: Path) -> None:
    """Its key file may lie in a safe."""
    means = node.create(tmp_path, "pk", SPOKEN)
    with means.engine.begin() as tx:
        tx.execute(MANIFEST.insert(), {"party": "pk", "serial": 1, "data": b"x"})
    means.engine.dispose()
    (tmp_path / node.KEY_FILE).unlink()
    before = (tmp_path / node.DATABASE).read_bytes()
    with pytest.raises(Fault, match="exists already"):
        node.create(tmp_path, "pk", SPOKEN)
    assert (tmp_path / node.DATABASE).read_bytes() == before


# --- files ------------------------------------------------------------------------------------------------------------


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def begin_and_crash(file: Path) -> None:
    with node.writing(file) as half:
        half.write(b"half a fi")
        raise Crash


def test_a_file_that_was_not_written_to_its_end_is_none(tmp_path: Path) -> None:
    file = tmp_path / "to-af"
    file.write_bytes(b"old")
    with pytest.raises(Crash):
        begin_and_crash(file)
    assert (names(tmp_path), file.read_bytes()) == (["to-af"], b"old")


def test_what_a_crash_left_of_a_file_goes_when_it_is_written_again(tmp_path: Path) -> None:
    """It may be a key file that holds keys which were forgotten since."""
    file, beside = tmp_path / "node.key", tmp_path / ".node.key.note"
    beside.write_bytes(b"somebody else's")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Path, "unlink", crash)
        with pytest.raises(Crash):
            begin_and_crash(file)
    assert len(names(tmp_path)) == 2
    node.write_file(file, b"new key", mode=0o600)
    assert (names(tmp_path), file.read_bytes()) == ([".node.key.note", "node.key"], b"new key")
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_disk_that_takes_nothing_is_named_by_the_file(tmp_path: Path) -> None:
    with pytest.raises(Fault, match=f"{tmp_path}/no/to-af could not be written: No such") as caught:
        node.write_file(tmp_path / "no" / "to-af", b"")
    assert caught.value.code == "file.write"


def test_a_node_without_a_secret_of_its_own_is_not_served_and_doctor_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As one put back from an earlier version's backup is: nobody could sign in there."""
    node.create(tmp_path, "pk", SPOKEN).engine.dispose()
    old = msgspec.structs.replace(node.read_key(tmp_path, SPOKEN).secrets, own="")
    node.write_key(tmp_path, node.NodeKey("pk", old), SPOKEN)
    (tmp_path / "pass").write_text(f"{SPOKEN}\n")
    at = ["-C", str(tmp_path), "--passphrase-file", str(tmp_path / "pass")]
    assert main(["node", "serve", *at]) == 4
    assert "Upgrade the node: `amanat node upgrade`." in capsys.readouterr().err
    main(["doctor", "--offline", *at])
    assert "no secret of its own" in capsys.readouterr().out
    assert main(["node", "upgrade", *at]) == 0
    main(["doctor", "--offline", *at])
    assert "no secret of its own" not in capsys.readouterr().out


def test_a_node_of_before_there_was_one_is_given_a_secret_of_its_own_by_the_upgrade_and_keeps_it(
    tmp_path: Path,
) -> None:
    node.create(tmp_path, "pk", SPOKEN).engine.dispose()
    made = node.read_key(tmp_path, SPOKEN)
    old = msgspec.structs.replace(made.secrets, own="")
    node.write_key(tmp_path, node.NodeKey("pk", old, old), SPOKEN)
    node.upgrade(tmp_path, SPOKEN)
    given = node.read_key(tmp_path, SPOKEN)
    assert given.coming == given.secrets
    assert msgspec.structs.replace(given.secrets, own="") == old
    assert len(node_keys(given.secrets).own) == 32
    node.upgrade(tmp_path, SPOKEN)
    assert node.read_key(tmp_path, SPOKEN) == given
