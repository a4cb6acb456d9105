"""Who works at the demo's nodes: invented officers, and a password that is printed because it guards nothing."""

from typing import Final

from amanat.demo.cast import Actor, Cast
from amanat.demo.desk import SECOND
from amanat.demo.trial import POSTS
from amanat.exchange.acting import acting
from amanat.officer import account
from amanat.officer.account import Appointment
from amanat.officer.may import MACHINE
from amanat.officer.password import SALT_BYTES, hashed

PASSWORD: Final = "nothing real is kept here"  # noqa: S105 - it is printed, and opens an exercise
SIGN_IN: Final = ("duty", "chief", "admin", "auditor")

RANKS: Final = (
    ("section", "Head of section (exercise)", SECOND),
    ("operations", "Duty officer of operations (exercise)", "operations/duty"),
    ("director", "Director of operations (exercise)", "operations/director"),
)
"""Who works at the other posts of the hotlines: a call that nobody opens climbs to somebody."""


def appoint(cast: Cast) -> None:
    """Give each node its officers, and those of the states who works at the ranks of their hotlines."""
    for actor in cast.values():
        for who in _appointments(actor):
            kept = hashed(PASSWORD, who.sign_in, actor.means.random(SALT_BYTES))
            with acting(actor.means, MACHINE, "officer.add", f"officer:{who.sign_in}") as act:
                tx, now = act.turn.tx, act.turn.now
                made = account.add(tx, who, kept, now)
                account.set_password(tx, made.id, kept, now, given=False)  # all who watch the demo may know it


def _appointments(actor: Actor) -> tuple[Appointment, ...]:
    duty, chief, admin, auditor = SIGN_IN
    return (
        Appointment(duty, "Duty officer (exercise)", POSTS[actor.code], ("duty",)),
        Appointment(chief, "Second person (exercise)", SECOND, ("approver",)),
        Appointment(admin, "Administrator (exercise)", "office", ("administrator", "operator")),
        Appointment(auditor, "Auditor (exercise)", "inspection", ("auditor",)),
        *(Appointment(name, called, post, ("duty",)) for name, called, post in RANKS if actor.code != "obs"),
    )
