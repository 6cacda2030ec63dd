package serve

// ACME is how a daemon gets certificates from an authority by itself: RFC 8555.
// acme.go does it, in binaries that are built with -tags acme.
type ACME struct {
	Names     []string // of this server; none: no ACME
	Email     string   // where the authority may write to
	Directory string   // URL of the authority; "": Let's Encrypt
	Root      string   // PEM file of who signed the authority's own certificate; "": the system's roots
	Dir       string   // what is kept; "": acme in the state directory
	HTTP      string   // where challenges are answered; "": port 80
}

func (a ACME) on() bool { return len(a.Names) > 0 }
