package users

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ferry/proto"
)

// cheap is a hash that costs next to nothing.
func cheap(t testing.TB, pass string) proto.Secret {
	t.Helper()
	h := hash{memory: 8, time: 1, threads: 1, salt: []byte("saltsalt")}
	h.sum = argon2id(h, proto.Secret(pass), 32)
	return proto.Secret(h.String())
}

// tempFile is a users file with the records, open.
func tempFile(t *testing.T, o Options, records ...Record) *File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "users.json")
	text, err := format(records)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func ann(t testing.TB) Record {
	return Record{Name: "ann", Password: cheap(t, "secret"), Account: "billing", Root: "srv/ann", Home: "/in", Perm: List | Read}
}

// quick is a Hasher that computes nothing: see counter.
func quick() *Hasher { return (&counter{}).hasher() }

// counter counts what would be computed.
type counter struct {
	mu   sync.Mutex
	work []string // parameters
}

func (c *counter) hasher() *Hasher {
	h := NewHasher()
	h.derive = func(p hash, pass proto.Secret, length int) []byte {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.work = append(c.work, fmt.Sprintf("m=%d t=%d p=%d", p.memory, p.time, p.threads))
		m := hmac.New(sha256.New, p.salt)
		m.Write([]byte(pass.Reveal()))
		return m.Sum(nil)
	}
	return h
}

// took is what was computed since the last call.
func (c *counter) took() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer func() { c.work = nil }()
	return c.work
}

func wantErr(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

func TestLogin(t *testing.T) {
	bob := Record{Name: "bob", Password: cheap(t, "b"), Root: "/abs", Perm: All, Disabled: true}
	f := tempFile(t, Options{}, ann(t), bob)
	for _, c := range []struct {
		name, pass string
		ok         bool
	}{
		{"ann", "secret", true}, {"ann", "secret", true}, // the second from memory
		{"ann", "Secret", false}, {"ann", "", false}, {"Ann", "secret", false}, {"", "", false},
		{"bob", "b", false}, {"carl", "secret", false},
	} {
		r, err := f.Login(t.Context(), c.name, proto.Secret(c.pass))
		if c.ok != (err == nil) || !c.ok && err != ErrDenied {
			t.Errorf("%s %s: %v", c.name, c.pass, err)
		}
		want := Record{}
		if c.ok {
			want = ann(t)
			want.Password = ""
		}
		if diff := cmp.Diff(want, r); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
	_, err := f.Lookup("ann")
	wantErr(t, "lookup", err, nil)
	_, err = f.Lookup("bob")
	wantErr(t, "lookup of a disabled user", err, ErrDisabled)
	wantErr(t, "which is denied", err, ErrDenied)
	_, err = f.Lookup("carl")
	if !errors.Is(err, ErrDenied) || errors.Is(err, ErrDisabled) {
		t.Errorf("lookup of nobody: %v", err)
	}
}

func TestAccount(t *testing.T) {
	r := ann(t)
	if !r.AccountOK("billing") || r.AccountOK("Billing") || r.AccountOK("") {
		t.Error("account")
	}
}

// TestHomeDefault: a record without a home starts at the top.
func TestHomeDefault(t *testing.T) {
	r := ann(t)
	r.Home = ""
	f := tempFile(t, Options{}, r)
	if got, err := f.Lookup("ann"); err != nil || got.Home != "/" {
		t.Errorf("%q, %v", got.Home, err)
	}
}

// TestReread: a change works from the next lookup on; a broken file keeps the
// last good one and is told once.
func TestReread(t *testing.T) {
	var told []string
	f := tempFile(t, Options{Report: func(err error) { told = append(told, err.Error()) }}, ann(t))
	good, _ := os.ReadFile(f.path)
	put := func(text string) {
		t.Helper()
		if err := os.WriteFile(f.path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put(strings.Replace(string(good), `"list read"`, `"list wrote"`, 1))
	for range 3 {
		if r, err := f.Lookup("ann"); err != nil || r.Perm != List|Read {
			t.Errorf("the last good one: %v, %v", r.Perm, err)
		}
	}
	if len(told) != 1 || !strings.Contains(told[0], "users.json:9:22: ") || !strings.Contains(told[0], `"wrote"`) {
		t.Errorf("told: %q", told)
	}
	instant := time.Now()
	put(strings.Replace(string(good), `"list read"`, `"list"`, 1))
	os.Chtimes(f.path, instant, instant)
	if r, err := f.Lookup("ann"); err != nil || r.Perm != List {
		t.Errorf("the repaired one: %v, %v", r.Perm, err)
	}
	// The same size, in the same instant: only the text differs.
	put(strings.Replace(string(good), `"list read"`, `"site"`, 1))
	os.Chtimes(f.path, instant, instant)
	if r, err := f.Lookup("ann"); err != nil || r.Perm != Site {
		t.Errorf("the quick one: %v, %v", r.Perm, err)
	}
	os.Remove(f.path)
	if r, err := f.Lookup("ann"); err != nil || r.Perm != Site || len(told) != 2 {
		t.Errorf("without a file: %v, %v, %q", r.Perm, err, told)
	}
	put(`{"users": []}`)
	_, err := f.Lookup("ann")
	wantErr(t, "removed", err, ErrDenied)
}

// TestStat: an old file that did not change is not read again.
func TestStat(t *testing.T) {
	f := tempFile(t, Options{}, ann(t))
	old := time.Now().Add(-time.Hour)
	os.Chtimes(f.path, old, old)
	f.Lookup("ann")
	if os.Getuid() != 0 { // root reads what nobody may
		os.Chmod(f.path, 0)
	}
	before := f.current()
	text, _ := os.ReadFile(f.path)
	if len(text) > 0 { // other bytes, same size, same time: a stat can't tell
		os.WriteFile(f.path, []byte(strings.Replace(string(text), "ann", "xyz", 2)), 0o600)
		os.Chtimes(f.path, old, old)
	}
	if f.current() != before {
		t.Error("it was read again")
	}
}

func TestEdit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "users.json")
	if err := Create(path); err != nil {
		t.Fatal(err)
	}
	wantErr(t, "create again", Create(path), fs.ErrExist)
	f, err := Open(path, Options{Hasher: quick()})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Add(Record{Name: "ann", Root: "a", Perm: ReadOnly}, "one"); err != nil {
		t.Fatal(err)
	}
	wantErr(t, "add again", f.Add(Record{Name: "ann"}, "one"), fs.ErrExist)
	login := func(pass proto.Secret) error { _, err := f.Login(t.Context(), "ann", pass); return err }
	wantErr(t, "first password", login("one"), nil)
	if err := f.Passwd("ann", "two"); err != nil {
		t.Fatal(err)
	}
	wantErr(t, "old password", login("one"), ErrDenied)
	wantErr(t, "new password", login("two"), nil)
	err = f.Change("ann", func(r *Record) error { r.Disabled = true; return nil })
	wantErr(t, "change", err, nil)
	wantErr(t, "disabled", login("two"), ErrDenied)
	if err := f.Add(Record{Name: "dan"}, "x"); err != nil {
		t.Fatal(err)
	}
	taken := f.Change("dan", func(r *Record) error { r.Name = "ann"; return nil })
	wantErr(t, "rename onto another", taken, fs.ErrExist)
	wantErr(t, "remove", f.Remove("dan"), nil)
	for name, edit := range map[string]error{
		"passwd": f.Passwd("bob", "x"), "remove": f.Remove("bob"),
		"change": f.Change("bob", func(*Record) error { return nil }),
	} {
		wantErr(t, name, edit, fs.ErrNotExist)
	}
	for _, bad := range []Record{{Name: ""}, {Name: "a\nb"}, {Name: "b", Home: "in"}, {Name: "b", Home: "/a/../b"}, {Name: strings.Repeat("x", 256)}} {
		if err := f.Add(bad, "x"); err == nil {
			t.Errorf("%+v was accepted", bad)
		}
	}
	if f.Add(Record{Name: "e"}, "") == nil || f.Passwd("ann", "") == nil {
		t.Error("an empty password was accepted")
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if err := f.Remove("ann"); err != nil {
		t.Error(err)
	}
	if all, err := f.List(); len(all) != 0 || err != nil {
		t.Errorf("left %v, %v", all, err)
	}
	left, _ := filepath.Glob(filepath.Dir(path) + "/.*")
	if len(left) != 0 {
		t.Errorf("temporaries: %v", left)
	}
}

// TestEditBroken: a broken file is not written over.
func TestEditBroken(t *testing.T) {
	f := tempFile(t, Options{}, ann(t))
	os.WriteFile(f.path, []byte(`{"users": [`), 0o600)
	var pe *ParseError
	if err := f.Remove("ann"); !errors.As(err, &pe) {
		t.Errorf("%v", err)
	}
	if text, _ := os.ReadFile(f.path); string(text) != `{"users": [` {
		t.Errorf("%q", text)
	}
}

// TestTwoWriters: nobody's change is lost, though each has the file open for
// itself.
func TestTwoWriters(t *testing.T) {
	first := tempFile(t, Options{})
	const each = 10
	var wg sync.WaitGroup
	for w := range 4 {
		f, err := Open(first.path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		wg.Go(func() {
			for i := range each {
				r := Record{Name: fmt.Sprintf("u%d-%d", w, i), Password: cheap(t, "x")}
				err := f.edit(func(all []Record) ([]Record, error) { return append(all, r), nil })
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if all, err := first.List(); len(all) != 4*each || err != nil {
		t.Errorf("%d users, %v", len(all), err)
	}
}

// TestLinkStays: a users file that is a link stays one.
func TestLinkStays(t *testing.T) {
	real := tempFile(t, Options{}, ann(t))
	link := filepath.Join(t.TempDir(), "link.json")
	if err := os.Symlink(real.path, link); err != nil {
		t.Skipf("no links: %v", err)
	}
	f, err := Open(link, Options{})
	if err == nil {
		err = f.Remove("ann")
	}
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode().Type() != fs.ModeSymlink {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if all, _ := real.List(); len(all) != 0 {
		t.Error("the real file is as it was")
	}
}

func TestFew(t *testing.T) {
	h := quick()
	one, err := Single(h, "ann", "secret", "/srv")
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []struct{ name, pass string }{{"", "x"}, {"a", ""}, {"a\r", "x"}} {
		if _, err := Single(nil, bad.name, proto.Secret(bad.pass), ""); err == nil {
			t.Errorf("%v was accepted", bad)
		}
	}
	anon := Anonymous("/pub", ReadOnly, Limits{Sessions: 3, Down: 1000})
	if r, err := anon.Login(t.Context(), "ftp", ""); err != nil || r.Limits != (Limits{Sessions: 3, Down: 1000}) {
		t.Errorf("anonymous has %+v, %v", r.Limits, err)
	}
	file := tempFile(t, Options{Hasher: h}, Record{Name: "bob", Password: h.Hash("b"), Perm: List, Disabled: true}, ann(t))
	for _, c := range []struct {
		what       string
		d          Directory
		name, pass string
		root       string
		perm       Perm
		err        error
	}{
		{"single", one, "ann", "secret", "/srv", All, nil},
		{"single", one, "ann", "wrong", "", 0, ErrDenied},
		{"single", one, "bob", "secret", "", 0, ErrDenied},
		{"anonymous", anon, "anonymous", "me@", "/pub", ReadOnly, nil},
		{"anonymous", anon, "FTP", "", "/pub", ReadOnly, nil},
		{"anonymous", anon, "ann", "", "", 0, ErrDenied},
		{"any", Any(), "whoever", "", "", All, nil},
		{"joined", Join(one, anon), "ftp", "", "/pub", ReadOnly, nil},
		{"joined", Join(anon, one), "ann", "secret", "/srv", All, nil},
		{"joined", Join(anon, one), "carl", "", "", 0, ErrDenied},
		{"the first decides", Join(one, file), "ann", "secret", "/srv", All, nil},
		{"a disabled user is disabled", Join(file, Any()), "bob", "b", "", 0, ErrDenied},
		{"none", Join(), "ann", "", "", 0, ErrDenied},
		{"joined twice", Join(Join(anon), Join(one)), "ann", "secret", "/srv", All, nil},
	} {
		r, err := c.d.Login(t.Context(), c.name, proto.Secret(c.pass))
		if err != c.err || r.Root != c.root || r.Perm != c.perm || r.Password != "" {
			t.Errorf("%s, %s: %+v, %v", c.what, c.name, r, err)
		}
		if c.err == nil {
			if again, err := c.d.Lookup(r.Name); err != nil || !cmp.Equal(again, r) {
				t.Errorf("%s, lookup %s: %+v, %v", c.what, c.name, again, err)
			}
		}
	}
}

func TestCanceledLogin(t *testing.T) {
	f := tempFile(t, Options{}, ann(t))
	if _, err := f.Login(t.Context(), "ann", "secret"); err != nil {
		t.Fatal(err)
	}
	for range maxHashes { // somebody else takes all turns
		f.o.Hasher.turns <- struct{}{}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	for _, name := range []string{"ann", "nobody"} {
		_, err := f.Login(ctx, name, "wrong")
		wantErr(t, name, err, context.DeadlineExceeded)
	}
	// Who was let in before does not wait behind strangers.
	_, err := f.Login(t.Context(), "ann", "secret")
	wantErr(t, "a remembered login", err, nil)
}

// TestSecretsDoNotPrint: a record shows neither hash nor account.
func TestSecretsDoNotPrint(t *testing.T) {
	r := ann(t)
	for _, text := range []string{fmt.Sprint(r), fmt.Sprintf("%+v", r), fmt.Sprintf("%#v", r)} {
		if strings.Contains(text, "argon2id") || strings.Contains(text, "billing") {
			t.Error(text)
		}
	}
}
