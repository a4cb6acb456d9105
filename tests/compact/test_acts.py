"""Stopping is quick, starting again is deliberate: who may do what about a compact, and what state that brings it to."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import permutations

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from amanat.compact.check import State
from amanat.compact.signing import LEAP, Act, accept_act, fold, read_act, remark, stands
from amanat.compact.terms import Terms, parse
from amanat.party import canonical, dsse, labels
from amanat.party.errors import Invalid, Problem, Refused
from compact.cast import (
    AGREED,
    IN_FORCE,
    MANIFESTS,
    NEIGHBOUR,
    NOW,
    PARTIES,
    act,
    custodians_of,
    next_version,
    signed_act,
    signed_act_bytes,
    terms_of,
)

AMENDED = parse(next_version())
TAKEN_OVER = {**MANIFESTS, "af": msgspec.structs.replace(MANIFESTS["af"], root=MANIFESTS["neighbour"].root)}
"""The manifests after those who were the neighbour's custodians became af's."""
KABUL = timezone(timedelta(hours=4, minutes=30))
PK, AF, OBS = (PARTIES[code].node for code in ("pk", "af", "obs"))


def take(done: Act, keys: Sequence[Ed25519PrivateKey], held: Sequence[Act] = (), *texts: Terms) -> Act:
    return accept_act(signed_act(done, keys), texts or (IN_FORCE,), MANIFESTS, held, NOW)


def no(done: Act, keys: Sequence[Ed25519PrivateKey], held: Sequence[Act] = (), *texts: Terms) -> Problem:
    with pytest.raises((Invalid, Refused)) as caught:
        take(done, keys, held, *texts)
    return caught.value


def state_of(acts: Sequence[Act], now: datetime = NOW, *texts: Terms) -> State:
    return fold(texts or (IN_FORCE,), acts, now)


class TestWhoMayAct:
    """A member's node suspends; its custodians, a threshold of them, may do all three."""

    def test_the_node_of_a_member_suspends(self) -> None:
        suspension = act("af", "suspend")
        assert take(suspension, [AF]) == suspension

    @pytest.mark.parametrize("what", ["suspend", "resume", "end"])
    def test_its_custodians_do_all_three(self, what: str) -> None:
        assert take(act("af", what), custodians_of("af")).act == what

    @pytest.mark.parametrize("what", ["resume", "end"])
    def test_its_node_neither_resumes_nor_ends(self, what: str) -> None:
        refused = no(act("af", what), [AF])
        assert (refused.code, refused.says) == (
            "act.unsigned",
            f"The act {what} of af is not signed by enough of its custodians.",
        )

    @pytest.mark.parametrize("what", ["suspend", "resume", "end"])
    @pytest.mark.parametrize(
        "keys",
        [[], custodians_of("af", each=1), custodians_of("pk"), [PK], [OBS]],
        ids=["nobody", "one custodian", "the other's custodians", "the other's node", "the observer's node"],
    )
    def test_nobody_else_acts_for_it(self, what: str, keys: list[Ed25519PrivateKey]) -> None:
        refused = no(act("af", what), keys)
        who = "its node or its custodians" if what == "suspend" else "enough of its custodians"
        assert (refused.code, refused.says) == ("act.unsigned", f"The act {what} of af is not signed by {who}.")

    @pytest.mark.parametrize("code", ["obs", "neighbour"])
    def test_only_members_act(self, code: str) -> None:
        refused = no(act(code, "suspend"), custodians_of(code))
        assert (refused.code, refused.says) == ("act.party", f"{code} is no member of pk-af.")

    def test_an_altered_signature_is_no_signature(self) -> None:
        signed = dsse.parse(signed_act(act("af", "suspend"), [AF]), labels.ACT, "act")
        other = dsse.parse(signed_act(act("af", "suspend", reason="another"), []), labels.ACT, "act")
        forged = dsse.Statement(other.payload, other.payload_type, signed.signatures)
        with pytest.raises(Invalid) as caught:
            accept_act(dsse.to_bytes(forged), (IN_FORCE,), MANIFESTS, (), NOW)
        assert caught.value.code == "statement.signature"

    def test_a_compact_is_no_act(self) -> None:
        with pytest.raises(Invalid) as caught:
            accept_act(
                dsse.to_bytes(dsse.sign(labels.COMPACT, AGREED, custodians_of("af"))), (IN_FORCE,), MANIFESTS, (), NOW
            )
        assert caught.value.code == "statement.type"

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            (b'"serial":1', b'"serial":0'),
            (b'"serial":1', b'"serial":9007199254740993'),
            (b'"reason":"a reason"', b'"reason":"a reason","until":"tomorrow"'),
            (b'"act":"suspend"', b'"act":"pause"'),
        ],
    )
    def test_it_says_what_acts_say_and_nothing_more(self, old: bytes, new: bytes) -> None:
        plain = canonical.encode(act("af", "suspend"))
        assert read_act(signed_act_bytes(plain, [AF])) == act("af", "suspend")
        with pytest.raises(Invalid) as caught:
            read_act(signed_act_bytes(plain.replace(old, new), [AF]))
        assert caught.value.code == "json.field"

    def test_times_are_whole_seconds_of_utc(self) -> None:
        with pytest.raises(Invalid, match="The time at is not a whole second of UTC"):
            act("af", "suspend", at=NOW.replace(microsecond=1))


class TestSignedAnew:
    """An act is what it says: whether it stands is asked of those who speak for its member now."""

    @pytest.mark.parametrize("what", ["suspend", "resume", "end"])
    def test_what_former_custodians_signed_stands_once_those_after_them_sign_it(self, what: str) -> None:
        before = signed_act(act("af", what), custodians_of("af"))
        after = signed_act(act("af", what), custodians_of("neighbour"))
        assert [stands(before, each) for each in (MANIFESTS, TAKEN_OVER)] == [True, False]
        assert [stands(after, each) for each in (MANIFESTS, TAKEN_OVER)] == [False, True]
        assert read_act(after) == read_act(before)

    def test_a_suspension_by_the_node_stands_whoever_its_custodians_are(self) -> None:
        assert stands(signed_act(act("af", "suspend"), [AF]), TAKEN_OVER)

    def test_no_act_stands_with_a_signature_that_fails(self) -> None:
        good = dsse.parse(signed_act(act("af", "resume"), custodians_of("af")), labels.ACT, "act")
        other = dsse.parse(signed_act(act("af", "resume", 2), custodians_of("af", each=1)), labels.ACT, "act")
        lines = {line.keyid: line for line in (*good.signatures, *other.signatures)}
        forged = msgspec.structs.replace(good, signatures=tuple(lines[keyid] for keyid in sorted(lines)))
        assert not stands(dsse.to_bytes(forged), MANIFESTS)


class TestText:
    """An act is about the compact, and names a text of it that is held."""

    @pytest.mark.parametrize("what", ["suspend", "resume", "end"])
    def test_an_act_about_another_text_does_nothing(self, what: str) -> None:
        assert no(act("af", what, compact="ab" * 32), custodians_of("af")).code == "act.compact"

    @pytest.mark.parametrize("what", ["suspend", "resume", "end"])
    def test_no_amendment_outruns_an_act_that_was_underway(self, what: str) -> None:
        done = act("af", what)
        assert take(done, custodians_of("af"), (), IN_FORCE, AMENDED) == done

    def test_an_act_about_a_text_to_come_does_nothing_yet(self) -> None:
        assert no(act("af", "suspend", compact=AMENDED.digest), [AF]).code == "act.compact"

    def test_who_was_no_member_of_the_text_it_names_does_not_act(self) -> None:
        joining = parse(next_version(NEIGHBOUR))
        about_joining = act("neighbour", "suspend", compact=joining.digest)
        assert take(about_joining, [PARTIES["neighbour"].node], (), IN_FORCE, joining) == about_joining
        before = act("neighbour", "suspend")
        assert no(before, [PARTIES["neighbour"].node], (), IN_FORCE, joining).code == "act.party"


class TestOrder:
    """Acts bear serials: none counts twice, none can be used up, and the order of their arrival changes nothing."""

    def test_an_act_played_again_does_nothing(self) -> None:
        suspension, resumption = act("af", "suspend"), act("af", "resume", 2)
        assert state_of([suspension, resumption, suspension]) == "active"

    @pytest.mark.parametrize("acts", list(permutations([act("af", "suspend", 1), act("af", "resume", 1)])))
    def test_of_two_acts_under_one_serial_the_suspension_counts(self, acts: Sequence[Act]) -> None:
        """Whichever came first at whom: what its own member leaves in doubt stays stopped, the same at all."""
        first, second = acts
        assert take(second, custodians_of("af"), [first]) == second
        assert state_of(acts) == "suspended"
        assert state_of([*acts, act("af", "resume", 2)]) == "active"

    def test_no_act_under_its_serial_takes_a_notice_back(self) -> None:
        """A node's key suspends, so that who stole one could else undo what custodians signed."""
        acts = [act("af", "end", 1), act("af", "suspend", 1), act("af", "resume", 2)]
        assert state_of(acts, NOW + timedelta(days=90)) == "ended"

    def test_two_acts_under_one_serial_are_remarked(self) -> None:
        held = [act("af", "suspend", 1), act("pk", "suspend", 2)]
        remarked = remark(act("af", "resume", 1), held, NOW)
        assert remarked is not None
        assert (remarked.code, remarked.says) == ("act.fork", "af signed two different acts under number 1.")
        assert remark(act("af", "suspend", 1), held, NOW) is None
        assert remark(act("af", "resume", 2), held, NOW) is None

    def test_each_member_counts_for_itself(self) -> None:
        assert take(act("af", "suspend", 1), [AF], [act("pk", "suspend", 1)]).serial == 1

    def test_serials_of_suspensions_leap_by_1000_and_no_further(self) -> None:
        assert take(act("af", "suspend", 1000), [AF]).serial == 1000
        assert no(act("af", "suspend", 1001), [AF]).code == "act.serial"
        assert no(act("af", "suspend", 1001), custodians_of("af")).code == "act.serial"

    @pytest.mark.parametrize("what", ["resume", "end"])
    def test_custodians_number_what_only_they_sign_as_they_will(self, what: str) -> None:
        """Whoever missed their acts before could else not follow them without all of those."""
        assert take(act("af", what, 9 * LEAP), custodians_of("af")).serial == 9 * LEAP

    def test_the_highest_serial_is_the_last_whole_number_that_every_reader_has(self) -> None:
        assert read_act(signed_act(act("af", "suspend", 2**53), [AF])).serial == 2**53

    @pytest.mark.parametrize("what", ["resume", "end"])
    def test_suspensions_are_counted_from_the_last_act_of_the_members_own_custodians(self, what: str) -> None:
        """Neither from an earlier one, nor from what another member did, nor from a suspension."""
        held = [
            *(act("af", what, LEAP), act("af", what, 1), act("af", "suspend", 2 * LEAP)),
            *(act("pk", "resume", 9 * LEAP), act("pk", "end", 9 * LEAP)),
        ]
        assert take(act("af", "suspend", 2 * LEAP), [AF], held).serial == 2 * LEAP
        refused = no(act("af", "suspend", 2 * LEAP + 1), [AF], held)
        assert (refused.says, refused.mend) == (
            "Custodians of af acted last under number 1000; this suspension has number 2001.",
            "Sign it with number 2000 at most, or let its custodians act first.",
        )

    def test_no_act_but_a_notice_ends_it_however_old(self) -> None:
        long_ago = act("af", "suspend", at=NOW - timedelta(days=91))
        assert state_of([long_ago]) == "suspended"
        assert state_of([long_ago, act("af", "resume", 2, at=NOW - timedelta(days=90))]) == "active"

    def test_a_notice_that_a_later_act_overtook_still_counts(self) -> None:
        """Whoever carries the sticks could else make a notice vanish by holding it back for a day."""
        held = [act("af", "suspend", 2)]
        notice = take(act("af", "end", 1), custodians_of("af"), held)
        assert state_of([*held, notice], NOW + timedelta(days=90)) == "ended"

    @pytest.mark.promised(
        "a thief who uses up the serials",
        "docs/threat-model.md",
        "The compact as a weapon",
        "cannot use up the serials",
    )
    def test_a_stolen_node_key_cannot_use_up_the_serials(self) -> None:
        """The highest number there is would leave custodians none to resume with; nor does it climb step by step."""
        refused = no(act("af", "suspend", 2**53), [AF])
        assert (refused.code, refused.mend) == (
            "act.serial",
            "Sign it with number 1000 at most, or let its custodians act first.",
        )
        highest = take(act("af", "suspend", LEAP), [AF])
        assert no(act("af", "suspend", LEAP + 1), [AF], [highest]).code == "act.serial"
        assert take(act("af", "resume", LEAP + 1), custodians_of("af"), [highest]).act == "resume"


class TestDate:
    """Clocks differ by hours; notice is counted from its date, and so given in time."""

    @pytest.mark.parametrize("what", ["suspend", "resume", "end"])
    def test_an_act_is_not_dated_ahead(self, what: str) -> None:
        assert take(act("af", what, at=NOW + timedelta(days=1)), custodians_of("af")).act == what
        late = act("af", what, at=NOW + timedelta(days=1, seconds=1))
        refused = no(late, custodians_of("af"))
        assert (refused.code, refused.says) == (
            "act.date",
            "The act is dated 2026-11-25T06:30:01Z, and it is 2026-11-24T06:30:00Z.",
        )

    def test_a_notice_counts_from_its_date_however_late_it_comes(self) -> None:
        """Another member may have had it in time: were it refused here, one would see an end and the other none."""
        late = act("af", "end", at=NOW - timedelta(days=90))
        assert take(late, custodians_of("af")) == late
        assert state_of([late]) == "ended"

    def test_a_notice_that_came_late_is_remarked(self) -> None:
        assert remark(act("af", "end", at=NOW - timedelta(days=14)), [], NOW) is None
        remarked = remark(act("af", "end", at=NOW - timedelta(days=14, seconds=1)), [], NOW)
        assert remarked is not None
        assert (remarked.code, remarked.says) == (
            "act.late",
            "af dated its notice 2026-11-10T06:29:59Z, and it came 2026-11-24T06:30:00Z.",
        )

    @pytest.mark.parametrize("what", ["suspend", "resume"])
    def test_an_old_date_keeps_no_other_act_from_counting(self, what: str) -> None:
        old = act("af", what, at=NOW - timedelta(days=90))
        assert take(old, custodians_of("af")) == old
        assert remark(old, [], NOW) is None


class TestState:
    """What the text's own dates and the acts accepted so far come to."""

    @pytest.mark.parametrize(
        ("now", "state"),
        [
            (datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC), "coming"),
            (datetime(2026, 1, 1, tzinfo=UTC), "active"),
            (datetime(2035, 12, 31, 23, 59, 59, tzinfo=UTC), "active"),
            (datetime(2036, 1, 1, tzinfo=UTC), "ended"),
        ],
    )
    def test_first_and_last_day_count_whole_in_utc(self, now: datetime, state: State) -> None:
        assert state_of([], now) == state
        assert state_of([], now.astimezone(KABUL)) == state

    def test_a_text_may_last_as_long_as_dates_do(self) -> None:
        endless = terms_of(("ends = 2035-12-31", "ends = 9999-12-31"))
        assert endless.ends == date(9999, 12, 31)
        assert state_of([], NOW, endless) == "active"

    @pytest.mark.parametrize(
        ("acts", "state"),
        [
            ([act("af", "suspend")], "suspended"),
            ([act("af", "suspend"), act("af", "resume", 2)], "active"),
            ([act("af", "suspend"), act("pk", "resume", 1)], "suspended"),
            ([act("af", "suspend"), act("pk", "suspend"), act("af", "resume", 2)], "suspended"),
            ([act("af", "suspend"), act("af", "resume", 2), act("af", "suspend", 3)], "suspended"),
            ([act("af", "suspend"), act("af", "end", 2)], "suspended"),
            ([act("af", "end", 1)], "active"),
        ],
    )
    def test_whoever_suspended_it_must_resume_it(self, acts: list[Act], state: State) -> None:
        assert {state_of(order) for order in permutations(acts)} == {state}

    def test_an_amendment_does_not_lift_a_suspension(self) -> None:
        assert state_of([act("af", "suspend")], NOW, IN_FORCE, AMENDED) == "suspended"

    def test_who_left_it_keeps_nobody_from_going_on(self) -> None:
        """It signed the text that leaves it out; a suspension of its own could never be lifted again."""
        joined = parse(next_version(NEIGHBOUR))
        left = parse(next_version((NEIGHBOUR[1], NEIGHBOUR[0]), after=joined))
        acts = [
            act("neighbour", what, serial, compact=joined.digest) for serial, what in enumerate(["suspend", "end"], 1)
        ]
        assert state_of(acts, NOW, IN_FORCE, joined) == "suspended"
        assert state_of(acts, NOW + timedelta(days=90), IN_FORCE, joined) == "ended"
        assert state_of(acts, NOW + timedelta(days=90), IN_FORCE, joined, left) == "active"

    @pytest.mark.parametrize("days", [1, 365])
    def test_an_amendment_makes_a_notice_neither_longer_nor_shorter(self, days: int) -> None:
        """Custodians may have signed it weeks before the notice was given: it would bind for years, or cut it off."""
        amended = parse(next_version(("notice_days = 90", f"notice_days = {days}")))
        notice = [act("af", "end")]
        assert state_of(notice, NOW + timedelta(days=90, seconds=-1), IN_FORCE, amended) == "active"
        assert state_of(notice, NOW + timedelta(days=90), IN_FORCE, amended) == "ended"
        under_it = [act("af", "end", compact=amended.digest)]
        assert state_of(under_it, NOW + timedelta(days=days, seconds=-1), IN_FORCE, amended) == "active"
        assert state_of(under_it, NOW + timedelta(days=days), IN_FORCE, amended) == "ended"

    def test_a_notice_ends_it_after_the_days_agreed_and_not_before(self) -> None:
        notice = [act("af", "end")]
        assert state_of(notice, NOW + timedelta(days=90, seconds=-1)) == "active"
        assert state_of(notice, NOW + timedelta(days=90)) == "ended"

    def test_no_later_act_takes_a_notice_back(self) -> None:
        acts = [act("af", "end"), act("af", "resume", 2), act("pk", "resume", 1)]
        assert state_of(acts, NOW + timedelta(days=90)) == "ended"

    def test_the_first_of_two_notices_ends_it(self) -> None:
        acts = [act("pk", "end", at=NOW + timedelta(days=30)), act("af", "end")]
        assert state_of(acts, NOW + timedelta(days=90)) == "ended"

    def test_a_notice_before_it_starts_may_end_it_before_it_starts(self) -> None:
        early = act("af", "end", at=datetime(2025, 9, 1, tzinfo=UTC))
        assert state_of([early], datetime(2025, 12, 15, tzinfo=UTC)) == "ended"


acts_done = st.lists(
    st.tuples(st.sampled_from(["pk", "af"]), st.sampled_from(["suspend", "resume", "end"]), st.integers(1, 3)),
    max_size=6,
    unique=True,
)


@given(acts_done, st.data())
def test_two_nodes_that_have_all_acts_agree_however_they_came(
    done: list[tuple[str, str, int]], data: st.DataObject
) -> None:
    """Neither a courier who shuffles sticks nor a member that signs two acts under one serial parts their states."""
    signed = [(act(code, what, serial), custodians_of(code)) for code, what, serial in done]
    here: list[Act] = []
    for each, keys in data.draw(st.permutations(signed)):
        here.append(take(each, keys, here))
    for days in (0, 90):
        now = NOW + timedelta(days=days)
        assert state_of(here, now) == state_of([each for each, _ in signed], now)
