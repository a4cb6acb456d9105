"""Handling in words, and from options: what the officer says stands over what the compact sets as default."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from amanat.cli.screen import read_file
from amanat.party import canonical
from amanat.record.handling import H_MEANING, Grading, Handling

TLP_MEANING = {
    "TLP:CLEAR": "may be published",
    "TLP:GREEN": "for the community, not for the public",
    "TLP:AMBER": "for the receiving party and those it must inform, need to know",
    "TLP:AMBER+STRICT": "for the receiving party only, need to know",
    "TLP:RED": "for the named recipients' eyes only",
}

Tlp = Annotated[str | None, typer.Option("--tlp", help="Traffic light: CLEAR, GREEN, AMBER, AMBER+STRICT or RED.")]
Codes = Annotated[list[str] | None, typer.Option("--code", help="Handling code H0 to H3; repeatable.")]
Purpose = Annotated[str | None, typer.Option("--purpose", help="Purpose, one of the compact's.")]
LegalBasis = Annotated[str | None, typer.Option("--legal-basis", help="Legal basis, one of the compact's.")]
NotTo = Annotated[list[str] | None, typer.Option("--not-to", metavar="PARTY", help="Who must not have it; repeatable.")]
ExpiresDays = Annotated[
    int | None, typer.Option("--expires-days", min=1, max=36500, help="Days until it is destroyed.")
]
GradingText = Annotated[str | None, typer.Option("--grading", help="Such as 4x4:B2 or admiralty:C3.")]
HandlingFile = Annotated[
    Path | None,
    typer.Option("--handling", metavar="FILE", exists=True, dir_okay=False, help="The rest of the handling, as JSON."),
]


def change(
    base: Handling,
    now: datetime,
    *,
    tlp: str | None = None,
    codes: list[str] | None = None,
    purpose: str | None = None,
    legal_basis: str | None = None,
    not_to: list[str] | None = None,
    expires_days: int | None = None,
    grading: str | None = None,
    file: Path | None = None,
) -> Handling:
    """Return `base` with what the officer said put over it, read again as a whole. Raises `Invalid`."""
    fields = canonical.plain(canonical.encode(base), "handling")
    if file is not None:
        said = canonical.plain(read_file(file), f"handling {file}")
        fields |= said if isinstance(said, dict) else {"handling": said}
    expires = None
    if expires_days is not None:
        expires = (now.replace(microsecond=0) + timedelta(days=expires_days)).strftime("%Y-%m-%dT%H:%M:%SZ")
    options = {
        "tlp": f"TLP:{tlp.removeprefix('TLP:')}" if tlp else None,
        "codes": sorted(set(codes)) if codes else None,
        "purpose": purpose,
        "legal_basis": legal_basis,
        "not_to": sorted(set(not_to)) if not_to else None,
        "expires": expires,
        "grading": _grading(grading) if grading else None,
    }
    fields |= {name: value for name, value in options.items() if value is not None}
    ordered = {name: fields[name] for name in Handling.__struct_fields__ if name in fields}
    unknown = {name: value for name, value in fields.items() if name not in ordered}
    return canonical.decode(msgspec.json.encode(ordered | unknown), Handling, "handling")


def describe(handling: Handling) -> list[str]:
    """Put handling into plain words, one rule a line."""
    lines = [f"{handling.tlp}: {TLP_MEANING[handling.tlp]}", f"purpose: {handling.purpose}"]
    lines += [f"{code}: {H_MEANING[code]}" for code in handling.codes]
    lines += [f"caveat: {caveat}" for caveat in handling.caveats]
    if handling.grading:
        grading = handling.grading
        lines.append(f"graded {grading.source}{grading.information} ({grading.scheme}) by its originator")
    if handling.legal_basis:
        lines.append(f"legal basis for naming a person: {handling.legal_basis}")
    if handling.not_to:
        lines.append(f"not to reach: {', '.join(handling.not_to)}")
    if handling.custody_risk:
        risk = handling.custody_risk
        lines.append(f"if it leads to detention: risk of torture {risk.torture}, death penalty {risk.death_penalty}")
        lines.append(f"that assessment rests on: {risk.basis}")
    if handling.expires:
        lines.append(f"to be destroyed by {handling.expires:%Y-%m-%d %H:%M} UTC")
    return lines


def _grading(text: str) -> dict[str, str]:
    scheme, _, letters = text.partition(":")
    fields: dict[str, str] = canonical.plain(
        canonical.encode(
            msgspec.convert({"scheme": scheme, "source": letters[:1], "information": letters[1:]}, Grading)
        ),
        "grading",
    )
    return fields
