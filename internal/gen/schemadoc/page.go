package main

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
)

const intro = "# Schema\n\n" +
	"What a workspace's files may hold. This page is generated from the CUE definitions in `schema/cue`\n" +
	"by `go generate ./internal/gen/schemadoc`; `mihusync schema` prints the definitions themselves.\n\n" +
	"Every field is optional unless it is marked as required. What it means to leave a field out, to write\n" +
	"`null`, or to write an empty collection stands in [Concepts](concepts.md#what-a-line-means).\n"

// page renders the definitions as Markdown.
func page(defs []definition) []byte {
	known := map[string]bool{}
	for _, d := range defs {
		known[d.name] = true
	}
	var b bytes.Buffer
	b.WriteString(intro)
	for _, d := range defs {
		fmt.Fprintf(&b, "\n## %s\n", d.name)
		if d.doc != "" {
			fmt.Fprintf(&b, "\n%s\n", d.doc)
		}
		if len(d.bases) > 0 {
			links := make([]string, len(d.bases))
			for i, base := range d.bases {
				links[i] = link(base)
			}
			fmt.Fprintf(&b, "\nAlso has the fields of %s.\n", strings.Join(links, " and "))
		}
		switch {
		case d.expr != "" && len(d.fields) > 0:
			fmt.Fprintf(&b, "\nEither %s, or:\n", code(d.expr, known))
		case d.expr != "":
			fmt.Fprintf(&b, "\n%s\n", code(d.expr, known))
		}
		if d.oneOf {
			b.WriteString("\nExactly one of:\n")
		}
		table(&b, d.fields, known)
		if len(d.rules) > 0 {
			fmt.Fprintf(&b, "\nRules between the fields:\n\n```cue\n%s\n```\n", strings.Join(d.rules, "\n"))
		}
	}
	return b.Bytes()
}

func table(b *bytes.Buffer, fields []field, known map[string]bool) {
	if len(fields) == 0 {
		return
	}
	b.WriteString("\n| Field | Type | Meaning |\n|---|---|---|\n")
	for _, f := range fields {
		doc := f.doc
		notes := f.marks
		if f.required {
			notes = append([]string{"required"}, notes...)
		}
		if len(notes) > 0 {
			doc = strings.TrimSpace(doc + " *" + strings.Join(notes, ", ") + "*")
		}
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", f.name, cell(code(f.typ, known)), cell(doc))
	}
}

var reference = regexp.MustCompile(`#[A-Za-z]+`)

// code renders an expression, with links to the definitions that it names.
func code(expr string, known map[string]bool) string {
	text := "`" + strings.Join(strings.Fields(expr), " ") + "`"
	if known[expr] {
		return link(expr)
	}
	seen := map[string]bool{}
	for _, name := range reference.FindAllString(expr, -1) {
		if known[name] && !seen[name] && name != "#Handle" {
			seen[name] = true
			text += " " + link(name)
		}
	}
	return text
}

func link(name string) string {
	return fmt.Sprintf("[%s](#%s)", name, strings.ToLower(strings.TrimPrefix(name, "#")))
}

// cell escapes the bars in a text, because a bar ends the cell of a table. This
// applies to bars in code too.
func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }
