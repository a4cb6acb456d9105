"""STIX 2.1, as far as a report needs it: a bundle is read and judged, and every part of it can be walked through."""

from amanat.workspaces.intelligence.stix.bundle import StixObject, objects, read

__all__ = ["StixObject", "objects", "read"]
