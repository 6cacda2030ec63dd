package script

import (
	"context"
	"io"

	"ferry/script/doctor"
)

// Local examines this machine as a place for `ferry serve` with these
// arguments. The server's side of the house gives it.
type Local func(ctx context.Context, args []string) ([]doctor.Finding, error)

// examination is what `ferry doctor` was asked for.
type examination struct {
	url   string // "": this machine
	args  []string
	write doctor.Write
	json  bool
	out   io.Writer
}

// examine prints a report. The error says that something fails, by its kind.
func (p applet) examine(ctx context.Context, cfg Config, e examination) error {
	var (
		report doctor.Report
		err    error
	)
	if e.url == "" {
		report.Target = "this machine"
		report.Findings, err = p.local(ctx, e.args)
	} else {
		report, err = remote(ctx, cfg, e)
	}
	if err != nil && len(report.Findings) == 0 {
		return err
	}
	write := report.Write
	if e.json {
		write = report.WriteJSON
	}
	if werr := write(e.out); werr != nil {
		return werr
	}
	if err == nil {
		err = report.Err()
	}
	return err
}

// remote examines a server. What is known of it, pins above all, counts as for
// every other command; its passwords come from the same places.
func remote(ctx context.Context, cfg Config, e examination) (doctor.Report, error) {
	s, err := newShot(cfg)
	if err != nil {
		return doctor.Report{}, err
	}
	defer func() { _ = s.engine.Close(context.WithoutCancel(ctx)) }()
	st := s.engine.state
	t, err := parseTarget(e.url)
	if err != nil {
		return doctor.Report{}, s.wrap("doctor", err)
	}
	v := &visitor{st: st, to: t, cfg: st.clientConfig(t)}
	if err := v.prepare(); err != nil {
		return doctor.Report{}, s.wrap("doctor", err)
	}
	v.cfg.Security.InClear = guarded(v)
	who, found, err := st.credentials(ctx, t)
	if err != nil {
		return doctor.Report{}, s.wrap("doctor", err)
	}
	if !found {
		who = guest(anonymous)
	}
	report, err := doctor.Examine(ctx, doctor.Patient{
		Target: ShownURL(e.url), Address: t.address(), Path: t.path, Who: who, Client: v.cfg, Write: e.write,
	})
	if err != nil {
		err = s.wrap("doctor", err)
	}
	return report, err
}

// guarded is the visitor's rule about passwords in clear, without its warning:
// the report says it.
//
// SECURITY: a host that had TLS once gets no password in clear from the doctor
// either.
func guarded(v *visitor) func(context.Context) error {
	return func(ctx context.Context) error {
		v.told = true
		return v.inClear(ctx)
	}
}
