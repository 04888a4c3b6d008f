package sandbox

import (
	"cmp"
	"strings"
)

// resources is the table of plain kinds. It holds what the contract cannot say.
func resources() []*resource {
	return []*resource{
		// By name [index]. Deleting one that schedules use is not refused (O11).
		{kind: "availability_types", one: "AvailabilityType", many: "AvailabilityTypes", what: "Availability type", order: byName},
		{kind: "schedules", one: "Schedule", many: "Schedules", what: "Schedule"},
		{kind: "contact_fields", one: "ContactField", many: "ContactFields", what: "Contact field",
			order: byCreation, derive: contactFieldKey}, // a new one is the last [index]
		{kind: "contact_tags", one: "ContactTag", many: "ContactTags", what: "Contact tag"},
		{kind: "pipeline_stages", one: "PipelineStage", many: "PipelineStages", what: "Pipeline stage",
			order: byOrder, settle: appendStage}, // display order [index]
		{kind: "campaign_rules", one: "CampaignRule", many: "CampaignRules", what: "Rule",
			settle: normalizeRule, drop: ruleInUse},
		{kind: "pools", one: "Pool", many: "Pools", what: "Pool", drop: poolInUse, detail: poolDetail},
		{kind: "campaigns", one: "Campaign", many: "Campaigns", what: "Campaign",
			order: byCreation, detail: campaignDetail}, // by creation date [index]
		{kind: "templates", one: "Template", many: "Templates", what: "Template", settle: submitTemplate},
	}
}

func byName(a, b *entry) int {
	return cmp.Or(cmp.Compare(strings.ToLower(text(a.v, "name")), strings.ToLower(text(b.v, "name"))), cmp.Compare(a.seq, b.seq))
}

func byOrder(a, b *entry) int {
	return cmp.Or(cmp.Compare(whole(a.v, "order"), whole(b.v, "order")), cmp.Compare(a.seq, b.seq))
}

func byCreation(a, b *entry) int { return cmp.Compare(a.seq, b.seq) }

// contactFieldKey derives a unique snake_case key from the name. If the key is
// taken, it gets a numeric suffix [index].
func contactFieldKey(c *call, v map[string]any) string {
	return unused(snake(text(v, "name"), "field"), func(key string) bool {
		_, taken := c.lookup("contact_fields", key)
		return taken
	})
}

// appendStage puts a stage without an order at the end [index].
func appendStage(c *call, v, _ map[string]any) error {
	if v["order"] != nil {
		return nil
	}
	last := int64(0)
	if stages := c.s.state.of("pipeline_stages").ordered("documented", byOrder); len(stages) > 0 {
		last = whole(stages[len(stages)-1].v, "order")
	}
	v["order"] = last + 1
	return nil
}
