//go:build linux

package peers

import (
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"strconv"
)

// goftp is a library: a program around it is built where it is measured, in a
// module of its own.
//
//go:embed goftp/main.go.txt
var goftpProgram string

const (
	goftpModule = "module goftp\n\ngo 1.26\n\nrequire goftp.io/server/v2 v2.0.3\n"
	goftpSums   = `goftp.io/server/v2 v2.0.3 h1:iz6Gxj7f2SFQVxrj0s1is+gueE6O9yTc+Ab0vtQ6Zn4=
goftp.io/server/v2 v2.0.3/go.mod h1:Fl1WdcV7fx1pjOWx7jEHb7tsJ8VwE7+xHu6bVJ6r2qg=
`
)

// goftp counts as not installed where its module can't be had.
func goftp(o Options) ([]string, error) {
	dir := o.within("goftp")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	for name, text := range map[string]string{"main.go": goftpProgram, "go.mod": goftpModule, "go.sum": goftpSums} {
		if err := os.WriteFile(o.within("goftp/"+name), []byte(text), 0o644); err != nil {
			return nil, err
		}
	}
	build := exec.Command("go", "build", "-o", "goftp", ".")
	build.Dir, build.Env = dir, append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-mod=mod", "GOWORK=off")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "goftp: %v: %s", err, out)
		return nil, nil
	}
	return []string{o.within("goftp/goftp"), o.Host, strconv.Itoa(o.Port), o.Served, o.Cert}, nil
}
