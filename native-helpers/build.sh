#!/bin/sh
# What Maven asks of the Makefile, and what it means when it cannot be had.
#   build.sh library   builds the libraries into target/native/<platform>/
#   build.sh test      runs the C tests; their output (TAP) is kept in target/c-tests.log
# Without a C compiler it prints one line and succeeds: the agent then reads with Java and JNA alone, and says so.
# NATIVE=require   makes that a failure (a machine that tests)
# NATIVE=optional  makes even a failing make no failure (a first start on a stranger's machine)
set -eu
cd "$(dirname "$0")"
what=$1

go_on_without() {
    echo "native-helpers: not built, $1; /proc will be read with Java and JNA alone"
    if [ "$what" = test ]; then
        mkdir -p target
        echo "1..0 # SKIP $1" >target/c-tests.log
    fi
    [ "${NATIVE:-}" != require ]
    exit
}

[ -f Makefile ] || go_on_without "no Makefile"
command -v make >/dev/null 2>&1 || go_on_without "make not found"
command -v "${CC:-cc}" >/dev/null 2>&1 || go_on_without "no C compiler (${CC:-cc}) found"

case $what in
    library)
        if ! make; then
            [ "${NATIVE:-}" = optional ] && go_on_without "make failed"
            exit 1
        fi
        for built in build/linux-*/libplumbline.so; do
            platform=$(basename "$(dirname "$built")")
            mkdir -p "target/native/$platform"
            # Renamed into place: a running agent may have the old file mapped.
            cp "$built" "target/native/$platform/libplumbline.so.new"
            mv "target/native/$platform/libplumbline.so.new" "target/native/$platform/libplumbline.so"
        done
        ;;
    test)
        mkdir -p target
        status=0
        make test test-aarch64 >target/c-tests.log 2>&1 || status=$?
        cat target/c-tests.log
        exit "$status"
        ;;
    *)
        echo "usage: build.sh library|test" >&2
        exit 2
        ;;
esac
