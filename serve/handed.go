package serve

import (
	"encoding/json"
	"fmt"
	"net"
	"strings"

	"ferry/proto"
	"ferry/serve/certs"
	"ferry/serve/parent"
)

// Handed is what a daemon gets from who has started it: systemd, or a parent
// of its own.
type Handed struct {
	Sockets []parent.Socket
	Parent  *parent.Worker // nil: it has none
	Estate  *estate        // with a parent
}

// estate is what a parent has found out or made up, and each of its children
// needs.
type estate struct {
	Run      string       // what all its children have in common
	Hash     string       `json:",omitempty"` // of the password
	Certs    []certs.Text `json:",omitempty"`
	Settings []byte       `json:",omitempty"` // text of the file that --config names
	Control  string       `json:",omitempty"` // path of the control socket
	Token    string       `json:",omitempty"` // of the page
}

// adopt takes what this process was started with.
func adopt() (h Handed, err error) {
	if h.Sockets, h.Parent, err = parent.Adopt(); err != nil {
		return h, &StartError{fmt.Errorf("serve: %w", err), "ferry serve without --watchdog, and not by a socket unit, opens its own sockets"}
	}
	if h.Parent != nil {
		h.Estate = &estate{}
		err = json.Unmarshal(h.Parent.Told, h.Estate)
	}
	return h, err
}

// Names of sockets; what has another name is for control connections, too.
const (
	controlSocket  = "control"
	implicitSocket = "implicit"
	metricsSocket  = "metrics"
	webSocket      = "web"
	ctlSocket      = "ferry-ctl"
	bookFile       = "ferry-orders" // no socket: what the administrator's orders stand in
)

// named is what a parent has handed over under a name; its zero value: nothing.
func (h Handed) named(name string) parent.Socket {
	for _, s := range h.Sockets {
		if s.Name == name {
			return s
		}
	}
	return parent.Socket{}
}

func (h Handed) listeners() (all []net.Listener) {
	for _, s := range h.Sockets {
		switch s.Name {
		case metricsSocket, webSocket, ctlSocket, bookFile:
			continue
		}
		if strings.Contains(s.Name, implicitSocket) {
			all = append(all, implicitListener{s.Listener})
		} else {
			all = append(all, s.Listener)
		}
	}
	return all
}

// inherit puts what the parent knows in place of what flags and files say.
func (d Daemon) inherit() Daemon {
	e := d.Handed.Estate
	if e == nil {
		return d
	}
	d.Password = Password{Hash: proto.Secret(e.Hash)}
	return d
}

// failed tells the parent that another start would end the same way.
func (h Handed) failed(err error) { _ = h.Parent.Failed(err) }
