package users

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

// TestAnswering is no test, but the program that is asked.
func TestAnswering(t *testing.T) {
	mode := os.Getenv("ANSWERING")
	if mode == "" {
		return
	}
	question, _ := io.ReadAll(os.Stdin)
	switch {
	case mode == "late":
		select {}
	case mode == "long":
		os.Stdout.WriteString(strings.Repeat(" ", 2*maxAnswer))
	case string(question) != `{"name":"ann \"x","password":"se'cret"}`:
		os.Exit(1)
	}
	os.Stdout.WriteString(mode)
	os.Exit(0)
}

const goodAnswer = `{"permissions": "list read", "root": "ann", "limits": {"sessions": 2}}`

// An answer is a record; everything else is a refusal, and told unless it was
// meant.
func TestOutside(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		question, _ := io.ReadAll(r.Body)
		mode := r.URL.Query().Get("mode")
		switch {
		case mode == "moved":
			http.Redirect(w, r, "/?mode="+"other", http.StatusTemporaryRedirect)
		case mode == "error":
			w.WriteHeader(http.StatusInternalServerError)
		case string(question) != `{"name":"ann \"x","password":"se'cret"}`:
			w.WriteHeader(http.StatusForbidden)
		default:
			io.WriteString(w, mode)
		}
	}))
	defer server.Close()
	var told []error
	report := func(err error) { told = append(told, err) }
	command := func(mode string) *Outside {
		t.Setenv("ANSWERING", mode)
		o, err := ByCommand([]string{os.Args[0], "-test.run=^TestAnswering$"}, report)
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	endpoint := func(mode string) *Outside {
		o, err := ByURL(server.URL+"/?mode="+strings.NewReplacer(" ", "%20", `"`, "%22", "{", "%7B", "}", "%7D").Replace(mode), report)
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	for name, ask := range map[string]func(string) *Outside{"command": command, "endpoint": endpoint} {
		r, err := Join(onlyKnows("bob"), ask(goodAnswer)).Login(t.Context(), `ann "x`, "se'cret")
		if err != nil || !r.Fixed || r.Name != `ann "x` || r.Perm != ReadOnly || r.Root != "ann" || r.Home != "/" || r.Limits.Sessions != 2 {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
		told = nil
		if _, err := ask(goodAnswer).Login(t.Context(), `ann "x`, "wrong"); !errors.Is(err, ErrDenied) || told != nil {
			t.Errorf("%s: a wrong password: %v, told %v", name, err, told)
		}
		for _, mode := range []string{`{}`, `{"permissions": "all"} x`, `{"permissions": "all", "shell": "sh"}`, `{"permissions": "all", "name": "root"}`,
			`{"permissions": "all", "password": "x"}`, `[]`, `{"permissions": "all", "home": "x"}`, "long", "error", "moved"} {
			told = nil
			if _, err := ask(mode).Login(t.Context(), `ann "x`, "se'cret"); !errors.Is(err, ErrDenied) || len(told) != 1 || strings.Contains(told[0].Error(), "se'cret") {
				t.Errorf("%s: %s: %v, told %v", name, mode, err, told)
			}
		}
		if _, err := ask(`{"permissions": "all", "disabled": true}`).Login(t.Context(), `ann "x`, "se'cret"); !errors.Is(err, ErrDenied) {
			t.Errorf("%s: a disabled user: %v", name, err)
		}
	}
	for _, address := range []string{"http://example.org/", "ftp://localhost/", "https://", "localhost"} {
		if _, err := ByURL(address, nil); err == nil {
			t.Errorf("%s is taken", address)
		}
	}
	if _, err := ByCommand([]string{"/no/such/program"}, nil); err == nil {
		t.Error("a program that is not there is taken")
	}
}

// A program that does not answer is a refusal in time.
func TestOutsideLate(t *testing.T) {
	t.Setenv("ANSWERING", "late")
	o, err := ByCommand([]string{os.Args[0], "-test.run=^TestAnswering$"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Login(t.Context(), "ann", "x"); !errors.Is(err, ErrDenied) {
		t.Error(err)
	}
}

// onlyKnows knows one name.
func onlyKnows(name string) Directory { return &single{record: Record{Name: name}} }
