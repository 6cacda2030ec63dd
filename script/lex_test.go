package script

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// spell writes a word with its marks: bare letters as they are, soft ones
// behind ', hard ones behind ".
func spell(w Word) string {
	var b strings.Builder
	for i := range len(w.Text) {
		b.WriteString([]string{`"`, `'`, ""}[w.mark(i)])
		b.WriteByte(w.Text[i])
	}
	return b.String()
}

func TestLex(t *testing.T) {
	for _, c := range []struct {
		in   string
		want []string
	}{
		{``, nil},
		{`  `, nil},
		{`a b`, []string{"a", "b"}},
		{"a\t b ", []string{"a", "b"}},
		{`'a b' "c d"`, []string{`"a" "b`, `'c' 'd`}},
		{`'*.csv' "*" *`, []string{`"*".` + `"c"s"v`, `'*`, `*`}},
		{`a'b'c`, []string{`a"bc`}},
		{`'' ""`, []string{"", ""}},
		{`C:\tmp`, []string{`C:\tmp`}},
		{`C:\tmp\*.csv`, []string{`C:\tmp\*.csv`}},
		{`C:\ x`, []string{`C:\`, `x`}},
		{`dir\new`, []string{`dir\new`}},
		{`a\ b\*`, []string{`a" b"*`}},
		{`"a\"b\\c\$\t"`, []string{`'a""'b"\'c"$'\'t`}},
		{`it\'s`, []string{`it"'s`}},
		{`a # comment`, []string{"a"}},
		{`a#b`, []string{"a#b"}},
		{`# all`, nil},
		{`a;1 b`, []string{"a;1", "b"}},
		{`FILE.TXT;1`, []string{"FILE.TXT;1"}},
		{`a&b c|d <e>f`, []string{"a&b", "c|d"}},
		{`put (1).txt`, []string{"put", "(1).txt"}},
		{"`date` $(x)", []string{"`date`", "$(x)"}},
		{`${date:2006 01}x y`, []string{"${date:2006 01}x", "y"}},
		{`"${x}" '${x}' \${x}`, []string{`'$'{'x'}`, `"$"{"x"}`, `"${x}`}},
		{"caf\u00e9 \xff", []string{"caf\u00e9", "\xff"}},
		{"\U000F0061\U000F0161", []string{"\U000F0061\U000F0161"}},
	} {
		l, err := lex(c.in, 1)
		if err != nil {
			t.Errorf("lex(%q): %v", c.in, err)
			continue
		}
		var got []string
		for _, w := range l.words {
			got = append(got, spell(w))
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("lex(%q) (-want +got)\n%s", c.in, diff)
		}
	}
}

func TestLexColumns(t *testing.T) {
	l, err := lex(` é  "b c" d`, 10)
	if err != nil {
		t.Fatal(err)
	}
	var got []int
	for _, w := range l.words {
		got = append(got, w.Col)
	}
	if diff := cmp.Diff([]int{11, 14, 20}, got); diff != "" {
		t.Error(diff)
	}
}

func TestLexOperators(t *testing.T) {
	for in, want := range map[string]struct {
		op byte
		at int
	}{
		"a; b":    {';', 1},
		"a ;b":    {';', 2},
		"é ; b":   {';', 3},
		"a &":     {'&', 2},
		"a&":      {'&', 1},
		"ls >x":   {'>', 3},
		"ls |x":   {'|', 3},
		"a 2>x":   {0, 5},
		"'a' > x": {'>', 4},
		`a\;`:     {0, 3},
		"a ';' b": {0, 7},
	} {
		l, err := lex(in, 1)
		if err != nil || l.op != want.op || l.at != want.at {
			t.Errorf("lex(%q) = %q at %d, %v; want %q at %d", in, l.op, l.at, err, want.op, want.at)
		}
	}
}

func TestLexMistakes(t *testing.T) {
	for in, col := range map[string]int{
		`a "b`: 3, `'`: 1, `é 'x`: 3, `a && b`: 3, `a || b`: 3, `"a' b`: 1,
	} {
		_, err := lex(in, 1)
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || syntax.Col != col {
			t.Errorf("lex(%q) = %v, want a mistake in column %d", in, err, col)
		}
	}
}

// FuzzLex: no input panics, all of its bytes that are no blanks, quotes,
// backslashes or comments come out, and a quoted word is read back.
func FuzzLex(f *testing.F) {
	for _, s := range []string{`a 'b c' "d\"e" f\ g # h`, "a;b;c &", "\xff\xfe", `C:\x "${a}" $`, "a\U000F0161"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = strings.Map(func(r rune) rune {
			if r == '\n' || r == '\r' || r == 0 {
				return -1
			}
			return r
		}, s)
		l, err := lex(s, 1)
		if err == nil {
			for _, w := range l.words {
				if len(w.marks) != len(w.Text) || w.Col < 1 || w.Col > utf8.RuneCountInString(s) {
					t.Fatalf("lex(%q): word %q at %d with %d marks", s, w.Text, w.Col, len(w.marks))
				}
			}
		}
		for _, open := range []byte{0, '\'', '"'} {
			quoted := QuoteWord(s, open)
			l, err := lex(quoted, 1)
			if err != nil || len(l.words) != 1 || l.words[0].Text != s || l.op != 0 || l.words[0].Pattern() || l.words[0].flag() {
				t.Fatalf("QuoteWord(%q, %q) = %s, read back as %q, %v", s, open, quoted, texts(l.words), err)
			}
		}
	})
}
