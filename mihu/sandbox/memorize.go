package sandbox

import (
	"slices"
	"strconv"
)

// flagsKey holds the flags of contact fields inside memorize settings, by
// field_id. Only changed flags are stored.
const flagsKey = "_flags"

func memorizeFactory(string) map[string]any {
	return map[string]any{
		"is_active":           true,
		"contact_memory":      map[string]any{"enabled": true},
		"conversation_memory": map[string]any{"enabled": true},
		"channels":            map[string]any{"voice": true, "text": true},
		"summary":             map[string]any{"cadence": "per_session"},
	}
}

// flags returns the flags of a contact field (M6) with their factory values.
// They are the booleans of the contract's row.
func (c *call) flags() []field {
	return slices.DeleteFunc(slices.Clone(c.op.out.fields), func(f field) bool { return f.typ != tBool })
}

func memorizeFieldHandlers() handlers {
	return handlers{
		"listEvaluateFeatures":               listEvaluateFeatures,
		"listMemorizeContactFields":          listMemorizeFields,
		"listMemorizeDefaultContactFields":   getDefaultFlags,
		"updateMemorizeDefaultContactFields": updateDefaultFlags,
		"listAgentMemorizeContactFields":     getOwnFlags,
		"updateAgentMemorizeContactFields":   updateOwnFlags,
	}
}

// memorizeFields returns the fields that can be remembered: the built-in ones
// and all active custom ones [index], by the ids of analyzers (M6).
func (c *call) memorizeFields() []any {
	var out []any
	for _, f := range [...][2]string{{"name", "Name"}, {"surname", "Surname"}, {"email", "Email"}, {"phone_number", "Phone number"},
		{"country_code", "Country"}, {"timezone", "Timezone"}, {"primary_language", "Language"}} {
		out = append(out, map[string]any{"field_id": "b_" + f[0], "name": f[1], "type": "builtin"})
	}
	for _, o := range c.s.state.of("contact_fields").order {
		if o.v["is_active"] != false {
			out = append(out, map[string]any{"field_id": "f_" + o.id, "name": o.v["name"], "type": "custom"})
		}
	}
	return out
}

func listMemorizeFields(c *call) (*reply, error) {
	return c.catalogList(c.memorizeFields())
}

// flagsReply answers the catalog with the flags of the settings [index].
func (c *call) flagsReply(settings map[string]any, source string) *reply {
	stored, flags := sub(settings, flagsKey), c.flags()
	fields := []any{}
	for _, it := range c.memorizeFields() {
		id := text(it.(map[string]any), "field_id")
		row := map[string]any{"field_id": id, "name": it.(map[string]any)["name"]}
		for _, f := range flags {
			row[f.name] = f.def
			if v, ok := sub(stored, id)[f.name]; ok {
				row[f.name] = v
			}
		}
		fields = append(fields, row)
	}
	if c.s.opts.Variants.Shuffle {
		fields = c.s.shuffled(fields)
	}
	out := &reply{message: "Memorize contact fields retrieved"}
	switch form := c.s.opts.Variants.FlagRows; form {
	case "array":
		out.data = fields
	case "odd":
		byID := map[string]any{}
		for _, f := range fields {
			byID[text(f.(map[string]any), "field_id")] = f
		}
		out.data = map[string]any{"source": source, "flags": byID}
	case "":
		out.data = map[string]any{"source": source, "fields": fields}
	default:
		out.data = map[string]any{"source": source, form: fields}
	}
	return out
}

// toggle stores the flags of the body. It changes only those that were sent
// [index].
func (c *call) toggle(settings map[string]any) error {
	body := map[string]any{}
	if err := c.fill(c.op.in, body, c.body, "", true); err != nil {
		return err
	}
	known := map[string]bool{}
	for _, it := range c.memorizeFields() {
		known[text(it.(map[string]any), "field_id")] = true
	}
	flags := made(settings, flagsKey)
	for i, it := range list(body, "fields") {
		row := it.(map[string]any)
		id := text(row, "field_id")
		if !known[id] {
			at := "fields." + strconv.Itoa(i) + ".field_id"
			return invalid(at, "The field "+at+" names an unknown contact field")
		}
		for _, f := range c.flags() {
			if v, sent := row[f.name]; sent {
				made(flags, id)[f.name] = v
			}
		}
	}
	return nil
}

func getDefaultFlags(c *call) (*reply, error) {
	return c.flagsReply(c.theDefault(memorizeSettings), "default"), nil
}

func updateDefaultFlags(c *call) (*reply, error) {
	v := clone(c.theDefault(memorizeSettings))
	if err := c.toggle(v); err != nil {
		return nil, err
	}
	c.put(memorizeSettings.kind, defaultKey, v)
	return c.flagsReply(v, "default"), nil
}

func getOwnFlags(c *call) (*reply, error) {
	v, had, err := memorizeSettings.own(c)
	if err != nil {
		return nil, err
	}
	source := "default"
	if had {
		source = "agent"
	}
	return c.flagsReply(v, source), nil
}

// updateOwnFlags copies the default into an override on the first edit [index].
func updateOwnFlags(c *call) (*reply, error) {
	old, _, err := memorizeSettings.own(c)
	if err != nil {
		return nil, err
	}
	v := clone(old)
	if err := c.toggle(v); err != nil {
		return nil, err
	}
	c.put(memorizeSettings.kind, c.params[0], v)
	return c.flagsReply(v, "agent"), nil
}
