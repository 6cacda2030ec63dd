package serve

import (
	"bytes"
	"errors"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/urfave/cli/v2"

	"ferry/proto"
	"ferry/proto/data"
	"ferry/serve/certs"
	"ferry/serve/parent"
	"ferry/serve/users"
)

// ferry runs the commands of this package as main does.
func ferry(t *testing.T, args ...string) (out string, err error) {
	t.Helper()
	var b bytes.Buffer
	app := &cli.App{Name: "ferry", Commands: Commands(nil), Writer: &b, ErrWriter: &b, Reader: strings.NewReader("from-stdin\n"), DisableSliceFlagSeparator: true,
		ExitErrHandler: func(*cli.Context, error) {}}
	err = app.RunContext(t.Context(), append([]string{"ferry"}, args...))
	return b.String(), err
}

// parsed is what the flags of serve come to.
func parsed(t *testing.T, args ...string) (d Daemon, err error) {
	t.Helper()
	c := serveCommand(nil)
	c.Action = func(c *cli.Context) (err error) {
		d, err = daemon(c)
		return err
	}
	app := &cli.App{Name: "ferry", Commands: []*cli.Command{c}, DisableSliceFlagSeparator: true, ExitErrHandler: func(*cli.Context, error) {}}
	err = app.RunContext(t.Context(), append([]string{"ferry", "serve"}, args...))
	return d, err
}

func TestServeFlags(t *testing.T) {
	t.Setenv("FERRY_PASSWORD", "secret")
	got, err := parsed(t, "--listen", ":2121", "--listen", "[::1]:2122", "--user", "ann", "--users", "u.json", "--anonymous", "--anonymous-root", "pub", "--umask", "027", "--auth-command", "ask me",
		"--read-only", "--overwrite", "deny", "--replies", "report", "--ebcdic", "1047", "--host", "a.example", "--host", "b.example", "--passive-ports", "50000-50009",
		"--public-address", "ftp.example.org", "--tls", "required", "--tls-data", "require", "--tls-eof", "tolerant",
		"--cert", "c", "--key", "k", "--cert", "d", "--client-ca", "ca", "--client-cert", "instead", "--implicit", ":9900", "--idle", "5m",
		"--max-sessions", "10", "--max-per-address", "5", "--connect-rate", "50", "--failures", "3", "--ban", "1h", "--login-time", "9s", "--handshake-time", "8s", "--stall", "1m", "--ccc", "allow",
		"--anonymous-sessions", "7", "--anonymous-rate", "1M", "--allow", "10.0.0.0/8", "--deny", "10.1.0.0/16", "--deny", "::1", "--log", "l", "--log-format", "json", "--trace",
		"--for", "1h", "--once", "--no-state", "--hook", "upload,delete=/bin/scan -x a,b", "--webhook", "login=https://h.example/x", "--webhook-secret", "s", "--webhook-queue", "q", "--run-as", "nobody", "--password-file", "p", "/srv/files")
	if err != nil {
		t.Fatal(err)
	}
	want := Daemon{
		Dir: "/srv/files", Listen: []string{":2121", "[::1]:2122"},
		User: "ann", Password: Password{File: "p", Env: "secret"}, UsersFile: "u.json", Anonymous: true, AnonymousRoot: "pub", Umask: "027", AuthCommand: []string{"ask", "me"},
		Files: Files{ReadOnly: true, Overwrite: OverwriteDeny}, Replies: Report,
		CodePage: data.IBM1047, Hosts: []string{"a.example", "b.example"},
		Passive: Passive{Ports: PortRange{50000, 50009}, Public: "ftp.example.org"},
		Limits: Limits{Idle: 5 * time.Minute, Sessions: 10, PerAddress: 5, Connects: 50, Failures: 3, Ban: time.Hour,
			Login: 9 * time.Second, Handshake: 8 * time.Second, Stall: time.Minute},
		AnonymousLimits: users.Limits{Sessions: 7, Down: 1 << 20},
		Admission: Admission{
			Allow: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")},
			Deny:  []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("::1/128")},
		},
		TLS: Encryption{
			Policy: TLSRequired, Data: DataRequire, End: EndTolerant, Pairs: []certs.Pair{{Cert: "c", Key: "k"}, {Cert: "d"}},
			ClientCA: "ca", CertUse: CertInstead, CCC: CCCAllowed, Implicit: []string{":9900"},
		},
		Told:    Told{Hooks: []string{"upload,delete=/bin/scan -x a,b"}, Webhooks: []string{"login=https://h.example/x"}, Secret: "s", Queue: "q"},
		NoState: true, LogFile: "l", LogFormat: LogJSON, Trace: true, RunAs: "nobody", For: time.Hour, Once: OneVisit, Confine: Confined, Patience: parent.DefaultPatience,
	}
	ignore := []cmp.Option{cmpopts.IgnoreFields(Daemon{}, "Out", "Err"), cmpopts.IgnoreFields(Password{}, "Stdin", "Prompt"), cmpopts.EquateComparable(netip.Prefix{})}
	if diff := cmp.Diff(want, got, ignore...); diff != "" {
		t.Error(diff)
	}
}

// --acme is told only where it works, and says so where it does not.
func TestACMEFlags(t *testing.T) {
	out, err := ferry(t, "serve", "--help")
	if err != nil || strings.Contains(out, "--acme ") != acmeBuilt {
		t.Errorf("built: %v, %v; help:\n%s", acmeBuilt, err, out)
	}
	d, err := parsed(t, "--acme", "a.example", "--acme", "b.example", "--acme-email", "e", "--acme-directory", "u", "--acme-root", "r", "--acme-dir", "d", "--acme-http", ":81")
	if want := (ACME{[]string{"a.example", "b.example"}, "e", "u", "r", "d", ":81"}); err != nil || !cmp.Equal(d.ACME, want) {
		t.Errorf("got %+v, %v", d.ACME, err)
	}
	d.ACME = ACME{Names: []string{"a.example"}}
	for what, wrong := range map[string]Daemon{
		"--tls is off":   {ACME: d.ACME, TLS: Encryption{Policy: TLSOff}},
		"one of them":    {ACME: d.ACME, TLS: Encryption{Pairs: []certs.Pair{{Cert: "c"}}}},
		"--no-state":     {ACME: d.ACME, NoState: true},
		"without it: go": {ACME: d.ACME},
	} {
		if acmeBuilt && strings.HasPrefix(what, "without") {
			continue
		}
		if !acmeBuilt {
			what = "built without it"
		}
		_, err := wrong.newIssuer(slog.New(slog.DiscardHandler))
		if mistake := (*UsageError)(nil); !errors.As(err, &mistake) || mistake.Hint() == "" || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestServeFlagsDefaults(t *testing.T) {
	t.Setenv("FERRY_PASSWORD", "")
	got, err := parsed(t)
	if err != nil {
		t.Fatal(err)
	}
	if got.Dir != "." || got.Listen != nil || got.Files != (Files{}) || got.Replies != RFC || got.Passive != (Passive{}) || !cmp.Equal(got.TLS, Encryption{}) {
		t.Errorf("got %+v", got)
	}
	if got.Limits.complete() != (Limits{}).complete() {
		t.Errorf("limits %+v are not the defaults", got.Limits)
	}
}

// Every mistake is one line that names the flag, with exit status 2.
func TestServeFlagMistakes(t *testing.T) {
	for _, args := range [][]string{
		{"--overwrite", "maybe"}, {"--replies", "2018"}, {"--tls", "on"}, {"--log-format", "xml"}, {"--allow", "here"}, {"--deny", "1.2.3.4/99"},
		{"--passive-ports", "9-1"}, {"--passive-ports", "many"}, {"--ccc", "yes"}, {"--anonymous-rate", "fast"}, {"--anonymous-sessions", "-1"}, {"--hook", "upload"}, {"--hook", "uplod=x"}, {"--hook", "upload= "}, {"--webhook", "upload=http://far.example/"}, {"--webhook", "upload-reject=https://h.example/"}, {"--", "one", "two"},
	} {
		_, err := parsed(t, args...)
		var mistake *UsageError
		if !errors.As(err, &mistake) || mistake.ExitStatus() != 2 || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v: got %v, want an *UsageError", args, err)
			continue
		}
		if args[0] != "--" && !strings.Contains(err.Error(), args[0]) {
			t.Errorf("%v: %v does not name the flag", args, err)
		}
	}
}

func TestUsersCommand(t *testing.T) {
	t.Setenv("FERRY_PASSWORD", "first")
	file := filepath.Join(t.TempDir(), "users.json")
	may := func(name, pass string) bool {
		t.Helper()
		f, err := users.Open(file, users.Options{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = f.Login(t.Context(), name, proto.Secret(pass))
		return err == nil
	}
	must := func(want string, args ...string) string {
		t.Helper()
		out, err := ferry(t, append([]string{"users"}, args...)...)
		if err != nil || !strings.Contains(out, want) {
			t.Fatalf("users %v: %q, %v; want %q", args, out, err, want)
		}
		return out
	}
	must("ann may log in", "add", "--file", file, "--root", "ann", "--perm", "list read", "ann")
	if !may("ann", "first") || may("ann", "second") {
		t.Error("FERRY_PASSWORD is not the password")
	}
	must("ann   ann   /     list read", "list", "--file", file)
	must("may log in", "add", "--file", file, "--mount", "old=/srv/old", "--mount", "x=y", "--records", "rdw", "host")
	if f, err := users.Open(file, users.Options{}); err != nil {
		t.Error(err)
	} else if r, err := f.Lookup("host"); err != nil || r.Records != users.RDW || r.Mounts["old"] != "/srv/old" || r.Mounts["x"] != "y" {
		t.Errorf("mounts and records: %+v, %v", r, err)
	}
	must("may log in", "passwd", "--file", file, "--password-file", "-", "ann")
	if !may("ann", "from-stdin") || may("ann", "first") {
		t.Error("the first line of standard input is not the password")
	}
	out := must("with the password", "passwd", "--file", file, "--generate", "ann")
	if fields := strings.Fields(out); !may("ann", fields[len(fields)-1]) {
		t.Errorf("the password that was printed is not the password: %s", out)
	}
	for _, args := range [][]string{
		{"add", "--file", file, "ann"},              // exists
		{"add", "--file", file, "--perm", "x", "b"}, // no such permission
		{"add", "--file", file},                     // no name
		{"add", "--file", file, "--mount", "x", "b"},
		{"add", "--file", file, "--records", "mvs", "b"},
		{"passwd", "--file", file, "bob"},
		{"remove", "--file", file, "bob"},
		{"lisst"},
	} {
		_, err := ferry(t, append([]string{"users"}, args...)...)
		var mistake *UsageError
		if !errors.As(err, &mistake) {
			t.Errorf("users %v: got %v, want an *UsageError", args, err)
		}
	}
	must("is removed", "remove", "--file", file, "ann")
	if may("ann", "from-stdin") {
		t.Error("a removed user may log in")
	}
	if _, err := ferry(t, "users", "list", "--file", file+"x"); err == nil {
		t.Error("no such file, yet no error")
	}
	if text, err := os.ReadFile(file); err != nil || strings.Contains(string(text), "first") {
		t.Errorf("the file tells a password: %s, %v", text, err)
	}
}
