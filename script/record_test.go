package script

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ferry/script/bulk"
)

// typist is somebody who types at a prompt and is recorded.
type typist struct {
	*world
	*asker
	policies []bulk.Answer // one by one; then asker.policy
	engine   *Engine
	path     string
}

func (p *typist) Conflict(ctx context.Context, c bulk.Conflict) (bulk.Answer, error) {
	if len(p.policies) > 0 {
		return next(&p.policies)
	}
	return p.asker.Conflict(ctx, c)
}

func newTypist(t *testing.T) *typist {
	p := &typist{world: blockWorld(t), asker: &asker{}}
	p.cfg.Ask, p.path = p, filepath.Join(t.TempDir(), "rec.ftp")
	p.cfg.Record = p.path
	return p
}

// types runs lines as a prompt does, ends the session, and returns the script
// without what every one begins with.
func (p *typist) types(lines ...string) string {
	p.t.Helper()
	var err error
	if p.engine, err = New(p.cfg); err != nil {
		p.t.Fatal(err)
	}
	for _, line := range lines {
		_ = p.engine.ExecText(context.Background(), line)
	}
	if err := p.engine.Finish(context.Background()); err != nil {
		p.t.Error(err)
	}
	if err := p.engine.Close(context.Background()); err != nil {
		p.t.Errorf("--check says: %v", err)
	}
	b, err := os.ReadFile(p.path)
	if err != nil {
		p.t.Fatal(err)
	}
	_, text, ok := strings.Cut(string(b), "lcd ")
	_, text, _ = strings.Cut(text, "\n")
	if !ok {
		p.t.Errorf("%s", b)
	}
	return text
}

const asAnna = "open anna@ftp.test\n"

func TestRecord(t *testing.T) {
	for name, c := range map[string]struct {
		typed string
		ask   asker
		more  []bulk.Answer
		want  string // behind the open line
	}{
		"what works":            {typed: "get a.txt\nls d", want: "get a.txt\nls d\n"},
		"what fails":            {typed: "get none\nsize a.txt", want: "# get none\n# failed: none: 550 No such file\nsize a.txt\n"},
		"a failure that is let": {typed: "-get none", want: "-get none\n"},
		"several in a line":     {typed: "size a.txt; size none; size zero", want: "size a.txt\n# size none\n# failed: SIZE: 550 No such file\n"},
		"what is for a person":  {typed: "help\nhistory\njobs\nalias ll ls\nrecord\nbookmark", want: ""},
		"an alias":              {typed: "alias sz size\nsz a.txt", want: "size a.txt\n"},
		"a switch":              {typed: "glob\nglob\npassive", want: "glob off\nglob on\npassive off\n"},
		"blocks": {
			typed: "if exists a.txt; size a.txt; else if empty zero; echo 1\nelse\nfor x in 1 2\necho ${x}\nend\nend\nretry 2 1s size a.txt\nretry 2\nsize a.txt\nsize zero\nend\nqueue size a.txt\nwait",
			want:  "if exists a.txt\n  size a.txt\nelse if empty zero\n  echo 1\nelse\n  for x in 1 2\n    echo ${x}\n  end\nend\nretry 2 1s size a.txt\nretry 2\n  size a.txt\n  size zero\nend\nqueue size a.txt\nwait\n",
		},
		"a macro":    {typed: "macdef m\nsize a.txt\n\n$ m", want: "macdef m\nsize a.txt\n\n$ m\n"},
		"a def":      {typed: "def f name; size ${name}; end\nf a.txt", want: "def f name\n  size ${name}\nend\nf a.txt\n"},
		"jobs":       {typed: "size a.txt &\nwait\nsize none &\nfg 2\nls > out &\nwait 3", want: "size a.txt &\nwait\n# size none &\n# failed: size: none: 550 No such file\nwait\nls > out &\nwait\n"},
		"output":     {typed: "ls > l.txt\nls | cat", want: "ls > l.txt\nls | cat\n"},
		"variables":  {typed: "set day 1\nset password " + strings.Repeat("x", 12) + "\necho ${day}", want: "set day 1\nset password ${env:PASSWORD}\necho ${day}\n"},
		"settings":   {typed: "set existing ask\nset -k verify size\nset verify hash", want: "unset existing\n# set -k verify size\n# failed: there is no directory for the config file\nset verify hash\n"},
		"no":         {typed: "rm a.txt", ask: asker{answers: []Answer{No}}, want: "# rm a.txt\n# the answer was no\n"},
		"yes":        {typed: "rm a.txt", ask: asker{answers: []Answer{Yes}}, want: "rm a.txt\n"},
		"some":       {typed: "mget *.txt", ask: asker{answers: []Answer{No, Yes}}, want: "mget -- b.txt\n"},
		"all":        {typed: "mget *.txt", ask: asker{answers: []Answer{All}}, want: "mget *.txt\n"},
		"none":       {typed: "mget *.txt", ask: asker{answers: []Answer{No, No}}, want: "# mget *.txt\n# the answer was no\n"},
		"overwrite":  {typed: "put there.txt a.txt", ask: asker{policy: bulk.Overwrite}, want: "put --existing overwrite there.txt a.txt\n"},
		"alike":      {typed: "get -- a.txt b.txt", ask: asker{policy: bulk.Skip}, want: "get --existing skip -- a.txt b.txt\n"},
		"own name":   {typed: "get a.txt", more: []bulk.Answer{{Policy: bulk.Rename, Name: "new name"}}, want: "get --existing overwrite a.txt \"new name\"\n"},
		"different":  {typed: "get -- a.txt b.txt", more: []bulk.Answer{{Policy: bulk.Overwrite}, {Policy: bulk.Skip}}, want: "get --existing skip -- a.txt b.txt\nget --existing overwrite a.txt a.txt\n"},
		"in a block": {typed: "if ok; get a.txt; end", ask: asker{policy: bulk.Newer}, want: "set existing newer\nif ok\n  get a.txt\nend\nunset existing\n"},
		"quit":       {typed: "size a.txt\nquit", want: "size a.txt\nquit\n"},
		"raw":        {typed: "quote PASS hunter2hunter2\nquote NOOP\naccount acct-acct", want: "# quote PASS ****\n# failed: PASS: 530 No\nquote NOOP\n# account ****\n# failed: ACCT: 530 No\n"},
		"echoed":     {typed: "echo secret-of-anna", want: "# a line with a secret was left out\n"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newTypist(t)
			p.server.password = "secret-of-anna"
			p.local("there.txt", "there")
			if strings.Contains(c.typed, "get") && (len(c.more) > 0 || c.ask.policy != 0) {
				p.local("a.txt", "old")
				p.local("b.txt", "old")
				for i := range c.more {
					if c.more[i].Name != "" {
						c.more[i].Name = filepath.Join(p.dir, c.more[i].Name)
					}
				}
			}
			*p.asker, p.policies = c.ask, c.more
			p.secrets = []string{"secret-of-anna"}
			got := p.types(append([]string{"open anna@ftp.test"}, strings.Split(c.typed, "\n")...)...)
			if got != asAnna+c.want {
				t.Errorf("got:\n%s\nwant:\n%s\n%s", got, asAnna+c.want, p.err.String())
			}
		})
	}
}

// Who logged in, where, and by which questions, is in the script; by which
// password is not.
func TestRecordOpens(t *testing.T) {
	for name, c := range map[string]struct {
		typed string
		ask   asker
		want  string
	}{
		"asked":         {typed: "open ftp.test", ask: asker{lines: []string{"anna"}, secrets: []string{"secret"}}, want: asAnna},
		"asked twice":   {typed: "open ftp.test", ask: asker{lines: []string{"bert", "anna"}, secrets: []string{"wrong", "secret"}}, want: asAnna},
		"URL":           {typed: "open ftp://anna:secret@ftp.test/d", want: "open ftp://anna@ftp.test/d\n"},
		"flag":          {typed: "open -u anna,secret ftp.test 21", want: asAnna},
		"guest":         {typed: "open ftp://ftp.test/d", want: "open ftp://anonymous@ftp.test/d\n"},
		"wrong":         {typed: "open ftp://anna:secrets@ftp.test/\nuser anna secret\npwd", want: "open ftp.test\nuser anna\npwd\n"},
		"no such place": {typed: "open ftp://anna:secret@ftp.test/none", want: asAnna},
		"nobody there":  {typed: "open ftp://anna:secret@ftp.test:22/", want: "# open ftp://anna:****@ftp.test:22/\n# failed: "},
	} {
		t.Run(name, func(t *testing.T) {
			p := newTypist(t)
			p.server.dirs["/d"] = true
			*p.asker = c.ask
			if got := p.types(strings.Split(c.typed, "\n")...); got != c.want && (name != "nobody there" || !strings.HasPrefix(got, c.want)) {
				t.Errorf("got:\n%s\nwant:\n%s\n%s", got, c.want, p.err.String())
			}
			if b, _ := os.ReadFile(p.path); strings.Contains(string(b), "secret") {
				t.Errorf("%s", b)
			}
		})
	}
}

func TestRecordAccounts(t *testing.T) {
	p := newTypist(t)
	p.server.account = "konto-77"
	p.secrets = []string{"konto-77"}
	got := p.types("open ftp://anna:secret@ftp.test/d", "pwd")
	if want := "open ftp.test\nuser anna ${env:FERRY_PASSWORD} ${env:FERRY_ACCOUNT}\ncd d\npwd\n"; got != want {
		t.Errorf("got:\n%s", got)
	}
}

// A recording that begins in the middle of a session leads to where it stands.
func TestRecordFromHere(t *testing.T) {
	p := newTypist(t)
	p.cfg.Record = ""
	got := p.types("open ftp://anna:secret@ftp.test/", "cd d", "cd ..", "set verify size", "set who me", "set token abcdefgh", "ascii", "lcd sub",
		"record "+QuoteWord(p.path, 0), "pwd", "record off", "pwd")
	want := "set verify size\nset token ${env:TOKEN}\nset who me\nascii\n" + asAnna + "cd d\ncd ..\npwd\n"
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	if p.engine.state.recording != nil {
		t.Error("it goes on")
	}
}

// A script that is there is not lost.
func TestRecordKeepsFiles(t *testing.T) {
	p := newTypist(t)
	if err := os.WriteFile(p.path, []byte("mine"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := New(p.cfg); ExitCode(err) != exitLocal {
		t.Error(err)
	}
}

// What was recorded does the same when it is run: at the server and here.
func TestRecordedScriptsDoTheSame(t *testing.T) {
	p := newTypist(t)
	p.local("a.txt", "old")
	p.local("up.txt", "one more")
	p.answers = []Answer{Yes, No, Yes}
	p.policies = []bulk.Answer{{Policy: bulk.Overwrite}, {Policy: bulk.Rename, Name: "other.txt"}}
	p.types("open ftp://anna:secret@ftp.test/", "get a.txt", "get none", "put up.txt b.txt", "mkdir new", "cd new", "put up.txt", "cd ..", "rm zero", "mdelete a.txt b.txt",
		"for x in 1 2; put up.txt ${x}.txt; end", "put up.txt last &", "wait")

	again := blockWorld(t)
	again.local("a.txt", "old")
	again.local("up.txt", "one more")
	text, err := os.ReadFile(p.path)
	if err != nil {
		t.Fatal(err)
	}
	again.cfg.Env = func(name string) (string, bool) { return "secret", name == "FERRY_PASSWORD" }
	if err := again.run(strings.ReplaceAll(string(text), filepath.ToSlash(p.dir), filepath.ToSlash(again.dir))); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if got, want := holdings(again.server), holdings(p.server); got != want {
		t.Errorf("got:\n%s\nwant:\n%s\n%s", got, want, text)
	}
	if got := again.read("a.txt"); got != p.read("a.txt") || got != "abc" {
		t.Errorf("%q", got)
	}
}

// holdings is what a server holds.
func holdings(f *fake) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []string
	for name, text := range f.files {
		all = append(all, name+": "+text)
	}
	for name := range f.dirs {
		all = append(all, name+"/")
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}
