"""A browser is told by a short name of a closed set, never by what it says of itself."""

import pytest

from amanat.exchange.browser import called

APPLE = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox, Linux"),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {APPLE} Chrome/142.0.0.0 Safari/537.36", "Chrome, Windows"),
        (f"Mozilla/5.0 (Windows NT 10.0) {APPLE} Chrome/142.0.0.0 Safari/537.36 Edg/142.0", "Edge, Windows"),
        (f"Mozilla/5.0 (Linux; Android 10; K) {APPLE} Chrome/142.0.0.0 Mobile Safari/537.36", "Chrome, Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605 Version/26.0 Safari/605", "Safari, macOS"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605 Version/26.0 Safari/604",
            "Safari, iPhone",
        ),
        ("python-httpx/0.28", ""),
        ("<script>Firefox/1 serial 123456</script>", "Firefox"),
        ("", ""),
    ],
)
def test_a_browser_is_called_by_its_name_and_its_systems(said: str, name: str) -> None:
    assert called(said) == name
