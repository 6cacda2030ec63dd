package serve

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ferry/proto"
)

// The attack surface of a stranger. It changes only on purpose.
func TestCommandsBeforeLogin(t *testing.T) {
	want := strings.Fields("ACCT CLNT CSID FEAT HELP HOST LANG NOOP OPTS PASS QUIT REIN SYST USER")
	var got []string
	table := newTable(Config{})
	for _, verb := range table.verbs() {
		if row := table[verb]; row.when == anyone && row.run != nil {
			got = append(got, verb)
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	inWorld(t, func(w *world) {
		for _, verb := range table.verbs() {
			row := table[verb]
			if row.when == anyone || strings.Contains(verb, " ") {
				continue
			}
			p := w.dial()
			p.do(verb+" x", 530)
		}
	})
}

// FEAT lists what works. It changes only on purpose.
func TestFeat(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.dial()
		want := []string{
			"Extensions supported:",
			" AVBL", " CHAN SHA-256", " CLNT", " COMB", " CSID", " TVFS", " DSIZ", " EPRT", " EPSV",
			" HASH SHA-256*;SHA-512;SHA-1;MD5;CRC32;", " HOST", " LANG EN*", " MD5", " MDTM",
			" MFF Modify;UNIX.mode;", " MFMT",
			" MLST type*;size*;modify*;create*;perm*;unique*;UNIX.mode*;UNIX.ownername*;UNIX.groupname*;",
			" MODE Z", " UTF8", " RANG STREAM;ALLO", " REST STREAM",
			" SITE COPY", " SITE MKDIR", " SITE RMDIR", " SITE UTIME", " SIZE",
			" XCRC", " XMD5", " XSHA", " XSHA1", " XSHA256", " XSHA512",
			"End",
		}
		if d := cmp.Diff(want, p.do("FEAT", 211).Lines); d != "" {
			t.Error(d)
		}
		if got := p.do("OPTS MLST size;modify;nonsense;TYPE;", 200).Text(); got != "MLST OPTS type;size;modify;" {
			t.Errorf("OPTS MLST: %s", got)
		}
		f := proto.ParseFeatures(p.do("FEAT", 211))
		if !strings.HasPrefix(f["MLST"], "type*;size*;modify*;create;perm;") {
			t.Errorf("FEAT after OPTS: %s", f["MLST"])
		}
		if got := p.do("OPTS MLST", 200).Text(); got != "MLST OPTS" {
			t.Errorf("OPTS MLST: %q", got)
		}
		p.do("OPTS UTF8 ON", 200)
		p.do("OPTS UTF8 OFF", 504)
		p.do("OPTS FOO", 501)
	})
}

func TestHelp(t *testing.T) {
	inWorld(t, func(w *world) {
		p := w.dial()
		want := []string{
			"Commands (* is not served):",
			" ABOR     ACCT     ADAT*    ALLO     APPE     AUTH*    AVBL     CCC*",
			" CDUP     CHAN     CLNT     COMB     CONF*    CPSV*    CSID     CWD",
			" DELE     DSIZ     ENC*     EPRT     EPSV     ESTA*    ESTP*    FEAT",
			" HASH     HELP     HOST     LANG     LIST     LPRT*    LPSV*    MAIL*",
			" MD5      MDTM     MFCT     MFF      MFMT     MIC*     MKD      MLFL*",
			" MLSD     MLST     MMD5*    MODE     MRCP*    MRSQ*    MSAM*    MSND*",
			" MSOM*    NLST     NOOP     OPTS     PASS     PASV     PBSZ*    PORT",
			" PRET     PROT*    PWD      QUIT     RANG     REIN     REST     RETR",
			" RMD      RMDA*    RNFR     RNTO     SITE     SIZE     SMNT     SSCN*",
			" STAT     STOR     STOU     STRU     SYST     THMB*    TYPE     USER",
			" XCRC     XCUP     XCWD     XMD5     XMKD     XPWD     XRCP*    XRMD",
			" XRSQ*    XSEM*    XSEN*    XSHA     XSHA1    XSHA256  XSHA512",
			"HELP <command> tells its syntax.",
		}
		if d := cmp.Diff(want, p.do("HELP", 214).Lines); d != "" {
			t.Error(d)
		}
		if got := p.do("HELP retr", 214).Text(); got != "Syntax: RETR <path> (RFC 959 §4.1.3)" {
			t.Errorf("HELP retr: %s", got)
		}
		p.do("HELP smnt", 214)
		p.do("HELP nonsense", 501)
		p.do("USER anna", 331)
		p.do("PASS secret", 230)
		if got := p.do("SITE HELP", 214).String(); !strings.Contains(got, "SITE CHMOD <octal mode> <path>") {
			t.Errorf("SITE HELP: %s", got)
		}
	})
}

// Every row is whole: who is served has help, and a source but for SITE.
func TestRows(t *testing.T) {
	for verb, row := range newTable(Config{}) {
		switch {
		case row.rfc == "" && !strings.HasPrefix(verb, "SITE "):
			t.Errorf("%s: no source", verb)
		case row.run == nil:
		case !strings.HasPrefix(row.help, verb) && !strings.HasPrefix(row.help, strings.TrimPrefix(verb, "X")) && !slices.Contains([]string{"XCUP"}, verb):
			t.Errorf("%s: help is %q", verb, row.help)
		case row.arg == argNone && strings.Contains(row.help, "<"):
			t.Errorf("%s takes no argument, but help says %q", verb, row.help)
		}
	}
}

// What is known but not served gets 502 with or without an argument, before
// and after login; what nobody knows 500. The report wanted 202.
func TestUnserved(t *testing.T) {
	for profile, codes := range map[Profile][2]proto.Code{RFC: {502, 500}, Report: {202, 202}} {
		inWorld(t, func(w *world) {
			p, q := w.login("anna"), w.dial()
			for verb, row := range w.srv.table {
				if row.run == nil {
					p.do(verb, codes[0])
					q.do(verb+" x", codes[0])
				}
			}
			p.do("XYZZY", codes[1])
			p.do("SITE XYZZY", codes[1])
		}, func(c *Config) { c.Replies = profile })
	}
}

func TestParameters(t *testing.T) {
	for _, c := range []struct {
		line string
		code proto.Code
	}{
		{"TYPE A", 200}, {"TYPE A N", 200}, {"TYPE A T", 200}, {"TYPE A C", 200}, {"type a", 200},
		{"TYPE E", 200}, {"TYPE I", 200}, {"TYPE I N", 200}, {"TYPE L 8", 200}, {"TYPE L 36", 504},
		{"TYPE", 501}, {"TYPE Q", 501}, {"TYPE A Q", 501}, {"TYPE L", 501},
		{"STRU F", 200}, {"STRU R", 200}, {"STRU Q", 501}, {"STRU P", 504}, // TYPE A has no pages
		{"MODE S", 200}, {"MODE B", 200}, {"MODE C", 200}, {"MODE Z", 200}, {"MODE Q", 501},
		{"ALLO 10", 200}, {"ALLO 10 R 5", 200}, {"ALLO -1", 501}, {"ALLO", 501},
		{"SITE IDLE", 200}, {"SITE IDLE 0", 504}, {"SITE IDLE 999999999", 504}, {"SITE IDLE x", 501},
		{"SITE CHMOD 644", 501}, {"SITE CHMOD 9 f", 501}, {"SITE CHMOD 4755 f", 501}, {"SITE CHMOD 600 none", 550},
		{"SITE", 501}, {"SYST", 215}, {"HELP SITE", 214}, {"ABOR", 226},
		{"MFMT x f", 501}, {"MFMT 20200101000000", 501}, {"MDTM none", 550}, {"SIZE none", 550}, {"SIZE /", 550},
	} {
		inWorld(t, func(w *world) {
			p := w.login("anna")
			p.do(c.line, c.code)
		})
	}
}
