"""The one error of this package: bytes that are not what the specification says, or a proof that does not hold.

Law: whatever strangers send, nothing else is raised.
"""


class Malformed(ValueError):
    """Bytes or values that break the specification; whoever wrote them must act."""

    def __init__(self, code: str, says: str, mend: str) -> None:
        """Take a stable dotted `code`, what is wrong and where (`says`), and what to do about it (`mend`)."""
        super().__init__(f"{says} {mend}")
        self.code = code
        self.says = says
        self.mend = mend
