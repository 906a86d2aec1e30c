#!/bin/sh
# The main job, shown: a real service is started, imported and called, at once and by webhook.
set -eu
cd "$(dirname "$0")/.."
scratch=$(mktemp -d)
OURO_HOME=$scratch/registry
OURO_USER=ada
export OURO_HOME OURO_USER
python specs/materials.py --port 0 >"$scratch/materials" &
materials=$!
python specs/predictions.py --port 0 >"$scratch/predictions" &
predictions=$!
trap 'kill $materials $predictions 2>/dev/null; wait 2>/dev/null || true; rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM

# The address of a sample service, once it listens.
address_of() {
    tries=0
    until grep -q listening "$scratch/$1"; do
        tries=$((tries + 1))
        [ $tries -lt 100 ] || { echo "the sample service $1 did not start" >&2; exit 1; }
        sleep 0.1
    done
    sed 's/listening on //' "$scratch/$1"
}
url=$(address_of materials)

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
printf '\n# The same, killed by kill -9 in the middle: nothing is lost, and nothing is sent twice.\n'
printf '\n%s$ ouro route run ada/relax-structure-post ... & kill -9 $!%s\n' "$bold" "$plain"
ouro route run ada/relax-structure-post --body "@$scratch/in.json" >"$scratch/killed" 2>&1 &
killed=$!
sleep 1
kill -9 $killed
wait $killed 2>/dev/null || true
run ouro action resume --all
printf '\n# An API that knows nothing of Ouro, and has to be asked for its result.\n'
run ouro service import specs/predictions.yaml --base-url "$(address_of predictions)"
run ouro route run predictions/createPrediction --body '{"input": {"prompt": "a red fox"}}'
printf '\n# One run feeds the next; a workflow file does the same, checked before anything runs.\n'
run ouro action chain ada/symmetrize-post ada/anneal-post --input specs/water.xyz
run ouro action chain -f specs/screening.arazzo.yaml --with composition=NaCl
printf '\n# One route, a table of inputs; said again, it would go on with what is left.\n'
run ouro route run ada/predict-post --each specs/formulas.csv --into scores
printf '\n# What fails is kept too.\n'
run ouro route run ada/fail-later-post message=diverged || echo "(exit status $?)"
run ouro route run ada/predict-post temperature=cold || echo "(exit status $?: nothing was sent)"
run ouro action list
run ouro doctor
printf '\nThe demo is over: everything above was real, and the next one starts afresh.\n'
