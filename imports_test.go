package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// allowed is which of our packages each package may import; tests, which may
// bring the two ends together, are not asked. A pattern that ends in /... means
// everything below as well.
func allowed() map[string][]string {
	return map[string][]string{
		".":                 {"proto/...", "serve/...", "script/...", "repl"},
		"proto":             {},
		"proto/bare":        {},
		"proto/data":        {"proto"},
		"proto/list":        {"proto"},
		"proto/memnet":      {"proto"},
		"proto/proxy":       {"proto"},
		"proto/wiretest":    {"proto"},
		"proto/client":      {"proto/..."},
		"serve":             {"proto", "proto/bare", "proto/data", "proto/list", "proto/memnet", "serve/..."},
		"serve/parent":      {"proto"},
		"serve/settings":    {},
		"serve/store":       {"proto"},
		"serve/store/...":   {"proto", "serve/store"},
		"serve/users":       {"proto"},
		"serve/live":        {},
		"serve/metrics":     {"serve/live"},
		"serve/journal":     {"serve/live"},
		"serve/admin":       {"proto", "serve/live", "serve/users"},
		"serve/certs":       {},
		"serve/doctor":      {"serve/certs"},
		"serve/hook":        {"serve/live"},
		"script":            {"proto/...", "script/..."},
		"script/doctor":     {"proto/..."},
		"script/about":      {"script"},
		"script/from":       {},
		"script/bulk":       {"proto/..."},
		"script/bookmark":   {"proto"},
		"script/journal":    {},
		"script/report":     {},
		"repl":              {"proto/...", "script/...", "repl/panes"},
		"repl/panes":        {"proto", "proto/list"},
		"serve/bench":       {"proto/...", "serve/..."},
		"serve/bench/link":  {},
		"serve/bench/peers": {},
		"script/bulk/bench": {"proto/...", "script/...", "serve/..."},
	}
}

// once is which outside packages belong to one directory or file only.
func once() map[string][]string {
	return map[string][]string{
		"github.com/urfave/cli/v2":                  {"main.go", "serve/cli.go", "script/cli.go", "script/about/cli.go", "repl/cli.go"},
		"github.com/chzyer/readline":                {"repl"},
		"github.com/rivo/tview":                     {"repl/panes"},
		"github.com/rivo/uniseg":                    {"repl/panes"},
		"github.com/gdamore/tcell/v2":               {"repl/panes"},
		"github.com/mattn/go-shellwords":            {"script/lex.go"},
		"github.com/klauspost/compress":             {"proto/data"},
		"golang.org/x/text":                         {"proto/data", "proto/client/charset.go"},
		"golang.org/x/crypto":                       {"serve/users"},
		"golang.org/x/net":                          {"proto/proxy"},
		"github.com/landlock-lsm/go-landlock":       {"serve/confine_linux.go"},
		"kernel.org/pub/linux/libs/security/libcap": {"serve/capabilities_linux.go"},
		"github.com/caddyserver/certmagic":          {"serve/acme.go"},
		"go.uber.org/zap":                           {"serve/acme.go"},
		"github.com/coreos/go-systemd/v22":          {"serve/parent/sockets.go", "serve/notify.go"},
		"github.com/pelletier/go-toml/v2":           {"serve/settings/file.go"},
		"golang.org/x/time":                         {"script/bulk/rate.go"},
		"github.com/fsnotify/fsnotify":              {"script/verb_watch.go"},
		"github.com/jdx/go-netrc":                   {"script"},
		"github.com/bmatcuk/doublestar/v4":          {"script", "script/bulk", "serve"},
		"github.com/chromedp":                       {}, // tests of the page only
	}
}

func TestImportsFlowOneWay(t *testing.T) {
	eachFile(t, func(file string, imports []string) {
		if strings.HasSuffix(file, "_test.go") {
			return
		}
		dir := filepath.ToSlash(filepath.Dir(file))
		may, ok := lookup(dir)
		if !ok {
			t.Errorf("%s: no rule says what %s may import; add one to this test", file, dir)
			return
		}
		for _, path := range imports {
			ours, ok := strings.CutPrefix(path, "ferry/")
			if ok && ours != dir && !slices.ContainsFunc(may, func(p string) bool { return matches(p, ours) }) {
				t.Errorf("%s imports %s, and %s may import only %v", file, path, dir, may)
			}
		}
	})
}

func TestOutsidePackagesStayInTheirPlace(t *testing.T) {
	eachFile(t, func(file string, imports []string) {
		if strings.HasSuffix(file, "_test.go") {
			return
		}
		for _, path := range imports {
			for module, places := range once() {
				if path != module && !strings.HasPrefix(path, module+"/") {
					continue
				}
				if !slices.Contains(places, file) && !slices.Contains(places, filepath.ToSlash(filepath.Dir(file))) {
					t.Errorf("%s imports %s, which belongs to %v", file, path, places)
				}
			}
		}
	})
}

// TestTopLevelKeepsItsShape holds what a newcomer sees first.
func TestTopLevelKeepsItsShape(t *testing.T) {
	shape := []string{"main.go", "repl", "script", "proto", "serve", "examples", "go.mod", "go.sum", "README.md", "LICENSE", "testdata"}
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		name := e.Name()
		if strings.HasPrefix(name, ".") || strings.HasSuffix(name, "_test.go") || name == "ferry" || name == "ferry.exe" {
			continue
		}
		if !slices.Contains(shape, name) {
			t.Errorf("%s at the top level is not part of its shape %v", name, shape)
		}
	}
}

func lookup(dir string) ([]string, bool) {
	if may, ok := allowed()[dir]; ok {
		return may, true
	}
	for pattern, may := range allowed() {
		if strings.HasSuffix(pattern, "/...") && matches(pattern, dir) {
			return may, true
		}
	}
	return nil, false
}

func matches(pattern, dir string) bool {
	base, deep := strings.CutSuffix(pattern, "/...")
	return dir == base || deep && strings.HasPrefix(dir, base+"/")
}

func eachFile(t *testing.T, f func(file string, imports []string)) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		var imports []string
		for _, spec := range parsed.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			imports = append(imports, name)
		}
		f(filepath.ToSlash(path), imports)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
