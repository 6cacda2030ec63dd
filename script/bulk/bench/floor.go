//go:build linux

package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
)

// errand is what the floor is asked to do. It is the least that a client can do
// for the same files: it knows their names and wants to know nothing else of them,
// checks nothing, keeps nothing of what comes and renames nothing that goes.
type errand struct {
	server, user, password string
	way                    way
	remote, local          string
	sessions               int
}

// floorClient is the floor as a client: this program once more.
func floorClient(name string, of way, sessions int) client {
	return client{name: name, drops: of == down, args: func(t task) ([]string, error) {
		self, err := os.Executable()
		if err != nil {
			return nil, err
		}
		list := filepath.Join(t.w.dir, "floor.names")
		if err := os.WriteFile(list, []byte(strings.Join(t.files, "\n")), 0o600); err != nil {
			return nil, err
		}
		return []string{self, "-floor", string(of), t.server.Address, t.server.User, t.server.Password,
			t.remote, t.local, strconv.Itoa(sessions), list}, nil
	}}
}

// floors are two of them: one with the sessions that ferry begins with, one with
// those of the other clients.
func floors(of way) []client {
	return []client{floorClient("floor, 2 sessions", of, 2), floorClient("floor, 8 sessions", of, 8)}
}

// floor does the errand that the command line names.
func floor(way way, args []string) error {
	if len(args) != 6 && len(args) != 7 {
		return errors.New("floor: SERVER USER PASSWORD REMOTE LOCAL SESSIONS [NAMES]")
	}
	sessions, err := strconv.Atoi(args[5])
	if err != nil {
		return err
	}
	e := errand{args[0], args[1], args[2], way, args[3], args[4], sessions}
	if len(args) == 6 {
		return e.large()
	}
	text, err := os.ReadFile(args[6])
	if err != nil {
		return err
	}
	return e.run(strings.Split(string(text), "\n"))
}

// run shares the files among the sessions, a batch at a time.
func (e errand) run(names []string) error {
	work := make(chan []string, len(names)/floorBatch+1)
	for len(names) > 0 {
		n := min(floorBatch, len(names))
		work <- names[:n]
		names = names[n:]
	}
	close(work)
	if e.way == up {
		if err := e.directories(); err != nil {
			return err
		}
	}
	failed := make([]error, e.sessions)
	var all sync.WaitGroup
	for i := range e.sessions {
		all.Go(func() { failed[i] = e.session(work) })
	}
	all.Wait()
	return errors.Join(failed...)
}

// floorBatch is how many files go in one write: about 1,000 bytes, as ferry's.
const floorBatch = 32

// caller is a session of the floor.
type caller struct {
	fd   int
	in   *bufio.Reader
	host net.IP
	buf  []byte
}

func (e errand) login() (*caller, error) {
	at, err := net.ResolveTCPAddr("tcp4", e.server)
	if err != nil {
		return nil, err
	}
	c := &caller{host: at.IP.To4(), buf: make([]byte, 64<<10)}
	if c.fd, err = dial(c.host, at.Port); err != nil {
		return nil, err
	}
	c.in = bufio.NewReader(descriptor(c.fd))
	_, err = c.reply()
	for _, line := range []string{"USER " + e.user, "PASS " + e.password, "TYPE I"} {
		if err == nil {
			_, err = c.ask(line)
		}
	}
	return c, err
}

// directories makes those of an upload, whose names are those of the source's.
func (e errand) directories() error {
	c, err := e.login()
	if err != nil {
		return err
	}
	defer hangUp(c.fd)
	if _, err := c.ask("MKD " + e.remote); err != nil {
		return err
	}
	under, err := os.ReadDir(e.local)
	for _, d := range under {
		if _, merr := c.ask("MKD " + path.Join(e.remote, d.Name())); err == nil {
			err = merr
		}
	}
	return err
}

// session moves batches until there are none.
func (e errand) session(work <-chan []string) error {
	c, err := e.login()
	if err != nil {
		return err
	}
	defer hangUp(c.fd)
	verb := "RETR "
	if e.way == up {
		verb = "STOR "
	}
	for batch := range work {
		var b bytes.Buffer
		for _, name := range batch {
			fmt.Fprintf(&b, "EPSV\r\n%s%s\r\n", verb, path.Join(e.remote, name))
		}
		if err := put(c.fd, b.Bytes()); err != nil {
			return err
		}
		for _, name := range batch {
			if err := e.move(c, name); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return nil
}

// move is one of many files.
func (e errand) move(c *caller, name string) error {
	return e.through(c, func(fd int) error {
		if e.way == up {
			return c.send(fd, filepath.Join(e.local, name))
		}
		return c.drain(fd)
	})
}

// through is a data connection and its replies.
func (e errand) through(c *caller, bytes func(fd int) error) error {
	r, err := c.reply()
	if err != nil {
		return err
	}
	_, after, _ := strings.Cut(r, "|||")
	number, _, _ := strings.Cut(after, "|")
	port, err := strconv.Atoi(number)
	if err != nil {
		return fmt.Errorf("%q: %w", r, err)
	}
	fd, err := dial(c.host, port)
	if err != nil {
		return err
	}
	err = bytes(fd)
	hangUp(fd)
	for err == nil {
		if r, err = c.reply(); err == nil && r[0] != '1' {
			break
		}
	}
	return err
}

// ask sends a line and waits for the answer.
func (c *caller) ask(line string) (string, error) {
	if err := put(c.fd, []byte(line+"\r\n")); err != nil {
		return "", err
	}
	return c.reply()
}

// reply is the last line of one.
func (c *caller) reply() (string, error) {
	for {
		line, err := c.in.ReadString('\n')
		switch {
		case err != nil:
			return line, err
		case len(line) < 4 || line[3] == '-' || line[0] == ' ':
			continue
		case line[0] > '3':
			return line, errors.New(strings.TrimSpace(line))
		}
		return line, nil
	}
}
