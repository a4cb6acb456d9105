"""A name and a key are one party's own: nothing that another signed is laid to them."""

from pathlib import Path

import msgspec
import pytest

from amanat.exchange import join
from amanat.exchange.means import begin
from amanat.log.checkpoint import Checkpoint
from amanat.log.note import Note, sign_ed25519
from amanat.party import canonical, dsse, labels
from amanat.party.errors import Invalid
from amanat.party.fingerprint import fingerprint
from amanat.store import mirrors
from amanat.store.mirrors import Checkpointed
from border import Border
from side import side


@pytest.mark.promised("the name of another's log", "docs/threat-model.md", "The other party", "which binds only itself")
@pytest.mark.parametrize(("field", "code"), [("name", "manifest.name"), ("witness_pq", "manifest.key")])
def test_a_first_manifest_with_the_name_or_a_key_of_another_is_refused(
    border: Border, tmp_path: Path, field: str, code: str
) -> None:
    """Else its log would be taken for the other's, and its roots for the other's fork."""
    (tmp_path / "new").mkdir()
    new = side("new", tmp_path / "new", border.clock)
    taken = msgspec.structs.replace(new.manifest, **{field: getattr(border.pk.manifest, field)})
    statement = dsse.to_bytes(dsse.sign(labels.MANIFEST, canonical.encode(taken), new.custodians[:2]))
    with pytest.raises(Invalid) as caught:
        join.learn(statement, fingerprint(taken.root), border.obs.means)
    assert caught.value.code == code
    with begin(border.obs.means) as turn:
        assert "new" not in turn.known.manifests
    new.means.engine.dispose()


def unsigned(border: Border, origin: str, size: int) -> bytes:
    """A checkpoint of a log by the key of another party's."""
    text = Checkpoint(origin, size, bytes(32)).text()
    return Note(text, (sign_ed25519(text, origin, border.af.means.keys.log),)).encode()


def test_a_note_that_the_logs_party_never_signed_proves_no_fork(border: Border) -> None:
    """Whatever was kept under its name: a party answers for its own signatures only."""
    border.dishonest.add("pk")
    border.pk.send("af")
    origin = f"{border.pk.manifest.name}/pk-af"
    copy = border.obs.snapshot()
    with begin(border.obs.means) as turn:
        mirrors.countersigned(turn.tx, origin, 1, unsigned(border, origin, 1))
        mirrors.wait_for(turn.tx, origin, Checkpointed(2, unsigned(border, origin, 2)), 0)
    assert border.carry("pk", "obs").problems == []
    assert border.obs.evidence() == []
    border.obs.restore(copy)
