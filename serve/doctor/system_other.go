//go:build !linux

package doctor

import "context"

func kernel(context.Context, Host) []Finding { return nil }

func clock(context.Context, Host) []Finding { return nil }

func limits(_ context.Context, h Host) []Finding { return []Finding{openFiles(h)} }

func ephemeral() (low, high int) { return 0, 0 }

func holder(uint16) string { return "" }
