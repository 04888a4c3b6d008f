package schema

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Key is a natural key: the values of an object's identity fields in their order. Two
// objects of one kind in one place with equal keys cannot be told apart in the
// service. No kind has more than two identity fields.
type Key [2]string

// NameKey is the key of a kind that is known by its name alone.
func NameKey(name string) Key { return Key{name} }

// ParseKey reads a key as the files write it under removed: "order_update/en_US" for a
// kind with two identity fields.
func (k *Kind) ParseKey(text string) Key {
	if len(k.Identity) < 2 {
		return NameKey(text)
	}
	name, rest, _ := strings.Cut(text, "/")
	return Key{name, rest}
}

// Name is the value of the first identity field.
func (k Key) Name() string { return k[0] }

// WithName is the key with another name.
func (k Key) WithName(name string) Key { return Key{name, k[1]} }

// IsZero says whether the key has no value at all.
func (k Key) IsZero() bool { return k == Key{} }

// String is the key as the files write it under removed.
func (k Key) String() string {
	if k[1] == "" {
		return k[0]
	}
	return k[0] + "/" + k[1]
}

// Quoted is the key for messages.
func (k Key) Quoted() string {
	if k[1] == "" {
		return strconv.Quote(k[0])
	}
	return strconv.Quote(k[0]) + " " + strconv.Quote(k[1])
}

// Compare orders keys by their parts.
func (k Key) Compare(o Key) int { return slices.Compare(k[:], o[:]) }

// Key is the natural key that a desired and a live object are matched by. The handle
// stands in for an absent name. A name that is null is none.
func (o *Object) Key() Key {
	var key Key
	for i, name := range o.Kind.Identity {
		switch v := o.Fields[name].(type) {
		case nil:
			if _, nameless := o.Fields[name]; i == 0 && !nameless {
				key[i] = o.Handle
			}
		case Ref:
			key[i] = v.String()
		case string:
			key[i] = v
		default:
			key[i] = fmt.Sprint(v)
		}
	}
	return key
}

// KnownBy is the key under which an object is found again. The server derives the key
// of some kinds, which their handle is.
func (o *Object) KnownBy() Key {
	switch {
	case o.Kind.Lifecycle != KeyedByName:
		return o.Key()
	case o.Handle != "":
		return NameKey(o.Handle)
	}
	return NameKey(o.ID)
}

// Unique is a value that the service gives to one sibling only.
type Unique struct{ Field, Value string }

// Unique is an object's unique value, the zero value where it has none.
func (o *Object) Unique() Unique {
	if o.Kind.Fields == nil {
		return Unique{}
	}
	for _, f := range o.Kind.Fields.Fields {
		if s, _ := o.Fields[f.Name].(string); f.Unique && s != "" {
			return Unique{f.Name, s}
		}
	}
	return Unique{}
}
