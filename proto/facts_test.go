package proto_test

import (
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ferry/proto"
)

func utc(s string) time.Time {
	t, err := time.Parse("2006-01-02 15:04:05.999999999", s)
	if err != nil {
		panic(err)
	}
	return t
}

func TestParseFacts(t *testing.T) {
	modify, second := utc("2024-02-29 12:34:56"), time.Second
	tests := map[string]proto.Entry{
		"type=file;size=5; a":                    {Name: "a", Kind: proto.RegularFile, Size: 5},
		" type=file;size=5; a":                   {Name: "a", Kind: proto.RegularFile, Size: 5}, // MLST
		"Type=File;Size=5;Perm=RaW; a b  c ":     {Name: "a b  c ", Kind: proto.RegularFile, Size: 5, Perm: "raw"},
		"size=5  a":                              {Name: " a", Size: 5}, // no last semicolon
		"type=dir;sizd=4096; d":                  {Name: "d", Kind: proto.Directory, Size: 4096},
		"type=cdir; /":                           {Name: "/", Kind: proto.CurrentDir, Size: proto.NoSize},
		"type=pdir; ..":                          {Name: "..", Kind: proto.ParentDir, Size: proto.NoSize},
		"type=OS.unix=symlink; l":                {Name: "l", Kind: proto.Symlink, Size: proto.NoSize},
		"type=OS.UNIX=slink:/to; l":              {Name: "l", Kind: proto.Symlink, Size: proto.NoSize, Target: "/to"},
		"type=OS.unix=slink:/to me;size=1; l; x": {Name: "l; x", Kind: proto.Symlink, Size: 1, Target: "/to me"},
		"type=OS.unix=special;size=1; x; y":      {Name: "x; y", Kind: proto.Special, Size: 1},
		"type=OS.unix=chr-13/29; tty":            {Name: "tty", Size: proto.NoSize},
		"type=; x":                               {Name: "x", Size: proto.NoSize},
		"modify=20240229123456; a":               {Name: "a", Size: proto.NoSize, Modify: modify, Precision: second},
		"modify=20240229123456.25;create=19700101000000; a": {Name: "a", Size: proto.NoSize, Modify: utc("2024-02-29 12:34:56.25"),
			Precision: 10 * time.Millisecond, Create: utc("1970-01-01 00:00:00")},
		"unique=801g4804045;charset=8bit; a":                   {Name: "a", Size: proto.NoSize, Unique: "801g4804045", Charset: "8bit"},
		"unix.mode=0100644;UNIX.owner=0;UNIX.group=1; a":       {Name: "a", Size: proto.NoSize, Mode: 0o644, HasMode: true, Owner: "0", Group: "1"},
		"UNIX.ownername=root;UNIX.owner=0;unix.groupname=g; a": {Name: "a", Size: proto.NoSize, Owner: "root", Group: "g"},
		"UNIX.uid=5;UNIX.gid=6;UNIX.mode=4755; a":              {Name: "a", Size: proto.NoSize, Owner: "5", Group: "6", Mode: 0o755, HasMode: true},
		"media-type=text/plain;x.foo=;lang=de; a":              {Name: "a", Size: proto.NoSize},
		"size=9223372036854775807; a":                          {Name: "a", Size: 1<<63 - 1},
		"type=file; \xff\xe9":                                  {Name: "\xff\xe9", Kind: proto.RegularFile, Size: proto.NoSize},
		"type=file; x=1; y":                                    {Name: "x=1; y", Kind: proto.RegularFile, Size: proto.NoSize},
		" a":                                                   {Name: "a", Size: proto.NoSize}, // no facts
		" a b":                                                 {Name: "a b", Size: proto.NoSize},
		"  a":                                                  {Name: "a", Size: proto.NoSize}, // MLST, no facts
		" a=b":                                                 {Name: "a=b", Size: proto.NoSize},
		";; a":                                                 {Name: "a", Size: proto.NoSize},
		"size=1;size=2; a":                                     {Name: "a", Size: 2},
	}
	for line, want := range tests {
		got, err := proto.ParseFacts(line)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%q: %v\n%s", line, err, diff)
		}
	}
}

// A line half understood must not look whole.
func TestParseFactsRefuses(t *testing.T) {
	for _, line := range []string{
		"", " ", "  ", "a", "type=file;", "type=file; ", "total 5", "-rw-r--r-- 1 root root 5 Jan  1 00:00 a",
		"type a", "type;size=1; a", "size=-1; a", "size=9223372036854775808; a", "size=; a", "size=1k; a", "size=+1; a",
		"modify=2024; a", "modify=; a", "create=x; a", "unix.mode=rwx; a", "unix.mode=8; a",
	} {
		if got, err := proto.ParseFacts(line); !isSyntax(err, "fact list") {
			t.Errorf("%q: %+v, %v", line, got, err)
		}
	}
}

func TestAppendFacts(t *testing.T) {
	full := proto.Entry{
		Name: "a b", Kind: proto.RegularFile, Size: 5, Modify: utc("2024-02-29 12:34:56.9"), Create: utc("1999-12-31 23:59:59"),
		Perm: "adfrw", Unique: "801g1", Mode: fs.ModeDir | 0o4644, HasMode: true, Owner: "anna", Group: "users",
	}
	with := func(change func(*proto.Entry)) proto.Entry {
		e := full
		change(&e)
		return e
	}
	const facts = "type=file;size=5;modify=20240229123456;create=19991231235959;perm=adfrw;unique=801g1;"
	tests := []struct {
		e    proto.Entry
		want []proto.Fact
		line string
	}{
		{full, proto.Facts(), facts + "UNIX.mode=0644;UNIX.ownername=anna;UNIX.groupname=users; a b"},
		{full, []proto.Fact{proto.FactSize, proto.FactType}, "size=5;type=file; a b"},
		{full, nil, " a b"},
		{full, []proto.Fact{"lang"}, " a b"},
		{proto.Entry{Name: "x", Size: proto.NoSize}, proto.Facts(), " x"},
		{proto.Entry{Name: "x", Kind: proto.Directory, Size: 4096}, proto.Facts(), "type=dir; x"},
		{proto.Entry{Name: "x", Kind: proto.CurrentDir}, proto.Facts(), "type=cdir; x"},
		{proto.Entry{Name: "x", Kind: proto.ParentDir}, proto.Facts(), "type=pdir; x"},
		{proto.Entry{Name: "x", Kind: proto.Symlink}, proto.Facts(), "type=OS.unix=symlink;size=0; x"},
		{with(func(e *proto.Entry) { e.Name = "a\r\nb\x00\x1b\x7f\t\xff" }), nil, " a??b????\xff"},
		{with(func(e *proto.Entry) { e.Owner, e.Group = "domain user", "a;b" }),
			[]proto.Fact{proto.FactOwner, proto.FactGroup, proto.FactSize}, "size=5; a b"},
		{with(func(e *proto.Entry) { e.Unique = "a\r\nb" }), []proto.Fact{proto.FactUnique}, " a b"},
		{with(func(e *proto.Entry) { e.Modify = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) }), []proto.Fact{proto.FactModify}, " a b"},
		{with(func(e *proto.Entry) { e.Modify = e.Modify.In(time.FixedZone("", 3600)) }), []proto.Fact{proto.FactModify},
			"modify=20240229123456; a b"},
	}
	for _, tt := range tests {
		if got := string(proto.AppendFacts([]byte("> "), tt.e, tt.want)); got != "> "+tt.line {
			t.Errorf("%q, want %q", got, tt.line)
		}
	}
}

func TestParseTime(t *testing.T) {
	tests := map[string]struct {
		want      time.Time
		precision time.Duration
	}{
		"20240229123456":                    {utc("2024-02-29 12:34:56"), time.Second},
		" 19700101000000 ":                  {utc("1970-01-01 00:00:00"), time.Second},
		"19980615100045.014":                {utc("1998-06-15 10:00:45.014"), time.Millisecond}, // RFC 3659 §3.1
		"20240229123456.0":                  {utc("2024-02-29 12:34:56"), 100 * time.Millisecond},
		"20240229123456.123456789":          {utc("2024-02-29 12:34:56.123456789"), time.Nanosecond},
		"20240229123456.123456789123456789": {utc("2024-02-29 12:34:56.123456789"), time.Nanosecond},
		"191000229123456":                   {utc("2000-02-29 12:34:56"), time.Second}, // 19100+n
		"191240229123456.5":                 {utc("2024-02-29 12:34:56.5"), 100 * time.Millisecond},
		"20161231235960":                    {utc("2017-01-01 00:00:00"), time.Second}, // a leap second
		"00010101000001":                    {utc("0001-01-01 00:00:01"), time.Second},
		"99991231235959":                    {utc("9999-12-31 23:59:59"), time.Second},
	}
	for s, tt := range tests {
		got, precision, err := proto.ParseTime(s)
		if err != nil || !got.Equal(tt.want) || precision != tt.precision || got.Location() != time.UTC {
			t.Errorf("%q: %v, %v, %v", s, got, precision, err)
		}
	}
	for _, s := range []string{
		"", "2024", "20240229", "2024022912345", "202402291234567", "20230229123456", "20241301000000", "20240100000000",
		"20240101240000", "20240101006000", "20240101000061", "20240229123456.", "20240229123456.x", "20240229123456,5",
		"20240229123456.1234567891234567890", "20240229123456Z", "2024022912345 ", "+0240229123456", "-2024022912345",
		"٢٠٢٤02291234", "192240229123456", "20240229123456.-1",
	} {
		if got, _, err := proto.ParseTime(s); !isSyntax(err, "time") {
			t.Errorf("%q: %v, %v", s, got, err)
		}
	}
}

func TestFormatTime(t *testing.T) {
	in := time.Date(2024, 3, 1, 0, 30, 0, 999, time.FixedZone("", 3600))
	if got := proto.FormatTime(in); got != "20240229233000" {
		t.Error(got)
	}
}

func TestParseFeatures(t *testing.T) {
	tests := []struct {
		name string
		in   proto.Reply
		want proto.Features
	}{
		{"RFC 2389 §3.2", proto.Reply{Code: 211, Lines: []string{"Extensions supported:", " MDTM", " MLST size*;create;", " UTF8", "END"}},
			proto.Features{"MDTM": "", "MLST": "size*;create;", "UTF8": ""}},
		{"lower case, no indentation, tabs", proto.Reply{Code: 211, Lines: []string{"Features", "mdtm", "\tRest Stream ", "", "End"}},
			proto.Features{"MDTM": "", "REST": "Stream"}},
		{"one word, many lines", proto.Reply{Code: 211, Lines: []string{"", " AUTH TLS", " AUTH SSL", " SITE COPY", " SITE", "End"}},
			proto.Features{"AUTH": "TLS;SSL", "SITE": "COPY;"}},
		{"none", proto.Reply{Code: 211, Lines: []string{"no Extensions supported"}}, proto.Features{}},
		{"two lines", proto.Reply{Code: 211, Lines: []string{"Features:", "End"}}, proto.Features{}},
		{"refused in many lines", proto.Reply{Code: 500, Lines: []string{"What?", " MDTM", "Bye"}}, proto.Features{}},
		{"nothing", proto.Reply{}, proto.Features{}},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, proto.ParseFeatures(tt.in)); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}

func TestFeatures(t *testing.T) {
	f := proto.Features{"AUTH": "TLS;SSL", "MLST": "Type*;Size;", "REST": "STREAM", "UTF8": "", "HASH": "CRC32,MD5;SHA-1*"}
	if !f.Has("UTF8") || f.Has("MODE") {
		t.Error("Has")
	}
	for _, yes := range [][2]string{{"AUTH", "ssl"}, {"MLST", "type"}, {"MLST", "SIZE"}, {"REST", "STREAM"}, {"HASH", "sha-1"}, {"HASH", "MD5"}} {
		if !f.HasParam(yes[0], yes[1]) {
			t.Error(yes)
		}
	}
	for _, no := range [][2]string{{"AUTH", "TL"}, {"AUTH", ""}, {"MLST", "modify"}, {"MODE", "Z"}, {"UTF8", ""}} {
		if f.HasParam(no[0], no[1]) {
			t.Error(no)
		}
	}
	if proto.Features(nil).Has("X") {
		t.Error("nil")
	}
}

func FuzzParseFacts(f *testing.F) {
	for _, s := range []string{
		"type=file;size=5;modify=20240229123456.5; a b", " type=dir; x", " a", "  a", "type=OS.unix=slink:/a b;size=1; l", "a=; =", "unix.mode=0644;; x",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		e, err := proto.ParseFacts(line)
		if err != nil {
			if !isSyntax(err, "fact list") {
				t.Fatal(err)
			}
			return
		}
		if e.Name == "" || e.Size < proto.NoSize || !strings.HasSuffix(line, e.Name) {
			t.Fatalf("%q: %+v", line, e)
		}
		// What is understood is written and read again; what can't be written is left out.
		out := string(proto.AppendFacts(nil, e, append(proto.Facts(), "lang")))
		if strings.ContainsAny(out, "\r\n\x00\x1b") {
			t.Fatalf("%q", out)
		}
		if out[0] == ' ' {
			return // no facts: "a=b c" alone might be one that is indented
		}
		again, err := proto.ParseFacts(out)
		if err != nil {
			t.Fatalf("%q: %v", out, err)
		}
		control := strings.ContainsFunc(e.Name, func(r rune) bool { return r < ' ' || r == 0x7f })
		if !control && again.Name != e.Name {
			t.Errorf("%q: name %q, again %q", out, e.Name, again.Name)
		}
	})
}

func FuzzParseTime(f *testing.F) {
	for _, s := range []string{"20240229123456", "191240229123456.5", "20161231235960", "20240229123456.123456789012345678", "20240229123456,5"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, precision, err := proto.ParseTime(s)
		if err != nil {
			return
		}
		if got.Year() < 0 || got.Year() > 10000 || precision <= 0 || precision > time.Second || !got.Equal(got.Truncate(precision)) {
			t.Fatalf("%q: %v, %v", s, got, precision)
		}
		if got.Year() == 10000 { // a leap second at the end of all years
			return
		}
		if again, _, err := proto.ParseTime(proto.FormatTime(got)); err != nil || !again.Equal(got.Truncate(time.Second)) {
			t.Errorf("%q: %v, again %v, %v", s, got, again, err)
		}
	})
}

func FuzzParseFeatures(f *testing.F) {
	f.Add("211-x\r\n AUTH TLS\r\n MLST a*;b;\r\n211 End\r\n")
	f.Add("211-\r\n211-UTF8\r\n \r\n211 \r\n")
	f.Fuzz(func(t *testing.T, in string) {
		c, _ := hears(in)
		r, err := c.ReadReply()
		if err != nil {
			return
		}
		for word, params := range proto.ParseFeatures(r) {
			if word == "" || strings.ContainsAny(word, " ") || strings.ContainsAny(word+params, "\r\n\x00") {
				t.Errorf("%q: %q", word, params)
			}
		}
	})
}
