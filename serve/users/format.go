package users

import (
	"bytes"
	"encoding/json"
)

// row is a record as the file has it.
type row struct {
	Name        string            `json:"name"`
	Password    string            `json:"password"`
	Account     string            `json:"account,omitempty"`
	Root        string            `json:"root,omitempty"`
	Home        string            `json:"home,omitempty"`
	Permissions string            `json:"permissions"`
	Mounts      map[string]string `json:"mounts,omitempty"`
	Records     Records           `json:"records,omitempty"`
	Directories map[string]string `json:"directories,omitempty"`
	Addresses   []string          `json:"addresses,omitempty"`
	TLS         string            `json:"tls,omitempty"`
	Limits      *limitsRow        `json:"limits,omitempty"`
	Expires     string            `json:"expires,omitempty"`
	Disabled    bool              `json:"disabled,omitempty"`
}

// format is the inverse of parse.
func format(records []Record) ([]byte, error) {
	rows := make([]row, 0, len(records))
	for _, r := range records {
		rows = append(rows, row{
			Name:        r.Name,
			Password:    r.Password.Reveal(),
			Account:     r.Account.Reveal(),
			Root:        r.Root,
			Home:        r.Home,
			Permissions: r.Perm.String(),
			Mounts:      r.Mounts,
			Records:     r.Records,
			Disabled:    r.Disabled,
		})
		r.ruleRow(&rows[len(rows)-1])
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(map[string][]row{"users": rows})
	return b.Bytes(), err
}
