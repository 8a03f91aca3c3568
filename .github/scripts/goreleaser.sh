#!/usr/bin/env bash
# goreleaser.sh ARGUMENT…: runs GoReleaser at the repository's root, and with it syft,
# which writes the SBOMs. They are built from testdata/gate/goreleaser and testdata/gate/syft,
# whose go.sum say what exactly that is.
set -euo pipefail
cd "$(dirname "$0")/../.."
export CGO_ENABLED=0
goreleaser=$(go -C testdata/gate/goreleaser tool -n goreleaser)
mkdir -p bin
if [ "${1:-}" = release ]; then # nothing else writes SBOMs
  syft=$(go -C testdata/gate/syft tool -n syft)
  cp "$syft" bin/syft
fi
# An image from scratch has no certificates of its own.
cp "${CA_CERTIFICATES:-/etc/ssl/certs/ca-certificates.crt}" bin/ca-certificates.crt
exec "$goreleaser" "$@"
