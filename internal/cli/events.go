package cli

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/mihusync/mihusync/apply"
	"github.com/mihusync/mihusync/schema"
)

// events writes what a command tells on standard error as JSON, one object a line
// (--log-format json). Their JSON Schema is docs/log.schema.json. Results stay on
// standard output, in the form of --format.
type events struct {
	to  io.Writer
	now func() time.Time
}

// event is one line. Time, Event, Level and Message are always there.
type event struct {
	Time string `json:"time"`
	// Event is what happens: "step", "note", "write", "verify", "problem", "http" or "end".
	Event string `json:"event"`
	// Level is "info", "warning" or "error".
	Level   string `json:"level"`
	Message string `json:"message"`
	// Address, Title, Status, Done and Total are those of a write.
	Address string       `json:"address,omitempty"`
	Title   string       `json:"title,omitempty"`
	Status  apply.Status `json:"status,omitempty"`
	Done    int          `json:"done,omitempty"`
	Total   int          `json:"total,omitempty"`
	// Problem is what is wrong, and Call the API call that failed.
	Problem *schema.Problem `json:"problem,omitempty"`
	Call    string          `json:"call,omitempty"`
	// Objects and Deviations count what was compared after the writes.
	Objects    int `json:"objects,omitempty"`
	Deviations int `json:"deviations,omitempty"`
	// Exit is the exit code of the process, in the last event.
	Exit *int `json:"exit,omitempty"`
}

const (
	levelInfo  = "info"
	levelError = "error"
)

func (e *events) emit(one event) {
	one.Time = e.now().UTC().Format(time.RFC3339Nano)
	if one.Level == "" {
		one.Level = levelInfo
	}
	var line bytes.Buffer
	enc := json.NewEncoder(&line)
	enc.SetEscapeHTML(false)
	if enc.Encode(one) == nil {
		_, _ = e.to.Write(line.Bytes()) // nobody reads the log any more
	}
}

func (e *events) tell(kind, message string) { e.emit(event{Event: kind, Message: message}) }

func (e *events) problem(p schema.Problem) {
	p.Severity = cmp.Or(p.Severity, schema.SeverityError)
	one := event{Event: "problem", Level: string(p.Severity), Message: p.Summary, Address: p.Address, Problem: &p}
	if p.Call != (schema.Call{}) {
		one.Call = callLine(p.Call)
	}
	e.emit(one)
}

// progress returns a function that tells the start and the end of each write. If quiet
// is given, it tells only the writes that failed.
func (e *events) progress(quiet bool) func(apply.Event) {
	ended := 0
	return func(ev apply.Event) {
		one := event{Event: "write", Message: string(ev.Status) + ": " + ev.Op.Title, Address: ev.Op.Addr, Title: ev.Op.Title, Status: ev.Status, Total: ev.Total}
		if ev.Status != apply.Started {
			ended++
		}
		one.Done = ended
		if ev.Note != "" {
			one.Message += ": " + ev.Note
		}
		if ev.Status == apply.Failed {
			one.Level = levelError
		} else if quiet {
			return
		}
		e.emit(one)
	}
}

func (e *events) end(exit int) {
	one := event{Event: "end", Message: "done", Exit: &exit}
	if exit != exitOK {
		one.Message = "ended with exit code " + strconv.Itoa(exit)
		one.Level = levelError
	}
	e.emit(one)
}

// lines returns a writer that makes an event of every line of a text.
func (e *events) lines(kind string) io.Writer { return &eventLines{to: e, kind: kind} }

type eventLines struct {
	to   *events
	kind string

	mu   sync.Mutex
	rest []byte
}

// Write emits the lines that are whole.
func (w *eventLines) Write(text []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.rest = append(w.rest, text...)
	for {
		line, after, whole := bytes.Cut(w.rest, []byte("\n"))
		if !whole {
			return len(text), nil
		}
		w.to.tell(w.kind, string(line))
		w.rest = slices.Clone(after)
	}
}
