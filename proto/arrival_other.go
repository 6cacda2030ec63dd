//go:build !linux

package proto

func arrivalOf(any) (Arrival, bool) { return Arrival{}, false }
