package list

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ferry/proto"

	"github.com/google/go-cmp/cmp"
)

const minute, day = time.Minute, 24 * time.Hour

func plain(k proto.Kind, name string, size int64, when time.Time, exact time.Duration) proto.Entry {
	return proto.Entry{Name: name, Kind: k, Size: size, Modify: when, Precision: exact}
}

func TestDOS(t *testing.T) {
	pm := at(2026, 11, 22, 13, 0)
	file := plain(proto.RegularFile, "a b.txt", 1234, pm, minute)
	dir := plain(proto.Directory, "My Files", proto.NoSize, pm, minute)
	link := func(name, target string) proto.Entry {
		e := plain(proto.Symlink, name, proto.NoSize, pm, minute)
		e.Target = target
		return e
	}
	runEntries(t, Options{}, []entryTest{
		{"11-22-26  01:00PM                 1234 a b.txt", file},
		{"11-22-2026  01:00PM                 1234 a b.txt", file},
		{"11-22-26  13:00                   1234 a b.txt", file},
		{"11/22/2026  01:00 PM             1,234 a b.txt", file},
		{"11/22/2026  01:00 pm             1,234 a b.txt", file},
		{"11-22-26  01:00p                 1234 a b.txt", file},
		{"2026-11-22  13:00                1234 a b.txt", file},
		{"22.11.2026  13:00                1234 a b.txt", file},
		{"22-11-26  13:00                1234 a b.txt", file},
		{"11-22-99  12:00AM       <DIR>          old", plain(proto.Directory, "old", proto.NoSize, at(1999, 11, 22, 0, 0), minute)},
		{"11-22-26  12:05PM       <DIR>          noon", plain(proto.Directory, "noon", proto.NoSize, at(2026, 11, 22, 12, 5), minute)},
		{"11-22-26  01:00PM       <DIR>          My Files", dir},
		{"11-22-26  01:00PM       <DIR>           My Files", plain(proto.Directory, " My Files", proto.NoSize, pm, minute)},
		{"11-22-26  01:00PM  <DIR>  My Files", dir},
		{"11-22-26  01:00PM  <DIR>                       My Files", dir},
		{"11-22-26  01:00PM       <DIR>          .", plain(proto.CurrentDir, ".", proto.NoSize, pm, minute)},
		{"11-22-26  01:00PM       <DIR>          ..", plain(proto.ParentDir, "..", proto.NoSize, pm, minute)},
		{`11/22/2026  01:00 PM    <JUNCTION>     Docs [C:\Users\Public]`, link("Docs", `C:\Users\Public`)},
		{`11-22-26  01:00PM       <JUNCTION>     Docs`, link("Docs", "")},
		{`11/22/2026  01:00 PM    <SYMLINKD>     d [1] [..\x]`, link("d [1]", `..\x`)},
		{"11-22-26  01:00PM              1234  lead", plain(proto.RegularFile, " lead", 1234, pm, minute)},
	})
	refused(t, Options{Format: DOS},
		"11-22-26  01:00PM       <DIR>          ", "11-22-26  13:00PM 12 a", "00-22-26  01:00PM 12 a", "11-31-26  01:00PM 12 a",
		"11-22-26  01:00PM 1,23 a", "11-22-26  01:00PM 12,3456 a", "11-22-26  01:00PM -1 a", "11-22-26  01:00PM <WHAT> a",
		"11-22-26  01:00PM 12 ..", `11-22-26  01:00PM 12 ..\a`, "11-22-26  01:00PM 12 a/b", "11-22-26 x 12 a", "11-22-126  01:00PM 12 a",
		"11-22-26  01:00PM 9,223,372,036,854,775,808 a", "Volume in drive C", "-rw-r--r-- 1 a b 1 Nov 22 12:30 a")
	ignored(t, Options{}, " Volume in drive C is OS", " Volume Serial Number is 1234-ABCD", ` Directory of C:\x`,
		"               3 File(s)          1,234 bytes", "               2 Dir(s)  1,234,567 bytes free")
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

func TestEPLF(t *testing.T) {
	e := plain(proto.RegularFile, "read me.html", 280, time.Unix(825718503, 0).UTC(), time.Second)
	e.Unique = "8388621.48594"
	d := proto.Entry{Name: "sub", Kind: proto.Directory, Size: proto.NoSize, Mode: 0o755, HasMode: true}
	runEntries(t, Options{}, []entryTest{
		{"+i8388621.48594,m825718503,r,s280,\tread me.html", e},
		{"+/,up755,\tsub", d},
		{"+r,/,x,up755\tsub", d},
		{"+\tthing", proto.Entry{Name: "thing", Kind: proto.Special, Size: proto.NoSize}},
		{"+r,\t two  blanks\t", proto.Entry{Name: " two  blanks\t", Kind: proto.RegularFile, Size: proto.NoSize}},
	})
	refused(t, Options{Format: EPLF}, "+r,s280,djb.html", "+s-1,\tx", "+sx,\tx", "+m99999999999999,\tx", "+up999\tx", "r\tx", "+r\t", "+r\ta/b", "+/\t../x", "+r\t..")
}

func TestOS2(t *testing.T) {
	runEntries(t, Options{}, []entryTest{
		{"     0           DIR   12-30-97   12:32  jbrekke", plain(proto.Directory, "jbrekke", proto.NoSize, at(1997, 12, 30, 12, 32), minute)},
		{"  73098      A          04-06-97   15:15  ds0.internic1", plain(proto.RegularFile, "ds0.internic1", 73098, at(1997, 4, 6, 15, 15), minute)},
		{"  73098                 04-06-97   15:15  two words", plain(proto.RegularFile, "two words", 73098, at(1997, 4, 6, 15, 15), minute)},
	})
	refused(t, Options{Format: OS2}, "73098 Q 04-06-97 15:15 x", "73098 A 24-36-97 15:15 x", "73098 A 04-06-97 x", "73098 A 04-06-97 15:15", "x A 04-06-97 15:15 x")
}

func TestVShell(t *testing.T) {
	runEntries(t, Options{}, []entryTest{
		{"206876  Apr 04, 2000 21:06 vshell file", plain(proto.RegularFile, "vshell file", 206876, at(2000, 4, 4, 21, 6), minute)},
		{"0  Dec 12, 2002 02:13 vshell dir/", plain(proto.Directory, "vshell dir", proto.NoSize, at(2002, 12, 12, 2, 13), minute)},
	})
	refused(t, Options{Format: VShell}, "1 Apr 04, 2000 21:06 a/b", "1 Apr 04 21:06 a", "1 Apr 04, 2000 a", "1 Apr 31, 2000 21:06 a", "x Apr 04, 2000 21:06 a")
}

func TestUnixData(t *testing.T) {
	e := plain(proto.RegularFile, "file name", 12345, time.Unix(123456789, 0).UTC(), time.Second)
	e.Mode, e.HasMode, e.Owner, e.Group = 0o644, true, "500", "101"
	d, l := e, e
	d.Kind, d.Size, d.Mode = proto.Directory, proto.NoSize, 0o755
	l.Kind, l.Size, l.Mode = proto.Symlink, proto.NoSize, 0o777
	runEntries(t, Options{}, []entryTest{
		{"0100644   500  101   12345    123456789       file name", e},
		{"040755   500  101   12345    123456789       file name", d},
		{"0120777   500  101   12345    123456789       file name", l},
	})
	refused(t, Options{Format: UnixData}, "0100648 500 101 12345 123456789 x", "0644 500 101 12345 123456789 x", "0100644 a b 12345 123456789 x", "0100644 500 101 x 123456789 x", "0100644 500 101 1 x x")
}

func TestAS400(t *testing.T) {
	when := time.Date(2026, 11, 22, 15, 9, 55, 0, time.UTC)
	entry := func(k proto.Kind, name string, size int64) proto.Entry {
		e := plain(k, name, size, when, time.Second)
		e.Owner = "QSYS"
		return e
	}
	member := proto.Entry{Name: "QCLSRC.PROG1", Kind: proto.RegularFile, Size: proto.NoSize, Owner: "QSYS"}
	bare := member
	bare.Owner = ""
	runEntries(t, Options{}, []entryTest{
		{"QSYS         77824 11/22/26 15:09:55 *FILE      QCLSRC", entry(proto.RegularFile, "QCLSRC", 77824)},
		{"QSYS         77824 22.11.26 15:09:55 *FILE      QCLSRC", entry(proto.RegularFile, "QCLSRC", 77824)},
		{"QSYS         77824 2026-11-22 15:09:55 *FILE      QCLSRC", entry(proto.RegularFile, "QCLSRC", 77824)},
		{"QSYS                                 *MEM       QCLSRC.PROG1", member},
		{"*MEM       QCLSRC.PROG1", bare},
		{"QSYS         77824 11/22/26 15:09:55 *FILE      QCLSRC.FILE/", entry(proto.Directory, "QCLSRC.FILE", proto.NoSize)},
		{"QSYS          8192 11/22/26 15:09:55 *DIR       my home/", entry(proto.Directory, "my home", proto.NoSize)},
		{"QSYS          8192 11/22/26 15:09:55 *FLR       QFPNWSSTG", entry(proto.Directory, "QFPNWSSTG", proto.NoSize)},
		{"QSYS          8192 11/22/26 15:09:55 *LIB       QGPL.LIB/", entry(proto.Directory, "QGPL.LIB", proto.NoSize)},
		{"QSYS          8192 11/22/26 15:09:55 *STMF      two  words ", entry(proto.RegularFile, "two  words ", 8192)},
		{"QSYS          8192 11/22/26 15:09:55 *STMF       lead", entry(proto.RegularFile, " lead", 8192)},
		{"QSYS 8192 11/22/26 15:09:55 *STMF notes.txt", entry(proto.RegularFile, "notes.txt", 8192)},
		{"QSYS          8192 11/22/26 15:09:55 *SYMLNK    cur", entry(proto.Symlink, "cur", proto.NoSize)},
		{"QSYS          8192 11/22/26 15:09:55 *USRSPC    QX.USRSPC", entry(proto.Special, "QX.USRSPC", proto.NoSize)},
	})
	// Members named with their file are one level down.
	ifs := "QSYS                                 *MEM       QCLSRC.FILE/PROG1.MBR"
	if got := parse(Options{}, "QSYS         77824 11/22/26 15:09:55 *FILE      QCLSRC.FILE/", ifs); got[1].Verdict != Ignored {
		t.Errorf("with its file: %+v", got[1])
	}
	if got := parse(Options{}, ifs); got[0].Verdict != Understood || got[0].Entry.Name != "PROG1.MBR" {
		t.Errorf("alone: %+v", got[0])
	}
	refused(t, Options{Format: AS400}, "QSYS *MEM ../PROG1.MBR", "QSYS *MEM /PROG1.MBR", "QSYS *MEM A/", "QSYS 8192 11/22/26 15:09:55 *STMF a/b",
		"QSYS 8192 99/99/26 15:09:55 *STMF a", "QSYS 8192 11/22/26 *STMF a", "QSYS 8192 11/22/26 15:09:55 STMF a", "QSYS 8192 11/22/26 15:09:55 *stmf a",
		"QSYS 8192 11/22/26 15:09:55 *STMF")
}

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

func TestMVSDatasets(t *testing.T) {
	heading := "Volume Unit    Referred Ext Used Recfm Lrecl BlkSz Dsorg Dsname"
	kind := func(k proto.Kind, name string) proto.Entry {
		return proto.Entry{Name: name, Kind: k, Size: proto.NoSize}
	}
	for text, want := range map[string]proto.Entry{
		"WPTA01 3390   2026/11/22  1    3  FB      80  3120  PS  USER.TEXT":         kind(proto.RegularFile, "USER.TEXT"),
		"WPTA01 3390   2026/11/22  1   15  FB      80  3120  PO  USER.CNTL":         kind(proto.Directory, "USER.CNTL"),
		"WPTA01 3390   2026/11/22  1 +++++ U        0  6144  PO-E 'USER.LOADLIB'":   kind(proto.Directory, "'USER.LOADLIB'"),
		"WPTA01 3390   **NONE**    1   15  VB   27994 27998  PS  USER.NEVER":        kind(proto.RegularFile, "USER.NEVER"),
		"WPTA01 3390   2026/11/22  1   15  ?        ?     ?  VS  USER.ODD":          kind(proto.Special, "USER.ODD"),
		"SLB001 3390                                        VSAM USER.KSDS":         kind(proto.Special, "USER.KSDS"),
		"Migrated                                                USER.OLD":          kind(proto.UnknownKind, "USER.OLD"),
		"ARCIVE Not Direct Access Device                         USER.OLDER":        kind(proto.UnknownKind, "USER.OLDER"),
		"Pseudo Directory                                        SUB":               kind(proto.Directory, "SUB"),
		"V43525 Tape                                             USER.BACKUP.G0001": kind(proto.UnknownKind, "USER.BACKUP.G0001"),
		"WPTA02 Not Mounted                                      USER.AWAY":         kind(proto.UnknownKind, "USER.AWAY"),
	} {
		got := parse(Options{}, heading, text)
		if diff := cmp.Diff(Line{Text: text, Verdict: Understood, Entry: want}, got[1]); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
	if got := parse(Options{}, "WPTA01 3390   2026/11/22  1    3  FB      80  3120  PS  USER.TEXT"); got[0].Verdict != Understood {
		t.Errorf("without heading: %+v", got)
	}
	for _, text := range []string{"Migrated                USER.OLD", "USER.TEXT", "Error determining attributes   USER.TEXT"} {
		refused(t, Options{}, text) // without a heading
	}
	for _, text := range []string{"Error determining attributes   USER.TEXT", "USER.TEXT", "WPTA01 3390   2026/11/22  1    3  FB      80  3120  XX  USER.TEXT",
		"WPTA01 3390   2026/11/22  1    3  FB      80  3120  PS  ../x", "Migrated /etc/passwd", "Migrated 1.2", "-rw-r--r-- 1 a b 1 Nov 22 12:30 a"} {
		if got := parse(Options{}, heading, text); got[1].Verdict != Unknown {
			t.Errorf("%q: %+v", text, got[1])
		}
	}
}

func TestMVSMembers(t *testing.T) {
	stats := proto.Entry{Name: "ALLOCDD", Kind: proto.RegularFile, Size: proto.NoSize, Owner: "SMITH",
		Create: at(2026, 4, 10, 0, 0), Modify: at(2026, 11, 22, 12, 50), Precision: minute}
	old := stats
	old.Create, old.Modify = at(1997, 1, 5, 0, 0), at(1997, 1, 6, 12, 50)
	rows(t, " Name     VV.MM   Created       Changed      Size  Init   Mod   Id   ", map[string]*proto.Entry{
		" ALLOCDD   01.05 2026/04/10 2026/11/22 12:50    12    12     0 SMITH   ": &stats,
		" ALLOCDD   01.05 97/01/05 97/01/06 12:50    12    12     0 SMITH":        &old,
		" $NOSTATS":                   {Name: "$NOSTATS", Kind: proto.RegularFile, Size: proto.NoSize},
		" ALLOCDD   01.05 2026/04/10": nil,
		" ALLOCDD   01.05 2026/04/10 2026/13/22 12:50    12    12     0 SMITH":   nil,
		" ALLOCDD   01.05 2026/04/10 2026/11/22 12:50    12    12     x SMITH":   nil,
		" ALLOCDD   01.05 2026/04/10 2026/11/22 12:50    12    12     0 SMITH X": nil,
		" TOOLONGNAME": nil, " lower": nil, " 1DIGIT": nil, " two words": nil,
	})
	rows(t, " Name      Size     TTR   Alias-of AC--------- Attributes--------- Amode Rmode", map[string]*proto.Entry{
		" EZAGPRT   000390   00BC05          00 FO             RN RU            31    ANY": {Name: "EZAGPRT", Kind: proto.RegularFile, Size: proto.NoSize},
		" ALIASED   0004A8   00BC05 EZAGPRT  00 FO             RN RU            31    ANY": {Name: "ALIASED", Kind: proto.RegularFile, Size: proto.NoSize},
		" EZAGPRT": nil, " EZAGPRT 0390 00BC05": nil, " EZAGPRT 000390 XX": nil,
	})
}

func TestMVSJobs(t *testing.T) {
	job := &proto.Entry{Name: "JOB01906", Kind: proto.RegularFile, Size: proto.NoSize, Owner: "SMITH"}
	rows(t, "JOBNAME  JOBID    OWNER    STATUS CLASS", map[string]*proto.Entry{
		"SMITHA   JOB01906 SMITH    OUTPUT A        RC=0000 3 spool files": job,
		"SMITHB   J0123456 SMITH    ACTIVE A":                              {Name: "J0123456", Kind: proto.RegularFile, Size: proto.NoSize, Owner: "SMITH"},
		"SMITHA   JOB01906 SMITH    WHAT A":                                nil, "SMITHA   XXX01906 SMITH    OUTPUT A": nil,
	})
	rows(t, "JOBNAME  JOBID    STATUS   CLASS", map[string]*proto.Entry{
		"SMITHA   STC01906  OUTPUT    3 Spool Files": {Name: "STC01906", Kind: proto.RegularFile, Size: proto.NoSize},
	})
	rows(t, "         ID  STEPNAME PROCSTEP C DDNAME   BYTE-COUNT", map[string]*proto.Entry{
		"         001 JES2     N/A      H JESMSGLG      1200": {Name: "JESMSGLG", Kind: proto.RegularFile, Size: 1200},
		"         001 JES2     N/A      H JESMSGLG      x":    nil,
		"gone": nil,
	})
}

// rows reads each line below the heading; nil stands for one that is refused.
func rows(t *testing.T, heading string, tests map[string]*proto.Entry) {
	t.Helper()
	for text, want := range tests {
		got := parse(Options{}, heading, text)
		if len(got) != 2 || got[0].Verdict != Ignored {
			t.Errorf("%q: heading: %+v", text, got)
			continue
		}
		wantLine := Line{Text: text}
		if want != nil {
			wantLine.Verdict, wantLine.Entry = Understood, *want
		}
		if diff := cmp.Diff(wantLine, got[1]); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

func TestMLSx(t *testing.T) {
	when := time.Date(2026, 11, 22, 13, 0, 15, 0, time.UTC)
	runEntries(t, Options{}, []entryTest{
		{"type=file;size=12;modify=20261122130015; a b ", plain(proto.RegularFile, "a b ", 12, when, time.Second)},
		{"Type=cdir;Modify=20261122130015; /pub", plain(proto.CurrentDir, "/pub", proto.NoSize, when, time.Second)},
		{"Type=pdir;Modify=20261122130015; ..", plain(proto.ParentDir, "..", proto.NoSize, when, time.Second)},
	})
	refused(t, Options{Format: MLSx}, "type=file;size=12; a/b", "type=file;size=-1; a", "type=file;size=12; ..", "type=file;modify=2026; a", "a b", "type=file a", "type=file;size=1;")
}

func TestNames(t *testing.T) {
	o := Options{Format: Names}
	runEntries(t, o, []entryTest{
		{"a.txt", proto.Entry{Name: "a.txt", Size: proto.NoSize}},
		{" two  words ", proto.Entry{Name: " two  words ", Size: proto.NoSize}},
		{"./a.txt", proto.Entry{Name: "a.txt", Size: proto.NoSize}},
	})
	refused(t, o, "..", ".", "/etc/passwd", "sub/x", "a\x00b")
}

// A format is only left by the end of the listing.
func TestMixture(t *testing.T) {
	const (
		unix = "-rw-r--r-- 1 anna staff 1234 Nov 22 12:30 a.txt"
		dos  = "11-22-26  01:00PM                 1234 a b.txt"
		mlsx = "type=file;size=12;modify=20261122130015; a"
		vms  = "A.B;1  2  22-NOV-2026 13:00"
		eplf = "+r,s1,\ta"
	)
	all := []string{unix, dos, mlsx, vms, eplf}
	for i, first := range all {
		p := NewParser(Options{Now: noon})
		if p.Line("Welcome to our server!"); p.Format() != Auto {
			t.Errorf("a banner decided: %v", p.Format())
		}
		if l, _ := p.Line(first); l.Verdict != Understood {
			t.Errorf("%q: %+v", first, l)
		}
		if want := []Format{Unix, DOS, MLSx, VMS, EPLF}[i]; p.Format() != want {
			t.Errorf("%q: format %v, want %v", first, p.Format(), want)
		}
		for j, text := range all {
			want := Unknown
			if i == j {
				want = Understood
			}
			if l, _ := p.Line(text); l.Verdict != want {
				t.Errorf("%q after %q: %+v", text, first, l)
			}
		}
	}
}

func TestHints(t *testing.T) {
	for system, want := range map[string]Format{
		"UNIX Type: L8": MLSx, "": MLSx, "Windows_NT": DOS, "VMS OpenVMS V8.4": VMS, "OS/2": OS2,
		"MVS is the operating system of this server. FTP Server is running on z/OS.": MVS,
		"OS/400 is the remote operating system.":                                     AS400,
	} {
		p := NewParser(Options{System: system})
		if want == MLSx {
			want = Unix
		}
		if got := p.order[0].format; got != want {
			t.Errorf("%q: %v first, want %v", system, got, want)
		}
		if len(p.order) != len(dialects()) {
			t.Errorf("%q: %d formats", system, len(p.order))
		}
		seen := map[Format]bool{}
		for _, d := range p.order {
			seen[d.format] = true
		}
		if len(seen) != len(p.order) {
			t.Errorf("%q: a format was lost", system)
		}
	}
}

func TestKnownFormat(t *testing.T) {
	for _, d := range dialects() {
		if got := NewParser(Options{Format: d.format}).Format(); got != d.format {
			t.Errorf("told %v, got %v", d.format, got)
		}
	}
	if got := NewParser(Options{}).Format(); got != Auto {
		t.Errorf("told nothing, got %v", got)
	}
}

// Whole listings, as files: lines of the listing, then "---", then what each
// line must become.
func TestListings(t *testing.T) {
	files, err := filepath.Glob("testdata/*.listing")
	if err != nil || len(files) == 0 {
		t.Fatal("no listings", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			in, want, _ := strings.Cut(string(b), "---\n")
			var got strings.Builder
			o := Options{Now: noon, Recursive: strings.HasPrefix(filepath.Base(file), "recursive")}
			for l, err := range Read(strings.NewReader(in), o) {
				if err != nil {
					t.Fatal(err)
				}
				got.WriteString(summary(l))
			}
			if diff := cmp.Diff(want, got.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func summary(l Line) string {
	if l.Verdict != Understood {
		return l.Verdict.String() + "\n"
	}
	kind := [...]string{"unknown", "file", "dir", "link", "cdir", "pdir", "special"}[l.Entry.Kind]
	line := string(proto.AppendFacts([]byte(kind+" "), l.Entry, []proto.Fact{proto.FactSize, proto.FactModify, proto.FactMode}))
	if l.Entry.Target != "" {
		line += " -> " + l.Entry.Target
	}
	if l.Dir != "" {
		line += " in " + l.Dir
	}
	return line + "\n"
}
