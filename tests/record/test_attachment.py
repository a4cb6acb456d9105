"""What a record may say of a file that goes with it: a plain name of a type that is carried, a size, a digest, a key."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amanat.party import canonical
from amanat.party.errors import Invalid
from amanat.record.attachment import MAX_ATTACHMENT_BYTES, MAX_ATTACHMENTS, SUFFIXES, Attachment, media_type
from amanat.record.attachment import require_distinct as distinct


def attachment(name: str = "bridge.jpg", media_type: str = "image/jpeg", size: int = 11, key: int = 1) -> bytes:
    said = f'"name":"{name}","media_type":"{media_type}","size":{size},"sha256":"{"ab" * 32}","key":"{key:064x}"'
    return f"{{{said}}}".encode()


def read(data: bytes) -> Attachment:
    return canonical.decode(data, Attachment, "attachment")


@pytest.mark.parametrize("name", ["bridge.jpg", "BRIDGE.JPG", "پل ۱۲.jpeg", "د پله انځور.jpg", "a.tar.jpg"])
def test_a_name_is_what_a_reader_calls_it(name: str) -> None:
    assert read(attachment(name)).name == name


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("../bridge.jpg", "attachment.name"),
        ("C:bridge.jpg", "attachment.name"),
        (".bridge.jpg", "attachment.name"),
        (" bridge.jpg", "attachment.name"),
        ("bridge.jpg ", "attachment.name"),
        ("bridge.jpg.", "attachment.name"),
        ("x" * 117 + ".jpg", "attachment.name"),
        (unicodedata.normalize("NFD", "pé.jpg"), "attachment.name"),
        ("gpj.\u202ebridge.jpg", "json.field"),
        ("bridge.exe", "attachment.type"),
        ("bridge.jpg.exe", "attachment.type"),
        ("bridge.html", "attachment.type"),
        ("bridge.svg", "attachment.type"),
        ("bridge", "attachment.type"),
        ("bridge.png", "attachment.type"),
        ("", "json.field"),
    ],
)
def test_other_names_are_refused(name: str, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        read(attachment(name))
    assert caught.value.code == code


@given(st.text(max_size=130), st.sampled_from(sorted(SUFFIXES)))
def test_no_name_that_is_taken_leads_out_of_a_folder_or_hides_what_it_is(text: str, suffix: str) -> None:
    name = text + suffix
    try:
        type_ = media_type(name)
    except Invalid:
        return
    assert type_ == SUFFIXES[suffix]
    assert not set("/\\:").intersection(name)
    assert not name.startswith(".")


@pytest.mark.parametrize("size", [0, -1, MAX_ATTACHMENT_BYTES + 1])
def test_a_size_that_no_file_carried_has_is_refused(size: int) -> None:
    with pytest.raises(Invalid):
        read(attachment(size=size))


def test_attachments_of_one_record_have_names_and_keys_of_their_own() -> None:
    one = read(attachment())
    for several in (
        (one, read(attachment(key=2))),
        (one, read(attachment("other.jpg"))),
        tuple(read(attachment(f"{n}.jpg", key=n + 1)) for n in range(MAX_ATTACHMENTS + 1)),
    ):
        with pytest.raises(Invalid) as caught:
            distinct(several)
        assert caught.value.code == "attachment.several"
    distinct(tuple(read(attachment(f"{n}.jpg", key=n + 1)) for n in range(MAX_ATTACHMENTS)))
