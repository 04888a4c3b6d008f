package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// needTwins asks for all that decides whether twins are equal and what refers to them:
// their parts, and the objects of all kinds that can name them.
func (m *matching) needTwins(twins []*schema.Object) {
	need := func(n Need) { m.needs = append(m.needs, n) }
	for _, o := range twins {
		for _, part := range partsOf(o.Kind) {
			need(Need{Part: part, ID: o.ID})
		}
	}
	for _, k := range naming(twins[0].Kind) {
		need(Need{Kind: k.Name})
	}
	need(Need{Part: schema.StepsField})
	need(Need{Part: actionPart})
}

// The parts of agents and intents that stand apart from the kinds of nested objects.
const (
	actionPart  = "action"
	unbindPart  = "unbind"
	memoryFlags = "memory_fields"
)

// partsOf returns the parts of an object of a kind that need requests of their own.
func partsOf(k *schema.Kind) []string {
	var out []string
	for _, c := range k.Children {
		switch {
		case c.Semantics == schema.OverrideSemantics && c.Calls.ReadRows != "":
			out = append(out, c.Name, memoryFlags)
		case c.Semantics == schema.OverrideSemantics:
			out = append(out, c.Name)
		case c.Lifecycle == schema.Bound:
			out = append(out, unbindPart)
		}
	}
	return out
}

// naming returns the kinds whose objects can name an object of a kind: by a field, or in
// free-form settings, which agents and flows have.
func naming(target *schema.Kind) []*schema.Kind {
	out := []*schema.Kind{schema.KindOf(agentsKind), schema.KindOf(flowsKind)}
	for _, k := range schema.ReferringTo(target) {
		if !slices.Contains(out, k) {
			out = append(out, k)
		}
	}
	return out
}

// notRead says what is not known of twins and of what can name them. It returns "" if
// all was read.
func (m *matching) notRead(twins []*schema.Object) string {
	if len(m.left) > 0 {
		return "the replacement of a flow was interrupted, and what is left of it can refer to one of them"
	}
	for _, k := range naming(twins[0].Kind) {
		if !m.live.Sections[k.Name] || m.live.NotKnown[k.Name] != "" || m.live.Odd[k.Name] > 0 {
			return "it is not known which " + plural(k) + " refer to one of them"
		}
		for _, o := range m.live.Objects[k.Name] {
			if part := unreadIn(o); part != "" {
				return fmt.Sprintf("it is not known whether %s of the %s %s refers to one of them", part, k.Label, o.Key().Quoted())
			}
		}
	}
	for _, o := range twins {
		for _, c := range o.Kind.Children {
			if c.Shape == schema.Singleton && !o.Sections[c.Name] {
				return "the " + c.Label + " of " + o.ID + " is not known"
			}
		}
	}
	return ""
}

// unreadIn returns the name of a part of a live object that can hold references and that
// was not read, or whose form is not known. It returns "" if there is none.
func unreadIn(o *schema.Object) string {
	switch {
	case o.System, o.Kind.Semantics == schema.OverrideSemantics, o.Kind.Lifecycle == schema.Bound:
		return ""
	case len(o.NotKnown) > 0:
		return tree.Keys(o.NotKnown)[0]
	case len(o.Odd) > 0:
		return tree.Keys(o.Odd)[0]
	case o.Kind.Semantics == schema.FlowSemantics && o.Flow == nil:
		return schema.StepsField
	}
	for _, c := range o.Kind.Children {
		if c.Lifecycle == schema.Drafted && !o.Sections[c.Name] {
			return c.Name
		}
	}
	for _, child := range o.Children {
		if part := unreadIn(child); part != "" {
			return part
		}
	}
	return ""
}

// usersOf returns what refers to each of some live objects, or to something nested in
// it. An id in a text is a reference too.
func (m *matching) usersOf(twins []*schema.Object) map[*schema.Object][]string {
	out := map[*schema.Object][]string{}
	owners := map[string]*schema.Object{}
	for _, o := range twins {
		out[o] = boundTo(o)
		eachOf(o, func(part *schema.Object) {
			if part.ID != "" {
				owners[part.ID] = o
			}
		})
	}
	for _, k := range schema.TopKinds() {
		for _, user := range m.live.Objects[k.Name] {
			note := func(v any) {
				for id, o := range owners {
					if o != user && names(v, id) {
						out[o] = append(out[o], calledLive(user))
					}
				}
			}
			eachOf(user, func(part *schema.Object) {
				note(part.Fields)
				note(part.Unknown)
				part.Flow.Walk(func(s, _ *schema.Step, _ string) { note(s.Fields) })
			})
		}
	}
	for _, kind := range tree.Keys(m.live.Catalogs) {
		index := m.live.Catalogs[kind]
		for _, entry := range tree.Keys(index.Items) {
			for id, o := range owners {
				if names(index.Items[entry], id) {
					out[o] = append(out[o], "the "+labelOf(kind)+" "+entry)
				}
			}
		}
	}
	for _, users := range out {
		slices.Sort(users)
	}
	return out
}

// boundTo returns what is bound to a live object itself: the channels and the webhooks
// of an agent.
func boundTo(o *schema.Object) []string {
	var out []string
	for _, child := range o.Children {
		switch {
		case child.Kind.Lifecycle != schema.Bound && child.Kind.Name != webhooksKind:
		case child.Kind.Name == webhooksKind:
			out = append(out, "the "+child.Kind.Label+" "+child.Key().Quoted())
		default:
			for _, channel := range tree.Keys(child.Fields) {
				out = append(out, "the channel "+channel)
			}
		}
	}
	return out
}

const webhooksKind = "webhooks"

// names says whether a value refers to an id, or holds it in a text.
func names(v any, id string) bool {
	for e := range tree.Values(v) {
		switch e := e.(type) {
		case schema.Ref:
			if e.ID == id {
				return true
			}
		case string:
			if strings.Contains(e, id) {
				return true
			}
		}
	}
	return false
}

// eachOf visits a live object and everything nested in it.
func eachOf(o *schema.Object, visit func(*schema.Object)) {
	visit(o)
	for _, child := range o.Children {
		eachOf(child, visit)
	}
}

// calledLive returns what people call a live object that may have no handle yet.
func calledLive(o *schema.Object) string {
	if o.Key().IsZero() {
		return "the " + o.Kind.Label + " " + o.ID
	}
	return "the " + o.Kind.Label + " " + o.Key().Quoted()
}
