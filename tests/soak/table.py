"""All fuzz targets by name."""

from soak import of_cli, of_compact, of_exchange, of_log, of_party, of_record
from soak.target import Target

TARGETS: dict[str, Target] = {
    target.name: target
    for target in (
        *of_party.TARGETS,
        *of_compact.TARGETS,
        *of_record.TARGETS,
        *of_exchange.TARGETS,
        *of_log.TARGETS,
        *of_cli.TARGETS,
    )
}
