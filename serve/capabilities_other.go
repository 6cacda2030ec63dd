//go:build unix && !linux

package serve

func dropRoot() error { return nil }

func dropCapabilities() error { return nil }
