#!/bin/sh
# deb: remove or upgrade; rpm: 0 at the end, 1 at an upgrade.
set -e
case "${1:-}" in upgrade | 1) exit 0 ;; esac
if [ -z "${DPKG_ROOT:-}" ] && [ -d /run/systemd/system ]; then
  systemctl disable --now ferry.service || true
fi
