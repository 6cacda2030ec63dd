//go:build unix

package main

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/jlaffaye/ftp"
)

// spoken is what a process has written so far.
type spoken struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *spoken) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *spoken) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// makeDir is a short visit.
func makeDir(addr, name string) error {
	c, err := ftp.Dial(addr)
	if err != nil {
		return err
	}
	return errors.Join(c.Login("demo", "secret"), c.MakeDir(name), c.Quit())
}

// An administrator does not notice that one server has taken another's place: the
// browser stays logged in, or out, by the same token; ferry ctl finds the one that
// serves under the same name, and the former one beside it as long as it has
// sessions. That is so with a state directory and without.
func TestAdministratorOutlivesServer(t *testing.T) {
	for name, flags := range map[string][]string{"state": nil, "no state": {"--no-state", "--control", "c.sock"}} {
		t.Run(name, func(t *testing.T) {
			dir, state := t.TempDir(), t.TempDir()
			page := fmt.Sprint("http://127.0.0.1:", freePort(t))
			var said spoken
			run := func(args ...string) *exec.Cmd {
				cmd := exec.Command(program, args...)
				cmd.Dir, cmd.Env = dir, append(os.Environ(), "FERRY_PASSWORD=secret", "XDG_STATE_HOME="+state)
				return cmd
			}
			serve := run(append([]string{"serve", dir, "--listen", "127.0.0.1:0", "--user", "demo", "--tls", "off", "--watchdog", "--log", "log", "--web", page[7:]}, flags...)...)
			serve.Stdout, serve.Stderr = &said, &said
			if err := serve.Start(); err != nil {
				t.Fatal(err)
			}
			defer func() { _ = serve.Process.Kill(); _ = serve.Wait() }()
			w := &watched{t: t, parent: serve.Process.Pid, log: filepath.Join(dir, "log")}
			waitFor(t, "the server is up", func() bool { return strings.Contains(said.String(), "  token ") })
			find := func(pattern string) string {
				t.Helper()
				m := regexp.MustCompile(pattern).FindStringSubmatch(said.String())
				if m == nil {
					t.Fatalf("no %s in\n%s", pattern, said.String())
				}
				return m[1]
			}
			token := find(`token +(?:in )?(\S+)`)
			if name == "state" {
				text, err := os.ReadFile(token)
				if err != nil {
					t.Fatal(err)
				}
				token = strings.TrimSpace(string(text))
			}
			login := func() (cookie string) {
				t.Helper()
				client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
				resp, err := client.PostForm(page+"/login", url.Values{"token": {token}})
				if err != nil {
					t.Fatal(err)
				}
				resp.Body.Close()
				cookie, _, _ = strings.Cut(resp.Header.Get("Set-Cookie"), ";")
				return cookie
			}
			ask := func(method, path, cookie string) int {
				t.Helper()
				req, _ := http.NewRequest(method, page+path, nil)
				req.Header.Set("Cookie", cookie)
				req.Header.Set("X-Ferry", "1")
				req.Close = true
				resp, err := http.DefaultClient.Do(req)
				if err != nil {
					t.Fatal(err)
				}
				resp.Body.Close()
				return resp.StatusCode
			}
			in, out := login(), login()
			if got := ask("POST", "/logout", out); got != http.StatusOK {
				t.Fatalf("logout: %d", got)
			}
			ctl := func(args ...string) (string, error) {
				if name != "state" && (len(args) == 0 || args[0] != "--socket") {
					args = append([]string{"--socket", "c.sock"}, args...)
				}
				text, err := run(append([]string{"ctl"}, args...)...).CombinedOutput()
				return string(text), err
			}
			old, err := ftp.Dial(find(`ftp://(\S+:\d+)`))
			if err == nil {
				err = old.Login("demo", "secret")
			}
			if err != nil {
				t.Fatal(err)
			}
			first := w.child()
			var followed spoken
			follow := []string{"ctl", "log", "-f", "-n", "1", "--user", "demo"}
			if name != "state" {
				follow = slices.Insert(follow, 1, "--socket", "c.sock")
			}
			log := run(follow...)
			log.Stdout, log.Stderr = &followed, &followed
			if err := log.Start(); err != nil {
				t.Fatal(err)
			}
			defer func() { _ = log.Process.Kill(); _ = log.Wait() }()
			waitFor(t, "log -f shows the first login", func() bool { return strings.Contains(followed.String(), "login") })
			for ups, sig := range []syscall.Signal{syscall.SIGUSR2, syscall.SIGKILL} {
				whom := w.parent
				if sig == syscall.SIGKILL {
					whom = w.child()
				}
				if err := syscall.Kill(whom, sig); err != nil {
					t.Fatal(err)
				}
				waitFor(t, "the next server is up", func() bool { return w.ups() == ups+2 })
				if a, b := ask("GET", "/v1/stats", in), ask("GET", "/v1/stats", out); a != http.StatusOK || b != http.StatusUnauthorized {
					t.Errorf("%v: who was logged in gets %d, who was logged out %d", sig, a, b)
				}
				mark := fmt.Sprint("made-in-", ups)
				if err := makeDir(find(`ftp://(\S+:\d+)`), mark); err != nil {
					t.Error(err)
				}
				waitFor(t, "log -f goes on with the next server", func() bool { return strings.Contains(followed.String(), mark) })
				if n := strings.Count(followed.String(), "has been replaced"); n != ups+1 {
					t.Errorf("%v: log -f tells of %d replacements:\n%s", sig, n, followed.String())
				}
				if text, err := ctl("stats", "--json"); err != nil || !strings.Contains(text, `"former":true`) {
					t.Errorf("%v: it is not said that there is another one: %v\n%s", sig, err, text)
				}
				who, err := ctl("who")
				if err != nil || strings.Contains(who, "demo") {
					t.Errorf("%v: ctl speaks to the one that is to end: %v\n%s", sig, err, who)
				}
				beside := []string{"--socket", fmt.Sprintf("c-%d.sock", first)}
				if name == "state" {
					m := regexp.MustCompile(`--server (\S+)`).FindStringSubmatch(who)
					if m == nil {
						t.Fatalf("%v: nothing of the former one:\n%s", sig, who)
					}
					beside = []string{"--server", m[1]}
				}
				if who, err := ctl(append(beside, "who")...); err != nil || !strings.Contains(who, "demo") {
					t.Errorf("%v: the former one: %v\n%s", sig, err, who)
				}
			}
			if err := errors.Join(old.MakeDir("made-by-old"), old.Quit()); err != nil {
				t.Error(err)
			}
			waitFor(t, "log -f shows what the former server's session does", func() bool { return strings.Contains(followed.String(), "made-by-old") })
			waitFor(t, "the former server ends", func() bool { return strings.Contains(w.told(), "replaced server has ended") })
			waitFor(t, "there is no other one any more", func() bool {
				text, err := ctl("stats", "--json")
				return err == nil && !strings.Contains(text, "former")
			})
			if text, err := ctl("who"); err != nil || strings.Contains(text, "--server") {
				t.Errorf("when it has ended: %v\n%s", err, text)
			}
			if strings.Count(said.String(), "  token ") != 1 {
				t.Errorf("the token is told more than once:\n%s", said.String())
			}
			if text, err := ctl("stop"); err != nil {
				t.Error(err, text)
			}
			if err := serve.Wait(); err != nil {
				t.Errorf("%v\n%s", err, said.String())
			}
			if err := log.Wait(); err != nil || !strings.Contains(followed.String(), "the server has ended") {
				t.Errorf("log -f: %v\n%s", err, followed.String())
			}
			if left, _ := filepath.Glob(filepath.Join(state, "ferry", "ctl", "*.sock")); len(left) > 0 {
				t.Errorf("left behind: %s", left)
			}
			if entries, _ := os.ReadDir(state); name != "state" && len(entries) > 0 {
				t.Errorf("a trace: %s", entries)
			}
		})
	}
}
