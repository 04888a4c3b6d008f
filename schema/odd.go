package schema

import (
	"fmt"

	"github.com/mihusync/mihusync/schema/tree"
)

// An answer of a service can have a form that nobody knows. What it should have told is
// then not known, which differs from none. A row that is no object, or that says neither
// its id nor its name, cannot be told apart from others, and is left out. A list that has
// rows, and none that is known, is not known itself.

// Absent says whether an answer means that nothing is there: null, an empty text, an
// empty list or an empty object.
func Absent(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}

// Blank says whether an answer means that nothing is there, or has nothing but values
// that mean so.
func Blank(v any) bool {
	m, _ := v.(map[string]any)
	for _, e := range m {
		if !Absent(e) {
			return false
		}
	}
	return m != nil || Absent(v)
}

// DecodeRow decodes a row of a list. It returns nil if the row is no object, or if the
// object has no id or lacks a value that names it.
func (k *Kind) DecodeRow(row any) *Object {
	item, ok := row.(map[string]any)
	if !ok || k.ID != "" && !scalar(item[k.ID]) {
		return nil
	}
	o := k.Decode(item)
	for _, name := range k.Identity {
		if f := k.Fields.Lookup(name); !f.Filled && !f.Server && Absent(o.Fields[name]) {
			return nil
		}
	}
	return o
}

// knows says whether the API's object of a singleton is empty or has a field of the kind.
func (k *Kind) knows(item map[string]any) bool {
	for key := range item {
		if k.Fields.LookupWire(key) != nil {
			return true
		}
	}
	return Blank(item)
}

// scalar says whether a value can be an id.
func scalar(v any) bool {
	switch v.(type) {
	case map[string]any, []any, bool:
		return false
	}
	return text(v) != ""
}

// AdoptRow decodes a row of a nested collection into a child of o. It returns false if
// the row has an unknown form.
func (o *Object) AdoptRow(c *Kind, row any) bool {
	child := c.DecodeRow(row)
	if child == nil {
		return false
	}
	child.Parent = o
	o.Children = append(o.Children, child)
	return true
}

// AddOdd adds to the number of rows of an unknown form in a nested collection.
func (o *Object) AddOdd(kind string, rows int) {
	if rows == 0 {
		return
	}
	if o.Odd == nil {
		o.Odd = map[string]int{}
	}
	o.Odd[kind] += rows
}

// Partial says whether something of a live object, or of an object nested in it, is not
// known, so that a declaration of the object cannot be complete. What a complete
// declaration says nothing about does not count, see [Field.Unset].
func (o *Object) Partial() bool {
	for name := range o.NotKnown {
		f := o.Kind.Fields.Lookup(name)
		if k := o.Kind.Child(name); o.Kind.Lifecycle != Bound && (k == nil || k.Lifecycle != Bound) && (f == nil || f.Rows == "") {
			return true
		}
	}
	for _, c := range o.Children {
		if c.Partial() {
			return true
		}
	}
	return false
}

// Doubts says what of a live workspace is not known because the service answered in an
// unknown form. The objects need their handles.
func (w *Workspace) Doubts() Problems {
	var out Problems
	for _, kind := range tree.Keys(w.NotKnown) {
		out.Add(Problem{Severity: SeverityWarning, Address: kind, Summary: "is not known: " + w.NotKnown[kind]})
	}
	w.Walk(func(o *Object) {
		for _, name := range tree.Keys(o.NotKnown) {
			out.Add(Problem{Severity: SeverityWarning, Address: o.Addr(), Summary: name + " is not known: the service answered in a form that is not known"})
		}
	})
	return append(out, w.DoubtfulRows()...)
}

// DoubtfulRows says which lists of a live workspace have rows of an unknown form. The
// address of a problem is that of the list.
func (w *Workspace) DoubtfulRows() Problems {
	var out Problems
	odd := func(addr string, rows map[string]int) {
		for _, kind := range tree.Keys(rows) {
			out.Add(Problem{Severity: SeverityWarning, Address: addr + kind, Summary: oddRows(rows[kind])})
		}
	}
	odd("", w.Odd)
	w.Walk(func(o *Object) {
		if len(o.Odd) > 0 {
			odd(o.Addr()+"/", o.Odd)
		}
	})
	return out
}

func oddRows(n int) string {
	if n == 1 {
		return "1 row has a form that is not known, and is left out"
	}
	return fmt.Sprintf("%d rows have a form that is not known, and are left out", n)
}
