#!/usr/bin/env bash
# The tests on other versions than the locked ones: `lowest-direct` (the lowest that pyproject.toml allows) or `highest`
# (the newest that the registry has). Each in an environment of its own, which stays for the next time.
set -euo pipefail
cd "$(dirname "$0")/.."
kind=$1
python=${PYTHON:-python3}
venv=.venv-$kind
test -x "$venv/bin/python" || "$python" -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check "uv>=0.8"
wanted=$(mktemp)
trap 'rm -f "$wanted"' EXIT
"$venv/bin/uv" pip compile --quiet --resolution "$kind" --upgrade --no-header --no-annotate --python "$venv/bin/python" \
    --all-extras --group test --group check --output-file "$wanted" pyproject.toml
"$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$wanted"
"$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --editable .
echo "versions: $kind, $(wc -l <"$wanted") packages"
"$venv/bin/python" -m pytest -q -n 2 -m "not everything" "${@:2}"
