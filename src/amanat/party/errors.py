"""Errors, split by who must act: the officer, the peer, the line or the engineer.

Every error carries a stable code (listed in docs/errors.md), a sentence that says what and where, and what to do next.
The console and the command line translate and print these; they add nothing.
"""


class Problem(Exception):
    """Something that a person has to know of. Never raised itself; raise the subclass that names who must act."""

    def __init__(self, code: str, says: str, mend: str) -> None:
        """Take a stable dotted `code`, what happened and where (`says`), and what to do about it (`mend`)."""
        super().__init__(f"{says} {mend}")
        self.code = code
        self.says = says
        self.mend = mend


class Invalid(Problem):
    """Bytes or a form that do not say what they must; whoever wrote them must act.

    `field` names the field of a form in which that stands, and is "" where it stands in no one of them.
    """

    field: str = ""


class Refused(Problem):
    """The compact or a floor says no; the officer must act. `by` names the clause or the floor."""

    def __init__(self, code: str, says: str, mend: str, *, by: str) -> None:
        """Take in `by` what decided: "floor 6", "clause 4.2" or "no clause permits"."""
        super().__init__(code, says, mend)
        self.by = by


class Unreachable(Problem):
    """A wire or a medium that did not answer; trying again later may do."""


class Fault(Problem):
    """Our own mistake or a broken store; an engineer must act, and nothing was committed."""
