package client

import (
	"context"

	"ferry/proto"
	"ferry/proto/data"
)

// SetParams sets TYPE, STRU and MODE. What the server refuses stays as it was.
func (c *Client) SetParams(ctx context.Context, p proto.Params) error {
	p = whole(p)
	if err := c.ensure(ctx, p); err != nil {
		return err
	}
	c.params = p
	return nil
}

// whole fills in what p leaves out.
func whole(p proto.Params) proto.Params {
	if p.Type == (proto.Type{}) {
		p.Type = proto.TypeI
	}
	if p.Stru == 0 {
		p.Stru = proto.File
	}
	if p.Mode == 0 {
		p.Mode = proto.Stream
	}
	return p
}

// Params are what SetParams set; proto.Binary at first. Single commands and
// transfers may have others in between.
func (c *Client) Params() proto.Params { return c.params }

// ensure makes the parameters those of p, and TLS's as this end wants them.
func (c *Client) ensure(ctx context.Context, p proto.Params) error {
	if err := c.adjust(ctx, p); err != nil {
		return err
	}
	return c.serveTLS(ctx)
}

// adjust sends what differs from the parameters in force.
func (c *Client) adjust(ctx context.Context, p proto.Params) error {
	if err := c.ready(ctx); err != nil {
		return err // what is owed may change them
	}
	if c.in.params.Type != p.Type {
		// Records and pages go with some types only: between two that don't go
		// together the way is through file structure.
		if c.in.params.Stru != proto.File && !goTogether(p.Type, c.in.params.Stru) {
			if _, err := c.done(ctx, "STRU", proto.File.String()); err != nil {
				return err
			}
		}
		if _, err := c.done(ctx, "TYPE", p.Type.String()); err != nil {
			return err
		}
	}
	if c.in.params.Stru != p.Stru {
		if _, err := c.done(ctx, "STRU", p.Stru.String()); err != nil {
			return err
		}
	}
	if c.in.params.Mode != p.Mode {
		if _, err := c.done(ctx, "MODE", p.Mode.String()); err != nil {
			return err
		}
	}
	return nil
}

func goTogether(t proto.Type, s proto.Stru) bool {
	return data.Supported(proto.Params{Type: t, Stru: s, Mode: proto.Stream}) == nil
}

// binary sets TYPE I unless a binary type is in force: ProFTPD and pyftpdlib
// refuse SIZE and REST in TYPE A, and others count line ends twice.
func (c *Client) binary(ctx context.Context) error {
	if err := c.ready(ctx); err != nil {
		return err
	}
	switch c.in.params.Type.Code {
	case proto.Image, proto.Local:
		return nil
	}
	_, err := c.try(ctx, proto.Cmd("TYPE", proto.TypeI.String()))
	return err
}
