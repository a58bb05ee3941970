#!/usr/bin/env bash
# The demo: builds the release binary, resolves the samples and annotates an article with an embedded suite, leaves the results, says what next.
set -euo pipefail
cd "$(dirname "$0")/.."

echo "building hawiya (the first time takes some minutes)"
cargo build --release -p hawiya
hawiya=${CARGO_TARGET_DIR:-target}/release/hawiya

# A catalogue of its own, so that the demo neither finds nor leaves anything in the user's data folder.
export HAWIYA_DATA_DIR=.demo/catalogue
unset HAWIYA_SERVER
rm -rf .demo
mkdir -p .demo

echo
echo "One entity, seven spellings in four scripts:"
echo
"$hawiya" resolve --format table \
    'بيونج يانج' 'بيونغ يانغ' 'بيونغيانغ' 'پیونگ‌یانگ' 'Pyongyang' 'Пхеньян' '평양'

echo
echo "Every name of deploy/samples/names.txt (? means ambiguous, - means nobody known):"
echo
"$hawiya" resolve --format table deploy/samples/names.txt
"$hawiya" resolve --format jsonl --output .demo/resolved.jsonl deploy/samples/names.txt

echo
echo "Who is in deploy/samples/article-ar.txt:"
echo
"$hawiya" annotate --format table --html .demo/article.html deploy/samples/article-ar.txt

echo
echo "The article with its mentions marked is in .demo/article.html, the names as JSON lines in .demo/resolved.jsonl."
echo "Try next:"
echo "  $hawiya resolve 'سيرجي لافروف' Lavrov Лавров"
echo "  $hawiya annotate 'وقال لافروف إن لموسكو مصلحة في ذلك'"
echo "  $hawiya match --limit 3 'كيم'"
echo "  $hawiya compare 'البنتاجون' 'البنتاغون'"
echo "  $hawiya up                       # all services, for other programs to call by gRPC"
echo "  $hawiya --help"
