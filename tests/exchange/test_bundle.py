"""A bundle that is not whole is refused whole; one that is may come in any order, and again, and changes nothing more."""

import hashlib
import io
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amanat.exchange import bundle
from amanat.exchange.bundle import Item
from amanat.exchange.withdraw import withdraw
from amanat.party.errors import Invalid
from amanat.record.notices import Withdrawal
from amanat.record.record import Ref
from border import Border

WHOLE = (
    b"amanat/bundle/v1 pk af\n"
    b"manifest 3\nabc\n"
    b"envelope 0\n\n"
    b"envelope 6\nend 1 \n"
    b"heartbeat 1\n\n\n"
    b"end 4 4325c8b645b4c77157c56a4bc0e3dffede8a231c2a431d7fb16a0f2179b6766b\n"
)
MANY = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)


def framed(*lines: bytes) -> bytes:
    """These lines after a first one, closed by a last line that fits them."""
    body = b"amanat/bundle/v1 pk af\n" + b"".join(lines)
    count = sum(1 for line in lines if line)
    return body + b"end %d %s\n" % (count, hashlib.sha256(body).hexdigest().encode())


def items(data: bytes) -> list[Item]:
    return list(bundle.read(io.BytesIO(data)))


def code(data: bytes) -> str:
    with pytest.raises(Invalid) as caught:
        bundle.verify(io.BytesIO(data))
    return caught.value.code


# --- the frame, byte by byte ------------------------------------------------------------------------------------------


def test_a_bundle_is_these_bytes() -> None:
    file = io.BytesIO()
    carried = [Item("manifest", b"abc"), Item("envelope", b""), Item("envelope", b"end 1 "), Item("heartbeat", b"\n")]
    assert bundle.write(file, "pk", "af", carried) == 4
    assert file.getvalue() == WHOLE
    assert items(WHOLE) == carried


def test_a_bundle_may_be_empty() -> None:
    assert items(framed()) == []


@pytest.mark.parametrize("at", range(len(WHOLE)))
def test_cut_off_at_any_byte_it_is_no_bundle(at: int) -> None:
    assert code(WHOLE[:at]).startswith("bundle.")


@MANY
@given(at=st.integers(0, len(WHOLE) - 1), to=st.integers(0, 255))
def test_no_byte_of_it_can_be_another(at: int, to: int) -> None:
    damaged = WHOLE[:at] + bytes([to]) + WHOLE[at + 1 :]
    if damaged != WHOLE:
        assert code(damaged).startswith("bundle.")


@MANY
@given(st.binary(max_size=400))
def test_noise_is_no_bundle(noise: bytes) -> None:
    assert code(noise) == "bundle.first"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (framed(b"envelope 1\na\n", b"manifest 1\na\n"), "bundle.order"),
        (framed(b"note 1\na\n"), "bundle.item"),
        (framed(b"envelope 01\na\n"), "bundle.item"),
        (framed(b"envelope -1\na\n"), "bundle.item"),
        (framed(b"envelope 1 \na\n"), "bundle.item"),
        (framed(b"envelope 1\r\na\n"), "bundle.item"),
        (framed(b"ENVELOPE 1\na\n"), "bundle.item"),
        (framed(b"envelope 2\na\n"), "bundle.truncated"),
        (framed(b"envelope 1\nab\n"), "bundle.truncated"),
        (framed(b"envelope 4194305\na\n"), "bundle.size"),
        (framed(b"envelope 9999999999\na\n"), "bundle.size"),
        (framed(b"envelope 10000000000\na\n"), "bundle.item"),
        (framed(b"envelope " + b"1" * 4096 + b"\n"), "bundle.item"),
        (framed() + b"\n", "bundle.end"),
        (framed() + framed().split(b"\n", 1)[1], "bundle.end"),
        (framed() + framed(), "bundle.end"),
        (framed(b"envelope 1\na\n").replace(b"end 1", b"end 2"), "bundle.end"),
        (framed(b"envelope 1\na\n").replace(b"\na\n", b"\nb\n"), "bundle.end"),
        (framed(b"envelope 1\na\n").rstrip(b"\n"), "bundle.end"),
        (framed().replace(b"/v1", b"/v2"), "bundle.first"),
        (framed().replace(b"pk af", b"pk"), "bundle.first"),
        (framed().replace(b"pk af", b"PK af"), "bundle.first"),
        (framed().replace(b"pk af", b"pk af obs"), "bundle.first"),
        (framed().replace(b"pk af", b"pk " + b"a" * 17), "bundle.first"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_error_names_what_is_wrong(data: bytes, expected: str) -> None:
    assert code(data) == expected


def test_an_item_may_have_four_mebibytes_and_no_more() -> None:
    assert code(framed(b"envelope 4194305\n" + bytes(4194305) + b"\n")) == "bundle.size"
    (item,) = items(framed(b"envelope 4194304\n" + bytes(4194304) + b"\n"))
    assert len(item.data) == 4 * 1024 * 1024


# --- nothing of a damaged one is taken in -----------------------------------------------------------------------------


@pytest.mark.promised("an altered byte", "docs/protocol/bundle.md", "Frame", "then nothing of it MUST be taken in")
@MANY
@given(data=st.data())
def test_a_stick_damaged_anywhere_leaves_no_trace(stick: tuple[Border, bytes, str], data: st.DataObject) -> None:
    border, whole, before = stick
    at = data.draw(st.integers(0, len(whole) - 1))
    damage: Callable[[bytes], bytes] = data.draw(
        st.sampled_from(
            [
                lambda held: held[:at],
                lambda held: held[:at] + bytes([held[at] ^ 1 << at % 8]) + held[at + 1 :],
                lambda held: held[:at] + held[at + 1 :],
                lambda held: held[:at] + b"\n" + held[at:],
                lambda held: held[:at] + held[at // 2 :],
            ]
        )
    )
    if damage(whole) != whole:
        with pytest.raises(Invalid, match=r"."):
            border.insert("af", damage(whole))
        assert border.af.content() == before


@pytest.fixture
def stick(border: Border) -> tuple[Border, bytes, str]:
    """A border, a stick from pk to af, and what af holds before it."""
    border.pk.send("af")
    return border, border.bundle("pk", "af"), border.af.content()


@pytest.mark.promised(
    "a bundle in another's name", "docs/protocol/bundle.md", "Frame", "A file made by somebody else is harmless"
)
@pytest.mark.parametrize("first", [b"obs af", b"af af", b"xx af"], ids=["another", "ourselves", "a stranger"])
def test_a_bundle_in_anothers_name_brings_nothing_in(border: Border, first: bytes) -> None:
    """Nobody signs the first line: what stands in it is a claim, and every item is judged by it and by its signature."""
    sent = border.pk.send("af")
    whole = border.bundle("pk", "af")
    body = whole.replace(b"pk af", first, 1)
    body = body[: body.rindex(b"end ")]
    count = whole[whole.rindex(b"end ") :].split()[1]
    border.dishonest.add("obs")
    report = border.insert("af", body + b"end %s %s\n" % (count, hashlib.sha256(body).hexdigest().encode()))
    assert border.af.received() == []
    assert "heartbeat" in [type_ for type_, _ in report.problems]
    border.exchange("pk", "af")
    assert border.af.received() == [sent.record]
    assert border.pk.delivery(sent, "af") == "provisional"


# --- any order, any number of times -----------------------------------------------------------------------------------


@pytest.fixture
def sticks(border: Border) -> tuple[Border, bytes, list[bytes]]:
    """A border, af's empty database, and four sticks of which each says more than the one before."""
    empty = border.af.snapshot()
    made = [border.bundle("obs", "af")]
    first = border.pk.send("af", text="one lorry")
    made.append(border.bundle("pk", "af"))
    border.pk.rotate("record", "sealing", "log")
    second = border.pk.send("af", text="two lorries", refs=(Ref("supersedes", *first.record.key),))
    made.append(border.bundle("pk", "af"))
    withdraw(second.record.fields.id, Withdrawal("mistaken"), border.pk.post, border.pk.means)
    border.pk.send("af", text="no lorry")
    made.append(border.bundle("pk", "af"))
    return border, empty, made


@settings(MANY, max_examples=25)
@given(order=st.lists(st.integers(0, 3), max_size=5).flatmap(lambda more: st.permutations([0, 1, 2, 3, *more])))
def test_sticks_in_any_order_and_number_reach_the_same_state(
    sticks: tuple[Border, bytes, list[bytes]], order: list[int]
) -> None:
    border, empty, made = sticks
    border.af.restore(empty)
    reports = [border.insert("af", made[number]) for number in order]
    assert [report.problems for report in reports] == [[]] * len(order)
    assert reports[-1].gaps == []
    assert border.af.states() == {
        "no lorry": "current",
        "one lorry": "superseded",
        "two lorries": "withdrawn",
        "record.withdrawal": "current",
    }
    assert border.af.evidence() == []
