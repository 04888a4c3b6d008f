package schema

import (
	"strings"

	"github.com/mihusync/mihusync/schema/tree"
)

// The tool accepts a secret only where the schema has a secret field. A
// free-form field is sent as it is written, so it must not have one.

// KindAt returns the kind of the object at an address, or nil.
func KindAt(addr string) *Kind {
	parts := strings.Split(addr, "/")
	k := KindOf(parts[0])
	for i := 1; k != nil; i++ {
		if k.Shape != Singleton {
			i++
		}
		if i >= len(parts) {
			return k
		}
		k = k.Child(parts[i])
	}
	return nil
}

// StraySecrets returns the places in a request's body that have a secret without
// being a secret field. body is in the API's form, for an object of the kind.
func (k *Kind) StraySecrets(body any) []string {
	var out []string
	for at, e := range tree.All(body) {
		if _, secret := e.(Secret); secret && !k.secretAt(at, (*Field).LookupWire) {
			out = append(out, at.String())
		}
	}
	return out
}

// StraySecretsAt does what [Kind.StraySecrets] does for the value v of a field.
// path is the field's path in the files.
func (k *Kind) StraySecretsAt(path string, v any) []string {
	var start tree.Path
	for part := range strings.SplitSeq(path, ".") {
		start = append(start, part)
	}
	var out []string
	for at, e := range tree.All(v) {
		whole := append(start[:len(start):len(start)], at...)
		if _, secret := e.(Secret); secret && !k.secretAt(whole, (*Field).Lookup) {
			out = append(out, whole.String())
		}
	}
	return out
}

// secretAt says whether a path leads to a secret field of the kind, or of a
// nested kind that the create call takes too.
func (k *Kind) secretAt(at tree.Path, lookup func(*Field, string) *Field) bool {
	if k == nil || len(at) == 0 {
		return false
	}
	for _, c := range k.Children {
		if c.InCreate && c.Section == at[0] {
			at = at[1:]
			if c.Shape == Collection && len(at) > 0 {
				at = at[1:]
			}
			return c.secretAt(at, lookup)
		}
	}
	f := k.Fields
	for _, part := range at {
		next := f.Elem
		if key, named := part.(string); named {
			if m := lookup(f, key); m != nil {
				next = m
			}
		}
		if f = next; f == nil {
			return false
		}
	}
	return f.IsSecret()
}
