"""Officers of the exercise for benches that ask as they do: hired at a node, and signed in."""

import os
from collections.abc import Iterable

from amanat.demo.cast import Actor
from amanat.exchange.means import begin
from amanat.officer import account, password, sessions
from amanat.officer.account import Appointment
from amanat.officer.may import Role
from amanat.party.key_file import Cost

CHEAP = Cost(memory_kib=8 * 1024, passes=1, lanes=1)


def hired(actor: Actor, roles: Iterable[Role]) -> list[str]:
    """Hire an officer for each of these roles; return the cookie of a session of each.

    The first of a role is called x.ROLE. They came in by a passkey, which needs no second factor beside it.
    """
    kept = password.hashed("seven quiet lorries", "x.duty", os.urandom(password.SALT_BYTES), CHEAP)
    cookies, first = list[str](), set[Role]()
    with begin(actor.means) as turn:
        for number, role in enumerate(roles):
            sign_in = f"x.{role}{number}" if role in first else f"x.{role}"
            first.add(role)
            who = Appointment(sign_in, "Exercise Officer Nobody", "torkham/duty", (role,))
            made = account.add(turn.tx, who, kept, turn.now)
            made = account.set_password(turn.tx, made.id, kept, turn.now, given=False)
            begun, secret = sessions.Begun("passkey"), os.urandom(sessions.SECRET_BYTES)
            cookies.append(sessions.start(turn.tx, made, secret, turn.now, begun))
    return cookies
