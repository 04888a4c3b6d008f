package sandbox

import (
	"slices"
)

// ruleDefaults are the values of a new rule by type [doc].
var ruleDefaults = map[string]map[string]any{
	"call": {"max_calls_per_day": int64(3), "max_total_calls": int64(10), "retry_interval_minutes": int64(120),
		"start_time": "09:00", "end_time": "18:00", "escalation_after_failed_attempts": int64(0)},
	"text": {"start_time": "09:00"},
}

// normalizeRule brings a rule into the form of a read. Times get seconds. Type
// text sets both limits to 1 and clears the fields of calls, whatever was sent. Type
// call has a default where nothing is set [doc].
func normalizeRule(_ *call, v, before map[string]any) error {
	if before == nil {
		for k, d := range ruleDefaults[text(v, "type")] {
			if _, sent := v[k]; !sent {
				v[k] = d
			}
		}
	}
	if text(v, "type") == "text" {
		v["max_calls_per_day"], v["max_total_calls"] = int64(1), int64(1)
		for _, k := range [...]string{"retry_interval_minutes", "end_time", "escalation_after_failed_attempts", "escalation_type", "escalation_target"} {
			v[k] = nil
		}
	}
	if text(v, "type") == "call" { // null is for texts alone
		for _, k := range [...]string{"retry_interval_minutes", "end_time"} {
			if v[k] == nil {
				v[k] = ruleDefaults["call"][k]
			}
		}
	}
	for _, k := range [...]string{"start_time", "end_time"} {
		if t := text(v, k); len(t) == len("09:00") {
			v[k] = t + ":00"
		}
	}
	return nil
}

// ruleInUse refuses to delete a rule if one of its campaigns is Active, In
// Process or Importing. It detaches the rule from the other campaigns [index].
func ruleInUse(c *call, id string, _ map[string]any) error {
	return c.detach(id, "rule_in_use", []string{"Active", "In Process", "Importing"}, func(v map[string]any) bool {
		return text(v, "_rule") == id
	}, func(v map[string]any) { delete(v, "_rule") })
}

// poolInUse refuses to delete a pool if one of its campaigns is In Process or
// Importing [index].
func poolInUse(c *call, id string, _ map[string]any) error {
	return c.detach(id, "pool_in_use", []string{"In Process", "Importing"}, func(v map[string]any) bool {
		return slices.Contains(list(v, "_pools"), any(id))
	}, func(v map[string]any) {
		v["_pools"] = slices.DeleteFunc(list(v, "_pools"), func(p any) bool { return p == id })
	})
}

func (c *call) detach(id, code string, busy []string, uses func(map[string]any) bool, release func(map[string]any)) error {
	for _, o := range c.s.state.of("campaigns").order {
		if !uses(o.v) {
			continue
		}
		if slices.Contains(busy, text(o.v, "status")) {
			return conflict(code, "It is attached to the campaign "+text(o.v, "name")+", which is "+text(o.v, "status"))
		}
		v := clone(o.v)
		release(v)
		c.put("campaigns", o.id, v)
	}
	return nil
}

// poolDetail adds the campaigns and the number of items by status [index]. A
// pool of the sandbox has no contacts.
func poolDetail(c *call, id string, v map[string]any) map[string]any {
	out := clone(v)
	attached := []any{}
	for _, o := range c.s.state.of("campaigns").order {
		if slices.Contains(list(o.v, "_pools"), any(id)) {
			attached = append(attached, map[string]any{"uuid": o.id, "name": o.v["name"], "status": o.v["status"]})
		}
	}
	out["status_counts"] = map[string]any{}
	out["campaigns"] = attached
	return out
}

// campaignDetail adds the rule and the pools [index].
func campaignDetail(c *call, _ string, v map[string]any) map[string]any {
	out := clone(v)
	out["rule"] = nil
	if r, ok := c.lookup("campaign_rules", text(v, "_rule")); ok {
		out["rule"] = ruleSummary(r)
	}
	pools := []any{}
	for _, p := range list(v, "_pools") {
		if pv, ok := c.lookup("pools", p.(string)); ok {
			pools = append(pools, map[string]any{"uuid": p, "name": pv["name"]})
		}
	}
	out["pools"] = pools
	return out
}

func ruleSummary(r map[string]any) map[string]any {
	out := map[string]any{}
	for _, k := range [...]string{"uuid", "name", "type", "max_calls_per_day", "max_total_calls", "retry_interval_minutes", "start_time", "end_time"} {
		out[k] = r[k]
	}
	return out
}

func campaignHandlers() handlers {
	return handlers{
		"setCampaignRule":     setCampaignRule,
		"removeCampaignRule":  removeCampaignRule,
		"attachCampaignPools": attachPools,
		"detachCampaignPool":  detachPool,
		"publishCampaign":     publishCampaign,
	}
}

// editCampaign changes a copy of the campaign in the path.
func editCampaign(c *call, edit func(v map[string]any) (*reply, error)) (*reply, error) {
	old, err := c.find("campaigns", "Campaign", c.params[0])
	if err != nil {
		return nil, err
	}
	v := clone(old)
	rep, err := edit(v)
	if err != nil {
		return nil, err
	}
	v["updated_at"] = c.stamp()
	c.put("campaigns", c.params[0], v)
	return rep, nil
}

func setCampaignRule(c *call) (*reply, error) {
	return editCampaign(c, func(v map[string]any) (*reply, error) {
		body := map[string]any{}
		if err := c.fill(c.op.in, body, c.body, "", true); err != nil {
			return nil, err
		}
		v["_rule"] = body["rule_uuid"] // one rule per campaign [doc]
		r, _ := c.lookup("campaign_rules", text(body, "rule_uuid"))
		return &reply{message: "Rule assigned to campaign", data: map[string]any{"campaign_uuid": c.params[0], "rule": ruleSummary(r)}}, nil
	})
}

func removeCampaignRule(c *call) (*reply, error) {
	return editCampaign(c, func(v map[string]any) (*reply, error) {
		delete(v, "_rule")
		return &reply{message: "Rule detached from campaign"}, nil
	})
}

// attachPools only adds. It skips pools that are attached already and reports
// unknown ones [index].
func attachPools(c *call) (*reply, error) {
	return editCampaign(c, func(v map[string]any) (*reply, error) {
		body := map[string]any{}
		if err := c.fill(c.op.in, body, c.body, "", true); err != nil {
			return nil, err
		}
		pools, unknown := slices.Clone(list(v, "_pools")), []any{}
		attached, skipped := 0, 0
		for _, p := range list(body, "pool_uuids") {
			switch {
			case !c.exists("pools", p.(string)):
				unknown = append(unknown, p)
			case slices.Contains(pools, p):
				skipped++
			default:
				pools = append(pools, p)
				attached++
			}
		}
		v["_pools"] = pools
		return &reply{message: "Pools attached to campaign", data: map[string]any{"campaign_uuid": c.params[0],
			"pools_attached": attached, "pools_skipped": skipped, "pool_uuids_not_found": unknown}}, nil
	})
}

func detachPool(c *call) (*reply, error) {
	return editCampaign(c, func(v map[string]any) (*reply, error) {
		pools := slices.Clone(list(v, "_pools"))
		i := slices.Index(pools, any(c.params[1]))
		if i < 0 {
			return nil, missing("Pool")
		}
		v["_pools"] = slices.Delete(pools, i, i+1)
		return &reply{message: "Pool detached from campaign"}, nil
	})
}

// publishCampaign starts a campaign if its status allows that [index]. The 409
// for any other status is an assumption.
func publishCampaign(c *call) (*reply, error) {
	return editCampaign(c, func(v map[string]any) (*reply, error) {
		if !slices.Contains([]string{"Active", "Draft", "Paused", "Failed"}, text(v, "status")) {
			return nil, conflict("campaign_not_startable", "The campaign is "+text(v, "status"))
		}
		v["status"] = "In Process"
		return &reply{message: "Campaign published", data: map[string]any{"uuid": c.params[0], "status": "In Process"}}, nil
	})
}
