package script

import (
	"github.com/urfave/cli/v2"

	"ferry/proto"
)

// Commands are run and the one-shots: get, put, ls, rm, mkdir. sandbox makes
// the network for run --sandbox DIR: a server in this process.
func Commands(sandbox func(dir string) (proto.Network, error)) []*cli.Command { return nil }
