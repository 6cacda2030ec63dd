package about

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
)

// program is a command line with what is hard to write down: quotes, colons,
// values of a few, commands below commands, what is hidden.
func program() *cli.App {
	return &cli.App{
		Name: "ferry", Usage: "FTP in one file", UsageText: "ferry serve DIR\nferry users add NAME", Writer: io.Discard, ErrWriter: io.Discard, HideVersion: true,
		ExitErrHandler: func(*cli.Context, error) {},
		Commands: append([]*cli.Command{
			{Name: "serve", Usage: "serve a directory: it's the server", ArgsUsage: "[DIR]", Flags: []cli.Flag{
				&cli.StringFlag{Name: "tls", Value: "optional", Usage: "TLS is `off|optional|required`"},
				&cli.StringFlag{Name: "cert", Usage: "the certificate is in `FILE`; 'single' and $quoted \\ too"},
				&cli.BoolFlag{Name: "trace", Aliases: []string{"t"}, Usage: "show all"},
				&cli.StringFlag{Name: "old", Hidden: true, Usage: "unseen"},
			}},
			{Name: "users", Usage: "edit users", Subcommands: []*cli.Command{
				{Name: "add", Usage: "add one", Flags: []cli.Flag{&cli.IntFlag{Name: "quota", Usage: "at most `N`"}}},
			}},
			{Name: "ghost", Hidden: true},
		}, Commands(program)...),
	}
}

func says(t *testing.T, args ...string) string {
	t.Helper()
	return hears(t, "", args...)
}

// hears is says with something on standard input.
func hears(t *testing.T, in string, args ...string) string {
	t.Helper()
	var b bytes.Buffer
	app := program()
	app.Writer, app.Reader = &b, strings.NewReader(in)
	if err := app.RunContext(t.Context(), append([]string{"ferry"}, args...)); err != nil {
		t.Fatalf("%q: %v", args, err)
	}
	return b.String()
}

func TestDescribe(t *testing.T) {
	root := Describe(program())
	if got := root.words(); !slices.Equal(got, []string{"serve", "users", "version", "man", "completion"}) {
		t.Error(got)
	}
	serve := root.Subs[0]
	if serve.Usage != "ferry serve [options] [DIR]" || len(serve.Options) != 3 {
		t.Errorf("%+v", serve)
	}
	if o := serve.Options[0]; o.Value != "off|optional|required" || !slices.Equal(o.choices(), []string{"off", "optional", "required"}) || o.Default != `"optional"` {
		t.Errorf("%+v", o)
	}
	if o := serve.Options[2]; o.Value != "" || !slices.Equal(o.written(), []string{"--trace", "-t"}) {
		t.Errorf("%+v", o)
	}
}

// A manual page says what the tables say, and nothing in it is read as a
// request.
func TestMan(t *testing.T) {
	text := says(t, "man", "serve")
	for _, want := range []string{".TH FERRY\\-SERVE 1", "\\fB\\-\\-tls\\fR \\fIoff|optional|required\\fR", "(default: optional)", `\e`, "\\(aqsingle\\(aq", ".SH EXIT STATUS"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	if strings.Contains(text, "unseen") {
		t.Error("a hidden flag is told")
	}
	if got := line(".TH 'x"); got != `\&.TH \(aqx` {
		t.Error(got)
	}
	if got := escape("ä…\\"); got != `\[u00E4]\[u2026]\e` {
		t.Error(got)
	}
	if text := says(t, "man", "users", "add"); !strings.Contains(text, "FERRY\\-USERS\\-ADD") {
		t.Error(text)
	}
	if text := says(t, "man", "script"); !strings.Contains(text, ".SH TRANSFER VERBS") || !strings.Contains(text, "set existing") {
		t.Error(text)
	}
	dir := t.TempDir()
	says(t, "man", "--all", dir)
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != 8 {
		t.Errorf("%v, %v", files, err)
	}
	for name := range manual(Describe(program())) {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	if err := program().RunContext(t.Context(), []string{"ferry", "man", "nothing"}); err == nil {
		t.Error("a page that there is not")
	}
}

// tool finds a program that a test leans on.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("FERRY_NEED_PEERS") != "" {
			t.Fatalf("%s is not there", name)
		}
		t.Skipf("%s is not there", name)
	}
	return path
}

// mandoc finds nothing wrong but that the pages have no date, which would make
// each build another.
func TestManLint(t *testing.T) {
	mandoc, dir := tool(t, "mandoc"), t.TempDir()
	if err := writeAll(Describe(program()), dir); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	out, _ := exec.Command(mandoc, append([]string{"-T", "lint", "-W", "warning"}, files...)...).CombinedOutput()
	for l := range strings.Lines(string(out)) {
		if !strings.Contains(l, "missing date") {
			t.Error(l)
		}
	}
}

// completed are the words that a shell offers for a line.
type completed func(t *testing.T, script, line string) []string

func completers() map[string]completed {
	words := func(t *testing.T, cmd *exec.Cmd) []string {
		t.Helper()
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return strings.Fields(string(out))
	}
	return map[string]completed{
		"bash": func(t *testing.T, script, line string) []string {
			run := `. "$1"; COMP_WORDS=($2); [[ $2 == *' ' ]] && COMP_WORDS+=(''); COMP_CWORD=$((${#COMP_WORDS[@]}-1)); _ferry; printf '%s\n' "${COMPREPLY[@]}"`
			return words(t, exec.Command(tool(t, "bash"), "--norc", "-c", run, "bash", script, line))
		},
		"zsh": func(t *testing.T, script, line string) []string {
			// Outside of its line editor zsh completes nothing: what the function
			// would hand over is shown.
			run := `compdef() { :; }; _files() { :; }; _describe() { for o in "${offers[@]}"; do o=${o%%:*}; [[ $o == "$PREFIX"* ]] && print -r -- "$o"; done; true; }; compadd() { shift; for o in "$@"; do [[ $o == "$PREFIX"* ]] && print -r -- "$o"; done; true; }
words=(${=2}); [[ $2 == *' ' ]] && words+=(''); CURRENT=$#words; PREFIX=$words[CURRENT]; . "$1"; _ferry`
			return words(t, exec.Command(tool(t, "zsh"), "-f", "-c", run, "zsh", script, line))
		},
		"fish": func(t *testing.T, script, line string) []string {
			cmd := exec.Command(tool(t, "fish"), "--no-config", "-c", `source $argv[1]; complete -C $argv[2] | string replace -r '\t.*' ''; true`, script, line)
			cmd.Env, cmd.Dir = append(os.Environ(), "HOME="+t.TempDir()), t.TempDir()
			return words(t, cmd)
		},
	}
}

func TestCompletion(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("these shells are not at home here")
	}
	for shell, complete := range completers() {
		t.Run(shell, func(t *testing.T) {
			script := filepath.Join(t.TempDir(), "completion")
			if err := os.WriteFile(script, []byte(says(t, "completion", shell)), 0o644); err != nil {
				t.Fatal(err)
			}
			for line, want := range map[string]string{
				"ferry se":                    "serve",
				"ferry users ":                "add",
				"ferry serve --t":             "--tls --trace",
				"ferry serve --tls ":          "off optional required",
				"ferry serve --tls o":         "off optional",
				"ferry serve --tls off --ce":  "--cert",
				"ferry users add --q":         "--quota",
				"ferry serve --cert x --trac": "--trace",
			} {
				got := complete(t, script, line)
				if strings.HasSuffix(line, "users ") {
					got = slices.DeleteFunc(got, func(w string) bool { return w == "--help" })
				}
				slices.Sort(got)
				if strings.Join(got, " ") != want {
					t.Errorf("%q: %q, want %q", line, got, want)
				}
			}
		})
	}
}

// PowerShell's has all words; its quotes are doubled.
func TestPowerShell(t *testing.T) {
	text := says(t, "completion", "powershell")
	for _, want := range []string{"'ferry users add' = @(", "@('serve', 'serve a directory: it''s the server')", "'ferry serve --tls' = @('off', 'optional', 'required')"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	if err := program().RunContext(t.Context(), []string{"ferry", "completion", "ksh"}); err == nil {
		t.Error("ksh has none")
	}
}

func TestVersion(t *testing.T) {
	if v := says(t, "version"); !strings.HasPrefix(v, "ferry ") || !strings.Contains(v, runtime.Version()) {
		t.Error(v)
	}
}

// The bill of materials names the modules, and is the same each time. That of
// another program is made from what the toolchain tells of it.
func TestBill(t *testing.T) {
	notes := "ferry.exe: go1.26.1\n\tpath\tferry\n\tmod\tferry\tv1.2.3\t\n\tdep\texample.org/a b\tv0.1.0\th1:AAAA=\n" +
		"\tdep\texample.org/old\tv0.2.0\n\t=>\texample.org/new\tv0.3.0\th1:BBBB=\n\tbuild\tGOOS=windows\n\tbuild\t-trimpath=true\n"
	for _, c := range []struct {
		text, version string
		least         int
	}{
		{says(t, "version", "--sbom"), "", 1}, // a test is built from nothing
		{hears(t, notes, "version", "--sbom", "-"), "v1.2.3", 3},
	} {
		var b bill
		if err := json.Unmarshal([]byte(c.text), &b); err != nil {
			t.Fatal(err)
		}
		if b.Format != "CycloneDX" || b.Metadata.Component.Name != "ferry" || b.Components[0].Name != "std" || len(b.Components) < c.least {
			t.Errorf("%+v", b)
		}
		if c.version != "" && b.Metadata.Component.Version != c.version {
			t.Errorf("%+v", b.Metadata)
		}
		for _, m := range b.Components {
			if !strings.HasPrefix(m.PURL, "pkg:golang/"+strings.ReplaceAll(m.Name, " ", "%20")+"@") || m.Version == "" {
				t.Errorf("%+v", m)
			}
		}
		if c.version != "" && (b.Components[2].Name != "example.org/new" || b.Components[2].Properties[0].Value != "h1:BBBB=" || b.Metadata.Component.Properties[0].Value != "windows") {
			t.Errorf("%s", c.text)
		}
	}
	if once, again := says(t, "version", "--sbom"), says(t, "version", "--sbom"); once != again {
		t.Error("it differs from call to call")
	}
	for _, in := range []string{"", "ferry\n", "no such file", "ferry: go1.26\n\tdep\tx\n"} {
		app := program()
		app.Reader = strings.NewReader(in)
		if err := app.RunContext(t.Context(), []string{"ferry", "version", "--sbom", "-"}); !errors.Is(err, errNotes) {
			t.Errorf("%q: %v", in, err)
		}
	}
	if err := program().RunContext(t.Context(), []string{"ferry", "version", "--sbom", "ferry.exe"}); !errors.Is(err, errNotes) {
		t.Error("a binary is not read, and no error")
	}
}
