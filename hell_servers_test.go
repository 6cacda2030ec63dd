package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
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
		m := &misnomers{t: t, here: t.TempDir(), names: map[string]string{}}
		m.plant()
		back, single := t.TempDir(), t.TempDir()
		text := fmt.Sprintf("open %s\non-error continue\nlcd %q\nmirror -P 1 -R . tree\nlcd %q\nmirror -P 1 tree .\n", s.url, m.here, back)
		puts, gets := fmt.Sprintf("mkdir one\ncd one\nlcd %q\n", m.here), fmt.Sprintf("lcd %q\n", single)
		for _, name := range hell() {
			puts += "put -- " + quoted(name) + "\n"
			gets += "get -- " + quoted(name) + "\n"
		}
		told, code := ferryRun(t, text+puts+gets)
		missing := m.arrived(filepath.Join(s.dir, "tree"), slices.Collect(maps.Keys(m.names)), told)
		sameFiles(t, "mirrored down", digests(t, back), digests(t, filepath.Join(s.dir, "tree")))
		missing += m.arrived(filepath.Join(s.dir, "one"), hell(), told)
		sameFiles(t, "got one by one", digests(t, single), digests(t, filepath.Join(s.dir, "one")))
		if t.Logf("%d names are refused", missing); (missing > 0) != (code != 0) || t.Failed() {
			t.Errorf("exit code %d\n%s", code, tail([]byte(told)))
		}
	})
}

// misnomers are names from hell on their way to a server and back.
type misnomers struct {
	t     *testing.T
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

// arrived looks at what the server has, and at what the run says of the rest.
func (m *misnomers) arrived(dir string, names []string, told string) (missing int) {
	m.t.Helper()
	got := digests(m.t, dir)
	for _, name := range names {
		if got[name] == m.names[name] {
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
	return missing
}
