// Package link makes two network namespaces that an emulated line joins, with
// delay, rate and loss, for programs that measure: no kernel module does it on
// every machine. Linux and root only.
//
//	world.go the namespaces, and how to get into them
//	link.go  what the line does with a packet
//	tun.go   the devices at its ends
package link
