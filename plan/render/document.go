package render

import (
	"encoding/json"
	"errors"
	"io"

	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
)

// DocumentVersion is the version of the JSON document. It rises if a reader of
// the old version could misunderstand the new one. A new key does not raise it.
const DocumentVersion = 1

// Document is the output of "--format json". A command prints exactly one, in
// every case. Its JSON Schema is docs/plan.schema.json. Every key but error is
// always there. Summary is null if no plan could be made.
type Document struct {
	Version   int         `json:"version"`
	Summary   *counts     `json:"summary"`
	Changes   []change    `json:"changes"`
	Warnings  []note      `json:"warnings"`
	Unmanaged []unmanaged `json:"unmanaged"`
	Refused   []refused   `json:"refused"`
	// Diagnostics are the findings in the files.
	Diagnostics schema.Problems `json:"diagnostics"`
	Error       *Failure        `json:"error,omitempty"`
}

type change struct {
	Address string        `json:"address"`
	Kind    string        `json:"kind"`
	Action  plan.Action   `json:"action"`
	Fields  []fieldChange `json:"fields"`
	Notes   []note        `json:"notes"`
	Refused bool          `json:"refused"`
	// Effective holds the values in force afterwards, if they are more than the
	// fields.
	Effective map[string]any `json:"effective,omitempty"`
	Flow      *flowChange    `json:"flow,omitempty"`
	Position  *schema.Pos    `json:"position,omitempty"`
}

type fieldChange struct {
	Path   string `json:"path"`
	Before any    `json:"before"`
	After  any    `json:"after"`
	// A plan without a base has neither Origin nor Base.
	Origin field.Origin `json:"origin,omitempty"`
	Base   any          `json:"base,omitempty"`
	// Undeclared says that no file has the field, and that its declaration is
	// complete.
	Undeclared bool `json:"undeclared,omitempty"`
}

func newFieldChange(f field.Change) fieldChange {
	return fieldChange{f.Path, schema.ShowValue(f.Before), schema.ShowValue(f.After), f.Origin, schema.ShowValue(f.Base), f.Undeclared}
}

type note struct {
	Code      string   `json:"code"`
	Text      string   `json:"text"`
	Addresses []string `json:"addresses"`
}

type unmanaged struct {
	Address string `json:"address"`
	Kind    string `json:"kind"`
}

// refused is a change that a guard refuses. Changes has it too.
type refused struct {
	Address string `json:"address"`
	Code    string `json:"code"`
	Text    string `json:"text"`
}

// Failure is why a command failed.
type Failure struct {
	// Code is for machines and never changes: "invalid_files", "api", "usage".
	Code    string `json:"code"`
	Message string `json:"message"`
	// Exit is the exit code of the process.
	Exit int `json:"exit"`
	// Details are the errors of the failure that have no position in the files.
	// Errors with a position are diagnostics.
	Details []Detail `json:"details,omitempty"`
}

// Detail is one error of a failure. Status, Method, Path and Field are those of
// the failed API call, if there was one.
type Detail struct {
	Message string `json:"message"`
	Reason  string `json:"reason,omitempty"`
	Address string `json:"address,omitempty"`
	Status  int    `json:"status,omitempty"`
	Code    string `json:"code,omitempty"`
	Method  string `json:"method,omitempty"`
	Path    string `json:"path,omitempty"`
	Field   string `json:"field,omitempty"`
	Hint    string `json:"hint,omitempty"`
}

// NewDocument turns a plan into the document. For a nil plan it returns the
// document of a failure, in which the caller sets Error.
func NewDocument(p *plan.Plan) *Document {
	d := &Document{Version: DocumentVersion, Changes: []change{}, Warnings: []note{}, Unmanaged: []unmanaged{}, Refused: []refused{}, Diagnostics: schema.Problems{}}
	if p == nil {
		return d
	}
	c := count(p)
	d.Summary = &c
	d.Warnings = notes(p.Warnings)
	for _, r := range p.Refused {
		d.Refused = append(d.Refused, refused{r.Addr, r.Code, r.Text})
	}
	for _, ch := range p.Changes {
		if ch.Action == plan.Unmanaged {
			d.Unmanaged = append(d.Unmanaged, unmanaged{ch.Addr, ch.Kind})
			continue
		}
		out := change{Address: ch.Addr, Kind: ch.Kind, Action: ch.Action, Fields: []fieldChange{}, Notes: notes(ch.Notes), Refused: ch.Refused, Flow: newFlowChange(ch.Flow)}
		if ch.Pos != (schema.Pos{}) {
			out.Position = &ch.Pos
		}
		if len(ch.Effective) > 0 {
			out.Effective, _ = schema.ShowValue(ch.Effective).(map[string]any)
		}
		for _, f := range ch.Fields {
			out.Fields = append(out.Fields, newFieldChange(f))
		}
		d.Changes = append(d.Changes, out)
	}
	return d
}

func notes(in []field.Note) []note {
	out := make([]note, len(in))
	for i, n := range in {
		out[i] = note{Code: n.Code, Text: n.Text, Addresses: append([]string{}, n.Addrs...)}
	}
	return out
}

// Write writes the document as indented JSON with a final newline.
func (d *Document) Write(w io.Writer) error {
	if d.Version == 0 {
		return errors.New("document without a version")
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(d)
}
