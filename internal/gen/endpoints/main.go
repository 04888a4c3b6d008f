// Command endpoints writes endpoints.go and assumptions.go of package mihu from the
// contract openapi.yaml. "go generate" runs it in the folder of package mihu, which
// has the contract.
package main

import (
	"bytes"
	"fmt"
	"go/format"
	"os"
	"slices"
	"strings"

	"github.com/mihusync/mihusync/internal/openapi"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "endpoints:", err)
		os.Exit(1)
	}
}

func run() error {
	src, err := os.ReadFile("openapi.yaml")
	if err != nil {
		return err
	}
	c, err := read(src)
	if err != nil {
		return err
	}
	for name, body := range map[string]string{"endpoints.go": c.endpoints(), "assumptions.go": c.assumptions()} {
		out, err := format.Source([]byte("// Code generated from openapi.yaml by internal/gen/endpoints. DO NOT EDIT.\n\npackage mihu\n\n" + body))
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if old, err := os.ReadFile(name); err == nil && bytes.Equal(old, out) {
			continue
		}
		if err := os.WriteFile(name, out, 0o644); err != nil {
			return err
		}
	}
	return nil
}

type contract struct {
	ops     []*openapi.Operation
	texts   map[string]string
	secrets []string
}

func read(src []byte) (*contract, error) {
	doc, err := openapi.Parse(src)
	if err != nil {
		return nil, err
	}
	c := &contract{ops: doc.Operations, texts: doc.Assumptions}
	for _, o := range c.ops {
		if o.Provenance == "" {
			return nil, fmt.Errorf("%s: x-provenance is missing", o.ID)
		}
	}
	slices.SortFunc(c.ops, func(a, b *openapi.Operation) int { return strings.Compare(a.ID, b.ID) })
	for _, name := range doc.Secrets {
		c.secrets = append(c.secrets, strings.ToLower(name))
	}
	slices.Sort(c.secrets)
	c.secrets = slices.Compact(c.secrets)
	return c, nil
}

func (c *contract) endpoints() string {
	var b strings.Builder
	b.WriteString("// endpoints are the operations of the contract, ordered by id.\nvar endpoints = [...]Op{\n")
	for _, o := range c.ops {
		fmt.Fprintf(&b, "{ID: %q, Method: %q, Path: %q, Provenance: %q", o.ID, o.Method, o.Path, o.Provenance)
		if o.Assumption != "" {
			fmt.Fprintf(&b, ", Assumption: %q", o.Assumption)
		}
		if o.Paging != "" {
			fmt.Fprintf(&b, ", Paging: %q, ItemID: %q", o.Paging, o.ItemID)
		}
		if o.ListKey != "" {
			fmt.Fprintf(&b, ", ListKey: %q", o.ListKey)
		}
		if o.Idempotent {
			b.WriteString(", Idempotent: true")
		}
		if o.MayBeEmpty {
			b.WriteString(", MayBeEmpty: true")
		}
		b.WriteString("},\n")
	}
	b.WriteString("}\n\n// secretFields are the fields that the contract marks with x-secret.\nvar secretFields = [...]string{\n")
	for _, s := range c.secrets {
		fmt.Fprintf(&b, "%q,\n", s)
	}
	b.WriteString("}\n")
	return b.String()
}

func (c *contract) assumptions() string {
	ids := make([]string, 0, len(c.texts))
	for id := range c.texts {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	var b strings.Builder
	b.WriteString("// assumptions are the working assumptions and open decisions, ordered by id.\nvar assumptions = [...]assumption{\n")
	for _, id := range ids {
		fmt.Fprintf(&b, "{%q, %q},\n", id, c.texts[id])
	}
	b.WriteString("}\n")
	return b.String()
}
