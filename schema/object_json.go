package schema

import (
	"encoding/json"
	"fmt"

	"github.com/mihusync/mihusync/schema/tree"
)

// objectJSON is a live object in the form that is kept: everything that the service
// said of it, with its nested objects. Values have the form of [EncodeValue].
type objectJSON struct {
	Kind      string          `json:"kind"`
	Handle    string          `json:"handle,omitempty"`
	ID        string          `json:"id,omitempty"`
	Mode      OverrideMode    `json:"mode,omitempty"`
	System    bool            `json:"system,omitempty"`
	Fields    json.RawMessage `json:"fields"`
	Unknown   json.RawMessage `json:"unknown,omitempty"`
	ItemExtra json.RawMessage `json:"itemExtra,omitempty"`
	NotKnown  map[string]bool `json:"notKnown,omitempty"`
	Sections  map[string]bool `json:"sections,omitempty"`
	Flow      *FlowBody       `json:"flow,omitempty"`
	Children  []*objectJSON   `json:"children,omitempty"`
}

// MarshalJSON writes a live object with everything nested in it. [Object.UnmarshalJSON]
// reads it. The value of a secret is not written.
func (o *Object) MarshalJSON() ([]byte, error) {
	form, err := o.json()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.Addr(), err)
	}
	return json.Marshal(form)
}

func (o *Object) json() (*objectJSON, error) {
	out := &objectJSON{Kind: o.Kind.Name, Handle: o.Handle, ID: o.ID, Mode: o.Mode, System: o.System, NotKnown: o.NotKnown, Sections: o.Sections, Flow: o.Flow}
	extra := map[string]any{}
	for field, items := range o.ItemExtra {
		of := map[string]any{}
		for text, keys := range items {
			of[text] = keys
		}
		extra[field] = of
	}
	for _, part := range []struct {
		to   *json.RawMessage
		from map[string]any
	}{{&out.Fields, o.Fields}, {&out.Unknown, o.Unknown}, {&out.ItemExtra, extra}} {
		if part.to != &out.Fields && len(part.from) == 0 {
			continue
		}
		data, err := json.Marshal(EncodeValue(plainUnknown(part.from)))
		if err != nil {
			return nil, err
		}
		*part.to = data
	}
	for _, c := range o.Children {
		child, err := c.json()
		if err != nil {
			return nil, err
		}
		out.Children = append(out.Children, child)
	}
	return out, nil
}

// plainUnknown copies a value with plain maps in place of [Unknown].
func plainUnknown(v any) any {
	return tree.Map(v, func(v any) any {
		if m, ok := v.(map[string]any); ok {
			if u, there := m[unknownKey].(Unknown); there {
				m[unknownKey] = plainUnknown(map[string]any(u))
			}
		}
		return v
	})
}

// UnmarshalJSON reads a top-level object that [Object.MarshalJSON] wrote, with
// everything nested in it. The error says that a kind is not known or a value has no
// known form.
func (o *Object) UnmarshalJSON(data []byte) error {
	var in objectJSON
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	read, err := in.object(KindOf(in.Kind), nil)
	if err != nil {
		return err
	}
	*o = *read
	for _, c := range o.Children {
		c.Parent = o
	}
	return nil
}

func (in *objectJSON) object(k *Kind, parent *Object) (*Object, error) {
	if k == nil {
		return nil, fmt.Errorf("there is no kind %.40q here", in.Kind)
	}
	o := &Object{Kind: k, Parent: parent, Handle: in.Handle, ID: in.ID, Mode: in.Mode, System: in.System, NotKnown: in.NotKnown, Sections: in.Sections, Flow: in.Flow}
	if o.Sections == nil {
		o.Sections = map[string]bool{}
	}
	var extra map[string]any
	for _, part := range []struct {
		to   *map[string]any
		from json.RawMessage
	}{{&o.Fields, in.Fields}, {&o.Unknown, in.Unknown}, {&extra, in.ItemExtra}} {
		if part.from == nil {
			continue
		}
		v, err := UnmarshalValue(part.from)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", o.Addr(), err)
		}
		m, ok := v.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("%s: this is no object", o.Addr())
		}
		for inner := range tree.Values(m) {
			if inner, ok := inner.(map[string]any); ok {
				if u, ok := inner[unknownKey].(map[string]any); ok {
					inner[unknownKey] = Unknown(u)
				}
			}
		}
		*part.to = m
	}
	o.ItemExtra = itemExtra(extra)
	for _, c := range in.Children {
		child, err := c.object(k.Child(c.Kind), o)
		if err != nil {
			return nil, err
		}
		o.Children = append(o.Children, child)
	}
	return o, nil
}

// itemExtra gives the unknown fields of items their type again.
func itemExtra(read map[string]any) map[string]map[string]map[string]any {
	if len(read) == 0 {
		return nil
	}
	out := map[string]map[string]map[string]any{}
	for field, items := range read {
		out[field] = map[string]map[string]any{}
		for text, keys := range object(items) {
			out[field][text] = object(keys)
		}
	}
	return out
}
