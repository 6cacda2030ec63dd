package examples

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ferry/proto"
	"ferry/serve/users"
)

// update writes the outputs instead of comparing them: go test ./examples -update
var update = flag.Bool("update", false, "write the expected outputs")

// program is the ferry binary, built once.
var program string

func TestMain(m *testing.M) {
	flag.Parse()
	dir, err := os.MkdirTemp("", "ferry-examples")
	if err != nil {
		panic(err)
	}
	program = filepath.Join(dir, "ferry")
	if out, err := exec.Command("go", "build", "-o", program, "ferry").CombinedOutput(); err != nil {
		panic("go build: " + string(out))
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// TestExamples runs every script here in a sandbox and compares all that it
// prints. testdata/NAME/server is what the server has before, testdata/NAME/local
// what lies in the local directory.
func TestExamples(t *testing.T) {
	scripts, err := filepath.Glob("*.ftp")
	if err != nil || len(scripts) == 0 {
		t.Fatal(scripts, err)
	}
	for _, script := range scripts {
		name := strings.TrimSuffix(script, ".ftp")
		t.Run(name, func(t *testing.T) {
			server, local := before(t, name, "server"), before(t, name, "local")
			args := append([]string{"run", "--sandbox", server, script}, arguments(name, local)...)
			cmd := exec.CommandContext(t.Context(), program, args...)
			cmd.Env = append(os.Environ(), "FERRY_PASSWORD=secret", "TZ=UTC")
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Errorf("%v", err)
			}
			out = bytes.ReplaceAll(out, []byte(time.Now().Format(time.DateOnly)), []byte("TODAY"))
			out = temp.ReplaceAll(out, []byte("TEMP"))
			out = took.ReplaceAll(out, []byte(", TIME\n"))
			golden(t, name+".out", out)
		})
	}
}

// took is how long a run took, at the end of its last line.
var took = regexp.MustCompile(`, \d+\.\d s\n`)

// temp is the directory of a run's own.
var temp = regexp.MustCompile(`\S+ferry-run-\d+`)

// arguments are those of the scripts that want some.
func arguments(name, local string) []string {
	switch name {
	case "nightly-upload":
		return []string{"ftp://anna@ftp.example.com", local}
	case "fetch-archive":
		return []string{"ftp://anna@ftp.example.com", local}
	case "site-deploy":
		return []string{"ftp://web@ftp.example.com", local}
	case "pickup", "verify-archive":
		return []string{"ftp://anna@ftp.example.com", local}
	case "mainframe":
		return []string{"ftp://ibmuser@mvs.example.com", "orders.txt"}
	case "camera":
		return []string{"ftp://cam@nas.home", local, "2026-01-31"}
	case "mirror":
		return []string{"ftp://ftp.example.com", local}
	case "fan-out":
		return []string{"release.tar", "hosts.txt"}
	case "rotate":
		return []string{"ftp://backup@nas.home", "dump.sql"}
	}
	return nil
}

// before makes a directory with a copy of testdata/name/side, empty without it.
func before(t *testing.T, name, side string) string {
	t.Helper()
	dir := t.TempDir()
	source := filepath.Join("testdata", name, side)
	if _, err := os.Stat(source); err != nil {
		return dir
	}
	if err := os.CopyFS(dir, os.DirFS(source)); err != nil {
		t.Fatal(err)
	}
	return dir
}

func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// TestUsers lets the sample's users in with the password that its page tells.
func TestUsers(t *testing.T) {
	file, err := users.Open("users.json", users.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"anna", "web"} {
		if _, err := file.Login(t.Context(), name, proto.Secret("change me")); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := file.Login(t.Context(), name, proto.Secret("wrong")); err == nil {
			t.Errorf("%s: a wrong password was taken", name)
		}
	}
	if _, err := file.Login(t.Context(), "old", proto.Secret("change me")); err == nil {
		t.Error("old: a disabled user was let in")
	}
}
