package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"ferry/script/doctor"
)

// examined is what `ferry doctor` finds, and its exit code.
func examined(t *testing.T, args ...string) (map[string]doctor.Finding, int) {
	t.Helper()
	cmd := exec.Command(program, append([]string{"doctor", "--json"}, args...)...)
	cmd.Env = append(os.Environ(), "FERRY_PASSWORD=secret", "HOME="+t.TempDir(), "XDG_STATE_HOME="+t.TempDir())
	out, err := cmd.Output()
	if err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	var report doctor.Report
	if err := json.Unmarshal(out, &report); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	found := map[string]doctor.Finding{}
	for _, f := range report.Findings {
		found[f.Name] = f
	}
	return found, cmd.ProcessState.ExitCode()
}

// The servers of other people are examined over TLS: everything that they do
// well is found to work, and what is known of each is told. Nothing is left
// behind.
func TestDoctorAtTLSServers(t *testing.T) {
	known := map[string]map[string]string{ // what differs from "works"
		"vsftpd":    {"MLSD": doctor.Absent, "hash": doctor.Absent, "UTF-8": doctor.Weak},
		"proftpd":   {"hash": doctor.Absent},
		"pure-ftpd": {"hash": doctor.Absent},
		"pyftpdlib": {"hash": doctor.Absent, "files in one write": doctor.Absent},
		"ferry":     {},
	}
	eachTLSServer(t, func(t *testing.T, s server, id identity, version string) {
		name, _, _ := strings.Cut(strings.TrimPrefix(t.Name(), "TestDoctorAtTLSServers/"), "_")
		if want := map[bool]string{true: "1.2", false: "1.3"}[name == "pure-ftpd"]; version != want {
			return // one version each: Pure-FTPd waits out every transfer of 1.3
		}
		writeFile(t, filepath.Join(s.dir, "read.me"), "some bytes")
		if err := os.Chmod(filepath.Join(s.dir, "read.me"), 0o644); err != nil {
			t.Fatal(err)
		}
		found, code := examined(t, "--write", "--ca", id.cert, explicit(s.url))
		for what, f := range found {
			want, differs := known[name][what]
			switch {
			case what == "certificate":
				want = doctor.Weak // it ends tomorrow
			case !differs:
				want = doctor.Works
			}
			if f.Result != want {
				t.Errorf("%s: %+v, want %s", what, f, want)
			}
		}
		if code != 0 {
			t.Errorf("exit code %d", code)
		}
		left, err := os.ReadDir(s.dir)
		if err != nil || len(left) != 1 {
			t.Errorf("left behind: %v, %v", left, err)
		}
	})
}

// In clear, without leave to write, and with mistakes: nothing is uploaded, and
// the exit code says what was wrong.
func TestDoctorCodes(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "read.me"), "some bytes")
	id := newIdentity(t)
	addr := ferryServe(t, dir, "--cert", id.file)
	for _, tt := range []struct {
		args []string
		code int
		name string // of a finding, and its result
		want string
	}{
		{[]string{"ftp://demo@" + addr}, 0, "RETR", doctor.Works},
		{[]string{"ftp://demo@" + addr}, 0, "STOR", ""},
		{[]string{"--pin", id.pin, explicit("ftp://demo@" + addr)}, 0, "encryption", doctor.Works},
		{[]string{explicit("ftp://demo@" + addr)}, 4, "certificate", doctor.Fails},
		{[]string{"ftp://other@" + addr}, 5, "login", doctor.Fails},
		{[]string{"ftp://127.0.0.1:1"}, 3, "greeting and TLS", doctor.Fails},
		{[]string{"--", "--listen", addr, dir}, 1, addr, doctor.Fails},
		{[]string{"--", dir, "--listen", "127.0.0.1:0"}, 0, "127.0.0.1:0", doctor.Works},
	} {
		found, code := examined(t, tt.args...)
		if f := found[tt.name]; code != tt.code || f.Result != tt.want {
			t.Errorf("%q: exit code %d, want %d; %s: %+v, want %q", tt.args, code, tt.code, tt.name, f, tt.want)
		}
	}
	says(t, 2, "flag provided but not defined: -nonsense", "doctor", "--", "--nonsense")
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
