// Package render turns a [plan.Plan] into a text for terminals, a JSON document
// for machines, Markdown for a comment on a pull request, and a self-contained
// HTML page.
//
// It takes plans, comparisons and errors as values and writes bytes. The bytes
// depend on nothing else: not on the time, the locale, the order of a map or the
// terminal's size. Text, Markdown and HTML come from one view of the plan, so
// none of them knows more than another. The JSON document is built from the plan
// itself, because a view holds texts for people and a machine needs the values.
//
// Texts from the workspace may be hostile. Escape sequences are made visible,
// HTML is escaped, and a fence in Markdown is longer than any run of its
// character in the text. The value of a secret never gets here; a
// [schema.Secret] only says where it comes from.
package render

import (
	"fmt"
	"io"

	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
)

// Format is a form of output.
type Format string

// The forms that [Plan] can write.
const (
	Text     Format = "text"
	JSON     Format = "json"
	Markdown Format = "markdown"
	HTML     Format = "html"
)

// Options say how much is shown and how it looks.
type Options struct {
	// Full shows long texts and lists in full.
	Full bool
	// Names shows every address of a note, whatever their number.
	Names bool
	// Summary shows one line for each object and no fields.
	Summary bool
	// Color colours the text form with ANSI sequences.
	Color bool
	// Unicode allows marks outside ASCII in the text form. It does not change
	// the texts of the workspace.
	Unicode bool
	// Title is the heading of Markdown and HTML. "" means "Mihu plan".
	Title string
	// Findings are what policies say about the plan, for Markdown.
	Findings schema.Problems
	// Limit is the largest length of Markdown in bytes. 0 means [MarkdownLimit].
	Limit int
}

// Plan writes p in the given form. It fails only for an unknown form and for
// errors of w.
func Plan(w io.Writer, p *plan.Plan, format Format, opts Options) error {
	switch format {
	case Text:
		return writeText(w, p, opts)
	case JSON:
		return NewDocument(p).Write(w)
	case Markdown:
		return writeMarkdown(w, p, opts)
	case HTML:
		return writeHTML(w, p, opts)
	}
	return fmt.Errorf("unknown format %q", format)
}
