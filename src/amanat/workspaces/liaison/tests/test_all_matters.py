"""Matters of every part at three nodes say one thing, in whatever order their records came, whatever clocks and restarts.

Law: an officer does what a page would offer, by its form; sticks are kept back, brought late, twice, and in any order.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from hypothesis import event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from amanat.exchange.means import look
from amanat.officer.may import at_machine
from amanat.party.errors import Problem
from amanat.record.record import Record
from amanat.workspaces.liaison.incidents import waiting as incidents_waiting
from amanat.workspaces.liaison.measures import rules as measures
from amanat.workspaces.liaison.measures import waiting as measures_waiting
from amanat.workspaces.liaison.meetings import rules as meetings
from amanat.workspaces.liaison.meetings import waiting as meetings_waiting
from amanat.workspaces.liaison.notices import rules as notices
from amanat.workspaces.liaison.notices import waiting as notices_waiting
from amanat.workspaces.liaison.sealed import rules as sealed
from amanat.workspaces.liaison.sealed import waiting as sealed_waiting
from amanat.workspaces.liaison.tests import warnings_cast
from amanat.workspaces.liaison.tests.all_cast import over
from amanat.workspaces.liaison.tests.beside_cast import PART, PLAN
from amanat.workspaces.liaison.tests.incidents_cast import FIRED, says
from amanat.workspaces.liaison.tests.lines import DUTY, of
from amanat.workspaces.liaison.tracks import acts
from amanat.workspaces.liaison.tracks import rules as tracks
from amanat.workspaces.liaison.tracks import waiting as tracks_waiting
from amanat.workspaces.liaison.warnings import rules as warnings
from amanat.workspaces.liaison.year import page as year
from border import Border, brought, meet

SIDES: Final = ("pk", "af")
ALL: Final = (*SIDES, "obs")
SIDE, WHICH = st.sampled_from(SIDES), st.integers(0, 30)
MOST_KEPT: Final = 6
WAITING: Final = (
    incidents_waiting, measures_waiting, meetings_waiting, notices_waiting, sealed_waiting, tracks_waiting
)  # fmt: skip


def begun(border: Border) -> Mapping[str, Record]:
    """A matter of each part, of which all three know."""
    border.clock.at = border.clock.at.replace(hour=6, minute=30, second=0)
    return over(border).one_of_each()


class Matters(RuleBasedStateMachine):
    """Two sides and an observer, each with a clock of its own, and the sticks that are under way."""

    def __init__(self) -> None:
        """Begin with a matter of each part."""
        super().__init__()
        self.open = ExitStack()
        folder = self.open.enter_context(tempfile.TemporaryDirectory())
        self.border = self.open.enter_context(meet(Path(folder)))
        self.of = brought(self.border, begun)
        self.all = over(self.border)
        self.said: list[Record] = []
        self.sticks: list[tuple[str, bytes]] = []

    @initialize(pk=st.integers(-4, 4), af=st.integers(-4, 4))
    def clocks_differ(self, pk: int, af: int) -> None:
        self.border.set_clock("pk", minutes=pk)
        self.border.set_clock("af", minutes=af)

    # --- what officers do -------------------------------------------------------------------------------------------

    def does(self, what: str, act: Callable[[], object]) -> None:
        """Do what an officer would; what is refused is sent nowhere, and they go on."""
        self.border.clock.forward(seconds=1)
        try:
            done = act()
        except Problem as problem:
            event(f"{what} refused: {getattr(problem, 'code', '')}")
            return
        event(what)
        if isinstance(done, Record):
            self.said.append(done)

    @rule(party=SIDE, which=WHICH)
    def something_is_said_of_a_notice(self, party: str, which: int) -> None:
        notice, they = self.of["notice"], self.all.notices
        asked = notices.questions(they.story(party, notice))
        about = name_of(asked[which % len(asked)].asked) if asked else ""
        ours: tuple[tuple[str, dict[str, str]], ...] = (
            ("explain-notice", {"question": about, "purpose_word": "as-noticed", "purpose_purpose": "water"}),
            ("end-notice", {"how": "done" if which % 2 else "called-off", "sure": "on"}),
        )
        theirs: tuple[tuple[str, dict[str, str]], ...] = (
            ("acknowledge-notice", {}),
            ("ask-notice", {"about_purpose": "on"}),
            ("judge-notice", {"question": about, "enough": "yes" if which % 2 else "no"}),
        )
        deeds = ours if party == notice.key[0] else theirs
        deed, typed = deeds[which % len(deeds)]
        self.does(deed, lambda: they.do(party, deed, notice, **typed))

    @rule(party=SIDE, which=WHICH)
    def a_step_is_made_in_a_track(self, party: str, which: int) -> None:
        track = self.of["track"]
        found = self.all.beside.track(party, track)
        open_ = acts.open_to(found, self.border.sides[party].means.now(), party)
        if open_:
            step = open_[which % len(open_)]
            proposed = [each for each in found.said if type(each.body).__name__ == "Proposed"]
            typed = {"of": name_of(proposed[which % len(proposed)])} if proposed else {}
            typed |= PLAN if step == "proposed" else {}
            self.does(f"track {step}", lambda: self.all.beside.step(party, track, step, **typed))

    @rule(party=SIDE, which=WHICH)
    def something_is_said_in_a_measure(self, party: str, which: int) -> None:
        measure = self.of["measure"]
        open_ = measures.acts(self.all.beside.measure(party, measure), self.border.sides[party].means.now(), party)
        if open_:
            act = open_[which % len(open_)]
            country = {"pk": "PK", "af": "AF"}[party]
            typed = PART | {"country": country} if act == "part" else {}
            self.does(f"measure {act}", lambda: self.all.beside.act(party, measure, act, **typed))

    @rule(party=SIDE, which=WHICH)
    def something_is_said_of_an_incident(self, party: str, which: int) -> None:
        incident, they = self.of["incident"], self.all.incidents
        found = they.seen(party, incident)
        steps = [each.step.name for each in found.dues if party not in each.signed]
        theirs = [each for each in found.findings if each.party != party]
        deeds: list[tuple[str, Callable[[], Record]]] = [
            ("notice", lambda: they.step(party, incident, "notice")),
            ("account", lambda: they.account(party, incident, FIRED)),
            ("close", lambda: they.step(party, incident, "close")),
            ("reopen", lambda: they.step(party, incident, "reopen")),
        ]
        if steps:
            deeds.append(("done", lambda: they.done(party, incident, steps[which % len(steps)])))
        if theirs:
            it = theirs[which % len(theirs)]
            said = {"of": it.party, "statement": it.digest, "stance": "agrees"}
            deeds.append(("answer", lambda: they.step(party, incident, "answer", **said)))
        what, act = deeds[which % len(deeds)]
        self.does(f"incident {what}", act)

    @rule(party=SIDE, which=WHICH)
    def something_is_said_of_a_meeting(self, party: str, which: int) -> None:
        meeting, they = self.of["meeting"], self.all.meetings
        facts = they.facts(party, meeting)
        offers = [each for side in SIDES for each in meetings.alternatives(facts, side)]
        deeds: list[tuple[str, Callable[[], Record]]] = [
            ("counter", lambda: they.counter(party, meeting, days=4)),
            ("cancel", lambda: they.do(party, "cancel-meeting", **of(meeting), cause="weather", sure="on")),
            ("decline", lambda: they.do(party, "decline-meeting", **of(meeting), cause="too-soon", sure="on")),
        ]
        if offers:
            it = offers[which % len(offers)]
            agrees = {"of": f"{it.of.party}:{it.of.id}", "choice": str(it.choice)}
            deeds += [("agree", lambda: they.do(party, "agree-meeting", **of(meeting), **agrees))] * 3
        what, act = deeds[which % len(deeds)]
        self.does(f"meeting {what}", act)

    @rule(which=WHICH)
    def a_warning_is_changed_or_cancelled(self, which: int) -> None:
        root = self.of["warning"]
        act = warnings_cast.cancel if which % 4 == 0 else warnings_cast.change
        self.does(f"warning {act.__name__}", lambda: act(self.all.beside, root))

    @rule(party=st.sampled_from(ALL))
    def a_node_says_what_it_says_by_itself(self, party: str) -> None:
        self.does("node", lambda: next(iter(self.all.sealed.tend(party)), None))

    @precondition(lambda self: self.said)
    @rule(which=WHICH)
    def something_is_withdrawn(self, which: int) -> None:
        record = self.said[which % len(self.said)]
        self.does("withdraw", lambda: self.all.beside.withdraw(record.key[0], record))

    # --- what happens between them ----------------------------------------------------------------------------------

    @rule(minutes=st.sampled_from((1, 10, 90, 60 * 26)))
    def time_passes(self, minutes: int) -> None:
        self.border.clock.forward(minutes=minutes)

    @rule(sender=st.sampled_from(ALL), to=st.sampled_from(ALL))
    def a_stick_is_written(self, sender: str, to: str) -> None:
        if sender != to and len(self.sticks) < MOST_KEPT:
            self.sticks.append((to, self.border.bundle(sender, to)))

    @precondition(lambda self: self.sticks)
    @rule(which=WHICH, again=st.booleans())
    def a_stick_arrives(self, which: int, *, again: bool) -> None:
        to, stick = self.sticks[which % len(self.sticks)]
        if not again:
            self.sticks.remove((to, stick))
        self.border.insert(to, stick)

    @rule(party=st.sampled_from(ALL))
    def a_node_begins_anew(self, party: str) -> None:
        before = self.waits(party)
        self.border.sides[party].means.engine.dispose()
        assert self.waits(party) == before

    # --- what all must come to --------------------------------------------------------------------------------------

    def waits(self, party: str) -> list[Any]:
        """What waits for the duty officer of a party, and when each is due."""
        with look(self.border.sides[party].means) as turn:
            return [each for part in WAITING for each in part.now(turn, at_machine(DUTY))]

    def teardown(self) -> None:
        """Bring everything to everybody, and ask what each says."""
        try:
            self.settles()
        finally:
            self.open.close()

    def settles(self) -> None:
        for party in SIDES:
            self.border.set_clock(party)
        self.border.clock.forward(minutes=10)
        for to, stick in self.sticks:
            self.border.insert(to, stick)
        self.all.carry()
        told = {party: dict(self.told(party)) for party in ALL}
        for what in told["pk"]:
            assert told["pk"][what] == told["af"][what], what
            if what != "year":
                assert told["pk"][what] == told["obs"][what], what
        self.border.check()

    def told(self, party: str) -> Iterator[tuple[str, Any]]:
        """Yield how each matter stands by what a node has, with who must do what by when."""
        now, parts = self.border.clock.at, self.all
        story = parts.notices.story(party, self.of["notice"])
        yield "notice", (notices.state(story, now), notices.questions(story), notices.offers(story, now))
        under_seal = parts.sealed.story(party, self.of["sealed"])
        yield "sealed", (sealed.state(under_seal, now), under_seal.told)
        yield "incident", says(parts.incidents.seen(party, self.of["incident"]))
        yield "track", tracks.standing(parts.beside.track(party, self.of["track"]), now)
        yield "measure", measures.standing(parts.beside.measure(party, self.of["measure"]), now)
        facts = parts.meetings.facts(party, self.of["meeting"])
        to_answer = [meetings.to_answer(facts, each, now) for each in SIDES]
        yield "meeting", (meetings.state(facts, now), meetings.agreed(facts), to_answer)
        yield "warning", warnings.phase(warnings_cast.matter(parts.beside, party, self.of["warning"]), now)
        with look(self.border.sides[party].means) as turn:
            found = year.shown(turn, year.Query())
            assert found is not None
            yield "year", (found.now, found.sheets)


def name_of(told: Any) -> str:
    return f"{told.key.party}:{told.key.id}"


TestMatters = Matters.TestCase
TestMatters.settings = settings(max_examples=settings().max_examples // 12, stateful_step_count=30, deadline=None)
