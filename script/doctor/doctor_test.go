package doctor

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"errors"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ferry/proto/client"
	"ferry/proto/memnet"
)

// A healthy server: everything is asked, nothing fails, nothing is changed.
func TestHealthy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, dir := ferryWorld(t)
		found, err := examine(t, n.Host(doctorAddr))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"login", "features", "UTF-8", "EPSV", "PASV", "PASV address", "active", "MLSD", "LIST", "RETR", "SIZE", "MDTM", "REST", "hash", "commands in one write", "files in one write"} {
			if f := found[name]; f.Result != Works {
				t.Errorf("%s: %+v", name, f)
			}
		}
		if f := found["greeting and TLS"]; f.Result != Weak || !strings.Contains(f.Found, "no TLS") {
			t.Errorf("%+v", f)
		}
		for name := range found {
			if slices.Contains([]string{"STOR", "own directory"}, name) {
				t.Errorf("%s was not asked for", name)
			}
		}
		unchanged(t, dir)
	})
}

// With leave to write it does, and removes what it made.
func TestWrites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, dir := ferryWorld(t)
		var lines []string
		p := func(p *Patient) {
			p.Write = MayWrite
			p.Client.Trace = nil
		}
		found, err := examine(t, twisted{Network: n.Host(doctorAddr), command: func(l string) string { lines = append(lines, l); return l }}, p)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"own directory", "STOR", "RETR", "REST + STOR", "set times", "rename replaces", "UTF-8 names", "cleaned up"} {
			if f := found[name]; f.Result != Works {
				t.Errorf("%s: %+v", name, f)
			}
		}
		if len(found["own directory"].Found) < len("ferry-doctor-")+8 {
			t.Errorf("%+v", found["own directory"])
		}
		unchanged(t, dir)
		for _, l := range lines {
			for _, verb := range []string{"STOR ", "DELE ", "RNFR ", "RNTO ", "MKD ", "RMD ", "APPE ", "MFMT "} {
				if strings.HasPrefix(l, verb) && !strings.Contains(l, "ferry-doctor-") {
					t.Errorf("%q is outside its own directory", l)
				}
			}
		}
	})
}

// wrongHash changes the first digit of a sum.
func wrongHash(l string) string {
	f := strings.Fields(l)
	if len(f) < 4 || f[0] != "213" || f[1] != "SHA-512" {
		return l
	}
	digit := "0"
	if f[3][0] == '0' {
		digit = "1"
	}
	f[3] = digit + f[3][1:]
	return strings.Join(f, " ") + "\r\n"
}

func unchanged(t *testing.T, dir string) {
	t.Helper()
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 || left[0].Name() != "read.me" {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// What a server has of the RFCs, wrong in one thing, is found, and the finding
// has the fix in it.
func TestOddities(t *testing.T) {
	swap := func(old, new string) func(string) string {
		return func(l string) string { return strings.ReplaceAll(l, old, new) }
	}
	for name, c := range map[string]struct {
		command, reply func(string) string
		want           map[string]string // name → result, and words of what is told
	}{
		"PASV names an inner address": {reply: func(l string) string {
			if strings.HasPrefix(l, "227") {
				return strings.Replace(l, "198,51,100,7", "10,0,0,5", 1)
			}
			return l
		}, want: map[string]string{"PASV": "works", "PASV address": "fails 10.0.0.5 198.51.100.7 MasqueradeAddress --public-address"}},
		"PASV in other words": {reply: func(l string) string {
			if strings.HasPrefix(l, "227") {
				return "227 ready\r\n"
			}
			return l
		}, want: map[string]string{"PASV": "fails", "PASV address": "fails 227", "EPSV": "works"}},
		"no EPSV":         {command: swap("EPSV", "XPSV"), want: map[string]string{"EPSV": "weak", "PASV": "works", "LIST": "works"}},
		"no PASV":         {command: swap("PASV", "XASV"), want: map[string]string{"PASV": "weak", "EPSV": "works"}},
		"no active":       {command: func(l string) string { return strings.NewReplacer("PORT", "XORT", "EPRT", "XPRT").Replace(l) }, want: map[string]string{"active": "absent"}},
		"no MLSD":         {reply: swap(" MLST", " XLST"), command: swap("MLSD", "XLSD"), want: map[string]string{"MLSD": "absent", "LIST": "works"}},
		"MLSD only said":  {command: swap("MLSD", "XLSD"), want: map[string]string{"MLSD": "fails FEAT"}},
		"no UTF-8":        {reply: swap(" UTF8", " XTF8"), want: map[string]string{"UTF-8": "weak charset"}},
		"no FEAT":         {command: swap("FEAT", "XEAT"), want: map[string]string{"features": "weak", "hash": "absent"}},
		"no SIZE":         {command: swap("SIZE", "XIZE"), want: map[string]string{"SIZE": "absent"}},
		"no MDTM":         {command: swap("MDTM", "XDTM"), want: map[string]string{"MDTM": "absent"}},
		"a clock ahead":   {reply: func(l string) string { return strings.Replace(l, "213 1999", "213 2101", 1) }, want: map[string]string{"MDTM": "weak clock"}},
		"REST refused":    {command: swap("REST", "XEST"), want: map[string]string{"REST": "weak AllowRetrieveRestart", "RETR": "works"}},
		"REST elsewhere":  {command: swap("REST 9", "REST 8"), want: map[string]string{"REST": "fails torn"}},
		"a wrong hash":    {reply: wrongHash, want: map[string]string{"hash": "fails"}},
		"answers swapped": {reply: swap("257 ", "200 "), want: map[string]string{"commands in one write": "fails one command at a time"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n, dir := ferryWorld(t)
				found, err := examine(t, twisted{n.Host(doctorAddr), c.command, c.reply})
				if err != nil {
					t.Fatal(err)
				}
				for name, want := range c.want {
					words := strings.Fields(want)
					f := found[name]
					if f.Result != words[0] {
						t.Errorf("%s: %+v, want %s", name, f, words[0])
					}
					for _, w := range words[1:] {
						if !strings.Contains(f.Found+f.Fix, w) {
							t.Errorf("%s: %+v does not say %q", name, f, w)
						}
					}
				}
				unchanged(t, dir)
			})
		})
	}
}

// A firewall swallows data connections: each way is given up in a bounded time,
// and the rest is still asked.
func TestSilentPorts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, _ := ferryWorld(t)
		n.Filter(func(_, to netip.AddrPort) memnet.Verdict {
			if to.Port() != 21 {
				return memnet.Drop
			}
			return memnet.Pass
		})
		began := time.Now()
		found, err := examine(t, n.Host(doctorAddr))
		if err != nil {
			t.Fatal(err)
		}
		for name, words := range map[string]string{"EPSV": "open the passive ports", "PASV": "open the passive ports"} {
			if f := found[name]; f.Result != Fails || !strings.Contains(f.Fix, words) {
				t.Errorf("%s: %+v", name, f)
			}
		}
		if f := found["active"]; f.Result != Weak {
			t.Errorf("%+v", f)
		}
		if f := found["commands in one write"]; f.Result != Works {
			t.Errorf("%+v", f)
		}
		if took := time.Since(began); took > 5*time.Minute { // of virtual time
			t.Errorf("it took %v", took)
		}
	})
}

// TLS that forgets its sessions.
func TestNoResumption(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pair, roots := selfSigned(t, time.Now().AddDate(0, 6, 0))
		n := memnet.New()
		(&scripted{t: t, host: n.Host(patientAddr), config: &tls.Config{Certificates: []tls.Certificate{pair}, SessionTicketsDisabled: true}}).start()
		found, err := examine(t, n.Host(doctorAddr), func(p *Patient) { p.Client.Security.Roots = roots })
		if err != nil {
			t.Fatal(err)
		}
		if f := found["TLS session reuse"]; f.Result != Weak {
			t.Errorf("%+v", f)
		}
		for _, name := range []string{"greeting and TLS", "certificate", "encryption", "EPSV"} {
			if f := found[name]; f.Result != Works {
				t.Errorf("%s: %+v", name, f)
			}
		}
	})
}

// Certificates that are not good end the examination before a password leaves;
// such that are not good for long are told.
func TestCertificates(t *testing.T) {
	for name, c := range map[string]struct {
		end    time.Duration
		edit   func(*Patient, client.Pin)
		result string
		words  string
	}{
		"good":           {24 * time.Hour * 100, nil, Works, "until"},
		"ends soon":      {24 * time.Hour, nil, Weak, "renew"},
		"expired":        {-time.Hour, nil, Fails, "renew the certificate"},
		"pinned":         {-time.Hour, func(p *Patient, pin client.Pin) { p.Client.Security.Pins = []client.Pin{pin} }, Weak, "expired"},
		"nobody's":       {24 * time.Hour * 100, func(p *Patient, _ client.Pin) { p.Client.Security.Roots = nil }, Fails, "--pin sha256:"},
		"of other names": {24 * time.Hour * 100, func(p *Patient, _ client.Pin) { p.Address = "patient.example" }, Fails, "name that clients use"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				pair, roots := selfSigned(t, time.Now().Add(c.end))
				n := memnet.New()
				n.Name("patient.example", patientAddr)
				s := &scripted{t: t, host: n.Host(patientAddr), config: &tls.Config{Certificates: []tls.Certificate{pair}}}
				s.start()
				found, err := examine(t, n.Host(doctorAddr), func(p *Patient) {
					p.Client.Security.Roots = roots
					if c.edit != nil {
						c.edit(p, client.PinFor(pair.Leaf))
					}
				})
				f := found["certificate"]
				if f.Result != c.result || !strings.Contains(f.Found+f.Fix, c.words) {
					t.Errorf("%+v, want %s and %q", f, c.result, c.words)
				}
				var bad *client.CertificateError
				if errors.As(err, &bad) != (c.result == Fails) || c.result == Fails && len(s.heard) > 0 {
					t.Errorf("%v; the server heard %q", err, s.heard)
				}
			})
		})
	}
}

// A server that is not there, and one that doesn't let in, are errors of their
// own kind with what was found before.
func TestNoSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, _ := ferryWorld(t)
		found, err := examine(t, n.Host(doctorAddr), func(p *Patient) { p.Address = "198.51.100.99:21" })
		var ce *client.ConnectError
		if !errors.As(err, &ce) || found["greeting and TLS"].Result != Fails {
			t.Errorf("%v, %+v", err, found)
		}
		found, err = examine(t, twisted{Network: n.Host(doctorAddr), command: func(l string) string { return strings.Replace(l, "PASS secret", "PASS \x01", 1) },
			reply: func(l string) string { return strings.Replace(l, "230 ", "530 ", 1) }})
		var le *client.LoginError
		if !errors.As(err, &le) || found["login"].Result != Fails || len(found) != 2 {
			t.Errorf("%v, %+v", err, found)
		}
	})
}

// What servers say does the terminal no harm, and JSON is one object.
func TestReport(t *testing.T) {
	r := Report{Target: "ftp://x/", Findings: []Finding{{Area: "a", Name: "n", Result: Fails, Found: "\x1b[2Jgone", Fix: "mend\x07"}, {Area: "a", Name: "m", Result: Works, Found: "well"}}}
	var b bytes.Buffer
	if err := r.Write(&b); err != nil || strings.ContainsAny(b.String(), "\x1b\x07") || !strings.Contains(b.String(), "FAILS") || !strings.Contains(b.String(), "fix: mend") {
		t.Errorf("%q, %v", b.String(), err)
	}
	b.Reset()
	var back Report
	if err := r.WriteJSON(&b); err != nil || json.Unmarshal(b.Bytes(), &back) != nil || len(back.Findings) != 2 || back.Findings[0] != r.Findings[0] {
		t.Errorf("%q, %v", b.String(), err)
	}
	if err := r.Err(); err == nil || !strings.Contains(err.Error(), "1 thing") {
		t.Error(err)
	}
	if err := (Report{}).Err(); err != nil {
		t.Error(err)
	}
	b.Reset()
	if err := (Report{}).WriteJSON(&b); err != nil || !strings.Contains(b.String(), `"findings": []`) {
		t.Errorf("%q, %v", b.String(), err)
	}
}
