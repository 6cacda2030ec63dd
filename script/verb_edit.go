package script

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"ferry/proto"
	"ferry/proto/client"
	"ferry/script/bulk"
)

// The answers about a file that has changed while it was edited.
const (
	keepHere  Answer = "keep"
	overwrite Answer = "overwrite"
	showDiff  Answer = "difference"
)

// edit fetches a file, starts the editor, and puts the file back if it was
// changed here and was not changed there meanwhile.
func edit(ctx context.Context, st *State, a Args) error {
	if st.cfg.Ask == nil {
		return &StateError{What: "nobody is there to edit", Hint: "get, a command behind !, and put do it in a script"}
	}
	e, err := st.fetchEdited(ctx, a.Text(0))
	if err != nil {
		return err
	}
	if err = st.editor(ctx, e.local); err == nil {
		err = st.putBack(ctx, e)
	}
	if err != nil && e.changed() {
		st.say("what you have written is in %s", e.local)
		return err
	}
	return errors.Join(err, os.RemoveAll(filepath.Dir(e.local)))
}

// edited is a file that lies here to be changed.
type edited struct {
	remote string
	local  string // in a directory of its own
	before []byte
	isNew  bool
}

// changed reports whether there is something to put back.
func (e *edited) changed() bool {
	now, err := os.ReadFile(e.local)
	if e.isNew && errors.Is(err, os.ErrNotExist) {
		return false
	}
	return err != nil || !bytes.Equal(now, e.before)
}

// fetchEdited brings a file into a directory that only we can read. A name
// that is not there begins as an empty file.
//
// SECURITY: the editor gets a name without a directory, whatever was typed.
func (st *State) fetchEdited(ctx context.Context, remote string) (*edited, error) {
	base := baseOf(remote)
	if base == "" || base == "." || base == ".." || !filepath.IsLocal(base) || strings.ContainsAny(base, "\\\x00") {
		return nil, &FileError{Name: remote, Err: errors.New("no name of a file")}
	}
	text, err := st.fetch(ctx, remote)
	isNew := isMissing(err)
	if err != nil && !isNew {
		return nil, &FileError{Name: remote, Err: err}
	}
	dir, err := os.MkdirTemp("", "ferry-edit-*")
	if err != nil {
		return nil, err
	}
	e := &edited{remote: remote, local: filepath.Join(dir, base), before: text, isNew: isNew}
	if isNew {
		st.say("%s is new", remote)
		return e, nil
	}
	return e, os.WriteFile(e.local, text, 0o600)
}

// fetch is the content of a file, in the type that is set: it comes back the
// same way.
func (st *State) fetch(ctx context.Context, remote string) ([]byte, error) {
	var b bytes.Buffer
	_, err := st.client.Retrieve(ctx, remote, &b, client.Transfer{Max: maxEdit})
	return b.Bytes(), err
}

// isMissing reports a refusal to read a name.
func isMissing(err error) bool {
	var refused *proto.ReplyError
	return errors.As(err, &refused) && refused.Command.Verb == "RETR" && refused.Reply.Code == proto.Refused
}

// editor runs $VISUAL, $EDITOR, or what every system has.
func (st *State) editor(ctx context.Context, file string) error {
	command := "vi"
	if runtime.GOOS == "windows" {
		command = "notepad"
	}
	for _, name := range []string{"EDITOR", "VISUAL"} {
		if v, ok := st.env(name); ok && strings.TrimSpace(v) != "" {
			command = v
		}
	}
	words := strings.Fields(command)
	cmd := exec.CommandContext(ctx, words[0], append(words[1:], file)...)
	cmd.Dir, cmd.Env = st.dir, st.shellEnv()
	cmd.Stdin, cmd.Stdout, cmd.Stderr = st.cfg.In, st.cfg.Out, st.cfg.Err
	if err := st.Program(cmd); err != nil {
		return &StateError{What: fmt.Sprintf("%s: %v", words[0], err), Hint: "EDITOR and VISUAL say which editor to use"}
	}
	return nil
}

// putBack uploads a file that was changed, unless it was changed there too.
func (st *State) putBack(ctx context.Context, e *edited) error {
	if !e.changed() {
		st.say("%s is as it was", e.remote)
		return nil
	}
	if _, err := os.Stat(e.local); err != nil {
		return err
	}
	_ = st.client.Noop(ctx) // it may have been lost while somebody was writing
	if err := st.ready(ctx, Login); err != nil {
		return err
	}
	if err := st.meanwhile(ctx, e); err != nil {
		return err
	}
	o, err := st.bulkOptions(Args{})
	if err != nil {
		return err
	}
	o.Existing = bulk.Overwrite
	return st.move(ctx, bulk.Up, []bulk.Item{{Local: e.local, Remote: e.remote, Shown: filepath.Base(e.local)}}, o)
}

// meanwhile asks what to do about a file that is not what it was.
func (st *State) meanwhile(ctx context.Context, e *edited) error {
	now, err := st.fetch(ctx, e.remote)
	switch gone := isMissing(err); {
	case err != nil && !gone:
		return err
	case gone == e.isNew && bytes.Equal(now, e.before):
		return nil
	}
	for {
		answer, err := st.cfg.Ask.Choose(ctx, e.remote+" was changed at the server meanwhile:", keepHere, overwrite, showDiff)
		switch {
		case err != nil:
			return err
		case answer == overwrite:
			return nil
		case answer == keepHere:
			return &StateError{What: e.remote + " was changed at the server meanwhile", Hint: "`put` uploads yours under another name"}
		}
		mine, err := os.ReadFile(e.local)
		if err != nil {
			return err
		}
		if err := st.writeDiff(st.Err, [2]string{"server: " + e.remote, "here: " + e.local}, now, mine); err != nil {
			return err
		}
	}
}
