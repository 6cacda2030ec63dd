package script

import (
	"fmt"
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
	for _, u := range []unit{
		{args: []string{"ftp://anna:CANARY@h"}}, {flags: []string{"--open", "ftp://anna:CANARY@h"}}, {flags: []string{"--set", "proxy=http://u:CANARY@h"}},
	} {
		if text, err := u.text(); ExitCode(err) != 2 || strings.Contains(text+fmt.Sprint(err), "CANARY") {
			t.Errorf("%v\n%s", err, text)
		}
	}
}

// The unit runs what the command line would have: each of its flags is there, in
// a form that holds in any directory, or is refused.
func TestUnitHasTheFlags(t *testing.T) {
	for args, want := range map[string]string{
		"--quiet --open ftp://h s.ftp a":                 "--open ftp://h --quiet %D/s.ftp a",
		"--report r.json --events e --log l s.ftp":       "--report %D/r.json --events %D/e --log %D/l %D/s.ftp",
		"--events 3 --debug --resume --unsure done s":    "--debug --resume --unsure done --events 3 %D/s",
		"--set echo=off --set verify=size --tls on s":    "--set echo=off --set verify=size --tls on %D/s",
		"--plan --no-state -v --deadline 90m --ca c.p s": "--no-state --ca %D/c.p --verbose --plan --deadline 1h30m0s %D/s",
		"--check s":                   "",
		"--from lftp s":               "",
		"--password-command secret s": "",
		"--password-file secret s":    "",
	} {
		w := newWorld(t)
		t.Chdir(w.dir)
		err := w.command("run --systemd n " + args)
		want = strings.ReplaceAll(want, "%D", w.dir)
		if got := w.out.String(); want == "" && ExitCode(err) != 2 || want != "" && (err != nil || !strings.Contains(got, " run --password-file %d/password "+want+"\n")) {
			t.Errorf("%s: %v\n%s", args, err, got)
		}
	}
}
