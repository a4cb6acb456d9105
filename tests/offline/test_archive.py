"""The archive for machines without network: what it carries, who made it, and that it installs or leaves all as it was."""

import base64
import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.requirements import Requirement

from offline.workbench import (
    OURS,
    PYTHONS,
    ROOT,
    build,
    copy,
    fingerprint,
    install,
    new_key,
    pull_the_plug,
    replace,
    run,
    seal_again,
    shared,
)
from wire import TRUST, eventually, free_port

PAGE, SECTION = "docs/threat-model.md", "Who brings the program"
ALTERED = "A byte altered in any of its files, a file added, another signer, or the signer's signature for another use"


@dataclass(frozen=True)
class Release:
    """A signed archive, unpacked, and the key that signed it."""

    folder: Path
    key: Path

    @property
    def signer(self) -> tuple[str, str]:
        """What an operator was told on paper."""
        return "--signer", fingerprint(self.key)


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory, testrun_uid: str) -> Release:
    """One archive for all processes of a test run."""
    home = tmp_path_factory.getbasetemp().parent / f"release-{testrun_uid}"
    with shared(home) as new:
        key = new_key(home / "key") if new else home / "key"
        folder = build(home, key) if new else next(path for path in home.glob("amanat-*") if path.is_dir())
    return Release(folder, key)


def lock(path: Path) -> dict[Requirement, set[str]]:
    """Each requirement of a lock with the digests it accepts."""
    lines = path.read_text("utf-8").replace("\\\n", "").splitlines()
    return {Requirement(line.split(" --hash")[0]): set(re.findall("sha256:([0-9a-f]{64})", line)) for line in lines}


def versions(path: Path) -> dict[str, str]:
    """The packages that a lock names for Linux and CPython, and their versions."""
    named = (need for need in lock(path) if need.marker is None or need.marker.evaluate({"sys_platform": "linux"}))
    return {need.name: str(need.specifier).removeprefix("==") for need in named}


def digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


# --- what it carries --------------------------------------------------------------------------------------------------


def test_it_carries_what_the_lock_names_and_our_own_wheel_and_nothing_else(release: Release) -> None:
    ours = lock(ROOT / "requirements.lock")
    wheels = {digest(path): path.name for path in (release.folder / "wheels").iterdir()}
    carried = {need.name: digests for need, digests in lock(release.folder / "requirements.lock").items()}
    assert set().union(*carried.values()) == set(wheels)
    (own,) = carried.pop("amanat")
    assert wheels[own].startswith("amanat-")
    allowed = {need.name: digests for need, digests in ours.items()}
    assert all(digests <= allowed[name] for name, digests in carried.items())
    assert carried.keys() == versions(ROOT / "requirements.lock").keys()


def test_it_carries_wheels_for_each_python_it_says(release: Release) -> None:
    said = re.findall(r"^python (.+)$", (release.folder / "carries").read_text("utf-8"), re.MULTILINE)
    assert said == list(PYTHONS)
    for python in said:
        assert list((release.folder / "wheels").glob(f"msgspec-*-cp{python.replace('.', '')}-*"))


def test_the_bill_of_materials_lists_exactly_the_packages_and_versions_of_the_lock(release: Release) -> None:
    text = (release.folder / "sbom.cdx.json").read_text("utf-8")
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    bill = json.loads(text)
    listed = [each for each in components(bill) if each["purl"].startswith("pkg:pypi/")]
    assert {each["name"]: each["version"] for each in listed} == versions(release.folder / "requirements.lock")
    files = {part["name"]: part["hashes"][0]["content"] for each in listed for part in each["components"]}
    assert files == {f"wheels/{path.name}": digest(path) for path in (release.folder / "wheels").iterdir()}


def test_the_terms_of_every_package_are_named_and_carried(release: Release) -> None:
    bill = json.loads((release.folder / "sbom.cdx.json").read_text("utf-8"))
    for each in components(bill):
        (terms,) = each["licenses"]
        assert terms.get("expression") or terms["license"].get("id") or terms["license"]["name"]
        name = "/".join([*([each["group"]] if "group" in each else []), each["name"]])
        assert list((release.folder / "licenses" / f"{name}-{each['version']}").iterdir())


def test_what_is_built_into_the_pages_is_listed_as_the_lock_of_npm_names_it(release: Release) -> None:
    bill = json.loads((release.folder / "sbom.cdx.json").read_text("utf-8"))
    listed = {each["purl"]: each for each in components(bill) if each["purl"].startswith("pkg:npm/")}
    lock = json.loads((ROOT / "src/amanat/console/assets/package-lock.json").read_text("utf-8"))["packages"]
    carried = {where: said for where, said in lock.items() if where and not said.get("dev")}
    assert {f"node_modules/{name}" for name in lock[""]["dependencies"]} <= carried.keys()
    for where, said in carried.items():
        name = where.rpartition("node_modules/")[2]
        found = listed.pop(f"pkg:npm/{name.replace('@', '%40')}@{said['version']}")
        (sum_,) = found["hashes"]
        integrity = base64.b64encode(bytes.fromhex(sum_["content"])).decode()
        assert (sum_["alg"], f"sha512-{integrity}") == ("SHA-512", said["integrity"])
        assert found["bom-ref"] in needs(bill, bill["metadata"]["component"]["bom-ref"])
    assert listed == {}


def components(bill: Any) -> list[Any]:
    """The product, and all that goes with it."""
    return [bill["metadata"]["component"], *bill["components"]]


def needs(bill: Any, ref: str) -> list[str]:
    """What one of them is made of or needs."""
    (found,) = [each["dependsOn"] for each in bill["dependencies"] if each["ref"] == ref]
    return list(found)


def test_nothing_in_it_names_where_it_was_built_or_fetched_from(release: Release) -> None:
    for name in ("requirements.lock", "sbom.cdx.json", "carries", "SHA256SUMS", "install.sh", "amanat.service"):
        text = (release.folder / name).read_text("utf-8")
        assert set(re.findall(r"\w+://[^/\"\s]+", text)) <= {"http://cyclonedx.org"}
        assert str(release.folder.parent) not in text
        assert str(ROOT) not in text


def test_another_build_of_the_same_commit_has_the_same_sums(release: Release, tmp_path: Path) -> None:
    """At another time and place, where wheels come from a folder and not from a registry."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    wheels = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(release.folder / "wheels")}
    there = {"TMPDIR": str(elsewhere), "TZ": "Asia/Kabul", "PYTHONHASHSEED": "7", **wheels}
    again = build(tmp_path / "out", environment=there)
    assert (again / "SHA256SUMS").read_text("utf-8") == (release.folder / "SHA256SUMS").read_text("utf-8")


# --- who made it, and is it whole -------------------------------------------------------------------------------------


def refused(archive: Path, prefix: Path, *options: str, code: int = 1) -> str:
    """See that an archive is refused and nothing is laid down; return what was said."""
    said = install(archive, prefix, *options, code=code)
    assert said.startswith("error: ")
    assert "\nhint: " in said
    assert not prefix.exists()
    return said


@pytest.mark.promised("an altered program", PAGE, SECTION, ALTERED)
def test_a_wheel_altered_in_one_bit_is_refused(release: Release, tmp_path: Path) -> None:
    archive = copy(release.folder, tmp_path)
    wheel = next((archive / "wheels").glob("segno-*"))
    data = bytearray(wheel.read_bytes())
    data[len(data) // 2] ^= 1
    replace(wheel, bytes(data))
    assert f"wheels/{wheel.name}: FAILED" in refused(archive, tmp_path / "prefix", *release.signer)


@pytest.mark.promised("an altered program", PAGE, SECTION, ALTERED)
def test_sums_that_were_altered_with_it_are_refused(release: Release, tmp_path: Path) -> None:
    archive = copy(release.folder, tmp_path)
    signature = (archive / "SHA256SUMS.sig").read_bytes()
    replace(archive / "LICENSE", b"none")
    seal_again(archive, None)
    replace(archive / "SHA256SUMS.sig", signature)
    assert "does not fit" in refused(archive, tmp_path / "prefix", *release.signer)


@pytest.mark.promised("a program from somebody else", PAGE, SECTION, ALTERED)
def test_one_that_another_key_signed_is_refused_and_both_keys_are_named(release: Release, tmp_path: Path) -> None:
    archive, stranger = copy(release.folder, tmp_path), new_key(tmp_path / "stranger")
    seal_again(archive, stranger)
    said = refused(archive, tmp_path / "prefix", *release.signer)
    assert f"signed by {fingerprint(stranger)}, and not by {fingerprint(release.key)}" in said


@pytest.mark.promised("a program from somebody else", PAGE, SECTION, ALTERED)
def test_what_the_key_signed_for_another_use_is_refused(release: Release, tmp_path: Path) -> None:
    archive = copy(release.folder, tmp_path)
    (archive / "SHA256SUMS.sig").unlink()
    run("ssh-keygen", "-q", "-Y", "sign", "-f", release.key, "-n", "file", archive / "SHA256SUMS")
    assert "does not fit" in refused(archive, tmp_path / "prefix", *release.signer)


@pytest.mark.parametrize("name", ["wheels/segno-99-py3-none-any.whl", " LICENSE"], ids=["another", "almost the same"])
@pytest.mark.promised("an altered program", PAGE, SECTION, ALTERED)
def test_a_file_that_nobody_signed_is_refused(release: Release, tmp_path: Path, name: str) -> None:
    archive = copy(release.folder, tmp_path)
    (archive / name).write_bytes(b"")
    assert f"Files that nobody signed are here: {name}\n" in refused(archive, tmp_path / "prefix", *release.signer)


def test_one_that_says_nothing_of_its_maker_is_refused(release: Release, tmp_path: Path) -> None:
    assert "Nothing says who" in refused(release.folder, tmp_path / "prefix", code=2)


def test_an_unsigned_one_is_taken_only_by_the_number_its_builder_tells(release: Release, tmp_path: Path) -> None:
    archive = copy(release.folder, tmp_path)
    seal_again(archive, None)
    assert "not signed" in refused(archive, tmp_path / "prefix", *release.signer)
    assert "--sums" in refused(archive, tmp_path / "prefix", "--sums", "0" * 64)
    told = digest(archive / "SHA256SUMS")
    said = install(archive, tmp_path / "prefix", "--sums", told, code=2, environment={"PYTHON": "false"})
    assert "No Python is here" in said  # the next thing that is asked for


# --- it installs, or leaves all as it was -----------------------------------------------------------------------------


def test_a_machine_without_a_fitting_python_is_told_which(release: Release, tmp_path: Path) -> None:
    said = install(release.folder, tmp_path / "prefix", *release.signer, code=2, environment={"PYTHON": "false"})
    assert OURS in said
    assert not (tmp_path / "prefix").exists()


def test_it_installs_without_network_and_the_program_runs(release: Release, tmp_path: Path) -> None:
    prefix = tmp_path / "prefix"
    install(release.folder, prefix, *release.signer)
    amanat = prefix / "current" / "venv" / "bin" / "amanat"
    assert run(amanat, "--version", folder=tmp_path) == f"{(prefix / 'current').readlink()}\n"
    (tmp_path / "pass").write_text("an exercise", "utf-8")
    spoken = ("--passphrase-file", "pass")
    public = run(amanat, "custodian", "create", "--out", "pk.key", *spoken, folder=tmp_path).splitlines()[-1]
    made = ("--party", "pk", "--name", "pk.amanat.example", "--custodian", public, "--threshold", "1")
    run(amanat, "node", "create", "-C", "pk", *made, "--out", "pk.manifest", *spoken, folder=tmp_path)
    assert run(amanat, "outbox", "-C", "pk", *spoken, folder=tmp_path) == "Nothing.\n"
    served_until_it_is_stopped(amanat, tmp_path, *spoken)
    upgraded_and_rolled_back(release, prefix, tmp_path)


def served_until_it_is_stopped(amanat: Path, folder: Path, *spoken: str) -> None:
    """The installed program serves the node at its address, to its operators and its peers, and stops as systemd asks."""
    port = free_port()
    (folder / "pk" / "node.toml").write_text(f"port = {port}\n", "utf-8")

    def answers(path: str) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{port}{path}", verify=TRUST).status_code == 204
        except httpx.HTTPError:
            return False

    with subprocess.Popen([amanat, "node", "serve", "-C", "pk", *spoken], cwd=folder) as serving:  # noqa: S603 - ours
        try:
            eventually(lambda: answers("/health/ready"))
            assert answers("/health/live")
            assert answers("/peer/v1/nonce")
        finally:
            serving.terminate()
        assert serving.wait(30) == 0
    assert not answers("/health/live")


def upgraded_and_rolled_back(release: Release, prefix: Path, tmp_path: Path) -> None:
    """A later version stands beside the earlier one; `current` is either, and never something half-done."""
    version, later = (prefix / "current").readlink(), copy(release.folder, tmp_path)
    text = (later / "carries").read_text("utf-8")
    replace(later / "carries", re.sub("^version .+", "version 99.0", text).encode())
    seal_again(later, release.key)
    pull_the_plug(later, prefix, *release.signer)
    assert (prefix / "current").readlink() == version
    assert "99.0 is installed" in install(later, prefix, *release.signer)
    assert run(prefix / "current" / "venv" / "bin" / "amanat", "--version") == f"{version}\n"  # what that wheel says
    assert (prefix / "current").readlink() == Path("99.0")
    install(release.folder, prefix, *release.signer)
    assert (prefix / "current").readlink() == version
    replace(later / "LICENSE", b"another build")
    seal_again(later, release.key)
    assert "Another build" in install(later, prefix, *release.signer, code=1)
    assert (prefix / "current").readlink() == version


# --- the service ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["amanat.service", "amanat-backup.service"])
def test_systemd_finds_no_fault_in_the_unit_and_little_exposure(tmp_path: Path, name: str) -> None:
    """The threshold is systemd's own: below 2 of 10 counts as `OK`, where what is left is that it speaks IP."""
    unit = tmp_path / name
    text = (ROOT / "offline" / name).read_text("utf-8")
    unit.write_text(text.replace("/opt/amanat/current/venv/bin/amanat", str(shutil.which("true"))), "utf-8")
    assert shutil.which("systemd-analyze"), "systemd-analyze is not installed: `apt-get install systemd`, then again"
    assert run("systemd-analyze", "verify", unit) == ""
    run("systemd-analyze", "security", "--offline=true", "--threshold=15", "--no-pager", unit)


def test_a_backup_is_made_every_night_into_a_file_of_that_day(tmp_path: Path) -> None:
    """By what the timer's service gives to a shell, with a program that says how it was called in the node's place."""
    for name in ("amanat-backup.service", "amanat-backup.timer"):
        text = (ROOT / "offline" / name).read_text("utf-8")
        (tmp_path / name).write_text(text.replace("/opt/amanat/current/venv/bin/amanat", "/bin/echo"), "utf-8")
    assert run("systemd-analyze", "verify", tmp_path / "amanat-backup.timer") == ""
    (given,) = re.findall(
        r"^ExecStart=/bin/sh -c '(.*)'$", (tmp_path / "amanat-backup.service").read_text("utf-8"), re.MULTILINE
    )
    said = run("env", "STATE_DIRECTORY=/n", "sh", "-c", given.replace("$$", "$").replace("%%", "%"))
    assert re.fullmatch(r"node backup -C /n --out /srv/backup/amanat-\d{4}-\d\d-\d\d\n", said)
