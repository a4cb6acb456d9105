"""The English beside a translation is English throughout; moments stand in the party's calendars, clocks and words."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import httpx
import pytest
from markupsafe import Markup
from msgspec.structs import replace

from amanat.console.beside import Both, alike, fill
from amanat.console.moments import Moments
from amanat.console.rendering import environment
from amanat.party.lexicon import Language, Lexicon, MonthStart
from api.cast import Desk, SignIn

NOW = datetime(2026, 11, 26, 8, 47, tzinfo=UTC)
LEXICON = Lexicon(
    party="af",
    serial=1,
    at=NOW,
    languages=("en", "fa-AF"),
    calendars=("gregorian", "lunar-hijri", "solar-hijri"),
    names={},
    zones={"af": "Asia/Kabul", "pk": "Asia/Karachi"},
)
BESIDE = re.compile(r'<small class="beside"[^>]*> (.*?)</small>', re.DOTALL)
ARABIC = re.compile(r"[\u0600-\u06ff]")


def moments(language: Language, lexicon: Lexicon | None = LEXICON) -> Moments:
    return Moments(NOW, lexicon, language, ("pk",))


@pytest.mark.parametrize("language", ["ur", "ps", "fa-AF"])
def test_numbers_and_lengths_of_time_beside_a_translation_are_english_too(language: Language) -> None:
    page = environment(language).from_string(
        '{{ ngettext("%(count)s matter waits; what will be late first comes first.", "%(count)s matters wait; what will be late first comes first.", n,'
        ' count=n|number) }} {{ _("in %(time)s", time=length) }}'
    )
    shown = page.render(n=90, length=moments(language).length(NOW + timedelta(days=2)))
    english = BESIDE.findall(shown)
    assert english[0] == "90 matters wait; what will be late first comes first."
    assert ">2 days</bdi>" in english[1]
    assert not any(map(ARABIC.search, english))


def test_what_is_put_into_an_unreviewed_sentence_has_its_english_in_that_of_the_sentence() -> None:
    name = Both(Markup("نام"), Markup("name"), reviewed=False)
    shown = str(fill(Markup("این %(what)s است"), Markup("This is a %(what)s"), {"what": name}, reviewed=False))
    assert shown.count("<small") == 1
    assert "> This is a name</small>" in shown
    assert str(fill(Markup("%(what)s"), Markup("%(what)s"), {"what": name}, reviewed=True)).count("<small") == 1


def test_what_somebody_wrote_stands_once_and_not_in_the_english_too() -> None:
    page = environment("ur").from_string('{{ _("To be read: %(record)s", record=bdi(title)) }}')
    shown = page.render(title="three <b> lorries")
    assert shown.count("three &lt;b&gt; lorries") == 1
    assert BESIDE.findall(shown) == ["To be read: …"]


def test_no_space_stands_before_the_english_that_a_link_would_underline() -> None:
    shown = str(Both(Markup("نام"), Markup("name"), reviewed=False))
    assert re.sub(r"<[^>]*>", "|", shown) == "|نام| name||"


def test_what_others_wrote_is_escaped_in_both_forms() -> None:
    shown = str(fill(Markup("از %(who)s"), Markup("from %(who)s"), {"who": "<b>"}, reviewed=False))
    assert shown.count("&lt;b&gt;") == 2
    assert "<b>" not in shown + str(alike("<b>", "<b>"))


@pytest.fixture
def in_pashto(af: Desk, sign_in: SignIn) -> Iterator[None]:
    """The duty officer of this file's node is signed in and reads Pashto, until the test is over."""
    sign_in("duty")
    af.speak("duty", "ps")
    yield
    af.speak("duty", "en")


@pytest.mark.usefixtures("came", "in_pashto")
@pytest.mark.parametrize("path", ["/", "/records", "/compacts", "/parties", "/logs", "/roles", "/tokens", "/drafts"])
def test_on_every_page_what_stands_beside_is_english_throughout(browser: httpx.Client, path: str) -> None:
    shown = browser.get(path)
    assert shown.status_code == 200
    english = BESIDE.findall(shown.text)
    assert english
    assert [each for each in english if ARABIC.search(each)] == []


# --- moments ----------------------------------------------------------------------------------------------------------


def test_a_full_moment_has_its_day_in_every_calendar_of_the_party() -> None:
    shown = str(moments("en").moment(NOW, full=True))
    assert re.search(r">today</span> .*13:17</time>", shown)
    assert (
        "<bdi>26 November 2026</bdi> · </span><bdi>16 Jumada II 1448 (calculated)</bdi> · <bdi>5 Azar 1405</bdi>"
        in shown
    )
    assert "Azar" not in re.sub("title=.*?>", ">", str(moments("en").moment(NOW)))


def test_a_lunar_day_that_the_party_announced_is_not_marked_as_calculated() -> None:
    starts = (MonthStart(1448, 6, date(2026, 11, 12)), MonthStart(1448, 7, date(2026, 12, 11)))
    shown = str(moments("en", replace(LEXICON, month_starts=starts)).today())
    assert "15 Jumada II 1448" in shown
    assert "calculated" not in shown


def test_an_exact_moment_has_its_day_seconds_and_zone() -> None:
    shown = re.sub("<.*?>", "", str(moments("en").exact(NOW + timedelta(seconds=7))))
    assert shown == "26 November 2026 13:17:07 UTC+04:30"


def test_a_moment_stands_on_the_others_clocks_where_a_page_asks_for_both() -> None:
    shown = moments("fa-AF").moment(NOW, both=True)
    assert "۱۳:۴۷" in shown.words
    assert "13:47" in shown.english


def test_a_moment_stands_in_utc_too_where_a_page_asks_for_it_and_no_clock_shows_it_yet() -> None:
    late = NOW.replace(hour=21, minute=10)
    shown = re.sub("<.*?>", "", str(moments("en").moment(late, both=True, utc=True)))
    assert shown == "tomorrow 01:40 pk 02:10 21:10Z -1 day"
    assert "۰۸" not in moments("ps").moment(NOW, utc=True).words
    assert "Z<" not in str(moments("en", None).moment(NOW, utc=True))


def test_where_a_party_signed_no_lexicon_days_are_gregorian_and_times_utc() -> None:
    assert str(moments("en", None).today()) == "<bdi>26 November 2026</bdi>"
    assert re.search(r">today</span> .*08:47</time>", str(moments("en", None).moment(NOW.isoformat(), full=True)))
