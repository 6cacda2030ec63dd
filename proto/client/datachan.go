package client

// Method says how data connections are made.
type Method byte

const (
	Passive         Method = iota // the client connects: EPSV, else PASV
	Active                        // the server connects: EPRT for IPv6, PORT for IPv4
	PassivePlain                  // PASV only
	PassiveExtended               // EPSV only
	ActivePlain                   // PORT only
	ActiveExtended                // EPRT only
)

// Listens reports whether the client is the end that listens.
func (m Method) Listens() bool {
	return m == Active || m == ActivePlain || m == ActiveExtended
}
