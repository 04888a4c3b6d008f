package export

import (
	"context"

	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/schema"
)

// agent reads the parts of an agent that item does not have: missing sections,
// overrides and intent actions. item is the agent in the answer of the list call.
func (r *reader) agent(ctx context.Context, o *schema.Object, item map[string]any) error {
	if err := r.sections(ctx, o, item); err != nil {
		return err
	}
	if r.scope.Detail == nil {
		return nil
	}
	for _, k := range o.Kind.Children {
		switch {
		case k.Semantics == schema.OverrideSemantics && r.scope.Detail(o, k.Name):
			r.group.Go(func() error { return r.override(ctx, o, k, item) })
		case k.Name == "intents":
			for _, intent := range o.ChildrenOf(k.Name) {
				if !intent.System && r.scope.Detail(intent, PartAction) {
					r.group.Go(func() error { return r.action(ctx, intent) })
				}
			}
		}
	}
	r.channels(ctx, o, item)
	return nil
}

// sections reads the sections that the list's item does not have. The documentation
// says that the item has them all [doc]. One request reads the whole agent. If that
// has no section either, the section's own list call reads it.
func (r *reader) sections(ctx context.Context, o *schema.Object, item map[string]any) error {
	missing := missingSections(o)
	if len(missing) == 0 {
		return nil
	}
	full, err := r.get(ctx, o.Kind.Calls.Get, mihu.Args{Path: []string{o.ID}, Address: address(o)})
	if err != nil {
		return err
	}
	if full == nil {
		full = map[string]any{}
	}
	o.Kind.Lift(full, true)
	whole := o.Kind.Decode(full)
	for k, v := range full {
		if _, there := item[k]; !there {
			item[k] = v
		}
	}
	for _, c := range whole.Children {
		if missing[c.Kind.Name] {
			c.Parent = o
			o.Children = append(o.Children, c)
		}
	}
	for name := range missing {
		o.Sections[name] = o.Sections[name] || whole.Sections[name]
		o.AddOdd(name, whole.Odd[name])
	}
	for name, value := range whole.Fields {
		if _, there := o.Fields[name]; !there {
			o.Fields[name] = value
		}
	}
	for name := range missingSections(o) {
		k := o.Kind.Child(name)
		if k.Calls.List == "" {
			continue
		}
		if err := r.section(ctx, o, k); err != nil {
			return err
		}
	}
	for _, c := range o.Kind.Children {
		if o.Sections[c.Name] {
			delete(o.NotKnown, c.Name)
		}
	}
	return nil
}

// section requests a section of an agent by the section's own list call.
func (r *reader) section(ctx context.Context, o *schema.Object, k *schema.Kind) error {
	before := len(o.Children)
	delete(o.Odd, k.Name)
	odd, why, err := r.list(ctx, k, mihu.Args{Path: []string{o.ID}, Address: address(o)}, func(e map[string]any) bool { return o.AdoptRow(k, e) })
	if why == "" {
		o.Sections[k.Name] = true
		o.AddOdd(k.Name, odd)
	} else {
		o.Children = o.Children[:before]
		o.Unsure(k.Name)
	}
	return err
}

// missingSections returns the sections that the agent should have and does not. A
// server that leaves out empty sections costs one more request.
func missingSections(o *schema.Object) map[string]bool {
	out := map[string]bool{}
	for _, c := range o.Kind.Children {
		if c.Section != "" && !o.Sections[c.Name] {
			out[c.Name] = true
		}
	}
	return out
}

// override reads an agent's evaluate or memorize settings. The agent may carry them
// under settings. They need no request if they name their source there (O2).
func (r *reader) override(ctx context.Context, o *schema.Object, k *schema.Kind, item map[string]any) error {
	got, known := carried(item, k), true
	if got == nil {
		var err error
		if got, known, err = r.maybe(ctx, k.Calls.Get, mihu.Args{Path: []string{o.ID}, Address: address(o) + "/" + k.Name}); err != nil {
			return err
		}
	}
	if _, says := got[schema.SourceKey].(string); !known || !says && !schema.Blank(got) {
		r.unsure(o, k.Name)
		return nil
	}
	child := k.Decode(got)
	child.Parent = o
	child.Mode = schema.Inherit
	if got[schema.SourceKey] == schema.SourceAgent {
		child.Mode = schema.Own
		if k.Calls.ReadRows != "" && r.scope.Detail(o, PartMemoryFields) {
			if err := r.rows(ctx, child, mihu.Args{Path: []string{o.ID}, Address: address(o) + "/" + k.Name}); err != nil {
				return err
			}
		}
	} else {
		child.Fields = map[string]any{}
		child.Unknown = nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	o.Sections[k.Name] = true
	o.Children = append(o.Children, child)
	return nil
}

// unsure records that a part of an object has an unknown form.
func (r *reader) unsure(o *schema.Object, part string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	o.Unsure(part)
}

// carried returns the override's settings that the agent carries. It returns nil if
// they do not name their source.
func carried(item map[string]any, k *schema.Kind) map[string]any {
	m := k.Carried(item)
	if _, says := m[schema.SourceKey].(string); !says {
		return nil
	}
	return m
}

// action reads an intent's action. An intent can have no action (O4).
func (r *reader) action(ctx context.Context, intent *schema.Object) error {
	k := intent.Kind.Child("action")
	intent.Sections[k.Name] = true
	item, known, err := r.maybe(ctx, k.Calls.Get, mihu.Args{Path: []string{intent.Parent.ID, intent.ID}, Address: address(intent) + "/action"})
	if err != nil {
		return err
	}
	tag, there := item[k.Fields.Tag]
	if _, isText := tag.(string); !known || !isText && !schema.Absent(tag) || !there && !schema.Blank(item) {
		intent.Unsure(k.Name)
		return nil
	}
	if schema.Absent(tag) {
		return nil
	}
	intent.Adopt(k, item)
	return nil
}
