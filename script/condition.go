package script

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A condition is what stands behind if. It is read from the words as they were
// typed, so that a value is never taken for one of the language's own words,
// and is tested with the values in place.
//
//	condition = both { "or" both }
//	both      = one { "and" one }
//	one       = "not" one | CLAIM WORD… | WORD COMPARISON WORD
type condition interface {
	test(ctx context.Context, st *State, values []Word) (bool, error)
}

type (
	either struct{ a, b condition }
	both   struct{ a, b condition }
	not    struct{ of condition }
	claims struct {
		claim claim
		from  int // its first word among the values
	}
	compares struct {
		by   comparison
		a, b int // its sides among the values
	}
)

func (c either) test(ctx context.Context, st *State, values []Word) (bool, error) {
	ok, err := c.a.test(ctx, st, values)
	if ok || err != nil {
		return ok, err
	}
	return c.b.test(ctx, st, values)
}

func (c both) test(ctx context.Context, st *State, values []Word) (bool, error) {
	ok, err := c.a.test(ctx, st, values)
	if !ok || err != nil {
		return ok, err
	}
	return c.b.test(ctx, st, values)
}

func (c not) test(ctx context.Context, st *State, values []Word) (bool, error) {
	ok, err := c.of.test(ctx, st, values)
	return !ok && err == nil, err
}

func (c claims) test(ctx context.Context, st *State, values []Word) (bool, error) {
	return c.claim.hold(ctx, st, values[c.from:c.from+len(c.claim.args)])
}

func (c compares) test(_ context.Context, _ *State, values []Word) (bool, error) {
	return c.by.hold(values[c.a], values[c.b])
}

// conditionReader reads one from left to right.
type conditionReader struct {
	words []Word
	at    int
}

// readCondition reads all of words as one condition.
func readCondition(words []Word) (condition, error) {
	r := conditionReader{words: words}
	c, err := r.either()
	if err == nil && r.at < len(words) {
		err = r.mistake(r.at, fmt.Sprintf("%q can't stand here", words[r.at].Text))
	}
	return c, err
}

func (r *conditionReader) either() (condition, error) {
	c, err := r.both()
	for err == nil && r.takes("or") {
		var b condition
		b, err = r.both()
		c = either{c, b}
	}
	return c, err
}

func (r *conditionReader) both() (condition, error) {
	c, err := r.one()
	for err == nil && r.takes("and") {
		var b condition
		b, err = r.one()
		c = both{c, b}
	}
	return c, err
}

func (r *conditionReader) one() (condition, error) {
	if r.takes("not") {
		c, err := r.one()
		return not{c}, err
	}
	if by, ok := r.comparison(r.at + 1); ok {
		c := compares{by: by, a: r.at, b: r.at + 2}
		if r.at += 3; r.at > len(r.words) {
			return nil, r.mistake(len(r.words)-1, "something to compare with is wanted behind "+by.name)
		}
		return c, nil
	}
	if r.at >= len(r.words) {
		return nil, r.mistake(len(r.words)-1, "a condition is wanted here")
	}
	name := r.words[r.at]
	i := slices.IndexFunc(claimsKnown(), func(c claim) bool { return c.name == name.Text })
	if i < 0 || !name.Bare() {
		return nil, r.mistake(r.at, fmt.Sprintf("%q is no condition", name.Text))
	}
	c := claims{claim: claimsKnown()[i], from: r.at + 1}
	if r.at += 1 + len(c.claim.args); r.at > len(r.words) {
		return nil, r.mistake(len(r.words)-1, fmt.Sprintf("%s wants %s", name.Text, strings.Join(c.claim.args, " ")))
	}
	return c, nil
}

// takes reads a word of the language, if it is the next.
func (r *conditionReader) takes(word string) bool {
	if r.at < len(r.words) && r.words[r.at].Text == word && r.words[r.at].Bare() {
		r.at++
		return true
	}
	return false
}

func (r *conditionReader) comparison(i int) (comparison, bool) {
	if i >= len(r.words) || !r.words[i].Bare() {
		return comparison{}, false
	}
	return findComparison(r.words[i].Text)
}

func (r *conditionReader) mistake(i int, what string) error {
	col := 0
	if i >= 0 && i < len(r.words) {
		col = r.words[i].Col
	}
	return &SyntaxError{Col: col, What: what, Hint: "`help if` lists the conditions"}
}

// comparison is one way to compare two values.
type comparison struct {
	name    string
	numbers func(a, b int64) bool // nil: texts are compared
	texts   func(a, b Word) bool
}

func findComparison(name string) (comparison, bool) {
	all := []comparison{
		{name: "==", texts: func(a, b Word) bool { return a.Text == b.Text }},
		{name: "=", texts: func(a, b Word) bool { return a.Text == b.Text }},
		{name: "!=", texts: func(a, b Word) bool { return a.Text != b.Text }},
		{name: "matches", texts: func(a, b Word) bool { return len(pick([]match{{path: a.Text}}, b, true)) > 0 }},
		{name: "lt", numbers: func(a, b int64) bool { return a < b }},
		{name: "le", numbers: func(a, b int64) bool { return a <= b }},
		{name: "gt", numbers: func(a, b int64) bool { return a > b }},
		{name: "ge", numbers: func(a, b int64) bool { return a >= b }},
		{name: "eq", numbers: func(a, b int64) bool { return a == b }},
		{name: "ne", numbers: func(a, b int64) bool { return a != b }},
	}
	i := slices.IndexFunc(all, func(c comparison) bool { return c.name == name })
	if i < 0 {
		return comparison{}, false
	}
	return all[i], true
}

func (c comparison) hold(a, b Word) (bool, error) {
	if c.numbers == nil {
		return c.texts(a, b), nil
	}
	x, err := parseAmount(a.Text)
	if err != nil {
		return false, err
	}
	y, err := parseAmount(b.Text)
	return err == nil && c.numbers(x, y), err
}

// parseAmount reads a number, or a number of bytes such as 10K, 2M, 1G.
func parseAmount(text string) (int64, error) {
	digits, factor := text, int64(1)
	if n := len(text); n > 1 {
		if i := strings.IndexByte("KMGT", text[n-1]&^0x20); i >= 0 {
			digits, factor = text[:n-1], 1<<(10*(i+1))
		}
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n > (1<<63-1)/factor || n < -(1<<63-1)/factor {
		return 0, &CallError{What: fmt.Sprintf("%q is no number", text), Hint: "numbers are 42, 10K, 2M, 1G; == and != compare texts"}
	}
	return n * factor, nil
}
