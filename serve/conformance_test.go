package serve

import (
	"bufio"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// update writes what is generated instead of comparing it: go test ./serve -update
var update = flag.Bool("update", false, "write generated texts")

// requirement is one row of testdata/conformance.txt.
type requirement struct {
	rfc, section string
	level, end   string
	text         string
	tests        []string // "serve.TestLogin", "proto.TestX/subtest"; "ferry" is the top
	departs      string
}

// TestConformance holds the table of requirements against the tests that
// there are, and serve/CONFORMANCE.md against the table.
func TestConformance(t *testing.T) {
	rows, titles := readRequirements(t)
	tests := findTests(t)
	for _, r := range rows {
		name := "RFC " + r.rfc + " " + r.section + ": " + r.text
		if len(r.tests) == 0 && r.departs == "" {
			t.Errorf("%s\n\thas neither a test nor a reason", name)
		}
		for _, test := range r.tests {
			if !tests.has(test) {
				t.Errorf("%s\n\tnames %s, which is not there", name, test)
			}
		}
	}
	if t.Failed() {
		return
	}
	want := page(rows, titles, tests)
	if *update {
		if err := os.WriteFile("CONFORMANCE.md", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile("CONFORMANCE.md")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, string(got)); d != "" {
		t.Errorf("CONFORMANCE.md is not what the table says; go test ./serve -run Conformance -update\n%s", d)
	}
}

// readRequirements reads the table. Whatever has not its form fails the test.
func readRequirements(t *testing.T) (rows []requirement, titles map[string]string) {
	t.Helper()
	f, err := os.Open("testdata/conformance.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	head := regexp.MustCompile(`^(§\S+) (MUST|SHOULD|MAY) (server|client|both): (.+\.)$`)
	title := regexp.MustCompile(`^RFC (\d+) (.+)$`)
	titles = map[string]string{}
	rfc := ""
	for in, n := bufio.NewScanner(f), 1; in.Scan(); n++ {
		line := in.Text()
		last := len(rows) - 1
		switch m := head.FindStringSubmatch(line); {
		case line == "" || line[0] == '#':
		case m != nil:
			rows = append(rows, requirement{rfc: rfc, section: m[1], level: m[2], end: m[3], text: m[4]})
		case title.MatchString(line):
			m := title.FindStringSubmatch(line)
			rfc, titles[m[1]] = m[1], m[2]
		case strings.HasPrefix(line, "\ttest ") && last >= 0:
			rows[last].tests = append(rows[last].tests, line[len("\ttest "):])
		case strings.HasPrefix(line, "\tdeparts ") && last >= 0:
			rows[last].departs = line[len("\tdeparts "):]
		default:
			t.Fatalf("testdata/conformance.txt:%d: not a row: %q", n, line)
		}
	}
	return rows, titles
}

// testIndex is the tests of the repository: "serve.TestLogin" → what is known
// of its subtests and where it stands.
type testIndex map[string]testFunc

type testFunc struct {
	file  string   // from the top, with slashes
	words []string // string literals in it, and files in testdata: names of subtests
}

// has finds "package.TestName", or "package.TestName/subtest".
func (x testIndex) has(name string) bool {
	if _, ok := x[name]; ok {
		return true
	}
	base, sub := cutSubtest(name)
	return sub != "" && slices.Contains(x[base].words, sub)
}

// cutSubtest cuts at the first slash behind the package's name.
func cutSubtest(name string) (base, sub string) {
	dot := strings.LastIndex(name, ".Test")
	if dot < 0 {
		return name, ""
	}
	fn, sub, _ := strings.Cut(name[dot:], "/")
	return name[:dot] + fn, sub
}

// findTests parses every test file of the repository.
func findTests(t *testing.T) testIndex {
	t.Helper()
	found := testIndex{}
	err := filepath.WalkDir("..", func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && file != ".." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata"):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(file, "_test.go"):
			return nil
		}
		return found.add(file)
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func (x testIndex) add(file string) error {
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	top := strings.TrimPrefix(filepath.ToSlash(file), "../")
	pkg := path.Dir(top)
	if pkg == "." {
		pkg = "ferry"
	}
	for _, decl := range parsed.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok || f.Recv != nil || !strings.HasPrefix(f.Name.Name, "Test") && !strings.HasPrefix(f.Name.Name, "Fuzz") {
			continue
		}
		tf := testFunc{file: top, words: files(filepath.Dir(file))}
		ast.Inspect(f, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if s, err := strconv.Unquote(lit.Value); err == nil {
					tf.words = append(tf.words, strings.ReplaceAll(s, " ", "_"))
				}
			}
			return true
		})
		x[pkg+"."+f.Name.Name] = tf
	}
	return nil
}

// files are the names in a package's testdata: subtests that play files have them.
func files(dir string) (names []string) {
	entries, _ := os.ReadDir(filepath.Join(dir, "testdata"))
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// page is CONFORMANCE.md.
func page(rows []requirement, titles map[string]string, tests testIndex) string {
	var b strings.Builder
	b.WriteString("<!-- Made of testdata/conformance.txt by go test ./serve -run Conformance -update. -->\n\n")
	b.WriteString("# What the RFCs ask, and what shows that ferry does it\n\n")
	b.WriteString("Every MUST and SHOULD that applies to ferry, in our own words, with the tests that fail when it\n" +
		"no longer holds, or the reason where ferry departs from it.\n\n")
	b.WriteString("| RFC | requirements | with a test | departures |\n|---|---|---|---|\n")
	var order []string
	for _, r := range rows {
		if !slices.Contains(order, r.rfc) {
			order = append(order, r.rfc)
		}
	}
	for _, rfc := range order {
		all, tested, departs := 0, 0, 0
		for _, r := range rows {
			if r.rfc != rfc {
				continue
			}
			all++
			if len(r.tests) > 0 {
				tested++
			}
			if r.departs != "" {
				departs++
			}
		}
		fmt.Fprintf(&b, "| [%s](https://www.rfc-editor.org/rfc/rfc%s) %s | %d | %d | %d |\n", rfc, rfc, titles[rfc], all, tested, departs)
	}
	for _, rfc := range order {
		fmt.Fprintf(&b, "\n## RFC %s %s\n\n| § | level | end | requirement | shown by |\n|---|---|---|---|---|\n", rfc, titles[rfc])
		for _, r := range rows {
			if r.rfc == rfc {
				fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", strings.TrimPrefix(r.section, "§"), r.level, r.end, escape(r.text), shown(r, tests))
			}
		}
	}
	return b.String()
}

func escape(s string) string { return strings.ReplaceAll(s, "|", `\|`) }

// shown is the last cell of a row: links to tests, and the reason.
func shown(r requirement, tests testIndex) string {
	var cells []string
	for _, name := range r.tests {
		base, _ := cutSubtest(name)
		link := "../" + tests[base].file
		if in, ok := strings.CutPrefix(link, "../serve/"); ok {
			link = in
		}
		cells = append(cells, fmt.Sprintf("[%s](%s)", name, link))
	}
	if r.departs != "" {
		cells = append(cells, "**departs:** "+escape(r.departs))
	}
	return strings.Join(cells, "<br>")
}
