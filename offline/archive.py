"""Build the archive that installs a node on a machine that never sees the internet: `make offline`.

Law: what is carried is what requirements.lock names, by its hashes, and our own wheel. One commit gives one SHA256SUMS,
whoever builds it: names sorted, times the commit's, and nothing of the building machine or of where it fetched from.
"""

import argparse
import gzip
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.requirements import Requirement

from npm import Bundled, bundled
from sbom import bill_of
from wheels import Wheel, read_wheel

ROOT = Path(__file__).resolve().parents[1]
HERE = ROOT / "offline"
NAMESPACE = (
    "amanat-release"  # what a signature is for: the same key's signature under anything else does not count here
)
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
ASSETS = ROOT / "src/amanat/console/assets"
PAGES = "amanat/console/static/manifest.json"
GLIBC = 28  # wheels for glibc 2.28 and later: Debian 11, Ubuntu 20.04, RHEL 8 and what came after them


def main() -> int:
    """Build the archive, and say where it is and who signed it."""
    asked = _arguments()
    try:
        with TemporaryDirectory() as work:
            folder = build(Path(work), asked.python or PYTHONS, asked.machine, _epoch())
            signer = sign(folder, asked.signing_key) if asked.signing_key else ""
            archive = pack(folder, asked.out, _epoch())
            sums = hashlib.sha256((folder / "SHA256SUMS").read_bytes()).hexdigest()
    except subprocess.CalledProcessError as error:
        return _failed(f"{' '.join(map(str, error.cmd[:6]))} … failed:\n{error.stderr.strip()}")
    except (ValueError, OSError) as error:
        return _failed(str(error))
    print(archive)
    if signer:
        print(f"Signed by {signer}. Tell operators this fingerprint by another way than the archive.", file=sys.stderr)
    else:
        print(
            f"NOT SIGNED: no SIGNING_KEY was given. Only who is told this number by another way can install:\n{sums}",
            file=sys.stderr,
        )
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Build the archive that installs a node without network.")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="the folder to write it to")
    parser.add_argument(
        "--signing-key", type=Path, help="a private key of ssh-keygen, or its .pub when an agent holds it"
    )
    parser.add_argument("--python", action="append", help=f"carry wheels for this Python; may be repeated: {PYTHONS}")
    parser.add_argument("--machine", default=os.uname().machine, help="the processor: x86_64, aarch64")
    return parser.parse_args()


def _failed(says: str) -> int:
    print(f"error: {says}\nhint: no archive was written; mend this and give `make offline` again.", file=sys.stderr)
    return 1


def _run(*command: str | Path, **environment: str) -> str:
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | environment, check=True, capture_output=True, text=True, stdin=None
    )
    return done.stdout


def _epoch() -> int:
    """The commit's moment, or what SOURCE_DATE_EPOCH says where there is no repository."""
    return int(os.environ.get("SOURCE_DATE_EPOCH") or _run("git", "log", "-1", "--format=%ct"))


# --- what is carried --------------------------------------------------------------------------------------------------


def build(work: Path, pythons: Sequence[str], machine: str, made: int) -> Path:
    """Lay out the archive's folder, all but its signature, and return it."""
    requirements = locked(ROOT / "requirements.lock")
    with ThreadPoolExecutor() as pool:
        jobs = [pool.submit(fetch, requirements, python, machine, work / python) for python in pythons]
        own = pool.submit(own_wheel, work / "own", made).result()
        fetched = {path.name: path for job in jobs for path in job.result()}
    product, carried = read_wheel(own), [read_wheel(fetched[name]) for name in sorted(fetched)]
    folder = work / f"amanat-{product.version}-offline-linux-{machine}"
    (folder / "wheels").mkdir(parents=True)
    for wheel in (product, *carried):
        shutil.copyfile(wheel.path, folder / "wheels" / wheel.path.name)
    built_in = bundled(ASSETS)
    of: list[Wheel | Bundled] = [product, *carried, *built_in]
    for each in of:
        for name, text in each.papers.items():
            paper = folder / "licenses" / f"{each.name}-{each.version}" / name
            paper.parent.mkdir(parents=True, exist_ok=True)
            paper.write_bytes(text)
    _write(folder / "requirements.lock", relocked(requirements, product, carried))
    _write(folder / "sbom.cdx.json", [bill_of(product, carried, built_in, made).rstrip("\n")])
    _write(folder / "carries", [f"version {product.version}", f"machine {machine}", *(f"python {p}" for p in pythons)])
    for ours in (HERE / "install.sh", *sorted(HERE.glob("amanat*.service")), *HERE.glob("*.timer"), ROOT / "LICENSE"):
        shutil.copyfile(ours, folder / ours.name)
    _write(folder / "SHA256SUMS", sums(folder))
    return folder


def locked(lock: Path) -> dict[Requirement, list[str]]:
    """What a lock names: each requirement with the options that give its hashes."""
    lines = lock.read_text("utf-8").replace("\\\n", "").splitlines()
    return {Requirement(line.split(" --")[0]): line.split()[-line.count("--hash=") :] for line in lines if line.strip()}


def fetch(requirements: dict[Requirement, list[str]], python: str, machine: str, into: Path) -> Iterable[Path]:
    """Download the wheels that one Python needs on Linux, whatever runs here."""
    into.mkdir()
    wanted = [(need, hashes) for need, hashes in requirements.items() if _needed(need, python, machine)]
    _write(into / "wanted", [f"{need.name}{need.specifier} {' '.join(hashes)}" for need, hashes in wanted])
    tags = [*(f"manylinux_2_{minor}" for minor in range(5, GLIBC + 1)), "manylinux1", "manylinux2010", "manylinux2014"]
    pip = (sys.executable, "-m", "pip", "download", "--quiet", "--dest", into, "--requirement", into / "wanted")
    exact = (
        "--require-hashes",
        "--no-deps",
        "--only-binary=:all:",
        "--implementation=cp",
        f"--python-version={python}",
    )
    _run(*pip, *exact, *(f"--platform={tag}_{machine}" for tag in tags))
    return into.glob("*.whl")


def _needed(need: Requirement, python: str, machine: str) -> bool:
    """Whether a line of the lock holds for a Python on Linux, whatever runs here."""
    there = {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "sys_platform": "linux",
        "platform_system": "Linux",
        "os_name": "posix",
        "platform_machine": machine,
    }
    return need.marker is None or need.marker.evaluate(there)


def own_wheel(into: Path, made: int) -> Path:
    """Build our own wheel, and keep it uncompressed: zlib's output differs from one machine to the next.

    Raises `ValueError` when the console's scripts and styles were not built: no node could build them.
    """
    hatch = (sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", into / "packed")
    _run(*hatch, SOURCE_DATE_EPOCH=str(made))
    (path,) = (into / "packed").glob("*.whl")
    with zipfile.ZipFile(path) as packed, zipfile.ZipFile(into / path.name, "w") as plain:
        if PAGES not in packed.namelist():
            raise ValueError(f"the wheel has no {PAGES}: `make assets` was not done")
        for entry in packed.infolist():
            content = packed.read(entry)
            entry.compress_type = zipfile.ZIP_STORED
            plain.writestr(entry, content)
    return into / path.name


def relocked(requirements: Iterable[Requirement], product: Wheel, carried: Sequence[Wheel]) -> Iterator[str]:
    """The lock of what is carried: every line that any of its Pythons needs, our own, and the hashes of those files."""
    digests: dict[str, list[str]] = {}
    for wheel in carried:
        digests.setdefault(wheel.name, []).append(f"--hash=sha256:{wheel.sha256}")
    yield f"{product.name}=={product.version} --hash=sha256:{product.sha256}"
    for need in requirements:
        if need.name in digests:
            yield " ".join([str(need), *sorted(digests[need.name])])


def _write(path: Path, lines: Iterable[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")


# --- sums, signature, archive -----------------------------------------------------------------------------------------


def sums(folder: Path) -> Iterator[str]:
    """The digest of every file, as `sha256sum --check` reads them."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        yield f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder).as_posix()}"


def sign(folder: Path, key: Path) -> str:
    """Sign the sums beside them, and return the signer's fingerprint. Asks for the key's passphrase, if it has one."""
    _run("ssh-keygen", "-q", "-Y", "sign", "-f", key.resolve(strict=True), "-n", NAMESPACE, folder / "SHA256SUMS")
    return _run("ssh-keygen", "-l", "-f", key.resolve()).split()[1]


def pack(folder: Path, out: Path, made: int) -> Path:
    """Write the archive under its name, whole or not at all."""
    archive = out.resolve() / f"{folder.name}.tar.gz"
    archive.parent.mkdir(parents=True, exist_ok=True)
    part = archive.with_suffix(".part")
    with (
        part.open("wb") as file,
        gzip.GzipFile("", "wb", fileobj=file, mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.GNU_FORMAT) as tar,
    ):
        for path in sorted([folder, *folder.rglob("*")]):
            tar.add(path, path.relative_to(folder.parent), recursive=False, filter=partial(_anonymous, made=made))
    part.replace(archive)
    return archive


def _anonymous(entry: tarfile.TarInfo, made: int) -> tarfile.TarInfo:
    """Let an entry tell nothing of the machine that built it."""
    mode = 0o755 if entry.isdir() else 0o644
    return entry.replace(mtime=made, mode=mode, uid=0, gid=0, uname="root", gname="root", deep=False)


if __name__ == "__main__":
    sys.exit(main())
