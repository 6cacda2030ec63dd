#!/bin/sh
# Purged, nothing stays but data: the files that users have brought to
# /srv/ferry, and their owner while there are any.
set -e
root=${DPKG_ROOT:-}
if [ -z "$root" ] && [ -d /run/systemd/system ]; then systemctl daemon-reload || true; fi
[ "${1:-}" = purge ] || exit 0
rm -rf "$root/var/lib/ferry"
rm -f "$root/etc/ferry/users.json.lock"
rmdir "$root/etc/ferry" 2>/dev/null || true
if [ -d "$root/srv/ferry" ] && ! rmdir "$root/srv/ferry" 2>/dev/null; then exit 0; fi
if grep -q '^ferry:' "$root/etc/passwd" 2>/dev/null && command -v userdel >/dev/null; then
  userdel ${root:+--prefix "$root"} ferry || true
fi
