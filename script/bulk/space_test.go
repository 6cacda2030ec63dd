package bulk

import "testing"

// Where, how much there is, how much is needed and how much is missing: who
// reads it knows what to delete.
func TestSpaceErrorSaysHowMuchIsMissing(t *testing.T) {
	err := &SpaceError{Dir: "/home/anna", Need: 3 << 20, Free: 1 << 20}
	if got, want := err.Error(), "/home/anna: 1.0M free, 3.0M needed: 2.0M too few"; got != want {
		t.Errorf("%q, not %q", got, want)
	}
}
