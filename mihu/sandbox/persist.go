package sandbox

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strconv"

	"github.com/mihusync/mihusync/internal/atomicfile"
	"github.com/mihusync/mihusync/schema/tree"
)

// journal keeps the state in one file. The first document holds everything, and
// each later one holds a change. All documents have one form, so that loading is
// replaying.
type journal struct {
	path string
	file *os.File // open after the first append
	size int64    // bytes of complete documents on disk
	disk int64    // bytes of the file as it was last seen
	// whole is the size of the first document. The file is rewritten when the
	// changes outgrow it.
	whole int64
	// dirty says that the file has more than one document.
	dirty bool
	// exists says that the file is there and not empty.
	exists bool
}

// stateFormat is the version of the documents.
const stateFormat = 1

// minJournal is the size of changes, in bytes, below which the file is never
// rewritten.
const minJournal = 1 << 20

type document struct {
	Format  int    `json:"format"`
	Seed    uint64 `json:"seed"`
	Issued  uint64 `json:"issued"`
	Changes []struct {
		Kind  string          `json:"kind"`
		ID    string          `json:"id"`
		Value json.RawMessage `json:"value"`
	} `json:"changes"`
}

func openJournal(path string, st *state) (*journal, error) {
	j := &journal{path: path}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return j, nil
	}
	if err != nil {
		return nil, fmt.Errorf("sandbox state: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("sandbox state: %w", err)
	}
	j.exists, j.disk = info.Size() > 0, info.Size()
	dec := json.NewDecoder(bufio.NewReaderSize(f, 1<<20))
	for n := 0; ; n++ {
		var d document
		err := dec.Decode(&d)
		if errors.Is(err, io.EOF) {
			break
		}
		if errors.Is(err, io.ErrUnexpectedEOF) && n > 0 {
			break // a change that was being written when the process ended
		}
		if err != nil {
			return nil, fmt.Errorf("sandbox state %s: not a state file: %w", path, err)
		}
		if d.Format != stateFormat {
			return nil, fmt.Errorf("sandbox state %s: unknown format %d", path, d.Format)
		}
		if err := d.replay(st); err != nil {
			return nil, fmt.Errorf("sandbox state %s: %w", path, err)
		}
		j.size = dec.InputOffset()
		if n == 0 {
			j.whole = j.size
		} else {
			j.dirty = true
		}
	}
	return j, nil
}

func (d *document) replay(st *state) error {
	st.ids.seed, st.ids.n = d.Seed, d.Issued
	for _, ch := range d.Changes {
		v, err := tree.Decode(ch.Value)
		if err != nil {
			return err
		}
		switch v := v.(type) {
		case nil:
			st.remove(ch.Kind, ch.ID)
		case map[string]any:
			st.put(ch.Kind, ch.ID, v)
		default:
			return fmt.Errorf("%s %s is not an object", ch.Kind, ch.ID)
		}
	}
	return nil
}

// append writes a document with the changes. The caller installs them
// afterwards.
func (j *journal) append(st *state, changes []change) error {
	if err := j.untouched(); err != nil {
		return err
	}
	if j.file == nil {
		if err := j.open(st); err != nil {
			return err
		}
	} else if j.size-j.whole > max(minJournal, j.whole) {
		if err := j.rewrite(st); err != nil {
			return err
		}
	}
	b := appendDocument(nil, st, changes)
	if _, err := j.file.Write(b); err != nil {
		_ = j.file.Truncate(j.size)
		return fmt.Errorf("writing the state file: %w", err)
	}
	j.size += int64(len(b))
	j.disk, j.dirty = j.size, true
	return nil
}

// untouched returns an error if the file is not as this journal left it. Another
// process works on it then, and its changes must not be overwritten.
func (j *journal) untouched() error {
	info, err := os.Stat(j.path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !j.exists:
		return nil
	case err == nil && info.Size() == j.disk:
		return nil
	}
	return fmt.Errorf("the state file %s was changed by another process", j.path)
}

// open prepares the file for appending. The file then exists, is whole, and ends
// after its last complete document.
func (j *journal) open(st *state) error {
	if !j.exists {
		return j.rewrite(st)
	}
	f, err := os.OpenFile(j.path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return fmt.Errorf("opening the state file: %w", err)
	}
	if err := f.Truncate(j.size); err != nil {
		f.Close()
		return fmt.Errorf("opening the state file: %w", err)
	}
	j.file, j.disk = f, j.size
	return nil
}

// rewrite replaces the file by one document with the whole state, atomically.
func (j *journal) rewrite(st *state) error {
	if j.file != nil {
		j.file.Close()
		j.file = nil
	}
	if err := os.MkdirAll(filepath.Dir(j.path), 0o755); err != nil {
		return fmt.Errorf("writing the state file: %w", err)
	}
	b := appendDocument(nil, st, st.everything())
	// The state may hold secrets of intents and webhooks, so only the owner may
	// read it.
	if err := atomicfile.Write(j.path, b, 0o600); err != nil {
		return fmt.Errorf("writing the state file: %w", err)
	}
	f, err := os.OpenFile(j.path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return fmt.Errorf("opening the state file: %w", err)
	}
	j.size = int64(len(b))
	j.file, j.whole, j.disk, j.dirty, j.exists = f, j.size, j.size, false, true
	return nil
}

// close folds the file into one document if this journal wrote anything.
func (j *journal) close(st *state) error {
	if j.file == nil {
		return nil
	}
	err := j.untouched()
	if err == nil && j.dirty {
		err = j.rewrite(st)
	}
	if j.file != nil {
		err = errors.Join(err, j.file.Close())
		j.file = nil
	}
	return err
}

// everything returns all objects: kinds by name, the objects of a kind in
// creation order.
func (st *state) everything() []change {
	kinds := make([]string, 0, len(st.kinds))
	for k := range st.kinds {
		kinds = append(kinds, k)
	}
	sort.Strings(kinds)
	var out []change
	for _, k := range kinds {
		for _, o := range st.kinds[k].order {
			out = append(out, change{k, o.id, o.v})
		}
	}
	return out
}

func appendDocument(b []byte, st *state, changes []change) []byte {
	e := encoder{buf: b}
	e.raw(`{"format":` + strconv.Itoa(stateFormat) + `,"seed":` + strconv.FormatUint(st.ids.seed, 10) + `,"issued":` + strconv.FormatUint(st.ids.n, 10) + `,"changes":[`)
	for i, ch := range changes {
		if i > 0 {
			e.raw(",")
		}
		e.raw("\n" + `{"kind":`)
		e.text(ch.kind)
		e.raw(`,"id":`)
		e.text(ch.id)
		e.raw(`,"value":`)
		if ch.v == nil {
			e.raw("null")
		} else {
			e.value(ch.v)
		}
		e.raw("}")
	}
	e.raw("\n]}\n")
	return e.buf
}
