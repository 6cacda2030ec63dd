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
			if got < int64(n)*int64(len("file-0000000.dat\r\n")) {
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
