//go:build linux

package main

import (
	"errors"
	"fmt"
	"time"
)

// errNot is a server that has no such command.
var errNot = errors.New("it has no such command")

// listing reads a large directory: in all, to the first byte, and how the
// server's largest process grew.
func listing(verb string, n int) func(target, security) (sample, error) {
	return func(t target, v security) (s sample, err error) {
		if verb == "MLSD" && !t.mlsd {
			return s, errNot
		}
		err = t.session(v, func(c *control) error {
			if _, err := c.do(250, fmt.Sprintf("CWD n%d", n)); err != nil {
				return err
			}
			if err := t.group.forget(); err != nil {
				return err
			}
			before, err := t.group.peak()
			if err != nil {
				return err
			}
			var (
				got   int64
				first time.Time
			)
			began := time.Now()
			took, _, err := t.timed(func() (err error) { got, first, err = c.get(verb); return err })
			if err != nil {
				return err
			}
			if got < int64(n)*leastLine {
				return fmt.Errorf("only %d bytes came", got)
			}
			after, err := t.group.peak()
			s = sample{value: took.Seconds(), notes: []float64{
				float64(first.Sub(began).Microseconds()) / 1000, float64(after-before) / mib,
			}}
			return err
		})
		return s, err
	}
}

// abort breaks a listing off somewhere in its first quarter, and waits for the
// answer to ABOR: how long that takes, in milliseconds.
func abort(n int) func(target, security) (sample, error) {
	return func(t target, v security) (s sample, err error) {
		err = t.session(v, func(c *control) error {
			if _, err := c.do(250, fmt.Sprintf("CWD n%d", n)); err != nil {
				return err
			}
			data, err := c.channel()
			if err != nil {
				return err
			}
			defer data.Close()
			if err := c.opened("LIST"); err != nil {
				return err
			}
			for left := 1 + time.Now().UnixNano()%(int64(n)*leastLine/4); left > 0; {
				k, err := data.skim(c.room())
				if err != nil {
					return fmt.Errorf("before ABOR: %w", err)
				}
				left -= int64(k)
			}
			began := time.Now()
			if _, err := c.do(426, "ABOR"); err != nil { // RFC 959 §4.1.3: two replies
				return err
			}
			if _, err := c.reply(226); err != nil {
				return err
			}
			s = sample{value: float64(time.Since(began).Microseconds()) / 1000}
			return nil
		})
		return s, err
	}
}

// leastLine is how many bytes of a listing an entry has at least.
const leastLine = int64(len("file-0000000.dat\r\n"))
