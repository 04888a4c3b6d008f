package render

import (
	"encoding/json"
	"errors"
	"io"

	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/field"
	"github.com/mihusync/mihusync/schema"
)

// DocumentVersion is the version of the JSON document. It rises when a reader of
// the former version could misunderstand the new one; a new key does not raise it.
const DocumentVersion = 1

// Document is what "--format json" prints, in every case exactly one. Its JSON
// Schema is docs/plan.schema.json. All keys but error are always there; summary
// is null where no plan could be made.
type Document struct {
	Version   int         `json:"version"`
	Summary   *counts     `json:"summary"`
	Changes   []change    `json:"changes"`
	Warnings  []note      `json:"warnings"`
	Unmanaged []unmanaged `json:"unmanaged"`
	Refused   []refused   `json:"refused"`
	// Diagnostics are findings about the files.
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
	// Effective holds what will be in force afterwards, where that is more than the fields.
	Effective map[string]any `json:"effective,omitempty"`
	Flow      *flowChange    `json:"flow,omitempty"`
	Position  *schema.Pos    `json:"position,omitempty"`
}

type fieldChange struct {
	Path   string `json:"path"`
	Before any    `json:"before"`
	After  any    `json:"after"`
	// Origin and Base are there for a plan with a base only.
	Origin field.Origin `json:"origin,omitempty"`
	Base   any          `json:"base,omitempty"`
}

func newFieldChange(f field.Change) fieldChange {
	return fieldChange{f.Path, schema.ShowValue(f.Before), schema.ShowValue(f.After), f.Origin, schema.ShowValue(f.Base)}
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

// refused is a change that a guard keeps from happening; it is among the changes
// too.
type refused struct {
	Address string `json:"address"`
	Code    string `json:"code"`
	Text    string `json:"text"`
}

// Failure is why a command did not do what was asked.
type Failure struct {
	// Code is stable, for machines: "invalid_files", "api", "usage", ...
	Code    string `json:"code"`
	Message string `json:"message"`
	// Exit is the exit code of the process.
	Exit int `json:"exit"`
	// Details has an entry for each error that belongs to the failure and has no
	// position in the files; those that have one are diagnostics.
	Details []Detail `json:"details,omitempty"`
}

// Detail is one error of a failure. Status, Method, Path and Field are those of
// the request where an API call failed.
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

// NewDocument tells p as data. A nil plan gives the document of a failure, to be
// completed by the caller.
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

// Write writes the document, indented, with a line end.
func (d *Document) Write(w io.Writer) error {
	if d.Version == 0 {
		return errors.New("document without a version")
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(d)
}
