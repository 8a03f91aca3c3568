#!/usr/bin/env bash
# pack.sh FOLDER ARCHIVE: packs what FOLDER holds into ARCHIVE, for another job, and sets
# the output sum, its sha256. Any job of a run can replace the run's artifacts, and none
# the outputs of another: unpack.sh holds the one against the other. The same files give
# the same archive.
set -euo pipefail
folder=$1 archive=$2
tar -cf "$archive" -C "$folder" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner .
sum=$(sha256sum <"$archive")
echo "sum=${sum%% *}" >>"$GITHUB_OUTPUT"
