// Command endpoints writes the tables of package mihu, endpoints.go and
// assumptions.go, from the contract openapi.yaml beside them. It runs in the
// folder of package mihu, by "go generate".
package main

import (
	"bytes"
	"fmt"
	"go/format"
	"os"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
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
	ops     []operation
	texts   map[string]string
	secrets []string
}

type operation struct {
	ID         string         `yaml:"operationId"`
	Provenance string         `yaml:"x-provenance"`
	Assumption string         `yaml:"x-assumption"`
	Paging     string         `yaml:"x-paging"`
	ItemID     string         `yaml:"x-item-id"`
	Idempotent bool           `yaml:"x-idempotent"`
	Responses  map[string]any `yaml:"responses"`

	method, path string
}

var methods = []string{"get", "post", "put", "patch", "delete"}

func read(src []byte) (*contract, error) {
	var doc struct {
		Paths map[string]map[string]yaml.Node `yaml:"paths"`
		Texts map[string]string               `yaml:"x-assumptions"`
	}
	if err := yaml.Unmarshal(src, &doc); err != nil {
		return nil, err
	}
	c := &contract{texts: doc.Texts}
	for path, item := range doc.Paths {
		for _, method := range methods {
			node, ok := item[method]
			if !ok {
				continue
			}
			o := operation{method: strings.ToUpper(method), path: path}
			if err := node.Decode(&o); err != nil {
				return nil, fmt.Errorf("%s %s: %w", method, path, err)
			}
			if o.ID == "" || o.Provenance == "" {
				return nil, fmt.Errorf("%s %s: operationId or x-provenance is missing", method, path)
			}
			c.ops = append(c.ops, o)
		}
	}
	slices.SortFunc(c.ops, func(a, b operation) int { return strings.Compare(a.ID, b.ID) })
	for i := 1; i < len(c.ops); i++ {
		if c.ops[i].ID == c.ops[i-1].ID {
			return nil, fmt.Errorf("operation %s stands twice", c.ops[i].ID)
		}
	}
	var root yaml.Node
	if err := yaml.Unmarshal(src, &root); err != nil {
		return nil, err
	}
	collectSecrets(&root, "", func(name string) { c.secrets = append(c.secrets, strings.ToLower(name)) })
	slices.Sort(c.secrets)
	c.secrets = slices.Compact(c.secrets)
	return c, nil
}

// collectSecrets yields the names of the properties that carry x-secret: true.
// Aliases need no visit: what they stand for is visited where it is defined.
func collectSecrets(n *yaml.Node, name string, yield func(string)) {
	if n.Kind != yaml.MappingNode {
		for _, m := range n.Content {
			collectSecrets(m, name, yield)
		}
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i].Value, n.Content[i+1]
		if key == "x-secret" && value.Value == "true" {
			yield(name)
			continue
		}
		collectSecrets(value, key, yield)
	}
}

func (c *contract) endpoints() string {
	var b strings.Builder
	b.WriteString("// endpoints are the operations of the contract, ordered by id.\nvar endpoints = [...]Op{\n")
	for _, o := range c.ops {
		fmt.Fprintf(&b, "{ID: %q, Method: %q, Path: %q, Provenance: %q", o.ID, o.method, o.path, o.Provenance)
		if o.Assumption != "" {
			fmt.Fprintf(&b, ", Assumption: %q", o.Assumption)
		}
		if o.Paging != "" {
			fmt.Fprintf(&b, ", Paging: %q, ItemID: %q", o.Paging, o.ItemID)
		}
		if o.Idempotent {
			b.WriteString(", Idempotent: true")
		}
		if _, ok := o.Responses["204"]; ok {
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
