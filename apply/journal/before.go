package journal

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
)

// Image says what is kept of the state before a run. The state stands in a file of its
// own beside the journal, see [BeforeName].
type Image struct {
	// SHA256 is the digest of the file, in hexadecimal.
	SHA256 string `json:"sha256"`
	// Size is the length of the file, in bytes.
	Size int `json:"size"`
}

// imageOf describes the state before a run.
func imageOf(data []byte) *Image {
	sum := sha256.Sum256(data)
	return &Image{SHA256: hex.EncodeToString(sum[:]), Size: len(data)}
}

// BeforeName returns the name of the file with the state before a run, relative to the
// module's root.
func BeforeName(target, run string) string {
	return path.Join(strings.TrimSuffix(Name(target), ".jsonl")+".before", run+".json")
}

// Keep writes the state before the run into a file that only its owner can read, and
// its digest into the journal. It is called before the first write. When it returns,
// the disk has both. data must hold no value of a secret.
func (r *Recording) Keep(data []byte) error {
	name := BeforeName(r.j.target, r.ID)
	top, err := os.OpenRoot(r.j.root)
	if err != nil {
		return err
	}
	defer top.Close()
	if err := writeNew(top, name, data); err != nil {
		return &Error{File: name, Reason: "cannot be written", Hint: "Make room on the disk and give this user the right to write it; then apply again.", Err: err}
	}
	return r.j.append(&Record{Kind: KindBefore, Run: r.ID, Before: imageOf(data)})
}

// writeNew writes a file that does not exist yet and waits until the disk has it.
func writeNew(top *os.Root, name string, data []byte) error {
	if err := top.MkdirAll(path.Dir(name), 0o700); err != nil {
		return err
	}
	f, err := top.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	dir, err := top.Open(path.Dir(name))
	if err != nil {
		return err
	}
	_ = dir.Sync() // some systems cannot sync a directory
	return dir.Close()
}

// Before returns the state before a run of a workspace, as [Recording.Keep] got it. The
// error is an [*Error] if there is no such run, if nothing was kept before it, or if
// the file is not what was kept.
func Before(root, target, run string) ([]byte, error) {
	runs, _, err := Read(root, target)
	if err != nil {
		return nil, err
	}
	found := Find(runs, run)
	if found == nil {
		return nil, &Error{File: Name(target), Reason: "has no run " + run, Hint: "mihusync log lists the runs."}
	}
	name := BeforeName(target, found.ID)
	top, err := os.OpenRoot(root)
	if err != nil {
		return nil, err
	}
	defer top.Close()
	data, err := top.ReadFile(name)
	switch {
	case found.Before == nil:
		return nil, &Error{File: Name(target), Reason: "has no state from before run " + found.ID, Hint: "The run came to no write, or another version of mihusync made it."}
	case errors.Is(err, fs.ErrNotExist):
		return nil, &Error{File: name, Reason: "is missing", Hint: "It is on the machine that applied."}
	case err != nil:
		return nil, unreadable(name, err)
	}
	return data, found.CheckBefore(target, data)
}

// CheckBefore returns an [*Error] if data is not the state that was kept before the run.
func (run *Run) CheckBefore(target string, data []byte) error {
	if run.Before == nil || *imageOf(data) != *run.Before {
		return &Error{File: BeforeName(target, run.ID), Reason: "is not what was written before the run", Hint: "It was changed or damaged. Take it from a copy of the directory, or go back by hand."}
	}
	return nil
}

// Lines returns the records of one run as a journal of its own: the first line names
// the workspace. [ParseRuns] reads it. It returns nil if there is no such run.
func (j *Journal) Lines(run string) ([]byte, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	data := make([]byte, j.size)
	if _, err := j.f.ReadAt(data, 0); err != nil {
		return nil, unreadable(j.name, err)
	}
	var out bytes.Buffer
	var sum uint32
	found := false
	for _, r := range parse(data).records {
		if r.Kind != KindJournal && r.Run != run {
			continue
		}
		line, next, err := encode(r, sum)
		if err != nil {
			return nil, err
		}
		found = found || r.Run == run
		sum = next
		out.Write(line)
	}
	if !found {
		return nil, nil
	}
	return out.Bytes(), nil
}

// ParseRuns reads the runs of a workspace from what [Journal.Lines] returned. The error
// is an [*Error] if the data is damaged or of another workspace.
func ParseRuns(target string, data []byte) ([]*Run, error) {
	c := parse(data)
	name := Name(target)
	if c.damaged > 0 || len(c.records) == 0 {
		return nil, &Error{File: name, Reason: fmt.Sprintf("has %d damaged bytes in a copy", c.damaged), Hint: "Copy the run again."}
	}
	if err := c.belongs(name, target); err != nil {
		return nil, err
	}
	return runsOf(c.records), nil
}
