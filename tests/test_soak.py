"""What `make soak` fuzzes for as long as it is told, each target tries here for a moment; and no parser is left out.

Law: an altered input is drawn from a number, so that what fails here fails again. Atheris is not needed.
"""

import ast
import sys
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any

import pytest

from soak.alter import altered
from soak.table import TARGETS
from soak.target import Target, run

HOUSE = Path(__file__).resolve().parent.parent / "src" / "amanat"
every_target = pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)

# Public functions that take bytes and are not fuzzed, by why their bytes are nobody else's.
OURS = {
    "makes bytes of what this node itself says": """
        exchange.bundle.write exchange.peer_auth.sign exchange.sequencer.commit log.cosignature.cosign_ed25519 log.lines.to_base64
        log.mirror.make_package log.note.sign_ed25519 log.tiles.encode_entries officer.audit.erase_before
        officer.audit.note officer.password.hashed officer.sessions.start officer.tokens.new party.dsse.pae
        party.dsse.sign party.fingerprint.qr_text
        officer.factor.address officer.factor.sealed officer.factor.written
        party.fingerprint.words party.key_file.lock party.types.to_base64 record.record.uuid7 seal.backup.seal_backup seal.header.address
    """,
    "takes keys and digests whose length the caller has checked, and computes": """
        log.note.ed25519_holds log.tree.append log.tree.grow log.tree.fold log.tree.leaf_hash log.tree.node_hash
        log.tree.parents party.key_id.key_id party.keys.sealing_private party.keys.sealing_public seal.again.wrap_again seal.header.aead_key seal.header.commitment seal.header.derive
        seal.header.wrap_info seal.sign.signed_bytes
    """,
    "keeps or gives back what a reader above has passed": """
        exchange.answers.renewed exchange.audit.signer_of exchange.receipt.shortest exchange.sequencer.own_lines exchange.sequencer.for_others exchange.witness.given exchange.witness.shown
        node.locked node.write_file officer.audit.amiss store.kept_back.keep store.logs.cosigned store.logs.first store.logs.replace_note
        store.mirrors.add store.mirrors.countersigned
        store.statements.add_act store.statements.add_compact store.statements.add_lexicon store.statements.add_manifest
        store.statements.sign_anew
        store.statements.drop_act
        cli.screen.show_body exchange.accept.read_by record.record.read_fields exchange.answers.stored_holding exchange.means.read_act store.attachments.take_word
        exchange.receipt.verified exchange.times.accepted exchange.shown.listed record.record.reread
        officer.factor.confirmed officer.factor.enrol officer.factor.judge officer.factor.offered officer.factor.require_own
        officer.factor.taken officer.factor.unsealed
        exchange.drafting.body_of exchange.means.read_ending exchange.receipt.policy_of store.logs.go_on
        workspaces.liaison.views.read_message workspaces.liaison.sealed.sealing.read
        store.statements.put_ending
    """,
    "reads the address of one of our pages, each part as the framework reads it": """
        console.filters.read_address
    """,
    "is a reader above, and the database or a file": """
        cli.options.take_in exchange.reconcile.note exchange.join.join exchange.join.learn node.read_key
    """,
}


def drivers(target: Target) -> set[str]:
    """The parsers that a target says it drives."""
    return {parser for reader in target.readers for parser in reader.parsers}


def called_by(target: Target, inputs: list[bytes]) -> set[str]:
    """Functions of the product, by module and name, that run while a target reads these inputs."""
    called = set[str]()

    def note(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and str(frame.f_globals.get("__name__")).startswith("amanat."):
            called.add(f"{frame.f_globals['__name__'].removeprefix('amanat.')}.{frame.f_code.co_qualname}")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        for data in inputs:
            assert list(run(target, data)) == []
    finally:
        sys.setprofile(before)
    return called


@every_target
def test_a_target_reads_its_seeds_by_every_parser_it_names(target: Target) -> None:
    assert drivers(target) - called_by(target, target.inputs()) == set()


@every_target
def test_whatever_is_done_to_a_seed_is_answered(target: Target) -> None:
    chance, seeds = Random(2026), target.inputs()
    for _ in range(target.tries):
        data = altered(target.form, chance.choice(seeds), chance)[: target.longest]
        assert list(run(target, data)) == [], data


def takers() -> set[str]:
    """Public functions that take bytes of any kind, or that are named for reading text; the demo reads its own alone."""
    found = set[str]()
    for path in HOUSE.rglob("*.py"):
        if {"tests", "demo"} & set(path.relative_to(HOUSE).parts):
            continue
        module = ".".join(path.relative_to(HOUSE).with_suffix("").parts).removesuffix(".__init__")
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                given = {ast.unparse(each.annotation) for each in node.args.args if each.annotation}
                named = node.name.startswith(("parse_", "read_")) and "str" in given
                if named or given & {"bytes", "BinaryIO", "Sequence[bytes]"}:
                    found.add(f"{module}.{node.name}")
    return found


def test_every_function_that_takes_bytes_is_fuzzed_or_said_to_be_ours() -> None:
    fuzzed = set[str]().union(*map(drivers, TARGETS.values()))
    ours = [name for names in OURS.values() for name in names.split()]
    assert sorted(takers() - fuzzed) == sorted(ours)
