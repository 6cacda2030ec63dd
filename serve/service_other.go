//go:build !windows

package serve

import "context"

// managed is for Windows: elsewhere a service is a process like any other.
func managed(ctx context.Context, run func(context.Context) error) error { return run(ctx) }
