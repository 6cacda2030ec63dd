package serve

import (
	"encoding/json"

	"ferry/serve/parent"
)

// change is what a parent has read again.
func (d Daemon) change(r *running, text []byte) (what parent.Changed) {
	r.reopen()
	var e estate
	err := json.Unmarshal(text, &e)
	if err == nil && r.set != nil && len(e.Certs) > 0 {
		err = r.set.Put(e.Certs)
		what.Now = append(what.Now, "certificates")
	}
	if err != nil {
		return parent.Changed{Err: err.Error()}
	}
	return what
}
