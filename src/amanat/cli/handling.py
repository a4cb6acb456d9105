"""Handling in words, and from options: what the officer says stands over what the compact sets as default."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from amanat.cli import arguments
from amanat.cli.screen import read_file
from amanat.party import canonical
from amanat.record.handling import Handling, over


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What an officer says of the handling; None is left to the compact."""

    tlp: Annotated[
        str | None,
        typer.Option(
            metavar="LIGHT", parser=arguments.tlp, help="Traffic light: CLEAR, GREEN, AMBER, AMBER+STRICT or RED."
        ),
    ] = None
    code: Annotated[
        list[str] | None,
        typer.Option(metavar="CODE", parser=arguments.handling_code, help="Handling code H0 to H3; repeatable."),
    ] = None
    caveat: Annotated[
        list[str] | None,
        typer.Option(metavar="TEXT", parser=arguments.line, help="What H3 announces, in a line; repeatable."),
    ] = None
    purpose: Annotated[str | None, typer.Option(metavar="PURPOSE", help="Purpose, one of the compact's.")] = None
    legal_basis: Annotated[
        str | None, typer.Option(metavar="BASIS", help="Legal basis, one of the compact's; needed to name a person.")
    ] = None
    not_to: Annotated[
        list[str] | None,
        typer.Option(metavar="PARTY", parser=arguments.party_code, help="Who must not have it; repeatable."),
    ] = None
    expires_days: Annotated[
        int | None, typer.Option(metavar="DAYS", min=1, max=36500, help="Days until it is destroyed.")
    ] = None
    grading: Annotated[
        str | None,
        typer.Option(
            metavar="GRADING", parser=arguments.grading, help="Source and information: 4x4:B2 or admiralty:C3."
        ),
    ] = None
    torture: Annotated[
        Literal["low", "real"] | None, typer.Option(help="The risk of torture, should it lead to detention.")
    ] = None
    death_penalty: Annotated[
        Literal["none", "possible"] | None, typer.Option(help="The death penalty, should it lead to detention.")
    ] = None
    risk_basis: Annotated[
        str | None, typer.Option(metavar="TEXT", parser=arguments.line, help="What that assessment rests on.")
    ] = None
    not_by_torture: Annotated[
        bool, typer.Option("--not-by-torture", help="It was not obtained by torture; what was is unusable.")
    ] = False
    handling: Annotated[
        Path | None,
        typer.Option(metavar="FILE", exists=True, dir_okay=False, help="A file of handling, as JSON, below all these."),
    ] = None


def options(command: Callable[..., object]) -> Callable[..., object]:
    """Give a command the options above; it is handed them together, as `said`."""

    @wraps(command)
    def told(**given: object) -> object:
        said = Said(**{field.name: given.pop(field.name) for field in fields(Said)})  # type: ignore[arg-type]
        return command(**given, said=said)

    own = [each for each in inspect.signature(command).parameters.values() if each.name != "said"]
    shown = [
        each.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for each in (*own, *inspect.signature(Said).parameters.values())
    ]
    told.__dict__["__signature__"] = inspect.Signature(shown)
    told.__annotations__ = {each.name: each.annotation for each in shown}
    return told


def change(base: Handling, said: Said, now: datetime) -> Handling:
    """Return `base` with what the officer said put over it, read again as a whole. Raises `Invalid`."""
    written: dict[str, Any] = {}
    if said.handling is not None:
        file = canonical.plain(read_file(said.handling), f"handling {said.handling}")
        written = file if isinstance(file, dict) else {"handling": file}
    return over(base, written | {name: value for name, value in _fields(said, now).items() if value})


def _fields(said: Said, now: datetime) -> dict[str, Any]:
    """Return what was said by the names it has in a record."""
    expires = None
    if said.expires_days is not None:
        expires = f"{now + timedelta(days=said.expires_days):%Y-%m-%dT%H:%M:%SZ}"
    return {
        "tlp": said.tlp,
        "codes": sorted(set(said.code or ())),
        "caveats": said.caveat,
        "purpose": said.purpose,
        "legal_basis": said.legal_basis,
        "not_to": sorted(set(said.not_to or ())),
        "expires": expires,
        "grading": arguments.split_grading(said.grading) if said.grading else None,
        "custody_risk": _custody_risk(said),
    }


def _custody_risk(said: Said) -> dict[str, Any] | None:
    parts = (said.torture, said.death_penalty, said.risk_basis, said.not_by_torture)
    if not any(parts):
        return None
    if not all(parts):
        raise typer.BadParameter("--torture, --death-penalty, --risk-basis and --not-by-torture are said together")
    return {
        "torture": said.torture,
        "death_penalty": said.death_penalty,
        "not_obtained_by_torture": said.not_by_torture,
        "basis": said.risk_basis,
    }
