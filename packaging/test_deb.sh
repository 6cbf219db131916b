#!/bin/bash
# Try the .deb as its user gets it: on a clean Debian 12 without any Python, made here with debootstrap.
#
#     sudo packaging/test_deb.sh dist/reviewdesk_VERSION_amd64.deb [options]
#         --old FILE        upgrade from this package; without it the same build under an older number
#         --picture FILE    where the screenshot goes (default: beside the package, .png)
#         --base FOLDER     keep the bare Debian there for the next time
#         --mirror URL      of Debian (default: the host's own, else deb.debian.org)
#
# Installs with apt, runs the self-test (without any network), syncs the practice profile, opens the window on a
# virtual screen, writes a draft with real keys, takes a screenshot, upgrades, looks for the draft, removes, looks
# for the profile. Needs root and debootstrap xvfb openbox xdotool imagemagick x11-utils. Leaves nothing behind.
# shellcheck disable=SC2016  # ${Version} in single quotes is for dpkg-query
set -euo pipefail

package="" old="" picture="" base="" mirror=""
arguments=("$@")
while [ $# -gt 0 ]; do
    case "$1" in
        --old) old=$(realpath "$2"); shift 2 ;;
        --picture) picture=$(realpath -m "$2"); shift 2 ;;
        --base) base=$(realpath -m "$2"); shift 2 ;;
        --mirror) mirror=$2; shift 2 ;;
        -*) sed -n '2,14s/^# \{0,1\}//p' "$0"; exit 2 ;;
        *) package=$(realpath "$1"); shift ;;
    esac
done
[ -f "$package" ] || { sed -n '2,14s/^# \{0,1\}//p' "$0"; exit 2; }
[ "$(id -u)" = 0 ] || { echo "error: needs root, for debootstrap and chroot" >&2; exit 2; }
picture=${picture:-${package%.deb}.png}

# Everything is mounted where only this script sees it: nothing stays mounted, however it ends.
if [ -z "${REVIEWDESK_OWN_MOUNTS:-}" ]; then
    REVIEWDESK_OWN_MOUNTS=1 exec unshare --mount --propagation private "$0" "${arguments[@]}"
fi

say() { printf '\n== %s\n' "$*"; }
fail() { echo "FAILED: $*" >&2; exit 1; }

work=$(mktemp -d)
started=()
finish() {
    for process in "${started[@]}"; do kill "$process" 2>/dev/null || true; done
    wait 2>/dev/null || true
    # Mounts end with the namespace; lazily now, so that the folder can go.
    umount -l "$work/root/tmp/.X11-unix" "$work/root/proc" "$work/root/dev" "$work/root" "$work/layer" \
        2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT

if [ -z "$mirror" ]; then
    mirror=$(sed -n 's/^URIs: *\(http[^ ]*debian\)\/*$/\1/p' /etc/apt/sources.list.d/debian.sources 2>/dev/null | head -1)
    mirror=${mirror:-http://deb.debian.org/debian}
fi

# --- a bare Debian 12 ------------------------------------------------------------------------------------
base=${base:-$work/base}
if [ ! -x "$base/usr/bin/apt-get" ]; then
    say "debootstrap: Debian 12, minbase"
    debootstrap --variant=minbase bookworm "$base" "$mirror" > "$work/debootstrap.log" ||
        { tail -20 "$work/debootstrap.log" >&2; fail "debootstrap"; }
    printf 'deb %s bookworm main\ndeb %s bookworm-updates main\n' "$mirror" "$mirror" > "$base/etc/apt/sources.list"
    # The host's own way to its mirror, such as a proxy.
    cp /etc/apt/apt.conf.d/99* "$base/etc/apt/apt.conf.d/" 2>/dev/null || true
fi
mkdir "$work/root" "$work/layer"
# The upper layer on a tmpfs: overlays may not lie on overlays.
mount -t tmpfs -o size=4g layer "$work/layer"
mkdir "$work/layer/up" "$work/layer/work"
mount -t overlay overlay -o "lowerdir=$base,upperdir=$work/layer/up,workdir=$work/layer/work" "$work/root"
root=$work/root
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
chmod 1777 "$root/tmp"
cp -L /etc/resolv.conf "$root/etc/resolv.conf"

inside() { # as root
    chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
        DEBIAN_FRONTEND=noninteractive "$@"
}
person() { # as somebody without rights
    chroot --userspec=agent:agent "$root" /usr/bin/env -i PATH=/usr/bin:/bin HOME=/home/agent USER=agent LANG=C.UTF-8 \
        DISPLAY="${display:-}" "$@"
}
no_python() {
    ! inside sh -c 'command -v python python3 python3.11' || fail "there is a Python on the machine"
    ! inside dpkg-query -W -f '${Package}\n' | grep -E '^(lib)?python' || fail "a Python package is installed"
}

no_python
inside useradd --create-home agent

# --- an older build ----------------------------------------------------------------------------------------
if [ -z "$old" ]; then
    old=$work/reviewdesk_old.deb
    dpkg-deb -R "$package" "$work/old"
    sed -i 's/^Version: .*/Version: 0.0.1~test/' "$work/old/DEBIAN/control"
    dpkg-deb --root-owner-group -Znone --build "$work/old" "$old" > /dev/null
    rm -rf "$work/old"
fi
cp "$old" "$root/tmp/reviewdesk_old.deb"
cp "$package" "$root/tmp/reviewdesk_new.deb"
chmod 644 "$root"/tmp/*.deb

say "apt install ./reviewdesk_old.deb"
inside apt-get -q update > "$work/apt.log" 2>&1 || { tail -20 "$work/apt.log" >&2; fail "apt-get update"; }
inside sh -c 'cd /tmp && apt-get -q install -y ./reviewdesk_old.deb' >> "$work/apt.log" 2>&1 ||
    { tail -20 "$work/apt.log" >&2; fail "apt install"; }
before=$(inside dpkg-query -W -f '${Version}' reviewdesk)
no_python

# --- works on its own --------------------------------------------------------------------------------------
self_test() { # no network but loopback
    if command -v ip >/dev/null; then
        unshare --net sh -c "ip link set lo up && exec chroot --userspec=agent:agent '$root' /usr/bin/env -i \
            PATH=/usr/bin:/bin HOME=/home/agent LANG=C.UTF-8 $* reviewdesk --self-test"
    else
        echo "(no ip command here: the network stays on)"
        person "$@" reviewdesk --self-test
    fi
}
say "reviewdesk --self-test, without network"
begin=$(date +%s%N)
spent() { awk '{ print ($16 + $17) * 10 }' /proc/$$/stat; } # of children that ended, in ms
before_cpu=$(spent)
self_test || fail "the self-test"
took=$(( ($(date +%s%N) - begin) / 1000000 ))
echo "$took ms in all, with starting the program; $(( $(spent) - before_cpu )) ms of processor time"
[ "$took" -lt "${REVIEWDESK_SELF_TEST_MS:-10000}" ] ||
    fail "the self-test took longer than 10 s (on a busy machine: REVIEWDESK_SELF_TEST_MS=30000)"

say "the environment does not choose the keychain"
self_test PYTHON_KEYRING_BACKEND=keyring.backends.null.Keyring | grep '^ok.*keychain.*Refused: There is no keychain' ||
    fail "PYTHON_KEYRING_BACKEND was honoured"

say "reviewdesk --demo sync"
person reviewdesk --demo sync || fail "sync"

# --- the window ---------------------------------------------------------------------------------------------
say "the window"
number=90
while [ -e "/tmp/.X$number-lock" ] || [ -e "/tmp/.X11-unix/X$number" ]; do number=$((number + 1)); done
display=:$number
Xvfb "$display" -screen 0 1440x900x24 -nolisten tcp -ac > "$work/xvfb.log" 2>&1 &
started+=($!)
export DISPLAY=$display
for _ in $(seq 100); do xdpyinfo >/dev/null 2>&1 && break; sleep 0.1; done
openbox > /dev/null 2>&1 &
started+=($!)
mkdir -p "$root/tmp/.X11-unix"
mount --bind /tmp/.X11-unix "$root/tmp/.X11-unix"

mine=(reviewdesk --demo --profile /home/agent/practice)
person "${mine[@]}" sync > /dev/null
review=$(person "${mine[@]}" list 'provider:trustpilot stars:<=2 -has:reply has:text lang:en' --limit 1 --json |
    sed -n 's/^ *"id": \([0-9]*\),$/\1/p' | head -1)
[ -n "$review" ] || fail "no review to answer"
person "${mine[@]}" gui > "$work/window.log" 2>&1 &
started+=($!)
window=$(timeout 60 xdotool search --sync --onlyvisible --class reviewdesk | head -1) ||
    { cat "$work/window.log" >&2; fail "no window came up"; }
xdotool windowactivate --sync "$window"
# Fills the screen, as a person would have it.
xdotool windowsize --sync "$window" 1440 860

look() { import -window root "$1"; }
settled() { # wait until nothing moves any more: a busy machine takes its time, and keys before that go elsewhere
    look "$work/a.ppm"
    for _ in $(seq 60); do
        sleep 1.5
        look "$work/b.ppm"
        cmp -s "$work/a.ppm" "$work/b.ppm" && return
        mv "$work/b.ppm" "$work/a.ppm"
    done
}
settled
# As a desktop does for an address: a second start, which the open window answers.
person "${mine[@]}" "reviewdesk://review/$review" || fail "the second start"
settled
xdotool key r
for _ in $(seq 60); do # the composer changes some of the picture
    sleep 0.5
    look "$work/b.ppm"
    cmp -s "$work/a.ppm" "$work/b.ppm" || break
done
sleep 2
words="Thank you for telling us, this draft must survive the upgrade."
xdotool type --delay 40 "$words"
for _ in $(seq 60); do
    grep -qaF "$words" "$root"/home/agent/practice/data/reviewdesk.db* && break
    sleep 0.5
done
found=$(person "${mine[@]}" list has:draft --json | sed -n 's/^ *"id": \([0-9]*\),$/\1/p')
sleep 1
import -window root "$picture"
echo "screenshot: $picture"
[ "$found" = "$review" ] || fail "the draft is not on review $review but on '$found'"

say "an address that is none of ours"
! person "${mine[@]}" 'reviewdesk://review/1;rm' 2> "$work/refused" || fail "a strange address was accepted"
cat "$work/refused"
xdotool key ctrl+q
for _ in $(seq 60); do xdotool search --onlyvisible --class reviewdesk >/dev/null 2>&1 || break; sleep 0.5; done

# --- upgrade -------------------------------------------------------------------------------------------------
say "apt install ./reviewdesk_new.deb"
inside sh -c 'cd /tmp && apt-get -q install -y ./reviewdesk_new.deb' >> "$work/apt.log" 2>&1 ||
    { tail -20 "$work/apt.log" >&2; fail "the upgrade"; }
after=$(inside dpkg-query -W -f '${Version}' reviewdesk)
echo "$before -> $after"
[ "$before" != "$after" ] || fail "nothing was upgraded"
found=$(person "${mine[@]}" list has:draft --json | sed -n 's/^ *"id": \([0-9]*\),$/\1/p')
[ "$found" = "$review" ] || fail "the draft is gone"
grep -qaF "$words" "$root"/home/agent/practice/data/reviewdesk.db* || fail "the draft's text is gone"
echo "the draft on review $review is there"
# A profile in the default folders, and one more draft-keeping look by the new program.
person reviewdesk list > /dev/null
[ -d "$root/home/agent/.local/share/reviewdesk" ] || fail "no profile in the default place"

# --- removal ---------------------------------------------------------------------------------------------------
say "apt purge reviewdesk"
snapshot() { (cd "$root/home/agent" && find practice .local -type f -exec sha256sum {} + | sort -k 2); }
snapshot > "$work/before"
inside dpkg -L reviewdesk > "$work/files"
inside apt-get -q purge -y reviewdesk >> "$work/apt.log" 2>&1 || fail "purge"
snapshot > "$work/after"
cmp "$work/before" "$work/after" || fail "the removal touched the profile"
echo "the profile's $(wc -l < "$work/after") files are untouched"
while read -r path; do
    case "$path" in */reviewdesk*) [ ! -e "$root$path" ] || fail "$path stayed" ;; esac
done < "$work/files"
no_python
say "all of it holds"
