package panes

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gdamore/tcell/v2"
)

// typedKeys are keys as a test writes them: ^x, M-x, names in <>, letters.
func typedKeys(text string) (keys []*tcell.EventKey) {
	named := map[string]tcell.Key{
		"left": tcell.KeyLeft, "right": tcell.KeyRight, "home": tcell.KeyHome, "end": tcell.KeyEnd, "del": tcell.KeyDelete,
		"bs": tcell.KeyBackspace2, "esc": tcell.KeyEscape, "up": tcell.KeyUp, "down": tcell.KeyDown, "enter": tcell.KeyEnter,
	}
	for text != "" {
		switch {
		case text[0] == '^' && len(text) > 1:
			keys = append(keys, tcell.NewEventKey(tcell.KeyCtrlA+tcell.Key(text[1]-'a'), 0, tcell.ModCtrl))
			text = text[2:]
		case strings.HasPrefix(text, "M-"):
			r, n := utf8.DecodeRuneInString(text[2:])
			keys = append(keys, alt(r))
			text = text[2+n:]
		case text[0] == '<':
			name, rest, _ := strings.Cut(text[1:], ">")
			keys = append(keys, tcell.NewEventKey(named[name], 0, 0))
			text = rest
		default:
			r, n := utf8.DecodeRuneInString(text)
			keys = append(keys, tcell.NewEventKey(tcell.KeyRune, r, 0))
			text = text[n:]
		}
	}
	return keys
}

func TestEditingKeys(t *testing.T) {
	for keys, want := range map[string]string{
		"abc":                        "abc|",
		"abc<left><left>x":           "ax|bc",
		"abc^ax^e!":                  "xabc!|",
		"one two^w":                  "one |",
		"one two^w^w":                "|",
		"one two M-bM-bx":            "x|one two ",
		"one two^aM-f":               "one| two",
		"one two^aM-d":               "| two",
		"one two^u^y^y":              "one twoone two|",
		"one two<left>^k":            "one tw|",
		"ab^t":                       "ba|",
		"abc<left><left>^t":          "ba|c",
		"^t":                         "|",
		"abc<bs><left><del>":         "a|",
		"a\u0301b<left><bs>":         "|b",           // the accent goes with its letter
		"日本<left>x":                  "日x|本",         // one character a step
		"👩\u200d👩\u200d👧x<left><bs>": "|x",           // a family is one character
		"<left><bs>^k^u^w^dM-dM-b":   "|",            // nothing to do
		"/a/b-c d^w":                 "/a/b-c |",     // to the blank
		"x\x00\u202e\u2066y":         "xy|",          // nothing that can't be seen
		"grüße.txtM-bM-b":            "|grüße.txt",   // words have letters of all scripts
		"quote 'a b' M-bM-b<del>":    "quote '| b' ", //
		"aaa^abbb^e^u":               "|",            //
		"one^kone two^b^b^k^a^y":     "wo|oneone t",  //
	} {
		var e edit
		for _, k := range typedKeys(keys) {
			e.key(k)
		}
		if got := e.text[:e.pos] + "|" + e.text[e.pos:]; got != want {
			t.Errorf("%q: %q, not %q", keys, got, want)
		}
	}
}

func TestKilledSecretIsNotKept(t *testing.T) {
	e := edit{secret: true}
	for _, k := range typedKeys("secret^u^y") {
		e.key(k)
	}
	if e.text != "" || e.killed != "" {
		t.Errorf("%q %q", e.text, e.killed)
	}
}

func TestKeysOfVi(t *testing.T) {
	for keys, want := range map[string]string{
		"abc<esc>x":                  "ab|",
		"abc<esc>0x":                 "|bc",
		"one two<esc>bdw":            "one |",
		"one two<esc>0dw":            "|two",
		"one two<esc>0cwthree <esc>": "three| two",
		"one two<esc>dd":             "|",
		"one two<esc>ddp":            "one two|",
		"one<esc>A!":                 "one!|",
		"one<esc>I!":                 "!|one",
		"one<esc>0wax":               "onex|",
		"one two<esc>0elD":           "one |",
		"one two<esc>b<esc>C3":       "one 3|",
		"one<esc>Stwo":               "two|",
		"one<esc>k":                  "before|",
		"one<esc>kj":                 "one|",
		"one<esc>0d<esc>x":           "|ne",
	} {
		in := newInput()
		in.line.Vi = true
		in.recall = recall{lines: []string{"before"}, at: 1}
		s := &Screen{input: in}
		for _, k := range typedKeys(keys) {
			if !s.viKey(k) {
				s.input.edit.key(k)
			}
		}
		if got := s.input.text[:s.input.pos] + "|" + s.input.text[s.input.pos:]; got != want {
			t.Errorf("%q: %q, not %q", keys, got, want)
		}
	}
}

// FuzzEdit presses any keys: the cursor stands between characters, and the
// line is printable.
func FuzzEdit(f *testing.F) {
	f.Add("abc^a^k^y^t<bs>日本")
	f.Add("a\u0301<left><del>👩\u200d👩M-bM-d")
	f.Fuzz(func(t *testing.T, keys string) {
		var e edit
		for _, k := range typedKeys(strings.NewReplacer("^", "", "<", "", "M-", "").Replace(keys) + keys) {
			if k.Key() == tcell.KeyRune || k.Key() != 0 {
				e.key(k)
			}
			if e.pos < 0 || e.pos > len(e.text) {
				t.Fatalf("%d in %q", e.pos, e.text)
			}
		}
	})
}
