package sandbox

import (
	"slices"
	"strconv"
)

// section is a collection inside an agent. A call adds, changes or deletes one
// item, or replaces all. Every answer is the whole agent in E2 [doc] (A5).
type section struct {
	key, one, many, what string
	ordered              bool // items carry an order
	// settle completes and checks an item. others are the items before it in a
	// replacement, and all other items otherwise.
	settle func(c *call, agent, item map[string]any, others []any, at string) error
}

var sections = []*section{
	{key: "guidelines", one: "Guideline", many: "Guidelines", what: "Guideline", ordered: true},
	{key: "notes", one: "Note", many: "Notes", what: "Note", ordered: true},
	{key: "procedures", one: "Procedure", many: "Procedures", what: "Procedure", settle: settleProcedure},
	{key: "training", one: "Training", many: "Training", what: "Training row"},
	{key: "routing_rules", one: "RoutingRule", many: "RoutingRules", what: "Routing rule", settle: settleRoutingRule},
	{key: "guard_rules", one: "GuardRule", many: "GuardRules", what: "Guard rule", settle: settleGuardRule},
}

func sectionHandlers() handlers {
	h := handlers{}
	for _, s := range sections {
		h["add"+s.one], h["replace"+s.many], h["update"+s.one], h["delete"+s.one] = s.add, s.replace, s.update, s.remove
	}
	return h
}

// sectionKeys returns, by operation, the agent's list that the body is a member
// of.
func sectionKeys() map[string]string {
	keys := map[string]string{}
	for _, s := range sections {
		keys["add"+s.one], keys["update"+s.one] = s.key, s.key
	}
	return keys
}

// id returns the key that identifies the items, from the contract.
func (s *section) id(c *call) string { return c.op.out.field(s.key).id }

func (s *section) answer(c *call, agent map[string]any, created bool) *reply {
	return &reply{data: c.view(c.showAgent(agent)), created: created}
}

func (s *section) check(c *call, agent, item map[string]any, others []any, at string) error {
	if s.settle == nil {
		return nil
	}
	return s.settle(c, agent, item, others, at)
}

// settleAll settles the items of a replaced section in their order.
func (s *section) settleAll(c *call, agent map[string]any, at string) error {
	its := list(agent, s.key)
	for i, it := range its {
		if err := s.check(c, agent, it.(map[string]any), its[:i], join(at, strconv.Itoa(i))); err != nil {
			return err
		}
	}
	return nil
}

func (s *section) add(c *call) (*reply, error) {
	return c.editAgent(func(agent map[string]any) (*reply, error) {
		item := map[string]any{}
		if err := c.fill(c.op.in, item, c.body, "", true); err != nil {
			return nil, err
		}
		its := list(agent, s.key)
		if err := s.check(c, agent, item, its, ""); err != nil {
			return nil, err
		}
		item[s.id(c)] = c.newID()
		agent[s.key] = append(its, item)
		return s.answer(c, agent, true), nil
	})
}

func (s *section) replace(c *call) (*reply, error) {
	return c.editAgent(func(agent map[string]any) (*reply, error) {
		if err := c.fill(c.op.in, agent, c.body, "", true); err != nil {
			return nil, err
		}
		if err := s.settleAll(c, agent, s.key); err != nil {
			return nil, err
		}
		return s.answer(c, agent, false), nil
	})
}

// locate finds the item that the path names.
func (s *section) locate(c *call, agent map[string]any) (its []any, at int, err error) {
	its = list(agent, s.key)
	at = indexOf(its, s.id(c), c.params[1])
	if at < 0 {
		return nil, 0, missing(s.what)
	}
	return its, at, nil
}

func indexOf(its []any, key, id string) int {
	return slices.IndexFunc(its, func(it any) bool { return text(it.(map[string]any), key) == id })
}

func (s *section) update(c *call) (*reply, error) {
	return c.editAgent(func(agent map[string]any) (*reply, error) {
		its, at, err := s.locate(c, agent)
		if err != nil {
			return nil, err
		}
		item := its[at].(map[string]any)
		if err := c.fill(c.op.in, item, c.body, "", false); err != nil {
			return nil, err
		}
		others := slices.Delete(slices.Clone(its), at, at+1)
		if err := s.check(c, agent, item, others, ""); err != nil {
			return nil, err
		}
		return s.answer(c, agent, false), nil
	})
}

func (s *section) remove(c *call) (*reply, error) {
	return c.editAgent(func(agent map[string]any) (*reply, error) {
		its, at, err := s.locate(c, agent)
		if err != nil {
			return nil, err
		}
		agent[s.key] = slices.Delete(its, at, at+1)
		return s.answer(c, agent, false), nil
	})
}

// settleProcedure checks that steps name only intents of the same agent.
func settleProcedure(_ *call, agent, item map[string]any, _ []any, at string) error {
	for i, it := range list(item, "steps") {
		id := text(it.(map[string]any), "intent_uuid")
		if id != "" && indexOf(list(agent, "intents"), "intent_uuid", id) < 0 {
			field := join(at, "steps."+strconv.Itoa(i)+".intent_uuid")
			return invalid(field, "The field "+field+" names no intent of this agent")
		}
	}
	slices.SortStableFunc(list(item, "steps"), func(a, b any) int {
		return int(whole(a.(map[string]any), "order") - whole(b.(map[string]any), "order"))
	})
	return nil
}

// settleRoutingRule checks what a rule needs: exact and both need a keyword,
// intent and both need a prompt (C4). A rule without a priority is evaluated
// last [doc].
func settleRoutingRule(c *call, _, rule map[string]any, others []any, at string) error {
	mode := text(rule, "detection_mode")
	if mode != "intent" && !c.beyond() && text(rule, "trigger_keyword") == "" {
		return invalid(join(at, "trigger_keyword"), "trigger_keyword is required for detection_mode "+mode)
	}
	if mode != "exact" && !c.beyond() && text(rule, "ai_prompt") == "" {
		return invalid(join(at, "ai_prompt"), "ai_prompt is required for detection_mode "+mode)
	}
	if rule["priority"] == nil {
		top := int64(0)
		for _, it := range others {
			top = max(top, whole(it.(map[string]any), "priority"))
		}
		rule["priority"] = top + 1
	}
	if rule["destination_type"] == nil || c.beyond() {
		return nil // whether a rule needs a target is unknown
	}
	return checkTarget(rule, at)
}

// settleGuardRule checks that a rule with forward has a target [index].
func settleGuardRule(c *call, _, rule map[string]any, _ []any, at string) error {
	if text(rule, "then_action") != "forward" || c.beyond() {
		return nil
	}
	if rule["destination_type"] == nil {
		return invalid(join(at, "destination_type"), "destination_type is required for then_action forward")
	}
	return checkTarget(rule, at)
}

func checkTarget(rule map[string]any, at string) error {
	if text(rule, "destination_type") == "agent" {
		if text(rule, "destination_agent_uuid") == "" {
			return invalid(join(at, "destination_agent_uuid"), "destination_agent_uuid is required for destination_type agent")
		}
		return nil
	}
	if text(rule, "destination") == "" {
		return invalid(join(at, "destination"), "destination is required for destination_type "+text(rule, "destination_type"))
	}
	return nil
}
