"""A reader of iCalendar written from RFC 5545 alone, for tests of what is written."""


def read(data: bytes) -> list[tuple[str, str]]:
    """The lines of a calendar: name with its parameters, and value; unfolded as section 3.1 says."""
    assert data.endswith(b"\r\n")
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert b"\r" not in data.replace(b"\r\n", b"")
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    for line in data.split(b"\r\n"):
        line.decode()  # no fold parts a character
    lines = data.replace(b"\r\n ", b"").decode().removesuffix("\r\n").split("\r\n")
    return [(name, value) for name, _, value in (line.partition(":") for line in lines)]


def plain(value: str) -> str:
    """A value of the type TEXT without its escapes."""
    found, rest = "", value
    while rest:
        if rest[0] == "\\":
            found, rest = found + {"n": "\n", "N": "\n"}.get(rest[1], rest[1]), rest[2:]
        else:
            found, rest = found + rest[0], rest[1:]
    return found


def values(data: bytes, name: str) -> list[str]:
    return [value for each, value in read(data) if each == name]
