package serve

import (
	"bytes"
	"testing"
)

func TestLogGoesAboveTheLine(t *testing.T) {
	var errs, prompt bytes.Buffer
	w := &overLine{to: &errs}
	for _, step := range []struct {
		to   *bytes.Buffer
		text string
	}{{&errs, "before"}, {&prompt, "beside"}, {&errs, " after"}} {
		w.set(step.to)
		_, _ = w.Write([]byte(step.text))
	}
	if errs.String() != "before after" || prompt.String() != "beside" {
		t.Errorf("%q and %q", errs.String(), prompt.String())
	}
}
