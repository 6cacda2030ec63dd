package proto_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"ferry/proto"
)

func addrPort(s string) netip.AddrPort {
	if s == "" {
		return netip.AddrPort{}
	}
	return netip.MustParseAddrPort(s)
}

func TestParseHostPort(t *testing.T) {
	tests := map[string]string{
		"132,235,1,2,24,131":          "132.235.1.2:6275",
		"0,0,0,0,0,0":                 "0.0.0.0:0",
		"255,255,255,255,255,255":     "255.255.255.255:65535",
		" 10, 0 ,0,1 , 4,1 ":          "10.0.0.1:1025",
		"010,0,0,1,04,01":             "10.0.0.1:1025",
		"":                            "",
		"1,2,3,4,5":                   "",
		"1,2,3,4,5,6,7":               "",
		"1,2,3,4,5,256":               "",
		"1,2,3,4,5,-1":                "",
		"1,2,3,4,5,+1":                "",
		"1,2,3,4,5,":                  "",
		"1,2,3,4,5,0x1":               "",
		"1,2,3,4,5,1_0":               "",
		"1,2,3,4,5,99999999999999999": "",
		"1.2.3.4,5,6":                 "",
		"1,2,3,4,5,٦":                 "",
	}
	for arg, want := range tests {
		got, err := proto.ParseHostPort(arg)
		if got != addrPort(want) || (want == "") != isSyntax(err, "host and port") {
			t.Errorf("%q: %v, %v, want %q", arg, got, err, want)
		}
	}
}

func TestParsePassive(t *testing.T) {
	tests := map[string]string{
		"Entering Passive Mode (192,0,2,1,4,5).":     "192.0.2.1:1029",
		"Entering Passive Mode (192,0,2,1,4,5)":      "192.0.2.1:1029",
		"Entering Passive Mode 192,0,2,1,4,5":        "192.0.2.1:1029", // RFC 1123 §4.1.2.6
		"=192,0,2,1,4,5":                             "192.0.2.1:1029",
		"192,0,2,1,4,5":                              "192.0.2.1:1029",
		"Entering Passive Mode (192, 0, 2, 1, 4, 5)": "192.0.2.1:1029",
		"Entering Passive Mode. 192,0,2,1,4,5.":      "192.0.2.1:1029",
		"Passive 42 192,0,2,1,4,5 7":                 "192.0.2.1:1029",
		"mode 1 (2) 192,0,2,1,4,5":                   "192.0.2.1:1029",
		"(1,2,3) then (192,0,2,1,4,5)":               "192.0.2.1:1029",
		"(0,0,0,0,4,5)":                              "0.0.0.0:1029", // policy is the client's
		"Entering Passive Mode (192,0,2,1,0,0)":      "",
		"1,2,3,4,5,6,7":                              "",
		"300,1,2,3,4,5":                              "",
		"300,1,2,3,4,5,6":                            "",
		"1,2,3,4,5":                                  "",
		"Entering Extended Passive Mode (|||6446|)":  "",
		"":                         "",
		",,,,,":                    "",
		" , , , , , ":              "",
		"1,2,3,4, ,5":              "",
		strings.Repeat("1,", 8000): "",
		strings.Repeat("1 ", 8000): "",
		strings.Repeat("x1,2,3,4,5,", 1000) + "x": "",
	}
	for text, want := range tests {
		got, err := proto.ParsePassive(text)
		if got != addrPort(want) || (want == "") != isSyntax(err, "227 reply") {
			t.Errorf("%.60q: %v, %v, want %q", text, got, err, want)
		}
	}
}

func TestFormatHostPort(t *testing.T) {
	for in, want := range map[string]string{
		"132.235.1.2:6275":        "132,235,1,2,24,131",
		"[::ffff:192.0.2.1]:1029": "192,0,2,1,4,5",
		"[2001:db8::1]:1029":      "0,0,0,0,4,5",
	} {
		if got := proto.FormatHostPort(addrPort(in)); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
	if got := proto.FormatHostPort(netip.AddrPort{}); got != "0,0,0,0,0,0" {
		t.Error(got)
	}
}

func TestParseExtended(t *testing.T) {
	const family = "family"
	tests := map[string]string{
		"|1|132.235.1.2|6275|":           "132.235.1.2:6275", // RFC 2428 §2
		"|2|1080::8:800:200C:417A|5282|": "[1080::8:800:200c:417a]:5282",
		"!1!192.0.2.1!21!":               "192.0.2.1:21",
		"~2~::1~65535~":                  "[::1]:65535",
		" |1|192.0.2.1|21| ":             "192.0.2.1:21",
		"|2|::ffff:192.0.2.1|21|":        "192.0.2.1:21", // one form only, for whoever compares
		"|1|192.0.2.1|0|":                "192.0.2.1:0",  // the server refuses low ports, all of them
		"|3|192.0.2.1|21|":               family,
		"|0||1|":                         family,
		"|99999|x|y|":                    family,
		"|x|192.0.2.1|21|":               "",
		"|-1|192.0.2.1|21|":              "",
		"||192.0.2.1|21|":                "",
		"|1|::1|21|":                     "",
		"|2|192.0.2.1|21|":               "",
		"|2|fe80::1%eth0|21|":            "",
		"|1|192.0.2.1|65536|":            "",
		"|1|192.0.2.1|-1|":               "",
		"|1|192.0.2.1||":                 "",
		"|1|192.0.2.01|21|":              "",
		"|1|host.example|21|":            "",
		"|1|192.0.2.1|21":                "",
		"|1|192.0.2.1|21||":              "",
		"|1|192.0.2.1|21|x":              "",
		"x|1|192.0.2.1|21|":              "",
		"1192.0.2.1121":                  "",
		"01019201210":                    "",
		"\x011\x01192.0.2.1\x0121\x01":   "",
		"\xff1\xff192.0.2.1\xff21\xff":   "",
		"":                               "",
		"|||||":                          "",
		"1,2,3,4,5,6":                    "",
	}
	for arg, want := range tests {
		got, err := proto.ParseExtended(arg)
		var pe *proto.ParamError
		switch {
		case want == family:
			if !errors.As(err, &pe) || pe.Unknown {
				t.Errorf("%q: %v, want a *ParamError", arg, err)
			}
		case want == "":
			if !isSyntax(err, "EPRT address") {
				t.Errorf("%q: %v, %v, want a *SyntaxError", arg, got, err)
			}
		case err != nil || got != addrPort(want):
			t.Errorf("%q: %v, %v, want %s", arg, got, err, want)
		}
	}
}

func TestFormatExtended(t *testing.T) {
	for in, want := range map[string]string{
		"132.235.1.2:6275":        "|1|132.235.1.2|6275|",
		"[2001:db8::1]:21":        "|2|2001:db8::1|21|",
		"[::ffff:192.0.2.1]:1029": "|1|192.0.2.1|1029|",
		"[fe80::1%eth0]:21":       "|2|fe80::1|21|",
	} {
		if got := proto.FormatExtended(addrPort(in)); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

func TestParseExtendedPassive(t *testing.T) {
	tests := map[string]uint16{
		"Entering Extended Passive Mode (|||6446|)":  6446, // RFC 2428 §3
		"Entering Extended Passive Mode (|||6446|).": 6446,
		"(!!!65535!)":                             65535,
		"Mode (EPSV) is on (|||1|) (really)":      1,
		"((|||7|)":                                7,
		"Entering Extended Passive Mode |||6446|": 0,
		"Entering Passive Mode (192,0,2,1,4,5)":   0,
		"(|1|192.0.2.1|21|)":                      0,
		"(||192.0.2.1|21|)":                       0,
		"(|||0|)":                                 0,
		"(|||65536|)":                             0,
		"(|||-1|)":                                0,
		"(||||)":                                  0,
		"(|||21|x)":                               0,
		"(11121)":                                 0,
		"(|||21|":                                 0,
		"|||21|)":                                 0,
		"":                                        0,
		")(":                                      0,
		strings.Repeat("(", 10000):                0,
	}
	for text, want := range tests {
		got, err := proto.ParseExtendedPassive(text)
		if got != want || (want == 0) != isSyntax(err, "229 reply") {
			t.Errorf("%.60q: %d, %v, want %d", text, got, err, want)
		}
	}
	if got := proto.FormatExtendedPassive(6446); got != "(|||6446|)" {
		t.Error(got)
	}
}

func FuzzHostPort(f *testing.F) {
	for _, s := range []string{"1,2,3,4,5,6", " 1 , 2,3,4,5,6 ", "300,1,2,3,4,5", ",,,,,"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, arg string) {
		ap, err := proto.ParseHostPort(arg)
		if err != nil {
			if !isSyntax(err, "host and port") {
				t.Fatal(err)
			}
			return
		}
		if again, err := proto.ParseHostPort(proto.FormatHostPort(ap)); err != nil || again != ap {
			t.Errorf("%q: %v, again %v, %v", arg, ap, again, err)
		}
	})
}

func FuzzPassive(f *testing.F) {
	for _, s := range []string{"Entering Passive Mode (192,0,2,1,4,5).", "=1,2,3,4,5,6", "7 1,2,3,4,5,6 7", "1,2,3,4,5,6,7"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		ap, err := proto.ParsePassive(text)
		if err == nil && (!ap.Addr().Is4() || ap.Port() == 0) {
			t.Errorf("%q: %v", text, ap)
		}
		if ap, err := proto.ParsePassive("x (192,0,2,1,4,5) " + text); err != nil || ap.Port() != 1029 {
			t.Errorf("before %q: %v, %v", text, ap, err)
		}
	})
}

func FuzzExtended(f *testing.F) {
	for _, s := range []string{"|1|192.0.2.1|21|", "|2|2001:db8::1|21|", "|3|x|y|", "|2|::ffff:1.2.3.4|5|", "|||||"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, arg string) {
		ap, err := proto.ParseExtended(arg)
		if err != nil {
			return
		}
		if ap.Addr().Zone() != "" || ap.Addr().Is4In6() {
			t.Errorf("%q: %v", arg, ap)
		}
		if again, err := proto.ParseExtended(proto.FormatExtended(ap)); err != nil || again != ap {
			t.Errorf("%q: %v, again %v, %v", arg, ap, again, err)
		}
	})
}

func FuzzExtendedPassive(f *testing.F) {
	for _, s := range []string{"Entering (|||6446|)", "(|1|x|2|)", "(((", "(|||0|) (|||1|)"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		port, err := proto.ParseExtendedPassive(text)
		if (err == nil) != (port != 0) {
			t.Errorf("%q: %d, %v", text, port, err)
		}
	})
}
