package export

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// An export leaves two things in the service: what the schema does not know, and values
// that files cannot hold. A comment of the file names both. It has no values and no ids,
// so that it is the same as long as the same fields are live.

const (
	leftNote   = "left in the service: "
	unsaidNote = "left out, because files cannot hold it: "
)

// notes returns the comments of a file with these objects.
func notes(objects []*schema.Object) []string {
	var out []string
	if left := leftOut(objects); len(left) > 0 {
		out = append(out, leftNote+list(left))
	}
	if left := unsaid(objects); len(left) > 0 {
		out = append(out, unsaidNote+list(left))
	}
	return out
}

// leftOut names what the objects, and what is nested in them, have and the schema does
// not know.
func leftOut(objects []*schema.Object) []string {
	names := map[string]bool{}
	each(objects, func(o *schema.Object) {
		for _, name := range o.LeftOut() {
			names[name] = true
		}
	})
	if len(names) == 0 {
		return nil
	}
	return tree.Keys(names)
}

// Unsaid returns the addresses of what files cannot hold of an object, and of what is
// nested in it. The object comes from a workspace that is sayable.
func Unsaid(o *schema.Object) []string { return unsaid([]*schema.Object{o}) }

// unsaid returns the addresses of what files cannot hold of the objects, and of what is
// nested in them.
func unsaid(objects []*schema.Object) []string {
	var out []string
	each(objects, func(o *schema.Object) {
		for _, name := range o.Unsaid {
			out = append(out, o.Addr()+"/"+name)
		}
	})
	slices.Sort(out)
	return slices.Compact(out)
}

// each visits the objects and what is nested in them.
func each(objects []*schema.Object, visit func(*schema.Object)) {
	for _, o := range objects {
		visit(o)
		each(o.Children, visit)
	}
}

// all returns all objects at the top of a workspace.
func all(ws *schema.Workspace) []*schema.Object {
	var out []*schema.Object
	for _, k := range schema.TopKinds() {
		out = append(out, ws.Objects[k.Name]...)
	}
	return out
}

// list joins names. A name comes from the service, and could be any text.
func list(names []string) string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = name
		if strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) || r == ',' || r == '"' }) {
			out[i] = strconv.Quote(name)
		}
	}
	return strings.Join(out, ", ")
}

// comment returns notes as a comment of a CUE file, which belongs to no field.
func comment(notes []string) string {
	if len(notes) == 0 {
		return ""
	}
	return "// " + strings.Join(notes, "\n// ") + "\n\n"
}
