package script

import (
	"fmt"
	"testing"
)

func TestAt(t *testing.T) {
	kinds := map[Kind]string{
		Text: "text", LocalFile: "lfile", LocalDir: "ldir", LocalAny: "local", RemoteFile: "rfile", RemoteDir: "rdir",
		RemoteAny: "remote", Host: "host", User: "user", Secret: "secret", Number: "number", Switch: "switch", Choice: "choice",
		SettingName: "setting", SettingValue: "value", VerbName: "verb", Shell: "shell", Wire: "wire",
	}
	table := NewTable(Verbs())
	for in, want := range map[string]string{
		"":                      "verb [] 0",
		"ge":                    "verb [ge] 0",
		"  -@ge":                "verb [ge] 4",
		"get ":                  "remote [] 4",
		"get a":                 "remote [a] 4",
		"get a ":                "local [] 6 after a",
		"get 'a b":              "remote [a b] 4 in '",
		`get "a\"`:              `remote [a"] 4 in "`,
		`get a\ b`:              "remote [a b] 4",
		"get a b ":              "text [] 8 after a b",
		"get -":                 "remote [-] 4 flag",
		"get -r a":              "remote [a] 7",
		"get -o ":               "text [] 7",
		"get -O x":              "ldir [x] 7",
		"get -- -":              "remote [-] 7",
		"mput a b c":            "local [c] 9 after a b",
		"cd x; cd y":            "rdir [y] 9",
		"set ":                  "setting [] 4",
		"set ver":               "setting [ver] 4",
		"set verify s":          "value [s] 11 after verify",
		"help o":                "verb [o] 5",
		"user an":               "user [an] 5",
		"user anna x":           "secret [x] 10 after anna",
		"!ls fo":                "shell [fo] 4 after ls",
		"mode b":                "choice [b] 5",
		"hash o":                "switch [o] 5",
		"nonsense x":            "text [] 10",
		"put é ":                "remote [] 7 after é",
		"open ftp.":             "host [ftp.] 5",
		"chmod 644 a":           "remote [a] 10 after 644",
		"lcd ":                  "ldir [] 4",
		"get a ; put ${x} c":    "remote [c] 17 after ${x}",
		"get # comment":         "remote [] 13",
		"get a\\":               `remote [a\] 4`,
		"user anna \"a b":       "secret [b] 13 after anna \"a",
		"echo a b c d e f g":    "text [g] 17 after a b c d e f",
		"rename a b c":          "remote [c] 11 after a b",
		"site chmod 644 x":      "wire [x] 15 after chmod 644",
		"get --existing=skip a": "remote [a] 20",
	} {
		c := table.At(in, len(in))
		got := fmt.Sprintf("%s [%s] %d", kinds[c.Kind], c.Word, c.Start)
		if len(c.Words) > 0 {
			got += " after"
			for _, w := range c.Words {
				got += " " + w
			}
		}
		if c.Quote != 0 {
			got += " in " + string(c.Quote)
		}
		if c.Flag {
			got += " flag"
		}
		if got != want {
			t.Errorf("At(%q) = %s, want %s", in, got, want)
		}
	}
}

func TestQuoteWord(t *testing.T) {
	for _, c := range []struct {
		name string
		open byte
		want string
	}{
		{"a.txt", 0, "a.txt"},
		{"café", 0, "café"},
		{"a b", 0, `"a b"`},
		{"a*[1]", 0, `"a*[1]"`},
		{`a"b\c$`, 0, `"a\"b\\c\$"`},
		{"-x", 0, `"-x"`},
		{"", 0, `""`},
		{"it's", '\'', `'it'\''s'`},
		{"it's", '"', `"it's"`},
		{"#1", 0, `"#1"`},
	} {
		if got := QuoteWord(c.name, c.open); got != c.want {
			t.Errorf("QuoteWord(%q, %q) = %s, want %s", c.name, c.open, got, c.want)
		}
	}
}

// What stands behind retry, in a block and behind > is known too.
func TestCursorInPrograms(t *testing.T) {
	table := NewTable(Verbs())
	for line, want := range map[string]string{
		"retry 3 ":               "VerbName ",
		"retry 3 30s pu":         "VerbName pu",
		"retry 3 30s put re":     "LocalAny re",
		"timeout 5m retry 2 cd ": "RemoteDir ",
		"queue get 'a b":         "RemoteAny a b",
		"if ok; cd in":           "RemoteDir in",
		"for f in a; put x":      "LocalAny x",
		"ls > ou":                "LocalFile ou",
		"ls >> 'a b":             "LocalFile a b",
		"ls > out; cd x":         "RemoteDir x",
		"ls | so":                "Shell ",
		"put x & cd y":           "RemoteDir y",
		"retry 3":                "Number 3",
	} {
		c := table.At(line, len(line))
		kinds := map[Kind]string{VerbName: "VerbName", LocalAny: "LocalAny", RemoteDir: "RemoteDir", RemoteAny: "RemoteAny", LocalFile: "LocalFile", Shell: "Shell", Number: "Number"}
		if got := kinds[c.Kind] + " " + c.Word; got != want {
			t.Errorf("At(%q) = %s, want %s", line, got, want)
		}
	}
}
