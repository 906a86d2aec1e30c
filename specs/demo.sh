#!/bin/sh
# The main job, shown: a real service is started, imported and called, at once and by webhook.
set -eu
cd "$(dirname "$0")/.."
scratch=$(mktemp -d)
OURO_HOME=$scratch/registry
OURO_USER=ada
export OURO_HOME OURO_USER
told=$scratch/service
python specs/materials.py --port 0 >"$told" &
service=$!
trap 'kill $service 2>/dev/null; wait $service 2>/dev/null || true; rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM

tries=0
until grep -q listening "$told"; do
    tries=$((tries + 1))
    [ $tries -lt 100 ] || { echo "the sample service did not start" >&2; exit 1; }
    sleep 0.1
done
url=$(sed 's/listening on //' "$told")

bold='' plain=''
if [ -t 1 ]; then bold=$(printf '\033[1m') plain=$(printf '\033[0m'); fi

# Print a command as a person would type it, and run it.
run() {
    printf '\n%s$ %s%s\n' "$bold" "$*" "$plain"
    "$@"
}

cat >"$scratch/in.json" <<'JSON'
{"structure": "3\niron\nFe 0 0 0\nFe 2.2 0 0\nFe 0 2.3 0\n", "duration": 2, "steps": 4}
JSON

echo "The sample service runs at $url; the registry lies in $OURO_HOME."
run ouro service import specs/materials.yaml --base-url "$url"
run ouro service import "$url/openapi.json"
run ouro route list
run ouro route show ada/predict-post
run ouro route run ada/predict-post composition=Fe2Ni
printf '\n# A route that answers later: 202 at once, log lines while it works, the result by webhook.\n'
run ouro route run ada/relax-structure-post --body "@$scratch/in.json"
printf '\n# The same, left alone and found again; another terminal would do as well.\n'
run ouro route run ada/relax-structure-post --body "@$scratch/in.json" --no-wait
run ouro action watch @last
printf '\n# What fails is kept too.\n'
run ouro route run ada/fail-later-post message=diverged || echo "(exit status $?)"
run ouro route run ada/predict-post temperature=cold || echo "(exit status $?: nothing was sent)"
run ouro action list
run ouro doctor
printf '\nThe demo is over: everything above was real, and the next one starts afresh.\n'
