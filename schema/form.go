package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/mihusync/mihusync/schema/tree"
)

// Values in JSON. All JSON that the tool writes has one form for values that
// JSON lacks:
//
//	{"$ref": "agents/support"}    a reference
//	{"$secret": "env:TOKEN"}      a secret
//
// Data is never taken for such a form. A key "$ref" or "$secret" of data is
// written with one more $ and read with one less; so is such a key with more $
// in front.

const (
	refKey    = "$ref"
	secretKey = "$secret"
)

// escaped matches the keys of data that get one more $.
var escaped = regexp.MustCompile(`^\$+(ref|secret)$`)

// EncodeValue turns a value in normal form into one that encoding/json writes.
// [DecodeValue] reads it back, without the value of a live secret. For example
// Secret{Source: "env", Arg: "TOKEN"} becomes {"$secret": "env:TOKEN"}.
func EncodeValue(v any) any { return encodeValue(v, true) }

// ShowValue does what [EncodeValue] does, without the ids of one workspace.
func ShowValue(v any) any { return encodeValue(v, false) }

// ValueText returns the value of [ShowValue] as a line of JSON. Two values with
// equal texts mean the same.
func ValueText(v any) string {
	b, err := json.Marshal(ShowValue(v))
	if err != nil {
		return ""
	}
	return string(b)
}

func encodeValue(v any, ids bool) any {
	return tree.Map(v, func(v any) any {
		switch v := v.(type) {
		case Ref:
			return v.form(ids)
		case Secret:
			return map[string]any{secretKey: v.form()}
		case map[string]any:
			return rekey(v, func(key string) string { return "$" + key })
		}
		return v
	})
}

// rekey renames the escaped keys of a map in place. It renames all at once,
// because one key's new name may be another key's old name.
func rekey(m map[string]any, rename func(string) string) map[string]any {
	return rekeyIf(m, escaped, rename)
}

func rekeyIf(m map[string]any, which *regexp.Regexp, rename func(string) string) map[string]any {
	var moved map[string]any
	for k, e := range m {
		if strings.HasPrefix(k, "$") && which.MatchString(k) {
			if moved == nil {
				moved = map[string]any{}
			}
			moved[rename(k)] = e
			delete(m, k)
		}
	}
	for k, e := range moved {
		m[k] = e
	}
	return m
}

// DecodeValue reads what [EncodeValue] or [ShowValue] returned, after
// encoding/json, numbers included. It changes the maps and lists of v. The error
// names the place of a form that is neither a reference nor a secret.
func DecodeValue(v any) (any, error) {
	v, err := tree.Canonical(v)
	if err != nil {
		return nil, err
	}
	for at, e := range tree.All(v) {
		if m, ok := e.(map[string]any); ok {
			if _, err := marker(m); err != nil && len(at) > 0 {
				return nil, fmt.Errorf("%s: %w", at, err)
			} else if err != nil {
				return nil, err
			}
		}
	}
	return tree.Replace(v, func(v any) any {
		m, ok := v.(map[string]any)
		if !ok {
			return v
		}
		if found, err := marker(m); found != nil && err == nil {
			return found
		}
		return rekey(m, func(key string) string { return key[1:] })
	}), nil
}

// marker returns the reference or secret of a map, or nil if the map is data.
func marker(m map[string]any) (any, error) {
	if text, there := m[secretKey]; there {
		s, ok := text.(string)
		if !ok || len(m) != 1 {
			return nil, errors.New(secretKey + " is no secret of this tool: it is {\"" + secretKey + "\": \"env:NAME\"}, and a key of data has one more $")
		}
		return secretOfForm(s)
	}
	if _, there := m[refKey]; there {
		return refOfForm(m)
	}
	return nil, nil
}

// form returns the reference as a map: its address, and beside it what the
// address does not say.
func (r Ref) form(ids bool) map[string]any {
	text := r.Addr
	if text == "" && (r.Kind != "" || r.String() != "") {
		text = r.Kind + "/" + r.String()
	}
	m := map[string]any{refKey: text}
	if !ids {
		return m
	}
	told := refOfText(text)
	for key, has := range map[string][2]string{
		"kind": {r.Kind, told.Kind}, "name": {r.Name, told.Name}, "addr": {r.Addr, told.Addr}, "id": {r.ID, told.ID},
	} {
		if has[0] != has[1] {
			m[key] = has[0]
		}
	}
	return m
}

// refOfText returns the reference that a text names.
func refOfText(text string) Ref {
	kind, name, _ := strings.Cut(text, "/")
	if id, pinned := strings.CutPrefix(name, PinPrefix); pinned {
		return Ref{Kind: kind, Name: name, ID: id}
	}
	return Ref{Kind: kind, Name: name, Addr: text}
}

func refOfForm(m map[string]any) (Ref, error) {
	wrong := errors.New(refKey + " is no reference of this tool: it is {\"" + refKey + "\": \"KIND/NAME\"}, and a key of data has one more $")
	text, ok := m[refKey].(string)
	if !ok {
		return Ref{}, wrong
	}
	r := refOfText(text)
	for key, e := range m {
		s, ok := e.(string)
		if !ok {
			return Ref{}, wrong
		}
		switch key {
		case refKey:
		case "kind":
			r.Kind = s
		case "name":
			r.Name = s
		case "addr":
			r.Addr = s
		case "id":
			r.ID = s
		default:
			return Ref{}, wrong
		}
	}
	return r, nil
}

// MarshalJSON writes the form of [EncodeValue].
func (r Ref) MarshalJSON() ([]byte, error) { return json.Marshal(EncodeValue(r)) }

// UnmarshalJSON reads what [Ref.MarshalJSON] writes.
func (r *Ref) UnmarshalJSON(data []byte) error { return unmarshalAs(data, r) }

// MarshalJSON writes the source of the value, never the value.
func (s Secret) MarshalJSON() ([]byte, error) { return json.Marshal(EncodeValue(s)) }

// UnmarshalJSON reads what [Secret.MarshalJSON] writes.
func (s *Secret) UnmarshalJSON(data []byte) error { return unmarshalAs(data, s) }

func unmarshalAs[T any](data []byte, to *T) error {
	v, err := UnmarshalValue(data)
	if err != nil {
		return err
	}
	got, ok := v.(T)
	if !ok {
		return fmt.Errorf("this is no %T: %.60s", *to, data)
	}
	*to = got
	return nil
}

// UnmarshalValue reads a value from JSON, see [DecodeValue].
func UnmarshalValue(data []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	return DecodeValue(v)
}
