package serve

// mutable is what a running server takes other values of, from the next
// command on: the rest of Config holds as long as the Server does.
type mutable struct {
	limits    Limits
	overwrite Overwrite
}

// limits are the Config's until Change has been called.
func (srv *Server) limits() *Limits {
	if m := srv.live.Load(); m != nil {
		return &m.limits
	}
	return &srv.cfg.Limits
}

func (srv *Server) overwrite() Overwrite {
	if m := srv.live.Load(); m != nil {
		return m.overwrite
	}
	return srv.cfg.Files.Overwrite
}

// Change puts limits, admission and the overwrite policy of a configuration in
// force, for sessions that there are, too. What it is not about stays as it is.
// Sessions above a new number of them go on.
func (srv *Server) Change(cfg Config) error {
	if err := cfg.Limits.validate(); err != nil {
		return err
	}
	cfg = cfg.complete()
	srv.live.Store(&mutable{cfg.Limits, cfg.Files.Overwrite})
	srv.reg.change(cfg.Limits)
	srv.guard.change(cfg)
	srv.reg.each(func(s *session) { s.wake() }) // its clocks may run out earlier now
	return nil
}

func (r *registry) change(l Limits) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.limits = l
}

func (g *guard) change(cfg Config) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.limits, g.lists = cfg.Limits, cfg.Admission
}
