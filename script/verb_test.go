package script

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLinesOfThirtyYears(t *testing.T) {
	w := newWorld(t)
	w.local("out/a.csv", "one")
	w.local("out/b.csv", "two")
	w.local("out/c.txt", "no")
	w.server.dirs["/in"] = true
	err := w.run("open ftp.test 21\r\nuser anna secret\r\nbinary\r\nprompt\r\nhash\r\nverbose\r\nlcd out\r\ncd in\r\nmput *.csv\r\nbye\r\n")
	if err != nil {
		t.Fatal(err, w.err.String())
	}
	for name, want := range map[string]string{"/in/a.csv": "one", "/in/b.csv": "two"} {
		if got, _ := w.server.content(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if _, ok := w.server.content("/in/c.txt"); ok {
		t.Error("c.txt went up too")
	}
}

func TestGetForms(t *testing.T) {
	for line, want := range map[string]map[string]string{
		"get a.txt":                {"a.txt": "A"},
		"get a.txt b":              {"b": "A"},
		"get a.txt sub/":           {"sub/a.txt": "A"},
		"get a.txt sub":            {"sub/a.txt": "A"},
		"get -o new a.txt":         {"new": "A"},
		"get *.txt":                {"a.txt": "A", "b c.txt": "B"},
		"get -- a.txt 'b c.txt'":   {"a.txt": "A", "b c.txt": "B"},
		"mget a.txt b\\ c.txt":     {"a.txt": "A", "b c.txt": "B"},
		"mget -O sub [ab]*.txt":    {"sub/a.txt": "A", "sub/b c.txt": "B"},
		"get d/x[1].dat":           {"x[1].dat": "X"},
		"get 'd/x[1].dat'":         {"x[1].dat": "X"},
		"get d/*.dat":              {"x[1].dat": "X", "x1.dat": "1"},
		"recv a.txt":               {"a.txt": "A"},
		"get '-dash'":              {"-dash": "D"},
		"get -- -dash":             {"-dash": "D"},
		"get -r d":                 {"d/x[1].dat": "X", "d/x1.dat": "1"},
		"cd d; get x1.dat; cd ..":  {"x1.dat": "1"},
		"restart 2\nget long long": {"long": "..ng"},
	} {
		t.Run(line, func(t *testing.T) {
			w := newWorld(t)
			w.server.file("/a.txt", "A").file("/b c.txt", "B").file("/d/x[1].dat", "X").file("/d/x1.dat", "1").file("/-dash", "D").file("/long", "long")
			w.local("sub/keep", "")
			w.local("long", "..")
			w.mustIn(line)
			for name, content := range want {
				if got := w.read(name); got != content {
					t.Errorf("%s = %q, want %q", name, got, content)
				}
			}
		})
	}
}

func TestPutForms(t *testing.T) {
	for line, want := range map[string]map[string]string{
		"put a.txt":               {"/a.txt": "A"},
		"put a.txt x":             {"/x": "A"},
		"put a.txt in/":           {"/in/a.txt": "A"},
		"put a.txt in":            {"/in/a.txt": "A"},
		"send a.txt":              {"/a.txt": "A"},
		"put *.txt":               {"/a.txt": "A", "/b c.txt": "B"},
		"put *.txt in":            {"/in/a.txt": "A", "/in/b c.txt": "B"},
		"put -- a.txt 'b c.txt'":  {"/a.txt": "A", "/b c.txt": "B"},
		"mput **/*.dat":           {"/x.dat": "X", "/y.dat": "Y"},
		"put -r tree":             {"/tree/x.dat": "X", "/tree/deep/y.dat": "Y"},
		"append a.txt old":        {"/old": "oldA"},
		"append a.txt":            {"/a.txt": "A"},
		"sunique\nput a.txt":      {"/a.txt": "A"},
		"restart 2\nput long old": {"/old": "olng"},
	} {
		t.Run(line, func(t *testing.T) {
			w := newWorld(t)
			w.server.dirs["/in"] = true
			w.server.file("/old", "old")
			w.local("a.txt", "A")
			w.local("b c.txt", "B")
			w.local("long", "long")
			w.local("tree/x.dat", "X")
			w.local("tree/deep/y.dat", "Y")
			w.mustIn(line)
			for name, content := range want {
				if got, _ := w.server.content(name); got != content {
					t.Errorf("%s = %q, want %q", name, got, content)
				}
			}
		})
	}
}

func TestOutput(t *testing.T) {
	for line, want := range map[string]string{
		"ls":                              "a.txt\nb\n",
		"ls -a":                           ".hidden\na.txt\nb\n",
		"ls -r":                           "b\na.txt\n",
		"dir":                             "file\t3\t2026-03-04T05:06:07Z\ta.txt\ndir\t-\t-\tb\n",
		"ls -l *.txt":                     "file\t3\t2026-03-04T05:06:07Z\ta.txt\n",
		"ls b":                            "c\n",
		"ls -R":                           ".:\na.txt\nb\nb:\nc\n",
		"nlist":                           ".hidden\na.txt\nb\n",
		"pwd":                             "/\n",
		"cd b\npwd":                       "/b\n",
		"cd b\ncdup\npwd":                 "/\n",
		"cd b\ncd ..\npwd":                "/\n",
		"find":                            ".hidden\na.txt\nb/\nb/c\n",
		"find . *.txt":                    "./a.txt\n",
		"find -t f b":                     "b/c\n",
		"find -t d":                       "b/\n",
		"find -d 1":                       ".hidden\na.txt\nb/\n",
		"find -l b":                       "file\t4\t2026-03-04T05:06:07Z\tb/c\n",
		"du":                              "4\tb\n7\t.\n",
		"du -s":                           "7\t.\n",
		"du -h b":                         "4\tb\n",
		"size a.txt":                      "3\n",
		"modtime a.txt":                   "2026-03-04T05:06:07Z\n",
		"size a.txt b/c":                  "3\ta.txt\n4\tb/c\n",
		"stat a.txt":                      "file\t3\t2026-03-04T05:06:07Z\ta.txt\n",
		"cat a.txt":                       "abc",
		"type a.txt":                      "abc",
		"get a.txt -":                     "abc",
		"type ascii\ntype":                "TYPE A, STRU F, MODE S\n",
		"system":                          "UNIX Type: L8\n",
		"quote STAT":                      "211 All well\n",
		"site help 'x'":                   "200 SITE done\n",
		"echo a 'b  c' \"d\"":             "a b  c d\n",
		"set x 1\necho ${x}0":             "10\n",
		"set verify size\necho ${verify}": "size\n",
	} {
		t.Run(line, func(t *testing.T) {
			w := newWorld(t)
			w.server.file("/a.txt", "abc").file("/b/c", "four").file("/.hidden", "")
			w.mustIn(line)
			if diff := cmp.Diff(want, w.out.String()); diff != "" {
				t.Errorf("%s printed (-want +got)\n%s", line, diff)
			}
		})
	}
}

// What fails says which file, at which end.
func TestTransferFailures(t *testing.T) {
	for line, want := range map[string]string{
		"put none":         "put: none: no such file or directory",
		"put tree":         "put: tree: is a directory; -r takes directories with all that is in them",
		"get none":         "get: none: 550 No such file; `ls` shows what is there",
		"get d":            "get: d: is a directory; -r takes directories with all that is in them",
		"get a nodir/x":    "get: a -> nodir/x: no such file or directory; is the local directory there? `lmkdir` makes one",
		"put *":            "",
		"put t*":           "put: tree: is a directory; -r takes directories with all that is in them",
		"put one d/one/x":  "put: one -> d/one/x: 550 No such directory; may this user write there? Is there a directory of that name?",
		"mget x*":          "mget: no name matches x*",
		"get a tree/f":     "",
		"mput one two d/f": "put: two: no such file or directory",
		"get *a* one":      "",
		"get ? one":        "get: one is no directory, and there are 2 files; make it first, or write one/",
	} {
		w := newWorld(t)
		w.server.file("/a", "1").file("/b", "2").file("/d/e", "3")
		w.local("one", "1")
		w.local("tree/f", "2")
		err := w.in(line)
		got := message(err)
		if i := strings.Index(got, " mget: "); i >= 0 {
			got = got[i+1:]
		} else if i := strings.Index(got, "put: "); i >= 0 {
			got = got[i:]
		} else if i := strings.Index(got, "get: "); i >= 0 {
			got = got[i:]
		}
		if h := HintOf(err); h != "" {
			got += "; " + h
		}
		if !strings.HasPrefix(got, want) || want == "" && err != nil {
			t.Errorf("%s: %s\nwant %s", line, got, want)
		}
	}
}
