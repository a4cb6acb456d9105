"""The bill of materials (SBOM, CycloneDX JSON): every package the archive carries, its files, terms and needs.

Law: made from the wheels themselves, and of what is built into our own from the lock it was fetched by. The same give
the same bytes: its serial number is drawn from what it lists, and its time is the commit's.
"""

import uuid
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from cyclonedx.factory.license import LicenseFactory
from cyclonedx.model import HashType
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from npm import Bundled
from wheels import Wheel, terms_of


def bill_of(product: Wheel, carried: Sequence[Wheel], built_in: Sequence[Bundled], made: int) -> str:
    """Return the bill of a product, of what it is carried with and built of, as of a moment in Unix seconds."""
    packages = _by_package([product, *carried])
    components = {name: _component(name, wheels) for name, wheels in packages.items()}
    root = components[product.name]
    root.type = ComponentType.APPLICATION
    parts = [_built_in(each) for each in built_in]
    bom = Bom(
        components=[*(each for each in components.values() if each is not root), *parts],
        metadata=BomMetaData(component=root, timestamp=datetime.fromtimestamp(made, UTC)),
        serial_number=uuid.uuid5(uuid.NAMESPACE_OID, "".join(sorted(w.sha256 for w in [product, *carried]))),
    )
    for name, wheels in packages.items():
        needs = {need for wheel in wheels for need in _needs(wheel)} & components.keys()
        built = parts if name == product.name else []
        bom.register_dependency(components[name], [*(components[need] for need in sorted(needs)), *built])
    return JsonV1Dot6(bom).output_as_string(indent=2) + "\n"


def _by_package(wheels: Iterable[Wheel]) -> dict[str, list[Wheel]]:
    found: dict[str, list[Wheel]] = {}
    for wheel in sorted(wheels, key=lambda wheel: wheel.path.name):
        found.setdefault(wheel.name, []).append(wheel)
    return found


def _component(name: str, wheels: Sequence[Wheel]) -> Component:
    """A package, and as its parts the files that carry it: one, or one for each Python."""
    version, metadata = wheels[0].version, wheels[0].metadata
    return Component(
        type=ComponentType.LIBRARY,
        name=name,
        version=version,
        bom_ref=f"{name}=={version}",
        purl=PackageURL("pypi", name=name, version=version),
        description=metadata["Summary"],
        licenses=[LicenseFactory().make_from_string(terms_of(wheels[0]))],
        components=[_file(wheel) for wheel in wheels],
    )


def _built_in(package: Bundled) -> Component:
    """A package of npm, of which parts stand in the console's files."""
    scope, _, name = package.name.rpartition("/")
    return Component(
        type=ComponentType.LIBRARY,
        group=scope or None,
        name=name,
        version=package.version,
        bom_ref=f"npm:{package.name}@{package.version}",
        purl=PackageURL("npm", namespace=scope or None, name=name, version=package.version),
        licenses=[LicenseFactory().make_from_string(package.terms)],
        hashes=[HashType.from_composite_str(f"sha512:{package.sha512}")],
    )


def _file(wheel: Wheel) -> Component:
    name = f"wheels/{wheel.path.name}"
    return Component(
        type=ComponentType.FILE, name=name, bom_ref=name, hashes=[HashType.from_composite_str(f"sha256:{wheel.sha256}")]
    )


def _needs(wheel: Wheel) -> Iterable[str]:
    """The packages a wheel may ask for; whether it does here, the lock has decided."""
    for line in wheel.metadata.get_all("Requires-Dist", []):
        yield canonicalize_name(Requirement(line).name)
