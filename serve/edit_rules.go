package serve

import (
	"fmt"
	"strings"

	"ferry/proto"
	"ferry/serve/users"
)

// ruleFlag is an option of `ferry users add` and `change`: its words on the
// command line, and what they do to a record. An empty word takes a rule away.
type ruleFlag struct {
	name, usage string
	many        bool
	set         func(r *users.Record, words []string) error
}

// ruleFlags are all of them, in the order that help shows.
func ruleFlags() []ruleFlag {
	return []ruleFlag{
		{"root", "the user sees `DIR` only (relative to the server's directory; default: all of it)", false, func(r *users.Record, w []string) error { r.Root = w[0]; return nil }},
		{"home", "sessions start in `DIR`", false, func(r *users.Record, w []string) error { r.Home = w[0]; return nil }},
		{"perm", "`WORDS`: list read write overwrite append delete rename mkdir chmod site, or all, none, read-only", false, setPerm},
		{"dir", "from a directory down, other permissions hold (`DIR=WORDS`); may be repeated", true, setDirs},
		{"mount", "SMNT NAME goes to DIR (`NAME=DIR`); may be repeated", true, setMounts},
		{"records", "binary files hold the records of STRU R as `rdw` (record descriptor words)", false, setRecords},
		{"account", "ACCT must say `WORD`", false, func(r *users.Record, w []string) error { r.Account = proto.Secret(w[0]); return nil }},
		{"from", "the user may come from `ADDR` (or a network: ADDR/BITS) only; may be repeated", true, setFrom},
		{"tls", "`required|bound`: nothing in clear; bound: and data connections resume the TLS session", false, setTLS},
		{"sessions", "`N` sessions at once", false, setSize(func(l *users.Limits, n int64) { l.Sessions = int(min(n, 1<<31-1)) })},
		{"up", "uploads get `BYTES` a second, together (512K, 2M …)", false, setSize(func(l *users.Limits, n int64) { l.Up = n })},
		{"down", "downloads get `BYTES` a second, together", false, setSize(func(l *users.Limits, n int64) { l.Down = n })},
		{"quota", "`BYTES` below the user's root, in all", false, setSize(func(l *users.Limits, n int64) { l.Bytes = n })},
		{"quota-files", "`N` files, links and directories below the user's root", false, setSize(func(l *users.Limits, n int64) { l.Files = n })},
		{"largest", "a file has at most `BYTES`", false, setSize(func(l *users.Limits, n int64) { l.Largest = n })},
		{"expires", "`DAY` is the last one, as in 2027-01-31 (UTC)", false, setExpiry},
	}
}

func setPerm(r *users.Record, w []string) (err error) {
	r.Perm, err = users.ParsePerm(w[0])
	return err
}

func setRecords(r *users.Record, w []string) (err error) {
	r.Records, err = oneOf(w[0], []string{"", string(users.RDW)}, []users.Records{users.NoRecords, users.RDW})
	return err
}

func setDirs(r *users.Record, words []string) error {
	r.Dirs = nil
	for _, w := range words {
		if w == "" {
			continue
		}
		dir, perm, ok := strings.Cut(w, "=")
		p, err := users.ParsePerm(perm)
		if !ok || err != nil {
			return fmt.Errorf("%q: want DIR=WORDS, as in /inbox=write", w)
		}
		if r.Dirs == nil {
			r.Dirs = map[string]users.Perm{}
		}
		r.Dirs[dir] = p
	}
	return nil
}

func setMounts(r *users.Record, words []string) (err error) {
	if len(words) == 1 && words[0] == "" {
		words = nil
	}
	r.Mounts, err = parseMounts(words)
	return err
}

func setFrom(r *users.Record, words []string) (err error) {
	if len(words) == 1 && words[0] == "" {
		words = nil
	}
	r.From, err = users.ParseNetworks(words)
	return err
}

func setTLS(r *users.Record, w []string) (err error) {
	r.TLS, err = users.ParseTLSRule(w[0])
	return err
}

func setExpiry(r *users.Record, w []string) (err error) {
	r.Expires, err = users.ParseExpiry(w[0])
	return err
}

func setSize(put func(*users.Limits, int64)) func(*users.Record, []string) error {
	return func(r *users.Record, w []string) error {
		if w[0] == "" {
			put(&r.Limits, 0)
			return nil
		}
		n, err := users.ParseSize(w[0])
		if err == nil {
			put(&r.Limits, n)
		}
		return err
	}
}

// apply makes the changes that the command line names.
func (e usersEdit) apply(r *users.Record) error {
	for _, change := range e.changes {
		if err := change(r); err != nil {
			return err
		}
	}
	return nil
}

// changeUser edits what is not the password.
func changeUser(e usersEdit) error {
	f, err := e.open()
	if err != nil {
		return err
	}
	if len(e.changes) == 0 {
		return &UsageError{fmt.Errorf("users change %s: no option says what", e.name), "ferry users change --help shows them"}
	}
	var mistake error
	err = e.orUnknown(f.Change(e.name, func(r *users.Record) error {
		mistake = e.apply(r)
		return mistake
	}))
	switch {
	case mistake != nil:
		return &UsageError{Err: fmt.Errorf("users change: %w", mistake)}
	case err != nil:
		return fmt.Errorf("users %s: %w", e.name, err)
	}
	fmt.Fprintf(e.out, "%s: %s is changed\n", e.file, e.name)
	return nil
}
