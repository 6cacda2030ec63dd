package about

import (
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
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

// writeBill lists what a binary was built from; "" is this program. The same
// binary gives the same text.
func writeBill(w io.Writer, binary string) error {
	if binary == "" {
		self, err := os.Executable()
		if err != nil {
			return err
		}
		binary = self
	}
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return fmt.Errorf("version: %s: %w", binary, err)
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
