package cli

import (
	"fmt"
	"io"
	"time"

	"github.com/mihusync/mihusync/internal/record"
	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/plan/render"
)

// app is what every verb works with: flags, environment and streams.
type app struct {
	*globals
	env environment
	in  io.Reader
	// wire changes how the client reaches the service. It is for tests; nil leaves it.
	wire   func(*mihu.Options)
	out    *stream
	err    *stream
	status *status
	// events writes standard error as JSON. nil writes it for people.
	events *events
	// json says that the result or the failure is one JSON document.
	json bool
	// failed turns the document of a failure into the command's own. nil leaves it.
	failed func(*render.Document) document
	// answered says that the JSON document was written.
	answered bool
	// copies are the runs in the remote of record: git, by workspace, after they were
	// read.
	copies map[string][]record.Run
	// overruled holds the notes about other workspaces than those of the files that
	// were told.
	overruled map[string]bool
}

func (a *app) open(g *globals, stdout, stderr io.Writer) {
	a.globals = g
	a.out = newStream(stdout, a.env, g.Color)
	a.err = newStream(stderr, a.env, g.Color)
	if g.LogFormat == formatJSON {
		a.events = &events{to: a.err, now: time.Now}
	}
	a.status = &status{to: a.err, quiet: g.Quiet, events: a.events}
}

// say prints a remark, which is no result, to standard error.
func (a *app) say(format string, args ...any) {
	if a.Quiet {
		return
	}
	if a.events != nil {
		a.events.tell("note", fmt.Sprintf(format, args...))
		return
	}
	a.status.clear()
	fmt.Fprintf(a.err, format+"\n", args...)
}

// document is a JSON document.
type document interface{ Write(io.Writer) error }

// document writes the command's one JSON document.
func (a *app) document(d document) error {
	a.answered = true
	return d.Write(a.out)
}

// result prints to standard output. A failed write is not reported: the reader
// at the other end is gone.
func (a *app) result(format string, args ...any) {
	fmt.Fprintf(a.out, format, args...)
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
