package serve

import (
	"os"

	"ferry/serve/admin"
)

// What the administrator reaches children by is the parent's: its path is always
// there, whichever child answers, and what was said to one holds for the next.

// openPage finds what opens the page.
func (o *overseer) openPage() error {
	if o.web == nil {
		return nil
	}
	o.page = &webPage{ln: o.web, secure: !addrPort(o.web.Addr()).Addr().IsLoopback()}
	return o.d.keepToken(o.page)
}

// openBook is what the orders of the administrator stand in. nil: none can come,
// or they end with each child.
func (o *overseer) openBook() *os.File {
	if !o.d.ordered() {
		return nil
	}
	if !o.d.NoState {
		f, err := bookInState(o.listeners)
		if err == nil {
			return f
		}
		o.log.Warn("bans and limits of the administrator will end with this run", "err", err)
	}
	f, err := bookOfRun()
	if err != nil {
		o.log.Warn("bans and limits of the administrator will end with each server process", "err", err)
		return nil
	}
	return f
}

// reached makes a socket where a child that is being replaced answers the
// administrator until its last session has ended.
func (o *overseer) reached(pid int) *os.File {
	if o.control == nil {
		return nil
	}
	path := admin.Beside(o.control.Path, pid)
	ln, err := admin.ListenAt(path)
	var f *os.File
	if err == nil {
		f, err = ln.HandOver()
	}
	if err != nil {
		o.log.Warn("a replaced server has no control socket", "pid", pid, "err", err)
		return nil
	}
	if o.aside == nil {
		o.aside = map[int]string{}
	}
	o.aside[pid] = path
	return f
}

// gone clears away what reached has made.
func (o *overseer) gone(pid int) {
	if path := o.aside[pid]; path != "" {
		_ = admin.Clear(path) // it is no server's any more, and cleared by the next of its name
		delete(o.aside, pid)
	}
}
