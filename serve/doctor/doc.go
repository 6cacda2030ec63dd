// Package doctor looks at a machine as a place for an FTP server, as `ferry
// doctor` does: ports, addresses, certificates, clock, disk, permissions, kernel
// and limits. It binds ports for a moment and changes nothing.
//
//	doctor.go       Host, Examine: what is looked at, in order
//	ports.go        ports to listen on, and the passive range
//	addresses.go    what clients are told to connect to
//	certificates.go those that would be shown
//	places.go       directories, files, and who may read them
//	system_linux.go kernel, clock, who holds a port; system_other.go
//	space_*.go      disk, inodes, open files
//	limits.go       every bound, with its reason
package doctor
