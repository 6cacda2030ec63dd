//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What stands around a run has no password of it: what --check, --plan, --from
// and --systemd print, JUnit's report, events at a descriptor, the journal of a
// run that broke off and of the one that goes on, and what --on-failure is told.
func TestCanaryAround(t *testing.T) {
	root := t.TempDir()
	password := writeFile(t, filepath.Join(t.TempDir(), "password"), canary+"\n")
	url := "ftp://demo:" + canary + "@" + ferryServe(t, root, "--password-file", password)
	login := "open " + url + "/\n"
	for name, c := range map[string]struct {
		script string
		runs   []string // words of each, %S for the script
		code   int      // of the last
		shows  string   // in what was printed or written: it was looked at
	}{
		"check": {
			"user demo " + canary + "\nusr demo " + canary + "\n" + login + "set password " + canary + " more\nquote PASS " + canary + "\nget " + url + "/x\nset proxy http://u:" + canary + "@h\n",
			[]string{"--check %S"}, 2, "a secret stands in the script",
		},
		"mistakes": {"usr demo " + canary + "\nopen " + url + "/ 1 2 3\nuser\nget " + url + "/x\n", []string{"--report r.json --log l %S"}, 2, "is a URL"},
		"plan":     {login + "put %S x\nset password " + canary + "\nmkdir d\n", []string{"--plan --report r.json --events e --log l %S"}, 11, "1 file"},
		"JUnit":    {login + "-quote PASS " + canary + "\nget nothing\n", []string{"-v --debug --report r.xml %S"}, 1, "<failure"},
		"events":   {login + "retry 1 1s get nothing\n", []string{"--events 1 %S"}, 1, `"event":"line-end"`},
		"resumed": {
			"set token " + canary + "\n" + login + "mkdir ${token}\nput %S copy\nget nothing\n",
			[]string{"-q %S", "--resume --report r.json --events e %S"}, 1, "demo@127.0.0.1",
		},
		"on-failure": {login + "get " + "nothing\n", []string{"--on-failure told %S"}, 1, "FERRY_ERROR=%S:2: get"},
		"lftp":       {"open -u demo," + canary + " h\nopen " + url + "\nquote PASS " + canary + "\nset ftp:proxy http://u:" + canary + "@h\nget " + url + "/x\n", []string{"--from lftp %S"}, 2, "a secret is left out"},
		"WinSCP":     {"open " + url + "/ -explicit\nopen ftp://h -username=u -password=" + canary + "\ncall PASS " + canary + "\n", []string{"--from winscp %S"}, 2, "FERRY_PASSWORD"},
		"sftp":       {"put a\n!curl -u demo " + canary[:3] + "\nget " + url + "/x\n", []string{"--from sftp %S"}, 2, "a secret is left out"},
		"unit":       {login, []string{"--systemd n --quiet %S", "--systemd n --open " + url + "/ %S"}, 2, "ExecStart="},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			home := t.TempDir()
			writeFile(t, filepath.Join(home, "s.ftp"), strings.ReplaceAll(c.script, "%S", "s.ftp"))
			told := writeFile(t, filepath.Join(home, "told"), "#!/bin/sh\nenv; tr '\\0' ' ' </proc/self/cmdline\n")
			if err := os.Chmod(told, 0o755); err != nil {
				t.Fatal(err)
			}
			all, code := "", 0
			for _, words := range c.runs {
				words = strings.ReplaceAll(strings.ReplaceAll(words, "%S", "s.ftp"), "told", told)
				cmd := command(t, program, append([]string{"run"}, strings.Fields(words)...)...)
				cmd.Dir = home
				cmd.Env = append(unset(os.Environ(), "FERRY_PASSWORD"), "HOME="+home, "XDG_STATE_HOME="+filepath.Join(home, "state"), "XDG_CONFIG_HOME=")
				out, err := cmd.CombinedOutput()
				if _, exited := err.(*exec.ExitError); err != nil && !exited {
					t.Fatal(err)
				}
				all, code = all+string(out), cmd.ProcessState.ExitCode()
			}
			noCanary(t, "output", all)
			noCanaryBelow(t, home, []string{"s.ftp"})
			if code != c.code {
				t.Errorf("code %d, want %d", code, c.code)
			}
			if text := all + below(t, home); !strings.Contains(text, strings.ReplaceAll(c.shows, "%S", "s.ftp")) {
				t.Errorf("%q is nowhere:\n%s", c.shows, text)
			}
		})
	}
}

// below is the text of all files below a directory.
func below(t *testing.T, dir string) string {
	t.Helper()
	out, err := exec.Command("find", dir, "-type", "f", "-exec", "cat", "{}", "+").Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
