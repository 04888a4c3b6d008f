package graph

import (
	"strings"

	"github.com/mihusync/mihusync/schema"
	"github.com/mihusync/mihusync/schema/tree"
)

// extensions is the kind of nodes for destinations that are no objects.
const extensions = "extensions"

// collector gathers nodes and references while it walks a workspace.
type collector struct {
	nodes    map[string]*Node
	edges    map[[2]string]*Edge
	declared map[string]*schema.Object
	shown    map[string]bool // kinds whose objects are shown without references too
}

func newCollector() *collector {
	return &collector{nodes: map[string]*Node{}, edges: map[[2]string]*Edge{}, declared: map[string]*schema.Object{}, shown: referring()}
}

// referring returns the top-level kinds that can refer or be referred to. The
// schema's fields say which. Inheritance and memory settings refer without a
// field.
func referring() map[string]bool {
	kinds := map[string]bool{"contact_fields": true, "evaluate": true, "memorize": true}
	top := map[string]string{}
	for _, k := range schema.Table() {
		top[k.Name] = k.Name
		if !k.Top() {
			top[k.Name] = top[k.Parent]
		}
		seen := map[*schema.Field]bool{}
		var down func(f *schema.Field)
		down = func(f *schema.Field) {
			if f == nil || seen[f] {
				return
			}
			seen[f] = true
			if f.Ref != "" {
				kinds[f.Ref], kinds[top[k.Name]] = true, true
			}
			for _, m := range f.Fields {
				down(m)
			}
			down(f.Elem)
		}
		down(k.Fields)
	}
	return kinds
}

// object adds one object of the workspace. Parents come before children.
func (c *collector) object(o *schema.Object) {
	c.declared[o.Addr()] = o
	if o.Parent == nil && c.shown[o.Kind.Name] {
		c.node(o.Addr(), o.Kind.Name)
	}
	if o.Parent != nil && (o.Mode == schema.Inherit || o.Mode == schema.FromDefault) {
		if _, there := c.nodes[o.Kind.Name]; there {
			label := o.Kind.Name + " inherited"
			if o.Mode == schema.FromDefault {
				label = o.Kind.Name + " copied"
			}
			c.refer(o, label, o.Kind.Name, o.Kind.Name)
		}
	}
	c.values(o)
	o.Flow.Walk(func(s, _ *schema.Step, _ string) { c.step(o, s) })
}

// values looks for references in an object's fields.
func (c *collector) values(o *schema.Object) {
	for at, v := range tree.All(o.Fields) {
		var path []string // names only; all members of a list have the same path
		for _, part := range at {
			if key, named := part.(string); named {
				path = append(path, key)
			}
		}
		switch v := v.(type) {
		case schema.Ref:
			c.ref(o, label(o, path), v)
		case map[string]any:
			if len(path) == 1 && path[0] == "destination" {
				c.outside(o, path, v)
			}
		}
		if f := o.Kind.Fields.RowsField(); len(path) == 2 && f != nil && path[0] == f.Name {
			c.memory(o, path[1])
		}
	}
}

// outside adds a destination that is a number or an extension.
func (c *collector) outside(o *schema.Object, path []string, destination map[string]any) {
	if number, ok := destination["phone_number"].(string); ok {
		c.refer(o, label(o, path), "phone_numbers/"+number, "phone_numbers")
	}
	if extension, ok := destination["extension"].(string); ok {
		c.refer(o, label(o, path), extensions+"/"+extension, extensions)
	}
}

// memory adds a contact field of the workspace that is remembered.
func (c *collector) memory(o *schema.Object, key string) {
	field, own := schema.CustomField(key)
	if !own {
		return
	}
	addr := "contact_fields/" + field
	if _, there := c.nodes[addr]; there {
		c.refer(o, "memory", addr, "contact_fields")
	}
}

func (c *collector) step(o *schema.Object, s *schema.Step) {
	label := "step " + s.ID
	if o.Flow.Trigger == s {
		label = "trigger " + s.ID
	}
	for _, f := range s.Settings() {
		if r, ok := s.Fields[f.Name].(schema.Ref); ok {
			c.ref(o, label, r)
		}
	}
	schema.EachRef(s.Config(), func(r schema.Ref) { c.ref(o, label, r) })
}

func (c *collector) ref(o *schema.Object, label string, r schema.Ref) {
	addr := r.Addr
	if addr == "" {
		addr = r.Kind + "/" + r.String()
	}
	c.refer(o, label, addr, r.Kind)
}

// label says what a reference is, by its place.
func label(o *schema.Object, path []string) string {
	switch {
	case o.Kind.Lifecycle == schema.Drafted:
		return "action"
	case o.Kind.Lifecycle == schema.Bound && len(path) > 0:
		return "channel " + path[0]
	case o.Kind.Lifecycle == schema.Whole && len(path) > 1:
		return "schedule assignment " + path[1]
	case o.Parent != nil && o.Handle != "":
		return o.Kind.Label + " " + o.Handle
	case len(path) > 0:
		return strings.ReplaceAll(path[len(path)-1], "_", " ")
	}
	return o.Kind.Label
}

// refer adds a reference in o to the object at addr.
func (c *collector) refer(o *schema.Object, label, addr, kind string) {
	from := c.holder(o)
	c.node(from.Addr(), from.Kind.Name)
	c.node(addr, kind)
	c.connect(from.Addr(), addr, Reference{Label: label})
}

// holder returns the object that is drawn for o: the intent for its action, else
// the top-level object.
func (c *collector) holder(o *schema.Object) *schema.Object {
	for o.Parent != nil && o.Kind.Name != "intents" {
		o = o.Parent
	}
	return o
}

func (c *collector) node(addr, kind string) {
	if c.nodes[addr] == nil {
		c.nodes[addr] = &Node{Addr: addr, Kind: kind}
	}
}

func (c *collector) connect(from, to string, r Reference) {
	key := [2]string{from, to}
	e := c.edges[key]
	if e == nil {
		e = &Edge{From: c.nodes[from], To: c.nodes[to]}
		c.edges[key] = e
	}
	for _, have := range e.Refs {
		if have.Label == r.Label {
			return
		}
	}
	e.Refs = append(e.Refs, r)
}

// intents connects the shown intents with their agents. It shows only intents
// that refer or are referred to, because an agent may have dozens.
func (c *collector) intents() {
	for _, addr := range tree.Keys(c.nodes) {
		o := c.declared[addr]
		if o == nil || o.Parent == nil {
			continue
		}
		agent := o.Parent.Addr()
		c.node(agent, o.Parent.Kind.Name)
		if c.edges[[2]string{agent, addr}] == nil {
			c.connect(agent, addr, Reference{Label: "intent"})
		}
	}
}

func (c *collector) graph() *Graph {
	g := &Graph{}
	for _, addr := range tree.Keys(c.nodes) {
		n := c.nodes[addr]
		n.Title = handle(n)
		if o := c.declared[addr]; o != nil {
			n.Pos = o.Pos
			if name, ok := o.Fields["name"].(string); ok && name != "" {
				n.Title = name
			}
		}
		g.Nodes = append(g.Nodes, n)
	}
	for _, e := range c.edges {
		g.Edges = append(g.Edges, e)
	}
	g.sort()
	return g
}
