package schema

import (
	"fmt"
	"strings"
)

// Pos is a position in a file. Lines and columns count from 1.
type Pos struct {
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
	Col  int    `json:"col,omitempty"`
}

// String returns "file:line:column", or "" without a file.
func (p Pos) String() string {
	if p.File == "" {
		return ""
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col)
}

// FilePath returns the path of a declared object in the files, from "workspace" on.
func (o *Object) FilePath() []string {
	path := []string{"workspace"}
	if o.Parent != nil {
		path = o.Parent.FilePath()
	}
	path = append(path, o.Kind.Name)
	if o.Kind.Shape == Collection {
		path = append(path, o.Handle)
	}
	return path
}

// PosOf returns the position of a declared object's field, "settings.voice.speed", or
// of the nearest value around it that the files have.
func (w *Workspace) PosOf(o *Object, field string) Pos {
	if w.Locate == nil || o.Pos.File == "" {
		return o.Pos
	}
	if pos := w.Locate(append(o.FilePath(), strings.Split(field, ".")...)); pos.File != "" {
		return pos
	}
	return o.Pos
}
