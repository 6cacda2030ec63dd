package data

import (
	"bytes"
	"encoding/hex"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// wireHex reads hexadecimal digits with blanks, and "text" in quotes.
func wireHex(t testing.TB, s string) []byte {
	t.Helper()
	var out []byte
	for i, part := range strings.Split(s, `"`) {
		if i%2 == 1 {
			out = append(out, part...)
			continue
		}
		b, err := hex.DecodeString(strings.ReplaceAll(part, " ", ""))
		if err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		out = append(out, b...)
	}
	return out
}

// Vectors made by hand from RFC 959 §3.1 and §3.4. The wire is in hexadecimal
// digits, with text in quotes.
var vectors = []struct {
	name, params, file, wire string
	only                     string // "send" or "receive"; empty: both
}{
	// Types. §3.1.1.1: CR LF ends a line; §3.1.1.2: NL does, 0x15.
	{"lines", "A N F S", "ab\ncd\n", `"ab" 0D0A "cd" 0D0A`, ""},
	{"no last line end", "A N F S", "ab\ncd", `"ab" 0D0A "cd"`, ""},
	{"empty lines", "A N F S", "\n\n", `0D0A 0D0A`, ""},
	{"lone CR stays", "A N F S", "a\rb\r", `"a" 0D "b" 0D`, ""},
	{"CR CR LF is a CR and a line end", "A N F S", "a\r\n", `"a" 0D0D0A`, "receive"},
	{"CR LF in a file is a line end", "A N F S", "a\r\nb\r\r\n", `"a" 0D0A "b" 0D0D0A`, "send"},
	{"LF CR", "A N F S", "\n\r", `0D0A 0D`, ""},
	{"lone LF on the wire", "A N F S", "a\nb", `"a" 0A "b"`, "receive"},
	{"CR NUL stays", "A N F S", "a\r\x00b", `"a" 0D00 "b"`, ""},
	{"eight bits", "A N F S", "\xE9\xFF\x80\n", `E9FF80 0D0A`, ""},
	{"empty file", "A N F S", "", ``, ""},
	{"T: effectors are data", "A T F S", "a\x0B\x0C\rb\n", `"a" 0B0C0D "b" 0D0A`, ""},
	{"C: the first character stays", "A C F S", " a\n0b\n1c\n+d\n", `" a" 0D0A "0b" 0D0A "1c" 0D0A "+d" 0D0A`, ""},
	{"image", "I F S", "a\r\n\xFF\x00", `"a" 0D0AFF00`, ""},
	{"local 8", "L 8 F S", "a\r\n\xFF\x00", `"a" 0D0AFF00`, ""},
	{"EBCDIC", "E N F S", "Hi 9\n", `C889 40 F9 15`, ""},
	{"EBCDIC LF is NEL", "E N F S", "\x85", `25`, ""},
	{"EBCDIC N: CR LF is no line end", "E N F S", "A\r\x85", `C1 0D25`, ""},
	{"EBCDIC T: CR LF is one", "E T F S", "A\nB\n", `C1 0D25 C2 15`, "receive"},
	{"EBCDIC T: NL is one", "E T F S", "A\x0B\x0C\n", `C1 0B0C 15`, ""},
	{"EBCDIC C: CR LF is one", "E C F S", " A\n+B\n", `40C1 0D25 4EC2 0D25`, "receive"},
	{"EBCDIC T: lone CR", "E T F S", "A\rB\r", `C1 0D C2 0D`, ""},

	// §3.4.1, record structure: escape FF, 1 record, 2 file, 3 both, FF data.
	{"records", "A N R S", "ab\ncd\n", `"ab" FF01 "cd" FF01 FF02`, ""},
	{"record and file end at once", "A N R S", "ab\ncd\n", `"ab" FF01 "cd" FF03`, "receive"},
	{"no records", "A N R S", "", `FF02`, ""},
	{"empty records", "A N R S", "\n\n", `FF01 FF01 FF02`, ""},
	{"empty last record", "A N R S", "a\n\n", `"a" FF01 FF03`, "receive"},
	{"escape is data", "A N R S", "\xFFa\xFF\xFF\n", `FFFF "a" FFFFFFFF FF01 FF02`, ""},
	{"record without its end", "A N R S", "ab\ncd\n", `"ab" FF01 "cd" FF02`, "receive"},
	{"last line gets its end", "A N R S", "ab\ncd", `"ab" FF01 "cd" FF01 FF02`, "send"},
	{"CR in a record", "A N R S", "a\rb\n\rc\n", `"a" 0D "b" FF01 0D "c" FF01 FF02`, ""},
	{"CR LF in a record is a line end", "A N R S", "a\nb\n", `"a" 0D0A "b" FF01 FF02`, "receive"},
	{"EBCDIC records", "E N R S", "A\nB\n", `C1 FF01 C2 FF01 FF02`, ""},
	{"EBCDIC FF is data", "E N R S", "\x9F\n", `FFFF FF01 FF02`, ""},
	{"descriptor words", "I R S", "\x00\x06\x00\x00ab\x00\x04\x00\x00\x00\x05\x00\x00\xFF",
		`"ab" FF01 FF01 FFFF FF01 FF02`, ""},
	{"descriptor words, both at once", "L 8 R S", "\x00\x06\x00\x00ab", `"ab" FF03`, "receive"},

	// §3.4.2, block mode: descriptor, count in two bytes, data.
	{"one block", "I F B", "hello", `40 0005 "hello"`, ""},
	{"empty file", "I F B", "", `40 0000`, ""},
	{"blocks of any size", "I F B", "hello", `00 0002 "he" 00 0000 00 0001 "l" 00 0002 "lo" 40 0000`, "receive"},
	{"marker of six", "I F B", "hello", `00 0002 "he" 10 0006 "marker" 40 0003 "llo"`, "receive"},
	{"record ends in file structure", "I F B", "hello", `80 0002 "he" C0 0003 "llo"`, "receive"},
	{"block lines", "A N F B", "a\nb", `40 0004 "a" 0D0A "b"`, ""},
	{"CR and LF in two blocks", "A N F B", "a\nb", `00 0002 "a" 0D 40 0002 0A "b"`, "receive"},
	{"block records", "A N R B", "ab\n\ncd\n", `80 0002 "ab" 80 0000 80 0002 "cd" 40 0000`, ""},
	{"block records, last with the file's end", "A N R B", "ab\ncd\n", `80 0002 "ab" C0 0002 "cd"`, "receive"},
	{"record in several blocks", "A N R B", "abcd\ne\n", `00 0002 "ab" 80 0002 "cd" 00 0001 "e" C0 0000`, "receive"},
	{"record end alone", "A N R B", "ab\n", `00 0002 "ab" 80 0000 40 0000`, "receive"},
	{"record without its end", "A N R B", "ab\n", `40 0002 "ab"`, "receive"},
	{"FF in a block", "A N R B", "\xFF\n", `80 0001 FF 40 0000`, ""},
	{"block descriptor words", "I R B", "\x00\x06\x00\x00ab\x00\x04\x00\x00", `80 0002 "ab" 80 0000 40 0000`, ""},
	{"marker between records", "I R B", "\x00\x05\x00\x00a\x00\x05\x00\x00b",
		`80 0001 "a" 10 0001 "1" C0 0001 "b"`, "receive"},
	{"marker that ends the file", "I F B", "a", `00 0001 "a" 50 0001 "1"`, "receive"},

	// §3.4.3, compressed mode.
	{"string", "I F C", "abc", `0040 03 "abc"`, ""},
	{"empty file", "I F C", "", `0040 C0`, ""},
	{"run", "I F C", "aaaaa", `0040 85 "a"`, ""},
	{"filler is zero", "I F C", "\x00\x00\x00", `0040 C3`, ""},
	{"filler is a space", "A N F C", "   ", `0040 C3`, ""},
	{"EBCDIC filler is a space", "E N F C", "   ", `0040 C3`, ""},
	{"EBCDIC run", "E N F C", "AAA", `0040 83C1`, ""},
	{"string and run", "I F C", "abcccc", `02 "ab" 0040 84 "c"`, ""},
	{"run and string", "I F C", "aaab", `83 "a" 0040 01 "b"`, ""},
	{"two are no run", "I F C", "aabb", `0040 04 "aabb"`, ""},
	{"two fillers are", "I F C", "a\x00\x00b", `01 "a" C2 0040 01 "b"`, ""},
	{"long run", "I F C", strings.Repeat("a", 130), `BF "a" BF "a" 0040 84 "a"`, ""},
	{"long filler", "I F C", strings.Repeat("\x00", 64), `FF 0040 01 00`, ""},
	{"long string", "I F C", strings.Repeat("ab", 64),
		`7F "` + strings.Repeat("ab", 63) + `a" 0040 01 "b"`, ""},
	{"no compression", "I F C", "aaaa", `02 "aa" 01 "a" 81 "a" C0 0040 80 "x"`, "receive"},
	{"compressed records", "A N R C", "ab\n\ncccc\n", `0080 02 "ab" 0080 C0 0080 84 "c" 0040 C0`, ""},
	{"compressed record without a unit", "A N R C", "\na\n", `0080 00C0 01 "a"`, "receive"},
	{"record and file end at once", "A N R C", "ab\ncd\n", `0080 02 "ab" 00C0 02 "cd"`, "receive"},
	{"marker in compressed mode", "I F C", "abcd", `02 "ab" 0010 06 "marker" 0040 02 "cd"`, "receive"},
	{"marker of digits", "I F C", "abcd", `02 "ab" 0010 83 "7" 0040 02 "cd"`, "receive"},
	{"compressed lines", "A N F C", "a\nb", `0040 04 "a" 0D0A "b"`, ""},

	// §3.1.2.3: header length, index, data length, type (0 last, 1 simple,
	// 2 descriptor, 3 access controlled).
	{"pages", "I P S", "abc", `04 00 03 01 "abc" 04 00 00 00`, ""},
	{"no pages", "I P S", "", `04 00 00 00`, ""},
	{"descriptor page", "I P S", "abc", `04 00 02 02 "xy" 04 00 03 01 "abc" 04 00 00 00`, "receive"},
	{"access controlled page", "I P S", "abc", `05 00 03 03 AC "abc" 04 00 00 00`, "receive"},
	{"descriptor with a long header", "I P S", "abc", `06 00 02 02 0102 "xy" 04 00 03 01 "abc" 04 00 00 00`, "receive"},
	{"pages in blocks", "I P B", "abc", `40 000B 04000301 "abc" 04000000`, ""},
}

func TestVectors(t *testing.T) {
	for _, v := range vectors {
		o := Options{Params: params(t, v.params), Records: RDW}
		wire := wireHex(t, v.wire)
		t.Run(v.params+"/"+v.name, func(t *testing.T) {
			if v.only != "receive" {
				if got := encode(t, []byte(v.file), o); !bytes.Equal(got, wire) {
					t.Errorf("send %q:\n got % x\nwant % x", v.file, got, wire)
				}
			}
			if v.only == "send" {
				return
			}
			for name, r := range map[string]func(io.Reader) io.Reader{
				"at once": func(r io.Reader) io.Reader { return r }, "byte by byte": iotest.OneByteReader,
				"with the end": iotest.DataErrReader,
			} {
				if got, err := decode(r(bytes.NewReader(wire)), o); err != nil || string(got) != v.file {
					t.Errorf("receive % x %s:\n got %q, %v\nwant %q", wire, name, got, err, v.file)
				}
			}
		})
	}
}
