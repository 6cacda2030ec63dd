package script

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestUnit(t *testing.T) {
	u := unit{
		name: "nightly", program: "/usr/bin/ferry", script: "/srv/my scripts/100%.ftp", calendar: "*-*-* 02:30",
		flags: []string{"--report", "/var/log/out.json"}, args: []string{"ftp://anna@host", `a "b" \ $HOME %h`, ""},
	}
	text, err := u.text()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("testdata", "nightly.unit")
	if os.Getenv("FERRY_UPDATE") != "" {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), text); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(text, `ExecStart=/usr/bin/ferry run --password-file %d/password --report /var/log/out.json "/srv/my scripts/100%%.ftp" ftp://anna@host "a \"b\" \\ $$HOME %%h" ""`) {
		t.Error("words are not as systemd reads them")
	}
}

// systemd itself reads the unit, where there is one.
func TestUnitIsVerified(t *testing.T) {
	verify, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Log("systemd-analyze is not installed: nobody verifies the unit")
		return
	}
	dir := t.TempDir()
	text, err := unit{name: "nightly", program: "/bin/true", script: "/srv/a b.ftp", calendar: "daily"}.text()
	if err != nil {
		t.Fatal(err)
	}
	service, timer, _ := strings.Cut(text, "# /etc/systemd/system/nightly.timer\n")
	for name, content := range map[string]string{"nightly.service": service, "nightly.timer": timer} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.Command(verify, "verify", filepath.Join(dir, "nightly.service"), filepath.Join(dir, "nightly.timer")).CombinedOutput()
	if err != nil || strings.Contains(string(out), "nightly") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestUnitMistakes(t *testing.T) {
	for _, name := range []string{"", "../x", "a b", "ü", "a/b", strings.Repeat("x", 201)} {
		if err := unitName(name); ExitCode(err) != 2 {
			t.Errorf("%q: %v", name, err)
		}
	}
	if _, err := (unit{args: []string{"a\nExecStart=/bin/sh"}}).text(); err == nil {
		t.Error("an argument became a line")
	}
}
