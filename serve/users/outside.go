package users

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"ferry/proto"
)

// Outside asks somebody else who may log in: a program, or an HTTP server.
// Both get {"name": …, "password": …} and answer with a user as in the users
// file: without password, and with no name or the same. A program that may
// not answer exits with another status than 0, a server answers 401 or 403.
//
// SECURITY: fail-closed: what is late, too long, or not understood is a
// refusal, and report is told. There is no shell: the program gets its words
// as they are, and the password on its standard input only.
type Outside struct {
	ask    func(ctx context.Context, question []byte) ([]byte, error)
	report func(error)
	turns  chan struct{}
}

// errRefused is a refusal that was meant.
var errRefused = errors.New("refused")

// ByCommand asks a program, which is started for each login.
func ByCommand(argv []string, report func(error)) (*Outside, error) {
	if len(argv) == 0 {
		return nil, errors.New("no command is given")
	}
	path, err := exec.LookPath(argv[0])
	if err != nil {
		return nil, err
	}
	return newOutside(report, func(ctx context.Context, question []byte) ([]byte, error) {
		cmd := exec.CommandContext(ctx, path, argv[1:]...)
		cmd.Stdin = bytes.NewReader(question)
		cmd.WaitDelay = outsideGrace
		cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "FERRY_") })
		out := &bounded{}
		cmd.Stdout = out
		err := cmd.Run()
		var exit *exec.ExitError
		if errors.As(err, &exit) && exit.Exited() {
			return nil, errRefused
		}
		return out.b, err
	}), nil
}

// ByURL asks an HTTP server with POST. Passwords go over TLS, or stay on this
// machine.
func ByURL(address string, report func(error)) (*Outside, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return nil, err
	case u.Scheme == "https" && u.Host != "", u.Scheme == "http" && isLocal(u.Hostname()):
	default:
		return nil, fmt.Errorf("%q: want https://…, or http:// of this machine", u.Redacted())
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error {
		return errors.New("a redirect is not followed") // the password would go with it
	}}
	return newOutside(report, func(ctx context.Context, question []byte) ([]byte, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(question))
		if err != nil {
			return nil, err
		}
		req.Header.Set("Content-Type", "application/json")
		resp, err := client.Do(req)
		if err != nil {
			return nil, err
		}
		defer resp.Body.Close()
		switch resp.StatusCode {
		case http.StatusOK:
			out := &bounded{}
			_, err := io.Copy(out, resp.Body)
			return out.b, err
		case http.StatusUnauthorized, http.StatusForbidden:
			return nil, errRefused
		}
		return nil, fmt.Errorf("status %s", resp.Status)
	}), nil
}

func isLocal(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func newOutside(report func(error), ask func(context.Context, []byte) ([]byte, error)) *Outside {
	if report == nil {
		report = func(error) {}
	}
	return &Outside{ask: ask, report: report, turns: make(chan struct{}, maxOutside)}
}

// Login asks. The record holds as long as the session does.
func (o *Outside) Login(ctx context.Context, name string, pass proto.Secret) (Record, error) {
	ctx, cancel := context.WithTimeout(ctx, outsideTime)
	defer cancel()
	select {
	case o.turns <- struct{}{}:
		defer func() { <-o.turns }()
	case <-ctx.Done():
		return Record{}, ErrDenied
	}
	question, err := json.Marshal(map[string]string{"name": name, "password": pass.Reveal()})
	var answer []byte
	if err == nil {
		answer, err = o.ask(ctx, question)
	}
	var r Record
	if err == nil {
		r, err = parseAnswer(name, answer)
	}
	if err == nil && ctx.Err() != nil {
		err = ctx.Err()
	}
	if err != nil {
		if !errors.Is(err, errRefused) {
			o.report(fmt.Errorf("asking for a login: %w", err))
		}
		return Record{}, ErrDenied
	}
	if r.Ended(time.Now()) {
		return Record{}, ErrDenied
	}
	return r, nil
}

// Lookup knows nobody: sessions go by what Login has told (Record.Fixed).
func (o *Outside) Lookup(string) (Record, error) { return Record{}, ErrDenied }

// refuse is for names that no other directory has: they are asked for here.
func (o *Outside) refuse(ctx context.Context, name string, pass proto.Secret) error {
	_, err := o.Login(ctx, name, pass)
	return err
}

// parseAnswer reads one user without a password.
func parseAnswer(name string, text []byte) (Record, error) {
	p := newParser("answer", text)
	r := Record{}
	var set fieldSet
	err := p.object(func(key string) error {
		if key == "password" {
			return p.here("an answer has no password")
		}
		return p.field(&r, &set, key)
	})
	switch {
	case err != nil:
		return r, err
	case !set.perm:
		return r, p.here(`no field "permissions"`)
	case r.Name != "" && r.Name != name:
		return r, p.here("the answer is about another user")
	}
	if _, err := p.token(); !errors.Is(err, io.EOF) {
		return r, p.here("something follows the end")
	}
	r.Name, r.Fixed = name, true
	if r.Home == "" {
		r.Home = "/"
	}
	return r, r.checkFields()
}

// bounded refuses more than maxAnswer bytes.
type bounded struct{ b []byte }

func (b *bounded) Write(p []byte) (int, error) {
	if len(b.b)+len(p) > maxAnswer {
		return 0, errors.New("the answer is too long")
	}
	b.b = append(b.b, p...)
	return len(p), nil
}
