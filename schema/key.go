package schema

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	texts "github.com/mihusync/mihusync/internal/text"
)

// Key is a natural key: the values of an object's identity fields in their order.
// No kind has more than two identity fields. The service cannot tell apart two
// objects of one kind and one parent with equal keys.
type Key [2]string

// nameKey returns the key of a kind whose only identity field is the name.
func nameKey(name string) Key { return Key{name} }

// ParseKey reads a key in the form that the files use under "removed". A kind with
// two identity fields has keys like "order_update/en_US".
func (k *Kind) ParseKey(text string) Key {
	if len(k.Identity) < 2 {
		return nameKey(text)
	}
	name, rest, _ := strings.Cut(text, "/")
	return Key{name, rest}
}

// ParseRemoval reads an entry of "removed". It is a key, and for a kind with a field
// that tells objects of one key apart it may start with that field's value, as in
// "123456789012345/order_update/en_US".
func (k *Kind) ParseRemoval(text string) Removal {
	apart := slices.ContainsFunc(k.Fields.Fields, func(f *Field) bool { return f.Apart })
	if head, rest, _ := strings.Cut(text, "/"); apart && strings.Count(text, "/") == len(k.Identity) {
		return Removal{Key: k.ParseKey(rest), Apart: head}
	}
	return Removal{Key: k.ParseKey(text)}
}

// Means says whether the entry means an object. An object that does not tell the
// field in Apart is meant.
func (r Removal) Means(o *Object) bool {
	if r.Key != o.KnownBy() && r.Key != o.Key() {
		return false
	}
	for _, f := range o.Kind.Fields.Fields {
		if v := apartValue(o.Fields[f.Name]); f.Apart && r.Apart != "" && v != "" && v != r.Apart {
			return false
		}
	}
	return true
}

// Quoted returns the entry for messages, with each value in quotes.
func (r Removal) Quoted() string {
	if r.Apart == "" {
		return r.Key.Quoted()
	}
	return r.Key.Quoted() + " of " + strconv.Quote(r.Apart)
}

// Name returns the value of the first identity field.
func (k Key) Name() string { return k[0] }

// WithName returns a copy of the key with another value of the first identity
// field.
func (k Key) WithName(name string) Key { return Key{texts.Trim(name), k[1]} }

// IsZero says whether all values of the key are empty.
func (k Key) IsZero() bool { return k == Key{} }

// String returns the key in the form that the files use under "removed".
func (k Key) String() string {
	if k[1] == "" {
		return k[0]
	}
	return k[0] + "/" + k[1]
}

// Quoted returns the key for messages, with each value in quotes.
func (k Key) Quoted() string {
	if k[1] == "" {
		return strconv.Quote(k[0])
	}
	return strconv.Quote(k[0]) + " " + strconv.Quote(k[1])
}

// Compare orders keys by the first value, then by the second. It returns -1, 0 or
// +1.
func (k Key) Compare(o Key) int { return slices.Compare(k[:], o[:]) }

// Key returns the natural key, which pairs desired and live objects. The handle is
// the name if the name is absent. A name of null is an empty value. A final line end
// is not part of a name.
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
			key[i] = texts.Trim(v)
		default:
			key[i] = fmt.Sprint(v)
		}
	}
	return key
}

// KnownBy returns the key that finds the object again. For kinds with the lifecycle
// [KeyedByName] this is the handle, because the server derives their key from the
// first name. Such an object without a handle is known by its id.
func (o *Object) KnownBy() Key {
	switch {
	case o.Kind.Lifecycle != KeyedByName:
		return o.Key()
	case o.Handle != "":
		return nameKey(o.Handle)
	}
	return nameKey(o.ID)
}

// Unique is a field's value that the service accepts for one object of a kind and
// parent only.
type Unique struct{ Field, Value string }

// Unique returns the object's unique value, or the zero value if it has none.
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

// Apart says that a field marked @mihu(apart) has different values in two objects. They
// are then two objects, even if their natural keys are equal. A field that one of them
// leaves out says nothing.
func (o *Object) Apart(other *Object) bool {
	for _, f := range o.Kind.Fields.Fields {
		if !f.Apart {
			continue
		}
		a, b := apartValue(o.Fields[f.Name]), apartValue(other.Fields[f.Name])
		if a != "" && b != "" && a != b {
			return true
		}
	}
	return false
}

// apartValue returns the text of a reference, whether it is resolved or not.
func apartValue(v any) string {
	if r, ok := v.(Ref); ok {
		return strings.TrimPrefix(r.String(), PinPrefix)
	}
	return text(v)
}
