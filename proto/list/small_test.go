package list

import (
	"testing"
	"time"

	"ferry/proto"
)

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
