"""A node that is being served takes up the keys that were changed beside it, and goes on."""

from pathlib import Path

import pytest

from amanat import node
from api.cast import desk
from border import Border
from cheap import CHEAP
from side import public_id
from wire import connected, eventually

SPOKEN = "correct horse battery"


@pytest.fixture(autouse=True)
def cheap_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node, "COST", CHEAP)


def followed(border: Border, folder: Path) -> node.KeyFile:
    """The key file of pk's node, as the served node sees it."""
    node.write_key(folder, node.NodeKey("pk", border.pk.secrets), SPOKEN)
    return node.KeyFile(folder, SPOKEN, node.stamp_of(folder))


def test_it_speaks_by_the_new_keys_once_the_old_are_revoked(border: Border, tmp_path: Path) -> None:
    key = followed(border, tmp_path)
    with connected(border) as nodes:
        nodes["pk"].lines.new_keys = key.changed
        first = border.af.send("pk", text="before")
        eventually(lambda: border.af.delivery(first, "pk") == "final")
        stolen = public_id(border.pk.means.keys.record)
        border.pk.rotate("sealing")  # which a node holds before a manifest names it, or it refuses what is sealed to it
        node.write_key(tmp_path, node.NodeKey("pk", border.pk.secrets), SPOKEN)
        eventually(lambda: nodes["pk"].reception.means.keys.sealing.keys() == border.pk.means.keys.sealing.keys())
        border.pk.rotate("record", "log", "witness", "witness_pq")
        revoked = border.pk.revoke(stolen)
        node.write_key(tmp_path, node.NodeKey("pk", border.pk.secrets), SPOKEN)
        for other in (border.af, border.obs):
            assert not other.take("manifest", revoked).problems
        second, back = border.af.send("pk", text="after"), border.pk.send("af", text="after, back")
        eventually(lambda: border.af.delivery(second, "pk") == "final")
        eventually(lambda: border.pk.delivery(back, "af") == "final")
        eventually(lambda: nodes["pk"].lines.standing()["af"].state == "up")
        assert nodes["pk"].reception.means.keys.record.public_key() == border.pk.means.keys.record.public_key()


def test_what_its_officers_send_is_signed_by_the_new_keys_too(border: Border, tmp_path: Path) -> None:
    key = followed(border, tmp_path)
    with desk(border.pk) as served:
        served.node.lines.new_keys = key.changed
        stolen = public_id(border.pk.means.keys.record)
        border.pk.rotate("record")
        revoked = border.pk.revoke(stolen)
        node.write_key(tmp_path, node.NodeKey("pk", border.pk.secrets), SPOKEN)
        eventually(lambda: public_id(served.node.reception.means.keys.record) != stolen)
        served.send(text="by the new key")
    assert not border.af.take("manifest", revoked).problems
    assert not border.carry("pk", "af").problems
    assert [record.body.text for record in border.af.received()] == ["by the new key"]


def test_a_file_that_does_not_open_leaves_the_keys_as_they_are(border: Border, tmp_path: Path) -> None:
    key = followed(border, tmp_path)
    (tmp_path / node.KEY_FILE).write_bytes(b"{}")
    assert key.changed() is None
    node.write_key(tmp_path, node.NodeKey("pk", border.pk.secrets), SPOKEN)
    assert key.changed() is not None
    assert key.changed() is None


def test_a_file_that_is_gone_leaves_them_too(border: Border, tmp_path: Path) -> None:
    key = followed(border, tmp_path)
    (tmp_path / node.KEY_FILE).unlink()
    assert key.changed() is None
