package panes

import "golang.org/x/sys/unix"

// readTermios is tcgetattr.
const readTermios = unix.TCGETS
