package serve

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The first host is the directory itself, each further one its own below; a
// host is the same at every port, and its data connections find their way.
func TestSandbox(t *testing.T) {
	dir := t.TempDir()
	network, err := Sandbox(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{"first:21", "second:21", "FIRST:2121", "192.0.2.7:21", "localhost:21"} {
		nc, err := network.DialContext(t.Context(), "tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer nc.Close()
		lines := bufio.NewScanner(nc)
		host, port, _ := strings.Cut(address, ":")
		for i, line := range []string{"", "USER anybody", "PASS anything", "MKD made-by-" + host + port} {
			if line != "" {
				if _, err := nc.Write([]byte(line + "\r\n")); err != nil {
					t.Fatal(err)
				}
			}
			want := []string{"220", "331", "230", "257"}[i]
			if !lines.Scan() || !strings.HasPrefix(lines.Text(), want) {
				t.Fatalf("%s: %s: %q, want %s", address, line, lines.Text(), want)
			}
		}
	}
	for _, made := range []string{
		"made-by-first21", "made-by-FIRST2121", "second/made-by-second21",
		"192.0.2.7/made-by-192.0.2.721", "localhost/made-by-localhost21",
	} {
		if _, err := os.Stat(filepath.Join(dir, made)); err != nil {
			t.Error(err)
		}
	}
}
