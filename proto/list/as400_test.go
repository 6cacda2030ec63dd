package list

import (
	"testing"
	"time"

	"ferry/proto"
)

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
