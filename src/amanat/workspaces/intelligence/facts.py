"""What the floors have to know of a STIX bundle: whether it names a person, whose places it shows, how it is marked.

Law: read from the bundle and never claimed beside it. Whoever sends can say more; whoever is written about cannot, so
that what is left open counts against the sender: `persons.py`, `places.py`, `markings.py`. The README lists what these
cannot see.
"""

from amanat.record.kind import Facts
from amanat.workspaces.intelligence.markings import marked
from amanat.workspaces.intelligence.persons import about_somebody, person_in, types_elsewhere
from amanat.workspaces.intelligence.places import places
from amanat.workspaces.intelligence.stix import StixObject
from amanat.workspaces.intelligence.stix.parts import parts, plain_name, said, unfolded


def read_facts(objects: list[StixObject]) -> Facts:
    """Return the facts of a bundle's objects, as `stix.read` returns them.

    In a bundle about anybody every place counts as theirs, so that a relationship left out opens no way round floor 6.
    """
    objects = unfolded(objects)
    person = person_in(objects)
    theirs = bool(person) or about_somebody(objects)
    return Facts(
        person=person,
        places=places(objects, types_elsewhere(objects)) if theirs else (),
        marked=marked(objects),
        attributes=_attributes(objects),
    )


def _attributes(objects: list[StixObject]) -> frozenset[str]:
    """Every name under which something is said anywhere, and the types of objects: x-acme-tribe."""
    said_of = {name for part in parts(objects) for name in said(part)}
    return frozenset(said_of.union(plain_name(item["type"]) for item in objects))
