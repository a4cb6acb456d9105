"""STIX files as others write them, turned into bodies of reports with every byte kept.

Law: changes nothing but the white space around the bundle, which JSON does not count as part of it.
"""

from typing import Final

import msgspec

from amanat.workspace import Importer
from amanat.workspaces.intelligence import stix
from amanat.workspaces.intelligence.kinds import REPORT, Report

_WHITE_SPACE: Final = b" \t\r\n"


def read_stix(data: bytes) -> list[tuple[str, Report]]:
    """Return the one report in a STIX 2.1 file.

    Raises `Invalid` with line and column where it is not JSON, with object and property where it is not STIX.
    """
    bundle = data.strip(_WHITE_SPACE)
    stix.read(bundle)
    return [(REPORT.label, Report(msgspec.Raw(bundle)))]


STIX_FILE: Final = Importer("STIX 2.1 bundle", (".json", ".stix"), read_stix)
