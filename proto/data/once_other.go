//go:build !unix

package data

import (
	"net"
	"os"
	"syscall"
)

// SendAtOnce sends nothing here: whether a write would wait can't be known.
func SendAtOnce(net.Conn, *os.File, int) (sent int64, whole bool, err error) { return 0, false, nil }

// readNow reads nothing here, for the same reason.
func readNow(syscall.RawConn, []byte) int { return 0 }

// writeNow writes nothing here.
func writeNow(syscall.RawConn, []byte) (int64, error) { return 0, nil }
