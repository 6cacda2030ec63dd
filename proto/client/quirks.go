package client

import "time"

// Quirks is what was learned of one server. It is a value: keep it and give it
// to the next session's Config. The zero value knows nothing.
type Quirks struct {
	NoEPSV       bool   `json:",omitzero"` // EPSV is refused, or its port can't be reached where PASV's can
	NoMLSD       bool   `json:",omitzero"` // in FEAT, and refused all the same
	NoSize       bool   `json:",omitzero"` // SIZE is not known there
	NoModTime    bool   `json:",omitzero"` // MDTM is not known there
	NoListFlags  bool   `json:",omitzero"` // LIST takes flags for names
	ConnectFirst bool   `json:",omitzero"` // wants the data connection before RETR or STOR
	Reachable    bool   `json:",omitzero"` // a passive data connection stood once
	NoPipeline   bool   `json:",omitzero"` // takes one command at a time
	SetTime      string `json:",omitzero"` // the command that sets a file's time: MFMT, MDTM, UTIME; "-" none

	MaxSessions int           `json:",omitzero"` // sessions that it allowed, 0 not known
	ListOffset  time.Duration `json:",omitzero"` // of LIST's times from UTC; for the caller's use
}
