package panes

import "errors"

// errNoScreen is a terminal that could not be given back, or not any more.
var errNoScreen = errors.New("the screen is gone")

// Run runs f with the terminal as it was before, and takes it over again.
func (s *Screen) Run(f func() error) error {
	err := errNoScreen
	ran := make(chan struct{})
	go s.app.QueueUpdateDraw(func() {
		defer close(ran)
		s.suspend(func() { err = f() })
	})
	select {
	case <-ran:
		return err
	case <-s.gone:
		select {
		case <-ran:
			return err
		default:
			return errNoScreen
		}
	}
}

// suspend runs f with the terminal as it was.
func (s *Screen) suspend(f func()) {
	s.app.Suspend(func() {
		s.guard.tell(suspended)
		f()
		s.guard.tell(engaged)
	})
}

// stop is ^Z: it gives the terminal back until the process goes on.
func (s *Screen) stop() {
	if s.cfg.Stop != nil {
		s.suspend(s.cfg.Stop)
	}
}

// Wait waits for f, or the end of the screen.
func (s *Screen) Wait(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
	case <-s.closed:
	}
}
