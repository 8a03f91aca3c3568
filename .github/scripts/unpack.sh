#!/usr/bin/env bash
# unpack.sh ARCHIVE SUM FOLDER: unpacks what pack.sh has packed in another job into the
# new FOLDER, if its sha256 is SUM. Nothing of it is looked at before.
set -euo pipefail
archive=$1 sum=$2 folder=$3
[[ $sum =~ ^[0-9a-f]{64}$ ]] || { printf '%q is no sha256\n' "$sum" >&2; exit 1; }
if [ -e "$folder" ]; then echo "$folder is there already" >&2; exit 1; fi
got=$(sha256sum <"$archive")
if [ "${got%% *}" != "$sum" ]; then
  echo "$archive is not what was packed: its sha256 is ${got%% *}, and was $sum" >&2
  exit 1
fi
mkdir -p "$folder"
tar -xf "$archive" -C "$folder" --no-same-owner
