# The Debian 12 packages of tidemark, and how they are installed. Sourced by demo.sh and test.sh.
BUILD_PACKAGES=(gcc g++ cmake ninja-build pkg-config librdkafka-dev libavro-dev libjansson-dev libsimdjson-dev
  libyaml-dev libmicrohttpd-dev libxxhash-dev libssl-dev zlib1g-dev libzstd-dev)
TEST_PACKAGES=(libcmocka-dev ccache python3 python3-yaml kcat zstd openjdk-17-jre-headless maven)

install_packages() {
  if ! grep -q '^ID=debian' /etc/os-release 2>/dev/null; then
    echo "Not Debian: please install the equivalents of: $*" >&2
    return 0
  fi
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q '^install ok installed' || missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  local root=()
  [ "$(id -u)" = 0 ] || root=(sudo)
  echo "installing ${missing[*]}"
  local try
  for try in 1 2 3; do
    "${root[@]}" apt-get update -q >/dev/null &&
      "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}" >/dev/null && return 0
    sleep $((try * 5))
  done
  echo "could not install ${missing[*]}" >&2
  return 1
}
