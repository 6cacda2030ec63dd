package script

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"ferry/proto"
)

func TestOneShots(t *testing.T) {
	for _, c := range []struct {
		args    string
		out     string
		local   map[string]string
		remote  map[string]string
		want    int
		gone    string
		command string
	}{
		{args: "get URL/a.txt", local: map[string]string{"a.txt": "A"}},
		{args: "get URL/d/b%20c URL/a.txt", local: map[string]string{"a.txt": "A", "b c": "B"}},
		{args: "get -o x URL/a.txt", local: map[string]string{"x": "A"}},
		{args: "get -o - URL/a.txt", out: "A"},
		{args: "get URL/*.txt", local: map[string]string{"a.txt": "A"}},
		{args: "get URL/%2A.txt", want: 1},
		{args: "get -r URL/d", local: map[string]string{"d/b c": "B"}},
		{args: "get URL", want: 2},
		{args: "get", want: 2},
		{args: "get nourl", want: 2},
		{args: "put l.txt URL", remote: map[string]string{"/l.txt": "L"}},
		{args: "put l.txt URL/", remote: map[string]string{"/l.txt": "L"}},
		{args: "put l.txt URL/new", remote: map[string]string{"/new": "L"}},
		{args: "put l.txt URL/d", remote: map[string]string{"/d/l.txt": "L"}},
		{args: "put l.txt m.txt URL/d", remote: map[string]string{"/d/l.txt": "L", "/d/m.txt": "M"}},
		{args: "put l.txt", want: 2},
		{args: "put none URL", want: 6},
		{args: "get -r -o x/ URL/", local: map[string]string{"x/a.txt": "A", "x/d/b c": "B"}},
		{args: "get -r URL", local: map[string]string{"a.txt": "A", "d/b c": "B"}},
		{args: "get URL/", want: 2},
		{args: "ls URL", out: "a.txt\nd\n"},
		{args: "ls URL/d", out: "b c\n"},
		{args: "rm URL/a.txt", gone: "/a.txt"},
		{args: "rm -r URL/d", gone: "/d/b c"},
		{args: "rm URL", want: 2},
		{args: "mkdir -p URL/x/y", command: "MKD x/y"},
		{args: "ls --set connect-timeout=1s --debug URL/d", out: "b c\n"},
		{args: "ls --set nonsense=1 URL/d", want: 2},
	} {
		t.Run(c.args, func(t *testing.T) {
			w := newWorld(t)
			w.server.file("/a.txt", "A").file("/d/b c", "B")
			w.local("l.txt", "L")
			w.local("m.txt", "M")
			err := w.command(strings.ReplaceAll(c.args, "URL", "ftp://anna:secret@ftp.test"))
			if ExitCode(err) != c.want {
				t.Fatalf("%v: code %d, want %d\n%s", err, ExitCode(err), c.want, w.err.String())
			}
			if w.out.String() != c.out {
				t.Errorf("printed %q, want %q", w.out.String(), c.out)
			}
			for name, want := range c.local {
				if got := w.read(name); got != want {
					t.Errorf("%s = %q", name, got)
				}
			}
			for name, want := range c.remote {
				if got, _ := w.server.content(name); got != want {
					t.Errorf("%s = %q", name, got)
				}
			}
			if _, there := w.server.content(c.gone); there && c.gone != "" {
				t.Error(c.gone, "is still there")
			}
			if c.command != "" && !strings.Contains(strings.Join(w.server.commands, "\n"), c.command) {
				t.Error(w.server.commands)
			}
			if got := len(w.server.sent("USER")); got > 1 {
				t.Errorf("%d logins", got)
			}
		})
	}
}

// command runs one of the applet's commands in the local directory.
func (w *world) command(args string) error {
	w.t.Helper()
	w.t.Chdir(w.dir)
	w.t.Setenv("NETRC", filepath.Join(w.dir, "none"))
	app := &cli.App{
		Name: "ferry", Writer: &w.out, ErrWriter: &w.err, ExitErrHandler: func(*cli.Context, error) {},
		UseShortOptionHandling: true,
		Commands: applet{
			base:    Config{Network: w.cfg.Network},
			sandbox: func(string) (proto.Network, error) { return nil, errors.New("no sandbox") },
		}.commands(),
	}
	return app.RunContext(context.Background(), append([]string{"ferry"}, strings.Fields(args)...))
}

func TestRunCommand(t *testing.T) {
	w := newWorld(t)
	w.t.Chdir(w.dir)
	w.local("s.ftp", "@echo ${1} ${2}\necho x\n")
	if err := w.command("run s.ftp --a -b"); err != nil {
		t.Fatal(err)
	}
	if w.out.String() != "--a -b\nx\n" || !strings.HasPrefix(w.err.String(), "> echo x\ndone: 2 lines, ") {
		t.Error(w.out.String(), w.err.String())
	}
	w.err = bytes.Buffer{}
	if err := w.command("run -q s.ftp a b"); err != nil || w.err.Len() > 0 {
		t.Error(err, w.err.String())
	}
	if err := w.command("run --sandbox d s.ftp"); err == nil || err.Error() != "no sandbox" {
		t.Error(err)
	}
	if err := w.command("run"); ExitCode(err) != 2 {
		t.Error(err)
	}
	if err := w.command("run none.ftp"); ExitCode(err) != 6 || !errors.Is(err, os.ErrNotExist) || !strings.Contains(hint(err), "ferry run FILE") {
		t.Errorf("%v; %s", err, hint(err))
	}
}
