package list

import (
	"errors"
	"strings"
	"testing"
)

func TestSafeName(t *testing.T) {
	for _, tt := range []struct {
		name          string
		unix, windows bool
	}{
		{"a.txt", true, true}, {"ä b", true, true}, {" lead", true, true}, {"-rf", true, true}, {"...", true, false}, {".ssh", true, true},
		{"", false, false}, {".", false, false}, {"..", false, false}, {"a/b", false, false}, {"/", false, false}, {"../x", false, false},
		{"a\x00b", false, false}, {"a\nb", false, false}, {"a\x1bb", false, false}, {"a\x7f", false, false}, {"a\u009bb", false, false}, {"a\tb", false, false},
		{"\xff\xfe", true, true}, {"\x9b", true, true},
		{`a\b`, true, false}, {`..\x`, true, false}, {"C:evil", true, false}, {"a:stream", true, false}, {"a*", true, false}, {"what?", true, false},
		{`"q"`, true, false}, {"<a>", true, false}, {"a|b", true, false}, {"dot.", true, false}, {"blank ", true, false},
		{"con", true, false}, {"CON", true, false}, {"nul.txt", true, false}, {"Aux .tar.gz", true, false}, {"COM1", true, false}, {"lpt9.x", true, false}, {"COM¹", true, false}, {"CONIN$", true, false},
		{"console", true, true}, {"com10", true, true}, {"com", true, true}, {"nulls", true, true},
		{strings.Repeat("a", 1<<20), true, true},
	} {
		for system, want := range map[string]bool{"linux": tt.unix, "windows": tt.windows} {
			err := safeName(tt.name, system)
			var unsafe *UnsafeNameError
			if (err == nil) != want || err != nil && (!errors.As(err, &unsafe) || unsafe.Name != tt.name || unsafe.Why == "") {
				t.Errorf("%.20q on %s: %v", tt.name, system, err)
			}
		}
	}
	if SafeName("..") == nil || SafeName("a") != nil {
		t.Error("SafeName does not follow its rules")
	}
}

func TestPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"":                     "",
		"plain text":           "plain text",
		"Grüße, 你好, 👩‍👩‍👧":     "Grüße, 你好, 👩‍👩‍👧",
		"a\x1b[2Jb":            `a\x1b[2Jb`,
		"a\r\n\tb":             `a\r\n\tb`,
		"\x00\x07\x7f":         `\x00\x07\x7f`,
		"\u009b31m":            `\u009b31m`,
		"\xff\xc3":             `\xff\xc3`,
		"exe.\u202egpj":        `exe.\u202egpj`,
		"\u2066\u200e\u061c":   `\u2066\u200e\u061c`,
		"a\u200bb\ufeff\u00ad": `a\u200bb\ufeff\u00ad`,
		"\u2028\u2029":         `\u2028\u2029`,
		"\U000e0041":           `\U000e0041`,
		"\ufffd":               "\ufffd",
		`back\slash`:           `back\slash`,
		"'\u202e'":             `'\u202e'`,
	} {
		if got := Printable(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func FuzzPrintable(f *testing.F) {
	for _, s := range []string{"a", "\x1b]0;title\a", "\u202e", "\xff", "ä\u009b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Printable(s)
		for _, r := range got {
			if !visible(r) {
				t.Fatalf("%q shows %q", s, r)
			}
		}
		if Printable(got) != got {
			t.Fatalf("%q is not stable", got)
		}
	})
}

func BenchmarkPrintable(b *testing.B) {
	for _, s := range []string{"report-2026-11-22.csv", "Grüße.txt"} {
		b.Run(s, func(b *testing.B) {
			for b.Loop() {
				Printable(s)
			}
		})
	}
}
