package serve

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/term"

	"ferry/proto"
	"ferry/serve/users"
)

// usersEdit is one call of `ferry users`.
type usersEdit struct {
	file, name string
	changes    []func(*users.Record) error
	password   Password
	out        io.Writer
}

func addUser(e usersEdit) error {
	record := users.Record{Name: e.name, Home: "/", Perm: users.All}
	if err := e.apply(&record); err != nil {
		return &UsageError{Err: fmt.Errorf("users add: %w", err)}
	}
	if err := users.Create(e.file); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("users add: %w", err)
	}
	return e.withPassword(func(f *users.File, pass proto.Secret) error {
		if err := f.Add(record, pass); !errors.Is(err, fs.ErrExist) {
			return err
		}
		return &UsageError{errors.New("exists already"), "ferry users passwd " + e.name + " gives a new password"}
	})
}

func parseMounts(all []string) (map[string]string, error) {
	mounts := map[string]string{}
	for _, m := range all {
		name, dir, _ := strings.Cut(m, "=")
		if name == "" || dir == "" || mounts[name] != "" {
			return nil, fmt.Errorf("%q: want NAME=DIR, each name once", m)
		}
		mounts[name] = dir
	}
	return mounts, nil
}

func changePassword(e usersEdit) error {
	return e.withPassword(func(f *users.File, pass proto.Secret) error {
		return e.orUnknown(f.Passwd(e.name, pass))
	})
}

func removeUser(e usersEdit) error {
	f, err := e.open()
	if err != nil {
		return err
	}
	if err := e.orUnknown(f.Remove(e.name)); err != nil {
		return fmt.Errorf("users %s: %w", e.name, err)
	}
	fmt.Fprintf(e.out, "%s: %s is removed\n", e.file, e.name)
	return nil
}

func (e usersEdit) open() (*users.File, error) {
	f, err := users.Open(e.file, users.Options{})
	if err != nil {
		return nil, &StartError{fmt.Errorf("users: %w", err), "--file FILE names the users file; ferry users add NAME makes it"}
	}
	return f, nil
}

// orUnknown replaces the error for a user that there is not.
func (e usersEdit) orUnknown(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return &UsageError{fmt.Errorf("there is no such user in %s", e.file), "ferry users list shows them"}
	}
	return err
}

// withPassword gets a password, uses it, and tells it when it was made up.
func (e usersEdit) withPassword(use func(*users.File, proto.Secret) error) error {
	f, err := e.open()
	if err != nil {
		return err
	}
	pass, from, err := e.password.get()
	if err == nil {
		err = use(f, pass)
	}
	if err != nil {
		return fmt.Errorf("users %s: %w", e.name, err)
	}
	fmt.Fprintf(e.out, "%s: %s may log in", e.file, e.name)
	if from == madeUp {
		fmt.Fprintf(e.out, " with the password %s", pass.Reveal())
	}
	fmt.Fprintln(e.out)
	return nil
}

func listUsers(out io.Writer, file string) error {
	f, err := usersEdit{file: file}.open()
	if err != nil {
		return err
	}
	all, err := f.List()
	if err != nil {
		return fmt.Errorf("users list: %w", err)
	}
	w := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tROOT\tHOME\tMAY")
	for _, r := range all {
		may := r.Perm.String()
		switch {
		case r.Disabled:
			may = "disabled"
		case r.Ended(time.Now()):
			may = "expired"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", printable(r.Name), printable(orDash(r.Root)), printable(orDash(r.Home)), may)
	}
	return w.Flush()
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// promptTwice asks for a new password without showing it.
func promptTwice(out io.Writer, name string) (proto.Secret, error) {
	ask := func(what string) (string, error) {
		fmt.Fprintf(out, "%s for %s: ", what, printable(name))
		b, err := term.ReadPassword(int(os.Stdin.Fd()))
		fmt.Fprintln(out)
		return string(b), err
	}
	first, err := ask("password")
	if err != nil {
		return "", err
	}
	again, err := ask("again")
	switch {
	case err != nil:
		return "", err
	case first != again:
		return "", errors.New("the two passwords differ, nothing was changed")
	case first == "":
		return "", errors.New("an empty password is none, nothing was changed")
	}
	return proto.Secret(first), nil
}
