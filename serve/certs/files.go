package certs

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"
)

// Pair names the files of a certificate, in PEM: the server's own first, then
// those up to the authority. Key may be the same file, or "".
type Pair struct{ Cert, Key string }

func (p Pair) key() string {
	if p.Key == "" {
		return p.Cert
	}
	return p.Key
}

// Load reads certificates and keeps looking whether their files change. report
// is told when a changed one can't be used; it may be nil, and must not call
// the Set.
func Load(pairs []Pair, report func(error)) (*Set, error) { return LoadBeside(nil, pairs, report) }

// LoadBeside is Load where the certificates of another set come first, if there
// is one.
func LoadBeside(first *Set, pairs []Pair, report func(error)) (*Set, error) {
	var before []*tls.Certificate
	if first != nil {
		before = first.List()
	}
	if len(pairs) == 0 {
		return nil, errors.New("no certificate file")
	}
	stamps := stampsOf(pairs)
	good, err := load(pairs)
	if err != nil {
		return nil, err
	}
	return &Set{pairs: slices.Clone(pairs), report: report, first: before, good: append(slices.Clip(before), good...), stamps: stamps, looked: time.Now()}, nil
}

func load(pairs []Pair) ([]*tls.Certificate, error) {
	var all []*tls.Certificate
	for _, p := range pairs {
		c, err := tls.LoadX509KeyPair(p.Cert, p.key())
		if err != nil {
			return nil, fmt.Errorf("certificate %s: %w", p.Cert, err)
		}
		all = append(all, &c)
	}
	return all, nil
}

// stamp tells one state of a file from another.
type stamp struct {
	info  fs.FileInfo // nil when there was no file
	young bool        // it had just been written: what is read may not be all
}

func stampsOf(pairs []Pair) []stamp {
	var all []stamp
	for _, p := range pairs {
		all = append(all, stampOf(p.Cert), stampOf(p.key()))
	}
	return all
}

func stampOf(path string) stamp {
	info, err := os.Stat(path)
	if err != nil {
		return stamp{}
	}
	return stamp{info, time.Since(info.ModTime()) < settle}
}

func same(now, then []stamp) bool {
	return slices.EqualFunc(now, then, func(a, b stamp) bool {
		if a.info == nil || b.info == nil {
			return a.info == b.info
		}
		return !b.young && os.SameFile(a.info, b.info) && a.info.Size() == b.info.Size() && a.info.ModTime().Equal(b.info.ModTime())
	})
}
