package cli

import (
	"fmt"

	"github.com/mihusync/mihusync/plan/render"
	"github.com/mihusync/mihusync/schema"
)

// problem is one error or warning in the form in which all are printed.
type problem struct {
	warning    bool
	pos        schema.Pos
	address    string
	path       string // of the field in the files
	summary    string // what
	request    string // which API call, where one failed
	detail     string // why
	suggestion string // what to do

	status               int // of the API's answer
	code, method, apiURL string
	field                string
}

// failure is an error taken apart.
type failure struct {
	code     string // stable, for machines
	exit     int
	problems []problem
	closing  string // said after the problems
}

// failed is a failure without anything special.
func failed(code string, problems ...problem) failure {
	return failure{code: code, exit: exitFailed, problems: problems}
}

// document is the failure as JSON.
func (f failure) document() *render.Document {
	d := render.NewDocument(nil)
	f.into(d)
	return d
}

// into adds the failure to a document: what has a position in the files to the
// diagnostics, the rest to the error's details.
func (f failure) into(d *render.Document) {
	d.Error = &render.Failure{Code: f.code, Exit: f.exit}
	for i, p := range f.problems {
		switch {
		case i == 0 && p.address != "":
			d.Error.Message = p.address + ": " + p.summary
		case i == 0:
			d.Error.Message = p.summary
		case i == len(f.problems)-1:
			d.Error.Message += fmt.Sprintf(" (and %d more)", i)
		}
		if p.pos.File != "" {
			d.Diagnostics = append(d.Diagnostics, p.diagnostic())
			continue
		}
		d.Error.Details = append(d.Error.Details, render.Detail{
			Message: p.summary, Reason: p.detail, Address: p.address, Hint: p.suggestion,
			Status: p.status, Code: p.code, Method: p.method, Path: p.apiURL, Field: p.field,
		})
	}
}

func (p problem) diagnostic() render.Diagnostic {
	d := render.Diagnostic{Severity: "error", Summary: p.summary, Detail: p.detail, Suggestion: p.suggestion, Address: p.address, Path: p.path}
	if p.warning {
		d.Severity = "warning"
	}
	if p.pos.File != "" {
		d.Position = &p.pos
	}
	return d
}
