package doctor

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"ferry/serve/certs"
)

// find is the one finding of a name.
func find(t *testing.T, all []Finding, name string) Finding {
	t.Helper()
	var found []Finding
	for _, f := range all {
		if f.Name == name {
			found = append(found, f)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%s: %d findings among %+v", name, len(found), all)
	}
	return found[0]
}

func want(t *testing.T, f Finding, result string, words ...string) {
	t.Helper()
	if f.Result != result {
		t.Errorf("%+v, want %s", f, result)
	}
	for _, w := range words {
		if !strings.Contains(f.Found+f.Fix, w) {
			t.Errorf("%+v does not say %q", f, w)
		}
	}
}

// An empty Host can be looked at, and every finding stands in an area.
func TestExamine(t *testing.T) {
	all := Examine(t.Context(), Host{Dir: t.TempDir(), State: filepath.Join(t.TempDir(), "state"), TLS: true})
	if len(all) < 6 {
		t.Errorf("only %+v", all)
	}
	for _, f := range all {
		if f.Area == "" || f.Name == "" || f.Result == "" || f.Found == "" || (f.Result == fails || f.Result == weak) && f.Fix == "" {
			t.Errorf("%+v leaves something out", f)
		}
	}
}

// A port that is taken is told with the program that holds it.
func TestListening(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	taken := ln.Addr().String()
	all := listening(t.Context(), Host{Listen: []string{taken, "127.0.0.1:0"}})
	want(t, find(t, all, taken), fails, "--listen")
	want(t, find(t, all, "127.0.0.1:0"), works)
	if runtime.GOOS == "linux" {
		want(t, find(t, all, taken), fails, fmt.Sprintf("process %d", os.Getpid()))
	}
	all = listening(t.Context(), Host{Listen: []string{taken, "127.0.0.1:0"}, Either: true})
	want(t, find(t, all, taken), weak, "127.0.0.1:0 would be taken instead")
	all = listening(t.Context(), Host{Listen: []string{"192.0.2.254:2121"}})
	want(t, all[0], fails, "does not have that address")
	if all := listening(t.Context(), Host{Listen: []string{"127.0.0.1:0", "192.0.2.254:1"}, Either: true}); len(all) != 1 {
		t.Errorf("the second was tried too: %+v", all)
	}
}

func TestPassivePorts(t *testing.T) {
	ln, err := net.Listen("tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	_, text, _ := net.SplitHostPort(ln.Addr().String())
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		t.Fatal(err)
	}
	port := uint16(n)
	want(t, passivePorts(t.Context(), Host{})[0], weak, "--passive-ports")
	want(t, passivePorts(t.Context(), Host{First: port, Last: port})[0], fails, "none")
	if port < 65000 {
		want(t, passivePorts(t.Context(), Host{First: port, Last: port + 9})[0], weak, "taken")
	}
	ln.Close()
	want(t, passivePorts(t.Context(), Host{First: port, Last: port})[0], weak, "1:")
	if low, high := ephemeral(); low > 0 && int(port) >= low && int(port)+9 <= high {
		f := passivePorts(t.Context(), Host{First: port, Last: port + 9})[0]
		if !strings.Contains(f.Found, "taken") { // by somebody else, meanwhile
			want(t, f, weak, "ip_local_reserved_ports")
		}
	}
}

func TestAddresses(t *testing.T) {
	own := []netip.Addr{netip.MustParseAddr("10.0.0.5"), netip.MustParseAddr("203.0.113.9")}
	want(t, announced(t.Context(), "203.0.113.9", own), works, "of this machine")
	want(t, announced(t.Context(), "203.0.113.10", own), works, "the router must forward")
	want(t, announced(t.Context(), "10.0.0.6", own), weak, "private")
	want(t, announced(t.Context(), "100.64.1.1", own), weak, "private")
	want(t, announced(t.Context(), "127.0.0.1", own), weak, "this machine")
	want(t, announced(t.Context(), "2001:db8::1", own), fails, "IPv4")
	if got := words(own); got != "10.0.0.5 (private), 203.0.113.9" {
		t.Error(got)
	}
}

// issue makes a certificate; by nil it signs itself.
func issue(t *testing.T, name string, end time.Time, by *x509.Certificate, byKey *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: end.AddDate(-1, 0, 0), NotAfter: end, DNSNames: []string{name}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	if by == nil {
		by, byKey = c, key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, by, key.Public(), byKey)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return leaf, key
}

func keep(t *testing.T, c *x509.Certificate, key *ecdsa.PrivateKey, mode os.FileMode) certs.Pair {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "both.pem")
	text := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})...)
	if err := os.WriteFile(path, text, mode); err != nil {
		t.Fatal(err)
	}
	return certs.Pair{Cert: path}
}

func TestCertificates(t *testing.T) {
	year := time.Now().AddDate(1, 0, -1)
	self, key := issue(t, "ftp.example", year, nil, nil)
	inter, interKey := issue(t, "authority", year, self, key)
	under, underKey := issue(t, "ftp.example", year, inter, interKey)
	old, oldKey := issue(t, "ftp.example", time.Now().Add(-time.Hour), nil, nil)
	ending, endingKey := issue(t, "ftp.example", time.Now().Add(time.Hour), nil, nil)
	for name, c := range map[string]struct {
		pair   certs.Pair
		public string
		result string
		words  string
	}{
		"self-signed":   {keep(t, self, key, 0o600), "ftp.example", weak, "no authority"},
		"cut chain":     {keep(t, under, underKey, 0o600), "ftp.example", weak, "fullchain"},
		"expired":       {keep(t, old, oldKey, 0o600), "", fails, "expired"},
		"ends soon":     {keep(t, ending, endingKey, 0o600), "", weak, "ends soon"},
		"of other name": {keep(t, self, key, 0o600), "other.example", weak, "not for other.example"},
		"not there":     {certs.Pair{Cert: "/nonexistent.pem"}, "", fails, "--cert"},
	} {
		t.Run(name, func(t *testing.T) {
			all := certificates(t.Context(), Host{TLS: true, Pairs: []certs.Pair{c.pair}, Public: c.public})
			if len(all) != 1 {
				t.Errorf("%+v", all)
			}
			want(t, all[0], c.result, c.words)
		})
	}
	if runtime.GOOS != "windows" {
		all := certificates(t.Context(), Host{TLS: true, Pairs: []certs.Pair{keep(t, self, key, 0o644)}})
		want(t, all[len(all)-1], weak, "chmod 600")
	}
	want(t, certificates(t.Context(), Host{})[0], weak, "in clear")
	want(t, certificates(t.Context(), Host{TLS: true})[0], weak, "anew")
	state := t.TempDir()
	want(t, certificates(t.Context(), Host{TLS: true, State: state})[0], works, "will be made")
	if _, err := certs.Kept(state, []string{"localhost"}); err != nil {
		t.Fatal(err)
	}
	want(t, certificates(t.Context(), Host{TLS: true, State: state})[0], works, "until")
	if err := os.WriteFile(certs.Own(state), []byte("broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	want(t, certificates(t.Context(), Host{TLS: true, State: state})[0], fails, "delete it")
}

func TestPlaces(t *testing.T) {
	dir := t.TempDir()
	users := filepath.Join(dir, "users.json")
	h := Host{Dir: dir, State: filepath.Join(dir, "state"), UsersFile: users}
	all := places(t.Context(), h)
	want(t, find(t, all, "directory"), works, dir)
	want(t, find(t, all, "state directory"), works, "will be made")
	want(t, find(t, all, "users file"), fails, "--run-as")
	want(t, served(users), fails, "exists")
	if err := os.WriteFile(users, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	want(t, find(t, places(t.Context(), h), "users file"), works)
	want(t, served(users), fails, "no directory")
	want(t, state(""), weak, "forgotten")
	if err := os.Mkdir(h.State, 0o700); err != nil {
		t.Fatal(err)
	}
	want(t, state(h.State), works)
	if left, err := os.ReadDir(h.State); err != nil || len(left) > 0 {
		t.Errorf("%v, %v", left, err)
	}
	if runtime.GOOS == "windows" {
		return
	}
	for path, mode := range map[string]os.FileMode{users: 0o644, h.State: 0o755, dir: 0o777} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range places(t.Context(), h) {
		want(t, f, weak, "chmod")
	}
}

func TestLimits(t *testing.T) {
	want(t, openFiles(Host{Sessions: 1}), map[bool]string{true: untold, false: works}[runtime.GOOS == "windows"])
	if runtime.GOOS != "windows" {
		want(t, openFiles(Host{Sessions: 1<<31 - 1}), weak, "--max-sessions")
		want(t, find(t, space(t.Context(), Host{Dir: t.TempDir()}), "disk"), works, "GiB")
	}
}
