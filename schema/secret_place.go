package schema

import (
	"strings"

	"github.com/mihusync/mihusync/schema/tree"
)

// A secret is accepted where the schema has a secret field, and nowhere else: what
// is free of form goes out as it is written.

// KindAt is the kind of the object that an address names, nil if there is none.
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

// StraySecrets lists the places in the body of a request for an object of the kind
// at which a secret stands although there is no secret field.
func (k *Kind) StraySecrets(body any) []string {
	var out []string
	for at, e := range tree.All(body) {
		if _, secret := e.(Secret); secret && !k.secretAt(at, (*Field).LookupWire) {
			out = append(out, at.String())
		}
	}
	return out
}

// StraySecretsAt is [Kind.StraySecrets] for the value of a field, by its path in
// the files.
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

// secretAt follows a path through the description of the kind, and of the nested
// kinds that a create call takes with it.
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
