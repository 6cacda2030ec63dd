//go:build unix

package parent

import (
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// channel is one end of the pair of sockets between parent and child.
type channel struct {
	c  *net.UnixConn
	mu sync.Mutex // one message at a time
}

// socketPair makes two connected sockets that no program inherits by accident.
func socketPair() (ours net.Conn, theirs *os.File, err error) {
	syscall.ForkLock.RLock()
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(fds[0])
		syscall.CloseOnExec(fds[1])
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil, nil, os.NewSyscallError("socketpair", err)
	}
	mine := os.NewFile(uintptr(fds[0]), "parent")
	defer mine.Close()
	theirs = os.NewFile(uintptr(fds[1]), "child")
	if ours, err = net.FileConn(mine); err != nil {
		theirs.Close()
		return nil, nil, err
	}
	return ours, theirs, nil
}

// newChannel takes a connection of socketPair.
func newChannel(c net.Conn) (*channel, error) {
	u, ok := c.(*net.UnixConn)
	if !ok {
		return nil, errChannel
	}
	return &channel{c: u}, nil
}

func (ch *channel) close() { ch.c.Close() }

// send writes one message, and gives an open file with it if there is one.
func (ch *channel) send(m message, file *os.File) error {
	text, err := encode(m)
	if err != nil {
		return err
	}
	var rights []byte
	if file != nil {
		rights = syscall.UnixRights(int(file.Fd()))
	}
	ch.mu.Lock()
	defer ch.mu.Unlock()
	_ = ch.c.SetWriteDeadline(time.Now().Add(sendPatience))
	n, _, err := ch.c.WriteMsgUnix(text, rights, nil)
	if err == nil && n < len(text) {
		_, err = ch.c.Write(text[n:])
	}
	return err
}

// receive reads one message, and the file that came with it. Only one
// goroutine may.
func (ch *channel) receive() (message, *os.File, error) {
	var head [4]byte
	file, err := ch.head(head[:])
	if err != nil {
		return message{}, nil, err
	}
	m, err := ch.body(head)
	if err != nil && file != nil {
		file.Close()
		file = nil
	}
	return m, file, err
}

func (ch *channel) body(head [4]byte) (message, error) {
	n, err := length(head)
	if err != nil {
		return message{}, err
	}
	body := make([]byte, n)
	if _, err := io.ReadFull(ch.c, body); err != nil {
		return message{}, err
	}
	return decode(body)
}

// head fills in the length, and takes a file that stands beside it.
//
// SECURITY: what is received is marked close-on-exec by net; one file at most
// is kept, others are closed.
func (ch *channel) head(head []byte) (file *os.File, err error) {
	oob := make([]byte, syscall.CmsgSpace(4))
	for len(head) > 0 {
		n, oobn, _, _, err := ch.c.ReadMsgUnix(head, oob)
		for _, fd := range files(oob[:oobn]) {
			if file == nil {
				file = os.NewFile(uintptr(fd), "connection")
			} else {
				syscall.Close(fd)
			}
		}
		if err == nil && n == 0 {
			err = io.EOF
		}
		if err != nil {
			if file != nil {
				file.Close()
			}
			return nil, err
		}
		head = head[n:]
	}
	return file, nil
}

func files(oob []byte) (all []int) {
	messages, err := syscall.ParseSocketControlMessage(oob)
	if err != nil {
		return nil
	}
	for i := range messages {
		if fds, err := syscall.ParseUnixRights(&messages[i]); err == nil {
			all = append(all, fds...)
		}
	}
	return all
}
