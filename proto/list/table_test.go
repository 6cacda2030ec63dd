package list

import (
	"testing"
	"time"

	"ferry/proto"

	"github.com/google/go-cmp/cmp"
)

// noon is the present of all tables: 22 November 2026, 13:00 UTC.
var noon = time.Date(2026, 11, 22, 13, 0, 0, 0, time.UTC)

func at(y, m, d, hour, minute int) time.Time {
	return time.Date(y, time.Month(m), d, hour, minute, 0, 0, time.UTC)
}

// parse runs a listing and returns all its lines.
func parse(o Options, lines ...string) []Line {
	if o.Now.IsZero() {
		o.Now = noon
	}
	p := NewParser(o)
	var out []Line
	for _, text := range lines {
		if l, ok := p.Line(text); ok {
			out = append(out, l)
		}
	}
	for l, ok := p.Close(); ok; l, ok = p.Close() {
		out = append(out, l)
	}
	return out
}

// one parses a listing of one line that must be understood.
func one(t *testing.T, text string) proto.Entry {
	t.Helper()
	got := parse(Options{}, text)
	if len(got) != 1 || got[0].Verdict != Understood {
		t.Fatalf("%q: %+v", text, got)
	}
	return got[0].Entry
}

type entryTest struct {
	text string
	want proto.Entry
}

func runEntries(t *testing.T, o Options, tests []entryTest) {
	t.Helper()
	for _, tt := range tests {
		got := parse(o, tt.text)
		if len(got) != 1 || got[0].Verdict != Understood {
			t.Errorf("%q: %+v", tt.text, got)
			continue
		}
		if diff := cmp.Diff(tt.want, got[0].Entry); diff != "" {
			t.Errorf("%q (-want +got):\n%s", tt.text, diff)
		}
	}
}

const minute, day = time.Minute, 24 * time.Hour

func plain(k proto.Kind, name string, size int64, when time.Time, exact time.Duration) proto.Entry {
	return proto.Entry{Name: name, Kind: k, Size: size, Modify: when, Precision: exact}
}

func refused(t *testing.T, o Options, lines ...string) {
	t.Helper()
	for _, text := range lines {
		for _, l := range parse(o, text) {
			if diff := cmp.Diff(Line{Text: text}, l); diff != "" {
				t.Errorf("%q (-want +got):\n%s", text, diff)
			}
		}
	}
}

func ignored(t *testing.T, o Options, lines ...string) {
	t.Helper()
	for _, text := range lines {
		for _, l := range parse(o, text) {
			if diff := cmp.Diff(Line{Text: text, Verdict: Ignored}, l); diff != "" {
				t.Errorf("%q (-want +got):\n%s", text, diff)
			}
		}
	}
}
