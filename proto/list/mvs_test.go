package list

import (
	"strings"
	"testing"

	"ferry/proto"

	"github.com/google/go-cmp/cmp"
)

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

func TestMVSWords(t *testing.T) {
	for s, want := range map[string]proto.Kind{"PS": proto.RegularFile, "PS-E": proto.RegularFile, "PS-L": proto.RegularFile, "DA": proto.RegularFile,
		"PO": proto.Directory, "PO-E": proto.Directory, "VS": proto.Special, "VSAM": proto.Special, "HFS": proto.Special, "ZFS": proto.Special,
		"IS": proto.Special, "GS": proto.Special, "??": proto.Special} {
		if got, ok := dsorg(s); !ok || got != want {
			t.Errorf("%q: %v, %v", s, got, ok)
		}
	}
	for s, want := range map[string]bool{"A": true, "A.B$C.@D.#E": true, "'A.B(MEM)'": true, "'A'": true, strings.Repeat("A", 54): true, strings.Repeat("A", 55): false,
		"": false, "''": false, "1A": false, ".A": false, "-A": false, "A/B": false, "A;B": false, "A\x1b": false, "Ä": false} {
		if datasetName(s) != want {
			t.Errorf("%q", s)
		}
	}
	for _, volume := range []string{"Migrated", "MIGRAT", "ARCIVE", "Archived", "GDG", "ALIAS"} {
		if !elsewhere(volume) {
			t.Errorf("%q", volume)
		}
	}
	for s, want := range map[string]bool{"JOB01906": true, "STC01906": true, "TSU01906": true, "J0190600": true, "S0190600": true, "T0190600": true,
		"JOB0190": false, "XYZ01906": false, "X0190600": false, "JOBABCDE": false, "B STC123": false} {
		if jobID(s) != want {
			t.Errorf("%q", s)
		}
	}
	for s, want := range map[string]stamp{"26/11/22": {year: 2026, month: 11, day: 22}, "69/11/22": {year: 1969, month: 11, day: 22}, "68/11/22": {year: 2068, month: 11, day: 22}} {
		var got stamp
		if want.exact = day; !got.mvsDay(s) || got != want {
			t.Errorf("%q: %+v", s, got)
		}
	}
	for _, s := range []string{"", "26/13/22", "26/11/32", "x6/11/22", "26-11-22", "26/11/2"} {
		if (&stamp{}).mvsDay(s) {
			t.Errorf("%q was taken", s)
		}
	}
}

func TestMVSOddRows(t *testing.T) {
	rows(t, "Volume Unit    Date  Ext Used Recfm Lrecl BlkSz Dsorg Dsname", map[string]*proto.Entry{
		"User Catalog                                            UCAT.A":    {Name: "UCAT.A", Kind: proto.Special, Size: proto.NoSize},
		"SLB001 3390                                        PATH USER.PATH": {Name: "USER.PATH", Kind: proto.Special, Size: proto.NoSize},
		"User Catalog": nil, "User manual says UCAT.A": nil, "VSAM USER.X": nil, "Pseudo X": nil, "Migrated in 2024: USER.OLD": nil,
	})
}
