package script

import (
	goparser "go/parser"
	"go/token"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// blocks are the indented pieces of the package's documentation, but for the
// last one: the layout.
func docBlocks(t *testing.T) []string {
	f, err := goparser.ParseFile(token.NewFileSet(), "doc.go", nil, goparser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	var blocks []string
	inside := false
	for line := range strings.Lines(f.Doc.Text()) {
		code := strings.HasPrefix(line, "\t")
		if code && !inside {
			blocks = append(blocks, "")
		}
		if code {
			blocks[len(blocks)-1] += line[1:]
		}
		inside = code
	}
	return blocks[:len(blocks)-1]
}

// The language reference's examples run.
func TestReference(t *testing.T) {
	blocks := docBlocks(t)
	if len(blocks) < 6 {
		t.Fatalf("%d examples", len(blocks))
	}
	for _, block := range blocks {
		w := newWorld(t)
		w.cfg.Network = named{w.cfg.Network}
		w.local("reports/a.csv", "1")
		w.local("a name with blanks.txt", "2")
		w.local("report.csv", "3")
		w.local("site/index.html", "4")
		w.server.file("/incoming/x", "").file("/archive/y", "").file("/a.txt", "").file("/b.txt", "").file("/report.csv", "").file("/www/old1/z", "")
		switch {
		case strings.Contains(block, "p#a"):
			w.server.password = "p#a;ss'word"
			block = "open ftp.test\n" + block
		case !strings.Contains(block, "open "):
			block = "open anna:secret@ftp.test\n" + block
		}
		if runtime.GOOS == "windows" {
			block = strings.ReplaceAll(block, "!gzip", "!rem")
		}
		if err := w.run(block); err != nil {
			t.Errorf("%s%v\n%s%s", block, err, HintOf(err), w.err.String())
		}
	}
}

// The examples of help can be read, and are of the verb that they explain.
func TestExamplesParse(t *testing.T) {
	table := NewTable(Verbs())
	for _, v := range table.Verbs() {
		found := false
		for _, text := range v.Examples {
			lines, err := table.Parse("help", text)
			if err != nil {
				t.Errorf("help %s: %s: %v", v.Name, text, err)
			}
			for _, l := range lines {
				of, err := table.Lookup(l.Verb)
				found = found || err == nil && of.Name == v.Name
			}
		}
		if len(v.Examples) > 0 && !found {
			t.Errorf("help %s: no example of it", v.Name)
		}
	}
}

func TestTopicsExplainThemselves(t *testing.T) {
	table := NewTable(Verbs())
	var all strings.Builder
	if err := table.Help(&all, ""); err != nil {
		t.Fatal(err)
	}
	for _, topic := range Topics() {
		var b strings.Builder
		if err := table.Help(&b, topic.Name); err != nil || strings.TrimSpace(b.String()) != topic.Text {
			t.Errorf("help %s: %v, %q", topic.Name, err, b.String())
		}
		if !strings.Contains(all.String(), "  "+topic.Name+" ") {
			t.Errorf("help does not list %s", topic.Name)
		}
		for line := range strings.Lines(topic.Text) {
			if utf8.RuneCountInString(line) > 81 { // with its end
				t.Errorf("help %s: a long line: %s", topic.Name, line)
			}
		}
	}
	var b strings.Builder
	if err := table.Help(&b, "tls"); err != nil || !strings.HasPrefix(b.String(), "tls is a setting: encryption: ") {
		t.Errorf("help tls: %v, %q", err, b.String())
	}
	for typed, want := range map[string]string{"kyes": "`help keys`", "transfers": "`help transfer`", "brokn": "`help broken`"} {
		if err := table.Help(io.Discard, typed); !strings.Contains(hint(err), want) {
			t.Errorf("help %s: %v, %s", typed, err, hint(err))
		}
	}
}

// The list of verbs is an interface: it changes only on purpose.
func TestVerbList(t *testing.T) {
	const want = `
open connect o · user · account acct · close disconnect · reopen reconnect · quit bye exit · trust · bookmark bookmarks bm · status
features feat feats · system syst · rstatus remotestatus · rhelp remotehelp · quote literal rawcommand · site · noop nop · idle
get recv · mget mreget · reget · pget · newer · put send · mput msend · reput · append · copy cp · mirror · sync · watch · fxp · restart
ls · dir ll · nlist nls nlst · size · modtime mdtm · stat mlst · checksum sum · find · du · tree · diff fc comp · df
cd cwd chdir · cdup up cd.. · pwd · mkdir md mkd · rmdir rd rmd · rm · delete dele del erase · mdelete mdel · rename ren mv move
chmod · umask · ln symlink · touch · cat · more less page · edit vi
lcd · lcdup · lpwd · lls ldir · lcat ltype · lmkdir lmd · ! shell
binary image bin · ascii · ebcdic · tenex · type · struct stru · mode · form · passive pasv · active port · epsv · eprt
set · unset · alias · unalias · prompt · hash · bell · verbose · debug trace · glob · runique · sunique · progress · option
echo · macdef · $ · assert · help ? man · history · record · cls clear
if · for · break · continue · def · source · on-error · retry · timeout · parallel · queue · priority · jobs · wait · fg · kill · pause · resume · lrm ldelete · at-end`
	var got []string
	for _, v := range Verbs() {
		got = append(got, strings.Join(v.Names(), " "))
	}
	wanted := strings.Split(strings.ReplaceAll(strings.TrimSpace(want), "\n", " · "), " · ")
	if diff := cmp.Diff(wanted, got); diff != "" {
		t.Error(diff)
	}
}

func TestVerbsExplainThemselves(t *testing.T) {
	table := NewTable(Verbs())
	for _, v := range table.Verbs() {
		if v.Brief == "" || strings.HasSuffix(v.Brief, ".") || strings.ToLower(v.Brief[:1]) != v.Brief[:1] {
			t.Errorf("%s: %q", v.Name, v.Brief)
		}
		if !slices.Contains(Groups(), v.Group) || v.Run == nil {
			t.Errorf("%s has no group or no function", v.Name)
		}
		for i, a := range v.Args {
			if a.Many && i+1 < len(v.Args) || i > 0 && v.Args[i-1].Opt && !a.Opt {
				t.Errorf("%s: argument %s can't stand there", v.Name, a.Name)
			}
		}
		var b strings.Builder
		if err := table.Help(&b, v.Name); err != nil || !strings.HasPrefix(b.String(), v.Name) {
			t.Errorf("help %s: %v\n%s", v.Name, err, b.String())
		}
		if !strings.Contains(table.Markdown(), "| `"+v.Name) {
			t.Errorf("%s is not in the table", v.Name)
		}
	}
}

func TestHelp(t *testing.T) {
	w := newWorld(t)
	if err := w.run("help rm\nhelp listing\n?\n"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"rm [-r] [-f] REMOTE…\n  delete files, or whole trees\n  -r, --recursive        directories with all that is in them\n",
		"LISTING\n  ls           list names\n",
		"  put          upload a file, or what a pattern matches\n",
	} {
		if !strings.Contains(w.out.String(), want) {
			t.Errorf("%q is missing in\n%s", want, w.out.String())
		}
	}
	err := newWorld(t).run("help mgte")
	if ExitCode(err) != 2 || !strings.Contains(HintOf(err), "mget") {
		t.Error(err, HintOf(err))
	}
}

// Help is written for 80 columns, the last of which stays free.
func TestHelpFitsOnAScreen(t *testing.T) {
	fits := func(what, text string) {
		for line := range strings.Lines(text) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 79 {
				t.Errorf("%s: %d columns: %s", what, n, line)
			}
		}
	}
	for _, v := range Verbs() {
		fits(v.Name, v.Detail)
		for _, e := range v.Examples {
			fits(v.Name, "  "+e)
		}
	}
	for _, topic := range Topics() {
		fits(topic.Name, topic.Text)
	}
}
