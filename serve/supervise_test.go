package serve

import (
	"log/slog"
	"net"
	"path/filepath"
	"testing"

	"ferry/serve/certs"
)

// Settings of which a part can't be had change nothing, the sockets neither: what
// is listened on and what the next comparison believes must not part.
func TestRefusedSettingsLeaveTheSockets(t *testing.T) {
	here := Daemon{Listen: []string{"127.0.0.1:0"}, Anonymous: true, TLS: Encryption{Policy: TLSOff}}
	more := here
	more.Listen = []string{"127.0.0.1:0", "localhost:0"}
	bad := more
	missing := filepath.Join(t.TempDir(), "missing.pem")
	bad.TLS = Encryption{Pairs: []certs.Pair{{Cert: missing, Key: missing}}}

	fresh := bad
	here.ReadConfig = func() ([]byte, error) { return nil, nil }
	here.Reread = func([]byte) (Daemon, error) {
		f := fresh
		f.ReadConfig, f.Reread = here.ReadConfig, here.Reread
		return f, nil
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o := &overseer{d: here, log: slog.New(slog.DiscardHandler), listeners: []net.Listener{ln}}
	defer func() { closeAll(o.listeners) }()
	if err := o.again(); err == nil || len(o.listeners) != 1 {
		t.Errorf("a certificate that is not there: %v, and %d sockets", err, len(o.listeners))
	}
	fresh = more
	if err := o.again(); err != nil || len(o.listeners) != 2 || o.listeners[0] != ln {
		t.Errorf("then without it: %v, and %d sockets", err, len(o.listeners))
	}
}
