package serve

import (
	"context"
	"errors"

	"golang.org/x/sys/windows/svc"
)

// managed runs a daemon under the service manager of Windows, which wants to be
// answered, where that has started it.
func managed(ctx context.Context, run func(context.Context) error) error {
	if is, err := svc.IsWindowsService(); err != nil || !is {
		return run(ctx)
	}
	h := &windowsHandler{ctx: ctx, run: run}
	return errors.Join(svc.Run("ferry", h), h.err)
}

// windowsHandler is the daemon as the manager sees it.
type windowsHandler struct {
	ctx context.Context // svc.Handler has no other way
	run func(context.Context) error
	err error
}

var errServiceStopped = errors.New("the service is stopped")

// Execute is a svc.Handler's.
func (h *windowsHandler) Execute(_ []string, asks <-chan svc.ChangeRequest, state chan<- svc.Status) (bool, uint32) {
	const takes = svc.AcceptStop | svc.AcceptShutdown
	ctx, stop := context.WithCancelCause(h.ctx)
	defer stop(nil)
	ended := make(chan error, 1)
	go func() { ended <- h.run(ctx) }()
	state <- svc.Status{State: svc.Running, Accepts: takes}
	for {
		select {
		case h.err = <-ended:
			if h.err != nil {
				return true, 1 // the manager starts it again
			}
			return false, 0
		case r := <-asks:
			switch r.Cmd {
			case svc.Interrogate:
				state <- r.CurrentStatus
			case svc.Stop, svc.Shutdown:
				state <- svc.Status{State: svc.StopPending}
				stop(errServiceStopped)
			}
		}
	}
}
