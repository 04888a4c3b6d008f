package load

import (
	"maps"
	"slices"
	"strings"

	"cuelang.org/go/cue"

	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// If the evaluation fails, the loader reads the workspace again, without the
// schema. It can then check each part, whatever is wrong with the others.

// hole replaces a value that does not exist. Either nothing gives the value yet, or
// the values in the files conflict. CUE reports conflicts.
type hole struct {
	conflict bool
	tag      string // the name in the @tag attribute of the field
}

// written returns the value at a node, from a literal or from CUE.
func written(n *posNode, c *cursor) any {
	if v, ok := n.literal(); ok {
		return v
	}
	n.expand()
	items, isList := n.items()
	if n.opaque || n.lists > 0 && !isList || len(n.values) == 0 {
		return withTag(fromValue(c.resolve(), n), n)
	}
	if isList {
		out := make([]any, len(items))
		for i, item := range items {
			out[i] = written(item, &cursor{parent: c, sel: cue.Index(i)})
		}
		return out
	}
	out := make(map[string]any, len(n.children))
	for name, child := range n.children {
		out[name] = written(child, &cursor{parent: c, sel: cue.Str(name)})
	}
	return out
}

func withTag(v any, n *posNode) any {
	h, ok := v.(hole)
	if !ok {
		return v
	}
	for _, a := range n.attrs {
		if key, body := a.Split(); key == "tag" {
			tag, _, _ := strings.Cut(body, ",")
			h.tag = strings.TrimSpace(tag)
		}
	}
	return h
}

// fromValue converts a value into a tree. The value may be incomplete.
func fromValue(v cue.Value, n *posNode) any {
	if !v.Exists() {
		return hole{conflict: true}
	}
	switch v.IncompleteKind() {
	case cue.StructKind:
		fields, err := v.Fields()
		if err != nil {
			return hole{conflict: true}
		}
		out := map[string]any{}
		for fields.Next() {
			name := fields.Selector().Unquoted()
			child := n.lookup(name)
			if child == nil {
				child = &posNode{}
			}
			out[name] = withTag(fromValue(fields.Value(), child), child)
		}
		return out
	case cue.ListKind:
		items, err := v.List()
		if err != nil {
			return hole{conflict: true}
		}
		out := []any{}
		for items.Next() {
			child := n.item(len(out))
			if child == nil {
				child = &posNode{}
			}
			out = append(out, fromValue(items.Value(), child))
		}
		return out
	case cue.BottomKind:
		return hole{conflict: true}
	}
	data, err := v.MarshalJSON()
	if err != nil {
		return hole{}
	}
	out, err := tree.Decode(data)
	if err != nil {
		return hole{}
	}
	return out
}

// withoutHoles returns a copy of a tree without the holes.
func withoutHoles(v any) any {
	hollow := func(e any) bool { _, is := e.(hole); return is }
	return tree.Map(v, func(v any) any {
		switch v := v.(type) {
		case map[string]any:
			maps.DeleteFunc(v, func(_ string, e any) bool { return hollow(e) })
		case []any:
			return slices.DeleteFunc(v, hollow)
		}
		return v
	})
}

// openDefinitions returns a schema that accepts everything.
func openDefinitions() []schema.Source {
	text := "package schema\n"
	for _, name := range schema.DefinitionNames() {
		text += name + ": _\n"
	}
	return []schema.Source{{Name: "open.cue", Text: []byte(text)}}
}
