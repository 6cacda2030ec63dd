package hook

import (
	"context"
	"crypto/hmac"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"ferry/serve/live"
)

// TestMain lets the test binary be a program, and the runner of programs.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "hook-runner" {
		var programs [][]string
		if err := json.Unmarshal([]byte(os.Args[2]), &programs); err != nil {
			panic(err)
		}
		if err := Serve(os.Stdin, os.Stdout, programs); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	if len(os.Args) > 2 && os.Args[1] == "be" {
		be(os.Args[2], os.Args[3:])
	}
	os.Exit(m.Run())
}

// be is a program: what it does is its first word.
func be(what string, args []string) {
	input, _ := io.ReadAll(os.Stdin)
	switch what {
	case "note": // writes what it got into a file
		text, _ := json.Marshal(map[string]any{"args": args[1:], "input": string(input), "env": os.Environ()})
		_ = os.WriteFile(args[0], text, 0o600)
	case "reject":
		os.Exit(1)
	case "fail":
		os.Exit(2)
	case "hang":
		time.Sleep(time.Hour)
	case "chatter":
		for range 1000 {
			_, _ = os.Stdout.WriteString(strings.Repeat("x", 1000))
		}
	}
	os.Exit(0)
}

func program(t *testing.T, words ...string) []string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return append([]string{self, "be"}, words...)
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func TestParseRule(t *testing.T) {
	kinds, target, err := ParseRule("upload,delete=/bin/x a=b")
	if err != nil || !slices.Equal(kinds, []live.Kind{live.Upload, live.Delete}) || target != "/bin/x a=b" {
		t.Errorf("%v %q %v", kinds, target, err)
	}
	for _, bad := range []string{"", "upload", "upload=", "nothing=x", "upload,=x", "=x"} {
		if _, _, err := ParseRule(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
	for url, good := range map[string]bool{"https://h.example/x": true, "http://127.0.0.1:1/": true, "http://h.example/": false, "ftp://x/": false, "https://": false, "http://[::1]/": true} {
		if err := CheckURL(url); (err == nil) != good {
			t.Errorf("%s: %v", url, err)
		}
	}
}

// runs are both ways to run programs.
func runs(t *testing.T, rules []Rule, test func(t *testing.T, run Run)) {
	t.Run("direct", func(t *testing.T) { test(t, Direct(rules)) })
	t.Run("runner", func(t *testing.T) {
		r, err := StartRunner(rules, "hook-runner")
		if err != nil {
			t.Fatal(err)
		}
		test(t, r.Run)
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		if _, _, err := r.Run(t.Context(), 0, nil, nil); err == nil {
			t.Error("a runner that is gone runs")
		}
	})
}

// Names that strangers chose arrive as they are, and nothing of the server's
// does.
func TestWords(t *testing.T) {
	t.Setenv("FERRY_PASSWORD", "canary")
	t.Setenv("AWS_SECRET", "canary")
	note := filepath.Join(t.TempDir(), "note")
	rules := []Rule{{Kinds: []live.Kind{live.Rename}, Program: program(t, "note", note)}}
	hostile := []string{"/-rf", "/$(id)", "/`id`", "/a b\tc", "/';--", "/\"q\"", "/\x1b[2J", "/..", "/\xff\xfe", "/*", "/a|b;c&d>e", "/%s%n"}
	runs(t, rules, func(t *testing.T, run Run) {
		for i := 0; i < len(hostile); i += 2 {
			name, other := hostile[i], hostile[i+1]
			e := live.Event{Kind: live.Rename, Path: name, To: other, User: "anna", Outcome: live.Done}
			if status, out, err := run(t.Context(), 0, words(e), body(e)); status != 0 || err != nil {
				t.Fatalf("%d %q %v", status, out, err)
			}
			text, err := os.ReadFile(note)
			if err != nil {
				t.Fatal(err)
			}
			var got struct {
				Args  []string
				Input string
			}
			if err := json.Unmarshal(text, &got); err != nil {
				t.Fatal(err)
			}
			var input struct {
				Path      string
				PathBytes []byte `json:"path_bytes"`
			}
			if err := json.Unmarshal([]byte(got.Input), &input); err != nil || string(input.PathBytes) != name {
				t.Errorf("%q: %q, %v", name, input.PathBytes, err)
			}
			if valid := utf8.ValidString(name + other); valid && !slices.Equal(got.Args, []string{"rename", name, other}) {
				t.Errorf("%q: %q", name, got.Args)
			}
			if strings.Contains(string(text), "canary") {
				t.Errorf("the environment tells: %s", text)
			}
		}
	})
	for path, want := range map[string]int{"/x": 2, "-x": 1, "x": 1, "": 1} {
		if got := words(live.Event{Kind: live.Delete, Path: path}); len(got) != want {
			t.Errorf("%q: %q", path, got)
		}
	}
}

func TestBounds(t *testing.T) {
	rules := []Rule{{Program: program(t, "hang")}, {Program: program(t, "chatter")}, {Program: program(t, "reject")}, {Program: []string{"/nonexistent/program"}}}
	runs(t, rules, func(t *testing.T, run Run) {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if _, _, err := run(ctx, 0, nil, nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		if status, out, err := run(t.Context(), 1, nil, nil); status != 0 || err != nil || len(out) != maxOutput {
			t.Errorf("%d, %d bytes, %v", status, len(out), err)
		}
		if status, _, err := run(t.Context(), 2, nil, nil); status != 1 || err != nil {
			t.Errorf("%d, %v", status, err)
		}
		if _, _, err := run(t.Context(), 3, nil, nil); err == nil {
			t.Error("it ran")
		}
	})
}

// The runner takes no orders but for what it was started with.
func TestRunnerKnowsItsPrograms(t *testing.T) {
	for _, orders := range []string{`{"rule":1}`, `{"rule":-1}`, `{"rule":0,"program":["x"]}x`, `[]`} {
		if err := Serve(strings.NewReader(orders), io.Discard, [][]string{program(t, "note", filepath.Join(t.TempDir(), "n"))}); err == nil {
			t.Errorf("%s is taken", orders)
		}
	}
	if err := Serve(strings.NewReader(""), io.Discard, nil); err != nil {
		t.Error(err)
	}
}

// What a killed server has left running does not run for ever.
func TestRunnerEndsWithServer(t *testing.T) {
	ended := make(chan error, 1)
	hang := program(t, "hang")
	go func() {
		ended <- serve(strings.NewReader(`{"id":1,"rule":0}`), io.Discard, [][]string{hang}, time.Millisecond)
	}()
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("the program is still waited for")
	}
}

// Only a clear yes takes an upload.
func TestExamineFailsClosed(t *testing.T) {
	veto := func(words ...string) Rule { return Rule{Kinds: []live.Kind{Veto}, Program: words} }
	for name, c := range map[string]struct {
		rules    []Rule
		rejected bool
		good     bool
	}{
		"yes":          {[]Rule{veto(program(t, "fine")...)}, false, true},
		"no":           {[]Rule{veto(program(t, "reject")...)}, true, false},
		"yes, then no": {[]Rule{veto(program(t, "fine")...), veto(program(t, "reject")...)}, true, false},
		"trouble":      {[]Rule{veto(program(t, "fail")...)}, false, false},
		"not there":    {[]Rule{veto("/nonexistent/program")}, false, false},
		"too late":     {[]Rule{veto(program(t, "hang")...)}, false, false},
		"nobody asks":  {[]Rule{{Kinds: []live.Kind{live.Upload}, Program: program(t, "reject")}}, false, true},
	} {
		h, err := New(c.rules, Direct(c.rules), nil, "", nil, quiet())
		if err != nil {
			t.Fatal(err)
		}
		if name == "too late" {
			h.patience = 300 * time.Millisecond
		}
		err = h.Examine(t.Context(), live.Event{Kind: live.Upload, Path: "/f"}, "/tmp/f")
		if (err == nil) != c.good || errors.Is(err, ErrRejected) != c.rejected {
			t.Errorf("%s: %v", name, err)
		}
		h.Close(t.Context())
	}
}

// receiver is a web server that hears, and may refuse at first.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	heard  []string // bodies, by id only once
	ids    map[string]int
	refuse int
	bad    []string
}

func newReceiver(t *testing.T, secret string, refuse int) *receiver {
	r := &receiver{ids: map[string]int{}, refuse: refuse}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		text, _ := io.ReadAll(q.Body)
		r.mu.Lock()
		defer r.mu.Unlock()
		want := "sha256=" + Sign([]byte(secret), q.Header.Get("Ferry-Time"), text)
		if !hmac.Equal([]byte(want), []byte(q.Header.Get("Ferry-Signature"))) || q.Header.Get("Content-Type") != "application/json" {
			r.bad = append(r.bad, q.Header.Get("Ferry-Signature"))
		}
		if r.refuse > 0 {
			r.refuse--
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		id := q.Header.Get("Ferry-Id")
		if r.ids[id]++; r.ids[id] == 1 {
			r.heard = append(r.heard, string(text))
		}
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) paths() (all []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, text := range r.heard {
		var e live.Event
		if json.Unmarshal([]byte(text), &e) == nil {
			all = append(all, e.Path)
		}
	}
	return all
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}

// What is refused at first, or waits from an earlier life, is delivered in its
// order, signed; a web server that is down holds no other up.
func TestWebhooks(t *testing.T) {
	good, down, dir := newReceiver(t, "key", 1), httptest.NewServer(http.NotFoundHandler()), t.TempDir()
	down.Close()
	rules := []Rule{{Kinds: []live.Kind{live.Upload}, URL: down.URL}, {Kinds: []live.Kind{live.Upload, live.Delete}, URL: good.URL}}
	h, err := New(rules, Direct(rules), nil, dir, []byte("key"), quiet())
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, path := range []string{"/a", "/b", "/c"} {
		h.Observe(live.Event{Kind: live.Upload, Path: path})
		want = append(want, path)
	}
	h.Observe(live.Event{Kind: live.Listing, Path: "/"})
	eventually(t, "three deliveries", func() bool { return slices.Equal(good.paths(), want) })
	short, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	h.Close(short)
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(left) != 3 {
		t.Fatalf("left for the one that is down: %v, %v", left, err)
	}
	if info, err := os.Stat(left[0]); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	// the next life; a file that was never whole, and one that is broken, are in the way
	for name, text := range map[string]string{"0-x.json.new": "{", "0-y.json": "{"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range left { // it has moved
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(text), down.URL, good.URL)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if h, err = New(rules, Direct(rules), nil, dir, []byte("key"), quiet()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "six deliveries", func() bool { return slices.Equal(good.paths(), append(want, want...)) })
	h.Close(t.Context())
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) > 0 || len(good.bad) > 0 {
		t.Errorf("left %v; badly signed %v", left, good.bad)
	}
}

// A full queue takes nothing more and says so; nothing that it holds is lost.
func TestQueueIsBounded(t *testing.T) {
	q, err := openQueue(t.TempDir(), nil, nil, quiet())
	if err != nil {
		t.Fatal(err)
	}
	q.held = make([]held, maxQueued)
	if err := q.add("https://h.example/", live.Event{}); !errors.Is(err, errFull) {
		t.Error(err)
	}
	if _, err := openQueue(filepath.Join(t.TempDir(), "f\x00"), nil, nil, quiet()); err == nil {
		t.Error("no such place")
	}
}

// Whoever may write where the queue lies could have this server sign and post
// what they like: they may not, and what is for a stranger is not posted.
func TestQueueIsOurs(t *testing.T) {
	dir := t.TempDir()
	for mode, fine := range map[os.FileMode]bool{0o755: true, 0o775: false, 0o777: false} {
		if err := os.Chmod(dir, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := openQueue(dir, nil, nil, quiet()); (err == nil) != fine && runtime.GOOS != "windows" {
			t.Errorf("mode %o: %v", mode, err)
		}
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	q, err := openQueue(dir, []string{"https://ours.example/"}, nil, quiet())
	if err != nil {
		t.Fatal(err)
	}
	if err := q.add("https://stranger.example/", live.Event{}); err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: nobody{t}}
	if at := q.attempt(t.Context(), client, map[string]*server{}, q.waiting()[0]); !at.IsZero() || len(q.waiting()) > 0 {
		t.Error("it is still to be posted", at)
	}
}

// nobody is a network that must not be used.
type nobody struct{ t *testing.T }

func (n nobody) RoundTrip(r *http.Request) (*http.Response, error) {
	n.t.Errorf("%s %s", r.Method, r.URL)
	return nil, errors.New("no network")
}

// While a web server rests its parcels are not read again; those that a server
// has left which ended meanwhile are found, those of one that runs are not.
func TestQueueAtRest(t *testing.T) {
	const url = "https://ours.example/"
	dir := t.TempDir()
	q, err := openQueue(dir, []string{url}, nil, quiet())
	if err != nil {
		t.Fatal(err)
	}
	if err := q.add(url, live.Event{}); err != nil {
		t.Fatal(err)
	}
	until := time.Now().Add(time.Hour)
	resting := map[string]*server{url: {pause: time.Hour, until: until}}
	if err := os.WriteFile(filepath.Join(dir, q.waiting()[0].name), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: nobody{t}}
	if at := q.attempt(t.Context(), client, resting, q.waiting()[0]); !at.Equal(until) || len(q.waiting()) != 1 {
		t.Error("it was read", at)
	}
	for age, n := range map[time.Duration]int{0: 1, 2 * longestPause: 2} {
		name := fmt.Sprintf("%020d-other.json", time.Now().Add(-age).UnixNano())
		if err := os.WriteFile(filepath.Join(dir, name), []byte("{}"), 0o600); err != nil {
			t.Fatal(err)
		}
		if q.adopt(); len(q.waiting()) != n {
			t.Errorf("age %v: %v", age, q.waiting())
		}
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		q.drop(name)
	}
}

// Slow programs hold nobody up: what is too much is dropped, and told once.
func TestSlowProgramsDrop(t *testing.T) {
	var log strings.Builder
	block := make(chan struct{})
	rules := []Rule{{Kinds: []live.Kind{live.Upload}, Program: []string{"slow"}}}
	h, err := New(rules, func(ctx context.Context, _ int, _ []string, _ []byte) (int, string, error) {
		select {
		case <-block:
		case <-ctx.Done():
		}
		return 0, "", nil
	}, nil, "", nil, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	for range maxWaiting + programsAtOnce + 100 {
		h.Observe(live.Event{Kind: live.Upload})
	}
	if n := strings.Count(log.String(), "too slow"); n != 1 {
		t.Errorf("told %d times: %s", n, log.String())
	}
	close(block)
	h.Close(t.Context())
	h.Observe(live.Event{Kind: live.Upload}) // behind the end: nothing happens
}

func TestReadSecret(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	for text, good := range map[string]bool{"key\n": true, "": false, "\n": false, strings.Repeat("x", maxSecret+1): false} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := ReadSecret(path); (err == nil) != good || good && string(got) != "key" {
			t.Errorf("%.10q: %q, %v", text, got, err)
		}
	}
}
