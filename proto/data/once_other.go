//go:build !unix

package data

import (
	"net"
	"os"
)

// SendAtOnce sends nothing here: whether a write would wait can't be known.
func SendAtOnce(net.Conn, *os.File, int) (sent int64, whole bool, err error) { return 0, false, nil }
