package schema

import (
	"fmt"
	"slices"
	"strconv"
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
func (w *Workspace) PosOf(o *Object, field string) Pos { return w.Places(o, field)[0] }

// Places returns the positions that say what a declared object's field is: first the one
// that decides, then those of other files, which say the same or leave it open. There is
// at least one. If the files do not write the field, it is the position of the nearest
// value around it.
func (w *Workspace) Places(o *Object, field string) []Pos {
	if w.Locate != nil && o.Pos.File != "" {
		if places, _ := w.Locate(append(o.FilePath(), strings.Split(field, ".")...)); len(places) > 0 {
			return places
		}
	}
	return []Pos{o.Pos}
}

// StepPlaces returns the positions of a field of a declared flow's step, or that of the
// step if the files do not write the field.
func (w *Workspace) StepPlaces(o *Object, s *Step, field string) []Pos {
	if path := o.Flow.pathOf(s); w.Locate != nil && path != nil && s.Pos.File != "" {
		path = append(append(o.FilePath(), path...), strings.Split(field, ".")...)
		if places, whole := w.Locate(path); whole && len(places) > 0 {
			return places
		}
	}
	if s.Pos.File == "" {
		return []Pos{o.Pos}
	}
	return []Pos{s.Pos}
}

// PlacesAt returns the positions of a field of the declared object, or the step of a flow,
// at an address. There are none if nothing is declared there.
func (w *Workspace) PlacesAt(addr, field string) []Pos {
	parts := strings.Split(addr, "/")
	for n := len(parts); n > 0; n-- {
		o := w.ByAddr()[strings.Join(parts[:n], "/")]
		switch {
		case o == nil:
		case n == len(parts):
			return w.Places(o, field)
		case o.Flow != nil:
			if s := o.Flow.Find(parts[len(parts)-1]); s != nil {
				return w.StepPlaces(o, s, field)
			}
			if parts[n] == TriggerField && o.Flow.Trigger != nil {
				return w.StepPlaces(o, o.Flow.Trigger, field)
			}
		}
	}
	return nil
}

// pathOf returns the path of a step in the declaration of its flow: steps, 0, then, 1. It
// is nil if the flow has no such step.
func (b *FlowBody) pathOf(step *Step) []string {
	if b == nil {
		return nil
	}
	if b.Trigger == step || b.Trigger != nil && b.Trigger.ID == step.ID {
		return []string{TriggerField}
	}
	var in func(list []*Step, at []string) []string
	in = func(list []*Step, at []string) []string {
		for i, s := range list {
			here := append(slices.Clone(at), strconv.Itoa(i))
			if s == step || s.ID == step.ID {
				return here
			}
			for name, branch := range map[string][]*Step{ThenField: s.Then, ElseField: s.Else} {
				if found := in(branch, append(slices.Clone(here), name)); found != nil {
					return found
				}
			}
		}
		return nil
	}
	return in(b.Steps, []string{StepsField})
}
