#!/usr/bin/env bash
# smoke.sh TOOL TEMPLATES NAME ENVIRONMENT RECORD: runs the template NAME of the
# folder TEMPLATES for one environment, and writes the smoke record to RECORD. It
# fails where the runner lacks the hardware.
set -euo pipefail
tool=$(realpath "$1") templates=$2 name=$3 environment=$4 record=$5

# A stack may log what the runner takes for commands: it shall not listen.
token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
echo "::stop-commands::$token"
status=0
"$tool" smoke "$name" --templates "$templates" --environment "$environment" \
  --require "$environment" --verbose --record "$record" || status=$?
echo "::$token::"
exit "$status"
