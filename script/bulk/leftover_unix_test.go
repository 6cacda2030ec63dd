//go:build unix

package bulk

import (
	"os"
	"os/exec"
	"path"
	"strconv"
	"strings"
	"testing"
)

// A probe's files are nobody's when their process was on this host and is gone.
func TestDeadProbe(t *testing.T) {
	child := exec.Command(os.Args[0], "-test.run=^$")
	if err := child.Run(); err != nil {
		t.Fatal(err)
	}
	a, b := probeNames("/x")
	if path.Dir(a) != "/x" || !isTemp(path.Base(a)) || !isTemp(path.Base(b)) || a == b {
		t.Errorf("the names are %s and %s", a, b)
	}
	dead := func(name string, pid int) string {
		words := strings.Split(path.Base(name), "-")
		words[3] = strconv.FormatInt(int64(pid), 16)
		return strings.Join(words, "-")
	}
	for name, want := range map[string]bool{
		path.Base(a):               false, // of this process
		path.Base(b):               false,
		dead(a, child.Process.Pid): true,
		dead(b, child.Process.Pid): true,
		strings.Replace(dead(a, child.Process.Pid), here(), "0123456789abcdef", 1): false, // of another host
		dead(a, 0):                                  false,
		".ferry-a-0badcafe.tmp":                     false,
		".ferry-0123456789abcdef.tmp":               false,
		".ferry-c" + dead(a, child.Process.Pid)[8:]: false,
	} {
		if got := deadProbe(name); got != want {
			t.Errorf("%s: dead is %v", name, got)
		}
	}
}
