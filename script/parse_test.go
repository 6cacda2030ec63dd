package script

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// outline writes parsed lines: prefixes, verb, words, and blocks indented.
func outline(lines []Line, indent string) string {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(indent)
		if l.Has(Ignore) {
			b.WriteString("-")
		}
		if l.Has(Quiet) {
			b.WriteString("@")
		}
		fmt.Fprintf(&b, "%d:%d %s", l.Pos.Line, l.Pos.Col, l.Verb)
		for _, w := range l.Args {
			fmt.Fprintf(&b, " [%s]", w.Text)
		}
		if l.Rest != "" {
			fmt.Fprintf(&b, " {%s}", l.Rest)
		}
		b.WriteString("\n" + outline(l.Body, indent+"  "))
		if l.Else != nil {
			b.WriteString(indent + "else\n" + outline(l.Else, indent+"  "))
		}
	}
	return b.String()
}

func TestParse(t *testing.T) {
	for in, want := range map[string]string{
		"":                                  "",
		"\ufeffpwd":                         "1:1 pwd\n",
		"\xff\xfep\x00w\x00d\x00":           "1:1 pwd\n",
		"#!/usr/bin/env -S ferry run\npwd":  "2:1 pwd\n",
		"# c\n; also\n\n  PWD  # x\r\n":     "4:3 pwd\n",
		"-@ get 'a b' c":                    "-@1:4 get [a b] [c]\n",
		"cd x; get y;pwd":                   "1:1 cd [x]\n1:7 get [y;pwd]\n",
		"cd x ;pwd; ":                       "1:1 cd [x]\n1:7 pwd\n",
		"user anna p#a'ss; x":               "1:1 user {anna p#a'ss; x}\n",
		"!ls | wc -l # x":                   "1:1 ! {ls | wc -l # x}\n",
		"quote SITE 'x'":                    "1:1 quote {SITE 'x'}\n",
		"? get":                             "1:1 ? [get]\n",
		"cd..":                              "1:1 cd..\n",
		"dis":                               "1:1 dis\n",
		"repeat 2\nget a\nelse\npwd\nend":   "1:1 repeat [2]\n  2:1 get [a]\nelse\n  4:1 pwd\n",
		"repeat 2; repeat 3; pwd; end; end": "1:1 repeat [2]\n  1:11 repeat [3]\n    1:21 pwd\n",
	} {
		lines, err := blockTable().Parse("f", in)
		if err != nil {
			t.Errorf("Parse(%q): %v", in, err)
		}
		if diff := cmp.Diff(want, outline(lines, "")); diff != "" {
			t.Errorf("Parse(%q) (-want +got)\n%s", in, diff)
		}
	}
}

// blockTable is the language with a verb that opens a block.
func blockTable() *Table {
	return NewTable(append(Verbs(), Verb{Name: "repeat", Takes: Block, Args: []Arg{{Name: "N"}}}))
}

func TestParseMistakes(t *testing.T) {
	for in, want := range map[string]string{
		"gett a":              `f:1:1: there is no verb "gett" (did you mean get? ` + "`help get` explains it)",
		"pwd\n  mgte":         `f:2:3: there is no verb "mgte" (did you mean mget? ` + "`help mget` explains it)",
		"re x":                `f:1:1: there is no verb "re" (more of it, please: it may be reconnect, record, recv, reget, remotehelp, remotestatus, ren, repeat, reput, restart, resume, retry)`,
		"synchronize a b":     `f:1:1: there is no verb "synchronize" (` + "`mirror REMOTE LOCAL` and `mirror -R LOCAL REMOTE` do it, with --delete for what is too much)",
		"get":                 "f:1: get: needs REMOTE (usage: get [-r] [-c] [-f] [-p] [-o TARGET] [-O DIR] [--existing POLICY] [--verify HOW] [--atomic WHEN] [--parallel N] [--publish WHEN] [--rate BYTES] [--segments N] [--files-from LIST] REMOTE [LOCAL])",
		"pwd x":               `f:1:5: pwd: one word too many: "x" (usage: pwd; a name with blanks goes in quotes)`,
		"size -x":             "f:1:6: size: there is no flag -x (usage: size FILE…; a name that begins with a hyphen goes in quotes: '-x')",
		"get 'a":              `f:1:5: get: this quote is never closed (put a backslash before a quote that belongs to a name: \')`,
		"ls | ":               "f:1:4: ls: a command of the local shell is wanted behind | ()",
		"get x < y":           "f:1:7: get: < has no meaning here (`for x in lines:FILE` reads the lines of a file; quote it if it belongs to a name: '<')",
		"ls > a b":            "f:1:4: ls: the name of one local file is wanted behind > (if it belongs to a name, quote it: '>')",
		"ls >":                "f:1:4: ls: the name of one local file is wanted behind > (if it belongs to a name, quote it: '>')",
		"ls && pwd":           "f:1:4: ls: there is no && (the first failure stops a script by itself; - before a line goes on after it, and `if failed` asks)",
		"if exists":           "f:1:4: if: exists wants REMOTE (`help if` lists the conditions)\nf:1:1: if: this block has no end (a line with the word end closes it)",
		"if":                  "f:1: if: needs CONDITION (usage: if CONDITION…)\nf:1:1: if: this block has no end (a line with the word end closes it)",
		"for x of a b\nend":   "f:1:7: for: in is wanted here (for x in a b c; for x in *.csv; for x in remote:*.csv; for x in lines:names.txt)",
		"break":               "f:1:1: break: there is no for around it ()",
		"def get x\nend":      "f:1:5: def: get is a verb already (give it a name of its own)",
		"def a/b\nend":        `f:1:5: def: "a/b" can't be a name (letters, digits, _, - and . make a name)`,
		"def p x\nend\np":     "f:3: p: needs WORD (usage: p WORD)",
		"for x in a; at-end":  "f:1:13: at-end: this can't stand in a block (it counts for the whole script: put it outside)\nf:1:13: at-end: this block has no end (a line with the word end closes it)",
		"retry":               "f:1: retry: needs TIMES (usage: retry TIMES [DELAY])",
		"retry x put":         `f:1:7: retry: "x" is no number from 1 to 1000 (usage: retry TIMES [DELAY])`,
		"timeout never put a": `f:1:9: timeout: "never" is no time such as 30s or 2m (usage: timeout TIME)`,
		"retry 2 5s putt a":   `f:1:12: there is no verb "putt" (did you mean put? ` + "`help put` explains it)",
		"- ":                  "f:1:3: a verb is wanted here (`help` lists the verbs)",
		"echo ${a b}":         "f:1:6: echo: ${a b} is no variable (there are ${name}, ${1}, ${date:2006-01-02}, ${env:NAME} and ${file:NAME})",
		"echo ${a":            "f:1:6: echo: ${ without } (in single quotes it is only itself: '${')",
		"a\x00b":              "f:1: this is not a line of text (is the file a script? Lines have at most 65536 bytes and no NUL)",
		"repeat 2\npwd":       "f:1:1: repeat: this block has no end (a line with the word end closes it)",
		"repeat 2\nelse;else": "f:2:6: a second else in one block ()\nf:1:1: repeat: this block has no end (a line with the word end closes it)",
		"end":                 "f:1:1: there is no block that this end belongs to ()",
	} {
		_, err := blockTable().Parse("f", in)
		if err == nil {
			t.Errorf("Parse(%q): no mistake", in)
			continue
		}
		var got []string
		for _, e := range split(err) {
			got = append(got, fmt.Sprintf("%v (%s)", e, HintOf(e)))
		}
		if diff := cmp.Diff(want, strings.Join(got, "\n")); diff != "" {
			t.Errorf("Parse(%q) (-want +got)\n%s", in, diff)
		}
	}
}

func TestParseTellsAllMistakes(t *testing.T) {
	_, err := NewTable(Verbs()).Parse("f", "gett\npwd\nputt\n")
	if n := len(split(err)); n != 2 {
		t.Errorf("%d mistakes: %v", n, err)
	}
}

// FuzzParse: no text panics; what is shown of a line holds no secret.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"open h; user a CANARY", "user a \"CANARY\"", "-@!x", "open ftp://a:CANARY@h/", "quote PASS CANARY", "repeat 2\nend\nend", "set password CANARY", "open -u a,CANARY h", "open -ua,CANARY h"} {
		f.Add(s)
	}
	table := blockTable()
	f.Fuzz(func(t *testing.T, s string) {
		lines, _ := table.Parse("f", s)
		for _, l := range lines {
			_ = table.Shown(l)
		}
		for i := range min(len(s), 100) {
			c := table.At(s, i)
			if c.Start < 0 || c.Start > i {
				t.Fatalf("At(%q, %d).Start = %d", s, i, c.Start)
			}
		}
	})
}

func TestShown(t *testing.T) {
	table := NewTable(Verbs())
	for in, want := range map[string]string{
		"get  'a b'":                              "get  'a b'",
		"user anna CANARY":                        "user anna ****",
		`user "anna b" "CANARY x" CANARY`:         "user anna b **** ****",
		"user anna":                               "user anna",
		"account CANARY":                          "account ****",
		"quote PASS CANARY":                       "quote PASS ****",
		"quote pass CANARY":                       "quote PASS ****",
		"quote STAT":                              "quote STAT",
		"site PSWD CANARY CANARY":                 "site PSWD ****",
		"open ftp://anna:CANARY@h:21/d":           "open ftp://anna:****@h:21/d",
		"open anna:CAN@ARY@h":                     "open anna:****@h",
		"open anna@h":                             "open anna@h",
		"open ftp://anna:C/CANARY@h/x":            "open ftp://anna:****@h/x",
		"open ftp://h:21/x":                       "open ftp://h:21/x",
		"open -u anna,CANARY h":                   "open -u **** h",
		"open -uanna,CANARY h":                    "open -u**** h",
		"open --user=anna,CANARY h":               "open --user=**** h",
		"open --user anna,CANARY h":               "open --user **** h",
		"set password CANARY":                     "set password ****",
		"set password ${env:P}":                   "set password ${env:P}",
		"-@user anna CANARY":                      "user anna ****",
		"retry 3 5s user anna CANARY":             "retry 3 5s; user anna ****",
		"timeout 9s retry 3 user a CANARY":        "timeout 9s; retry 3; user a ****",
		"if ok; open a:CANARY@h":                  "if ok; open a:****@h",
		"if ok; pwd; else; open a:CANARY@h ; end": "if ok; pwd; open a:****@h",
		"cd x; user anna CANARY; get this":        "cd x; user anna **** **** ****",
		// No lines, but with secrets all the same.
		"get ftp://anna:CANARY@h/x":          "get ftp://anna:****@h/x",
		"pwd; get ftp://anna:CANARY@h/x":     "pwd ; get ftp://anna:****@h/x",
		"opne ftp://anna:CANARY@h/x":         "opne ftp://anna:****@h/x",
		"opne 'anna:CANARY@h'":               "opne anna:****@h",
		`user anna "CANARY`:                  "user anna ****",
		`retry 3 user anna 'CANARY x`:        "retry 3; user anna **** ****",
		`set password "CANARY`:               "set password ****",
		`open -u anna,CANARY "h`:             `open -u **** "h`,
		"if ok; open a:CANARY@h; else; else": "if ok ; open a:****@h ; else ; else",
		"opne -x h 'y":                       "opne -x h 'y",
		`cd "a b`:                            `cd "a b`,
	} {
		got, secret := table.ShownText(in)
		if got != want || secret != strings.Contains(in, "CAN") {
			t.Errorf("ShownText(%q) = %q, %v; want %q", in, got, secret, want)
		}
	}
}
