package schema

import (
	"maps"
	"regexp"
	"strings"

	"github.com/mihusync/mihusync/schema/tree"
)

// Free-form settings. A field marked @mihu(refs) holds settings that the schema
// does not describe, and ids of objects may stand anywhere in them. In the files,
// such an id is {$ref: "templates/promo"}, the address of the object. A key
// "$ref" of the settings themselves is written "$$ref" there, and a key with more $
// in front gets one more. In normal form, the id is a [Ref] and the keys are as in
// the API.

// SettingsFromFiles turns settings as the files have them into normal form. A map
// with a key "$ref" that is no reference becomes a [Ref] without a kind.
func SettingsFromFiles(v any) any {
	return tree.Map(v, func(v any) any {
		m, ok := v.(map[string]any)
		if !ok {
			return v
		}
		if text, there := m[refKey]; there {
			s, _ := text.(string)
			if len(m) > 1 {
				s = ""
			}
			return settingsRef(s)
		}
		return rekeyIf(m, literalKey, func(key string) string { return key[1:] })
	})
}

// SettingsForFiles turns settings in normal form into the form of the files.
func SettingsForFiles(v any) any {
	return tree.Map(v, func(v any) any {
		switch v := v.(type) {
		case Ref:
			text, _ := v.form(false)[refKey].(string)
			return map[string]any{refKey: text}
		case map[string]any:
			return rekeyIf(v, literalKey, func(key string) string { return "$" + key })
		}
		return v
	})
}

// literalKey matches the keys of settings that get one more $ in the files.
var literalKey = regexp.MustCompile(`^\$+ref$`)

// settingsRef returns the reference to the object at an address. A nested object has a
// longer address, "agents/support/intents/book"; an object by id has a short one,
// "intents/uuid:ID".
func settingsRef(text string) Ref {
	none := Ref{Name: text}
	kind, rest, _ := strings.Cut(text, "/")
	if id, pinned := strings.CutPrefix(rest, PinPrefix); pinned && CollectionOf(kind) != nil && id != "" {
		return Ref{Kind: kind, Name: rest, ID: id}
	}
	k := KindOf(kind)
	if k == nil || !k.Top() || rest == "" {
		return none
	}
	if k.Shape == Catalog && k.HoldsUUIDs() {
		return NewRef(kind, rest, nil)
	}
	for {
		handle, below, nested := strings.Cut(rest, "/")
		if k.Shape != Collection || handle == "" {
			return none
		}
		if !nested {
			r := Ref{Kind: k.Name, Name: handle, Addr: text}
			if id, pinned := strings.CutPrefix(handle, PinPrefix); pinned {
				r.ID, r.Addr = id, ""
			}
			return r
		}
		kind, rest, _ = strings.Cut(below, "/")
		if k = k.Child(kind); k == nil {
			return none
		}
	}
}

// CollectionOf returns the kind with a name, at the top or nested, whose objects are
// members of a map by handle. It returns nil if there is none.
func CollectionOf(name string) *Kind {
	for _, k := range Table() {
		if k.Name == name && k.Shape == Collection {
			return k
		}
	}
	return nil
}

// MapSettings replaces the free-form settings of an object and of its steps by f's
// result.
func (o *Object) MapSettings(f func(settings any) any) {
	within := func(k *Kind, fields map[string]any) map[string]any {
		for _, m := range k.Fields.Fields {
			if v := fields[m.Name]; m.Refs && v != nil {
				fields = maps.Clone(fields)
				fields[m.Name] = f(v)
			}
		}
		return fields
	}
	o.Fields = within(o.Kind, o.Fields)
	o.Flow.Walk(func(s, _ *Step, _ string) { s.Fields = within(s.Kind, s.Fields) })
}

// EachSetting visits the free-form settings of an object and of its steps. The place
// is the field, in front of it the step: "steps.find.config".
func (o *Object) EachSetting(visit func(place string, settings any)) {
	within := func(k *Kind, fields map[string]any, prefix string) {
		for _, m := range k.Fields.Fields {
			if v := fields[m.Name]; m.Refs && v != nil {
				visit(prefix+m.Name, v)
			}
		}
	}
	within(o.Kind, o.Fields, "")
	o.Flow.Walk(func(s, _ *Step, _ string) { within(s.Kind, s.Fields, "steps."+s.ID+".") })
}

// Manage adds free-form settings to a declaration that leaves them out.
func (o *Object) Manage(live map[string]any) {
	for _, m := range o.Kind.Fields.Fields {
		if _, declared := o.Fields[m.Name]; m.Refs && live[m.Name] != nil && !declared {
			o.Fields = maps.Clone(o.Fields)
			o.Fields[m.Name] = live[m.Name]
		}
	}
}

// IsUUID says whether a text has the form of the service's ids.
func IsUUID(text string) bool { return len(text) == 36 && uuidForm.MatchString(text) }

var uuidForm = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// Named returns references to the objects of a live workspace by their ids, nested ones
// included. It leaves out ids that are no uuids, because a text may equal them by
// chance. Entries of the catalogs that were read are among them.
func (w *Workspace) Named() map[string]Ref {
	out := map[string]Ref{}
	for _, kind := range tree.Keys(w.Catalogs) {
		c := w.Catalogs[kind]
		for id := range c.ByID {
			if name := c.Name(id, ""); IsUUID(id) && name != "" {
				out[id] = Ref{Kind: kind, Name: name, Addr: kind + "/" + name, ID: id}
			}
		}
	}
	w.Walk(func(o *Object) {
		if o.Kind.Shape == Collection && o.Kind.Lifecycle != KeyedByName && IsUUID(o.ID) {
			out[o.ID] = Ref{Kind: o.Kind.Name, Name: o.Handle, Addr: o.Addr(), ID: o.ID}
		}
	})
	return out
}

// HasStrangers says whether the settings of a live workspace hold an id that no object
// of it has.
func (w *Workspace) HasStrangers() bool {
	known, found := w.Named(), false
	w.Walk(func(o *Object) {
		o.EachSetting(func(_ string, v any) {
			for e := range tree.Values(v) {
				text, _ := e.(string)
				if _, there := known[text]; !there && IsUUID(text) {
					found = true
				}
			}
		})
	})
	return found
}

// HoldsUUIDs says whether the ids of the kind are uuids, which no other text equals by
// chance.
func (k *Kind) HoldsUUIDs() bool { return strings.HasSuffix(k.ID, PinField) }

// NameIDs returns settings in which the texts that named has are references.
func NameIDs(settings any, named func(text string) (Ref, bool)) any {
	out, _ := tree.Rewrite(settings, func(v any) (any, bool) {
		if s, ok := v.(string); ok {
			if r, there := named(s); there {
				return r, true
			}
		}
		return v, false
	})
	return out
}

// IDs returns a value with the ids of its references in place of them. A reference
// without an id stays.
func IDs(v any) any {
	out, _ := tree.Rewrite(v, func(v any) (any, bool) {
		if r, ok := v.(Ref); ok && r.ID != "" {
			return r.ID, true
		}
		return v, false
	})
	return out
}

// Names says whether the reference names the object with an id, as far as the
// reference tells.
func (r Ref) Names(id string) bool {
	if k := KindOf(r.Kind); k != nil && k.Lifecycle == KeyedByName && r.Name == id {
		return true
	}
	pin, pinned := strings.CutPrefix(r.Name, PinPrefix)
	return id != "" && (r.ID == id || pinned && pin == id)
}
