package live

import (
	"net/netip"
	"time"
)

// Session is what others may know of a live session.
type Session struct {
	ID       uint64         `json:"id"`
	User     string         `json:"user"` // "" before login
	Peer     netip.AddrPort `json:"peer"`
	Local    netip.AddrPort `json:"local"`
	TLS      string         `json:"tls"` // version of the control connection's TLS; "": in clear
	Since    time.Time      `json:"since"`
	Last     time.Time      `json:"last"`    // when the last command came
	Place    string         `json:"place"`   // the current directory; "" before login
	Command  string         `json:"command"` // the last command: the verb only
	In       int64          `json:"in"`      // bytes of files received, the transfer under way included
	Out      int64          `json:"out"`     // and sent
	Draining bool           `json:"draining,omitempty"`
	Transfer *Transfer      `json:"transfer,omitempty"`
}

// Transfer is one under way.
type Transfer struct {
	Verb  string    `json:"verb"` // RETR, STOR, LIST …
	Path  string    `json:"path"`
	Bytes int64     `json:"bytes"`
	Total int64     `json:"total,omitempty"` // bytes, where they are known beforehand
	Rate  float64   `json:"rate"`            // bytes a second, lately
	Since time.Time `json:"since"`
}

// Percent is how much of a transfer is done; negative where nobody knows.
func (t Transfer) Percent() float64 {
	if t.Total <= 0 {
		return -1
	}
	return min(100*float64(t.Bytes)/float64(t.Total), 100)
}

// Stats are a server's counts since it started, and as they are now.
type Stats struct {
	Since        time.Time `json:"since"`
	Sessions     int       `json:"sessions"`
	Users        int       `json:"users"`     // different ones who are logged in
	Transfers    int       `json:"transfers"` // under way, listings included
	In           int64     `json:"in"`        // bytes received in files, those under way included
	Out          int64     `json:"out"`       // and sent
	Bans         int       `json:"bans"`
	PassivePorts int       `json:"passive_ports"` // that wait for a client, or have a listener
	Strangers    int64     `json:"strangers"`     // connections to them that nobody waited for
	Draining     bool      `json:"draining"`
	Former       bool      `json:"former,omitempty"` // another process has the sessions that it had before it was replaced
}

// Ban is somebody who is not let in.
type Ban struct {
	Address  netip.Prefix `json:"address,omitzero"` // zero: from everywhere
	User     string       `json:"user,omitempty"`   // "": whoever comes from there
	Until    time.Time    `json:"until,omitzero"`   // zero: until it is taken back
	Failures int          `json:"failures,omitempty"`
	By       string       `json:"by"` // "guard" or "administrator"
}

// Limit bounds a user in place of what the record says. nil leaves that in
// force; 0 is no bound.
type Limit struct {
	User     string `json:"user"`
	Up       *int64 `json:"up,omitempty"`   // bytes a second
	Down     *int64 `json:"down,omitempty"` // bytes a second
	Sessions *int   `json:"sessions,omitempty"`
}
