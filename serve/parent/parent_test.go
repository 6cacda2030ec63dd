package parent

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// The first restarts are immediate; the delay grows after five deaths in a row
// that did no good, has a bound, and one good life ends it.
func TestDelays(t *testing.T) {
	var d deaths
	var got []time.Duration
	for range 16 {
		got = append(got, d.after(0))
	}
	for i, pause := range got {
		if (pause == 0) != (i < freeDeaths-1) {
			t.Errorf("death %d: %v", i+1, pause)
		}
	}
	if !slices.IsSorted(got) || got[freeDeaths-1] != delayMin || got[freeDeaths] != 2*delayMin || got[15] != delayMax {
		t.Errorf("delays %v", got)
	}
	if pause := d.after(soonDead); pause != delayMax {
		t.Errorf("a life of %v counts as one: %v", soonDead, pause)
	}
	if pause := d.after(soonDead + 1); pause != 0 || d != 0 {
		t.Errorf("after a good life: %v, %d deaths", pause, d)
	}
}

// What concerns the parent alone is not in its children's environment.
func TestOwnVariables(t *testing.T) {
	for v, want := range map[string]bool{
		"NOTIFY_SOCKET=/run/x": true, "WATCHDOG_USEC=5": true, "LISTEN_FDS=2": true, "LISTEN_PID=7": true, "LISTEN_FDNAMES=a": true,
		"FERRY_PASSWORD=canary": true, mark + "=1": true, "FERRY_SERVE_TLS=off": false, "PATH=/bin": false, "XDG_STATE_HOME=/x": false,
	} {
		if own(v) != want {
			t.Errorf("%s: %v", v, !want)
		}
	}
}

func TestTokens(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		token := newToken()
		if seen[token.Reveal()] || len(token.Reveal()) != 64 || strings.Contains(token.String(), token.Reveal()) {
			t.Fatalf("token %s", token.Reveal())
		}
		seen[token.Reveal()] = true
	}
}
