// Package render turns one [plan.Plan] into a text for terminals, a JSON
// document for machines, Markdown for a pull-request comment and a
// self-contained HTML page.
//
// What comes in are plans, diagnostics and errors as values; what goes out is
// bytes that depend on nothing else: not on the time, the locale, the order of
// a map or the terminal's size. All forms are drawn from one intermediate view,
// so that none of them knows more than another. Texts from the workspace may be
// hostile: escape sequences are made visible, HTML is escaped, and a fence in
// Markdown is longer than any run of its mark in the text. The value of a secret
// is never available here; [schema.Secret] only tells where it comes from.
package render

import (
	"fmt"
	"io"

	"github.com/mihusync/mihusync/plan"
)

// Format names a form of output.
type Format string

// The forms that [Plan] can write.
const (
	Text     Format = "text"
	JSON     Format = "json"
	Markdown Format = "markdown"
	HTML     Format = "html"
)

// Options steer how much is shown and how it looks.
type Options struct {
	// Full shows long texts and lists whole.
	Full bool
	// Names lists every address that a note concerns, however many.
	Names bool
	// Summary leaves the fields out: one line for each object.
	Summary bool
	// Color highlights with ANSI sequences, in text only.
	Color bool
	// Unicode allows marks outside ASCII in text. Texts of the workspace are
	// shown as they are either way.
	Unicode bool
	// Title heads a Markdown or HTML document, "Mihu plan" where empty.
	Title string
	// Limit is the greatest length of a Markdown document in characters,
	// [MarkdownLimit] where 0.
	Limit int
}

// Plan writes p in the given form. Only an unknown form and a failing writer
// are errors.
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
