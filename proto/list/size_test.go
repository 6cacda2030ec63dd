package list

import "testing"

func TestCount(t *testing.T) {
	for n, want := range map[int]string{0: "0 entries", 1: "1 entry", 2: "2 entries"} {
		if got := Count(n, "entry", "entries"); got != want {
			t.Errorf("%d: %q", n, got)
		}
	}
}

func TestSizesForPeople(t *testing.T) {
	for n, want := range map[int64][3]string{
		0:         {"0", "0 bytes", "0 bytes"},
		1:         {"1", "1 byte", "1 byte"},
		1023:      {"1023", "1023 bytes", "1023 bytes"},
		1024:      {"1.0K", "1.0K", "1024 bytes (1.0K)"},
		1536:      {"1.5K", "1.5K", "1536 bytes (1.5K)"},
		10_189:    {"10K", "10K", "10189 bytes (10K)"},
		1 << 20:   {"1.0M", "1.0M", "1048576 bytes (1.0M)"},
		1<<20 - 1: {"1.0M", "1.0M", "1048575 bytes (1.0M)"},
		23 << 30:  {"23G", "23G", "24696061952 bytes (23G)"},
		1<<63 - 1: {"8.0E", "8.0E", "9223372036854775807 bytes (8.0E)"},
	} {
		if got := [3]string{HumanSize(n), Amount(n), Bytes(n)}; got != want {
			t.Errorf("%d: %q", n, got)
		}
	}
}
