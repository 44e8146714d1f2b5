#!/bin/sh
# Makes stand-ins for every image docker/compose.yaml and docker/app.Dockerfile would pull, under the same names and
# tags, on a machine that can reach its package mirrors (apt, npm, Go) but no image registry. See README.md.
# Idempotent: an image that exists is kept; `prepare.sh --force` makes all of them again.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
compose=$root/docker/compose.yaml
work=${FLEET_CONTAINERS_DIR:-$root/.fleet/containers}
force=${1:-}

"$here/engine.sh"
mkdir -p "$work"

# The tags are compose.yaml's and app.Dockerfile's: read there, so that a bump needs no edit here.
tag_of() { sed -n "s|^ *image: $1:\([^ ]*\).*|\1|p" "$compose" | head -1; }
node_image=$(sed -n 's|^ARG NODE_IMAGE=||p' "$root/docker/app.Dockerfile")
node_major=$(printf %s "$node_image" | sed 's|^node:\([0-9]*\).*|\1|')
server=$(tag_of temporalio/server)
ui=$(tag_of temporalio/ui)
postgres=$(tag_of postgres)
cli=1.5.1 # the newest Temporal CLI `go install` accepts; the real admin-tools image carries a newer one
suite=bookworm

case $(uname -m) in
  x86_64) arch=x64 ;;
  aarch64) arch=arm64 ;;
  *) echo "no stand-in recipe for $(uname -m)" >&2; exit 1 ;;
esac

needs() { [ "$force" = --force ] || ! docker image inspect "$1" >/dev/null 2>&1; }
step() { echo "== $(date +%T) $1"; }
# The legacy builder: it is in every engine and needs no plugin. Host network: it uses the machine's own DNS.
build() { # build <image> <Dockerfile> <context> [target]
  DOCKER_BUILDKIT=0 docker build -q --network host ${4:+--target "$4"} -t "$1" -f "$here/$2" "$3" >"$work/build.log" 2>&1 ||
    { cat "$work/build.log" >&2; exit 1; }
}

# A Debian root, from the mirror this machine's own apt uses.
debian=fleet-standin/debian:$suite-slim
if needs "$debian"; then
  step "$debian (debootstrap)"
  mirror=$(apt-get indextargets --format '$(REPO_URI)' "Codename: $suite" 'Component: main' 'Created-By: Packages' | head -1)
  [ -n "$mirror" ] || { echo "this machine's apt has no $suite sources" >&2; exit 1; }
  rm -rf "$work/debian"
  debootstrap --variant=minbase --include=ca-certificates "$suite" "$work/debian" "$mirror" >"$work/debootstrap.log" 2>&1 ||
    { tail -20 "$work/debootstrap.log" >&2; exit 1; }
  rm -rf "$work/debian/var/cache/apt/archives/"*.deb "$work/debian/var/lib/apt/lists/"*
  cp /etc/ssl/certs/ca-certificates.crt "$work/debian/etc/ssl/certs/ca-certificates.crt" # trust what this machine trusts
  tar -C "$work/debian" -c . | docker import -c 'CMD ["bash"]' - "$debian" >/dev/null
  rm -rf "$work/debian"
fi

if needs "$node_image"; then
  step "$node_image (npm packages node-linux-$arch and npm)"
  rm -rf "$work/node" && mkdir -p "$work/node/node" "$work/node/npm"
  (
    cd "$work/node"
    tar -xzf "$(npm pack --silent "node-linux-$arch@$node_major")" -C node --strip-components 1
    tar -xzf "$(npm pack --silent npm@11)" -C npm --strip-components 1
    rm -f ./*.tgz
  )
  build "$node_image" node.Dockerfile "$work/node"
fi

if needs "postgres:$postgres"; then
  step "postgres:$postgres (Debian's postgresql)"
  build "postgres:$postgres" postgres.Dockerfile "$here"
fi

# Temporal: static Go programs on a busybox root, as close to the real images' Alpine as can be had here.
go_tool() { # go_tool <package@version> <name>
  [ -x "$work/bin/$2" ] && [ "$force" != --force ] && return
  step "go install $1"
  rm -rf "$work/gobin" && mkdir -p "$work/bin" "$work/gobin"
  CGO_ENABLED=0 GOBIN=$work/gobin nice go install -ldflags '-s -w' "$1"
  mv "$work/gobin"/* "$work/bin/$2"
}

if needs "temporalio/server:$server" || needs "temporalio/admin-tools:$server" || needs "temporalio/ui:$ui"; then
  go_tool "go.temporal.io/server/cmd/server@v$server" temporal-server
  go_tool "go.temporal.io/server/cmd/tools/sql@v$server" temporal-sql-tool
  go_tool "github.com/temporalio/cli/cmd/temporal@v$cli" temporal
  go_tool "github.com/temporalio/ui-server/v2/cmd/server@v$ui" ui-server
  if ! [ -x "$work/bin/busybox" ]; then
    rm -rf "$work/busybox" && mkdir "$work/busybox"
    (cd "$work/busybox" && apt-get download -qq busybox-static && dpkg-deb -x ./*.deb .)
    cp "$work/busybox/bin/busybox" "$work/bin/busybox"
    rm -rf "$work/busybox"
  fi
  rm -rf "$work/temporal" && mkdir -p "$work/temporal"
  cp "$work"/bin/* "$here"/temporal-*.sh "$work/temporal/"
  cp -r "$(go list -m -f '{{.Dir}}' "go.temporal.io/server@v$server")/schema" "$work/temporal/schema"
  cp -r "$(go list -m -f '{{.Dir}}' "github.com/temporalio/ui-server/v2@v$ui")/config" "$work/temporal/ui-config"
  chmod -R u+w "$work/temporal"
  for target in server admin-tools ui; do
    step "temporalio/$target"
    tag=$server
    [ "$target" = ui ] && tag=$ui
    build "temporalio/$target:$tag" temporal.Dockerfile "$work/temporal" "$target"
  done
  rm -rf "$work/temporal"
fi

# What compose would still have to pull is a stand-in this script forgot.
missing=$(sed -n 's|^ *image: \([^ ]*:[^ ]*\).*|\1|p' "$compose" | sort -u | while read -r image; do
  docker image inspect "$image" >/dev/null 2>&1 || echo "$image"
done)
[ -z "$missing" ] || { echo "no stand-in for: $missing" >&2; exit 1; }
docker image ls --format '{{.Repository}}:{{.Tag}}  {{.Size}}' | grep -E '^(node|postgres|temporalio/)' | sort
