package parent

import (
	"errors"
	"net"
	"os"
	"syscall"
)

// channel does not exist on Windows: Go can't make a listener of a socket that
// another process has opened. There, the service manager starts a server again.
type channel struct{}

func socketPair() (net.Conn, *os.File, error)        { return nil, nil, errors.ErrUnsupported }
func newChannel(net.Conn) (*channel, error)          { return nil, errors.ErrUnsupported }
func (*channel) close()                              {}
func (*channel) send(message, *os.File) error        { return errors.ErrUnsupported }
func (*channel) receive() (message, *os.File, error) { return message{}, nil, errors.ErrUnsupported }
func bound() *syscall.SysProcAttr                    { return nil }
func bind() error                                    { return nil }
