"""What a browser and its system are called, in a few words by which an officer knows one's own desk again.

Law: nothing else of what a browser says of itself (`User-Agent`, RFC 9110 section 10.1.5) is kept: all of it together
may tell one machine from all others.
"""

from typing import Final

# Browsers name those that they want to be taken for too: the first that is found is the one that it is.
_BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS: Final = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def called(user_agent: str) -> str:
    """Return what a browser and its system are called ("Firefox, Windows"); what is known of neither is ""."""
    known = (next((name for sign, name in names if sign in user_agent), "") for names in (_BROWSERS, _SYSTEMS))
    return ", ".join(filter(None, known))
