//go:build !unix

package proto

import "net"

func receive(nc net.Conn) (*buffer, error) { return readInto(nc) }
