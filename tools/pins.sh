#!/bin/sh
# Write every file of pinned requirements again, with hashes and for all platforms. Usage: tools/pins.sh UV
# Run it after a change of pyproject.toml or a `.in` file. Pinned versions stay unless they no longer fit.
set -eu
cd "$(dirname "$0")/.."
uv=$1

pin() {
    out=$1
    shift
    "$uv" pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-emit-index-url \
        --custom-compile-command "make pins" --output-file "$out" "$@"
    echo "wrote $out"
}

pin requirements-dev.txt pyproject.toml requirements-dev.in --extra local --extra events
# Without the AWS SDK and what only it needs: Lambda brings them.
pin lambdas/flatten_json/requirements.txt lambdas/flatten_json/requirements.in --constraints requirements-dev.txt \
    --no-emit-package botocore --no-emit-package python-dateutil --no-emit-package six --no-emit-package urllib3
for name in awsglue checkov cloudsplaining ministack parliament postgres tpchgen trino uv; do
    pin "tools/pins/$name.txt" "tools/pins/$name.in"
done
"$(dirname "$uv")/python" -m headgate.deploy lock
