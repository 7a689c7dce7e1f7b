#!/bin/sh
# How well eight loads of uneven length are spread over four workers with one slot each: the time from
# the first child that the parent asks for to the end of the last one, against the best possible.
#
#   bench/load_balancing.sh [SOCTL] [SECONDS A UNIT]
set -eu
soctl=${1:-target/release/soctl}
unit=${2:-1}
samples=$(cd "$(dirname "$0")/../samples" && pwd)
home=$(mktemp -d)
export SOCTL_CONFIG="$home/config"
for number in 1 2 3 4; do
    mkdir -p "$home/data/worker$number"
    echo "{\"AgentId\": \"6f1b7d3e-0000-4000-8000-00000000000$number\", \"MaxTaskCount\": 1}" \
        > "$home/data/worker$number/WorkerSettings.config"
done
touch "$home/log"
"$soctl" up --workers 4 --port 0 --data "$home/data" 2> "$home/log" &
site=$!
trap 'kill -INT $site 2>/dev/null; wait $site; rm -rf "$home"' EXIT
until grep -q '^ready: ' "$home/log"; do sleep 0.1; done
"$soctl" deploy "$samples/load-balancing/new-way" --folder Samples --output json > /dev/null
for run in 1 2 3 4 5; do
    id=$("$soctl" execute --package parent.dtsx --folder Samples --quiet --output json \
        --parameter "\$Project::Unit=$unit" \
        | python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["execution_id"])')
    "$soctl" view execution_children --where "execution_id=$id" --output json \
        | python3 -c '
import json, sys
from datetime import datetime

def at(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()

rows = json.load(sys.stdin)
rows = [{key.lower(): value for key, value in row.items()} for row in rows]
unit = float(sys.argv[1])
units = {"load1": 5, "load2": 4, "load3": 3, "load4": 2, "load5": 2, "load6": 1, "load7": 1, "load8": 1}
lengths = [units[row["package_name"].split(".")[0]] * unit for row in rows]
best = max(max(lengths), sum(lengths) / 4)
first = min(at(row["created_time"]) for row in rows)
last = max(at(row["end_time"]) for row in rows)
print(f"makespan {last - first:.2f} s, best possible {best:.2f} s, ratio {(last - first) / best:.2f}")
' "$unit"
done
