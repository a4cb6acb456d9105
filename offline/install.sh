#!/bin/sh
# Install Amanat from this folder, without network: check who signed it, check every file, then lay the program down.
# Law: nothing of the folder is used before it is checked. A node's data is never touched. Stopped at any moment, what ran
# before still runs, and the same command again does the rest.
set -eu
umask 022
export LC_ALL=C
cd -- "$(dirname -- "$0")"

usage='usage: sh install.sh --signer FINGERPRINT-OR-PUBLIC-KEY-FILE [--prefix DIR]
       sh install.sh --sums SHA-256-OF-SHA256SUMS [--prefix DIR]
--signer  who must have signed the archive: SHA256:…, or the file of the public key, given to you by another way
--sums    for an archive that nobody signed: the SHA-256 of its file SHA256SUMS, told you by whoever built it
--prefix  where versions stand side by side (else /opt/amanat); then no user and no service are made, and no root is needed
PYTHON=/path/to/python3 in front chooses the Python.'

stop() { # what and where; how to mend it; exit code
    printf 'error: %s\nhint: %s\n' "$1" "$2" >&2
    exit "${3:-1}"
}

# --- what is asked ---

signer='' told='' prefix=/opt/amanat service=yes
while [ $# -gt 0 ]; do
    case $1 in
    --signer | --sums | --prefix) [ $# -gt 1 ] || stop "$1 is given without a value." "See: sh install.sh --help" 2 ;;
    esac
    case $1 in
    --signer) signer=$2 && shift 2 ;;
    --sums) told=$2 && shift 2 ;;
    --prefix) prefix=$2 service='' && shift 2 ;;
    --help) printf '%s\n' "$usage" && exit 0 ;;
    *) stop "$1 is not an option." "See: sh install.sh --help" 2 ;;
    esac
done
case $prefix in /*) ;; *) stop "--prefix $prefix does not begin with /." "Give the whole path." 2 ;; esac
[ -z "$service" ] || [ "$(id -u)" = 0 ] || stop "Installing to $prefix needs root." "Become root, or give --prefix DIR." 2

# --- who made it, and is it whole ---

[ -f SHA256SUMS ] || stop "There is no SHA256SUMS beside install.sh." "Unpack the archive again and run the one in its folder." 2
if [ -n "$signer" ]; then
    [ -f SHA256SUMS.sig ] || stop "This archive is not signed." "Get a signed one; or ask its builder for the SHA-256 of SHA256SUMS, and give it by --sums."
    command -v ssh-keygen >/dev/null || stop "ssh-keygen is not here; it checks signatures." "Install your system's OpenSSH client (8.2 or later)." 2
    if [ -f "$signer" ]; then
        signer=$(ssh-keygen -l -f "$signer" | cut -d ' ' -f 2) || stop "The file given by --signer is not a public key." "Give the .pub file of ssh-keygen, or the fingerprint." 2
    fi
    says=$(ssh-keygen -Y check-novalidate -n amanat-release -s SHA256SUMS.sig <SHA256SUMS 2>&1) ||
        stop "The signature does not fit SHA256SUMS: $says" "Do not install this. Get the archive again from its builder, and keep this one to look into."
    [ "${says##* }" = "$signer" ] || stop "It is signed by ${says##* }, and not by $signer." "Do not install this, unless its builder tells you, by another way, of this key."
elif [ -n "$told" ]; then
    echo "$told  SHA256SUMS" | sha256sum --check --strict --status 2>/dev/null ||
        stop "SHA256SUMS does not have the SHA-256 given by --sums." "Do not install this. Compare the number with its builder again."
else
    stop "Nothing says who must have made this archive." "Give --signer with the fingerprint you were told by another way; see: sh install.sh --help" 2
fi
bad=$(sha256sum --check --strict --quiet SHA256SUMS 2>&1) || stop "Files are not what was signed: $bad" "Do not install this. Get the archive again, and keep this one to look into."
listed() { cut -d ' ' -f 3- SHA256SUMS; }
# Whatever is listed is named twice or more, so that what is left is named by `find` alone.
unlisted=$({ listed && listed && find . ! -type d ! -path ./SHA256SUMS ! -path ./SHA256SUMS.sig | cut -c 3-; } | sort | uniq -u)
[ -z "$unlisted" ] || stop "Files that nobody signed are here: $unlisted" "Unpack the archive into an empty folder, and run install.sh there."

# --- what this machine has ---

version=$(sed -n 's/^version //p' carries)
machine=$(sed -n 's/^machine //p' carries)
pythons=$(sed -n 's/^python //p' carries | tr '\n' ' ')
case $version in [0-9]*) ;; *) stop "The archive does not say its version." "Tell its builder." ;; esac
[ "$(uname -s) $(uname -m)" = "Linux $machine" ] || stop "This archive is for Linux on $machine; this is $(uname -s) on $(uname -m)." "Get the archive for this machine." 2
python=''
for name in ${PYTHON:-python3 $(sed -n 's/^python /python/p' carries)}; do
    its=$("$name" -I -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
    if grep -qxF "python $its" carries; then python=$name && break; fi
done
[ -n "$python" ] || stop "No Python is here that this archive has wheels for: $pythons" "Install one from your system's media, or name it: PYTHON=/path/to/python3 sh install.sh …" 2
"$python" -I -c 'import ensurepip, venv' 2>/dev/null || stop "$python comes without its venv module." "Install it from your system's media (Debian, Ubuntu: python3-venv)." 2
[ -z "$service" ] || [ -L /usr/local/bin/amanat ] || [ ! -e /usr/local/bin/amanat ] || stop "/usr/local/bin/amanat is there, and not ours." "Move it away." 2

# --- lay it down beside what is there; only then switch ---

home=$prefix/$version
{ mkdir -p "$prefix" && : >>"$prefix/.lock"; } || stop "$prefix cannot be written." "See to the disk and its rights, or give another --prefix." 4
exec 9>>"$prefix/.lock"
flock -n 9 || stop "Another install.sh is at work in $prefix." "Wait until it has ended." 4
if [ ! -f "$home/SHA256SUMS" ]; then
    trap 'rm -rf "$home"' EXIT
    trap 'exit 130' INT TERM HUP
    rm -rf "$home"
    "$python" -I -m venv "$home/venv" || stop "No environment could be made in $home; why stands above." "See to the disk and its rights; nothing was changed." 4
    PIP_CONFIG_FILE=/dev/null "$home/venv/bin/python" -I -m pip --isolated install --quiet --no-index --find-links wheels \
        --require-hashes --only-binary :all: --no-cache-dir --disable-pip-version-check --requirement requirements.lock ||
        stop "pip could not lay down the wheels in $home; why stands above." "Mend it and give the same command again; nothing was changed." 4
    "$home/venv/bin/amanat" --version >/dev/null || stop "What was laid down in $home does not run." "Tell its builder what stands above; nothing was changed." 4
    cp -R amanat*.service amanat*.timer sbom.cdx.json licenses "$home"
    sync
    cp SHA256SUMS "$home/SHA256SUMS.part"
    mv "$home/SHA256SUMS.part" "$home/SHA256SUMS" # from here on it counts as laid down
    trap - EXIT INT TERM HUP
elif ! cmp -s SHA256SUMS "$home/SHA256SUMS"; then
    stop "Another build of version $version stands in $home." "To replace it: switch to another version, remove $home, and give this command again."
fi
if [ -n "$service" ]; then
    id amanat >/dev/null 2>&1 || useradd --system --user-group --home-dir /var/lib/amanat --no-create-home --shell /usr/sbin/nologin amanat
    [ -d /var/lib/amanat ] || install -d -o amanat -g amanat -m 700 /var/lib/amanat
    [ -d /etc/amanat ] || install -d -m 700 /etc/amanat
    install -m 644 amanat.service /etc/systemd/system/amanat.service
    ln -sfn "$prefix/current/venv/bin/amanat" /usr/local/bin/amanat
    [ ! -d /run/systemd/system ] || systemctl daemon-reload
fi
ln -sfn "$version" "$prefix/.next"
mv -fT "$prefix/.next" "$prefix/current"
sync
echo "Amanat $version is installed: $prefix/current/venv/bin/amanat"
[ -z "$service" ] || echo "A node that runs goes on with the version it began with, until: systemctl restart amanat"
