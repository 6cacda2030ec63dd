package repl

import (
	"context"
	"fmt"
	"strings"
	"time"

	"ferry/proto"
	"ferry/proto/list"
	"ferry/script"
	"ferry/script/bulk"
)

// choices are the answers about a name that exists, as they are typed, in the
// order in which they are shown. Enter takes none of them: each of them loses
// something if it is wrong.
func choices() []string {
	return []string{"overwrite", "skip", "rename", "resume", "newer", "difference"}
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
	shown := c
	shown.Item.Local = a.meter.short(c.Item.Local)
	if c.Direction == bulk.Down {
		shown.FreeName = a.meter.short(c.FreeName)
	}
	a.sayf("%s", describe(shown, a.palette()))
	for {
		line, err := a.question(ctx, question{
			line: "overwrite, skip, rename, resume, newer, difference; with `all` for all that follow? ",
			text: "what shall become of it?", answers: choices(), forAll: true,
		})
		if err != nil {
			return bulk.Answer{}, err
		}
		choice, forAll, ok := parseChoice(line)
		if !ok {
			a.sayf("please answer with one of these words, its beginning will do (o, s, ren, res, n, d), such as: skip   or: newer all")
			continue
		}
		policy, ok := policyOf(choice)
		if !ok {
			if err := a.engine.State().Difference(ctx, a.cfg.Script.Err, c.Item, c.Direction); err != nil {
				return bulk.Answer{}, err
			}
			continue
		}
		return bulk.Answer{Policy: policy, ForAll: forAll}, nil
	}
}

// parseChoice reads "skip", "s", "s all", "S" (for all) and "skip a".
func parseChoice(line string) (choice string, forAll, ok bool) {
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
	i := pick(strings.ToLower(words[0]), choices())
	if i < 0 {
		return "", false, false
	}
	return choices()[i], forAll, true
}

// describe is both sides, one a line, with what differs marked.
func describe(c bulk.Conflict, color Color) string {
	name, here, server := c.Item.Local, side{c.TargetSize, c.TargetTime}, side{c.SourceSize, c.SourceTime}
	if c.Direction == bulk.Up {
		name, here, server = c.Item.Remote, server, here
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s exists:\n", paint(color, bold, list.Printable(name)))
	fmt.Fprintf(&b, "  here    %s%s\n", here, paint(color, yellow, here.against(server)))
	fmt.Fprintf(&b, "  server  %s%s\n", server, paint(color, yellow, server.against(here)))
	fmt.Fprintf(&b, "  rename would make it %s", list.Printable(c.FreeName))
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
		size = fmt.Sprintf("%d bytes", s.size)
		if s.size >= 1024 {
			size += " (" + script.HumanSize(s.size) + ")"
		}
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
