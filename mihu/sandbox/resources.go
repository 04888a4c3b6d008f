package sandbox

import (
	"cmp"
	"regexp"
	"strings"
)

var (
	hourMinute   = regexp.MustCompile(`^([01]\d|2[0-3]):[0-5]\d$`)
	templateName = regexp.MustCompile(`^[a-z0-9_]+$`)
)

// resources is the table of plain kinds.
func resources() []*resource {
	table := []*resource{
		{
			kind: "availability_types", one: "AvailabilityType", many: "AvailabilityTypes", what: "Availability type",
			path: "/availability-types", param: "uuid", id: "uuid",
			// Fields (S2). Deleting one that schedules use is not refused (O11).
			def: newDef(
				owned("uuid"),
				str("name").req(),
				integer("duration_minutes").atLeast(1).or(int64(30)),
				integer("buffer_before_minutes").atLeast(0).or(int64(0)),
				integer("buffer_after_minutes").atLeast(0).or(int64(0)),
				boolean("requires_approval").or(false),
				boolean("allow_double_booking").or(false),
				integer("min_notice_hours").atLeast(0),
				integer("max_advance_days").atLeast(0),
				integer("max_per_day").atLeast(0),
				workingHours(),
				owned("created_at"), owned("updated_at"),
			),
			list: listing{shape: "array", whole: true, order: byName}, // by name, not paginated [index]
		},
		{
			kind: "schedules", one: "Schedule", many: "Schedules", what: "Schedule",
			path: "/schedules", param: "uuid", id: "uuid",
			def: newDef(
				owned("uuid"),
				str("name").req(),
				str("type").or("appointment"), // [client]
				str("color"),
				ref("availability_type_uuid", "availability_types").req(),
				listOf("ai_agents", str("")), // opaque strings (O10)
				listOf("human_agents", str("")),
				rows("custom_questions", newDef(
					str("name").req(),
					str("type").or("text"),
					boolean("required").or(false),
					str("description"),
				)),
				owned("created_at"), owned("updated_at"),
			),
			list: listing{shape: "array", whole: true, equal: map[string]string{"availability_type_uuid": "availability_type_uuid"}}, // plain array [client]
		},
		{
			kind: "contact_fields", one: "ContactField", many: "ContactFields", what: "Contact field",
			path: "/contacts/fields", param: "key", id: "key",
			def: newDef(
				owned("key"),
				str("name").req(),
				boolean("is_active").or(true),
				owned("created_at"), owned("updated_at"),
			),
			list:   listing{shape: "array", open: true, include: true, order: byCreation}, // appended at the end [index]
			derive: contactFieldKey,
		},
		{
			kind: "contact_tags", one: "ContactTag", many: "ContactTags", what: "Contact tag",
			path: "/contacts/tags", param: "uuid", id: "uuid",
			def: newDef(
				owned("uuid"),
				str("name").req(),
				str("color"),
				str("description"),
				boolean("is_active").or(true),
				owned("created_at"), owned("updated_at"),
			),
			list: listing{shape: "array", open: true, include: true},
		},
		{
			kind: "pipeline_stages", one: "PipelineStage", many: "PipelineStages", what: "Pipeline stage",
			path: "/contacts/pipeline", param: "uuid", id: "uuid",
			def: newDef(
				owned("uuid"),
				str("name").req(),
				integer("order"),
				boolean("is_active").or(true),
				owned("created_at"), owned("updated_at"),
			),
			list:   listing{shape: "array", open: true, include: true, order: byOrder}, // display order [index]
			settle: appendStage,
		},
		{
			kind: "campaign_rules", one: "CampaignRule", many: "CampaignRules", what: "Rule",
			path: "/rules", param: "uuid", id: "uuid",
			def: newDef( // limits and defaults [doc]
				owned("uuid"),
				str("name").req().lens(3, 255),
				oneOf("type", "call", "text").or("call").notNull(),
				integer("max_calls_per_day").atLeast(1),
				integer("max_total_calls").atLeast(1),
				integer("retry_interval_minutes").atLeast(1),
				clock("start_time"),
				clock("end_time"),
				boolean("dnc_check").or(true),
				boolean("remove_on_opt_out").or(true),
				integer("escalation_after_failed_attempts").atLeast(0),
				str("escalation_type").lens(0, 255),
				str("escalation_target").lens(0, 255),
				owned("created_at"), owned("updated_at"),
			),
			list: listing{shape: "data", per: 15, equal: map[string]string{"type": "type"},
				search: []string{"name", "escalation_type", "escalation_target"}},
			settle: normalizeRule,
			drop:   ruleInUse,
		},
		{
			kind: "pools", one: "Pool", many: "Pools", what: "Pool",
			path: "/pools", param: "uuid", id: "uuid",
			def: newDef( // limits and defaults [doc]
				owned("uuid"),
				str("name").req().lens(3, 255),
				str("description").req(),
				oneOf("type", "FIFO", "LIFO", "Parallel").or("FIFO").notNull(),
				integer("max_parallel_items").between(1, 100).or(int64(10)).notNull(),
				integer("max_retries").atLeast(0).or(int64(3)).notNull(),
				boolean("is_active").or(true).notNull(),
				integer("contacts_count").ro().or(int64(0)),
				owned("created_at"), owned("updated_at"),
			),
			list:   listing{shape: "data", open: true, per: 15},
			drop:   poolInUse,
			detail: poolDetail,
		},
		{
			kind: "campaigns", one: "Campaign", many: "Campaigns", what: "Campaign",
			path: "/campaigns", param: "uuid", id: "uuid",
			def: newDef(
				owned("uuid"),
				str("name").req(),
				str("description"),
				oneOf("status", "Active", "Draft", "Completed", "Archived").or("Draft").notNull(), // writable ones [doc]
				str("campaign_type"),
				ref("agent_uuid", "agents"), // (S7)
				str("start_date"),
				str("end_date"),
				free("rules"),
				owned("created_at"), owned("updated_at"),
			),
			list: listing{shape: "data", per: 15, cap: 100, order: byCreation, // by creation date [index]
				equal: map[string]string{"status": "status"}, search: []string{"name"}},
			detail: campaignDetail,
		},
		{
			kind: "templates", one: "Template", many: "Templates", what: "Template",
			path: "/whatsapp/templates", param: "uuid", id: "uuid", immutable: true,
			def: newDef( // [doc]
				owned("uuid"),
				str("name").req().lens(1, 512).matching(templateName, "lowercase snake_case"),
				str("language").req(),
				oneOf("category", "MARKETING", "UTILITY", "AUTHENTICATION").req(),
				owned("status"),
				owned("content"),
				listOf("components", free("")).req().lens(1, 0),
				owned("template_id"),
				ref("waba_id", "whatsapp_accounts").req(),
				owned("phone_number"),
				owned("type"),
				owned("created_at"), owned("updated_at"),
			),
			list: listing{shape: "data", open: true, per: 15,
				equal:  map[string]string{"waba_id": "waba_id", "status": "status", "category": "category", "language": "language"},
				search: []string{"name", "content"}},
			settle: submitTemplate,
		},
	}
	for _, r := range table {
		r.def.top = true
	}
	return table
}

func byName(a, b *entry) int {
	return cmp.Or(cmp.Compare(strings.ToLower(text(a.v, "name")), strings.ToLower(text(b.v, "name"))), cmp.Compare(a.seq, b.seq))
}

func byOrder(a, b *entry) int {
	return cmp.Or(cmp.Compare(whole(a.v, "order"), whole(b.v, "order")), cmp.Compare(a.seq, b.seq))
}

func byCreation(a, b *entry) int { return cmp.Compare(a.seq, b.seq) }

// clock is a time of day, written as HH:MM.
func clock(name string) field { return str(name).matching(hourMinute, "a time of the form HH:MM") }

// workingHours lists spans by day (S2). It is replaced as a whole.
func workingHours() field {
	span := newDef(clock("start").req(), clock("end").req())
	var days []field
	for _, d := range [...]string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"} {
		days = append(days, rows(d, span))
	}
	return object("working_hours", days...)
}

// contactFieldKey derives a unique snake_case key from the name, with a numeric
// suffix on a clash [index].
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
