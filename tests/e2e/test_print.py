"""What Chromium prints of a page: every sheet says by whom and when, how it is marked and that it is an exercise."""

import io

from playwright.sync_api import expect
from pypdf import PdfReader

from api.cast import Desk
from e2e.conftest import Open


def test_each_sheet_of_a_long_record_bears_its_marking_and_nothing_that_one_could_press(
    desks: dict[str, Desk], browsing: Open
) -> None:
    id_ = desks["pk"].send(text="\n".join(f"lorry {number}" for number in range(150)), exercise=True)["id"]
    officer = browsing(desks["pk"])
    officer.become("duty", "en")
    page = officer.page(f"/record/pk/{id_}")
    sheets = [sheet.extract_text() for sheet in PdfReader(io.BytesIO(page.pdf(format="A4"))).pages]
    assert len(sheets) > 2
    for sheet in sheets:
        assert "Printed by torkham/duty at pk" in " ".join(sheet.split())
        assert "TLP:AMBER" in sheet
        assert "EXERCISE EXERCISE EXERCISE" in sheet
    assert "today" not in "".join(sheets)
    page.emulate_media(media="print")
    for pressed in (".rail", ".bar", ".acts", "button", ".as-it-is"):
        for each in page.locator(pressed).all():
            expect(each).to_be_hidden()
