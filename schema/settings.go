package schema

import (
	"maps"
	"regexp"
	"strings"

	"github.com/mihusync/mihusync/schema/tree"
)

// Free-form settings. A field marked @mihu(refs) holds settings that the schema
// does not describe, and ids of objects may stand anywhere in them. In the files,
// such an id is {$ref: "templates/promo"}, the address of a top-level object. A key
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

// settingsRef returns the reference to the object at an address.
func settingsRef(text string) Ref {
	r := refOfText(text)
	k := KindOf(r.Kind)
	if k == nil || !k.Top() || k.Shape != Collection || r.Name == "" && r.ID == "" {
		return Ref{Name: text}
	}
	return r
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

// IsUUID says whether a text has the form of the service's ids.
func IsUUID(text string) bool { return len(text) == 36 && uuidForm.MatchString(text) }

var uuidForm = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// Named returns references to the top-level objects of a live workspace by their
// ids. It leaves out ids that are no uuids, because a text may equal them by
// chance.
func (w *Workspace) Named() map[string]Ref {
	out := map[string]Ref{}
	for _, k := range TopKinds() {
		if k.Shape != Collection || k.Lifecycle == KeyedByName {
			continue
		}
		for _, o := range w.Objects[k.Name] {
			if IsUUID(o.ID) {
				out[o.ID] = Ref{Kind: k.Name, Name: o.Handle, Addr: o.Addr(), ID: o.ID}
			}
		}
	}
	return out
}

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
