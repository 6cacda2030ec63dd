package list

import (
	"strings"
	"testing"
	"time"

	"ferry/proto"

	"github.com/google/go-cmp/cmp"
)

func TestVMS(t *testing.T) {
	e := plain(proto.RegularFile, "README.TXT", proto.NoSize, time.Date(2026, 11, 22, 13, 0, 15, 220e6, time.UTC), 10*time.Millisecond)
	e.Owner, e.Group, e.Mode, e.HasMode = "STAFF", "SMITH", 0o750, true
	e.Mode = 0o750
	bare := plain(proto.RegularFile, "A.B", proto.NoSize, at(2026, 11, 22, 13, 0), minute)
	dir := plain(proto.Directory, "SUB", proto.NoSize, at(1996, 9, 8, 16, 9), minute)
	dir.Owner, dir.Mode, dir.HasMode = "SYSTEM", 0o755, true
	runEntries(t, Options{}, []entryTest{
		{"README.TXT;3       12/15     22-NOV-2026 13:00:15.22  [SMITH,STAFF]  (RWED,RWED,RE,)", e},
		{"A.B;1  2  22-NOV-2026 13:00", bare},
		{"A.B;1  22-NOV-2026 13:00", bare},
		{"A.B;1  2  22-NOV-2026", plain(proto.RegularFile, "A.B", proto.NoSize, at(2026, 11, 22, 0, 0), day)},
		{"SUB.DIR;1  1  8-SEP-1996 16:09 [SYSTEM] (RWE,RWE,RE,RE)", dir},
		{"A^ B^;C.X;12  2  22-NOV-2026 13:00", plain(proto.RegularFile, "A^ B^;C.X", proto.NoSize, bare.Modify, minute)},
	})
	refused(t, Options{Format: VMS}, "SECRET.TXT;1     %RMS-E-PRV, insufficient privilege or file protection violation",
		"SECRET.TXT;1     No privilege for attempted operation", "A B.TXT;1 2 22-NOV-2026 13:00", "A.TXT 2 22-NOV-2026 13:00", "A.TXT;x 2 22-NOV-2026 13:00",
		"A.TXT;1 2 32-NOV-2026 13:00", "A.TXT;1 2 22-XXX-2026 13:00", "A.TXT;1 2 22-NOV-2026 13:00 [S] (RWED,RWED)", "A.TXT;1 2 22-NOV-2026 13:00 what",
		"A.TXT;1 2 22-NOV-2026 13:00 (RWED,XX,,)", "a/b.TXT;1 2 22-NOV-2026 13:00", "ONLY.A.NAME;1", "%RMS-E-FNF, file not found")
	ignored(t, Options{}, "Directory DISK$USER:[SMITH.WORK]", "Directory $1$DGA10:[000000]", "Total of 3 files, 18/24 blocks.", "Total of 1 file, 1/1 block.",
		"Grand total of 2 directories, 9 files.")
}

func TestVMSWraps(t *testing.T) {
	long := "A_VERY_LONG_NAME_THAT_LEAVES_NO_ROOM_FOR_MORE.TXT;1"
	got := parse(Options{},
		"Directory DISK:[X]", "",
		long, "                     4/5   22-NOV-2026 13:00:15  [SMITH,STAFF]  (RWED,RWED,RE,)",
		long+"2   4/5   22-NOV-2026 13:00:15  [SMITH,",
		"       STAFF]", "",
		long, "A.B;1  2  22-NOV-2026 13:00",
		"B.B;1", "", "   4/5  22-NOV-2026 13:00",
		"C.B;2  2  22-NOV-2026 13:00", "C.B;1  2  22-NOV-2026 13:00",
		"D.B;1  4/5", "  22-NOV-2026 13:00", "   [SMITH]",
		"LAST.B;1")
	type row struct {
		v    Verdict
		name string
	}
	name := strings.TrimSuffix(long, ";1")
	want := []row{{Ignored, ""}, {Ignored, ""}, {Understood, name}, {Understood, long + "2"}, {Ignored, ""},
		{Unknown, ""}, {Understood, "A.B"}, {Unknown, ""}, {Ignored, ""}, {Unknown, ""},
		{Understood, "C.B"}, {Understood, "C.B;1"}, {Understood, "D.B"}, {Unknown, ""}, {Unknown, ""}}
	var rows []row
	for _, l := range got {
		rows = append(rows, row{l.Verdict, l.Entry.Name})
	}
	if diff := cmp.Diff(want, rows, cmp.AllowUnexported(row{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got[3].Entry.Owner != "STAFF" || got[2].Entry.Mode != 0o750 {
		t.Errorf("wrapped facts were lost: %+v", got[2:4])
	}
}

func TestVMSContinuation(t *testing.T) {
	for _, tt := range []struct {
		lines []string
		want  []Verdict
	}{
		{[]string{"A.B;1", "\t4/5  22-NOV-2026 13:00"}, []Verdict{Understood}},
		{[]string{"A.B;1", "4/5  22-NOV-2026 13:00"}, []Verdict{Unknown, Unknown}},
		{[]string{"A.B;1", "  4/5", "  22-NOV-2026 13:00"}, []Verdict{Understood}},
		{[]string{"A.B;1", "  4/5", "  22-NOV-2026 13:00 [A,", "  B]"}, []Verdict{Unknown, Unknown, Unknown}},
		{[]string{"A.B;1", "  something else"}, []Verdict{Unknown, Unknown}},
		{[]string{"A.B;1", "  " + strings.Repeat("4", MaxLine-3)}, []Verdict{Unknown, Unknown}},
		{[]string{"A.B;1", strings.Repeat("4", MaxLine+1)}, []Verdict{Unknown, Unknown}},
	} {
		var got []Verdict
		for _, l := range parse(Options{}, tt.lines...) {
			got = append(got, l.Verdict)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%.80q (-want +got):\n%s", tt.lines, diff)
		}
	}
}
