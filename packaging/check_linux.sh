#!/bin/sh
# Judge the Linux packages in dist/ by the tools of those who distribute them: packaging/check_linux.sh [DIST]
# Needs desktop-file-utils, appstream, lintian, rpm and cpio; flatpak-builder is used where it is there.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
dist=$(cd "${1:-$here/../dist}" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say() { printf '== %s\n' "$*"; }

deb=$(ls "$dist"/reviewdesk_*.deb)
dpkg-deb -x "$deb" "$work/deb"

say desktop-file-validate
desktop-file-validate "$work/deb/usr/share/applications/reviewdesk.desktop"

say appstreamcli validate
appstreamcli validate --no-net --no-color "$work"/deb/usr/share/metainfo/*.metainfo.xml

say lintian
# --allow-root: in a container there may be nobody else.
lintian --allow-root --fail-on error --tag-display-limit 0 "$deb"

say "the .deb holds nobody's home and no file that others may write"
! dpkg-deb -c "$deb" | grep -E ' \./(home|root|tmp)/' || exit 1
! dpkg-deb -c "$deb" | grep -E '^-.......w.' || exit 1

say "completions and man page"
share="$work/deb/usr/share"
bash -n "$share/bash-completion/completions/reviewdesk"
! command -v zsh >/dev/null || zsh -n "$share/zsh/vendor-completions/_reviewdesk"
! command -v fish >/dev/null || fish -n "$share/fish/vendor_completions.d/reviewdesk.fish"
gzip -dc "$share/man/man1/reviewdesk.1.gz" | grep -q '^.SH EXIT STATUS'

for rpm in "$dist"/*.rpm; do
    [ -e "$rpm" ] || continue
    say "rpm: $(rpm -qp --qf '%{NAME} %{VERSION}-%{RELEASE} %{ARCH}, %{LICENSE}' "$rpm")"
    rpm -K --nosignature "$rpm"
    rpm -qpl "$rpm" > "$work/rpm.list"
    for file in /usr/bin/reviewdesk /usr/lib/reviewdesk/reviewdesk /usr/share/applications/reviewdesk.desktop \
        /usr/share/zsh/site-functions/_reviewdesk; do
        grep -qx "$file" "$work/rpm.list" || { echo "the rpm lacks $file" >&2; exit 1; }
    done
    mkdir "$work/rpm"
    (cd "$work/rpm" && rpm2cpio "$rpm" | cpio -idm --quiet)
    "$work/rpm/usr/bin/reviewdesk" --version
done

say "the portable archive runs from wherever it is"
mkdir "$work/a folder with blanks"
tar -xzf "$dist"/reviewdesk-*-linux-*.tar.gz -C "$work/a folder with blanks"
portable=$(ls "$work/a folder with blanks"/reviewdesk-*/reviewdesk)
"$portable" --self-test

manifest=$(ls "$dist"/*.yml)
if command -v flatpak-builder >/dev/null; then
    say "flatpak: $(flatpak-builder --version)"
    flatpak-builder --show-manifest "$manifest" > "$work/manifest.json"
    grep -q '"sha256"' "$work/manifest.json"
fi
# The manifest's one source is the archive beside it.
archive=$(sed -n 's/^ *path: "*\([^"]*\)"*$/\1/p' "$manifest")
sum=$(sed -n 's/^ *sha256: "*\([^"]*\)"*$/\1/p' "$manifest")
echo "$sum  $dist/$archive" | sha256sum --quiet --check

say "checksums"
(cd "$dist" && sha256sum --quiet --check SHA256SUMS-linux-*)
echo "all checks hold"
