#!/usr/bin/env bash
# install.sh VERSION DIR: puts ogpu-tpl, and what stands beside it, into DIR. Without a
# version they are built from the sources beside this script; a release is downloaded,
# held against its checksums, and against the attestation that the release's own workflow
# has signed.
set -euo pipefail
version=${1#v} dir=$2
source=$(realpath "$(dirname "$0")/../..")
mkdir -p "$dir"
if [ -z "$version" ]; then
  if ! command -v go >/dev/null; then
    echo "building ogpu-tpl takes Go, of any version since 1.21: install it, or name a release" >&2
    exit 1
  fi
  # An older Go fetches the one that go.mod asks for, as Go's checksum database has it.
  GOBIN=$(realpath "$dir") CGO_ENABLED=0 GOWORK=off GOTOOLCHAIN=auto go -C "$source" install -trimpath ./cmd/...
  exit
fi

[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]] || { printf '%q is no version\n' "$version" >&2; exit 1; }
case $(uname -s) in
Linux) system=linux ;;
Darwin) system=darwin ;;
*) echo "there is no release for $(uname -s): leave the version out to build it" >&2; exit 1 ;;
esac
case $(uname -m) in
x86_64 | amd64) machine=amd64 ;;
aarch64 | arm64) machine=arm64 ;;
*) echo "there is no release for $(uname -m): leave the version out to build it" >&2; exit 1 ;;
esac
releases=${OGPU_RELEASES:-https://github.com/OpenGPU-Network/templates/releases/download}
archive=ogpu-tpl_${version}_${system}_$machine.tar.gz
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for file in "$archive" checksums.txt; do
  curl --fail --silent --show-error --location --max-time 300 --max-filesize 200000000 \
    --output "$work/$file" "$releases/v$version/$file"
done
cd "$work"
# Exactly one line may speak for the archive.
grep -E "^[0-9a-f]{64}  ${archive//./\\.}$" checksums.txt >archive.txt
if [ "$(wc -l <archive.txt)" != 1 ]; then echo "checksums.txt names $archive more than once" >&2; exit 1; fi
if command -v sha256sum >/dev/null; then sha256sum --check archive.txt; else shasum -a 256 --check archive.txt; fi
gh attestation verify "$archive" --repo OpenGPU-Network/templates \
  --signer-workflow OpenGPU-Network/templates/.github/workflows/release.yml --source-ref "refs/tags/v$version"
mkdir programs
tar -xzf "$archive" -C programs
cd - >/dev/null
find "$work/programs" -maxdepth 1 -type f -perm -u=x -exec mv {} "$dir" \;
