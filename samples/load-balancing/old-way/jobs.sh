#!/bin/sh
# The jobs of the old way: one for each load, each bound by hand to one worker. Deploy
# samples/load-balancing/new-way to the folder Samples before; the jobs run its loads.
#
#   samples/load-balancing/old-way/jobs.sh [SECONDS A UNIT]
set -eu
soctl=${SOCTL:-soctl}
unit=${1:-1}

job() {
    "$soctl" job create "load $1" --id "$2" --target "$3" --quiet
    "$soctl" job step add "load $1" load --package "Samples/load-balancing/load$1.dtsx" \
        --parameter "\$Project::Unit=$unit" --quiet
}

# Five units for the first worker, five, four and five for the others: as good as it can be by hand.
job 1 b99d5b5c-a716-54f5-9da4-3966b6e6b5cf worker1
job 2 b282407e-15e7-5805-9f24-5005b84ed315 worker2
job 3 6c75f34d-97e3-56c6-93c5-a70b817d7180 worker3
job 4 5e5d4132-4d3f-5dd5-a86e-cdfa5f8ee1e3 worker4
job 5 cc13be0c-81c5-5259-9cf1-3670835e0600 worker4
job 6 5669d5a5-1dbd-5879-9ad7-77a17a16b672 worker2
job 7 2c7535d7-5223-56ee-86f4-ac716e47344d worker3
job 8 822281b4-e26f-59c3-946e-b8ff2d5a1a0f worker4
