package render

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"

	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/schema"
)

// Words name the sides of a comparison.
type Words struct {
	// Changed, OnlyA and OnlyB say what is the matter with an object, "missing in
	// the workspace".
	Changed, OnlyA, OnlyB string
	// Some and None introduce the line of numbers.
	Some, None string
	// Same says what the rest is, "as declared".
	Same string
}

// Differences writes a comparison as text: every difference with its values, what
// only one side has by its address, and the numbers.
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
				one.After = "(not set)" // neither side is cleared
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
		if !t.opts.Summary {
			t.notes(ch)
		}
	}
}

func (t *textWriter) notes(ch *plan.Change) {
	for _, n := range ch.Notes {
		t.line("      ", t.dim(t.marks.bullet+" "+Clean(n.Text)))
	}
}

// DriftDocument is what "drift --format json" prints. Its JSON Schema is
// docs/drift.schema.json. A failure prints a [Document] instead, as every command
// does.
type DriftDocument struct {
	Version int `json:"version"`
	// Drift says whether there is any.
	Drift     bool             `json:"drift"`
	Summary   driftCounts      `json:"summary"`
	Changed   []driftObject    `json:"changed"`
	Missing   []driftObject    `json:"missing"`
	Unmanaged []driftUnmanaged `json:"unmanaged"`
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

// NewDriftDocument tells drift as data. d reads from the files to the workspace.
func NewDriftDocument(d *plan.Differences) *DriftDocument {
	out := &DriftDocument{
		Version: DocumentVersion, Drift: !d.Empty(),
		Summary: driftCounts{len(d.Changed), len(d.OnlyA), len(d.OnlyB), d.Same},
		Changed: []driftObject{}, Missing: []driftObject{}, Unmanaged: []driftUnmanaged{},
	}
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

// Write writes the document, indented, with a line end.
func (d *DriftDocument) Write(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(d)
}

// Lines writes what differs between two texts, line by line, with some of what
// stands around it. A text that is new is cut unless all is asked for.
func Lines(w io.Writer, before, after string, opts Options) error {
	f := fieldView{Lines: compareLines(block(before), block(after))}
	if before != "" {
		f.Lines, opts.Full = fold(f.Lines), true
	}
	t := &textWriter{Writer: bufio.NewWriter(w), opts: opts, palette: newPalette(opts)}
	t.block("    ", f)
	return t.Flush()
}
