package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestModesAreKept: what takes a file's place at the server takes over who may
// read it, where the server tells that.
func TestModesAreKept(t *testing.T) {
	servers := foreignServers()
	delete(servers, "vsftpd") // its guests may not set permissions
	servers["ferry"] = func(t *testing.T) server {
		dir := t.TempDir()
		return server{url: "ftp://demo@" + ferryServe(t, dir), dir: dir}
	}
	for name, start := range servers {
		t.Run(name, func(t *testing.T) {
			s, local := start(t), t.TempDir()
			if err := os.Mkdir(filepath.Join(local, "t"), 0o777); err != nil {
				t.Fatal(err)
			}
			for _, file := range []string{"a", "b", "c", "d"} {
				writeFile(t, filepath.Join(local, "t", file), "first "+file)
			}
			put := "open " + s.url + "\nlcd " + local + "\nput -r t\n"
			mustRun(t, put)
			modes := map[string]os.FileMode{"a": 0o600, "b": 0o640, "c": 0o755, "d": 0o644}
			for file, mode := range modes {
				if err := os.Chmod(filepath.Join(s.dir, "t", file), mode); err != nil {
					t.Fatal(err)
				}
			}
			for _, how := range []string{put, "open " + s.url + "\nlcd " + local + "\nput t/a t/a\ncd t\nput -- t/b t/c t/d\n"} {
				if name == "pyftpdlib" && how != put {
					continue // it tells of single files neither owner nor permissions
				}
				for file := range modes {
					path := writeFile(t, filepath.Join(local, "t", file), "again "+file+how[len(how)-4:])
					at := time.Now().Add(time.Hour)
					if err := os.Chtimes(path, at, at); err != nil {
						t.Fatal(err)
					}
				}
				mustRun(t, how)
				for file, mode := range modes {
					at := filepath.Join(s.dir, "t", file)
					info, err := os.Stat(at)
					text, _ := os.ReadFile(at)
					if err != nil || info.Mode().Perm() != mode || string(text) != "again "+file+how[len(how)-4:] {
						t.Errorf("%s: %v, %q, %v, want %v", file, info.Mode(), text, err, mode)
					}
				}
			}
		})
	}
}
