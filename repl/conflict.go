package repl

import (
	"context"
	"fmt"
	"strings"
	"time"

	"ferry/proto"
	"ferry/proto/list"
	"ferry/script/bulk"
)

// choices are the answers about a name that exists, as they are typed, in the
// order in which they are shown. Enter takes none of them: each of them loses
// something if it is wrong.
func choices(c bulk.Conflict) []string {
	all := []string{"overwrite", "skip", "rename"}
	if c.SourceSize != proto.NoSize && c.TargetSize != proto.NoSize && c.TargetSize < c.SourceSize {
		all = append(all, "resume")
	}
	return append(all, "newer", "difference")
}

// policyOf is what the engine calls an answer; a difference is no policy.
func policyOf(choice string) (bulk.Policy, bool) {
	p, ok := map[string]bulk.Policy{
		"overwrite": bulk.Overwrite, "skip": bulk.Skip, "rename": bulk.Rename, "resume": bulk.Resume, "newer": bulk.Newer,
	}[choice]
	return p, ok
}

// Conflict shows both sides of a name that exists and asks what to do.
func (a asker) Conflict(ctx context.Context, c bulk.Conflict) (bulk.Answer, error) {
	a.meter.pause()
	a.sayf("%s", a.describe(c))
	all := choices(c)
	for {
		line, err := a.question(ctx, question{
			line: strings.Join(all, ", ") + " (all)? ",
			text: "what shall become of it?", answers: all, forAll: true,
		})
		if err != nil {
			return bulk.Answer{}, err
		}
		choice, forAll, ok := parseChoice(line, all)
		if !ok {
			a.sayf("one of these words, please, or its beginning; with `all` for those that follow\ntoo, such as: skip   or: newer all   or: n a")
			continue
		}
		policy, ok := policyOf(choice)
		switch {
		case !ok:
			err = a.engine.State().Difference(ctx, a.cfg.Script.Err, c.Item, c.Direction)
		case policy == bulk.Rename && !forAll:
			return a.newName(ctx, c)
		default:
			return bulk.Answer{Policy: policy, ForAll: forAll}, nil
		}
		if err != nil {
			return bulk.Answer{}, err
		}
	}
}

// newName asks what the target is called then. A name without a directory
// stays in the target's.
func (a asker) newName(ctx context.Context, c bulk.Conflict) (bulk.Answer, error) {
	proposal := a.target(c, c.FreeName)
	name, err := a.Line(ctx, "new name", proposal)
	if err != nil || name == proposal {
		return bulk.Answer{Policy: bulk.Rename}, err
	}
	if c.Direction == bulk.Down {
		return bulk.Answer{Policy: bulk.Rename, Name: a.engine.State().Local(name)}, nil
	}
	return bulk.Answer{Policy: bulk.Rename, Name: name}, nil
}

// target is a name as a person would write it: local ones as seen from the
// local directory.
func (a asker) target(c bulk.Conflict, name string) string {
	if c.Direction == bulk.Down {
		name = a.meter.short(name)
	}
	return list.Printable(name)
}

// parseChoice reads "skip", "s", "s all", "S" (for all) and "skip a".
func parseChoice(line string, all []string) (choice string, forAll, ok bool) {
	words := strings.Fields(line)
	switch len(words) {
	case 1:
		forAll = words[0] == strings.ToUpper(words[0])
	case 2:
		forAll = strings.HasPrefix("all", strings.ToLower(words[1]))
		if !forAll {
			return "", false, false
		}
	default:
		return "", false, false
	}
	i := pick(strings.ToLower(words[0]), all)
	if i < 0 {
		return "", false, false
	}
	return all[i], forAll, true
}

// describe is both sides, one a line, with what differs marked.
func (a asker) describe(c bulk.Conflict) string {
	color := a.palette()
	name, here, server := c.Item.Local, side{c.TargetSize, c.TargetTime}, side{c.SourceSize, c.SourceTime}
	if c.Direction == bulk.Up {
		name, here, server = c.Item.Remote, server, here
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s exists:\n", paint(color, bold, a.target(c, name)))
	fmt.Fprintf(&b, "  here    %s%s\n", here, paint(color, yellow, here.against(server)))
	fmt.Fprintf(&b, "  server  %s%s\n", server, paint(color, yellow, server.against(here)))
	fmt.Fprintf(&b, "  rename would make it %s", a.target(c, c.FreeName))
	return b.String()
}

// side is one of the two files.
type side struct {
	size int64
	time time.Time
}

func (s side) String() string {
	size, at := "size not known", "time not known"
	if s.size != proto.NoSize {
		size = list.Bytes(s.size)
	}
	if !s.time.IsZero() {
		at = s.time.Local().Format("2006-01-02 15:04:05")
	}
	return fmt.Sprintf("%-22s  %s", size, at)
}

// against says in what a side is more than the other.
func (s side) against(o side) string {
	var marks []string
	if s.size != proto.NoSize && o.size != proto.NoSize && s.size > o.size {
		marks = append(marks, "larger")
	}
	if !s.time.IsZero() && !o.time.IsZero() && s.time.Sub(o.time) >= time.Second {
		marks = append(marks, "newer")
	}
	if len(marks) == 0 {
		return ""
	}
	return "  " + strings.Join(marks, ", ")
}
