package script

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/script/bulk"
)

// world is a script's surroundings: a server, a local directory, what was
// printed, and somebody who answers questions.
type world struct {
	t        *testing.T
	server   *fake
	dir      string
	out, err bytes.Buffer
	cfg      Config
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, server: newFake(), dir: t.TempDir()}
	w.cfg = Config{
		Network: w.server.start(t), Out: &w.out, Err: &w.err, Dir: w.dir,
		Netrc: filepath.Join(w.dir, "no-netrc"),
		Env:   func(string) (string, bool) { return "", false },
	}
	w.cfg.Client.TLS = client.TLSOff // trust_test.go has the others
	return w
}

func (w *world) local(name, content string) {
	w.t.Helper()
	p := filepath.Join(w.dir, name)
	if err := os.MkdirAll(filepath.Dir(p), 0o777); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(p, []byte(content), 0o666); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) read(name string) string {
	w.t.Helper()
	b, err := os.ReadFile(filepath.Join(w.dir, name))
	if err != nil {
		w.t.Error(err)
	}
	return string(b)
}

// run runs a script that is given as text.
func (w *world) run(text string) error {
	w.t.Helper()
	file := filepath.Join(w.t.TempDir(), "test.ftp")
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		w.t.Fatal(err)
	}
	return Run(context.Background(), w.cfg, file)
}

// in runs a script that has logged in.
func (w *world) in(text string) error { return w.run("open ftp.test\nuser anna secret\n" + text) }

func (w *world) mustIn(text string) {
	w.t.Helper()
	if err := w.in(text); err != nil {
		w.t.Fatalf("%v\nhint: %s\n%s", err, HintOf(err), w.err.String())
	}
}

// asker answers from a list and notes what was asked.
type asker struct {
	asked   []string
	lines   []string
	secrets []string
	answers []Answer
	policy  bulk.Policy
}

var errNoAnswer = errors.New("nobody answers")

func next[T any](list *[]T) (v T, err error) {
	if len(*list) == 0 {
		return v, errNoAnswer
	}
	v = (*list)[0]
	*list = (*list)[1:]
	return v, nil
}

func (a *asker) Line(_ context.Context, question, _ string) (string, error) {
	a.asked = append(a.asked, question)
	return next(&a.lines)
}

func (a *asker) Secret(_ context.Context, question string) (proto.Secret, error) {
	a.asked = append(a.asked, question)
	s, err := next(&a.secrets)
	return proto.Secret(s), err
}

func (a *asker) Choose(_ context.Context, question string, _ ...Answer) (Answer, error) {
	a.asked = append(a.asked, question)
	return next(&a.answers)
}

func (a *asker) Conflict(_ context.Context, c bulk.Conflict) (bulk.Answer, error) {
	a.asked = append(a.asked, "exists: "+filepath.Base(c.Item.Local))
	return bulk.Answer{Policy: a.policy}, nil
}
