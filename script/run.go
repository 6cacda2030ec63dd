package script

import "context"

// Run runs a file of lines; "-" is cfg.In. Mistakes that can be seen without
// running are found before the first line runs. The first failure ends the run.
func Run(ctx context.Context, cfg Config, file string) error { return nil }
