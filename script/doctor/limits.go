package doctor

import "time"

const (
	// checkTime is what one question may take in all: longer than the slowest
	// single wait in it, so that the wait's own error is told.
	checkTime = 90 * time.Second
	// meetTime is how long a data connection is waited for. Firewalls that drop
	// are silent; whoever examines waits for each of them.
	meetTime = 8 * time.Second
	// otherPort is how long the port of the other kind of TLS is tried.
	otherPort = 5 * time.Second
	// maxSample is the largest file that is fetched for a test.
	maxSample = 8 << 20
	// maxLook is how many names of a listing are looked at for such a file.
	maxLook = 10_000
	// soon is how long before its end a certificate is worth a word: half of
	// what is left when ACME renews.
	soon = 14 * 24 * time.Hour
	// sampleSize is what is uploaded: more than one TLS record and one segment.
	sampleSize = 40_000
	// cleanTime is what removing our own traces may take after an interrupt.
	cleanTime = 15 * time.Second
)
