"""What live pages listen for is what happens: a type of event that a page does not know, it would never show."""

import re
from pathlib import Path
from typing import get_args

from amanat import console
from amanat.exchange import live

STREAM = Path(console.__file__).with_name("assets") / "src" / "stream.ts"


def test_pages_listen_for_each_type_of_event_that_there_is_and_for_no_other() -> None:
    (listed,) = re.findall(r"export const TYPES = \[(.*?)\]", STREAM.read_text("utf-8"), re.DOTALL)
    assert re.findall(r'"(\w+)"', listed) == list(get_args(live.Type))
