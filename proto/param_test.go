package proto_test

import (
	"errors"
	"testing"

	"ferry/proto"
)

func TestParseType(t *testing.T) {
	good := map[string]proto.Type{
		"A": proto.TypeA, "a": proto.TypeA, "A N": proto.TypeA, "a n ": proto.TypeA, " A  N": proto.TypeA,
		"A T": {Code: proto.ASCII, Form: proto.Telnet}, "A C": {Code: proto.ASCII, Form: proto.Carriage},
		"E": proto.TypeE, "E N": proto.TypeE, "E T": {Code: proto.EBCDIC, Form: proto.Telnet}, "E C": {Code: proto.EBCDIC, Form: proto.Carriage},
		"I": proto.TypeI, "I ": proto.TypeI, "i": proto.TypeI, "I N": proto.TypeI,
		"L 8": proto.TypeL, "l  8": proto.TypeL, "L 36": {Code: proto.Local, Size: 36}, "L 255": {Code: proto.Local, Size: 255},
	}
	for arg, want := range good {
		if got, err := proto.ParseType(arg); err != nil || got != want {
			t.Errorf("%q: %v, %v, want %v", arg, got, err, want)
		}
	}
	for _, arg := range []string{
		"", " ", "X", "AN", "A X", "A N N", "I 8", "L", "L 0", "L -8", "L 256", "L x", "L 8 8", "L 99999999999999999999", "A \x00", "É",
	} {
		got, err := proto.ParseType(arg)
		var pe *proto.ParamError
		if !errors.As(err, &pe) || !pe.Unknown || pe.Param != "TYPE" {
			t.Errorf("%q: %v, %v", arg, got, err)
		}
	}
}

func TestTypeString(t *testing.T) {
	for _, arg := range []string{"A", "A T", "A C", "E", "E T", "E C", "I", "L 8", "L 36"} {
		typ, err := proto.ParseType(arg)
		if err != nil || typ.String() != arg {
			t.Errorf("%q: %q, %v", arg, typ, err)
		}
	}
}

func TestParseLetters(t *testing.T) {
	tests := []struct {
		parse func(string) (string, error)
		good  string
	}{
		{func(s string) (string, error) { v, err := proto.ParseStru(s); return v.String(), err }, "FRP"},
		{func(s string) (string, error) { v, err := proto.ParseMode(s); return v.String(), err }, "SBCZ"},
		{func(s string) (string, error) { v, err := proto.ParseProt(s); return v.String(), err }, "CSEP"},
	}
	for _, tt := range tests {
		for c := range 256 {
			arg := string([]byte{byte(c)})
			want := ""
			for _, g := range tt.good {
				if arg == string(g) || arg == string(g+'a'-'A') {
					want = string(g)
				}
			}
			got, err := tt.parse(" " + arg + " ")
			var pe *proto.ParamError
			if want == "" && !errors.As(err, &pe) || want != "" && (err != nil || got != want) {
				t.Errorf("%q of %s: %q, %v", arg, tt.good, got, err)
			}
		}
		for _, bad := range []string{"", "SS", "S B", tt.good} {
			if _, err := tt.parse(bad); err == nil {
				t.Errorf("%q of %s", bad, tt.good)
			}
		}
	}
}

func TestIdentity(t *testing.T) {
	tests := []struct {
		p    proto.Params
		want bool
	}{
		{proto.Binary(), true},
		{proto.Params{Type: proto.TypeL, Stru: proto.File, Mode: proto.Stream}, true},
		{proto.Params{Type: proto.Type{Code: proto.Local, Size: 36}, Stru: proto.File, Mode: proto.Stream}, false},
		{proto.DefaultParams(), false},
		{proto.Params{Type: proto.TypeI, Stru: proto.Record, Mode: proto.Stream}, false},
		{proto.Params{Type: proto.TypeI, Stru: proto.File, Mode: proto.Block}, false},
	}
	for _, tt := range tests {
		if got := tt.p.Identity(); got != tt.want {
			t.Errorf("%v: %v", tt.p, got)
		}
	}
	// RFC 959 §5.1
	if got := proto.DefaultParams().String(); got != "TYPE A, STRU F, MODE S" {
		t.Error(got)
	}
	if !proto.TypeE.Text() || proto.TypeL.Text() {
		t.Error("Text")
	}
}
