package main

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"ferry/proto"
	"ferry/proto/client"
)

// visit is what the client does in a transcript, from behind the greeting to
// before QUIT.
type visit func(t *testing.T, c *client.Client)

// visits has one for each transcript of testdata.
func visits() map[string]visit {
	return map[string]visit{
		"login": visitLogin, "account": visitAccount, "refused": visitRefused, "list": visitList, "retrieve": visitRetrieve,
		"store": visitStore, "rename": visitRename, "abort": visitAbort, "epsv": visitEpsv, "active": visitActive, "errors": visitErrors, "spread": visitSpread,
	}
}

func visitLogin(t *testing.T, c *client.Client) {
	done(t, login(t, c, "anna", "secret", ""))
	dir, err := c.Pwd(t.Context())
	if err != nil || dir != "/" {
		t.Error(dir, err)
	}
	system, err := c.System(t.Context())
	if err != nil || system != "UNIX Type: L8" {
		t.Error(system, err)
	}
	done(t, c.Noop(t.Context()))
	done(t, c.Reinit(t.Context()))
	done(t, login(t, c, "anna", "secret", ""))
}

func visitAccount(t *testing.T, c *client.Client) {
	refused(t, login(t, c, "clerk", "secret", "wrong"), 530)
	done(t, login(t, c, "clerk", "secret", "books"))
	_, err := c.Pwd(t.Context())
	done(t, err)
}

func visitRefused(t *testing.T, c *client.Client) {
	refused(t, login(t, c, "anna", "wrong", ""), 530)
	_, err := c.Pwd(t.Context())
	refused(t, err, 530)
	refused(t, login(t, c, "nobody", "secret", ""), 530)
	done(t, login(t, c, "anna", "secret", ""))
	_, err = c.Pwd(t.Context())
	done(t, err)
}

func visitList(t *testing.T, c *client.Client) {
	done(t, login(t, c, "anna", "secret", ""))
	n := 0
	for line, err := range c.List(t.Context(), "d") {
		e := line.Entry
		if n++; err != nil || e.Name != "a b" || e.Size != 6 || e.Kind != proto.RegularFile || proto.FormatTime(e.Modify) != "20260102030405" {
			t.Errorf("%+v, %v", e, err)
		}
	}
	names, err := c.Names(t.Context(), "d")
	if n != 1 || err != nil || len(names) != 1 || names[0] != "d/a b" {
		t.Errorf("%d lines, names %q, %v", n, names, err)
	}
	e, err := c.Stat(t.Context(), "d/a b")
	if err != nil || e.Size != 6 {
		t.Errorf("%+v, %v", e, err)
	}
	size, err := c.Size(t.Context(), "d/a b")
	at, err2 := c.ModTime(t.Context(), "d/a b")
	if size != 6 || proto.FormatTime(at) != "20260102030405" || err != nil || err2 != nil {
		t.Error(size, at, err, err2)
	}
	for _, err := range c.List(t.Context(), "none") {
		refused(t, err, 550)
	}
}

func visitRetrieve(t *testing.T, c *client.Client) {
	done(t, login(t, c, "anna", "secret", ""))
	fetched(t, c, client.Transfer{}, "hello\n")
	fetched(t, c, client.Transfer{Offset: 4}, "o\n")
	text := proto.DefaultParams()
	fetched(t, c, client.Transfer{Params: &text, Check: client.CheckAnnounced}, "hello\n")
	blocks := proto.Params{Type: proto.TypeI, Mode: proto.Block}
	fetched(t, c, client.Transfer{Params: &blocks, Check: client.CheckAnnounced}, "hello\n")
}

func visitStore(t *testing.T, c *client.Client) {
	done(t, login(t, c, "anna", "secret", ""))
	_, err := c.Store(t.Context(), "n", strings.NewReader("new"), client.Transfer{})
	done(t, err)
	_, err = c.Append(t.Context(), "n", strings.NewReader("er"), client.Transfer{Offset: 3})
	done(t, err)
	name, _, err := c.StoreUnique(t.Context(), "n", strings.NewReader("one"), client.Transfer{})
	if err != nil || name != "/n-1" {
		t.Error(name, err)
	}
	records := proto.Params{Type: proto.TypeA, Stru: proto.Record}
	_, err = c.Store(t.Context(), "r", strings.NewReader("one\ntwo\n"), client.Transfer{Params: &records, Check: client.CheckAnnounced})
	done(t, err)
}

func visitSpread(t *testing.T, c *client.Client) {
	done(t, login(t, c, "anna", "secret", ""))
	put := func(from, to int64, text string, t client.Transfer) error {
		_, err := c.StoreSpan(context.Background(), "s", client.Span{From: from, To: to}, strings.NewReader(text), t)
		return err
	}
	if !c.Spreads() {
		t.Error("FEAT says nothing of it")
	}
	done(t, put(0, 2, "ab", client.Transfer{Size: 8}))
	done(t, put(5, 8, "fgh", client.Transfer{}))
	refused(t, put(2, 5, "c", client.Transfer{}), 426)
	sum, err := c.Hash(t.Context(), "s", client.SHA256, 2, 1)
	if err != nil || sum.Hex != "2e7d2c03a9507ae265ecf5b5356885a53393a2029d241394997265a1a25aefc6" {
		t.Error(sum, err)
	}
	done(t, put(3, 5, "de", client.Transfer{}))
	done(t, c.Rename(t.Context(), "s", "whole"))
	refused(t, put(8, 9, "i", client.Transfer{}), 554) // it has another name now
}

func visitRename(t *testing.T, c *client.Client) {
	done(t, login(t, c, "anna", "secret", ""))
	made, err := c.MakeDir(t.Context(), `new "dir"`)
	if err != nil || made != `/new "dir"` {
		t.Error(made, err)
	}
	_, err = c.MakeDir(t.Context(), `new "dir"`)
	refused(t, err, 521)
	done(t, c.ChangeDir(t.Context(), `new "dir"`))
	dir, err := c.Pwd(t.Context())
	if err != nil || dir != `/new "dir"` {
		t.Error(dir, err)
	}
	done(t, c.Rename(t.Context(), "/d/a b", "c"))
	refused(t, c.Rename(t.Context(), "none", "x"), 550)
	done(t, c.ChangeToParent(t.Context()))
	refused(t, c.RemoveDir(t.Context(), `new "dir"`), 550)
	done(t, c.Delete(t.Context(), `new "dir"/c`))
	done(t, c.RemoveDir(t.Context(), `new "dir"`))
}

func visitAbort(t *testing.T, c *client.Client) {
	done(t, login(t, c, "anna", "secret", ""))
	ctx, cancel := context.WithCancel(t.Context())
	_, err := c.Retrieve(ctx, "big", &stopping{8, cancel}, client.Transfer{})
	if !errors.Is(err, context.Canceled) || c.Broken() {
		t.Errorf("aborted: %v, broken %v", err, c.Broken())
	}
	time.Sleep(time.Second)
	fetched(t, c, client.Transfer{Check: client.CheckAnnounced}, "hello\n")
}

func visitEpsv(t *testing.T, c *client.Client) {
	done(t, login(t, c, "anna", "secret", ""))
	for _, m := range []client.Method{client.PassiveExtended, client.PassivePlain} {
		c.SetData(m)
		fetched(t, c, client.Transfer{Check: client.CheckAnnounced}, "hello\n")
	}
}

func visitActive(t *testing.T, c *client.Client) {
	done(t, login(t, c, "anna", "secret", ""))
	for _, m := range []client.Method{client.ActivePlain, client.ActiveExtended} {
		c.SetData(m)
		fetched(t, c, client.Transfer{Check: client.CheckAnnounced}, "hello\n")
	}
}

func visitErrors(t *testing.T, c *client.Client) {
	done(t, login(t, c, "anna", "secret", ""))
	_, err := c.Retrieve(t.Context(), "none", &bytes.Buffer{}, client.Transfer{})
	refused(t, err, 550)
	_, err = c.Store(t.Context(), "none/f", strings.NewReader(""), client.Transfer{})
	refused(t, err, 550)
	refused(t, c.ChangeDir(t.Context(), "none"), 550)
	refused(t, c.Delete(t.Context(), "d"), 550)
	_, err = c.Size(t.Context(), "d")
	refused(t, err, 550)
	for _, said := range []struct {
		line string
		code proto.Code
	}{{"XYZZY", 500}, {"MAIL", 502}, {"TYPE L 36", 504}, {"TYPE X", 501}, {"RNTO x", 503}} {
		_, err = c.Quote(t.Context(), said.line)
		refused(t, err, said.code)
	}
	_, err = c.Retrieve(t.Context(), "d/a b", &bytes.Buffer{}, client.Transfer{Offset: 7})
	refused(t, err, 554)
	fetched(t, c, client.Transfer{Check: client.CheckAnnounced}, "hello\n")
}
