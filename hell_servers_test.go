package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ferry/proto/list"
)

// Names from hell at real servers, both ways, in trees and one by one: a name
// arrives as it is with its own content, or the run names it and fails. Nothing
// arrives under another name.
func TestNamesFromHellAtServers(t *testing.T) {
	eachServer(t, func(t *testing.T, s server) {
		t.Parallel()
		m := &misnomers{t: t, s: s, here: t.TempDir(), names: map[string]string{}}
		m.plant()
		up, told := m.run("on-error continue\nlcd %q\nmirror -R . tree\n", m.here)
		m.arrived(filepath.Join(s.dir, "tree"), up, told)
		back := t.TempDir()
		if down, told := m.run("lcd %q\nmirror tree .\n", back); down != 0 {
			t.Errorf("down: exit code %d\n%s", down, tail([]byte(told)))
		}
		sameFiles(t, "mirrored down", digests(t, back), digests(t, filepath.Join(s.dir, "tree")))

		single := t.TempDir()
		puts, gets := "mkdir one\ncd one\non-error continue\n", fmt.Sprintf("lcd %q\n", single)
		for _, name := range hell() {
			puts += "put -- " + quoted(name) + "\n"
			gets += "get -- " + quoted(name) + "\n"
		}
		_, told = m.run("lcd %q\n%s%s", m.here, puts, gets)
		for _, name := range hell() {
			if _, err := os.Stat(filepath.Join(s.dir, "one", name)); err != nil && !strings.Contains(told, list.Printable(name)) {
				t.Errorf("put: %q is missing, and nobody says so\n%s", name, tail([]byte(told)))
			}
		}
		there := digests(t, filepath.Join(s.dir, "one"))
		for name, sum := range there {
			if sum != m.names[name] {
				t.Errorf("put one by one: %q is none of ours, or differs", name)
			}
		}
		sameFiles(t, "got one by one", digests(t, single), there)
	})
}

// misnomers are names from hell on their way to a server and back.
type misnomers struct {
	t     *testing.T
	s     server
	here  string
	names map[string]string // and digests
}

func (m *misnomers) plant() {
	for i, name := range hell() {
		for _, name := range []string{name, fmt.Sprintf("d %d/%s", i%3, name), name + ".dir/x", name + ".dir/.hidden"} {
			path := filepath.Join(m.here, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				m.t.Fatal(err)
			}
			writeFile(m.t, path, name)
			sum := sha256.Sum256([]byte(name))
			m.names[name] = hex.EncodeToString(sum[:])
		}
	}
	makeReadable(m.t, m.here)
}

func (m *misnomers) run(format string, args ...any) (code int, told string) {
	m.t.Helper()
	told, code = ferryRun(m.t, fmt.Sprintf("open "+m.s.url+"\n"+format, args...))
	return code, told
}

// arrived looks at what the server has, and at what the run says of the rest.
func (m *misnomers) arrived(dir string, code int, told string) {
	m.t.Helper()
	got, missing := digests(m.t, dir), 0
	for name, sum := range m.names {
		if got[name] == sum {
			continue
		}
		if missing++; !strings.Contains(told, list.Printable(name)) && !strings.Contains(told, list.Printable(filepath.Dir(name))) {
			m.t.Errorf("%q is missing, and nobody says so", name)
		}
	}
	for name := range got {
		if m.names[name] == "" {
			m.t.Errorf("%q should not be there", name)
		}
	}
	if (missing > 0) != (code != 0) {
		m.t.Errorf("%d are missing, and the exit code is %d\n%s", missing, code, tail([]byte(told)))
	}
	m.t.Logf("%d of %d names are refused", missing, len(m.names))
}
