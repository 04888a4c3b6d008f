package render

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"

	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
)

// Words are the words for the two sides of a comparison.
type Words struct {
	// Changed, OnlyA and OnlyB say how an object differs, for example "missing
	// in the workspace".
	Changed, OnlyA, OnlyB string
	// Some and None begin the line of numbers, with and without differences.
	Some, None string
	// Same names the objects that do not differ, for example "as declared".
	Same string
}

// Differences writes a comparison as text: each difference with its values, each
// object of one side by its address, and the numbers. Its only errors are those
// of w.
func Differences(w io.Writer, d *plan.Differences, words Words, opts Options) error {
	t := &textWriter{Writer: bufio.NewWriter(w), opts: opts, palette: newPalette(opts)}
	for _, ch := range d.Changed {
		sign, paint := t.sign(plan.Update)
		t.line("  ", paint(sign), " ", t.bold(Clean(ch.Addr)), "  ", paint(words.Changed))
		if opts.Summary {
			continue
		}
		var fields []fieldView
		for _, f := range ch.Fields {
			one := newField(f)
			if one.Lines == nil && one.After == "" {
				one.After = "(not set)" // a comparison clears nothing
			}
			fields = append(fields, one)
		}
		t.fields("      ", plan.Update, fields)
		t.notes(ch)
		t.line()
	}
	t.only(plan.Delete, d.OnlyA, words.OnlyA)
	t.only(plan.Create, d.OnlyB, words.OnlyB)
	if len(d.OnlyA)+len(d.OnlyB) > 0 || opts.Summary && len(d.Changed) > 0 {
		t.line()
	}
	rest := fmt.Sprintf("%s %s", thousands(d.Same), words.Same)
	if d.Empty() {
		t.line(t.bold(words.None + " " + rest + "."))
	} else {
		t.line(t.bold(fmt.Sprintf("%s %s %s, %s %s, %s %s; %s.", words.Some,
			thousands(len(d.Changed)), words.Changed, thousands(len(d.OnlyA)), words.OnlyA, thousands(len(d.OnlyB)), words.OnlyB, rest)))
	}
	return t.Flush()
}

func (t *textWriter) only(action plan.Action, list []*plan.Change, word string) {
	sign, paint := t.sign(action)
	for _, ch := range list {
		t.line("  ", paint(sign), " ", t.bold(Clean(ch.Addr)), "  ", paint(word))
		if t.opts.Summary {
			continue
		}
		if k := schema.KindAt(ch.Addr); k != nil && k.Lifecycle == schema.Drafted { // its address does not tell what it is
			t.fields("      ", action, turned(ch.Fields, action))
		}
		t.notes(ch)
	}
}

// turned returns the values of an object that only one side has, as values that come or
// go.
func turned(fields []field.Change, action plan.Action) []fieldView {
	out := make([]fieldView, len(fields))
	for i, f := range fields {
		if (f.After == nil) == (action == plan.Create) {
			f.Before, f.After = f.After, f.Before
		}
		out[i] = newField(f)
	}
	return out
}

func (t *textWriter) notes(ch *plan.Change) {
	for _, n := range ch.Notes {
		t.line("      ", t.dim(t.marks.bullet+" "+Clean(n.Text)))
	}
}

// DriftDocument is the output of "drift --format json". Its JSON Schema is
// docs/drift.schema.json. Drift and Summary are null if the drift could not be found
// out; Error then says why.
type DriftDocument struct {
	Version int `json:"version"`
	// Drift says whether anything differs.
	Drift     *bool            `json:"drift"`
	Summary   *driftCounts     `json:"summary"`
	Changed   []driftObject    `json:"changed"`
	Missing   []driftObject    `json:"missing"`
	Unmanaged []driftUnmanaged `json:"unmanaged"`
	// Warnings tell of what is no drift and people should know: a template that Meta
	// rejected.
	Warnings []note `json:"warnings"`
	// Diagnostics are the findings in the files of a failure.
	Diagnostics schema.Problems `json:"diagnostics,omitempty"`
	Error       *Failure        `json:"error,omitempty"`
}

type driftCounts struct {
	Changed   int `json:"changed"`
	Missing   int `json:"missing"`
	Unmanaged int `json:"unmanaged"`
	Unchanged int `json:"unchanged"`
}

type driftObject struct {
	Address  string       `json:"address"`
	Kind     string       `json:"kind"`
	Fields   []driftField `json:"fields"`
	Position *schema.Pos  `json:"position,omitempty"`
}

type driftField struct {
	Path     string `json:"path"`
	Declared any    `json:"declared"`
	Live     any    `json:"live"`
}

type driftUnmanaged struct {
	Address string `json:"address"`
	Kind    string `json:"kind"`
}

func noDrift() *DriftDocument {
	return &DriftDocument{Version: DocumentVersion, Changed: []driftObject{}, Missing: []driftObject{}, Unmanaged: []driftUnmanaged{}, Warnings: []note{}}
}

// FailedDrift returns the document of a failure. d is the failed plan's document, which
// has the failure.
func FailedDrift(d *Document) *DriftDocument {
	out := noDrift()
	out.Diagnostics, out.Error = d.Diagnostics, d.Error
	return out
}

// NewDriftDocument turns a comparison into the document. d compares the files,
// side A, with the workspace, side B.
func NewDriftDocument(d *plan.Differences, warnings []field.Note) *DriftDocument {
	out := noDrift()
	out.Warnings = notes(warnings)
	differs := !d.Empty()
	out.Drift, out.Summary = &differs, &driftCounts{len(d.Changed), len(d.OnlyA), len(d.OnlyB), d.Same}
	object := func(ch *plan.Change) driftObject {
		o := driftObject{Address: ch.Addr, Kind: ch.Kind, Fields: []driftField{}}
		if ch.Pos != (schema.Pos{}) {
			o.Position = &ch.Pos
		}
		return o
	}
	for _, ch := range d.Changed {
		o := object(ch)
		for _, f := range ch.Fields {
			o.Fields = append(o.Fields, driftField{f.Path, schema.ShowValue(f.Before), schema.ShowValue(f.After)})
		}
		out.Changed = append(out.Changed, o)
	}
	for _, ch := range d.OnlyA {
		out.Missing = append(out.Missing, object(ch))
	}
	for _, ch := range d.OnlyB {
		out.Unmanaged = append(out.Unmanaged, driftUnmanaged{ch.Addr, ch.Kind})
	}
	return out
}

// Write writes the document as indented JSON with a final newline.
func (d *DriftDocument) Write(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(d)
}

// Lines writes the difference of two texts by lines, with the lines around each
// change. If before is empty, after is cut at the limit unless opts.Full.
func Lines(w io.Writer, before, after string, opts Options) error {
	f := fieldView{Lines: compareLines(block(before), block(after))}
	if before != "" {
		f.Lines, opts.Full = fold(f.Lines), true
	}
	t := &textWriter{Writer: bufio.NewWriter(w), opts: opts, palette: newPalette(opts)}
	t.block("    ", f)
	return t.Flush()
}
