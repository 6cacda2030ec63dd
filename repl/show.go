package repl

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
	"unicode/utf8"

	"ferry/proto"
	"ferry/proto/list"
	"ferry/script"
)

// shower shows listings in columns and long texts a page at a time.
type shower struct {
	*shell
	colors kindColors
}

var _ script.Shower = (*shower)(nil)

// List is script.Shower's.
func (s *shower) List(w io.Writer, l script.Listing) error {
	if l.Title != "" {
		if _, err := fmt.Fprintf(w, "%s:\n", paint(s.palette(), bold, list.Printable(l.Title))); err != nil {
			return err
		}
	}
	if l.Long {
		return s.long(w, l)
	}
	cells := make([]cell, 0, len(l.Lines))
	for _, line := range l.Lines {
		cells = append(cells, s.nameCell(line))
	}
	return s.columns(w, cells)
}

// columns shows cells, in the panes so that they are laid out again when the
// window has another size.
func (s *shower) columns(w io.Writer, cells []cell) error {
	p, ok := s.ed.(*panesEditor)
	if !ok || w != s.engine.State().Out {
		return writeColumns(w, cells, s.ed.Width(), s.palette())
	}
	c := s.palette()
	p.screen.Lay(func(width int) string {
		var b strings.Builder
		_ = writeColumns(&b, cells, width, c)
		return b.String()
	})
	return nil
}

func (s *shower) nameCell(line list.Line) cell {
	if line.Verdict == list.Unknown {
		return cell{text: shownName(line.Text), color: yellow}
	}
	text := shownName(line.Entry.Name)
	if line.Entry.Kind == proto.Directory {
		text += "/"
	}
	return cell{text: text, color: s.colors.of(line.Entry)}
}

// shownName is a name as it stands in a listing.
//
// SECURITY: one of a megabyte would push all others off the screen.
func shownName(name string) string {
	if len(name) <= maxShownName {
		return list.Printable(name)
	}
	cut := maxShownName
	for cut > 0 && !utf8.RuneStart(name[cut]) {
		cut--
	}
	return list.Printable(name[:cut]) + "…"
}

// long is a line for each entry: permissions where the server tells them,
// size, time, name.
func (s *shower) long(w io.Writer, l script.Listing) error {
	sizes, modes := 1, false
	for _, line := range l.Lines {
		sizes = max(sizes, len(sizeOf(line.Entry)))
		modes = modes || line.Entry.HasMode
	}
	now := time.Now()
	var b strings.Builder
	for _, line := range l.Lines {
		e, name := line.Entry, s.nameCell(line)
		if line.Verdict == list.Unknown {
			b.WriteString(paint(s.palette(), name.color, name.text) + "\n")
			continue
		}
		if modes {
			b.WriteString(modeOf(e) + "  ")
		}
		fmt.Fprintf(&b, "%*s  %s  %s", sizes, sizeOf(e), paint(s.palette(), dim, timeOf(e, now)), paint(s.palette(), name.color, name.text))
		if e.Target != "" {
			b.WriteString(" -> " + shownName(e.Target))
		}
		b.WriteByte('\n')
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func sizeOf(e proto.Entry) string {
	if e.Size == proto.NoSize || e.Kind == proto.Directory {
		return "-"
	}
	return list.HumanSize(e.Size)
}

func modeOf(e proto.Entry) string {
	kind := map[proto.Kind]string{proto.Directory: "d", proto.Symlink: "l", proto.Special: "s", proto.RegularFile: "-"}[e.Kind]
	if kind == "" {
		kind = "?"
	}
	if !e.HasMode {
		return kind + "?????????"
	}
	return kind + e.Mode.Perm().String()[1:]
}

// timeOf is a time of the local clock in 12 columns: the time of day for what
// is less than half a year old, else the year, as ls has it.
func timeOf(e proto.Entry, now time.Time) string {
	if e.Modify.IsZero() {
		return fmt.Sprintf("%12s", "-")
	}
	t, age := e.Modify.Local(), now.Sub(e.Modify)
	if age > 180*24*time.Hour || age < -time.Hour || e.Precision >= 24*time.Hour {
		return t.Format("Jan _2  2006")
	}
	return t.Format("Jan _2 15:04")
}

// Page is script.Shower's: through $PAGER, or less, or more; else as it is.
func (s *shower) Page(ctx context.Context, text io.Reader) error {
	name, args := pager(os.Getenv("PAGER"))
	if name == "" {
		return pagePlain(s.cfg.Script.Out, text)
	}
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = text, s.cfg.Script.Out, s.cfg.Script.Err
	cmd.Env = append(os.Environ(), "LESSSECURE=1") // no commands from inside: the text is a stranger's
	if _, set := os.LookupEnv("LESS"); !set && !s.cfg.Panes {
		cmd.Env = append(cmd.Env, "LESS=FX") // what fits on the screen is shown, and stays there
	}
	return s.engine.State().Program(cmd)
}

// pager finds the program that shows pages.
//
// SECURITY: less shows control characters as text unless it is told
// otherwise; -R is not given.
func pager(variable string) (name string, args []string) {
	for _, command := range []string{variable, "less", "more"} {
		words := strings.Fields(command)
		if len(words) == 0 {
			continue
		}
		if path, err := exec.LookPath(words[0]); err == nil {
			return path, words[1:]
		}
	}
	return "", nil
}

func pagePlain(w io.Writer, text io.Reader) error {
	b, err := io.ReadAll(io.LimitReader(text, maxPlainPage))
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(b)) {
		if _, err := fmt.Fprintln(w, list.Printable(strings.TrimRight(line, "\r\n"))); err != nil {
			return err
		}
	}
	return nil
}

// Clear is script.Shower's.
func (s *shower) Clear() error {
	if p, ok := s.ed.(*panesEditor); ok {
		p.screen.Clear()
		return nil
	}
	_, err := io.WriteString(s.cfg.Script.Out, "\x1b[H\x1b[2J")
	return err
}
