package admin

import (
	"errors"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"time"

	"ferry/proto"
	"ferry/serve/users"
)

// User is what is told of a user's record: no hash, no account.
type User struct {
	Name     string       `json:"name"`
	Root     string       `json:"root"`
	Home     string       `json:"home"`
	May      string       `json:"may"`
	Limits   users.Limits `json:"limits"`
	Expires  time.Time    `json:"expires,omitzero"`
	Disabled bool         `json:"disabled,omitempty"`
	Fixed    bool         `json:"fixed,omitempty"` // not of the users file
}

// Users are all that the server knows of, and where they are kept.
type Users struct {
	File     string `json:"file,omitempty"` // "": there is no users file
	Editable bool   `json:"editable"`       // by this interface
	Users    []User `json:"users"`
}

func (a *Admin) users(*http.Request) (any, error) {
	all := Users{File: a.cfg.Users, Editable: a.cfg.EditUsers == ByServer && a.cfg.Users != "", Users: []User{}}
	if a.cfg.Records == nil {
		return all, nil
	}
	for _, r := range a.cfg.Records() {
		all.Users = append(all.Users, User{
			Name: r.Name, Root: r.Root, Home: r.Home, May: r.Perm.String(), Limits: r.Limits,
			Expires: r.Expires, Disabled: r.Disabled, Fixed: r.Fixed,
		})
	}
	return all, nil
}

// userEdit is the body of all edits.
type userEdit struct {
	Name     string            `json:"name"`
	Password proto.Secret      `json:"password"`
	Set      map[string]string `json:"set"`
	Disabled *bool             `json:"disabled"`
}

// edit opens the users file and lets do change it.
func (a *Admin) edit(r *http.Request, act string, do func(*users.File, userEdit) error) (any, error) {
	e, err := body[userEdit](r)
	switch {
	case err != nil:
		return nil, err
	case a.cfg.Users == "":
		return nil, &Fault{"this server has no users file (--users FILE)", http.StatusNotImplemented}
	case a.cfg.EditUsers != ByServer:
		return nil, &Fault{"this server does not change its users file itself: ferry ctl users does", http.StatusForbidden}
	case e.Name == "":
		return nil, wrong("a name is wanted")
	}
	f, err := users.Open(a.cfg.Users, users.Options{})
	if err == nil {
		err = do(f, e)
	}
	switch {
	case errors.Is(err, fs.ErrExist):
		return nil, &Fault{"there is a user of that name already", http.StatusConflict}
	case errors.Is(err, fs.ErrNotExist):
		return nil, &Fault{"there is no such user", http.StatusNotFound}
	case err != nil:
		return nil, err
	}
	a.told(r, "users "+act, e.Name)
	return a.users(r)
}

// edited notes what ctl, with the rights of whoever runs it, has done to the users
// file.
func (a *Admin) edited(r *http.Request) (any, error) {
	e, err := body[struct{ Act, Name string }](r)
	switch {
	case err != nil:
		return nil, err
	case !slices.Contains(edits(), e.Act) || e.Name == "":
		return nil, wrong("an act and a name are wanted; acts are %s", strings.Join(edits(), " "))
	}
	a.told(r, "users "+e.Act, e.Name)
	return a.users(r)
}

// edits are the ways to change the users file, as `ferry users` names them.
func edits() []string { return []string{"add", "change", "passwd", "remove"} }

func (a *Admin) set(e userEdit, r *users.Record) error {
	if e.Disabled != nil {
		r.Disabled = *e.Disabled
	}
	if len(e.Set) == 0 || a.cfg.Apply == nil {
		return nil
	}
	return a.cfg.Apply(e.Set, r)
}

func (a *Admin) addUser(r *http.Request) (any, error) {
	return a.edit(r, "add", func(f *users.File, e userEdit) error {
		record := users.Record{Name: e.Name, Home: "/", Perm: users.All}
		if err := a.set(e, &record); err != nil {
			return err
		}
		if e.Password == "" {
			return wrong("a password is wanted")
		}
		return f.Add(record, e.Password)
	})
}

func (a *Admin) changeUser(r *http.Request) (any, error) {
	return a.edit(r, "change", func(f *users.File, e userEdit) error {
		return f.Change(e.Name, func(r *users.Record) error { return a.set(e, r) })
	})
}

func (a *Admin) passwd(r *http.Request) (any, error) {
	return a.edit(r, "passwd", func(f *users.File, e userEdit) error {
		if e.Password == "" {
			return wrong("a password is wanted")
		}
		return f.Passwd(e.Name, e.Password)
	})
}

func (a *Admin) removeUser(r *http.Request) (any, error) {
	return a.edit(r, "remove", func(f *users.File, e userEdit) error { return f.Remove(e.Name) })
}
