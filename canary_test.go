//go:build unix

package main

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// canary is a password. It may be where the user has put it, and nowhere else.
const canary = "CANARY-0f7b21"

// dump is what a child of ferry can see: its environment, and what ferry and
// everybody else was called with.
const dump = `!env; tr '\0' ' ' </proc/$PPID/cmdline; cat /proc/[0-9]*/cmdline | tr '\0' ' '; exit 0`

// No way to give a password leaves it anywhere: not in what is told, the
// dialogue, the log, the report, the events, the journal, what is remembered, the
// history, what a child sees, or the list of processes; whether the login is
// good or not.
func TestCanaryEverywhere(t *testing.T) {
	if _, err := os.Stat("/proc/self/cmdline"); err != nil {
		t.Skip("no /proc")
	}
	id, secret := newIdentity(t), t.TempDir()
	passwords := map[bool]string{
		true:  writeFile(t, filepath.Join(secret, "good"), canary+"\n"),
		false: writeFile(t, filepath.Join(secret, "bad"), "another\n"),
	}
	for way, w := range map[string]struct {
		script string // HOST and PORT are the server's
		env    string
		flags  []string
		files  map[string]string
	}{
		"environment":      {script: "open ftpes://demo@HOST:PORT", env: "FERRY_PASSWORD=" + canary},
		".netrc":           {script: "open HOST PORT", files: map[string]string{".netrc": "machine HOST login demo password " + canary + "\n"}},
		"password file":    {script: "open ftpes://demo@HOST:PORT", flags: []string{"--password-file", "pass"}, files: map[string]string{"pass": canary + "\n"}},
		"password command": {script: "open ftpes://demo@HOST:PORT", flags: []string{"--password-command", "cat pass"}, files: map[string]string{"pass": canary + "\n"}},
		"URL":              {script: "open ftpes://demo:" + canary + "@HOST:PORT"},
		"user":             {script: "open ftpes://HOST:PORT\nuser demo " + canary},
		"variable":         {script: "set password " + canary + "\nopen ftpes://HOST:PORT\nuser demo ${password}"},
		"quote":            {script: "open ftpes://HOST:PORT\nquote USER demo\nquote PASS " + canary},
		"nowhere":          {script: "open ftp://demo:" + canary + "@HOST:1/"},
	} {
		for good, password := range passwords {
			t.Run(fmt.Sprintf("%s, good %v", way, good), func(t *testing.T) {
				t.Parallel()
				logs := t.TempDir()
				addr := ferryServe(t, t.TempDir(), "--cert", id.file, "--password-file", password, "--trace", "--log", filepath.Join(logs, "server"))
				host, port, _ := strings.Cut(addr, ":")
				at := strings.NewReplacer("HOST", host, "PORT", port)
				home := t.TempDir()
				own := []string{"script.ftp"} // where the user has put it
				for name, text := range w.files {
					own = append(own, name)
					if err := os.WriteFile(filepath.Join(home, name), []byte(at.Replace(text)), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				script := "on-error continue\n" + dump + "\n" + at.Replace(w.script) + "\nstatus\nset\nls\nlls | " + dump[1:] + "\n" + dump + "\nquit 1\n"
				writeFile(t, filepath.Join(home, "script.ftp"), script)
				args := append([]string{"run", "--debug", "-v", "--pin", id.pin, "--report", "report.json", "--events", "events", "--log", "log",
					"--on-failure", "sh -c 'env; echo told; cat /proc/[0-9]*/cmdline'"}, w.flags...)
				cmd := exec.Command(program, append(args, "script.ftp")...)
				cmd.Dir = home
				cmd.Env = append(unset(os.Environ(), "FERRY_PASSWORD"), "HOME="+home, "XDG_STATE_HOME="+filepath.Join(home, "state"), "XDG_CONFIG_HOME=")
				if w.env != "" {
					cmd.Env = append(cmd.Env, w.env)
				}
				out, _ := cmd.CombinedOutput()
				if strings.Count(string(out), "HOME="+home) < 4 || !strings.Contains(string(out), "told\n") {
					t.Errorf("the child did not show its environment:\n%s", out)
				}
				if loggedIn := strings.Contains(string(out), "230 "); loggedIn != (good && way != "nowhere") {
					t.Errorf("logged in: %v\n%s", loggedIn, out)
				}
				noCanary(t, "output", string(out))
				if n := noCanaryBelow(t, home, own); n < 3 {
					t.Errorf("only %d files were looked at: report, events and log at least", n)
				}
				noCanaryBelow(t, logs, nil)
			})
		}
	}
}

// noCanary checks that a text does not hold the canary, plain or escaped as in URLs.
func noCanary(t *testing.T, where, text string) {
	t.Helper()
	if i := strings.Index(text, canary); i >= 0 {
		t.Errorf("%s shows it: %q", where, text[max(0, i-100):min(len(text), i+100)])
	}
}

// noCanaryBelow looks through all files but those that the user has made. It
// returns how many there were.
func noCanaryBelow(t *testing.T, dir string, own []string) (n int) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(dir, path)
		if err != nil || d.IsDir() || slices.Contains(own, rel) {
			return err
		}
		n++
		text, err := os.ReadFile(path)
		noCanary(t, rel, string(text))
		noCanary(t, "the name of a file", rel)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
