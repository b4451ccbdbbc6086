#!/bin/sh
# One file for clusters without a way out: both images, the manifests, the chart, the documents, and their checksums.
#
#   docker/bundle.sh     docker/target/plumbline-<version>.tar
#
# Builds what is not built yet (docker/build.sh); the same contents give the same bytes.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
home=$(dirname "$here")
target=$here/target
export LC_ALL=C
version=$(sed -n 's/.*<version>\(.*\)<\/version>.*/\1/p' "$home/pom.xml" | head -n 1)
time=$(sed -n 's/.*<project.build.outputTimestamp>\(.*\)<.*/\1/p' "$home/pom.xml")
for arch in amd64 arm64; do
    [ -e "$target/plumbline-agent-$arch.oci.tar" ] || "$here/build.sh" --arch "$arch"
done
new=$target/bundle/plumbline-$version
rm -rf "$target/bundle"
mkdir -p "$new"
cp "$target"/plumbline-agent-*.oci.tar "$home"/daemonset/*.yaml "$home/LICENSE" "$home/CHANGELOG.md" "$new/"
cp -R "$home/daemonset/chart" "$new/chart"
cp -R "$home/docs" "$new/docs"
(cd "$new" && find . -type f ! -name SHA256SUMS -print0 | sort -z | xargs -0 sha256sum >SHA256SUMS)
find "$new" -type d -exec chmod 755 {} + && find "$new" -type f -exec chmod 644 {} +
tar --create --format=gnu --sort=name --owner=0 --group=0 --numeric-owner --mtime="$time" --directory "$target/bundle" \
    --file "$target/plumbline-$version.tar.new" "plumbline-$version"
mv "$target/plumbline-$version.tar.new" "$target/plumbline-$version.tar"
rm -rf "$target/bundle"
printf 'docker/bundle.sh: %s, sha256:%s\n' "$target/plumbline-$version.tar" "$(sha256sum "$target/plumbline-$version.tar" | cut -d' ' -f1)" >&2
