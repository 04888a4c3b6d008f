package schema

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/mihusync/mihusync/schema/tree"
)

// The codec converts between the API's objects and normal form. It needs only the
// descriptions of the fields. Files and API have different forms of unions and
// keyed lists. codec_union.go and codec_list.go convert these.

// Decode converts an object of the API into normal form. item is a decoded JSON
// object, for example {"uuid": "…", "name": "Support Line"}. A reference becomes a
// [Ref] that has only an id; [Workspace.Resolve] adds the name. Fields that the
// schema does not know go to Unknown. The sections of item become children.
func (k *Kind) Decode(item map[string]any) *Object {
	o := &Object{Kind: k, Sections: map[string]bool{}}
	if k.ID != "" {
		o.ID = text(item[k.ID])
	}
	if k.System != "" {
		o.System, _ = item[k.System].(bool)
	}
	sections := map[string]bool{}
	for _, c := range k.Children {
		if c.Section == "" {
			continue
		}
		sections[c.Section] = true
		raw, there := item[c.Section]
		if !there {
			continue
		}
		o.decodeSection(c, raw)
	}
	o.Fields = decodeStruct(k.Fields, item, func(path []string, v any) {
		if len(path) == 1 && (path[0] == k.ID || path[0] == k.System || sections[path[0]]) {
			return
		}
		o.Unknown = put(o.Unknown, path, v)
	}, nil, o)
	for _, name := range k.Identity {
		// A nil name differs from an absent name. A declaration without a name
		// takes the handle as its name. A live object without a name has none.
		if f := k.Fields.Lookup(name); f.Filled && (o.Fields[name] == nil || o.Fields[name] == "") {
			o.Fields[name] = nil
		}
	}
	for _, f := range k.Fields.Fields {
		if f.Alert == "" {
			continue
		}
		if s := text(item[f.Wire]); slices.Contains(strings.Split(f.Alert, "|"), strings.ToUpper(s)) {
			o.Alerts = append(o.Alerts, f.Name+" is "+s)
		}
	}
	o.Created, _ = item[createdKey].(string)
	if has, _ := item[presenceKey].(bool); has {
		for _, f := range k.Fields.Fields {
			if f.WriteOnly {
				o.Fields[f.Name] = LiveSecret("")
			}
		}
	}
	return o
}

// decodeSection decodes one section of the API's object and adds its objects to the
// children of o.
func (o *Object) decodeSection(c *Kind, raw any) {
	m, isObject := raw.(map[string]any)
	list, isList := raw.([]any)
	switch {
	case Absent(raw):
		if isObject && c.Shape == Singleton {
			o.Adopt(c, m)
		}
	case c.Shape == Singleton && isObject && c.knows(m):
		o.Adopt(c, m)
	case c.Shape == Collection && isList:
		odd := 0
		for _, e := range list {
			if !o.AdoptRow(c, e) {
				odd++
			}
		}
		if odd == len(list) {
			o.Unsure(c.Name)
			return
		}
		o.AddOdd(c.Name, odd)
	default:
		o.Unsure(c.Name)
		return
	}
	o.Sections[c.Name] = true
}

// Adopt decodes an item of the API into a child of o, and returns the child.
func (o *Object) Adopt(c *Kind, item map[string]any) *Object {
	child := c.Decode(item)
	child.Parent = o
	o.Children = append(o.Children, child)
	return child
}

// serverOwned says whether an unknown API key belongs to the server. Timestamps and
// counters do, and their names show it (O13).
func serverOwned(key string) bool {
	return strings.HasSuffix(key, "_at") || strings.HasSuffix(key, "_count")
}

func decodeStruct(f *Field, wire map[string]any, unknown func([]string, any), path []string, o *Object) map[string]any {
	out := make(map[string]any, len(wire))
	if len(f.Fields) == 0 { // a free-form object
		for k, v := range wire {
			out[k] = v
		}
		return out
	}
	consumed := map[string]bool{}
	if f.Tag != "" {
		if f.unlistedForm(text(wire[f.Tag])) {
			return f.decodeUnlisted(wire, unknown, path, o)
		}
		wire = f.meant(wire, consumed)
	}
	for _, m := range f.Fields {
		switch {
		case m.Inline:
			m.decodeInline(wire, out, consumed)
		case m.Rows != "":
			consumed[m.Name], consumed[m.Wire] = true, true
		case m.Read != "":
			m.decodeRead(wire, out, consumed, o)
		}
	}
	for key, v := range wire {
		m := f.LookupWire(key)
		if m == nil && f.Elem != nil { // an open struct keeps members that the schema does not name
			if v != nil {
				out[key] = v
			}
			continue
		}
		if m == nil || m.Local {
			if unknown != nil && v != nil && !consumed[key] && !serverOwned(key) {
				unknown(append(append([]string(nil), path...), key), v)
			}
			continue
		}
		if m.Server || m.Kind != "" || m.Inline || m.Rows != "" || m.unset(v) || consumed[key] {
			continue
		}
		within := path
		if m.Type == Struct {
			within = append(path[:len(path):len(path)], key)
		}
		if got := decodeValue(m, v, unknown, within, o); got != nil {
			out[m.Name] = got
		}
	}
	return out
}

func decodeValue(f *Field, v any, unknown func([]string, any), path []string, o *Object) any {
	switch {
	case f.unset(v):
		return nil
	case f.Ref != "" && idIn(f.Ref, v) != "":
		return Ref{Kind: f.Ref, ID: idIn(f.Ref, v)}
	case f.plain() && composite(v): // no form that the field has; see Sayable
		return v
	case f.Ref != "":
		if s := text(v); s != "" {
			return Ref{Kind: f.Ref, ID: s}
		}
		return nil
	case f.IsSecret():
		if s := text(v); s != "" {
			return LiveSecret(s)
		}
		return nil
	case f.Time:
		return shortTime(text(v))
	}
	switch f.Type {
	case String:
		s := f.fromService(text(v))
		if s == v { // the value as it is takes no memory
			return v
		}
		return s
	case Struct:
		if m, ok := v.(map[string]any); ok {
			return decodeStruct(f, m, unknown, path, o)
		}
	case Map:
		if l, ok := v.([]any); ok && f.Keyed {
			return f.decodeKeyed(l, o)
		}
		if m, ok := v.(map[string]any); ok {
			out := make(map[string]any, len(m))
			for k, e := range m {
				out[k] = decodeValue(f.Elem, e, nil, nil, o)
			}
			return out
		}
	case List:
		if l, ok := v.([]any); ok {
			return decodeList(f, l, o)
		}
	}
	return v
}

// idIn returns the id of an object of a kind that an answer shows where it could show
// the id alone, or "".
func idIn(kind string, v any) string {
	m, _ := v.(map[string]any)
	if k := KindOf(kind); k != nil && m != nil {
		if id := text(m[k.ID]); id != "" {
			return id
		}
	}
	return text(m[memberUUID])
}

// withoutBlanks removes the empty texts of fields that accept null from a list's
// item. The service may answer null or "" for them, and both must give the same
// item.
func withoutBlanks(f *Field, item map[string]any) map[string]any {
	for _, m := range f.Fields {
		if m.Nullable && item[m.Name] == "" {
			delete(item, m.Name)
		}
	}
	return item
}

// Encode converts fields in normal form into the API's form. [Ref] and [Secret]
// values stay in it, because package apply resolves them before it sends. live may
// be nil. If it is given, the items of text lists get the unknown fields of its
// items. The API would clear those otherwise.
func (f *Field) Encode(fields map[string]any, live *Object) map[string]any {
	out := make(map[string]any, len(fields))
	for _, name := range tree.Keys(fields) {
		v := fields[name]
		m := f.Lookup(name)
		switch {
		case name == unknownKey: // sorts before every name, so its deferred merge runs last
			unknown, _ := v.(Unknown)
			defer MergeExtra(out, unknown)
		case m == nil: // a free-form object
			out[name] = v
		case m.Local || m.Server || m.Kind != "":
			if extra, ok := v.(map[string]any); ok && name == ExtraField { // extra fields of a list's member
				defer MergeExtra(out, extra)
			}
		case m.State || m.Rows != "":
		case m.Rest:
			members, _ := v.(map[string]any)
			defer MergeExtra(out, members)
		case m.Inline:
			m.encodeInline(v, out)
		case f.Tag != "" && v == nil: // a union is sent as a whole, which clears absent members
		case v == nil && !m.Nullable && !m.WriteOnly: // left out of something that is replaced as a whole
		default:
			out[m.Wire] = m.encodeValue(v, live)
			if f.Tag != "" && m.When != "" && fields[f.Tag] == nil {
				out[f.Tag] = m.When
			}
		}
	}
	return out
}

func (f *Field) encodeValue(v any, live *Object) any {
	if v == nil && f.WriteOnly {
		return "" // what clears it [index]
	}
	if v == nil {
		return nil
	}
	switch f.Type {
	case String:
		if s, ok := v.(string); ok {
			return f.toService(s)
		}
	case Struct:
		if m, ok := v.(map[string]any); ok && len(f.Fields) > 0 {
			return f.Encode(m, live)
		}
	case Map:
		if m, ok := v.(map[string]any); ok && f.Keyed {
			return f.encodeKeyed(m)
		}
		if m, ok := v.(map[string]any); ok && f.Elem != nil {
			out := make(map[string]any, len(m))
			for k, e := range m {
				out[k] = f.Elem.encodeValue(e, nil)
			}
			return out
		}
	case List:
		if l, ok := v.([]any); ok {
			return f.encodeList(l, live)
		}
	}
	return v
}

// MergeExtra adds unknown fields to the body of a request. It does not replace a
// value that the body has.
func MergeExtra(body, extra map[string]any) {
	for k, v := range extra {
		if m, ok := v.(map[string]any); ok {
			if b, ok := body[k].(map[string]any); ok {
				MergeExtra(b, m)
				continue
			}
		}
		if _, there := body[k]; !there {
			body[k] = v
		}
	}
}

func put(into map[string]any, path []string, v any) map[string]any {
	if into == nil {
		into = map[string]any{}
	}
	at := into
	for _, p := range path[:len(path)-1] {
		next, ok := at[p].(map[string]any)
		if !ok {
			next = map[string]any{}
			at[p] = next
		}
		at = next
	}
	at[path[len(path)-1]] = v
	return into
}

// text returns a scalar as a string. It also accepts numbers, because the
// documentation does not give the type of every id (A10).
func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	default:
		return fmt.Sprint(v)
	}
}

func number(v any) float64 {
	if f, ok := tree.Float(v); ok {
		return f
	}
	return math.MaxFloat64
}

// shortTime converts "HH:MM:SS" into "HH:MM", the form of write calls [doc]. It
// keeps seconds that are not zero.
func shortTime(s string) any {
	if s == "" {
		return nil
	}
	if len(s) == len("09:00:00") && strings.HasSuffix(s, ":00") {
		return s[:5]
	}
	return s
}
