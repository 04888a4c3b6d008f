package cli

import (
	"encoding/json"
	"io"

	"github.com/mihusync/mihusync/apply"
	"github.com/mihusync/mihusync/plan"
	"github.com/mihusync/mihusync/plan/render"
	"github.com/mihusync/mihusync/schema"
)

// runDocument is the output of apply --format json. Its JSON Schema is
// docs/apply.schema.json. Every key but error is always there.
type runDocument struct {
	Version int `json:"version"`
	// Run is the id of the run in the journal, "" for a run without a journal.
	Run string `json:"run"`
	// Plan is the plan's digest, "" if no plan could be made.
	Plan string `json:"plan"`
	// Summary counts the writes.
	Summary runCounts `json:"summary"`
	// Writes are the writes of the plan, in its order.
	Writes []runWrite `json:"writes"`
	// Verified is the comparison with what the service has after the writes.
	Verified    runVerified     `json:"verified"`
	Diagnostics schema.Problems `json:"diagnostics"`
	Error       *render.Failure `json:"error,omitempty"`
}

type runCounts struct {
	Done    int `json:"done"`
	Failed  int `json:"failed"`
	Skipped int `json:"skipped"`
}

type runWrite struct {
	Address string       `json:"address"`
	Title   string       `json:"title"`
	Status  apply.Status `json:"status"`
	Note    string       `json:"note,omitempty"`
	// Errors say why a write failed.
	Errors []render.Detail `json:"errors,omitempty"`
}

func newRunDocument() *runDocument {
	return &runDocument{Version: render.DocumentVersion, Writes: []runWrite{}, Verified: newVerified(verifyChanged), Diagnostics: schema.Problems{}}
}

// planned adds the plan that is applied.
func (d *runDocument) planned(p *plan.Plan) { d.Plan = p.Digest() }

// ended adds what became of each write.
func (d *runDocument) ended(run string, res *apply.Result) {
	d.Run = run
	d.Summary = runCounts{res.Count(apply.Done), res.Count(apply.Failed), res.Count(apply.Skipped)}
	for _, o := range res.Outcomes {
		w := runWrite{Address: o.Addr, Title: o.Title, Status: o.Status, Note: o.Note}
		if o.Err != nil && o.Status == apply.Failed {
			for _, p := range apply.Explain(o.Err) {
				w.Errors = append(w.Errors, detail(p))
			}
		}
		d.Writes = append(d.Writes, w)
	}
}

// failed returns the document with the failure of another document.
func (d *runDocument) failed(f *render.Document) document {
	d.Diagnostics, d.Error = f.Diagnostics, f.Error
	return d
}

// Write writes the document as indented JSON with a final newline.
func (d *runDocument) Write(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(d)
}
