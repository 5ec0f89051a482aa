#!/usr/bin/env bash
# Breaks modules on purpose, one change at a time, and counts which changes their tests notice:
#   tests/mutate.sh .venv/bin "collector/span.py tests/collector/test_collector_span.py" …
# Without arguments, the modules on which every number and mail depends, with the tests that are about them.
set -euo pipefail
bin=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
least=85
pairs=("${@:2}")
if [ ${#pairs[@]} -eq 0 ]; then
    pairs=(
        "collector/span.py tests/collector/test_collector_span.py"
        "corpus/ledger.py tests/corpus/test_corpus_ledger.py tests/corpus/test_corpus_gaps.py"
        "digest/outbox.py tests/digest/delivery/test_outbox.py"
        "runtime/slots.py tests/runtime/test_slots.py"
        "trends/surprise.py tests/trends/test_trend_surprise.py"
        "corpus/gate.py tests/corpus/test_corpus_erasures.py tests/corpus/test_corpus_custody.py"
        "corpus/exports.py tests/corpus/test_corpus_exports.py"
    )
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
for pair in "${pairs[@]}"; do
    read -r module tests <<<"$pair"
    rm -rf "$work/house"
    mkdir "$work/house"
    git ls-files -z | tar --null --files-from=- --ignore-failed-read -cf - 2>/dev/null | tar -xf - -C "$work/house"
    "$bin/python" requirements/mutate.py "$work/house" "$module" "$tests"
    (cd "$work/house" && "$bin/python" -m mutmut run --max-children 1) >"$work/log" 2>&1 || tail -5 "$work/log"
    (cd "$work/house" && "$bin/python" requirements/mutate.py --tell "$module" "$least") || failed=1
done
exit $failed
