//go:build linux

package main

import (
	"bufio"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
)

// floor serves a directory with the least code that answers the generator: no
// checks, no bounds, whoever comes. What no right server can do without, it does:
// names don't lead out of the directory, and an upload has its name when it is
// whole. It never returns but with an error.
func floor(address, dir, cert string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp4", address)
	if err != nil {
		return err
	}
	var cfg *tls.Config
	if cert != "" {
		pair, err := tls.LoadX509KeyPair(cert, cert)
		if err != nil {
			return err
		}
		cfg = &tls.Config{Certificates: []tls.Certificate{pair}}
	}
	for {
		conn, err := listener.Accept()
		if err != nil {
			return err
		}
		go (&visitor{conn: conn, in: bufio.NewReaderSize(conn, 512), root: root, cfg: cfg}).serve()
	}
}

// visitor is a session of the floor.
type visitor struct {
	conn   net.Conn
	in     *bufio.Reader
	root   *os.Root
	cfg    *tls.Config
	sealed bool
	data   net.Listener
	kept   *packed // nil: a connection a file
	later  []byte  // replies
}

func (b *visitor) say(text string) { _, _ = b.conn.Write([]byte(text + "\r\n")) }

func (b *visitor) serve() {
	defer b.conn.Close()
	b.say("220 floor")
	for {
		raw, err := b.in.ReadSlice('\n')
		if err != nil {
			break
		}
		verb, arg, _ := strings.Cut(strings.TrimRight(string(raw), "\r\n"), " ")
		switch verb {
		case "USER":
			b.say("331 password")
		case "PASS":
			b.say("230 in")
		case "AUTH":
			b.say("234 go")
			b.conn = tls.Server(b.conn, b.cfg)
			b.in = bufio.NewReaderSize(b.conn, 512)
		case "PROT":
			b.sealed = true
			b.say("200 ok")
		case "EPSV":
			b.passive()
		case "CHAN":
			b.keep()
		case "RETR", "STOR":
			if b.kept == nil {
				b.transfer(verb, arg)
			} else if err := b.overChannel(verb, arg); err != nil {
				return
			}
		default:
			b.say("200 ok")
		}
	}
	if b.data != nil {
		b.data.Close()
	}
}

// passive listens once a session.
func (b *visitor) passive() {
	if b.data == nil {
		var err error
		if b.data, err = net.Listen("tcp4", "127.0.0.1:0"); err != nil {
			b.say("425 no port")
			return
		}
	}
	b.say(fmt.Sprintf("229 port (|||%d|)", b.data.Addr().(*net.TCPAddr).Port))
}

func (b *visitor) transfer(verb, path string) {
	data, err := b.data.Accept()
	if err != nil {
		b.say("425 nobody")
		return
	}
	b.say("150 here")
	if b.sealed {
		data = tls.Server(data, b.cfg)
	}
	if verb == "RETR" {
		err = give(data, b.root, path)
	} else {
		err = take(data, b.root, path)
	}
	data.Close()
	if err != nil {
		b.say("451 failed")
		return
	}
	b.say("226 done")
}

func give(data net.Conn, root *os.Root, path string) error {
	f, err := root.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(data, f)
	return err
}

// take commits as a server has to: a reader finds the file before, or the whole
// one that comes, and of two uploads to one name neither writes into the other.
func take(data net.Conn, root *os.Root, path string) error {
	return commit(root, path, func(f *os.File) error { _, err := io.Copy(f, data); return err })
}

func commit(root *os.Root, path string, fill func(*os.File) error) error {
	temp := path + rand.Text()
	f, err := root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	if err = errors.Join(fill(f), f.Close()); err != nil {
		return errors.Join(err, root.Remove(temp))
	}
	return root.Rename(temp, path)
}
