#!/bin/sh
# A stand-in for the executor process: speaks its line protocol and does what the name of the
# package says. $1 is a folder shared with the test.
folder=$1

event() {
    printf '%s\n' '{"type":"event","body":{"sequence":'"$1"',"time":"2024-01-31T10:00:00Z","type":"message","event_name":"OnInformation","message_type":70,"source_type":40,"message":"'"$2"'","package_name":"p.dtsx","source_name":"Task","source_id":"{00000000-0000-0000-0000-000000000000}","package_path":"\\Package","execution_path":"\\Package","message_code":0}}'
}

finished() {
    printf '%s\n' '{"type":"finished","body":{"result":"'"$1"'"}}'
}

printf '%s\n' '{"type":"ready","body":{"version":1,"pid":'"$$"'}}'
while read -r line; do
    case "$line" in
    *'"type":"exit"'*) exit 0 ;;
    *'"type":"stop"'*) ;;
    *quick.dtsx*)
        event 1 one
        event 2 two
        event 3 three
        finished success
        ;;
    *fails.dtsx*)
        event 1 alas
        finished failure
        ;;
    *gate.dtsx*)
        event 1 before
        read -r _ <"$folder/gate"
        event 2 after
        finished success
        ;;
    *chatty.dtsx*)
        event 1 before
        read -r _ <"$folder/gate"
        number=2
        while [ $number -le 150 ]; do
            event $number word
            number=$((number + 1))
        done
        finished success
        ;;
    *floods.dtsx*)
        event 1 before
        read -r _ <"$folder/gate"
        number=2
        while [ $number -le 12000 ]; do
            event $number word
            number=$((number + 1))
        done
        printf '%s\n' '{"type":"event","body":{"sequence":12001,"time":"2024-01-31T10:00:00Z","type":"message","event_name":"OnError","message_type":120,"source_type":40,"message":"the worst","package_name":"p.dtsx","source_name":"Task","source_id":"{00000000-0000-0000-0000-000000000000}","package_path":"\\Package","execution_path":"\\Package","message_code":0}}'
        finished success
        : >"$folder/flooded"
        ;;
    *obeys.dtsx*)
        event 1 running
        read -r _
        finished canceled
        ;;
    *stubborn.dtsx*)
        tail -f /dev/null &
        echo $! >"$folder/child"
        event 1 running
        while read -r _; do :; done
        ;;
    *crash.dtsx*)
        event 1 still-well
        echo "out of luck" >&2
        # Its words must have left before it goes.
        kill -9 $$
        ;;
    *babble.dtsx*) echo "this is no JSON" ;;
    *unreadable.dtsx*)
        printf '%s\n' '{"type":"finished","body":{"result":"failure","error":{"code":"SO4014","message":"the file cannot be read","hint":"run it again","blame":"server"}}}'
        ;;
    esac
done
