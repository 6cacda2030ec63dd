package list

import (
	"testing"

	"ferry/proto"
)

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
