package export

import (
	"context"
	"net/http"
	"strings"

	"github.com/mihusync/mihusync/mihu"
	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// Three sources say to which channels an agent is bound. The agent may name its
// channels (O1). Each phone number names the agents that use it [doc]. The agent's
// channels call names all of them [index]. A channel is bound if one source says
// so. It is not known if no source has a known form.

// numbersCatalog has the phone numbers and what is bound to them.
const numbersCatalog = "phone_numbers"

// numberless marks the channels of an agent that have numbers as not known, because the
// numbers are not.
func numberless(c *schema.Object) {
	for _, channel := range numberChannels {
		c.Unsure(channel)
		delete(c.Fields, channel)
	}
}

// numberChannels are the channels that phone numbers name [doc].
var numberChannels = []string{"call", "sms", "whatsapp"}

// channels records the channels to which an agent is bound, as far as scope needs
// them.
func (r *reader) channels(ctx context.Context, o *schema.Object, item map[string]any) {
	k := o.Kind.Child("channels")
	if k == nil {
		return
	}
	child := &schema.Object{Kind: k, Parent: o, Fields: map[string]any{}, Sections: map[string]bool{}}
	known := bindNames(child, item["channels"])
	leaving := r.scope.Detail(o, PartUnbind)
	wanted := leaving || r.scope.Detail(o, PartChannels)
	r.mu.Lock()
	o.Sections[k.Name] = true
	o.Children = append(o.Children, child)
	r.numbers = r.numbers || wanted && (leaving || !known || len(child.Fields) > 0)
	r.mu.Unlock()
	if wanted && (leaving || !known) {
		r.group.Go(func() error { return r.union(ctx, child, known) })
	}
}

// union requests the names of all channels of an agent. known says that the agent
// named its channels itself.
func (r *reader) union(ctx context.Context, child *schema.Object, known bool) error {
	answer, err := r.payload(ctx, child.Kind.Calls.Get, mihu.Args{Path: []string{child.Parent.ID}, Address: address(child.Parent) + "/channels"})
	if err != nil && !mihu.IsShape(err) && !mihu.IsStatus(err, http.StatusForbidden) {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	m, _ := answer.(map[string]any)
	if bindNames(child, m["channels"]) || known {
		return nil
	}
	for _, f := range child.Kind.Fields.Fields {
		if _, bound := child.Fields[f.Name]; !bound {
			child.Unsure(f.Name)
		}
	}
	return nil
}

// bindNames adds the named channels to the bound ones. It returns false if v is not
// a list of channels. An unknown form does not mean that no channel is bound.
func bindNames(child *schema.Object, v any) (known bool) {
	list, isList := v.([]any)
	if !isList {
		return false
	}
	named := 0
	for _, e := range list {
		s, isText := e.(string)
		if !isText {
			return false
		}
		name := strings.NewReplacer("-", "_", " ", "_").Replace(strings.ToLower(s))
		if child.Kind.Fields.Lookup(name) == nil {
			continue
		}
		named++
		if _, there := child.Fields[name]; !there {
			child.Fields[name] = map[string]any{}
		}
	}
	return named > 0 || len(list) == 0
}

// bindChannels adds the numbers to the channels of agents.
func (r *reader) bindChannels() {
	agents := map[string]*schema.Object{}
	for _, o := range r.ws.Objects["agents"] {
		if c := o.Child("channels", ""); c != nil {
			agents[o.ID] = c
		}
	}
	index := r.ws.Catalogs[numbersCatalog]
	if index == nil && r.ws.NotKnown[numbersCatalog] != "" {
		for _, c := range agents {
			numberless(c)
		}
	}
	if index == nil {
		return
	}
	known := true
	for _, id := range tree.Keys(index.Items) {
		bindings, isMap := index.Items[id][schema.NumberBindings].(map[string]any)
		known = known && isMap
		for _, channel := range tree.Keys(bindings) {
			b, _ := bindings[channel].(map[string]any)
			agent, _ := b[schema.BindingAgent].(string)
			if bound, _ := b[schema.BindingBound].(bool); bound && agents[agent] != nil {
				agents[agent].Fields[channel] = map[string]any{"phone_number": schema.Ref{Kind: "phone_numbers", ID: id}}
				delete(agents[agent].NotKnown, channel)
			}
		}
	}
	if !known {
		return
	}
	for _, c := range agents {
		for _, channel := range numberChannels {
			delete(c.NotKnown, channel)
		}
	}
}
