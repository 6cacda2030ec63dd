//go:build unix

package admin

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// The socket refuses other users even where its mode would not.
func TestSocketRefusesOtherUsers(t *testing.T) {
	curl, err := exec.LookPath("curl")
	if err != nil || os.Getuid() != 0 {
		t.Skip("needs root, who can be somebody else, and curl")
	}
	dir, err := os.MkdirTemp("", "ctl")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	ln, err := Listen(filepath.Join(dir, "ctl"), "21")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	go http.Serve(ln, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("come in")) }))
	ask := func(uid uint32) string {
		cmd := exec.Command(curl, "-s", "--max-time", "10", "--unix-socket", ln.Path, "http://ferry/")
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
		out, _ := cmd.CombinedOutput()
		return string(out)
	}
	if got := ask(0); got != "come in" {
		t.Errorf("root hears %q", got)
	}
	if got := ask(65534); got != "" {
		t.Errorf("nobody got past the mode: %q", got)
	}
	for _, name := range []string{dir, filepath.Dir(ln.Path), ln.Path} {
		if err := os.Chmod(name, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	if got := ask(65534); got != "" {
		t.Errorf("nobody got past the credentials: %q", got)
	}
	if got := ask(0); got != "come in" {
		t.Errorf("root hears %q", got)
	}
}

// A server that ends late leaves its successor's socket alone.
func TestSocketOfSuccessorStays(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.sock")
	former, err := ListenAt(path)
	if err == nil {
		err = Clear(path)
	}
	if err != nil {
		t.Fatal(err)
	}
	next, err := ListenAt(path)
	if err != nil {
		t.Fatal(err)
	}
	former.Close()
	if _, err := os.Lstat(path); err != nil {
		t.Error("the former one has taken it away:", err)
	}
	next.Close()
	if _, err := os.Lstat(path); err == nil {
		t.Error("nobody has it any more, yet it is there")
	}
}
