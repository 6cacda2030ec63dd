package script

import (
	"context"
	"slices"

	"ferry/proto"
	"ferry/proto/client"
)

// another makes more sessions like the one that is open: same host and login,
// same directory and parameters, no less encrypted. All that it needs is noted
// now, so that any goroutine may call what it returns while the verb runs.
//
// SECURITY: nobody is asked. Whom the open session trusts is trusted, and
// nobody else; where it is encrypted, so is every other.
func (st *State) another() (func(context.Context) (*client.Client, error), error) {
	v := &visitor{st: st, to: st.last.to, cfg: st.clientConfig(st.last.to)}
	if err := v.prepare(); err != nil {
		return nil, err
	}
	cfg, now := v.cfg, st.client
	cfg.Data = now.DataMethod()
	cfg.Security.InClear = nil // it has left that way before, and its user knows
	if state, encrypted := now.TLS(); encrypted {
		cfg.Security.Known = append(slices.Clone(cfg.Security.Known), client.PinFor(state.PeerCertificates[0]))
		cfg.TLS = max(cfg.TLS, client.TLSRequired)
	}
	like := likeness{who: st.last.who, trail: slices.Clone(st.last.trail), params: now.Params()}
	cfg.Features = now.Features()
	host, address := st.last.to.host, st.last.to.address()
	return func(ctx context.Context) (*client.Client, error) {
		c, err := st.traced(host, cfg, func(cfg client.Config) (*client.Client, error) {
			cfg.Quirks = now.Quirks() // what it has learned by now, the others need not find out
			return client.Dial(ctx, address, cfg)
		})
		if err != nil {
			return nil, err
		}
		if err := like.give(ctx, c); err != nil {
			c.Close()
			return nil, err
		}
		return c, nil
	}, nil
}

// likeness is what makes a session like another.
type likeness struct {
	who    client.Credentials
	trail  []string
	params proto.Params
}

func (l likeness) give(ctx context.Context, c *client.Client) error {
	if err := c.Login(ctx, l.who); err != nil {
		return err
	}
	for _, dir := range l.trail {
		if err := c.ChangeDir(ctx, dir); err != nil {
			return err
		}
	}
	if l.params == proto.Binary() {
		return nil // as every login leaves it
	}
	return c.SetParams(ctx, l.params)
}
