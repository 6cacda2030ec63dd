package bulk

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// The session that finds something out may be held up by its server. Others
// wait for it as long as their own limits let them, and no longer.
func TestTurnsEndWithTheirWaiters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s Server
		over, err := s.turn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := s.turn(short); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a second turn began beside the first, or ended otherwise: %v", err)
		}
		over()
		over, err = s.turn(t.Context())
		if err != nil {
			t.Fatalf("no turn after the first was over: %v", err)
		}
		over()
	})
}
