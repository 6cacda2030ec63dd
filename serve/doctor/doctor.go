package doctor

import (
	"context"
	"fmt"

	"ferry/serve/certs"
)

// Results of a finding; those of script/doctor.
const (
	works  = "works"
	weak   = "weak"
	absent = "absent"
	fails  = "fails"
	untold = "untold"
)

// Finding is one answer, of the same shape as those about servers far away.
type Finding struct {
	Area   string
	Name   string
	Result string
	Found  string
	Fix    string
}

// Host is what a server would be started with.
type Host struct {
	Listen      []string // addresses with ports
	Either      bool     // the first of Listen that can be had is enough
	First, Last uint16   // passive ports; 0: the system chooses
	Public      string   // address to announce, "" none
	TLS         bool
	Pairs       []certs.Pair // none: the certificate that is made and kept in State
	Dir         string
	State       string // "" none
	UsersFile   string
	Sessions    int // at most
}

// question is one thing to look at.
type question struct {
	area string
	look func(context.Context, Host) []Finding
}

func questions() []question {
	return []question{
		{"ports", listening},
		{"ports", passivePorts},
		{"addresses", addresses},
		{"certificates", certificates},
		{"places", places},
		{"places", space},
		{"system", clock},
		{"system", kernel},
		{"limits", limits},
	}
}

// Examine looks at everything, and fails at nothing: what can't be told is a
// finding too.
func Examine(ctx context.Context, h Host) (all []Finding) {
	for _, q := range questions() {
		for _, f := range q.look(ctx, h) {
			f.Area = q.area
			all = append(all, f)
		}
	}
	return all
}

func good(name, format string, args ...any) Finding {
	return Finding{Name: name, Result: works, Found: fmt.Sprintf(format, args...)}
}

func bad(name, fix string, err error) Finding {
	return Finding{Name: name, Result: fails, Found: err.Error(), Fix: fix}
}
