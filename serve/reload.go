package serve

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"ferry/serve/parent"
	"ferry/serve/settings"
)

// lively are the settings that a running server takes at once; users files and
// certificates are looked at by themselves. For others a new one is needed:
// with a parent it is started, and sessions that there are end in the old one.
func lively(name string) bool {
	if slices.Contains([]string{"allow", "deny", "overwrite", "config"}, name) {
		return true
	}
	return slices.ContainsFunc(limitFlags(), func(f limitFlag) bool { return f.name == name })
}

func (r *running) now() Daemon {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.daemon
}

// take makes a running daemon as another one would be, as far as it can.
func (r *running) take(fresh Daemon) (what parent.Changed) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, name := range differing(r.daemon, fresh) {
		if lively(name) {
			what.Now = append(what.Now, name)
		} else {
			what.Later = append(what.Later, name)
		}
	}
	cfg := Config{Limits: fresh.Limits, Admission: fresh.Admission, Files: fresh.Files, Replies: fresh.Replies}
	if err := r.srv.Change(cfg); err != nil {
		return parent.Changed{Err: err.Error()}
	}
	if r.daemon.Handed.Parent == nil && len(what.Later) > 0 {
		// What could not be taken differs the next time, too.
		kept := settings.Values{}
		for name, v := range r.daemon.Settings {
			kept[name] = v
		}
		for _, name := range what.Now {
			kept[name] = fresh.Settings[name]
		}
		r.daemon.Settings = kept
		return what
	}
	r.daemon.Settings, r.daemon.Servers = fresh.Settings, fresh.Servers
	return what
}

// change is what a parent has read again.
func (r *running) change(text []byte) (what parent.Changed) {
	r.reopen()
	var e estate
	err := json.Unmarshal(text, &e)
	if err == nil && r.set != nil && len(e.Certs) > 0 {
		err = r.set.Put(e.Certs)
	}
	fresh := r.now()
	if err == nil && fresh.Reread != nil {
		fresh, err = fresh.Reread(e.Settings)
	}
	if err != nil {
		return parent.Changed{Err: err.Error()}
	}
	return r.take(fresh)
}

// Reload reads the settings again: by the parent, if there is one, which also
// starts what needs a new process. Sessions go on in any case.
func (r *running) Reload(ctx context.Context) (parent.Changed, error) {
	d := r.now()
	if d.Handed.Parent != nil {
		return d.Handed.Parent.Reload(ctx)
	}
	r.reopen()
	if r.set != nil {
		r.set.Look()
		r.set.List()
	}
	if d.Reread == nil {
		return parent.Changed{}, nil
	}
	text, err := d.ReadConfig()
	if err != nil {
		return parent.Changed{}, err
	}
	fresh, err := d.Reread(text)
	if err != nil {
		return parent.Changed{}, err
	}
	return r.take(fresh), nil
}

// obey does what signals ask of a daemon without a parent, until ctx ends.
func (r *running) obey(ctx context.Context, orders <-chan parent.Order) {
	for {
		select {
		case <-ctx.Done():
			return
		case o := <-orders:
			if o == parent.Upgrade {
				r.log.Error("another program can't take over", "hint", "--watchdog makes it so")
				continue
			}
			notify("RELOADING=1")
			what, err := r.Reload(ctx)
			notify(parent.IsReady)
			r.tell(what, err)
		}
	}
}

// tell logs what came of reading the settings again.
func (r *running) tell(what parent.Changed, err error) {
	switch {
	case err != nil:
		r.log.Error("settings can't be used, the former ones stay in force", "err", strings.ReplaceAll(err.Error(), "\n", "; "))
	case len(what.Later) > 0:
		r.log.Error("some settings need a new start", "settings", strings.Join(what.Later, " "), "in force", strings.Join(what.Now, " "), "hint", "--watchdog does it without a gap")
	default:
		r.log.Info("settings are read again", "changed", strings.Join(what.Now, " "))
	}
}
