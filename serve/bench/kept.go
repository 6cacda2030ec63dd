//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sync/errgroup"

	"ferry/proto"
	"ferry/proto/data"
)

// Files over a channel (CHAN, MODE B), with ferry's own code at this end. Servers
// that have none do the same work their best way, a connection a file.

// hasChannel reports whether a server is one of ours.
func hasChannel(t target) bool { return t.name == "ferry" }

func keptDown(n int) func(target, security) (sample, error) {
	return func(t target, v security) (s sample, err error) {
		if !hasChannel(t) {
			return manyDown(n)(t, v)
		}
		want, err := os.ReadFile(filepath.Join(t.dir, "small.bin"))
		if err != nil {
			return s, err
		}
		err = t.session(v, func(c *control) error {
			took, cpu, err := t.timed(func() error {
				return c.kept(n, func(int) string { return "RETR small.bin" }, func(ctx context.Context, conn *data.Conn) error {
					var got bytes.Buffer
					if _, err := data.Receive(ctx, &got, conn, keepOptions()); err != nil {
						return err
					}
					if !bytes.Equal(got.Bytes(), want) {
						return errors.New("other bytes came")
					}
					return nil
				})
			})
			s = sample{value: float64(n) / took.Seconds(), cpu: cpu, work: float64(n)}
			return err
		})
		return s, err
	}
}

func keptUp(n int) func(target, security) (sample, error) {
	return func(t target, v security) (s sample, err error) {
		if !hasChannel(t) {
			return manyUp(n)(t, v)
		}
		content, err := os.ReadFile(filepath.Join(t.dir, "small.bin"))
		if err != nil {
			return s, err
		}
		err = t.session(v, func(c *control) error {
			took, cpu, err := t.timed(func() error {
				return c.kept(n, func(i int) string { return fmt.Sprintf("STOR up/s%04d.dat", i) }, func(ctx context.Context, conn *data.Conn) error {
					_, err := data.Send(ctx, conn, bytes.NewReader(content), keepOptions())
					return err
				})
			})
			s = sample{value: float64(n) / took.Seconds(), cpu: cpu, work: float64(n)}
			return errors.Join(err, swept(t, n))
		})
		return s, err
	}
}

func keepOptions() data.Options {
	p := proto.Binary()
	p.Mode = proto.Block
	return data.Options{Params: p, Keep: &data.Keep{}}
}

// kept moves n files over one channel. Commands don't wait for replies.
func (c *control) kept(n int, command func(int) string, move func(context.Context, *data.Conn) error) error {
	if _, err := c.do(200, "MODE B"); err != nil {
		return err
	}
	text, err := c.do(229, "EPSV")
	if err != nil {
		return err
	}
	number, err := port(text)
	if err != nil {
		return err
	}
	nc, err := connect(netip.AddrPortFrom(c.host, uint16(number)))
	if err != nil {
		return err
	}
	defer nc.Close()
	if _, err := c.do(225, "CHAN"); err != nil {
		return err
	}
	var lines strings.Builder
	for i := range n {
		lines.WriteString(command(i) + "\r\n")
	}
	g, ctx := errgroup.WithContext(context.Background())
	g.Go(func() error { _, err := c.conn.Write([]byte(lines.String())); return err })
	g.Go(func() error { return c.answers(n) })
	g.Go(func() error {
		conn := data.NewConn(nc)
		for range n {
			if err := move(ctx, conn); err != nil {
				return err
			}
		}
		return nil
	})
	return g.Wait()
}

// answers reads the mark and the end of n transfers.
func (c *control) answers(n int) error {
	for range n {
		for _, want := range []int{125, 250} {
			if _, err := c.reply(want); err != nil {
				return err
			}
		}
	}
	return nil
}
