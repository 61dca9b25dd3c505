# Sourced by demo.sh: a real sshd of the present user on 127.0.0.1, its keys and a letter in the demo workspace.

sshd_pid=

start_sshd() { # workspace; sets port
    sh scripts/packages.sh sshd:openssh-server ssh:openssh-client || return 1
    sshd=$(command -v sshd || command -v /usr/sbin/sshd) || return 1
    [ "$(id -u)" != 0 ] || mkdir -p /run/sshd
    (cd "$1" && mkdir -p demo-sshd && chmod 700 demo-sshd)
    own=$(cd "$1/demo-sshd" && pwd)
    for key in host client; do
        [ -f "$own/$key" ] || ssh-keygen -q -t ed25519 -N '' -C demo -f "$own/$key"
    done
    cp "$own/client.pub" "$own/authorized_keys"
    : > "$own/log"
    for try in 1 2 3 4 5; do
        port=$(.venv/bin/python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
        cat > "$own/sshd_config" <<END
ListenAddress 127.0.0.1
Port $port
HostKey $own/host
AuthorizedKeysFile $own/authorized_keys
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
AllowUsers $(id -un)
END
        "$sshd" -D -e -f "$own/sshd_config" 2>> "$own/log" < /dev/null &
        sshd_pid=$!
        trap stop_sshd EXIT
        trap 'stop_sshd; exit 130' INT TERM
        for _ in 1 2 3 4 5 6 7 8 9 10; do
            ! grep -q "Server listening" "$own/log" || break 2
            sleep 0.2
        done
        stop_sshd
        [ "$try" != 5 ] || { cat "$own/log" >&2; return 1; }
    done
    mkdir -p "$1/inventory/known_hosts" "$1/inventory/authorisations"
    sed "s/^/[127.0.0.1]:$port /" "$own/host.pub" > "$1/inventory/known_hosts/default"
    cat > "$1/inventory/authorisations/demo.toml" <<END
number = "演示授权"
units = ["演示单位"]
approver = "本机使用者 $(id -un)"
valid_from = $(TZ=Asia/Shanghai date +%F)
valid_until = $(TZ=Asia/Shanghai date +%F)
methods = ["ssh"]
ports = [$port]

[[networks]]
name = "default"
allow = ["127.0.0.1"]
END
    grep -q '^\[credentials.demo\]' "$1/xunyan.toml" || cat >> "$1/xunyan.toml" <<END

[credentials.demo]
user = "$(id -un)"
kind = "key"
key_file = "demo-sshd/client"
END
}

stop_sshd() {
    [ -z "$sshd_pid" ] || kill "$sshd_pid" 2>/dev/null || true
    [ -z "$sshd_pid" ] || wait "$sshd_pid" 2>/dev/null || true
    sshd_pid=
}
