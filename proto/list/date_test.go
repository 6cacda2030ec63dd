package list

import (
	"strings"
	"testing"
	"time"
)

func TestClock(t *testing.T) {
	for text, want := range map[string]stamp{
		"0:00": {exact: minute}, "9:05": {hour: 9, min: 5, exact: minute}, "23:59": {hour: 23, min: 59, exact: minute},
		"13:00:15": {hour: 13, sec: 15, exact: time.Second}, "13:00:60": {hour: 13, sec: 59, exact: time.Second},
		"13:00:15.25": {hour: 13, sec: 15, nsec: 250e6, exact: 10 * time.Millisecond}, "13:00:15.123456789": {hour: 13, sec: 15, nsec: 123456789, exact: 1},
	} {
		var got stamp
		if !got.clock(text) || got != want {
			t.Errorf("%q: %+v", text, got)
		}
	}
	for _, text := range []string{"", ":", "24:00", "13:60", "13:0", "13", "13:00:5", "13:00:61", "13:00:15.", "13:00:15.1234567890", "13:00:15.x", "013:00", "-1:00", "13:+1", "13:00:"} {
		var got stamp
		if got.clock(text) || got != (stamp{}) {
			t.Errorf("%q was taken: %+v", text, got)
		}
	}
}

func TestClock12(t *testing.T) {
	for text, want := range map[string]int{"12:00AM": 0, "01:00AM": 1, "11:00am": 11, "12:00PM": 12, "01:00pm": 13, "11:00PM": 23, "00:00": 0, "23:00": 23, "01:00p": 13, "12:00a": 0} {
		var got stamp
		if !got.clock12(text) || got.hour != want || got.exact != minute {
			t.Errorf("%q: %+v", text, got)
		}
	}
	for _, text := range []string{"00:00AM", "13:00PM", "01:00XM", "AM", "m", "a", ""} {
		if (&stamp{}).clock12(text) {
			t.Errorf("%q was taken", text)
		}
	}
	var s stamp
	if !s.clock12("01:02:03") || s.exact != time.Second {
		t.Errorf("seconds: %+v", s)
	}
}

func TestNumericDay(t *testing.T) {
	for text, want := range map[string][3]int{
		"11-22-26": {2026, 11, 22}, "11/22/26": {2026, 11, 22}, "11-22-2026": {2026, 11, 22}, "1/2/26": {2026, 1, 2},
		"22-11-26": {2026, 11, 22}, "22/11/2026": {2026, 11, 22}, "22.11.26": {2026, 11, 22}, "05.11.26": {2026, 11, 5},
		"2026-11-22": {2026, 11, 22}, "2026/11/22": {2026, 11, 22}, "99/11/22": {1999, 11, 22}, "00-11-22": {2000, 11, 22}, "32/11/22": {2032, 11, 22},
		"11-22-68": {2068, 11, 22}, "11-22-69": {1969, 11, 22}, "12-31-99": {1999, 12, 31}, "31/12/99": {1999, 12, 31},
	} {
		var s stamp
		if !s.numericDay(text) || [3]int{s.year, s.month, s.day} != want {
			t.Errorf("%q: %+v", text, s)
		}
	}
	for _, text := range []string{"", "11-22", "11-22-", "11-22-6", "11-22-126", "13-13-26", "00-00-26", "11-32-26", "11-0-26", "99/11/32", "99/13/22", "11-22/26", "-11-22-26", "11--22-26", "a-b-c", "11-22-26-1", "2026-13-01", "2026-11-32", "2026-11/22"} {
		if s := (stamp{}); s.numericDay(text) {
			t.Errorf("%q was taken: %+v", text, s)
		}
	}
}

func TestUnixDate(t *testing.T) {
	for _, text := range []string{"", "Nov", "Nov 22", "Nov 0 13:00", "Nov 32 13:00", "Nov 22 99", "Nov 22 20255", "22 Nov", "0 Nov 2025", "32 Nov 2025", "22 Foo 2025",
		"2025-13-22 13:00", "2025-00-22 13:00", "2025-11-00", "13-22 13:00", "11-32 13:00", "11-22", "11-22 x", "2025-11-22x"} {
		c := cursor{text: text}
		if _, ok := c.unixDate(); ok || c.pos != 0 {
			t.Errorf("%q was taken up to %d", text, c.pos)
		}
	}
	for text, rest := range map[string]string{
		"Nov 22 13:00 x": " x", "2025-11-22 13:00 +0100 x": " +0100 x", "2025-11-22 13:00:15 +0100 x": " x", "2025-11-22 13:00:15 +9900 x": " +9900 x",
		"2025-11-22 13:00:15 0100x": " 0100x", "2025-11-22 13:00:15 +01:0 x": " +01:0 x", "2025-11-22 x": " x", "2025-11-22  x": " x", "11月 22日 13:00 x": " x", "11월 22일 13:00 x": " x",
		"Nov 22, 2025 x": " x", "Nov 22, 2025 13:00 x": " x", "Nov 22 2025 13:00 x": " 13:00 x", "Nov 22 13:00:15 2025 x": " x", "Nov 22 13:00:15 2025": " 2025", "Nov 22 13:00:15 20255 x": " 20255 x",
	} {
		c := cursor{text: text}
		if _, ok := c.unixDate(); !ok || c.text[c.pos:] != rest {
			t.Errorf("%q: rest %q, %v", text, c.text[c.pos:], ok)
		}
	}
}

func TestMonth(t *testing.T) {
	for m, names := range map[int][]string{
		1: {"Jan", "JAN", "jan", "Januar", "janv.", "ene", "gen", "янв", "1月", "1월"}, 2: {"Feb", "févr.", "úno", "2月"}, 3: {"Mar", "März", "Mär", "mars", "mrt", "мар"},
		4: {"Apr", "avril", "abr"}, 5: {"May", "Mai", "maj", "mei", "мая"}, 6: {"Jun", "juin", "giu"}, 7: {"Jul", "Juli,", "juil.", "lug"}, 8: {"Aug", "août", "ago"},
		9: {"Sep", "Sept", "set", "zář"}, 10: {"Oct", "Okt", "ott", "out"}, 11: {"Nov", "marras", "ноя"}, 12: {"Dec", "Dez", "déc.", "dic", "des", "12月"},
	} {
		for _, s := range names {
			if got := month(s); got != m {
				t.Errorf("%q is %d, want %d", s, got, m)
			}
		}
	}
	for _, s := range []string{"", "no", "nova", "nov ", "13月", "0月", "月", "123", "eve", "ovd", "novembering!!"} {
		if m := month(s); m != 0 {
			t.Errorf("%q is %d", s, m)
		}
	}
}

func TestNumbers(t *testing.T) {
	for text, want := range map[string]int64{"0": 0, "007": 7, "1,234": 1234, "12,345,678": 12345678, "9,223,372,036,854,775,807": 1<<63 - 1, "9223372036854775807": 1<<63 - 1, "0,001": 1} {
		if got, ok := grouped(text); !ok || got != want {
			t.Errorf("%q: %d, %v", text, got, ok)
		}
	}
	for _, text := range []string{"", ",", "1,", ",1", "1,23", "1,2345", "1234,567", "1,,234", "-1", "+1", "9223372036854775808", "9,223,372,036,854,775,808", "18446744073709551616", "1.5", "٣"} {
		if got, ok := grouped(text); ok {
			t.Errorf("%q was taken: %d", text, got)
		}
	}
	for text, ok := range map[string]bool{"1K": true, "4.0K": true, "1.5MiB": true, "12GB": true, "999T": true, "12345K": false, "K": false, ".5K": false, "1.K": false, "1.2345K": false, "1X": false, "0x12": false} {
		if _, got := sizeField(text); got != ok {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestModes(t *testing.T) {
	for text, want := range map[string]string{
		"rwxrwxrwx": "-rwxrwxrwx", "---------": "----------", "rwsr-sr-t": "ugtrwxr-xr-x", "--S--S--T": "ugt---------", "--x--l---": "g--x------", "r-Sr-Lr-x": "ugr--r--r-x",
	} {
		if got, ok := modeBits(text); !ok || got.String() != want {
			t.Errorf("%q: %v, %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "rwxrwxrw", "rwxrwxrwxr", "wrxrwxrwx", "rwtrwxrwx", "rwxrwtrwx", "rwxrwxrws", "rwlrwxrwx", "r?xrwxrwx", "RWXrwxrwx"} {
		if got, ok := modeBits(text); ok {
			t.Errorf("%q was taken: %v", text, got)
		}
	}
	for c, want := range map[byte]bool{'-': true, 'd': true, 'l': true, 'D': true, 'z': false, '?': false, ' ': false} {
		if _, ok := kindOf(c); ok != want {
			t.Errorf("%q: %v", c, ok)
		}
	}
}

func TestStrings(t *testing.T) {
	for i, want := range strings.Fields("auto unix mlsx dos vms mvs as400 eplf os2 vshell unixdata names unknown") {
		if got := Format(i).String(); got != want {
			t.Errorf("format %d is %q, want %q", i, got, want)
		}
	}
	if Unknown.String() != "unknown" || Ignored.String() != "ignored" || Understood.String() != "understood" {
		t.Error("a verdict has another's name")
	}
}
