//go:build unix && !linux

package serve

func dropBounds() error { return nil }

func dropCapabilities() error { return nil }
