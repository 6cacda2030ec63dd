package serve

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"ferry/serve/settings"
)

// layers are the places where a daemon's settings come from. What a flag is
// called, it is called everywhere.
type layers struct {
	options []settings.Option
	given   settings.Values // by the command line
	lookup  func(string) (string, bool)
	build   func(settings.Values) (Daemon, error) // understands values
	config  string                                // --config
	path    string                                // of the file; "": there is none
}

const (
	variablePrefix = "FERRY_SERVE_"
	dirOption      = "dir"
	serverTable    = "server"
)

// serverOptions are what a [[server]] says.
func serverOptions() []settings.Option {
	return []settings.Option{
		{Name: "host", Kind: settings.Many, Help: "names of this server, by HOST and by SNI"},
		{Name: "dir", Help: "what it serves"},
		{Name: "users", Help: "its users file"},
		{Name: "cert", Help: "its certificate"},
		{Name: "key", Help: "the key of that"},
		{Name: "greeting", Help: "what it says first"},
	}
}

// locate finds the file: the one that is named, else the one in its place.
func (l *layers) locate() {
	if l.path = l.config; l.path == "" {
		l.path, _ = l.lookup(settings.Variable(variablePrefix, "config"))
	}
	if l.path != "" || runtime.GOOS == "windows" {
		return
	}
	dir := os.Getenv("XDG_CONFIG_HOME")
	if home, err := os.UserHomeDir(); !filepath.IsAbs(dir) && err == nil {
		dir = filepath.Join(home, ".config")
	}
	for _, path := range []string{filepath.Join(dir, "ferry", "serve.toml"), "/etc/ferry/serve.toml"} {
		if _, err := os.Stat(path); err == nil {
			l.path = path
			return
		}
	}
}

// checked says that the file is good, once it has been understood.
func (l *layers) checked(w io.Writer) error {
	if l.path == "" {
		return usage("serve: --check-config: there is no file")
	}
	_, err := fmt.Fprintf(w, "%s: nothing is wrong\n", l.path)
	return err
}

// read is the text of the file, nil when there is none.
//
// SECURITY: the file may name programs that are run. One that others may write
// is not obeyed.
func (l *layers) read() ([]byte, error) {
	if l.path == "" {
		return nil, nil
	}
	f, err := os.Open(l.path)
	if err != nil {
		return nil, configError(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, configError(err)
	}
	if err := trusted(info); err != nil {
		return nil, &StartError{fmt.Errorf("serve: --config %s: %w", l.path, err), "chmod go-w it, and let it be root's, or your own"}
	}
	text, err := io.ReadAll(io.LimitReader(f, maxSettings+1))
	if err == nil && len(text) > maxSettings {
		err = &fs.PathError{Op: "read", Path: l.path, Err: fmt.Errorf("it is larger than %d KiB", maxSettings>>10)}
	}
	if err != nil {
		return nil, configError(err)
	}
	if text == nil {
		text = []byte{}
	}
	return text, nil
}

func configError(err error) error {
	return &StartError{fmt.Errorf("serve: --config: %w", err), "ferry serve --print-config writes such a file"}
}

// daemon understands all layers. Every mistake in the file is an error of its
// own, with line and column.
func (l *layers) daemon(text []byte) (Daemon, error) {
	file, faults := settings.Read(filepath.Base(l.path), text, l.options, map[string][]settings.Option{serverTable: serverOptions()})
	faults = append(faults, l.checkValues(file)...)
	servers, bad := l.servers(file.Tables[serverTable])
	if faults = append(faults, bad...); len(faults) > 0 {
		slices.SortStableFunc(faults, byPlace)
		return Daemon{}, errors.Join(faults...)
	}
	all := settings.Values{}
	maps.Copy(all, file.Values)
	maps.Copy(all, settings.Environment(variablePrefix, l.options, l.lookup))
	maps.Copy(all, l.given)
	d, err := l.build(all)
	if err != nil {
		return d, err
	}
	d.Settings, d.Given, d.Servers, d.ConfigFile = all, l.given, servers, l.path
	d.Reread = func(text []byte) (Daemon, error) { return l.daemon(text) }
	d.ReadConfig = l.read
	return d, nil
}

func byPlace(a, b error) int {
	var m, n *settings.Mistake
	if !errors.As(a, &m) || !errors.As(b, &n) {
		return 0
	}
	return cmp.Or(m.Line-n.Line, m.Column-n.Column)
}

// checkValues tries each value alone, so that a mistake has its place.
func (l *layers) checkValues(file settings.File) (faults []error) {
	for _, name := range slices.SortedFunc(maps.Keys(file.Values), func(a, b string) int {
		return file.Places[a].Line - file.Places[b].Line
	}) {
		if name == "key" { // belongs to cert
			continue
		}
		if _, err := l.build(settings.Values{name: file.Values[name]}); err != nil {
			text := strings.TrimPrefix(strings.TrimPrefix(err.Error(), "serve: "), "--")
			faults = append(faults, &settings.Mistake{File: filepath.Base(l.path), Place: file.Places[name], What: text})
		}
	}
	return faults
}

// print writes the file that would say what is in force.
//
// SECURITY: no option holds a secret, but a URL may.
func (l *layers) print(w io.Writer, d Daemon) {
	fmt.Fprintf(w, "# What ferry serve has in force. Lines that begin with a setting's name differ\n# from what holds without them; the command line and %s… come first.\n", variablePrefix)
	shown := settings.Values{}
	for name, v := range d.Settings {
		var all []string
		for _, s := range v {
			all = append(all, withoutPassword(s))
		}
		shown[name] = all
	}
	settings.Print(w, l.options, shown)
	for _, s := range d.Servers {
		settings.PrintTable(w, serverTable, serverOptions(), s.table)
	}
}

// withoutPassword takes user and password out of a URL.
func withoutPassword(s string) string {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok {
		return s
	}
	host, _, _ := strings.Cut(rest, "/")
	if i := strings.LastIndex(host, "@"); i >= 0 {
		rest = host[i+1:] + strings.TrimPrefix(rest, host)
	}
	return scheme + "://" + rest
}

// differing are the settings that two daemons don't share.
func differing(a, b Daemon) (names []string) {
	for name := range a.Settings {
		if !slices.Equal(a.Settings[name], b.Settings[name]) {
			names = append(names, name)
		}
	}
	for name := range b.Settings {
		if _, ok := a.Settings[name]; !ok {
			names = append(names, name)
		}
	}
	if !slices.EqualFunc(a.Servers, b.Servers, VirtualServer.same) {
		names = append(names, "[["+serverTable+"]]")
	}
	slices.Sort(names)
	return names
}
