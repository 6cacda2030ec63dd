//go:build !linux

package serve

// canKnock: elsewhere a connection may vanish between a look and accept.
const canKnock = false

func (d *porter) knocked() bool { return false }
