package certs

import "time"

const (
	// lookEvery is how often handshakes look whether the files have changed.
	// A look costs two system calls a certificate.
	lookEvery = time.Second
	// settle is how long a file must have been left alone before what was read
	// of it is believed to be all: clocks of file systems are coarse, and
	// certificate and key are two files, written one after the other.
	settle = 2 * time.Second
	// life is how long a self-made certificate is good. People who have
	// written its fingerprint down should not have to do that again.
	life = 20 * 365 * 24 * time.Hour
	// early is how long before its end it is replaced.
	early = 30 * 24 * time.Hour
	// backdate makes it good for clients whose clocks are behind.
	backdate = 24 * time.Hour
	// maxFile is how much of a kept file is read; it holds less than 2 KiB.
	maxFile = 64 << 10
)
