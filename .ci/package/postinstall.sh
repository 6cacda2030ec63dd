#!/bin/sh
# deb: configure; rpm: 1 or 2; apk: version. All may come again.
set -e
root=${DPKG_ROOT:-}
if ! grep -q '^ferry:' "$root/etc/passwd" 2>/dev/null; then
  if command -v useradd >/dev/null; then
    useradd ${root:+--prefix "$root"} --system --user-group --no-create-home --home-dir /srv/ferry --shell /usr/sbin/nologin ferry
  else
    addgroup -S ferry
    adduser -S -D -H -h /srv/ferry -s /sbin/nologin -G ferry ferry
  fi
fi
id=$(grep '^ferry:' "$root/etc/passwd" | cut -d: -f3)
group=$(grep '^ferry:' "$root/etc/passwd" | cut -d: -f4)
if [ ! -d "$root/srv/ferry" ]; then
  mkdir -p "$root/srv/ferry"
  chown "$id:$group" "$root/srv/ferry"
  chmod 750 "$root/srv/ferry"
fi
# The server reads the users, and `ferry users` keeps their owner.
chown "$id:$group" "$root/etc/ferry/users.json"
chmod 600 "$root/etc/ferry/users.json"
if [ -z "$root" ] && [ -d /run/systemd/system ]; then
  systemctl daemon-reload || true
  systemctl try-restart ferry.service || true
fi
