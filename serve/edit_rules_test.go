package serve

import (
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ferry/serve/users"
)

// ferry users edits every field of a record, and takes each away again.
func TestUsersChange(t *testing.T) {
	t.Setenv("FERRY_PASSWORD", "first")
	file := filepath.Join(t.TempDir(), "users.json")
	run := func(args ...string) error {
		_, err := ferry(t, append([]string{"users"}, args...)...)
		return err
	}
	record := func() users.Record {
		t.Helper()
		f, err := users.Open(file, users.Options{})
		if err != nil {
			t.Fatal(err)
		}
		all, err := f.List()
		if err != nil || len(all) != 1 {
			t.Fatal(all, err)
		}
		all[0].Password = ""
		return all[0]
	}
	rules := []string{"--root", "r", "--home", "/h", "--perm", "list read", "--dir", "/in=write", "--dir", "/no=none", "--mount", "old=/srv/old",
		"--records", "rdw", "--account", "books", "--from", "192.0.2.0/24", "--from", "2001:db8::1", "--tls", "bound",
		"--sessions", "3", "--up", "512K", "--down", "1M", "--quota", "10G", "--quota-files", "1000", "--largest", "2G", "--expires", "2027-01-31"}
	want := users.Record{
		Name: "ann", Root: "r", Home: "/h", Perm: users.ReadOnly, Dirs: map[string]users.Perm{"/in": users.Write, "/no": 0},
		Mounts: map[string]string{"old": "/srv/old"}, Records: users.RDW, Account: "books",
		From: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("2001:db8::1/128")}, TLS: users.TLSBound,
		Limits:  users.Limits{Sessions: 3, Up: 512 << 10, Down: 1 << 20, Bytes: 10 << 30, Files: 1000, Largest: 2 << 30},
		Expires: time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC),
	}
	plain := users.Record{Name: "ann", Home: "/", Perm: users.All}
	none := []string{"--root", "", "--home", "/", "--perm", "all", "--dir", "", "--mount", "", "--records", "", "--account", "", "--from", "", "--tls", "",
		"--sessions", "0", "--up", "", "--down", "0", "--quota", "", "--quota-files", "", "--largest", "", "--expires", "never"}
	prefixes := cmpopts.EquateComparable(netip.Prefix{})
	for _, step := range []struct {
		args []string
		want users.Record
	}{
		{append(append([]string{"add", "--file", file}, rules...), "ann"), want},
		{append(append([]string{"change", "--file", file}, none...), "ann"), plain},
		{append(append([]string{"change", "--file", file}, rules...), "ann"), want},
		{append(append([]string{"change", "--file", file, "--disable"}, none...), "ann"), users.Record{Name: "ann", Home: "/", Perm: users.All, Disabled: true}},
		{[]string{"change", "--file", file, "--enable", "ann"}, plain},
	} {
		if err := run(step.args...); err != nil {
			t.Fatalf("%v: %v", step.args, err)
		}
		if diff := cmp.Diff(step.want, record(), prefixes, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("%v:\n%s", step.args, diff)
		}
	}
	before, _ := os.ReadFile(file)
	for _, args := range [][]string{
		{"ann"}, {"--up", "5", "ann"}, {"--quota", "much", "ann"}, {"--from", "here", "ann"}, {"--expires", "soon", "ann"},
		{"--tls", "on", "ann"}, {"--dir", "in=write", "ann"}, {"--dir", "/in", "ann"}, {"--home", "h", "ann"}, {"--perm", "all", "bob"},
	} {
		err := run(append([]string{"change", "--file", file}, args...)...)
		var mistake *UsageError
		if err == nil || !errors.As(err, &mistake) && args[0] != "--up" && args[0] != "--dir" && args[0] != "--home" {
			t.Errorf("%v: got %v", args, err)
		}
	}
	if after, _ := os.ReadFile(file); string(before) != string(after) {
		t.Error("a refused change has changed the file")
	}
}
