package load

import (
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// builder makes objects from the workspace's JSON, with the help of the field
// descriptions. It finds a position for each object, and none for fields.
type builder struct {
	positions *positions
	workspace *schema.Workspace
	// places holds the place in the files of each step.
	places map[*schema.Step]place
}

func (b *builder) build(raw map[string]any) {
	root := b.positions.root.lookup("workspace")
	b.workspace.Complete, _ = raw[schema.CompleteField].(string)
	b.workspace.PinnedIn, _ = raw[schema.PinnedInField].(string)
	for _, k := range schema.TopKinds() {
		v, there := raw[k.Name]
		if !there {
			continue
		}
		b.workspace.Sections[k.Name] = true
		b.workspace.Objects[k.Name] = b.objects(k, nil, v, root.lookup(k.Name))
	}
	removed, _ := raw["removed"].(map[string]any)
	at := root.lookup("removed")
	for _, kind := range tree.Keys(removed) {
		k := schema.KindOf(kind)
		if k == nil {
			continue // the shape's check names it
		}
		list, _ := removed[kind].([]any)
		for i, e := range list {
			name, _ := e.(string)
			r := k.ParseRemoval(name)
			r.Pos = b.positions.item(at.lookup(kind), i)
			b.workspace.Removed[kind] = append(b.workspace.Removed[kind], r)
		}
	}
}

// objects builds the objects of one kind in one parent: all objects of a
// collection, or the object of a singleton.
func (b *builder) objects(k *schema.Kind, parent *schema.Object, v any, at *posNode) []*schema.Object {
	if k.Shape == schema.Singleton {
		return []*schema.Object{b.object(k, parent, "", v, at)}
	}
	members, _ := v.(map[string]any)
	out := make([]*schema.Object, 0, len(members))
	for _, handle := range tree.Keys(members) {
		out = append(out, b.object(k, parent, handle, members[handle], at.lookup(handle)))
	}
	return out
}

func (b *builder) object(k *schema.Kind, parent *schema.Object, handle string, v any, at *posNode) *schema.Object {
	o := &schema.Object{Kind: k, Parent: parent, Handle: handle, Sections: map[string]bool{}, Pos: b.positions.label(at), Complete: b.workspace.Complete}
	if parent != nil {
		o.Complete = parent.Complete
	}
	if o.Pos.File == "" && parent != nil {
		o.Pos = parent.Pos
	}
	fields, isStruct := v.(map[string]any)
	if own, there := fields[schema.CompleteField].(string); there {
		o.Complete = own
	}
	if k.Semantics == schema.OverrideSemantics {
		o.Mode = overrideMode(v, fields)
	}
	o.Fields = make(map[string]any, len(fields))
	if !isStruct {
		return o
	}
	for name, value := range fields {
		f := k.Fields.Lookup(name)
		if f == nil {
			o.Fields[name] = value
			continue
		}
		if f.Kind == "" && !meta(o, name, value) && !(f.Local && name == "from") {
			o.Fields[name] = normal(f, value, o)
		}
	}
	for _, c := range k.Children {
		if value, there := fields[c.Name]; there {
			o.Sections[c.Name] = true
			o.Children = append(o.Children, b.objects(c, o, value, at.lookup(c.Name))...)
		}
	}
	if k.Semantics == schema.FlowSemantics {
		_, trigger := fields["trigger"]
		_, steps := fields["steps"]
		if trigger || steps {
			o.Flow = b.flow(fields, place{path: o.FilePath(), node: at})
		}
	}
	return o
}

// meta sets what every object accepts besides its own fields. It returns false for
// any other name.
func meta(o *schema.Object, name string, v any) bool {
	switch name {
	case "uuid":
		o.ID, _ = v.(string)
	case schema.CompleteField:
	case "protect":
		o.Protect, _ = v.(bool)
	case "extra":
		o.Extra, _ = v.(map[string]any)
	case "formerly":
		list, _ := v.([]any)
		for _, e := range list {
			if s, ok := e.(string); ok {
				o.Formerly = append(o.Formerly, s)
			}
		}
	default:
		return false
	}
	return true
}

func overrideMode(v any, fields map[string]any) schema.OverrideMode {
	if s, ok := v.(string); ok {
		return schema.OverrideMode(s)
	}
	if from, ok := fields["from"].(string); ok {
		return schema.OverrideMode(from)
	}
	return schema.Own
}

// normal converts a JSON value into normal form, in place. Null stays null.
func normal(f *schema.Field, v any, o *schema.Object) any {
	switch {
	case v == nil:
		return nil
	case f.Ref != "":
		name, _ := v.(string)
		return schema.NewRef(f.Ref, name, o)
	case f.IsSecret():
		return schema.SecretFrom(v)
	case f.Refs:
		return schema.SettingsFromFiles(v)
	}
	switch v := v.(type) {
	case string:
		return f.Spell(v)
	case map[string]any:
		for name, e := range v {
			m := f.Lookup(name)
			if m == nil {
				m = f.Elem
			}
			if m != nil && e != nil && deep(m) {
				v[name] = normal(m, e, o)
			}
		}
	case []any:
		if f.Elem != nil && deep(f.Elem) {
			for i, e := range v {
				v[i] = normal(f.Elem, e, o)
			}
		}
	}
	return v
}

// deep says whether values of the field may contain references or secrets, which
// JSON has no types for, or texts with two spellings.
func deep(f *schema.Field) bool {
	return f.Spelled() || f.Ref != "" || f.IsSecret() || f.Refs || len(f.Fields) > 0 || f.Elem != nil
}
