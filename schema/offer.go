package schema

import (
	"maps"
	"slices"

	"github.com/mihusync/mihusync/schema/tree"
)

// Offer names a list of the values that the service accepts for fields with the
// attribute @mihu(known). Owner is the id of the entry whose list it is, see
// [Kind.Of], for example the voice of a list of speeds. It is empty for other lists.
type Offer struct{ Catalog, Owner string }

// Offered returns the values that the items of a list offer. It returns nil if the
// list is empty, or if an item has an unknown form: then it is not known what the
// service offers.
func (k *Kind) Offered(items []map[string]any) []string {
	values, key := map[string]bool{}, k.offeredKey(items)
	for _, item := range items {
		v, _ := item[key].(string)
		if v == "" && len(item) == 1 {
			v, _ = item[offeredText].(string)
		}
		if v == "" {
			return nil
		}
		values[v] = true
	}
	if len(values) == 0 || k.Surely != "" && !values[k.Surely] {
		return nil
	}
	return slices.Sorted(maps.Keys(values))
}

// offeredKey returns the key under which the items have their values.
func (k *Kind) offeredKey(items []map[string]any) string {
	for _, item := range items {
		for _, key := range tree.Keys(item) {
			if k.Surely != "" && item[key] == k.Surely {
				return key
			}
		}
	}
	return k.ID
}

// EachOffered calls visit for every value in fields that has to be in a catalog, in
// the order of paths. The value is a text, or a key of a map. A value that the files
// say is in no list is left out.
func (f *Field) EachOffered(fields map[string]any, visit func(path string, m *Field, value string)) {
	f.eachOffered(fields, "", visit)
}

func (f *Field) eachOffered(fields map[string]any, prefix string, visit func(string, *Field, string)) {
	for _, name := range tree.Keys(fields) {
		m := f.Lookup(name)
		if m == nil {
			continue
		}
		inner, isMap := fields[name].(map[string]any)
		value, isText := fields[name].(string)
		switch {
		case m.Known != "" && isText && value != "" && !(m.listed() && IsUnlisted(value)):
			visit(prefix+name, m, value)
		case m.Known != "" && isMap:
			for _, key := range tree.Keys(inner) {
				visit(prefix+name+"."+key, m, key)
			}
		case isMap && m.Type == Struct:
			m.eachOffered(inner, prefix+name+".", visit)
		}
	}
}
