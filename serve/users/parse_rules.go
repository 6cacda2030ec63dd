package users

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// rules reads the fields that say where, from where, how and how much.
func (p *parser) rules(r *Record, key string) error {
	switch key {
	case "directories":
		return p.directories(r, key)
	case "addresses":
		return p.addresses(r, key)
	case "limits":
		return p.limits(r, key)
	}
	text, err := p.string(key)
	if err != nil {
		return err
	}
	if key == "expires" {
		r.Expires, err = ParseExpiry(text)
	} else {
		r.TLS, err = ParseTLSRule(text)
	}
	if err != nil {
		return p.here("%q: %w", key, err)
	}
	return nil
}

// directories is an object whose values are permissions.
func (p *parser) directories(r *Record, key string) error {
	dirs := map[string]Perm{}
	err := p.object(func(dir string) (err error) {
		dirs[dir], err = p.perm(key + "." + dir)
		return err
	})
	if len(dirs) > 0 {
		r.Dirs = dirs
	}
	return err
}

func (p *parser) addresses(r *Record, key string) error {
	if err := p.delim('['); err != nil {
		return err
	}
	for p.dec.More() {
		word, err := p.string(key)
		if err != nil {
			return err
		}
		one, err := ParseNetworks([]string{word})
		if err != nil {
			return p.here("%w", err)
		}
		r.From = append(r.From, one...)
	}
	return p.delim(']')
}

func (p *parser) limits(r *Record, key string) error {
	return p.object(func(name string) error {
		var sessions int64
		into, ok := map[string]*int64{
			"sessions": &sessions, "up": &r.Limits.Up, "down": &r.Limits.Down,
			"bytes": &r.Limits.Bytes, "files": &r.Limits.Files, "largest": &r.Limits.Largest,
		}[name]
		if !ok {
			return p.here("unknown limit %q: sessions, up, down, bytes, files, largest", name)
		}
		n, err := p.size(key + "." + name)
		*into = n
		if name == "sessions" {
			r.Limits.Sessions = int(min(n, 1<<31-1))
		}
		return err
	})
}

// size is a number, or a string as ParseSize reads it.
func (p *parser) size(key string) (int64, error) {
	tok, err := p.token()
	if err != nil {
		return 0, p.syntax(err)
	}
	var text string
	switch tok := tok.(type) {
	case string:
		text = tok
	case json.Number:
		text = tok.String()
	default:
		return 0, p.here("%q must be a number", key)
	}
	n, err := ParseSize(text)
	if err != nil {
		return 0, p.here("%q: %w", key, err)
	}
	return n, nil
}

// limitsRow is Limits as the file has it.
type limitsRow struct {
	Sessions int    `json:"sessions,omitempty"`
	Up       string `json:"up,omitempty"`
	Down     string `json:"down,omitempty"`
	Bytes    string `json:"bytes,omitempty"`
	Files    int64  `json:"files,omitempty"`
	Largest  string `json:"largest,omitempty"`
}

func (l Limits) row() *limitsRow {
	if l == (Limits{}) {
		return nil
	}
	size := func(n int64) string {
		if n == 0 {
			return ""
		}
		return FormatSize(n)
	}
	return &limitsRow{l.Sessions, size(l.Up), size(l.Down), size(l.Bytes), l.Files, size(l.Largest)}
}

// ruleRow puts the rules of a record into its row.
func (r Record) ruleRow(to *row) {
	for dir, p := range r.Dirs {
		if to.Directories == nil {
			to.Directories = map[string]string{}
		}
		to.Directories[dir] = p.String()
	}
	for _, p := range r.From {
		to.Addresses = append(to.Addresses, strings.TrimSuffix(p.String(), hostBits(p.Addr().BitLen())))
	}
	if !r.Expires.IsZero() {
		to.Expires = r.Expires.UTC().Format(time.RFC3339Nano)
	}
	to.TLS, to.Limits = string(r.TLS), r.Limits.row()
}

func hostBits(n int) string { return fmt.Sprintf("/%d", n) }

// DirNames are the directories with permissions of their own, in order.
func (r Record) DirNames() []string { return slices.Sorted(maps.Keys(r.Dirs)) }
