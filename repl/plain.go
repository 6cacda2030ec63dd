package repl

import (
	"errors"
	"io"
	"os"

	"github.com/chzyer/readline"
)

// Prompt is a line editor for who has verbs of their own and is no shell:
// `ferry ctl`. complete says what may stand in place of the last word of what
// was typed. What is written to out comes above the line. read's io.EOF is the
// end; ^C forgets a line, and ends it when there is none. done ends a read that
// waits, and leaves the terminal as it was.
func Prompt(prompt string, complete func(before string) []string) (read func() (string, error), out io.Writer, done func() error, err error) {
	in := readline.NewCancelableStdin(os.Stdin) // readline closes what it wraps around it, and then waits for a key
	rl, err := readline.NewEx(&readline.Config{
		Stdin:           in,
		Prompt:          prompt,
		HistoryLimit:    maxHistory,
		AutoComplete:    words(complete),
		FuncGetWidth:    screenWidth,
		InterruptPrompt: "^C",
		EOFPrompt:       "\n",
	})
	if err != nil {
		return nil, nil, nil, err
	}
	read = func() (string, error) {
		for {
			line, err := rl.Readline()
			if errors.Is(err, readline.ErrInterrupt) && line != "" {
				continue
			}
			if err != nil {
				return "", io.EOF
			}
			return line, nil
		}
	}
	done = func() error { return errors.Join(in.Close(), rl.Close()) }
	return read, rl.Stdout(), done, nil
}

// words completes the last word.
type words func(before string) []string

// Do is readline's question: what may follow the first pos runes of a line, and
// how many of them it shares.
func (w words) Do(line []rune, pos int) (rest [][]rune, shared int) {
	before := string(line[:pos])
	last := len([]rune(before))
	for last > 0 && line[last-1] != ' ' {
		last--
	}
	typed := pos - last
	for _, word := range w(before) {
		if r := []rune(word); len(r) >= typed {
			rest = append(rest, append(r[typed:], ' '))
		}
	}
	return rest, typed
}
