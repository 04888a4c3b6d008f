package cli

import (
	"fmt"
	"net/http"

	"github.com/mihusync/mihusync/plan/render"
	"github.com/mihusync/mihusync/schema"
)

// failure is an error in parts: code, exit code, problems and closing text.
type failure struct {
	code     string // for machines; never changes
	exit     int
	problems schema.Problems
	closing  string // printed after the problems
}

// document returns the failure as JSON.
func (f failure) document() *render.Document {
	d := render.NewDocument(nil)
	f.into(d)
	return d
}

// into adds the failure to a document. Problems with a position in the files go
// to the diagnostics, the others to the error's details.
func (f failure) into(d *render.Document) {
	d.Error = &render.Failure{Code: f.code, Exit: f.exit}
	for i, p := range f.problems {
		switch {
		case i == 0 && p.Address != "":
			d.Error.Message = p.Address + ": " + p.Summary
		case i == 0:
			d.Error.Message = p.Summary
		case i == len(f.problems)-1:
			d.Error.Message += fmt.Sprintf(" (and %d more)", i)
		}
		if p.Pos.File != "" {
			d.Diagnostics.Add(p)
			continue
		}
		d.Error.Details = append(d.Error.Details, detail(p))
	}
}

// detail returns a problem as JSON documents have it.
func detail(p schema.Problem) render.Detail {
	return render.Detail{
		Message: p.Summary, Reason: p.Detail, Address: p.Address, Hint: p.Suggestion, Code: p.Code,
		Status: p.Call.Status, Method: p.Call.Method, Path: p.Call.URL, Field: p.Call.Field,
	}
}

// callLine returns an API call and the status of its answer in one line.
func callLine(c schema.Call) string {
	if c.Status == 0 {
		return c.Method + " " + c.URL
	}
	return fmt.Sprintf("%s %s (%d %s)", c.Method, c.URL, c.Status, http.StatusText(c.Status))
}
