"""What the officer who is signed in may do here: the page that every role may see."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from litestar import Response

from amanat.console.rendering import page, signed_in
from amanat.exchange.route import Here, Who, reads

MAY: Final[Mapping[str, str]] = MappingProxyType(
    {
        "record.read": "read records that name nobody",
        "record.person": "read records that name a person; each look is noted",
        "record.compose": "write drafts",
        "record.send": "send records",
        "record.approve": "read what waits for a second person, and let it go or give it back",
        "record.withdraw": "withdraw records",
        "record.acknowledge": "sign that a record was read",
        "record.export": "take records out in other forms",
        "peers.read": "see how the lines to other parties stand",
        "peers.operate": "say where other parties are reached, pause their lines and resume them",
        "peers.give": "let a party that lost envelopes be given them again",
        "compact.read": "read what was agreed",
        "log.read": "see how the logs stand",
        "officer.manage": "make officers' accounts, give them posts and roles, and set passwords",
        "token.own": "make tokens for programs of one's own, and revoke them",
        "password.own": "change one's own password",
        "audit.read": "read what officers did",
        "node.operate": "look after the node: backups, keys, upgrades",
    }
)
"""Permission → what it is to do, in words."""


def routes(handlers: Mapping[type[Exception], Any]) -> list[Any]:
    """Return the route, whose errors these handlers show."""
    return [reads("/roles", "compact.read", include_in_schema=False, exception_handlers=dict(handlers))(show)]


def show(means: Here, caller: Who) -> Response[str]:
    """Show the officer's roles, and all that they permit."""
    does = [says for permission, says in MAY.items() if permission in caller.actor.permissions]
    return page("roles.html", signed_in(means, caller) | {"here": "roles", "roles": caller.actor.roles, "does": does})
