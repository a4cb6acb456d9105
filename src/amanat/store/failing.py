"""What can go wrong with a database, in the same words for both; `where` is its file, or its server and name."""

from amanat.party.errors import Fault, Unreachable


def foreign(where: str, why: str) -> Fault:
    """Return what says that a database is not a node's."""
    return Fault(
        "store.missing",
        f"{where} is not a node's database: {why}.",
        "Name the party's folder; if it is this one, keep what is there and restore the last good copy.",
    )


def taken(where: str) -> Fault:
    """Return what says that there is something where a database was to be made."""
    return Fault("store.exists", f"{where} exists already.", "Choose another folder; nothing was changed.")


def full(where: str) -> Fault:
    """Return what says that there is no room for a step."""
    return Fault(
        "store.full",
        f"There is no room for more in {where}: this step was taken back.",
        "Make room on its disk, then give the command again; what was done before stands.",
    )


def away(where: str, why: str) -> Unreachable:
    """Return what says that a server does not answer. A connection lost in the midst leaves open what was done."""
    return Unreachable(
        "store.away",
        f"The database at {where} does not answer: {why}.",
        "See that its server runs and lets this node in, then try again, and first look whether the last step was done."
        " A node that is being served goes on by itself.",
    )


def busy(where: str) -> Fault:
    """Return what says that somebody else held a database for too long."""
    return Fault(
        "store.busy",
        f"Another program holds {where}: this step was not begun, or taken back.",
        "Give the command again once that program is done; what was done before stands.",
    )


def unscrubbed(why: str) -> Fault:
    """Return what says that a database was not written anew."""
    return Fault(
        "store.scrub",
        f"The database was not written anew, so that its files may still hold what was destroyed: {why}.",
        "Close what else has it open, make room on the disk, then erase again.",
    )
