# Programs that tests and benchmarks run and that must not be installed: their packages would start a service, or route packets.
# Sourced after setup.bash.

# unpack PROGRAM package... unpacks Debian packages into artifacts/peers, where tests look for them, unless PROGRAM (a path below it)
# is there. Nothing is installed, no script of the packages runs. Answers false, without a word, where there is no apt.
unpack() {
  local peers=$root/artifacts/peers program=$1
  shift
  [ -x "$peers/$program" ] && return
  command -v apt-get >/dev/null && command -v dpkg >/dev/null || return 1
  say "unpacking $*"
  local folder; folder=$(mktemp -d)
  (
    cd "$folder" || exit 1
    apt-get download -q "$@" >log 2>&1 || { [ "$(id -u)" = 0 ] && apt-get update -q >log 2>&1 && apt-get download -q "$@" >log 2>&1; } ||
      { tail -n 20 log >&2; exit 1; }
    mkdir -p "$peers"
    for package in *.deb; do dpkg -x "$package" "$peers" || exit 1; done
  )
  local code=$?
  rm -rf "$folder"
  [ $code = 0 ] && [ -x "$peers/$program" ]
}

# want_peers is for tests that skip without; a CI machine must have them. Libraries of nftables serve miniupnpd too.
want_peers() {
  unpack usr/sbin/miniupnpd miniupnpd-nftables && return
  say "missing: miniupnpd (tests that need it will be skipped)"
  say "run: apt-get download miniupnpd-nftables && dpkg -x miniupnpd-nftables_*.deb artifacts/peers"
  if [ "${CI:-}" = true ]; then exit 1; fi
}

# want_overlays is for ./bench, which names the peers it has to do without.
want_overlays() {
  local missing=
  unpack usr/bin/nebula nebula || missing+=' nebula'
  unpack usr/bin/wireguard-go wireguard-go || missing+=' wireguard-go'
  unpack usr/bin/wg wireguard-tools || missing+=' wireguard-tools'
  unpack usr/sbin/yggdrasil yggdrasil || missing+=' yggdrasil'
  [ -z "$missing" ] && return
  say "missing:$missing (benchmarks leave them out)"
  say "run: apt-get download$missing && for package in *.deb; do dpkg -x \"\$package\" artifacts/peers; done"
}

# want_sshd unpacks a server that ./bench runs by itself: the package would start one for the machine.
want_sshd() {
  unpack usr/sbin/sshd openssh-server && return
  say "missing: openssh-server (benchmarks leave it out)"
  say "run: apt-get download openssh-server && dpkg -x openssh-server_*.deb artifacts/peers"
}
