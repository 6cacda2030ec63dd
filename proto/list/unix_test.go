package list

import (
	"io/fs"
	"testing"
	"time"

	"ferry/proto"
)

func TestUnix(t *testing.T) {
	file := func(name string, size int64, when time.Time, exact time.Duration) proto.Entry {
		return proto.Entry{Name: name, Kind: proto.RegularFile, Size: size, Modify: when, Precision: exact,
			Mode: 0o644, HasMode: true, Owner: "anna", Group: "staff", Links: 1}
	}
	with := func(e proto.Entry, f func(*proto.Entry)) proto.Entry { f(&e); return e }
	minute, day := time.Minute, 24*time.Hour
	f := file("a.txt", 1234, at(2026, 11, 22, 12, 30), minute)
	dir := with(f, func(e *proto.Entry) {
		e.Kind, e.Mode, e.Size, e.Links, e.Name = proto.Directory, 0o755, proto.NoSize, 2, "pub"
	})
	link := with(f, func(e *proto.Entry) {
		e.Kind, e.Mode, e.Size, e.Name, e.Target = proto.Symlink, 0o777, 7, "cur", "v1.2.33"
	})
	dev := with(f, func(e *proto.Entry) { e.Kind, e.Mode, e.Size, e.Name = proto.Special, 0o666, proto.NoSize, "null" })
	runEntries(t, Options{}, []entryTest{
		{"-rw-r--r--   1 anna     staff        1234 Nov 22 12:30 a.txt", f},
		{"-rw-r--r--   1 anna     staff        1234 Nov 22  2025 a.txt", file("a.txt", 1234, at(2025, 11, 22, 0, 0), day)},
		{"-rw-r--r-- 1 anna staff 1234 nov 22 2025 a.txt", file("a.txt", 1234, at(2025, 11, 22, 0, 0), day)},
		// The day after is a clock or a zone apart, two days after was a year ago.
		{"-rw-r--r-- 1 anna staff 1234 Nov 23 12:30 a.txt", file("a.txt", 1234, at(2026, 11, 23, 12, 30), minute)},
		{"-rw-r--r-- 1 anna staff 1234 Nov 24 12:30 a.txt", file("a.txt", 1234, at(2025, 11, 24, 12, 30), minute)},
		{"-rw-r--r-- 1 anna staff 1234 Jan  1 00:00 a.txt", file("a.txt", 1234, at(2026, 1, 1, 0, 0), minute)},
		{"-rw-r--r-- 1 anna staff 1234 Feb 29 08:00 a.txt", file("a.txt", 1234, at(2024, 2, 29, 8, 0), minute)},
		// ls --time-style and those who have no other.
		{"-rw-r--r-- 1 anna staff 1234 2026-11-22 12:30 a.txt", f},
		{"-rw-r--r-- 1 anna staff 1234 2026-11-22 12:30:15.250000000 +0100 a.txt",
			file("a.txt", 1234, time.Date(2026, 11, 22, 11, 30, 15, 250e6, time.UTC), 1)},
		{"-rw-r--r-- 1 anna staff 1234 2026-11-22 12:30:15 -0530 a.txt",
			file("a.txt", 1234, time.Date(2026, 11, 22, 18, 0, 15, 0, time.UTC), time.Second)},
		{"-rw-r--r-- 1 anna staff 1234 2026-11-22 12:30:15 +0100",
			file("+0100", 1234, time.Date(2026, 11, 22, 12, 30, 15, 0, time.UTC), time.Second)},
		{"-rw-r--r-- 1 anna staff 1234 2025-11-22  a.txt", file("a.txt", 1234, at(2025, 11, 22, 0, 0), day)},
		{"-rw-r--r-- 1 anna staff 1234 11-22 12:30 a.txt", f},
		{"-rw-r--r-- 1 anna staff 1234 22 Nov 2025 a.txt", file("a.txt", 1234, at(2025, 11, 22, 0, 0), day)},
		{"-rw-r--r-- 1 anna staff 1234 22. Nov 12:30 a.txt", f},
		{"-rw-r--r-- 1 anna staff 1234 Nov 22 12:30:15 2025 a.txt",
			file("a.txt", 1234, time.Date(2025, 11, 22, 12, 30, 15, 0, time.UTC), time.Second)},
		{"-rw-r--r-- 1 anna staff 1234 Nov 22 12:30:15 2025",
			file("2025", 1234, time.Date(2026, 11, 22, 12, 30, 15, 0, time.UTC), time.Second)},
		{"-rw-r--r-- 1 anna staff 1234 Nov 22 12:30 2025 a.txt", file("2025 a.txt", 1234, f.Modify, minute)},
		{"-rw-r--r-- 1 anna staff 1234 Nov 22, 2025 12:30 a.txt", file("a.txt", 1234, at(2025, 11, 22, 12, 30), minute)},
		// Other languages.
		{"-rw-r--r-- 1 anna staff 1234 22. Mai 12:30 a.txt", file("a.txt", 1234, at(2026, 5, 22, 12, 30), minute)},
		{"-rw-r--r-- 1 anna staff 1234 22 févr. 2025 a.txt", file("a.txt", 1234, at(2025, 2, 22, 0, 0), day)},
		{"-rw-r--r-- 1 anna staff 1234 11月 22 12:30 a.txt", f},
		{"-rw-r--r-- 1 anna staff 1234 дек 22 2025 a.txt", file("a.txt", 1234, at(2025, 12, 22, 0, 0), day)},
		// Names.
		{"-rw-r--r-- 1 anna staff 1234 Nov 22 12:30  two  blanks ", file(" two  blanks ", 1234, f.Modify, minute)},
		{"-rw-r--r-- 1 anna staff 1234 Nov 22 12:30 Nov 22 12:30 x", file("Nov 22 12:30 x", 1234, f.Modify, minute)},
		{"-rw-r--r-- 1 anna staff 1234 Nov 22 12:30 a -> b", file("a -> b", 1234, f.Modify, minute)},
		{"-rw-r--r-- 1 anna staff 1234 Nov 22 12:30 \xff\xfe\x1b[2J", file("\xff\xfe\x1b[2J", 1234, f.Modify, minute)},
		// Fields that come and go.
		{"-rw-r--r-- 1 anna 1234 Nov 22 12:30 a.txt", with(f, func(e *proto.Entry) { e.Group = "" })},
		{"-rw-r--r-- anna staff 1234 Nov 22 12:30 a.txt", with(f, func(e *proto.Entry) { e.Links = 0 })},
		{"-rw-r--r-- 1 1234 Nov 22 12:30 a.txt", with(f, func(e *proto.Entry) { e.Owner, e.Group = "", "" })},
		{"-rw-r--r-- 1 1000 100 1234 Nov 22 12:30 a.txt", with(f, func(e *proto.Entry) { e.Owner, e.Group = "1000", "100" })},
		{"-rw-r--r-- 1 anna Domain Users 1234 Nov 22 12:30 a.txt", with(f, func(e *proto.Entry) { e.Group = "Domain Users" })},
		{" 393268   8 -rw-r--r-- 1 anna staff 1234 Nov 22 12:30 a.txt", f},
		{"-rw-r--r--+ 1 anna staff 1234 Nov 22 12:30 a.txt", f},
		{"-rw-r--r--. 1 anna staff 1234 Nov 22 12:30 a.txt", f},
		{"-rw-r--r--@ 1 anna staff 1234 Nov 22 12:30 a.txt", f},
		{"-rw-r--r--12345 anna staff 1234 Nov 22 12:30 a.txt", with(f, func(e *proto.Entry) { e.Links = 12345 })},
		{"-rw-r--r-- 1 anna staff 1.2K Nov 22 12:30 a.txt", with(f, func(e *proto.Entry) { e.Size = proto.NoSize })},
		{"-rw-r--r-- 1 anna staff 9223372036854775807 Nov 22 12:30 a.txt", file("a.txt", 1<<63-1, f.Modify, minute)},
		{"-rwsr-Sr-t 1 anna staff 1234 Nov 22 12:30 a.txt", with(f, func(e *proto.Entry) {
			e.Mode = 0o745 | fs.ModeSetuid | fs.ModeSetgid | fs.ModeSticky
		})},
		// Directories, links, devices.
		{"drwxr-xr-x 2 anna staff 4096 Nov 22 12:30 pub", dir},
		{"drwxr-xr-x 2 anna staff 4096 Nov 22 12:30 pub/", dir},
		{"drwxr-xr-x 2 anna staff 4096 Nov 22 12:30 .", with(dir, func(e *proto.Entry) { e.Kind, e.Name = proto.CurrentDir, "." })},
		{"drwxr-xr-x 2 anna staff 4096 Nov 22 12:30 ..", with(dir, func(e *proto.Entry) { e.Kind, e.Name = proto.ParentDir, ".." })},
		{"lrwxrwxrwx 1 anna staff 7 Nov 22 12:30 cur -> v1.2.33", link},
		{"lrwxrwxrwx 1 anna staff 3 Nov 22 12:30 a -> b -> c/d", with(link, func(e *proto.Entry) { e.Name, e.Target, e.Size = "a -> b", "c/d", 3 })},
		{"lrwxrwxrwx 1 anna staff 0 Nov 22 12:30 a -> b -> c", with(link, func(e *proto.Entry) { e.Name, e.Target, e.Size = "a", "b -> c", 0 })},
		{"lrwxrwxrwx 1 anna staff 7 Nov 22 12:30 cur", with(link, func(e *proto.Entry) { e.Target = "" })},
		{"crw-rw-rw- 1 anna staff 1, 3 Nov 22 12:30 null", dev},
		{"crw-rw-rw- 1 anna staff 1,3 Nov 22 12:30 null", dev},
		{"brw-rw-rw- 1 anna staff 0x1a Nov 22 12:30 null", dev},
		{"prw-rw-rw- 1 anna staff 0 Nov 22 12:30 null", dev},
		{"drwxrwx--x anna     staff             2026-11-22 12:30 DCIM",
			with(dir, func(e *proto.Entry) { e.Mode, e.Links, e.Name = 0o771, 0, "DCIM" })},
	})
}

func TestUnixCousins(t *testing.T) {
	runEntries(t, Options{}, []entryTest{
		{"d [R----F--] supervisor            512       Nov 16 18:53    login", proto.Entry{Name: "login",
			Kind: proto.Directory, Size: proto.NoSize, Modify: at(2026, 11, 16, 18, 53), Precision: time.Minute, Owner: "supervisor"}},
		{"- [RWCEAFMS] rhesus             214059       Oct 20  2001    cx.exe", proto.Entry{Name: "cx.exe",
			Kind: proto.RegularFile, Size: 214059, Modify: at(2001, 10, 20, 0, 0), Precision: 24 * time.Hour, Owner: "rhesus"}},
		{"-[RWCEAFMS] 1 admin 77 Oct 20 15:27 my file", proto.Entry{Name: "my file",
			Kind: proto.RegularFile, Size: 77, Modify: at(2026, 10, 20, 15, 27), Precision: time.Minute, Owner: "admin", Links: 1}},
		{"drwxrwxr-x               folder        2 May 10  1996 network", proto.Entry{Name: "network", Mode: 0o775, HasMode: true,
			Kind: proto.Directory, Size: proto.NoSize, Modify: at(1996, 5, 10, 0, 0), Precision: 24 * time.Hour}},
	})
}

func TestUnixRefused(t *testing.T) {
	for _, text := range []string{
		"-rw-r--r-- 1 anna staff 1234 Nov 22 12:30 ",
		"-rw-r--r-- 1 anna staff 1234 Nov 22 12:30",
		"-rw-r--r-- 1 anna staff 1234 Nov 31 12:30 a",
		"-rw-r--r-- 1 anna staff 1234 Nov 22 25:30 a",
		"-rw-r--r-- 1 anna staff 1234 Foo 22 12:30 a",
		"-rw-r--r-- 1 anna staff -5 Nov 22 12:30 a",
		"-rw-r--r-- 1 anna staff 9223372036854775808 Nov 22 12:30 a",
		"-rw-r--r-- 1 anna staff 1234 Nov 22 12:30 ..",
		"-rw-r--r-- 1 anna staff 1234 Nov 22 12:30 .",
		"lrwxrwxrwx 1 anna staff 4 Nov 22 12:30 .. -> /etc",
		"-rw-r--r-- 1 anna staff 1234 Nov 22 12:30 ../.ssh/id",
		"-rw-r--r-- 1 anna staff 1234 Nov 22 12:30 /etc/passwd",
		"drwxr-xr-x 1 anna staff 1234 Nov 22 12:30 a/b/",
		"-rw-r--r-- 1 anna staff 1234 Nov 22 12:30 a\rb",
		"-rw-r--r-- 1 anna staff 1234 Nov 22 12:30 a\x00b",
		"-?????????   ? ?        ?               ?            ? gone",
		"-rw-r--rw2 1 anna staff 1234 Nov 22 12:30 a",
		"-rw-r--r 1 anna staff 1234 Nov 22 12:30 a",
		"zrw-r--r-- 1 anna staff 1234 Nov 22 12:30 a",
		"ls: cannot open directory 'x': Permission denied",
		"a.txt", "total", "total loss", "total 42 files lost",
	} {
		for _, l := range parse(Options{}, text) {
			if l.Verdict != Unknown || l.Entry.Name != "" || l.Text == "" {
				t.Errorf("%q: %+v", text, l)
			}
		}
	}
}

func TestUnixIgnored(t *testing.T) {
	for _, text := range []string{"total 42", "total 4.0K", "insgesamt 12", "总用量 8", "", "   ", "total 8 available 1.2 GiB", "Total: 5",
		"totale 1", "totaal 1", "totalt 1", "gesamt 1", "summe 1", "razem 1", "итого 1", "合計 1", "總計 1", "합계 1", "celkem 1"} {
		if got := parse(Options{}, text); len(got) != 1 || got[0].Verdict != Ignored {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

func TestLocation(t *testing.T) {
	zone := time.FixedZone("", 2*3600)
	got := parse(Options{Location: zone}, "-rw-r--r-- 1 a b 1 Nov 22 15:30 a", "-rw-r--r-- 1 a b 1 Nov 23 15:30 b")
	if want := at(2026, 11, 22, 13, 30); !got[0].Entry.Modify.Equal(want) {
		t.Errorf("got %v, want %v", got[0].Entry.Modify, want)
	}
	if want := at(2025, 11, 23, 13, 30); !got[1].Entry.Modify.Equal(want) {
		t.Errorf("more than a day ahead: got %v, want %v", got[1].Entry.Modify, want)
	}
}

func TestYearTurn(t *testing.T) {
	eve := time.Date(2026, 12, 31, 23, 30, 0, 0, time.UTC)
	got := parse(Options{Now: eve}, "-rw-r--r-- 1 a b 1 Jan  1 07:30 a")
	if want := at(2027, 1, 1, 7, 30); !got[0].Entry.Modify.Equal(want) {
		t.Errorf("got %v, want %v", got[0].Entry.Modify, want)
	}
	got = parse(Options{Now: eve.Add(time.Hour)}, "-rw-r--r-- 1 a b 1 Dec 31 23:30 a")
	if want := at(2026, 12, 31, 23, 30); !got[0].Entry.Modify.Equal(want) {
		t.Errorf("got %v, want %v", got[0].Entry.Modify, want)
	}
}
