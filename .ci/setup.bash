# Shared by ./coco, ./test, ./bench: finds the SDK, installs what is missing, builds only when a source changed.
# Everything here is safe to run again and says nothing when there is nothing to do.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export DOTNET_CLI_TELEMETRY_OPTOUT=1 TESTINGPLATFORM_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
export DOTNET_CLI_UI_LANGUAGE=en
if ! command -v dotnet >/dev/null && [ -x "$HOME/.dotnet/dotnet" ]; then PATH=$HOME/.dotnet:$PATH; fi
export PATH=$PATH:/usr/sbin:/sbin # ip, nft and gtlsserver live there and are not on everybody's path

say() { printf '%s\n' "$*" >&2; }

have_libsodium() {
  case $(uname -s) in
    Linux) ldconfig -p 2>/dev/null | grep -q 'libsodium\.so\.23' || compgen -G '/usr/lib/*/libsodium.so.*' >/dev/null || compgen -G '/usr/lib*/libsodium.so.*' >/dev/null ;;
    Darwin) compgen -G '/opt/homebrew/lib/libsodium*.dylib' >/dev/null || compgen -G '/usr/local/lib/libsodium*.dylib' >/dev/null ;;
    *) true ;; # the program itself says what is missing
  esac
}

have_libsqlite() {
  case $(uname -s) in
    Linux) ldconfig -p 2>/dev/null | grep -q 'libsqlite3\.so\.0' || compgen -G '/usr/lib/*/libsqlite3.so.*' >/dev/null || compgen -G '/usr/lib*/libsqlite3.so.*' >/dev/null ;;
    *) true ;; # macOS and Windows bring one; the program itself says what is missing
  esac
}

# GStreamer's RTSP server is a library, which a test drives through Debian's own Python.
gst_rtsp_server='gir1.2-gst-rtsp-server-1.0 python3-gi gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-tools'
have_gst_rtsp_server() {
  compgen -G '/usr/lib/*/girepository-1.0/GstRtspServer-1.0.typelib' >/dev/null && compgen -G '/usr/lib/*/gstreamer-1.0/libgstrtpmanager.so' >/dev/null &&
    compgen -G '/usr/lib/*/gstreamer-1.0/libgstvideoparsersbad.so' >/dev/null && command -v gst-launch-1.0 >/dev/null && /usr/bin/python3 -c 'import gi' 2>/dev/null
}

# missing_packages package=command... prints the packages whose command is not there; libsodium23 and libsqlite3-0 stand for libraries,
# gst-rtsp-server for all that GStreamer's needs.
missing_packages() {
  local pair
  for pair in "$@"; do
    if [ "$pair" = libsodium23 ]; then have_libsodium || printf '%s ' libsodium23
    elif [ "$pair" = libsqlite3-0 ]; then have_libsqlite || printf '%s ' libsqlite3-0
    elif [ "$pair" = gst-rtsp-server ]; then have_gst_rtsp_server || printf '%s ' "$gst_rtsp_server"
    elif ! command -v "${pair#*=}" >/dev/null; then printf '%s ' "${pair%%=*}"; fi
  done
}

# install_line package... prints the line that installs the packages on this system.
install_line() {
  case $(uname -s) in
    Darwin) printf 'brew install %s' "${*/libsodium23/libsodium}" ;;
    *)
      if command -v apt-get >/dev/null; then printf 'sudo apt-get update && sudo apt-get install -y --no-install-recommends %s' "$*"
      else printf 'install these Debian packages, or what your system calls them: %s' "$*"; fi ;;
  esac
}

# install package... installs as root where there is apt; answers false, without a word, where it may not.
install() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
  say "installing $*"
  local log; log=$(mktemp)
  local policy=/usr/sbin/policy-rc.d # servers among the peers are run by tests, and must not be started by their packages
  if [ -e $policy ]; then policy=; else printf '#!/bin/sh\nexit 101\n' >$policy && chmod +x $policy; fi
  local code=0
  if DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >"$log" 2>&1 ||
    { apt-get update -q >"$log" 2>&1 && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >>"$log" 2>&1; }
  then rm -f "$log"; else tail -n 20 "$log" >&2; rm -f "$log"; code=1; fi
  if [ -n "$policy" ]; then rm -f "$policy"; fi
  return $code
}

# need package... is for what nothing works without.
need() {
  local missing; missing=$(missing_packages "$@")
  [ -z "$missing" ] && return
  # shellcheck disable=SC2086 # a list of words
  install $missing && return
  say "missing: $missing"
  # shellcheck disable=SC2086
  say "run: $(install_line $missing)"
  exit 1
}

# want package... is for peers and tools that tests skip without; a CI machine must have them, or a missing one makes all green.
want() {
  local missing; missing=$(missing_packages "$@")
  [ -z "$missing" ] && return
  # shellcheck disable=SC2086
  install $missing && return
  say "missing: $missing(tests that need them will be skipped)"
  # shellcheck disable=SC2086
  say "run: $(install_line $missing)"
  if [ "${CI:-}" = true ]; then exit 1; fi
}

need_sdk() {
  if ! command -v dotnet >/dev/null || ! (cd "$root" && dotnet --version >/dev/null 2>&1); then
    say "missing: the .NET SDK $(grep -o '[0-9][0-9.]*' "$root/global.json" | head -n 1)"
    say "run: curl -fsSL https://dot.net/v1/dotnet-install.sh | bash -s -- --jsonfile '$root/global.json' --install-dir '$HOME/.dotnet'"
    exit 1
  fi
}

# build PROJECT OUTPUT builds PROJECT (Release) unless OUTPUT is there and no source is newer than the last build's start.
# `dotnet build` with nothing to do takes seconds; this takes milliseconds. Folders count too: a deleted file changes its folder.
build() {
  local stamp=$root/artifacts/built-${1//\//-}
  if [ -f "$stamp" ] && [ -e "$root/$2" ]; then
    local newer
    newer=$(find "$root/src" "$root/tests" "$root/lab" "$root/benchmarks" "$root/samples" "$root"/Directory.* "$root/global.json" "$root/.editorconfig" \
      \( -name bin -o -name obj -o -name node_modules -o -name TestResults \) -prune -o -newer "$stamp" \( -type d -o -type f \) -print -quit 2>/dev/null)
    [ -z "$newer" ] && return
  fi

  need_sdk
  say "building $1"
  mkdir -p "$root/artifacts"
  touch "$stamp.new" # the start, so that a source saved while the build runs is built next time
  local log=$root/artifacts/build.log
  if ! dotnet build "$root/$1" -c Release --nologo -v q -clp:NoSummary >"$log" 2>&1; then
    sort -u "$log" | grep -E 'error|warning' | head -n 40 >&2 || tail -n 40 "$log" >&2
    say "the build of $1 failed, see artifacts/build.log"
    rm -f "$stamp.new"
    exit 1
  fi
  mv "$stamp.new" "$stamp"
}
