package schema

import (
	"cmp"
	"encoding/json"
	"slices"

	"github.com/mihusync/mihusync/schema/tree"
)

// The API has an object with an order for each item of a text list. It replaces a
// list of objects as a whole.

func decodeList(f *Field, list []any, o *Object) any {
	if f.Ordered {
		list = byOrder(f, list)
	}
	out := make([]any, 0, len(list))
	for _, e := range list {
		m, isMap := e.(map[string]any)
		switch {
		case f.Items != "" && isMap:
			t := text(m[f.Items])
			out = append(out, t)
			o.keepItemExtra(f, t, m)
		case isMap && f.Elem != nil && f.Elem.Type == Struct:
			out = append(out, withoutBlanks(f.Elem, decodeMember(f.Elem, dropOrder(f, m), o)))
		case f.Elem != nil:
			out = append(out, decodeValue(f.Elem, e, nil, nil, o))
		default:
			out = append(out, e)
		}
	}
	return out
}

// decodeMember decodes a member of a list. The member keeps the fields that the
// schema does not know, because the API replaces lists as a whole.
func decodeMember(f *Field, wire map[string]any, o *Object) map[string]any {
	var unknown map[string]any
	out := decodeStruct(f, wire, func(path []string, v any) {
		if key := path[0]; key != memberUUID && key != memberID {
			unknown = put(unknown, path, v)
		}
	}, nil, o)
	if unknown != nil {
		out[unknownKey] = Unknown(unknown)
	}
	return out
}

// ExtraField is the field under which a declaration has unknown fields of a list's
// member.
const ExtraField = "extra"

// keepItemExtra keeps the unknown fields of a text list's item in o. A write of the
// list sends them again, because the API would clear them.
func (o *Object) keepItemExtra(f *Field, text string, item map[string]any) {
	for _, k := range tree.Keys(item) {
		if k == f.Items || k == orderKey || k == memberUUID || k == memberID || serverOwned(k) || item[k] == nil || o == nil {
			continue
		}
		if o.ItemExtra == nil {
			o.ItemExtra = map[string]map[string]map[string]any{}
		}
		if o.ItemExtra[f.Name] == nil {
			o.ItemExtra[f.Name] = map[string]map[string]any{}
		}
		if o.ItemExtra[f.Name][text] == nil {
			o.ItemExtra[f.Name][text] = map[string]any{}
		}
		o.ItemExtra[f.Name][text][k] = item[k]
	}
}

func dropOrder(f *Field, m map[string]any) map[string]any {
	if !f.Ordered {
		return m
	}
	out := make(map[string]any, len(m))
	for k, v := range m {
		if k != orderKey {
			out[k] = v
		}
	}
	return out
}

// byOrder sorts a list by the "order" of its items. The server may return items of
// equal order in any sequence. Their content decides then, and after it their id.
// Items without an order keep the server's sequence and come last.
func byOrder(f *Field, list []any) []any {
	beside := func(m map[string]any) (content, id string) {
		if m[orderKey] == nil {
			return "", ""
		}
		return contentOf(f, m), text(m[memberUUID])
	}
	sorted := slices.Clone(list)
	slices.SortStableFunc(sorted, func(a, b any) int {
		x, y := object(a), object(b)
		if c := cmp.Compare(number(x[orderKey]), number(y[orderKey])); c != 0 {
			return c
		}
		contentX, idX := beside(x)
		contentY, idY := beside(y)
		return cmp.Or(cmp.Compare(contentX, contentY), cmp.Compare(idX, idY))
	})
	return sorted
}

// contentOf returns what a person wrote into an item of a list, as one text.
func contentOf(f *Field, item map[string]any) string {
	if f.Items != "" {
		return text(item[f.Items])
	}
	content := make(map[string]any, len(item))
	for k, v := range item {
		if k != memberUUID && k != memberID && k != orderKey && !serverOwned(k) {
			content[k] = v
		}
	}
	whole, err := json.Marshal(content) // Marshal sorts the keys
	if err != nil {
		return ""
	}
	return string(whole)
}

func (f *Field) encodeList(list []any, live *Object) any {
	out := make([]any, 0, len(list))
	for i, e := range list {
		m, isMap := e.(map[string]any)
		var item any = e
		switch {
		case f.Items != "":
			w := map[string]any{f.Items: e}
			if live != nil {
				for k, x := range live.ItemExtra[f.Name][text(e)] {
					w[k] = x
				}
			}
			item = w
		case isMap && f.Elem != nil && f.Elem.Type == Struct && len(f.Elem.Fields) > 0:
			item = f.Elem.Encode(m, nil)
		case f.Elem != nil:
			item = f.Elem.encodeValue(e, nil)
		}
		if w, ok := item.(map[string]any); ok && f.Ordered {
			w[orderKey] = int64(f.Order + i)
		}
		out = append(out, item)
	}
	return out
}

// decodeKeyed converts the API's list into a map by handle. It makes each handle
// from the member's identity.
func (f *Field) decodeKeyed(list []any, o *Object) map[string]any {
	out := map[string]any{}
	for _, e := range list {
		m, ok := e.(map[string]any)
		if !ok {
			continue
		}
		member := decodeMember(f.Elem, m, o)
		base := text(member[f.Elem.identity().Name])
		if base == "" {
			base = unnamedMember
		}
		out[unique(Slug(base, '_'), '_', func(h string) bool { _, taken := out[h]; return taken })] = member
	}
	return out
}

// unnamedMember is the base of the handle of a member without an identity.
const unnamedMember = "assignment"

// encodeKeyed converts a map into the API's list, in the order of the handles. A
// member without an identity gets its handle as identity.
func (f *Field) encodeKeyed(members map[string]any) []any {
	out := make([]any, 0, len(members))
	for _, h := range tree.Keys(members) {
		m, _ := members[h].(map[string]any)
		w := f.Elem.Encode(m, nil)
		if id := f.Elem.identity(); id.Name != "" {
			if _, there := m[id.Name]; !there {
				w[id.Wire] = h
			}
		}
		out = append(out, w)
	}
	return out
}

// identity returns the struct's identity member, or an empty field.
func (f *Field) identity() *Field {
	for _, m := range f.Fields {
		if m.Identity {
			return m
		}
	}
	return &Field{}
}

// RowsField returns the struct's member that the API keeps in rows, or nil. A
// separate call writes the rows.
func (f *Field) RowsField() *Field {
	for _, m := range f.Fields {
		if m.Rows != "" {
			return m
		}
	}
	return nil
}

// EncodeRows converts a map by id into the API's rows, sorted by id.
func (f *Field) EncodeRows(members map[string]any) []any {
	out := make([]any, 0, len(members))
	for _, id := range tree.Keys(members) {
		m, _ := members[id].(map[string]any)
		row := f.Elem.Encode(m, nil)
		row[f.Rows] = id
		out = append(out, row)
	}
	return out
}

// DecodeRows converts the API's rows into a map by id. It drops rows without an id,
// and fields that the schema does not know.
func (f *Field) DecodeRows(rows []any) map[string]any {
	out := map[string]any{}
	for _, e := range rows {
		row, _ := e.(map[string]any)
		if id := text(row[f.Rows]); id != "" {
			out[id] = decodeStruct(f.Elem, row, nil, nil, nil)
		}
	}
	return out
}
