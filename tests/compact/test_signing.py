"""A text binds when the custodians of every member signed the very same bytes; an amendment, when old and new ones did."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from amanat.compact.signing import accept_compact, missing
from amanat.compact.terms import Terms, parse
from amanat.party import dsse, labels
from amanat.party.errors import Invalid, Problem, Refused
from compact.cast import (
    AGREED,
    EXAMPLE,
    IN_FORCE,
    MANIFESTS,
    NEIGHBOUR,
    PARTIES,
    amended,
    custodians_of,
    next_version,
    sealed_with,
)

BOTH = custodians_of("pk", "af")


def accept(file: bytes, held: Terms | None = None) -> Terms:
    return accept_compact(file, MANIFESTS, held)


def no(file: bytes, held: Terms | None = None) -> Problem:
    with pytest.raises((Invalid, Refused)) as caught:
        accept(file, held)
    return caught.value


class TestBinding:
    """Every member, each by a threshold of its custodians, on the same bytes."""

    def test_a_text_that_both_members_signed_binds_as_it_was_written(self) -> None:
        assert accept(sealed_with(BOTH)) == IN_FORCE
        assert accept(sealed_with(BOTH)).text == AGREED

    @pytest.mark.parametrize(
        ("signers", "waiting"),
        [
            ([], "af, pk"),
            (custodians_of("pk"), "af"),
            (custodians_of("af", each=3), "pk"),
            (custodians_of("pk") + custodians_of("af", each=1), "af"),
            (custodians_of("pk") + custodians_of("obs"), "af"),
            (custodians_of("pk") + custodians_of("neighbour"), "af"),
            ([*custodians_of("pk"), PARTIES["af"].node], "af"),
        ],
        ids=["nobody", "one", "the other", "a custodian too few", "an observer", "a stranger", "a node"],
    )
    def test_until_then_it_says_whose_custodians_are_lacking(
        self, signers: list[Ed25519PrivateKey], waiting: str
    ) -> None:
        refused = no(sealed_with(signers))
        assert (refused.code, refused.says) == (
            "compact.unsigned",
            f"pk-af version 1 still lacks the custodians of {waiting}.",
        )

    def test_an_observer_is_not_asked_to_sign(self) -> None:
        unsigned = dsse.parse(sealed_with([]), labels.COMPACT, "compact")
        assert missing(unsigned, MANIFESTS) == ("af", "pk")

    def test_one_custodian_signing_twice_is_one(self) -> None:
        one = dsse.parse(sealed_with(custodians_of("pk", each=1)), labels.COMPACT, "compact")
        twice = dsse.Statement(one.payload, one.payload_type, one.signatures * 2)
        assert missing(twice, MANIFESTS) == ("af", "pk")
        assert no(dsse.to_bytes(twice)).code == "field.order"

    def test_a_signature_on_another_text_is_no_signature_on_this_one(self) -> None:
        """One number changed after signing: nobody is held to it, and the file is evidence."""
        signed = dsse.parse(sealed_with(BOTH), labels.COMPACT, "compact")
        longer = amended(("retention_days = 365", "retention_days = 366"), of=AGREED)
        altered = dsse.sign(labels.COMPACT, longer, [])
        forged = dsse.Statement(altered.payload, altered.payload_type, signed.signatures)
        assert no(dsse.to_bytes(forged)).code == "statement.signature"

    def test_a_signature_for_another_purpose_is_none_on_a_compact(self) -> None:
        assert no(dsse.to_bytes(dsse.sign(labels.ACT, AGREED, BOTH))).code == "statement.type"

    def test_a_text_with_a_flaw_binds_nobody_however_many_signed(self) -> None:
        flawed = amended(("context.h2 == 0 }", "context.h4 == 0 }"), of=AGREED)
        assert no(sealed_with(BOTH, flawed)).code == "compact.policy"


class TestParties:
    """Every party's keys are known, and are those that the text names."""

    @pytest.mark.parametrize("party", ["pk", "af", "obs"])
    def test_a_party_whose_manifest_is_not_held_is_nobody_yet(self, party: str) -> None:
        held = {code: manifest for code, manifest in MANIFESTS.items() if code != party}
        with pytest.raises(Refused, match=f"The manifest of {party} is not held") as caught:
            accept_compact(sealed_with(BOTH), held, None)
        assert caught.value.code == "compact.manifest"

    @pytest.mark.parametrize("party", ["pk", "af", "obs"])
    def test_a_root_other_than_the_one_compared_is_refused(self, party: str) -> None:
        swapped = amended((PARTIES[party].root, PARTIES["neighbour"].root), of=AGREED)
        refused = no(sealed_with(BOTH, swapped))
        assert (refused.code, refused.says) == (
            "compact.root",
            f"pk-af names the root {PARTIES['neighbour'].root[:16]} for {party}; its manifest has another.",
        )

    def test_a_text_whose_roots_were_never_put_in_binds_nobody(self) -> None:
        assert no(sealed_with(BOTH, EXAMPLE)).code == "compact.root"


class TestAmendment:
    """The next version of the text that is held, signed by the members of both."""

    def test_the_next_version_binds_when_all_signed_it(self) -> None:
        amending = next_version(("retention_days = 365", "retention_days = 200"))
        assert accept(sealed_with(BOTH, amending), IN_FORCE).kinds["intelligence.report"].retention_days == 200

    @pytest.mark.parametrize(
        "text",
        [
            AGREED,
            next_version((f'previous = "{IN_FORCE.digest}"', f'previous = "{"ab" * 32}"')),
            next_version(('id = "pk-af"', 'id = "pk-ir"')),
            next_version(('id = "pk-af"', 'id = "pk-ir"'), ("version = 2 ", "version = 3 ")),
        ],
        ids=["the same version", "of another text", "of another compact", "of another one, a version left out"],
    )
    def test_anything_but_a_later_version_of_this_text_is_refused(self, text: bytes) -> None:
        refused = no(sealed_with(BOTH, text), IN_FORCE)
        assert (refused.code, refused.mend) == (
            "compact.amendment",
            f"An amendment has version 2 and previous {IN_FORCE.digest}, or a version above that.",
        )

    def test_a_later_version_that_all_signed_binds_though_one_between_is_missing(self) -> None:
        after_next = next_version(after=parse(next_version()))
        assert accept_compact(sealed_with(BOTH, after_next), MANIFESTS, IN_FORCE).version == 3
        assert no(sealed_with(custodians_of("pk"), after_next), IN_FORCE).code == "compact.unsigned"

    def test_one_member_alone_amends_nothing(self) -> None:
        assert no(sealed_with(custodians_of("pk"), next_version()), IN_FORCE).code == "compact.unsigned"

    def test_a_new_member_signs_with_the_old_ones(self) -> None:
        joining = next_version(NEIGHBOUR)
        assert no(sealed_with(BOTH, joining), IN_FORCE).says.endswith("lacks the custodians of neighbour.")
        everybody = custodians_of("pk", "af", "neighbour")
        assert tuple(accept(sealed_with(everybody, joining), IN_FORCE).members) == ("pk", "af", "neighbour")

    def test_no_member_is_left_out_without_its_word(self) -> None:
        """The two others cannot amend it away, nor make it an observer."""
        three = parse(next_version(NEIGHBOUR))
        leaving = next_version((NEIGHBOUR[1], NEIGHBOUR[0]), after=three)
        assert no(sealed_with(BOTH, leaving), three).says.endswith("lacks the custodians of neighbour.")
        everybody = custodians_of("pk", "af", "neighbour")
        assert tuple(accept(sealed_with(everybody, leaving), three).members) == ("pk", "af")
