package sandbox

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

const (
	draft    = "draft"
	deployed = "deployed" // (F1)
	active   = "active"   // a step that was tested
)

func flowHandlers() handlers {
	return handlers{
		"listFlows":    listFlows,
		"createFlow":   createFlow,
		"getFlow":      getFlow,
		"updateFlow":   updateFlow,
		"deleteFlow":   deleteFlow,
		"deployFlow":   deployFlow,
		"undeployFlow": undeployFlow,
		"addStep":      addStep,
		"getStep":      getStep,
		"updateStep":   updateStep,
		"deleteStep":   deleteStep,
		"testStep":     testStep,
	}
}

func (c *call) flow() (map[string]any, error) { return c.find("flows", "Flow", c.params[0]) }

// editFlow changes a copy of the flow in the path and stores it.
func (c *call) editFlow(edit func(flow map[string]any) (*reply, error)) (*reply, error) {
	old, err := c.flow()
	if err != nil {
		return nil, err
	}
	flow := clone(old)
	rep, err := edit(flow)
	if err != nil {
		return nil, err
	}
	flow["updated_at"] = c.stamp()
	c.put("flows", c.params[0], flow)
	return rep, nil
}

func steps(flow map[string]any) []any { return list(flow, "steps") }

// showFlow returns a flow as a read answers it, with its steps in order.
func (c *call) showFlow(flow map[string]any) view {
	out := maps.Clone(flow)
	shown := make([]any, len(steps(flow)))
	for i, it := range steps(flow) {
		shown[i] = c.showStep(it.(map[string]any), i)
	}
	out["steps"] = shown
	return c.viewOf("getFlow", out)
}

func listFlows(c *call) (*reply, error) {
	order, err := flowOrder(c.query.Get("sort"))
	if err != nil {
		return nil, err
	}
	if order != nil {
		objs := slices.Clone(c.arranged("flows", nil))
		keep, err := c.filter()
		if err != nil {
			return nil, err
		}
		if keep != nil {
			objs = slices.DeleteFunc(objs, func(o *entry) bool { return !keep(o.v) })
		}
		slices.SortStableFunc(objs, order)
		p, err := paged(c, objs, c.flowRow)
		if err != nil {
			return nil, err
		}
		return &reply{message: "Flows retrieved successfully", page: p}, nil
	}
	p, err := c.list("flows", nil, c.flowRow)
	if err != nil {
		return nil, err
	}
	return &reply{message: "Flows retrieved successfully", page: p}, nil
}

// flowOrder reads the sort parameter (F2). Its values are made up: a field's
// name, with a minus for the reverse order.
func flowOrder(sort string) (func(a, b *entry) int, error) {
	if sort == "" {
		return nil, nil
	}
	key, sign := strings.TrimPrefix(sort, "-"), 1
	if key != sort {
		sign = -1
	}
	if !slices.Contains([]string{"name", "created_at", "updated_at"}, key) {
		return nil, invalid("sort", "The field sort must be one of name, created_at, updated_at")
	}
	return func(a, b *entry) int { return sign * cmp.Compare(text(a.v, key), text(b.v, key)) }, nil
}

func (c *call) flowRow(o *entry) any {
	if b := o.form.Load(); b != nil {
		return encoded(*b)
	}
	apps, agents := map[string]bool{}, map[string]bool{}
	for _, it := range steps(o.v) {
		st := it.(map[string]any)
		apps[text(st, "app_uid")] = true
		if id := text(st, "agent_uuid"); id != "" {
			agents[id] = true
		}
	}
	row := maps.Clone(o.v)
	delete(row, "steps")
	row["apps_count"], row["agents_count"], row["steps_count"] = len(apps), len(agents), len(steps(o.v))
	e := c.s.encoder()
	e.object(c.op.out, row)
	o.form.Store(&e.buf)
	return encoded(e.buf)
}

// createFlow makes an empty draft. Without a name it is called "Flow {id}"
// [index].
func createFlow(c *call) (*reply, error) {
	flow := map[string]any{}
	if err := c.fill(c.op.in, flow, c.body, "", true); err != nil {
		return nil, err
	}
	id := c.newID()
	if text(flow, "name") == "" {
		flow["name"] = "Flow " + id[:8]
	}
	flow["uuid"], flow["status"], flow["steps"] = id, draft, []any{}
	flow["created_at"], flow["updated_at"] = c.stamp(), c.stamp()
	c.put("flows", id, flow)
	return &reply{message: "Flow created", data: c.showFlow(flow), created: true}, nil
}

func getFlow(c *call) (*reply, error) {
	flow, err := c.flow()
	if err != nil {
		return nil, err
	}
	return &reply{message: "Flow retrieved", data: c.showFlow(flow)}, nil
}

// updateFlow changes name and description. It may do so to a deployed flow
// [index].
func updateFlow(c *call) (*reply, error) {
	return c.editFlow(func(flow map[string]any) (*reply, error) {
		if err := c.fill(c.op.in, flow, c.body, "", false); err != nil {
			return nil, err
		}
		if text(flow, "name") == "" {
			return nil, invalid("name", "The field name must not be empty")
		}
		return &reply{message: "Flow updated", data: c.showFlow(flow)}, nil
	})
}

// deleteFlow is soft. Lists and reads no longer show the flow [index].
func deleteFlow(c *call) (*reply, error) {
	if _, err := c.flow(); err != nil {
		return nil, err
	}
	c.remove("flows", c.params[0])
	return &reply{message: "Flow deleted"}, nil
}

func undeployFlow(c *call) (*reply, error) {
	return c.editFlow(func(flow map[string]any) (*reply, error) {
		flow["status"] = draft
		return &reply{message: "Flow undeployed", data: c.showFlow(flow)}, nil
	})
}
