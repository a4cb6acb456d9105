"""Vectors for checking receipts: a log of seven entries and its witnesses; bad ones are good ones with one change."""

import base64
import hashlib
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from log import naive

Chance = Callable[[bytes, Callable[[], bytes]], bytes]
Vector = dict[str, Any]

LOG, WITNESS, WITNESS_PQ = 1, 4, 6
ORIGIN = "af.amanat.example/pk-af"
AT = 1795674600  # 2026-11-26T06:30:00Z
SIZE, INDEX = 7, 2
ABOUT = (
    "Receipts for the envelope of envelope.json's vector `one` (`entry` is its SHA-256), each with the policy to check "
    "it by and what docs/protocol/receipt.md says comes of it. A vector with `of` is that vector's receipt with the "
    "first text of `replace` (it stands there once) replaced by the second."
)


def key_id(name: str, kind: int, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


def text64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


class Signer:
    """A named key of one type, made of one seed byte, that signs notes as docs/protocol/receipt.md says."""

    def __init__(self, name: str, kind: int, seed: int) -> None:
        """Take the key's name, type and seed byte."""
        self.name, self.kind = name, kind
        self._ed25519 = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        self._mldsa = MLDSA44PrivateKey.from_seed_bytes(bytes([seed]) * 32)
        self.public = (self._mldsa if kind == WITNESS_PQ else self._ed25519).public_key().public_bytes_raw()
        self.id = key_id(name, kind, self.public)

    @property
    def vkey(self) -> str:
        return f"{self.name}+{self.id.hex()}+{text64(bytes([self.kind]) + self.public)}"

    def line(self, tree: "Tree", chance: Chance, time: int = AT) -> str:
        """The signature line over a tree's checkpoint."""
        when = b"" if self.kind == LOG else time.to_bytes(8)
        message = tree.text if self.kind == LOG else b"cosignature/v1\ntime %d\n" % time + tree.text
        if self.kind == WITNESS_PQ:
            message = b"subtree/v1\n\0" + _opaque(self.name) + when + _opaque(tree.origin) + bytes(8) + tree.head
            signature = chance(b"mldsa" + self.public + message, lambda: self._mldsa.sign(message))
        else:
            signature = self._ed25519.sign(message)
        return f"\u2014 {self.name} {text64(self.id + when + signature)}\n"


class Tree:
    """A log's entries, and what its checkpoint says of them."""

    def __init__(self, entries: list[bytes], origin: str = ORIGIN, size: int = 0) -> None:
        """Take the entries, the log's origin, and the size claimed where it is not theirs."""
        self.entries, self.origin = entries, origin
        self.root, self.size = naive.mth(entries), size or len(entries)
        self.head = self.size.to_bytes(8) + self.root
        self.text = f"{origin}\n{self.size}\n{text64(self.root)}\n".encode()

    def receipt(self, index: int, *lines: str) -> str:
        """The receipt for the entry at `index`, under this tree's checkpoint with these signature lines."""
        path = "".join(text64(each) + "\n" for each in naive.path(index, self.entries))
        extra = text64(self.entries[index])
        head = f"c2sp.org/tlog-proof@v1\nextra {extra}\nindex {index}\n{path}\n"
        return head + self.text.decode() + "\n" + "".join(lines)


AF = Signer(ORIGIN, LOG, 11)
AF_PQ = Signer("af.amanat.example/witness", WITNESS_PQ, 12)
PK = Signer("pk.amanat.example/witness", WITNESS_PQ, 13)
OBS = Signer("obs.amanat.example/witness", WITNESS, 14)
STRANGER = Signer("stranger.example/witness", WITNESS, 15)
PK_LOG = Signer("pk.amanat.example/pk-af", LOG, 16)

POLICIES = {
    "af": f"log {AF.vkey}\nwitness pk {PK.vkey}\nwitness obs {OBS.vkey}\ngroup all-sides all pk obs\nquorum all-sides\n",
    "pk": f"log {PK_LOG.vkey}\nwitness obs {OBS.vkey}\nquorum obs\n",
    "any of two": f"# either will do\nlog {AF.vkey} https://af.amanat.example/\n\n\twitness pk  {PK.vkey}\n"
    f"witness obs {OBS.vkey}\ngroup either any pk obs\nquorum either\n",
    "nested": f"log {AF.vkey}\nwitness pk {PK.vkey}\nwitness obs {OBS.vkey}\nwitness s {STRANGER.vkey}\n"
    "group outer 1 obs s\ngroup whole 2 pk outer\nquorum whole\n",
    "none": f"log {AF.vkey}\nquorum none\n",
    "one witness, two names": f"log {AF.vkey}\nwitness a {OBS.vkey}\nwitness b {OBS.vkey}\ngroup g all a b\nquorum g\n",
    "a member twice": f"log {AF.vkey}\nwitness a {OBS.vkey}\ngroup g 2 a a\nquorum g\n",
    "no quorum line": f"log {AF.vkey}\nwitness obs {OBS.vkey}\n",
}


def receipts(chance: Chance, envelope: bytes) -> Vector:
    """The whole file."""
    entry = hashlib.sha256(envelope).digest()
    tree = Tree([entry if at == INDEX else hashlib.sha256(bytes([at])).digest() for at in range(SIZE)])
    return {
        "about": ABOUT,
        "entry": entry.hex(),
        "policies": POLICIES,
        "vectors": [*_good(tree, entry, chance), *_bad(tree, entry, chance)],
    }


def _good(tree: Tree, entry: bytes, chance: Chance) -> list[Vector]:
    log, own = AF.line(tree, chance), AF_PQ.line(tree, chance)
    pk, obs, stranger = PK.line(tree, chance, AT + 60), OBS.line(tree, chance, AT + 5), STRANGER.line(tree, chance)
    again, untimed = OBS.line(tree, chance, AT + 90), PK.line(tree, chance, 0)
    alone, bare = Tree([entry]), tree.receipt(INDEX, log)
    # name: policy, receipt, state, who countersigned, the earliest time
    holds: dict[str, tuple[str, str, str, list[str], int | None]] = {
        "final": ("af", tree.receipt(INDEX, log, own, pk, obs), "final", ["pk", "obs"], AT + 5),
        "provisional": ("af", tree.receipt(INDEX, log, own, obs), "provisional", ["obs"], AT + 5),
        "countersigned by nobody": ("af", bare, "provisional", [], None),
        "no quorum asked": ("none", bare, "final", [], None),
        "without extra": ("none", bare.replace(f"extra {text64(entry)}\n", ""), "final", [], None),
        "the only entry": ("none", alone.receipt(0, AF.line(alone, chance)), "final", [], None),
        "strangers passed over": ("any of two", tree.receipt(INDEX, stranger, log, obs), "final", ["obs"], AT + 5),
        "a group of groups": ("nested", tree.receipt(INDEX, log, pk, stranger), "final", ["pk", "s"], AT),
        "one witness twice": ("af", tree.receipt(INDEX, log, again, obs), "provisional", ["obs"], AT + 5),
        "untimed": ("any of two", tree.receipt(INDEX, log, untimed), "final", ["pk"], None),
    }
    return [
        {"name": name, "policy": policy, "receipt": receipt, "holds": _found(name, state, by, before)}
        for name, (policy, receipt, state, by, before) in holds.items()
    ]


def _found(name: str, state: str, by: list[str], before: int | None) -> Vector:
    index = 0 if name == "the only entry" else INDEX
    return {"state": state, "log": ORIGIN, "index": index, "countersigned": by, "no_later_than": before}


def _bad(tree: Tree, entry: bytes, chance: Chance) -> list[Vector]:
    """By step of docs/protocol/receipt.md: what is replaced in `final`, or a receipt of its own."""
    log, obs = AF.line(tree, chance), OBS.line(tree, chance, AT + 5)
    first, second = (text64(each) for each in naive.path(INDEX, tree.entries)[:2])
    root, other = text64(tree.root), text64(bytes(32))
    fork = Tree([*tree.entries[:-1], bytes(32)])
    edits = {
        "not a receipt": (1, "c2sp.org/tlog-proof@v1\n", "PK\x03\x04\n"),
        "another version": (1, "tlog-proof@v1", "tlog-proof@v2"),
        "extra not in base64's one form": (1, f"{text64(entry)[:-2]}{text64(entry)[-2]}=", _loose(entry)),
        "a hash not in base64's one form": (1, first, _loose(naive.path(INDEX, tree.entries)[0])),
        "a hash without padding": (1, first, first[:-1]),
        "an index with a leading zero": (1, "index 2\n", "index 02\n"),
        "a size with a leading zero": (1, "\n7\n", "\n07\n"),
        "carriage returns": (1, "index 2\n", "index 2\r\n"),
        "a tab": (1, "index 2", "index\t2"),
        "a line too many before index": (1, "index 2\n", "note x\nindex 2\n"),
        "another index": (2, "index 2\n", "index 3\n"),
        "an index beyond the log": (2, "index 2\n", "index 7\n"),
        "a hash altered": (2, first, other),
        "a hash left out": (2, f"{second}\n", ""),
        "a hash too many": (2, f"{second}\n", f"{second}\n{other}\n"),
        "hashes exchanged": (2, f"{first}\n{second}\n", f"{second}\n{first}\n"),
        "root altered": (2, root, other),
        "size altered": (3, "\n7\n", "\n8\n"),
        "origin altered": (3, f"\n{ORIGIN}\n7", "\naf.amanat.example/other\n7"),
        "an extension line added": (3, f"{root}\n", f"{root}\nx\n"),
        "the log's signature altered": (3, log, _bent(log)),
        "the log's signature left out": (3, log, ""),
        "the witness's signature altered": (3, obs, _bent(obs)),
        "the witness's time altered": (3, obs, _bent(obs, 12)),
        "the post-quantum signature altered": (
            3,
            PK.line(tree, chance, AT + 60),
            _bent(PK.line(tree, chance, AT + 60)),
        ),
        "signed for another root": (3, log, AF.line(fork, chance)),
    }
    made = [
        {"name": name, "policy": "af", "of": "final", "replace": [old, new], "fails": step}
        for name, (step, old, new) in edits.items()
    ]
    return [*made, *_bad_wholes(tree, entry, chance)]


def _bad_wholes(tree: Tree, entry: bytes, chance: Chance) -> list[Vector]:
    log, obs = AF.line(tree, chance), OBS.line(tree, chance, AT + 5)
    claimed = Tree([entry, bytes(32)], size=1)
    overlong = claimed.receipt(0, AF.line(claimed, chance))
    elsewhere = Tree(tree.entries, PK_LOG.name)
    of_pk = elsewhere.receipt(INDEX, PK_LOG.line(elsewhere, chance))
    both = tree.receipt(INDEX, log, obs)
    wholes: dict[str, tuple[int, str, str]] = {
        "cut off": (1, "none", tree.receipt(INDEX, log)[:-1]),
        "no signature at all": (1, "none", tree.receipt(INDEX)),
        "65 signatures": (
            1,
            "none",
            tree.receipt(INDEX, log, *[STRANGER.line(tree, chance, AT + at) for at in range(64)]),
        ),
        "a path longer than the tree is high": (2, "none", overlong),
        "another log": (3, "af", of_pk),
        "another party's policy": (3, "pk", both),
        "one witness good and bad": (3, "af", tree.receipt(INDEX, log, obs, _bent(obs))),
        "a policy that names one key twice": (3, "one witness, two names", both),
        "a policy that counts a member twice": (3, "a member twice", both),
        "a policy without quorum": (3, "no quorum line", both),
    }
    return [
        {"name": name, "policy": policy, "receipt": receipt, "fails": step}
        for name, (step, policy, receipt) in wholes.items()
    ]


def _opaque(name: str) -> bytes:
    data = name.encode()
    return bytes([len(data)]) + data


def _bent(line: str, at: int = 20) -> str:
    """The line with one bit of its signature, or of what `at` points to among its bytes, turned."""
    head, _, material = line.rstrip("\n").rpartition(" ")
    raw = bytearray(base64.b64decode(material))
    raw[at] ^= 1
    return f"{head} {text64(bytes(raw))}\n"


def _loose(raw: bytes) -> str:
    """Base64 of the same 32 bytes whose unused bits are not zero."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    text = text64(raw)
    return f"{text[:-2]}{alphabet[alphabet.index(text[-2]) + 1]}="
