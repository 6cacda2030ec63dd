package list

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"ferry/proto"
)

func TestHugeLine(t *testing.T) {
	huge := "-rw-r--r-- 1 anna staff 1 Nov 22 12:00 " + strings.Repeat("a", 1<<20)
	got := parse(Options{}, huge, "-rw-r--r-- 1 anna staff 1 Nov 22 12:00 b")
	if len(got) != 2 || got[0].Verdict != Unknown || len(got[0].Text) != MaxLine || got[1].Verdict != Understood {
		t.Errorf("%d lines, first %v of %d bytes", len(got), got[0].Verdict, len(got[0].Text))
	}
	longest := huge[:MaxLine]
	if got := parse(Options{}, longest); got[0].Verdict != Understood {
		t.Errorf("a line of MaxLine: %v", got[0].Verdict)
	}
}

func collect(t *testing.T, r io.Reader) (lines []Line, err error) {
	t.Helper()
	for l, e := range Read(r, Options{Now: noon}) {
		if e != nil {
			return lines, e
		}
		lines = append(lines, l)
	}
	return lines, nil
}

func TestRead(t *testing.T) {
	const (
		a, b = "-rw-r--r-- 1 anna staff 1 Nov 22 12:00 a", "-rw-r--r-- 1 anna staff 1 Nov 22 12:00 b"
		huge = MaxLine + 2
	)
	for name, text := range map[string]string{
		"CRLF": a + "\r\n" + b + "\r\n", "LF": a + "\n" + b + "\n", "no end": a + "\r\n" + b,
	} {
		got, err := collect(t, iotest.OneByteReader(strings.NewReader(text)))
		if err != nil || len(got) != 2 || got[0].Entry.Name != "a" || got[1].Entry.Name != "b" {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	for _, n := range []int{MaxLine - 1, MaxLine, MaxLine + 1, huge, huge + 1, 3 * huge} {
		text := strings.Repeat("x", n) + "\r\n" + a + "\r\n"
		got, err := collect(t, strings.NewReader(text))
		if err != nil || len(got) != 2 || len(got[0].Text) != min(n, MaxLine) || got[0].Verdict != Unknown || got[1].Entry.Name != "a" {
			t.Errorf("line of %d: %d lines, %v", n, len(got), err)
		}
	}
	if got, err := collect(t, strings.NewReader("")); len(got) != 0 || err != nil {
		t.Errorf("empty: %+v, %v", got, err)
	}
}

// The last line of a listing that broke off may be half a name.
func TestReadCut(t *testing.T) {
	const a = "-rw-r--r-- 1 anna staff 1 Nov 22 12:00 a"
	broken := errors.New("connection reset")
	for _, text := range []string{a + "\r\n" + a + ".tx", a + "\r\nLONG.NAME;1\r\n" + a} {
		got, err := collect(t, io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken)))
		if !errors.Is(err, broken) || len(got) < 2 || got[0].Verdict != Understood || got[len(got)-1].Verdict != Unknown {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
}

func TestReadStops(t *testing.T) {
	n := 0
	for range Read(strings.NewReader("a\nb\nc\n"), Options{}) {
		if n++; n == 2 {
			break
		}
	}
	if n != 2 {
		t.Errorf("%d lines after break", n)
	}
}

func TestZeroVerdict(t *testing.T) {
	if (Line{}).Verdict != Unknown {
		t.Error("a line that nobody judged counts as understood")
	}
}

// FuzzParser: no line is lost, and no entry has a name that could hurt.
func FuzzParser(f *testing.F) {
	for _, s := range []string{
		"total 42\n-rw-r--r-- 1 anna staff 1 Nov 22 12:00 a -> b",
		"lrwxrwxrwx 1 a b 7 Nov 22 12:30 cur -> v1.2.33\ncrw-rw-rw- 1 a b 1, 3 2026-11-22 12:30:15.5 +0000 n",
		"d [R----F--] supervisor 512 Nov 16 18:53 login\ndrwxrwxr-x folder 2 May 10 1996 network",
		"11-22-26  01:00PM       <DIR>          name\n11/22/2026  01:00 PM    <JUNCTION>     x [C:\\y]\n11-22-26 01:00PM 1,234 a",
		"Directory D:[X]\nLONG.NAME;1\n   4/5  22-NOV-2026 13:00 [A,\n B] (RWED,RWED,,)\nTotal of 1 file, 4/5 blocks.",
		"Volume Unit    Referred Ext Used Recfm Lrecl BlkSz Dsorg Dsname\nWPTA01 3390 2026/11/22 1 3 FB 80 3120 PS A.B\nMigrated X",
		" Name     VV.MM   Created       Changed      Size  Init   Mod   Id\n A 01.05 2026/04/10 2026/11/22 12:50 1 1 0 S\n B",
		" Name      Size     TTR   Alias-of\n EZAGPRT   000390   00BC05 00 FO",
		"JOBNAME  JOBID    OWNER    STATUS CLASS\nA JOB00001 A OUTPUT A", "ID  STEPNAME PROCSTEP\n001 JES2 N/A H JESMSGLG 12",
		"QSYS 77824 11/22/26 15:09:55 *FILE      Q.FILE/\nQSYS *MEM       Q.FILE/M.MBR",
		"+i8388621.48594,m825718503,r,s280,up644\tx", "0 DIR 12-30-97 12:32 j", "2 Apr 04, 2000 21:06 v/", "0100644 500 101 1 123456789 f",
		"type=file;size=1;modify=20261122130000; ..", ".:\n\nsub:\n-rw-r--r-- 1 a b 1 Nov 22 12:00 x", "\x1b]0;a\a\x00\r",
	} {
		f.Add(s, byte(0), false)
	}
	f.Add("../a", byte(Names), true)
	f.Fuzz(func(t *testing.T, text string, format byte, recursive bool) {
		lines := strings.Split(text, "\n")
		got := parse(Options{Format: Format(format % byte(Names+1)), Recursive: recursive}, lines...)
		var in, out strings.Builder
		for _, l := range lines {
			in.WriteString(squeeze(l))
		}
		for _, l := range got {
			out.WriteString(squeeze(l.Text))
			check(t, l)
		}
		if in.String() != out.String() {
			t.Fatalf("%q became %q", in.String(), out.String())
		}
	})
}

func squeeze(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '\t' || r == '\r' }), "")
}

func check(t *testing.T, l Line) {
	e := l.Entry
	if l.Verdict != Understood {
		if e != (proto.Entry{}) || l.Dir != "" {
			t.Fatalf("%v line has an entry: %+v", l.Verdict, l)
		}
		return
	}
	here := e.Kind == proto.CurrentDir || e.Kind == proto.ParentDir
	if e.Name == "" || strings.ContainsAny(e.Name, "\x00\r\n") || !here && (strings.Contains(e.Name, "/") || e.Name == "." || e.Name == "..") {
		t.Fatalf("name: %+v", l)
	}
	if e.Size < proto.NoSize || e.Modify.IsZero() != (e.Precision == 0) && e.Precision == 0 {
		t.Fatalf("entry: %+v", l)
	}
	for part := range strings.SplitSeq(l.Dir, "/") {
		if part == ".." || strings.HasPrefix(l.Dir, "/") {
			t.Fatalf("directory: %+v", l)
		}
	}
}
