package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"time"
)

// format and version say what a file is. [Open] refuses others.
const (
	format  = "mihusync-journal"
	version = 1
)

// Kind says what a record is about.
type Kind string

const (
	KindJournal Kind = "journal" // the first record of a file
	KindStart   Kind = "start"   // a run starts
	KindBefore  Kind = "before"  // the state before a run is kept
	KindIntent  Kind = "intent"  // a write is about to be sent
	KindOutcome Kind = "outcome" // a write ended
	// KindVerified says how what a run wrote compares with what the service has.
	KindVerified Kind = "verified"
	KindEnd      Kind = "end" // a run ended
)

// Record is one line of a journal. The part that the kind names is set.
type Record struct {
	Kind Kind `json:"kind"`
	// At is the time in UTC.
	At time.Time `json:"at"`
	// Run is the id of the run: "20261125T074512Z-4f3a".
	Run      string    `json:"run,omitempty"`
	Journal  *Header   `json:"journal,omitempty"`
	Start    *Start    `json:"start,omitempty"`
	Before   *Image    `json:"before,omitempty"`
	Intent   *Intent   `json:"intent,omitempty"`
	Outcome  *Outcome  `json:"outcome,omitempty"`
	Verified *Verified `json:"verified,omitempty"`
	End      *End      `json:"end,omitempty"`
}

// Header is the content of a file's first record.
type Header struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
	// Target is the identity of the workspace: its subdomain, its base URL or "the
	// sandbox".
	Target string `json:"target"`
}

// Start says who wanted a run, and what it is to change.
type Start struct {
	// Tool is the version of mihusync.
	Tool string `json:"tool"`
	// Author is who applies, as git knows them: "Ada <ada@acme.example>".
	Author string `json:"author,omitempty"`
	// Host is the name of the machine.
	Host string `json:"host,omitempty"`
	// CI is the address of the pipeline's run.
	CI string `json:"ci,omitempty"`
	// Commit is the commit of the files, in hexadecimal. Dirty says that the files
	// differ from it.
	Commit string `json:"commit,omitempty"`
	Dirty  bool   `json:"dirty,omitempty"`
	// Dir is the directory of the files, relative to the module, with slashes.
	Dir string `json:"dir,omitempty"`
	// Plan is the digest of the changes that the run displayed.
	Plan string `json:"plan,omitempty"`
	// Key names the key of the run's digests. Two runs of one API token have the
	// same; digests of different keys cannot be compared.
	Key string `json:"key,omitempty"`
	// Changes lists the objects that the run is to change.
	Changes []Change `json:"changes"`
	// Writes counts the writes of the plan.
	Writes int `json:"writes"`
	// Resumes is the id of the run that this one goes on with.
	Resumes string `json:"resumes,omitempty"`
	// Up are the ids of flows that were down in the record and that run.
	Up []string `json:"up,omitempty"`
	// Broke says whose lock was broken for the run.
	Broke string `json:"broke,omitempty"`
	// Undoes is the id of the run that this one rolls back.
	Undoes string `json:"undoes,omitempty"`
}

// Change is one object that a run is to change.
type Change struct {
	Addr   string `json:"address"`
	Action string `json:"action"`
	// Fields are the paths of the fields that change.
	Fields []string `json:"fields,omitempty"`
	// Writes counts the writes of the object.
	Writes int `json:"writes"`
}

// Intent says what is about to be sent.
type Intent struct {
	// Op is the number of the write in the plan.
	Op    int    `json:"op"`
	Addr  string `json:"address"`
	Title string `json:"title"`
	// Call is the operation id. It is empty for a flow, whose change is many calls.
	Call string `json:"call,omitempty"`
	// Path has the ids in the path of the request.
	Path []string `json:"path,omitempty"`
	// Down says that the running flow goes down for the change and has to run again, and
	// that its declaration does not say so.
	Down bool `json:"down,omitempty"`
	// Match is the natural key of an object that is created, by the API's keys.
	Match map[string]string `json:"match,omitempty"`
	// Secrets are digests of the secrets that are sent, by their path in the body.
	Secrets map[string]string `json:"secrets,omitempty"`
	// Sources say where these secrets came from, by the same paths: "env:CRM_SECRET".
	Sources map[string]string `json:"sources,omitempty"`
}

// Outcome says how a write ended.
type Outcome struct {
	Op     int    `json:"op"`
	Addr   string `json:"address"`
	Status string `json:"status"`
	// ID is the id of an object that was created.
	ID string `json:"id,omitempty"`
	// Error is why a write failed.
	Error string `json:"error,omitempty"`
	// Dark says that a flow that ran before the write is down.
	Dark bool `json:"dark,omitempty"`
	// Note is what a person should know of a write that was done.
	Note string `json:"note,omitempty"`
	// Answered lists the values that the service answered with instead of those that
	// were sent.
	Answered []Answered `json:"answered,omitempty"`
}

// Answered is a value that the service did not keep as it was sent.
type Answered struct {
	// Path is the place in the body: "settings.voice.speed".
	Path string `json:"path"`
	Sent any    `json:"sent"`
	Got  any    `json:"got"`
}

// Verified says how what a run wrote compares with what the service has afterwards.
type Verified struct {
	// Mode says what was compared: "changed" or "all".
	Mode string `json:"mode"`
	// Objects is the number of objects that were compared.
	Objects    int         `json:"objects"`
	Deviations []Deviation `json:"deviations,omitempty"`
	// Notes say what was not compared.
	Notes []string `json:"notes,omitempty"`
}

// Deviation is a value that the service has in place of the one that was asked for.
type Deviation struct {
	Addr string `json:"address"`
	// Path is the field's path. It is empty if Text says what deviates.
	Path  string `json:"path,omitempty"`
	Asked any    `json:"asked"`
	Is    any    `json:"is"`
	// Declared says that a file asks for the value.
	Declared bool   `json:"declared"`
	Text     string `json:"text,omitempty"`
}

// End says how a run ended.
type End struct {
	// Status is [Done], [Partial], [Interrupted] or [Refused].
	Status  Status `json:"status"`
	Done    int    `json:"done"`
	Failed  int    `json:"failed"`
	Skipped int    `json:"skipped"`
}

// Status says how a run ended.
type Status string

const (
	Done        Status = "done"        // every write was done
	Partial     Status = "partial"     // a write failed or was skipped
	Interrupted Status = "interrupted" // somebody stopped the run
	Refused     Status = "refused"     // nothing was written, because a secret has no value
	// Unfinished is the status of a run without an end: it is under way, or its
	// process was killed.
	Unfinished Status = "unfinished"
)

// sumKey begins the last member of a line. Its value is the CRC-32C of the line
// without this member and of the sum of the line before, in eight hexadecimal
// digits. So a line that was torn, changed, moved or taken out is found.
const sumKey = `,"sum":"`

// sumEnd is the length of the last member and the end of the object.
const sumEnd = len(sumKey) + 8 + len(`"}`)

var table = crc32.MakeTable(crc32.Castagnoli)

// encode returns the line of a record, with its line end, and its sum.
func encode(r *Record, before uint32) ([]byte, uint32, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(r); err != nil {
		return nil, 0, err
	}
	text := bytes.TrimSuffix(bytes.TrimRight(b.Bytes(), "\n"), []byte("}"))
	sum := crc32.Update(before, table, text)
	return fmt.Appendf(text, `%s%08x"}`+"\n", sumKey, sum), sum, nil
}

// errDamaged says that a line is not what [encode] wrote.
var errDamaged = errors.New("the line is damaged")

// decode reads a line without its line end. before is the sum of the line before.
func decode(line []byte, before uint32) (*Record, uint32, error) {
	if len(line) < sumEnd {
		return nil, 0, errDamaged
	}
	text := line[:len(line)-sumEnd]
	sum := crc32.Update(before, table, text)
	if !bytes.Equal(line[len(text):], fmt.Appendf(nil, `%s%08x"}`, sumKey, sum)) {
		return nil, 0, errDamaged
	}
	r := &Record{}
	d := json.NewDecoder(bytes.NewReader(append(bytes.Clone(text), '}')))
	d.UseNumber()
	if err := d.Decode(r); err != nil {
		return nil, 0, errDamaged
	}
	return r, sum, nil
}
