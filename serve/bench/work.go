//go:build linux

package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// timed runs a piece of work and tells how long it took, and what CPU time the
// server needed.
func (t target) timed(work func() error) (took, cpu time.Duration, err error) {
	before, err := t.group.cpu()
	if err != nil {
		return 0, 0, err
	}
	began := time.Now()
	if err := work(); err != nil {
		return 0, 0, err
	}
	took = time.Since(began)
	after, err := t.group.cpu()
	return took, after - before, err
}

// session logs in for a piece of work.
func (t target) session(v security, work func(c *control) error) error {
	c, err := dial(t, v)
	if err != nil {
		return err
	}
	defer c.close()
	return work(c)
}

func rate(bytes int64, took, cpu time.Duration) sample {
	return sample{value: float64(bytes) / mib / took.Seconds(), cpu: cpu, work: float64(bytes) / gib}
}

func down(t target, v security) (sample, error) { return downOf(t, v, "big.bin", bigSize) }

func downLossy(t target, v security) (sample, error) { return downOf(t, v, "lossy.bin", lossySize) }

func downOf(t target, v security, name string, size int64) (s sample, err error) {
	err = t.session(v, func(c *control) error {
		var n int64
		took, cpu, err := t.timed(func() (err error) { n, _, err = c.get("RETR " + name); return err })
		if err == nil && n < size {
			err = fmt.Errorf("%d bytes of %d came", n, size)
		}
		s = rate(size, took, cpu)
		return err
	})
	return s, err
}

func downHalf(t target, v security) (s sample, err error) {
	err = t.session(v, func(c *control) error {
		if _, err := c.do(350, fmt.Sprintf("REST %d", bigSize/2)); err != nil {
			return err
		}
		var n int64
		took, cpu, err := t.timed(func() (err error) { n, _, err = c.get("RETR big.bin"); return err })
		if err == nil && n != bigSize/2 {
			err = fmt.Errorf("%d bytes of %d came", n, int64(bigSize/2))
		}
		s = rate(bigSize/2, took, cpu)
		return err
	})
	return s, err
}

// upload sends the big file back under another name, and looks at its size.
func upload(t target, v security) (s sample, err error) {
	there := filepath.Join(t.dir, "up", "up.bin")
	defer os.Remove(there)
	err = t.session(v, func(c *control) error {
		src, err := os.Open(filepath.Join(t.dir, "big.bin"))
		if err != nil {
			return err
		}
		defer src.Close()
		took, cpu, err := t.timed(func() error { return c.put("STOR up/up.bin", src) })
		if err != nil {
			return err
		}
		s = rate(bigSize, took, cpu)
		return hasSize(there, bigSize)
	})
	return s, err
}

// hasSize checks what a server has stored.
func hasSize(path string, size int64) error {
	info, err := os.Stat(path)
	if err == nil && info.Size() != size {
		err = fmt.Errorf("%s has %d bytes, not %d", path, info.Size(), size)
	}
	return err
}

func manyDown(n int) func(target, security) (sample, error) {
	return func(t target, v security) (s sample, err error) {
		err = t.session(v, func(c *control) error {
			took, cpu, err := t.timed(func() error {
				for range n {
					got, _, err := c.get("RETR small.bin")
					if err == nil && got < smallSize {
						err = fmt.Errorf("%d bytes came", got)
					}
					if err != nil {
						return err
					}
				}
				return nil
			})
			s = sample{value: float64(n) / took.Seconds(), cpu: cpu, work: float64(n)}
			return err
		})
		return s, err
	}
}

func manyUp(n int) func(target, security) (sample, error) {
	return func(t target, v security) (s sample, err error) {
		data, err := os.ReadFile(filepath.Join(t.dir, "small.bin"))
		if err != nil {
			return s, err
		}
		err = t.session(v, func(c *control) error {
			took, cpu, err := t.timed(func() error {
				for i := range n {
					if err := c.put(fmt.Sprintf("STOR up/s%04d.dat", i), struct{ io.Reader }{bytes.NewReader(data)}); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
			s = sample{value: float64(n) / took.Seconds(), cpu: cpu, work: float64(n)}
			return swept(t, n)
		})
		return s, err
	}
}

// swept checks all small uploads, and removes them.
func swept(t target, n int) error {
	for i := range n {
		path := filepath.Join(t.dir, "up", fmt.Sprintf("s%04d.dat", i))
		if err := hasSize(path, smallSize); err != nil {
			return err
		}
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	return nil
}

// same reads one file whole and compares it: no server is measured that sends
// something else.
func same(t target, v security) error {
	name := filepath.Join(t.dir, "small.bin")
	want, err := os.ReadFile(name)
	if os.IsNotExist(err) {
		return nil // a scenario without files
	}
	if err != nil {
		return err
	}
	return t.session(v, func(c *control) error {
		var got bytes.Buffer
		if err := c.fetch("small.bin", &got); err != nil {
			return err
		}
		if !bytes.Equal(got.Bytes(), want) {
			return fmt.Errorf("%d bytes came, and they are not the file's", got.Len())
		}
		return nil
	})
}
