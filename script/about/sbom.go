package about

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"runtime/debug"
	"strings"
)

// bill is a bill of materials in the form of CycloneDX 1.5.
type bill struct {
	Format     string     `json:"bomFormat"`
	Spec       string     `json:"specVersion"`
	Version    int        `json:"version"`
	Metadata   metadata   `json:"metadata"`
	Components []material `json:"components"`
}

type metadata struct {
	Component material `json:"component"`
}

// material is one module.
type material struct {
	Type       string     `json:"type"`
	Ref        string     `json:"bom-ref"`
	Name       string     `json:"name"`
	Version    string     `json:"version,omitempty"`
	PURL       string     `json:"purl,omitempty"`
	Properties []property `json:"properties,omitempty"`
}

type property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// writeBill lists what a binary was built from: this program, or the one that
// notes, what "go version -m" prints, are of. The same binary gives the same text.
func writeBill(w io.Writer, notes io.Reader) error {
	info, err := built(notes)
	if err != nil {
		return err
	}
	b := bill{Format: "CycloneDX", Spec: "1.5", Version: 1}
	b.Metadata.Component = material{Type: "application", Ref: "ferry", Name: "ferry", Version: info.Main.Version}
	for _, s := range info.Settings {
		if s.Key == "GOOS" || s.Key == "GOARCH" || s.Key == "CGO_ENABLED" || strings.HasPrefix(s.Key, "vcs.") {
			b.Metadata.Component.Properties = append(b.Metadata.Component.Properties, property{"go:build:" + s.Key, s.Value})
		}
	}
	b.Components = append(b.Components, library("std", strings.TrimPrefix(info.GoVersion, "go")))
	for _, m := range info.Deps {
		b.Components = append(b.Components, dependency(m))
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(b)
}

// errNotes is a text that "go version -m" has not printed.
var errNotes = errors.New(`version: not what "go version -m" prints`)

// built is what the toolchain has noted. To read it out of a binary, of which
// there are many formats, is the toolchain's own affair.
func built(notes io.Reader) (*debug.BuildInfo, error) {
	if notes == nil {
		info, ok := debug.ReadBuildInfo()
		if !ok {
			return nil, errors.New("version: nothing was noted when this program was built")
		}
		return info, nil
	}
	text, err := io.ReadAll(io.LimitReader(notes, maxNotes))
	if err != nil {
		return nil, fmt.Errorf("version: %w", err)
	}
	head, rest, _ := strings.Cut(string(text), "\n")
	_, version, ok := strings.Cut(head, ": go")
	if !ok {
		return nil, errNotes
	}
	info, err := debug.ParseBuildInfo(strings.TrimPrefix(strings.ReplaceAll("\n"+rest, "\n\t", "\n"), "\n"))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNotes, err)
	}
	info.GoVersion = "go" + version
	return info, nil
}

// maxNotes bounds what is read of them: they have a line a module.
const maxNotes = 1 << 20

// dependency is a module as it was used: what replaces it counts.
func dependency(m *debug.Module) material {
	if m.Replace != nil {
		m = m.Replace
	}
	d := library(m.Path, m.Version)
	if m.Sum != "" {
		d.Properties = []property{{"go:sum", m.Sum}} // h1: a hash of hashes, which no algorithm of CycloneDX is
	}
	return d
}

func library(path, version string) material {
	purl := "pkg:golang/" + (&url.URL{Path: path}).EscapedPath() + "@" + url.PathEscape(version)
	return material{Type: "library", Ref: purl, Name: path, Version: version, PURL: purl}
}
