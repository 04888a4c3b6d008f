package journal

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/mihusync/mihusync/schema"
)

// Dir is the directory of journals, relative to the module's root, with slashes.
const Dir = ".mihusync/journal"

// Name returns the name of a workspace's journal, relative to the module's root.
func Name(target string) string {
	sum := sha256.Sum256([]byte(target))
	word := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-':
			return r
		}
		return '-'
	}, target)
	if len(word) > 60 {
		word = word[:60]
	}
	return path.Join(Dir, word+"-"+hex.EncodeToString(sum[:4])+".jsonl")
}

// Error says why a journal cannot be used.
type Error struct {
	// File is the journal's name below the module's root.
	File string
	// Reason follows the name: "is the journal of another workspace".
	Reason string
	// Hint says what to do.
	Hint string
	Err  error
}

// Error names the file and the reason.
func (e *Error) Error() string {
	text := "the journal " + e.File + " " + e.Reason
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// Explain returns the error as one problem.
func (e *Error) Explain() schema.Problems {
	return schema.Problems{{Summary: e.Error(), Suggestion: e.Hint}}
}

// content is what a file holds up to its first damaged line.
type content struct {
	records []*Record
	// good is the length of the undamaged part, in bytes, and sum the last line's.
	good int64
	sum  uint32
	// damaged is the length of what follows, in bytes.
	damaged int64
}

// parse reads the lines of a journal. A line without an end is damaged.
func parse(data []byte) *content {
	c := &content{}
	for rest := data; len(rest) > 0; {
		line, after, whole := bytes.Cut(rest, []byte("\n"))
		if !whole {
			break
		}
		r, sum, err := decode(line, c.sum)
		if err != nil {
			break
		}
		c.records, c.sum = append(c.records, r), sum
		c.good += int64(len(line)) + 1
		rest = after
	}
	c.damaged = int64(len(data)) - c.good
	return c
}

// belongs returns an [*Error] if the records are not those of a target's journal.
func (c *content) belongs(file, target string) error {
	if len(c.records) == 0 {
		return nil
	}
	h := c.records[0].Journal
	switch {
	case h == nil || h.Format != format:
		return &Error{File: file, Reason: "is no journal", Hint: "Move the file away."}
	case h.Version != version:
		return &Error{File: file, Reason: fmt.Sprintf("has version %d, and this mihusync reads version %d", h.Version, version), Hint: "Use the mihusync that wrote it, or move the file away."}
	case h.Target != target:
		return &Error{File: file, Reason: "is the journal of " + h.Target + ", not of " + target, Hint: "Move the file away. A new journal is begun."}
	}
	return nil
}

// Read returns the runs of a workspace's journal, the oldest first. root is the
// directory of the module. damaged is the number of bytes at the end that no
// journal has written; they are ignored. A missing journal has no runs.
func Read(root, target string) (runs []*Run, damaged int64, err error) {
	top, err := os.OpenRoot(root)
	if err != nil {
		return nil, 0, err
	}
	defer top.Close()
	file := Name(target)
	f, err := top.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, unreadable(file, err)
	}
	defer f.Close()
	c, err := load(f, file)
	if err != nil {
		return nil, 0, err
	}
	if err := c.belongs(file, target); err != nil {
		return nil, 0, err
	}
	return runsOf(c.records), c.damaged, nil
}

// load reads an open journal. Only a regular file is one.
func load(f *os.File, name string) (*content, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, unreadable(name, err)
	}
	if !info.Mode().IsRegular() {
		return nil, &Error{File: name, Reason: "is no regular file", Hint: "Remove it."}
	}
	data, err := io.ReadAll(f)
	if err != nil {
		return nil, unreadable(name, err)
	}
	return parse(data), nil
}

func unreadable(name string, err error) error {
	return &Error{File: name, Reason: "cannot be read", Hint: "Give this user the right to read and write it.", Err: err}
}
