//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sync/errgroup"

	"ferry/proto"
	"ferry/proto/data"
)

// Files over a channel (CHAN, MODE B). The first of each turn is read and written
// with ferry's own code, its sum included; those that count are told apart by
// their blocks' heads, and sent ready-made. Servers that have no channel do the
// same work their best way, a connection a file.

// hasChannel reports whether a server is one of ours.
func hasChannel(t target) bool { return ours(t.name) || t.name == "floor" }

func keptDown(n int) func(target, security) (sample, error) {
	return func(t target, v security) (sample, error) {
		if !hasChannel(t) {
			return manyDown(n)(t, v)
		}
		want, err := os.ReadFile(filepath.Join(t.dir, "small.bin"))
		if err != nil {
			return sample{}, err
		}
		return t.kept(n, v, kept{
			command: func(int) string { return "RETR small.bin" },
			first: func(ctx context.Context, conn *data.Conn) error {
				var got bytes.Buffer
				_, err := data.Receive(ctx, &got, conn, keepOptions())
				if err == nil && !bytes.Equal(got.Bytes(), want) {
					err = errors.New("other bytes came")
				}
				return err
			},
			all: func(s *socket, room []byte) error { return passFiles(s, room, n) },
		})
	}
}

func keptUp(n int) func(target, security) (sample, error) {
	return func(t target, v security) (sample, error) {
		if !hasChannel(t) {
			return manyUp(n)(t, v)
		}
		content, err := os.ReadFile(filepath.Join(t.dir, "small.bin"))
		if err != nil {
			return sample{}, err
		}
		one, err := blocked(content)
		if err != nil {
			return sample{}, err
		}
		many := bytes.Repeat(one, n)
		s, err := t.kept(n, v, kept{
			command: func(i int) string { return fmt.Sprintf("STOR up/s%04d.dat", i) },
			first: func(ctx context.Context, conn *data.Conn) error {
				_, err := data.Send(ctx, conn, bytes.NewReader(content), keepOptions())
				return err
			},
			all: func(s *socket, _ []byte) error { _, err := s.Write(many); return err },
		})
		return s, errors.Join(err, swept(t, n))
	}
}

// blocked is a file as it goes over a channel.
func blocked(content []byte) ([]byte, error) {
	near, far := net.Pipe()
	go func() {
		defer near.Close()
		_, _ = data.Send(context.Background(), data.NewConn(near), bytes.NewReader(content), keepOptions())
	}()
	return io.ReadAll(far)
}

func keepOptions() data.Options {
	p := proto.Binary()
	p.Mode = proto.Block
	return data.Options{Params: p, Keep: &data.Keep{}}
}

// kept is what is done over one channel.
type kept struct {
	command func(int) string
	first   func(context.Context, *data.Conn) error
	all     func(s *socket, room []byte) error
}

// kept moves one file, and then n over the same channel. Their commands don't wait
// for replies.
func (t target) kept(n int, v security, k kept) (s sample, err error) {
	err = t.session(v, func(c *control) error {
		below, err := c.keep()
		if err != nil {
			return err
		}
		defer below.Close()
		if err := c.send(k.command(0)); err != nil {
			return err
		}
		if err := errors.Join(k.first(context.Background(), data.NewConn(below)), c.answers(1)); err != nil {
			return err
		}
		var lines strings.Builder
		for i := range n {
			lines.WriteString(k.command(i) + "\r\n")
		}
		took, cpu, err := t.timed(func() error {
			var g errgroup.Group
			g.Go(func() error { _, err := c.conn.Write([]byte(lines.String())); return err })
			g.Go(func() error { return c.answers(n) })
			g.Go(func() error { return k.all(below, c.room()) })
			return g.Wait()
		})
		s = sample{value: float64(n) / took.Seconds(), cpu: cpu, work: float64(n)}
		return err
	})
	return s, err
}

// keep opens a channel.
func (c *control) keep() (*socket, error) {
	if _, err := c.do(200, "MODE B"); err != nil {
		return nil, err
	}
	text, err := c.do(229, "EPSV")
	if err != nil {
		return nil, err
	}
	number, err := port(text)
	if err != nil {
		return nil, err
	}
	s, err := connect(netip.AddrPortFrom(c.host, uint16(number)))
	if err != nil {
		return nil, err
	}
	if _, err := c.do(225, "CHAN"); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// answers reads the mark and the end of n transfers.
func (c *control) answers(n int) error {
	for range n {
		for _, want := range []int{125, 250} {
			if err := c.quietly(want); err != nil {
				return err
			}
		}
	}
	return nil
}

// quietly reads a reply of one line, and acknowledges nothing: nobody waits.
func (c *control) quietly(want int) error {
	line, err := c.in.ReadSlice('\n')
	if err == nil && !bytes.HasPrefix(line, fmt.Append(nil, want, " ")) {
		err = fmt.Errorf("%d wanted, not %q", want, line)
	}
	return err
}

// passFiles reads past n files. RFC 959 §3.4.2: a block is a descriptor, two bytes
// of length, and data; 64 marks the last of a file.
func passFiles(s *socket, room []byte, n int) error {
	left, have := 0, room[:0]
	for n > 0 {
		k, err := s.Read(room[len(have):])
		if err != nil {
			return err
		}
		have = room[:len(have)+k]
		for n > 0 {
			if skip := min(left, len(have)); skip > 0 {
				left, have = left-skip, have[skip:]
			}
			if left > 0 || len(have) < 3 {
				break
			}
			if have[0]&64 != 0 {
				n--
			}
			left, have = int(binary.BigEndian.Uint16(have[1:])), have[3:]
		}
		have = room[:copy(room, have)]
	}
	return nil
}
