#!/bin/sh
# Builds the image without a daemon, without a registry and without root: an OCI archive with the name and tag of
# daemonset/install.yaml. The same sources, packages and tools give the same bytes.
#
#   docker/build.sh [--arch amd64|arm64]     docker/target/plumbline-agent-<arch>.oci.tar
#   docker/build.sh --root DIR [--arch ...]  only the image's root directory, for docker/Dockerfile
#   docker/build.sh --train                  docker/classes.list anew: the classes that a start loads
#
# Needs Debian (apt-get, dpkg-deb: glibc, the Java runtime and apparmor_parser come from its packages), a JDK of the
# version that it has, gcc and make; for the other architecture its cross-compiler and qemu-user-static.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
home=$(dirname "$here")
target=$here/target
umask 022
export LC_ALL=C

die() { printf 'docker/build.sh: %s\n' "$*" >&2; exit 2; }
say() { printf 'docker/build.sh: %s\n' "$*" >&2; }
need() {
    for tool in "$@"; do
        command -v "$tool" >/dev/null 2>&1 || die "no $tool on this machine (Debian: apt-get install $(package_of "$tool"))"
    done
}
package_of() {
    case $1 in
        aarch64-linux-gnu-strip) echo binutils-aarch64-linux-gnu ;;
        x86_64-linux-gnu-strip) echo binutils-x86-64-linux-gnu ;;
        aarch64-linux-gnu-gcc) echo gcc-aarch64-linux-gnu libc6-dev-arm64-cross ;;
        x86_64-linux-gnu-gcc) echo gcc-x86-64-linux-gnu libc6-dev-amd64-cross ;;
        qemu-*) echo qemu-user-static ;;
        jlink | javac | java) echo openjdk-17-jdk-headless ;;
        unshare | setarch | taskset) echo util-linux ;;
        *) echo "$1" ;;
    esac
}

machine=$(dpkg --print-architecture 2>/dev/null) || die "this is no Debian, whose packages the image is made of"
arch=$machine
root=
train=
while [ $# -gt 0 ]; do
    case $1 in
        --arch) [ $# -gt 1 ] || die "--arch: amd64 or arm64"; arch=$2; shift ;;
        --root) [ $# -gt 1 ] || die "--root: a directory that does not exist yet"; root=$2; shift ;;
        --train) train=yes ;;
        -h | --help) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"; exit 0 ;;
        *) die "unknown word '$1'; --help says which there are" ;;
    esac
    shift
done
case $arch in
    amd64) triplet=x86_64-linux-gnu jna=linux-x86-64 jffi=x86_64-Linux loader=lib64/ld-linux-x86-64.so.2 emulator=qemu-x86_64-static ;;
    arm64) triplet=aarch64-linux-gnu jna=linux-aarch64 jffi=aarch64-Linux loader=lib/ld-linux-aarch64.so.1 emulator=qemu-aarch64-static ;;
    *) die "--arch: '$arch' is neither amd64 nor arm64" ;;
esac
if [ "$arch" = "$machine" ]; then
    compiler=${CC:-cc} emulator=
else
    compiler=$triplet-gcc
    [ -n "$train" ] || need "$emulator"
fi
if [ -n "$root" ] && [ -e "$root" ]; then
    die "--root: $root is there already"
fi
need javac jlink java make "$compiler" "$triplet-strip" apt-get dpkg-deb tar gzip sha256sum unshare setarch taskset
version=$(sed -n 's/.*<version>\(.*\)<\/version>.*/\1/p' "$home/pom.xml" | head -n 1)
# Every file in the image is of this moment; the archive of classes knows its jars by it.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(date -u -d "$(sed -n 's/.*<project.build.outputTimestamp>\(.*\)<.*/\1/p' "$home/pom.xml")" +%s)}
created=$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)
java_version=$(javac -version 2>&1 | sed 's/javac \([0-9]*\).*/\1/')

work=$target/$arch
mkdir -p "$work"
exec 9>"$work.lock"
flock 9

# --- the program ---
PLUMBLINE_BUILD_ONLY=build "$home/plumbline"
jar=$home/agent/target/plumbline-agent.jar

# --- the packages, in a state of their own: the machine's list of packages and its architectures stay as they are ---
# libstdc++6, libgcc-s1, zlib1g: the JVM's; apparmor: the parser that compiles profiles
packages="libc6 libgcc-s1 libstdc++6 zlib1g apparmor openjdk-$java_version-jdk-headless"
apt() {
    apt-get -q -o APT::Architecture="$arch" -o APT::Architectures::="$arch" -o Dir::State="$work/apt" \
        -o Dir::State::lists="$work/apt/lists" -o Dir::State::status="$work/apt/status" -o Dir::Cache="$work/apt/cache" \
        -o APT::Sandbox::User="$(id -un)" "$@"
}
fetch() {
    mkdir -p "$work/apt/lists/partial" "$work/apt/cache/archives/partial" "$work/debs"
    : >"$work/apt/status"
    # Once an hour is often enough; a list that cannot be renewed is used as it is.
    if [ -z "$(find "$work/apt/updated" -mmin -60 2>/dev/null)" ]; then
        if apt update >"$work/apt.log" 2>&1; then : >"$work/apt/updated"; else say "the lists of packages could not be renewed; see $work/apt.log"; fi
    fi
    # shellcheck disable=SC2086 # a list of words
    wanted=$(cd "$work/apt" && apt --print-uris download $packages 2>>"$work/apt.log" | awk '{ print $2 }' | sort)
    [ "$(printf '%s\n' "$wanted" | wc -l)" -eq "$(printf '%s\n' $packages | wc -l)" ] || {
        # without the lists: what an earlier build left
        wanted=$(cd "$work/debs" && ls)
        [ "$(printf '%s\n' "$wanted" | wc -l)" -eq "$(printf '%s\n' $packages | wc -l)" ] \
            || die "this machine's apt sources do not have $packages for $arch; see $work/apt.log"
        say "using the packages of an earlier build"
        return
    }
    for stale in "$work"/debs/*.deb; do
        printf '%s\n' "$wanted" | grep -qxF "$(basename "$stale")" || rm -f "$stale"
    done
    # shellcheck disable=SC2086
    (cd "$work/debs" && apt download $packages) >>"$work/apt.log" 2>&1 || die "the packages could not be downloaded; see $work/apt.log"
}

# --- the root directory ---
modules=java.base,java.logging,java.management,java.naming,java.net.http,java.sql,java.xml,jdk.crypto.ec,jdk.management,jdk.unsupported

# The jars as they are best in an image; done once for the same jars, whatever the architecture.
repacked() {
    kept=$target/jars/$(cat "$jar" "$new"/opt/plumbline/lib/*.jar "$here/classes.list" "$here/Repack.java" | sha256sum | cut -d' ' -f1)
    if [ ! -d "$kept" ]; then
        rm -rf "$work/jars"
        mkdir -p "$work/jars/lib" "$target/jars"
        cp "$jar" "$work/jars/"
        cp "$new"/opt/plumbline/lib/*.jar "$work/jars/lib/"
        java -cp "$(echo "$home"/agent/target/lib/asm-[0-9]*.jar)" "$here/Repack.java" "$work/jars/$(basename "$jar")" "$here/classes.list" \
            "$work/jars" "$work/jars/lib"
        find "$target/jars" -mindepth 1 -maxdepth 1 -mtime +1 -exec rm -rf {} +
        mv -T "$work/jars" "$kept" 2>/dev/null || [ -d "$kept" ]
    fi
    cp "$kept"/*.jar "$new/opt/plumbline/"
    cp "$kept"/lib/*.jar "$new/opt/plumbline/lib/"
}

# $1: package. Unpacks it beside the root and notes it in the way that scanners of images know.
unpack() {
    rm -rf "$work/unpacked/$1"
    mkdir -p "$work/unpacked/$1" "$new/var/lib/dpkg/status.d" "$new/usr/share/doc/$1"
    dpkg-deb -x "$work/debs/$1"_*.deb "$work/unpacked/$1"
    dpkg-deb -f "$work/debs/$1"_*.deb Package Version Architecture Source Maintainer >"$new/var/lib/dpkg/status.d/$1"
    if [ -e "$work/unpacked/$1/usr/share/doc/$1/copyright" ]; then
        cp -L "$work/unpacked/$1/usr/share/doc/$1/copyright" "$new/usr/share/doc/$1/"
    fi
}

# Whose files end up where they were, by name without version: the package's links come along.
library() { # package, names
    package=$1
    shift
    for name in "$@"; do
        for place in "lib/$triplet" "usr/lib/$triplet"; do
            for file in "$work/unpacked/$package/$place/$name"*; do
                if [ -e "$file" ] || [ -L "$file" ]; then
                    mkdir -p "$new/lib/$triplet"
                    cp -P "$file" "$new/lib/$triplet/"
                fi
            done
        done
    done
}

compose() {
    rm -rf "$new"
    mkdir -p "$new/dev" "$new/etc" "$new/proc" "$new/sys" "$new/run" "$new/tmp" "$new/host" "$new/usr/bin" "$new/sbin" "$new/opt/plumbline/lib" \
        "$new/opt/plumbline/native" "$new/var/lib/plumbline" "$new/usr/share/sbom"
    for package in $packages; do unpack "$package"; done
    library libc6 libc.so. libm.so. libdl.so. libpthread.so. librt.so. libresolv.so. "$(basename "$loader")"
    library libgcc-s1 libgcc_s.so.
    library libstdc++6 'libstdc++.so.'
    library zlib1g libz.so.
    mkdir -p "$new/$(dirname "$loader")"
    [ -e "$new/$loader" ] || ln -s "$(realpath -m --relative-to="$new/$(dirname "$loader")" "$new/lib/$triplet")/$(basename "$loader")" "$new/$loader"
    rm -rf "$new/usr/share/gcc"

    # apparmor_parser, and what profiles include
    cp "$work/unpacked/apparmor/sbin/apparmor_parser" "$new/sbin/"
    mkdir -p "$new/etc/apparmor" "$new/etc/apparmor.d"
    cp "$work/unpacked/apparmor/etc/apparmor/parser.conf" "$new/etc/apparmor/"
    mkdir -p "$new/usr/share"
    cp -R "$work/unpacked/apparmor/usr/share/apparmor-features" "$new/usr/share/"
    for part in abi abstractions tunables local; do cp -R "$work/unpacked/apparmor/etc/apparmor.d/$part" "$new/etc/apparmor.d/"; done

    jlink --module-path "$(echo "$work/unpacked/openjdk-$java_version-jdk-headless"/usr/lib/jvm/*/jmods)" --add-modules "$modules" \
        --strip-java-debug-attributes --no-header-files --no-man-pages --vm server --output "$new/opt/java"
    rm -rf "$new/opt/java/legal" "$new/opt/java/bin/keytool" "$new/opt/java/bin/rmiregistry" "$new/opt/java/bin/jrunscript" \
        "$new/opt/java/lib/classlist" "$new/opt/java/lib/jrt-fs.jar" "$new/opt/java/lib/jexec"

    cp "$jar" "$here/jvm.options" "$new/opt/plumbline/"
    # not all that lies there: a build does not take away what an earlier one needed
    for library in $(awk '{ n = split($1, w, ":"); if (n == 5) print w[2] "-" w[4] ".jar"; if (n == 6) print w[2] "-" w[5] "-" w[4] ".jar" }' \
        "$home/agent/target/libraries.txt"); do
        cp "$home/agent/target/lib/$library" "$new/opt/plumbline/lib/"
    done
    # its libraries lie beside, for this architecture alone
    rm -f "$new"/opt/plumbline/lib/jffi-*-native.jar
    repacked
    cp "$home/agent/target/native/com/sun/jna/$jna/libjnidispatch.so" "$home/agent/target/native/jni/$jffi/libjffi-1.2.so" \
        "$new/opt/plumbline/native/"
    make -s -C "$home/native-helpers" OUT="$work/native" "$jna" >"$work/make.log" 2>&1 || die "libplumbline.so did not build; see $work/make.log"
    cp "$work/native/$jna/libplumbline.so" "$new/opt/plumbline/native/"
    "$compiler" -std=c11 -Wall -Wextra -Werror -O2 -s -Wl,--build-id=none "$here/plumbline.c" -o "$new/usr/bin/plumbline"
    cp "$home/LICENSE" "$new/opt/plumbline/"
    # names of functions that nothing but the report of a crash asks for; Debian's openjdk-*-dbg has them by the address
    find "$new/opt/java/lib" "$new/opt/plumbline/native" -name '*.so' -exec "$triplet-strip" --strip-unneeded {} +

    printf 'root:x:0:0:root:/:/usr/sbin/nologin\nnobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n' >"$new/etc/passwd"
    printf 'root:x:0:\nnogroup:x:65534:\n' >"$new/etc/group"
    printf 'passwd: files\ngroup: files\nhosts: files dns\n' >"$new/etc/nsswitch.conf"

    java "$here/Sbom.java" "$new" "$home/agent/target/libraries.txt" plumbline-agent "$version" >"$new/usr/share/sbom/plumbline-agent.cdx.json"
    settle
}

# The same owner-independent modes and times for everybody who builds.
settle() {
    find "$new" -type d -exec chmod 755 {} +
    find "$new" -type f -perm /111 -exec chmod 755 {} +
    find "$new" -type f ! -perm /111 -exec chmod 644 {} +
    chmod 1777 "$new/tmp"
    find "$new" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
}

# $1...: a command of the image, run inside it.
inside() {
    if [ -n "$emulator" ]; then
        cp "$(command -v "$emulator")" "$new/.emulator"
        set -- /.emulator "$@"
    fi
    # without a /proc in there the loader does not know where java lies
    export LD_LIBRARY_PATH=/opt/java/lib
    status=0
    # One processor, one layout of memory, and where it may be had no preemption: threads that race, and addresses, would
    # show in the archive of classes. Without the right to it (no root) two builds differ now and then.
    first_come= one_layout=
    chrt -f 1 true 2>/dev/null && first_come='chrt -f 1'
    # containers that build images may not ask for it
    setarch -R true 2>/dev/null && one_layout='setarch -R'
    # a list such as 0-3,6; images of two architectures may be on their way at once
    cpu=$(taskset -cp $$ | sed 's/.*: *//')
    if [ -n "$emulator" ]; then cpu=${cpu##*[,-]}; else cpu=${cpu%%[,-]*}; fi
    if [ "$(id -u)" = 0 ]; then set -- chroot "$new" "$@"; else set -- unshare --user --map-root-user chroot "$new" "$@"; fi
    # shellcheck disable=SC2086 # words
    $one_layout $first_come taskset -c "$cpu" "$@" || status=$?
    unset LD_LIBRARY_PATH
    rm -f "$new/.emulator"
    return $status
}

# The classes of docker/classes.list as they will lie in memory. Names that the program no longer has are skipped by the JVM.
archive_classes() {
    cp "$here/classes.list" "$new/opt/plumbline/classes.list"
    touch -d "@$SOURCE_DATE_EPOCH" "$new/opt/plumbline/classes.list"
    inside /opt/java/bin/java -Xshare:dump -Xint -XX:-UsePerfData -XX:+UseSerialGC -Xms768m -Xmn600m -Xlog:cds=off -Xlog:cds+heap=off \
        -XX:SharedClassListFile=/opt/plumbline/classes.list -XX:SharedArchiveFile=/opt/plumbline/plumbline.jsa \
        -cp /opt/plumbline/plumbline-agent.jar >"$work/archive.log" 2>&1 || {
        tail -n 5 "$work/archive.log" >&2
        die "the archive of classes was not made; see $work/archive.log"
    }
    rm "$new/opt/plumbline/classes.list"
    chmod 644 "$new/opt/plumbline/plumbline.jsa"
    settle
}

# --- the archive ---
blob() { # a file; prints its digest
    digest=$(sha256sum "$1" | cut -d' ' -f1)
    mv "$1" "$work/oci/blobs/sha256/$digest"
    printf '%s' "$digest"
}
pack() { # tar's words for what goes in, on standard input the names
    tar --create --format=gnu --sort=name --no-recursion --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" \
        --directory "$1" --null --files-from=-
}
layer() { # find's expression for the part of the root; sets diff_ids and layers
    (cd "$new" && find . -mindepth 1 "$@" -print0 | sort -z) | pack "$new" >"$work/layer.tar"
    diff_ids=$diff_ids${diff_ids:+, }\"sha256:$(sha256sum "$work/layer.tar" | cut -d' ' -f1)\"
    gzip -n -6 "$work/layer.tar"
    size=$(stat -c %s "$work/layer.tar.gz")
    layers=$layers${layers:+, }'{"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": "sha256:'$(blob "$work/layer.tar.gz")'", "size": '$size'}'
}
archive() {
    rm -rf "$work/oci"
    mkdir -p "$work/oci/blobs/sha256"
    diff_ids='' layers=''
    # What changes least comes first: the system, then the libraries, then the program.
    layer ! -path './opt/plumbline/*'
    layer -path './opt/plumbline/lib*'
    layer -path './opt/plumbline/*' ! -path './opt/plumbline/lib*'
    cat >"$work/config.json" <<-END
	{"created": "$created", "architecture": "$arch", "os": "linux",
	 "config": {"User": "0:0", "Entrypoint": ["/usr/bin/plumbline"], "Cmd": ["serve"], "WorkingDir": "/",
	  "Env": ["PATH=/usr/bin:/sbin", "LANG=C.UTF-8", "MALLOC_ARENA_MAX=1"],
	  "Labels": {"org.opencontainers.image.title": "plumbline-agent", "org.opencontainers.image.version": "$version",
	   "org.opencontainers.image.licenses": "Apache-2.0"}},
	 "rootfs": {"type": "layers", "diff_ids": [$diff_ids]},
	 "history": [{"created": "$created", "created_by": "docker/build.sh: system"}, {"created": "$created", "created_by": "docker/build.sh: libraries"}, {"created": "$created", "created_by": "docker/build.sh: program"}]}
	END
    size=$(stat -c %s "$work/config.json")
    config=$(blob "$work/config.json")
    cat >"$work/manifest.json" <<-END
	{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
	 "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": "sha256:$config", "size": $size},
	 "layers": [$layers]}
	END
    size=$(stat -c %s "$work/manifest.json")
    manifest=$(blob "$work/manifest.json")
    printf '{"imageLayoutVersion": "1.0.0"}\n' >"$work/oci/oci-layout"
    cat >"$work/oci/index.json" <<-END
	{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [
	 {"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": "sha256:$manifest", "size": $size,
	  "platform": {"architecture": "$arch", "os": "linux"},
	  "annotations": {"org.opencontainers.image.ref.name": "$tag", "io.containerd.image.name": "$name:$tag"}}]}
	END
    (cd "$work/oci" && find . -mindepth 1 -print0 | sort -z) | pack "$work/oci" >"$target/plumbline-agent-$arch.oci.tar.new"
    mv "$target/plumbline-agent-$arch.oci.tar.new" "$target/plumbline-agent-$arch.oci.tar"
}

# --- the classes that a start loads ---
# Run by hand after larger changes; the list is kept, because a run's list differs from run to run and the image may not.
trained() {
    new=$work/training
    fetch
    compose
    rm -rf "$work/classes"
    mkdir -p "$work/classes"
    [ "$arch" = "$machine" ] || die "--train: only for the architecture of this machine, $machine"
    "$here/train.sh" "$new" "$work/classes" "$home/agent/src/test/nodes"
    # what the JVM itself puts first has to stay first: java/lang/Object and its like
    grep -hv '^#' "$work"/classes/* | grep -v -e '^@lambda' | cut -d' ' -f1 | awk '!seen[$0]++' | LC_ALL=C sort >"$work/classes.names"
    {
        echo '# The classes that commands of the image load, for its archive of classes. Made by docker/build.sh --train.'
        cat "$work/classes.names"
        grep -h '^@lambda' "$work"/classes/* | LC_ALL=C sort -u
    } >"$here/classes.list"
    say "$(wc -l <"$here/classes.list") lines in docker/classes.list"
}

if [ -n "$train" ]; then
    trained
    exit
fi
new=${root:-$work/root}
fetch
compose
archive_classes
[ -z "$root" ] || exit 0
image=$(sed -n 's/^ *image: *"\{0,1\}\([^"]*plumbline-agent:[^"@]*\)"\{0,1\}$/\1/p' "$home/daemonset/install.yaml" | head -n 1)
[ -n "$image" ] || die "daemonset/install.yaml names no image plumbline-agent"
name=${image%:*} tag=${image##*:}
archive
say "$target/plumbline-agent-$arch.oci.tar: $image, $(stat -c %s "$target/plumbline-agent-$arch.oci.tar") bytes, sha256:$manifest"
