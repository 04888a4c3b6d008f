package journal

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"sync"
	"time"
)

// Options are the options of [Open].
type Options struct {
	// Root is the directory of the module.
	Root string
	// Target is the identity of the workspace.
	Target string
	// Token is the workspace's API token. It keys the digests and is not kept.
	Token string
	// Now returns the time. It is for tests; nil means the clock.
	Now func() time.Time
}

// Journal is a journal that is open for writing. It is safe for concurrent use.
type Journal struct {
	// Repaired is the number of bytes that were cut off the end because they were
	// damaged: the line that a killed process did not finish. The bytes are kept in
	// a file beside the journal if they held more than that.
	Repaired int64

	now  func() time.Time
	key  digestKey
	name string
	// root is the directory of the module, and target the identity of the workspace.
	root, target string

	mu   sync.Mutex
	f    *os.File
	sum  uint32
	size int64
	err  error // the first error; nothing is written after it
}

// Open opens the journal of a workspace and begins one if there is none. A damaged
// end is cut off. The error is an [*Error] if the file is another's. Only one
// process may have a journal open: the caller holds a lock.
func Open(o Options) (*Journal, error) {
	j := &Journal{now: o.Now, name: Name(o.Target), root: o.Root, target: o.Target}
	if j.now == nil {
		j.now = time.Now
	}
	var err error
	if j.key, err = keyOf(o.Token); err != nil {
		return nil, err
	}
	top, err := os.OpenRoot(o.Root)
	if err != nil {
		return nil, err
	}
	defer top.Close()
	if err := top.MkdirAll(path.Dir(j.name), 0o755); err != nil {
		return nil, unreadable(j.name, err)
	}
	if err := conceal(top); err != nil {
		return nil, unreadable(j.name, err)
	}
	if j.f, err = top.OpenFile(j.name, os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return nil, unreadable(j.name, err)
	}
	if err := j.resume(top, o.Target); err != nil {
		return nil, errors.Join(err, j.f.Close())
	}
	return j, nil
}

// conceal keeps git from taking the state beside cue.mod for files of the workspace.
func conceal(top *os.Root) error {
	f, err := top.OpenFile(path.Join(path.Dir(Dir), ".gitignore"), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = f.WriteString("*\n")
	return errors.Join(err, f.Close())
}

// resume finds the end of the journal and repairs it.
func (j *Journal) resume(top *os.Root, target string) error {
	c, err := load(j.f, j.name)
	if err != nil {
		return err
	}
	if c.damaged > 0 && len(c.records) == 0 {
		// A first line that was torn is no reason to stop. Anything longer is not ours.
		if c.damaged > maxHeader {
			return &Error{File: j.name, Reason: "is no journal", Hint: "Move the file away."}
		}
	}
	if err := c.belongs(j.name, target); err != nil {
		return err
	}
	j.sum, j.size = c.sum, c.good
	if c.damaged > 0 {
		if err := j.repair(top, c); err != nil {
			return &Error{File: j.name, Reason: "cannot be repaired", Hint: "Move the file away. A new journal is begun.", Err: err}
		}
	}
	if len(c.records) > 0 {
		return nil
	}
	return j.append(&Record{Kind: KindJournal, Journal: &Header{Format: format, Version: version, Target: target}})
}

// maxHeader is more than the length of the first line.
const maxHeader = 4096

// repair cuts off the damaged end. It keeps a copy of more than one torn line.
func (j *Journal) repair(top *os.Root, c *content) error {
	tail := make([]byte, c.damaged)
	if _, err := j.f.ReadAt(tail, c.good); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	for i, b := range tail {
		if b == '\n' && i < len(tail)-1 || b == '\n' && c.damaged > maxHeader {
			copyName := fmt.Sprintf("%s.damaged-%s", j.name, stamp(j.now()))
			if err := top.WriteFile(copyName, tail, 0o600); err != nil {
				return err
			}
			break
		}
	}
	if err := j.f.Truncate(c.good); err != nil {
		return err
	}
	j.Repaired = c.damaged
	return j.f.Sync()
}

// Close closes the file.
func (j *Journal) Close() error { return j.f.Close() }

// append writes a record and waits until the disk has it. After an error nothing is
// written any more: what follows would hang on a line that may be torn.
func (j *Journal) append(r *Record) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err != nil {
		return j.err
	}
	r.At = j.now().UTC().Truncate(time.Millisecond)
	line, sum, err := encode(r, j.sum)
	if err == nil {
		_, err = j.f.WriteAt(line, j.size)
	}
	if err == nil {
		err = j.f.Sync()
	}
	if err != nil {
		j.err = &Error{File: j.name, Reason: "cannot be written", Hint: "Make room on the disk and give this user the right to write it; then apply again.", Err: err}
		return j.err
	}
	j.sum, j.size = sum, j.size+int64(len(line))
	return nil
}

func stamp(t time.Time) string { return t.UTC().Format("20060102T150405Z") }

// newID returns the id of a run: its time, so that ids sort, and some chance.
func newID(t time.Time) (string, error) {
	var b [2]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "", err
	}
	return stamp(t) + "-" + hex.EncodeToString(b[:]), nil
}
