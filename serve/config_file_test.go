package serve

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"ferry/serve/settings"
)

// printed is what --print-config says has been set, with these arguments.
func printed(t *testing.T, args ...string) string {
	t.Helper()
	out, err := ferry(t, append([]string{"serve", "--print-config"}, args...)...)
	if err != nil {
		t.Fatal(err)
	}
	var set []string
	for line := range strings.Lines(out) {
		if !strings.HasPrefix(line, "#") && line != "\n" {
			set = append(set, line)
		}
	}
	return strings.Join(set, "")
}

func configFile(t *testing.T, text string) string {
	t.Helper()
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_CONFIG_HOME", "")
	path := filepath.Join(t.TempDir(), "f.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// The command line comes before the environment, that before the file, and all
// have the same names; what is printed says the same once more.
func TestLayers(t *testing.T) {
	path := configFile(t, "dir = '/one'\nidle = '1m'\nstall = '1m'\nlogin-time = '1m'\nlisten = ['127.0.0.1:1', '127.0.0.1:2']\nanonymous = true\n[[server]]\nhost = ['A.example']\ndir = '/two'\n")
	t.Setenv("FERRY_SERVE_STALL", "2m")
	t.Setenv("FERRY_SERVE_LOGIN_TIME", "2m")
	t.Setenv("FERRY_SERVE_PASSIVE_PORTS", "50000-50009")
	want := "dir = \"/three\"\nlisten = [\"127.0.0.1:1\", \"127.0.0.1:2\"]\nanonymous = true\npassive-ports = \"50000-50009\"\nidle = \"1m\"\nstall = \"2m\"\nlogin-time = \"3m0s\"\n[[server]]\nhost = [\"A.example\"]\ndir = \"/two\"\n"
	got := printed(t, "--config", path, "--login-time", "3m", "/three")
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	t.Setenv("FERRY_SERVE_LOGIN_TIME", "")
	t.Setenv("FERRY_SERVE_CONFIG", configFile(t, got))
	if again := printed(t); again != want {
		t.Errorf("what is printed says\n%s", again)
	}
}

// A file in its place is found; secrets are never printed.
func TestDefaultConfig(t *testing.T) {
	home := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", home)
	if runtime.GOOS == "windows" {
		t.Skip("there is no place for it")
	}
	t.Setenv("FERRY_PASSWORD", "c4nary")
	if err := os.MkdirAll(filepath.Join(home, "ferry"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(home, "ferry", "serve.toml"), []byte("auth-url = 'https://me:c4nary@host/x'\nonce = true\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := ferry(t, "serve", "--print-config")
	if err != nil || strings.Contains(out, "c4nary") || !strings.Contains(out, "\nauth-url = \"https://host/x\"\n") || !strings.Contains(out, "\nonce = true\n") {
		t.Errorf("%v\n%s", err, out)
	}
}

// --check-config tells every mistake, those in values too; a server does not
// start with one.
func TestCheckConfig(t *testing.T) {
	path := configFile(t, "tls = 'on'\nidle = 'five'\nlisen = ':21'\nallow = ['here']\nmax-sessions = 5\n[[server]]\ndir = 'x'\n[[server]]\nhost = ['a..b']\nkey = 'k'\n")
	for _, args := range [][]string{{"--check-config"}, {}} {
		_, err := ferry(t, append([]string{"serve", "--config", path}, args...)...)
		if err == nil {
			t.Fatal("no mistake is found")
		}
		for _, want := range []string{"f.toml:1:1: tls: \"on\": want off or optional or required", "f.toml:2:1: idle:", "f.toml:3:1: there is no setting lisen", "f.toml:4:1: allow:",
			"f.toml:6:3: a server needs a host", "f.toml:9:1: host: \"a..b\" is no name", "f.toml:10:1: key: there is no cert"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%v: %q is not in\n%v", args, want, err)
			}
		}
	}
	good := configFile(t, "tls = 'off'\n")
	if out, err := ferry(t, "serve", "--config", good, "--check-config"); err != nil || !strings.Contains(out, "nothing is wrong") {
		t.Errorf("%s, %v", out, err)
	}
}

// SECURITY: a file that anybody may write could name a program that is run.
func TestConfigThatAnybodyMayWrite(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes mean nothing there")
	}
	path := configFile(t, "tls = 'off'\n")
	if err := os.Chmod(path, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := ferry(t, "serve", "--config", path, "--check-config"); err == nil || !strings.Contains(err.Error(), "everybody may write it") {
		t.Errorf("got %v", err)
	}
}

// SECURITY: root does not obey a file that is another user's, or another
// group's to write.
func TestConfigOfOthers(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("not root")
	}
	for _, c := range []struct {
		uid, gid int
		mode     os.FileMode
		want     string // "": it is obeyed
	}{
		{0, 0, 0o664, ""},
		{0, 65534, 0o644, ""},
		{0, 65534, 0o664, "group 65534 may write it"},
		{65534, 0, 0o600, "another user's (65534)"},
	} {
		path := configFile(t, "tls = 'off'\n")
		if err := errors.Join(os.Chown(path, c.uid, c.gid), os.Chmod(path, c.mode)); err != nil {
			t.Fatal(err)
		}
		_, err := ferry(t, "serve", "--config", path, "--check-config")
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// Limits and who may connect change under a session that is there; what can't
// change says so, each time.
func TestTakeSettings(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.login("anna")
		time.Sleep(4 * time.Minute)
		p.do("NOOP", 200)
		r := &running{srv: w.srv, daemon: Daemon{Settings: settings.Values{"idle": {"15m"}, "tls": {"off"}}}}
		fresh := Daemon{Settings: settings.Values{"idle": {"2m"}, "overwrite": {"deny"}}, Limits: Limits{Idle: 2 * time.Minute, PerAddress: 1}, Files: Files{Overwrite: OverwriteDeny}}
		for range 2 {
			what := r.take(fresh)
			if strings.Join(what.Later, " ") != "tls" || what.Err != "" {
				t.Errorf("got %+v", what)
			}
		}
		p.do("NOOP", 200)
		w.refused(ownerAddr) // one session an address now
		w.put("/file", "x")
		p.do("STOR file", 553)
		time.Sleep(2*time.Minute + time.Second)
		p.expect(421)
		if what := r.take(Daemon{Limits: Limits{Idle: 1}}); what.Err == "" {
			t.Error("limits that can't be are taken")
		}
	})
}

// What service managers get, and what systemd finds wrong with it: nothing.
func TestServiceFiles(t *testing.T) {
	dir := t.TempDir()
	unit, err := ferry(t, "serve", "--systemd", "--listen", ":2121", "--users", "a b.json", "--anonymous", dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{" --anonymous ", " \"--users\"", "NoNewPrivileges=yes", "ReadWritePaths=" + dir, "ListenStream=2121", "ExecReload=/bin/kill -HUP $MAINPID"} {
		if !strings.Contains(strings.ReplaceAll(unit, " --users ", ` "--users" `), want) {
			t.Errorf("%q is not in\n%s", want, unit)
		}
	}
	plist, err := ferry(t, "serve", "--service", "launchd", "--deny", "10.0.0.0/8", dir)
	if err != nil || !strings.Contains(plist, "<string>--deny=10.0.0.0/8</string>") || !strings.Contains(plist, "KeepAlive") {
		t.Errorf("%v\n%s", err, plist)
	}
	sc, err := ferry(t, "serve", "--service", "windows", dir)
	if err != nil || !strings.Contains(sc, "sc.exe create ferry") || strings.Contains(sc, "--watchdog") {
		t.Errorf("%v\n%s", err, sc)
	}
	if _, err := ferry(t, "serve", "--service", "upstart", dir); err == nil {
		t.Error("upstart is known")
	}
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		if os.Getenv("FERRY_NEED_PEERS") != "" {
			t.Fatal(err)
		}
		t.Skip("systemd-analyze is not here")
	}
	path := filepath.Join(t.TempDir(), "ferry.service")
	if err := os.WriteFile(path, []byte(unit), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(analyze, "verify", path).CombinedOutput()
	if err != nil || bytes.Contains(out, []byte("ferry.service:")) {
		t.Errorf("verify: %v\n%s", err, out)
	}
	out, err = exec.Command(analyze, "security", "--offline=true", "--threshold=30", path).CombinedOutput()
	if err != nil {
		t.Errorf("security: %v\n%s", err, out)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	t.Log(lines[len(lines)-1])
}
