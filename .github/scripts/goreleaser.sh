#!/usr/bin/env bash
# goreleaser.sh ARGUMENT…: runs GoReleaser at the repository's root. It is built from
# testdata/gate/goreleaser, whose go.sum says what exactly that is.
set -euo pipefail
cd "$(dirname "$0")/../.."
export CGO_ENABLED=0
goreleaser=$(go -C testdata/gate/goreleaser tool -n goreleaser)
# An image from scratch has no certificates of its own.
mkdir -p bin
cp "${CA_CERTIFICATES:-/etc/ssl/certs/ca-certificates.crt}" bin/ca-certificates.crt
exec "$goreleaser" "$@"
