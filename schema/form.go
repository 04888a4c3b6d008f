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

// Values in JSON. Everything that the tool writes as JSON has one form for what
// JSON does not have:
//
//	{"$ref": "agents/support"}    a reference
//	{"$secret": "env:TOKEN"}      a secret
//
// Data is never taken for one: a key of data that is "$ref" or "$secret", with
// however many $ before, is written with one more and read with one less.

const (
	refKey    = "$ref"
	secretKey = "$secret"
)

// escaped are the keys of data that take one more $.
var escaped = regexp.MustCompile(`^\$+(ref|secret)$`)

// EncodeValue turns a value in normal form into what encoding/json writes, and
// [DecodeValue] reads that back: all but the value of a live secret.
func EncodeValue(v any) any { return encodeValue(v, true) }

// ShowValue is [EncodeValue] without the ids that only one workspace knows.
func ShowValue(v any) any { return encodeValue(v, false) }

// ValueText is the shown form of a value as a line of JSON. Values with equal texts
// say the same.
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

// rekey renames the keys of a map that are escaped, in place: all at once, because
// a new name may be another's old one.
func rekey(m map[string]any, rename func(string) string) map[string]any {
	var moved map[string]any
	for k, e := range m {
		if strings.HasPrefix(k, "$") && escaped.MatchString(k) {
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

// DecodeValue reads what [EncodeValue] or [ShowValue] gave, as it comes from
// encoding/json, numbers included. It changes the containers of v. The error names
// the place of what is neither data nor a reference or secret.
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

// marker reads the reference or secret that a map stands for, nil if it is data.
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

// form is the reference by its address, with what the address does not tell beside
// it.
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

// refOfText is what the text of a reference tells.
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

// MarshalJSON writes where the value comes from, never the value.
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

// UnmarshalValue reads a value from the JSON of its form, see [DecodeValue].
func UnmarshalValue(data []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	return DecodeValue(v)
}
