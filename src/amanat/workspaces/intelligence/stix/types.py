"""The object types of STIX 2.1 as tables: which properties each must carry, and what form each property has.

Law: data only, read off the OASIS standard (STIX 2.1, sections 3 to 7) and held against its published schemas by
the tests. A property means the same in every type that has it, so that one table by property name is enough.
"""

import re
from dataclasses import dataclass, replace
from typing import Final

from amanat.workspaces.intelligence.stix import forms as form
from amanat.workspaces.intelligence.stix.forms import Form


@dataclass(frozen=True, slots=True)
class Shape:
    """What an object type demands between its properties.

    All of `required`; some of `some_of`, if any are named; of `not_both` at most one; `needs` pairs a property with
    one that must stand beside it.
    """

    required: tuple[str, ...] = ()
    some_of: tuple[str, ...] = ()
    not_both: tuple[str, ...] = ()
    needs: tuple[tuple[str, str], ...] = ()


# What a relationship or sighting cannot join (sections 5.1 and 5.2).
_NO_ENDS: Final = ("relationship", "sighting", "bundle", "marking-definition", "language-content")

# What every object may carry (section 3.2), custom types included.
COMMON: Final[dict[str, Form]] = {
    "spec_version": form.one_of("2.1"),
    "created_by_ref": form.to("identity"),
    "created": form.STAMP,
    "modified": form.STAMP,
    "revoked": form.FLAG,
    "labels": form.list_of(form.TEXT),
    "confidence": form.within(0, 100),
    "lang": form.TEXT,
    "external_references": form.REFERENCES,
    "object_marking_refs": form.list_of(form.to("marking-definition")),
    "granular_markings": form.GRANULAR,
    "extensions": form.EXTENSIONS,
    "defanged": form.FLAG,
}

_SPECIAL: Final[dict[str, Form]] = {
    "kill_chain_phases": form.PHASES,
    "hashes": form.HASHES,
    "opinion": form.one_of("strongly-disagree", "disagree", "neutral", "agree", "strongly-agree"),
    "encryption_algorithm": form.one_of("AES-256-GCM", "ChaCha20-Poly1305", "mime-type-indicated"),
    "relationship_type": form.like("lower-case words with hyphens", re.compile(r"[a-z0-9-]+")),
    "latitude": form.LATITUDE,
    "longitude": form.LONGITUDE,
    "precision": form.METRES,
    "count": form.within(0, 999_999_999),
    "number_observed": form.within(1, 999_999_999),
    "src_port": form.within(0, 65_535),
    "dst_port": form.within(0, 65_535),
    "size": form.within(0, 2**63 - 1),
    "payload_bin": form.BASE64,
    "magic_number_hex": form.HEX,
}


def _all(form_: Form, names: str) -> dict[str, Form]:
    return dict.fromkeys(names.split(), form_)


# What the standard's own types may carry (sections 4 to 7), by property.
PROPERTIES: Final[dict[str, Form]] = {
    **COMMON,
    **_SPECIAL,
    **_all(
        form.TEXT,
        """name description objective abstract content explanation context identity_class contact_information pattern
        pattern_type pattern_version product version configuration_version analysis_engine_version
        analysis_definition_version result result_name tool_version resource_level primary_motivation sophistication
        region country administrative_area city street_address postal_code schema definition_type mime_type url
        decryption_key rir path path_enc value display_name content_type message_id subject body name_enc cwd
        command_line cpe swid vendor user_id credential account_login account_type key serial_number
        signature_algorithm issuer subject_public_key_algorithm subject_public_key_modulus""",
    ),
    **_all(
        form.list_of(form.TEXT),
        """aliases roles sectors indicator_types infrastructure_types malware_types report_types threat_actor_types
        tool_types goals secondary_motivations personal_motivations authors modules capabilities
        architecture_execution_envs implementation_languages protocols languages extension_types extension_properties
        received_lines""",
    ),
    **_all(
        form.TIME,
        """first_seen last_seen first_observed last_observed valid_from valid_until published start_time stop_time
        submitted analysis_started analysis_ended object_modified ctime mtime atime date start end created_time
        account_created account_expires credential_last_changed account_first_login account_last_login modified_time
        validity_not_before validity_not_after""",
    ),
    **_all(
        form.FLAG,
        """is_family summary is_multipart is_active is_hidden is_service_account is_privileged can_escalate_privs
        is_disabled is_self_signed""",
    ),
    **_all(form.list_of(form.OBJECT), "values body_multipart"),
    **_all(
        form.OBJECT,
        """objects contents definition additional_header_fields ipfix environment_variables
        x509_v3_extensions""",
    ),
    **_all(
        form.WHOLE,
        """number src_byte_count dst_byte_count src_packets dst_packets pid number_of_subkeys
        subject_public_key_exponent""",
    ),
    **_all(form.to_no(*_NO_ENDS), "source_ref target_ref sighting_of_ref"),
    "object_ref": form.to_no("bundle", "language-content"),
    **_all(form.list_of(form.to()), "object_refs analysis_sco_refs resolves_to_refs contains_refs belongs_to_refs"),
    **_all(form.to("software"), "host_vm_ref operating_system_ref"),
    **_all(form.list_of(form.to("software")), "installed_software_refs operating_system_refs"),
    **_all(form.to("ipv4-addr", "ipv6-addr", "mac-addr", "domain-name"), "src_ref dst_ref"),
    **_all(form.to("artifact"), "raw_email_ref content_ref src_payload_ref dst_payload_ref"),
    **_all(form.to("email-addr"), "from_ref sender_ref"),
    **_all(form.list_of(form.to("email-addr")), "to_refs cc_refs bcc_refs"),
    **_all(form.to("user-account"), "belongs_to_ref creator_user_ref"),
    **_all(form.list_of(form.to("network-traffic")), "opened_connection_refs encapsulates_refs"),
    "sample_ref": form.to("artifact", "file", "network-traffic"),
    "sample_refs": form.list_of(form.to("artifact", "file")),
    "observed_data_refs": form.list_of(form.to("observed-data")),
    "where_sighted_refs": form.list_of(form.to("identity", "location")),
    "parent_directory_ref": form.to("directory"),
    "encapsulated_by_ref": form.to("network-traffic"),
    "image_ref": form.to("file"),
    "parent_ref": form.to("process"),
    "child_refs": form.list_of(form.to("process")),
}

# Forms that a property has in one type only.
IN_TYPE: Final[dict[str, dict[str, Form]]] = {
    "ipv4-addr": {"value": form.IP},
    "ipv6-addr": {"value": form.IP},
    "mac-addr": {"value": form.MAC},
    "marking-definition": {"created": form.TIME},
}

_NAMED: Final = Shape(("name",))

# Domain objects and relationships (sections 4 and 5), and those of section 7 that have versions.
_DOMAIN: Final[dict[str, Shape]] = {
    **dict.fromkeys(
        [
            "attack-pattern",
            "campaign",
            "course-of-action",
            "identity",
            "incident",
            "infrastructure",
            "intrusion-set",
            "threat-actor",
            "tool",
            "vulnerability",
        ],
        _NAMED,
    ),
    "grouping": Shape(("context", "object_refs")),
    "indicator": Shape(("pattern", "pattern_type", "valid_from")),
    "location": Shape(
        (),
        some_of=("region", "country", "latitude"),
        needs=(("latitude", "longitude"), ("longitude", "latitude"), ("precision", "latitude")),
    ),
    "malware": Shape(("is_family",)),
    "malware-analysis": Shape(("product",), some_of=("result", "analysis_sco_refs")),
    "note": Shape(("content", "object_refs")),
    "observed-data": Shape(
        ("first_observed", "last_observed", "number_observed"),
        some_of=("objects", "object_refs"),
        not_both=("objects", "object_refs"),
    ),
    "opinion": Shape(("opinion", "object_refs")),
    "report": Shape(("name", "published", "object_refs")),
    "relationship": Shape(("relationship_type", "source_ref", "target_ref")),
    "sighting": Shape(("sighting_of_ref",)),
    "language-content": Shape(("object_ref", "contents")),
    "extension-definition": Shape(("name", "schema", "version", "extension_types", "created_by_ref")),
}

# Cyber-observable objects (section 6): spec_version may be left out, created and modified do not exist.
_OBSERVABLE: Final[dict[str, Shape]] = {
    **dict.fromkeys(["domain-name", "email-addr", "ipv4-addr", "ipv6-addr", "mac-addr", "url"], Shape(("value",))),
    "artifact": Shape(
        some_of=("payload_bin", "url"),
        not_both=("payload_bin", "url"),
        needs=(("url", "hashes"), ("decryption_key", "encryption_algorithm")),
    ),
    "autonomous-system": Shape(("number",)),
    "directory": Shape(("path",)),
    "email-message": Shape(("is_multipart",), not_both=("body", "body_multipart")),
    "file": Shape(some_of=("hashes", "name")),
    "mutex": _NAMED,
    "network-traffic": Shape(("protocols",), some_of=("src_ref", "dst_ref")),
    "process": Shape(
        some_of=(
            "extensions",
            "is_hidden",
            "pid",
            "created_time",
            "cwd",
            "command_line",
            "environment_variables",
            "opened_connection_refs",
            "creator_user_ref",
            "image_ref",
            "parent_ref",
            "child_refs",
        )
    ),
    "software": _NAMED,
    "user-account": Shape(
        some_of=(
            "extensions",
            "user_id",
            "credential",
            "account_login",
            "account_type",
            "display_name",
            "is_service_account",
            "is_privileged",
            "can_escalate_privs",
            "is_disabled",
            "account_created",
            "account_expires",
            "credential_last_changed",
            "account_first_login",
            "account_last_login",
        )
    ),
    "windows-registry-key": Shape(some_of=("key", "values", "modified_time", "creator_user_ref", "number_of_subkeys")),
    "x509-certificate": Shape(
        some_of=(
            "is_self_signed",
            "hashes",
            "version",
            "serial_number",
            "signature_algorithm",
            "issuer",
            "validity_not_before",
            "validity_not_after",
            "subject",
            "subject_public_key_algorithm",
            "subject_public_key_modulus",
            "subject_public_key_exponent",
            "x509_v3_extensions",
        )
    ),
}

# Section 7.2: a marking can never change, and has no modified.
_MARKING: Final = Shape(
    ("spec_version", "created"),
    some_of=("definition", "extensions"),
    needs=(("definition", "definition_type"), ("definition_type", "definition")),
)

# What all objects with versions carry (section 3.2), custom ones included.
VERSIONED: Final = Shape(("spec_version", "created", "modified"))

SHAPES: Final[dict[str, Shape]] = {
    **{type_: replace(shape, required=VERSIONED.required + shape.required) for type_, shape in _DOMAIN.items()},
    **_OBSERVABLE,
    "marking-definition": _MARKING,
}

# The second is never before the first.
ORDERED: Final = (
    ("created", "modified"),
    ("first_seen", "last_seen"),
    ("first_observed", "last_observed"),
    ("start", "end"),
    ("analysis_started", "analysis_ended"),
)
# The second is after the first.
STRICTLY_ORDERED: Final = (("valid_from", "valid_until"), ("start_time", "stop_time"))
