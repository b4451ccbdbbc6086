#!/bin/sh
# Runs the commands of an image once, for docker/build.sh --train: one list of loaded classes per run.
#   train.sh ROOT DIRECTORY NODES   ROOT is the image's root directory, for this machine's architecture; NODES has captured nodes
# Once on this machine, for all that a live kernel is asked, and once on a captured node of Kubernetes, which has containers
# with drift in them whatever runs here.
set -eu
root=$1
lists=$2
nodes=$3
number=0

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
name=k8s-1.32-containerd-1.6-cgroup-v1
tar -xf "$nodes/$name.tar.gz" -C "$work"
captured="--proc $work/$name/proc --pods $work/$name/kubelet-pods.json"

# The program of the image on this machine, with the options that decide what is loaded.
plumbline() {
    number=$((number + 1))
    "$root/opt/java/bin/java" -Xshare:off -XX:DumpLoadedClassList="$lists/$number" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
        -Djna.boot.library.path="$root/opt/plumbline/native" -Djna.nounpack=true -Djna.nosys=true -Djna.platform.library.path="/lib/$(uname -m)-linux-gnu" \
        -Djffi.boot.library.path="$root/opt/plumbline/native" -Dplumbline.native="$root/opt/plumbline/native" \
        -jar "$root/opt/plumbline/plumbline-agent.jar" "$@"
}

# $@: more options. Asks a resident agent for all that it answers, once it is ready, and ends it.
serve() {
    state=$(mktemp -d -p "$work")
    # what a job in the background counts stays there
    number=$((number + 1))
    plumbline serve --listen 127.0.0.1:9449 --scan-interval 1s --state-dir "$state" "$@" >"$state/address" 2>"$state/log" &
    for attempt in 1 2 3 4 5 6 7 8 9 10; do
        curl -sf http://127.0.0.1:9449/readyz >/dev/null && break
        sleep 1
    done
    for path in / /metrics /api/v1/node /api/v1/findings /api/v1/pods /api/v1/processes /api/v1/checks /openapi.json /healthz /livez "/readyz?verbose" /version; do
        curl -s "http://127.0.0.1:9449$path" >/dev/null || true
        curl -s -H 'Accept: application/openmetrics-text' "http://127.0.0.1:9449$path" >/dev/null || true
    done
    curl -s --max-time 3 http://127.0.0.1:9449/api/v1/stream >/dev/null || true
    # the child of the background job's shell is the JVM
    pkill -TERM -P $! || kill $!
    wait || true
}

plumbline scan >/dev/null || [ $? -lt 2 ]
plumbline scan --output json >/dev/null || [ $? -lt 2 ]
# shellcheck disable=SC2086 # words
plumbline scan $captured >/dev/null || [ $? -lt 2 ]
serve
# shellcheck disable=SC2086
serve $captured
