package client

import (
	"strings"
	"testing"

	"ferry/proto"
)

func FuzzAnnounced(f *testing.F) {
	f.Add("Opening BINARY mode data connection for a.txt (12345 bytes).", "a.txt")
	f.Add("Opening BINARY mode data connection for x (5 bytes) (100 bytes)", "x (5 bytes)")
	f.Add("Data connection accepted; transfer starting for f (1 Byte).", "f")
	f.Add("0.015 kbytes to download", "f")
	f.Add("(9223372036854775808 bytes)", "")
	f.Add("(+5 bytes) (-5 bytes) ((7 bytes", "")
	f.Fuzz(func(t *testing.T, text, path string) {
		n, ok := announced(proto.Reply{Code: proto.OpeningData, Lines: []string{text}}, path)
		if n < 0 || !ok && n != 0 {
			t.Errorf("%d %v", n, ok)
		}
	})
}

func TestAnnounced(t *testing.T) {
	for _, tt := range []struct {
		text, path string
		want       int64
	}{
		{"Opening BINARY mode data connection for a.txt (12345 bytes).", "/pub/a.txt", 12345},
		{"Opening data connection for x (5 bytes) (100 bytes)", "x (5 bytes)", 100},
		{"Opening data connection for x (5 bytes)", "x (5 bytes)", -1}, // the name says so, nobody else
		{"Data connection accepted; transfer starting for f (1 Byte)", "f", 1},
		{"Opening (BINARY) connection (7 bytes) (anna)", "f", 7},
		{"0.015 kbytes to download", "f", -1},
		{"(0.5 bytes)", "f", -1},
		{"(5bytes)", "f", -1},
		{"(-5 bytes)", "f", -1},
		{"(+5 bytes)", "f", -1},
		{"(99999999999999999999 bytes)", "f", -1},
		{"", "", -1},
	} {
		n, ok := announced(proto.Reply{Lines: []string{tt.text}}, tt.path)
		if !ok {
			n = -1
		}
		if n != tt.want {
			t.Errorf("%q: %d, want %d", tt.text, n, tt.want)
		}
	}
}

func FuzzSum(f *testing.F) {
	hex := strings.Repeat("5d41402a", 4)
	f.Add("213 SHA-256 0-49 "+hex+" name", "name")
	f.Add(`251 "name" `+hex, "name")
	f.Add(`"`, "")
	f.Add(hex, hex)
	f.Fuzz(func(t *testing.T, text, path string) {
		r := proto.Reply{Code: proto.FileStatus, Lines: strings.Split(text, "\n")}
		for _, d := range dialects() {
			s, err := sum(r, path, d)
			if err == nil && (len(s.Hex) != d.digits || !isHex(s.Hex) || strings.ToLower(s.Hex) != s.Hex) {
				t.Errorf("%s: %q", d.algo, s.Hex)
			}
		}
	})
}

func FuzzUniqueName(f *testing.F) {
	f.Add("FILE: a.1")
	f.Add("Transfer complete (unique file name:a.2).")
	f.Fuzz(func(t *testing.T, text string) {
		if name := uniqueName(proto.Reply{Lines: []string{text}}); len(name) > len(text) {
			t.Error(name)
		}
	})
}

func FuzzMark(f *testing.F) {
	f.Add("MARK 100 = 0x64")
	f.Add("MARK =")
	f.Fuzz(func(t *testing.T, text string) {
		ours, theirs, ok := parseMark(text)
		if ok && (ours == "" || theirs == "" || strings.Contains(theirs, " ")) {
			t.Errorf("%q %q", ours, theirs)
		}
	})
}
