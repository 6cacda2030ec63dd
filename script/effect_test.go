package script

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func (e Effect) name() string {
	return []string{"by group", "looks", "session", "moves", "again", "once"}[e]
}

// What every verb does is a decision: a new one is looked at before it stands
// here. Wrong ones make --plan change things, or --resume do them twice.
func TestEffectsOfAllVerbs(t *testing.T) {
	st := &State{}
	var b strings.Builder
	for _, v := range Verbs() {
		if v.Leads {
			continue
		}
		e := v.effect(st, Args{Verb: &v, flags: map[string]string{}})
		fmt.Fprintf(&b, "%s %s\n", v.Name, e.name())
	}
	file := filepath.Join("testdata", "effects.txt")
	if os.Getenv("FERRY_UPDATE") != "" {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Error(diff)
	}
}

func TestWireEffects(t *testing.T) {
	for line, want := range map[string]Effect{
		"TYPE E": Session, "type e": Session, "SIZE x": Looks, "DELE x": OnlyOnce, "XYZ": OnlyOnce, "": OnlyOnce,
		"SITE LRECL=80 RECFM=FB": Session, "SITE NAMEFMT 1": Session, "SITE BLOCKS LRECL=80": Session, "SITE EXEC x=1": OnlyOnce,
		"SITE CHMOD 600 x": OnlyOnce, "SITE umask 022": Session, "SITE =": OnlyOnce, "SITE": Session,
	} {
		if got := wireEffect("quote", line); got != want {
			t.Errorf("%q: %s", line, got.name())
		}
	}
}
