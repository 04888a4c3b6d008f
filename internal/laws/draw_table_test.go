package laws

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mihusync/mihusync/schema"
)

// source draws the values of one field whose definition does not say all that the
// service asks for.
type source struct {
	why  string
	draw func(d *drawer, at site, around object) (any, bool)
}

// sources is the table of what the sandbox knows and the schema does not. A field
// that is not in it is drawn by its definition alone.
var sources = map[string]source{
	"agents.language": {"the service refuses codes that its catalog lacks", one(func(c *catalog) []string { return c.languages })},
	"agents.settings.voice.voice_profile.language": {"the service refuses codes that its catalog lacks", one(func(c *catalog) []string { return c.languages })},
	"agents.timezone":                         {"the service refuses zones that its catalog lacks", one(func(c *catalog) []string { return c.timezones })},
	"channels.call":                           {"a number serves one agent", numberFor("call")},
	"channels.sms":                            {"a number serves one agent, and not every number carries texts", numberFor("sms")},
	"templates.name":                          {"no two templates have the same name and language, and the form is Meta's", numbered("order_update_%d")},
	"templates.language":                      {"a name in a form that Meta knows", oneOf("en_US", "tr", "pt_BR")},
	"templates.components":                    {"the parts of a message are Meta's", func(d *drawer, _ site, _ object) (any, bool) { return d.components(), true }},
	"intents.key":                             {"no two intents of an agent have the same key", numbered("key_%d")},
	"intents.webhook.url":                     {"an address", numbered("https://hooks.example.com/%d")},
	"action.webhook.url":                      {"an address", numbered("https://act.example.com/%d")},
	"webhooks.url":                            {"an address that no other webhook has", numbered("https://crm.example.com/%d")},
	"evaluate.sessionization.timeout_minutes": {"the limits are not known; the sandbox takes no 0", minutes},
	"trigger.sample":                          {"an empty record is none, and a step cannot be tested without one", record},
	"memorize.summary.cadence":                {"the service refuses words that it does not know", one(func(c *catalog) []string { return c.cadences })},
}

// drawnByCode are the fields whose values depend on each other in ways that no
// definition tells.
var drawnByCode = map[string]string{
	"agents.settings.voice.voice_advanced.*": "a voice has fine settings of its own, see tune",
	"agents.settings.voice.voice_advanced":   "a voice has fine settings of its own, see tune",
	"agents.speed":                           "the service refuses a voice that does not support the speed, see tune",
	"action.app":                             "an app, its action and its connection belong together, see appCall",
	"action.action":                          "an app, its action and its connection belong together, see appCall",
	"action.connection":                      "an app, its action and its connection belong together, see appCall",
	"flows.trigger":                          "steps refer to the trigger, see flowBody",
	"flows.steps":                            "steps refer to each other, see flowBody",
	"trigger.id":                             "steps refer to the trigger by it, see flowBody",
	"trigger.app":                            "an app, its event and its connection belong together, see flowBody",
	"trigger.event":                          "an app, its event and its connection belong together, see flowBody",
	"trigger.connection":                     "an app, its event and its connection belong together, see flowBody",
	"trigger.config":                         "an event says which settings it needs, see flowBody",
	"steps.id":                               "steps refer to each other by it, see flowBody",
	"steps.app":                              "an app, its action and its connection belong together, see flowBody",
	"steps.action":                           "an app, its action and its connection belong together, see flowBody",
	"steps.connection":                       "an app, its action and its connection belong together, see flowBody",
	"steps.agent":                            "only actions of one app take an agent, and it has to be ready, see flowBody",
	"steps.config":                           "an action says which settings it needs, see flowBody",
	"steps.then":                             "only an if_condition has branches, see flowBody",
	"steps.else":                             "only an if_condition has branches, see flowBody",
}

// alwaysDeclared are optional fields that are declared in every draw, and stay
// declared in every successor.
var alwaysDeclared = map[string]string{
	"action.webhook.auth_token":    "a live token that the files leave out is rightly refused, see TestUndeclaredToken",
	"routing_rules.detection_mode": "the service needs it for a new rule",
	"trigger.sample":               "an app without records cannot be tested otherwise",
}

// staysDeclared are optional fields that successors may change but not leave out.
var staysDeclared = map[string]string{
	"contact_fields.is_active": "the service refuses flags of a field that is out of use, and a file that leaves it open does not say so",
}

// neverCleared are fields that are never null, although the schema allows it.
var neverCleared = map[string]string{
	"channels.call": "the API cannot take a number for calls away",
}

// kept are fields that successors keep as they are.
var kept = map[string]string{
	"agents.status":      "a flow of another workspace could not use an agent that is not ready any more",
	"templates.language": "another language is another template",
	"templates.name":     "another name is another template",
}

// odds is how many of a hundred draws declare a field. What lies deep is declared
// more often, because all that it lies in has to be declared too.
func odds(path string) int {
	switch path {
	case "agents", "availability_types", "schedules":
		return 90
	case "flows", "contact_fields", "intents", "agents.appointments", "appointments.schedule_assignments":
		return 70
	case "channels":
		return 25
	}
	return 45 + 5*min(3, strings.Count(path, ".")-1)
}

// carriesExtra says whether the sandbox gives objects of the kind an unknown field.
func carriesExtra(k *schema.Kind) bool {
	return k.Top() && k.Shape == schema.Collection
}

// handleOf draws a key for an object of a kind. A contact field's is a key of the
// service, a template's stands in for a name in Meta's form.
func (d *drawer) handleOf(k *schema.Kind) string {
	switch k.Name {
	case "contact_fields":
		return fmt.Sprintf("field_%d", d.next())
	case "templates":
		return fmt.Sprintf("template_%d", d.next())
	}
	return d.handle(strings.ReplaceAll(k.Label, " ", "-"))
}

// key draws the key of a member of a map that holds no objects of a kind.
func (d *drawer) key(m *schema.Field, at site) (string, bool) {
	if at.path == "memorize.contact_fields" {
		return pick(d, d.memoryFields), true
	}
	return d.handle(m.Name), true
}

// catalogNames are the objects of a kind that every workspace or agent has.
func catalogNames(c *catalog, kind string) []string {
	switch kind {
	case "voices":
		var names []string
		for _, v := range c.voices {
			names = append(names, v.name)
		}
		return names
	case "whatsapp_accounts":
		return c.accounts
	case "intents":
		return []string{"system:end_conversation", "system:human_handoff"}
	}
	return nil
}

func one(names func(*catalog) []string) func(*drawer, site, object) (any, bool) {
	return func(d *drawer, _ site, _ object) (any, bool) { return pick(d, names(d.catalog)), true }
}

func oneOf(of ...string) func(*drawer, site, object) (any, bool) {
	return func(d *drawer, _ site, _ object) (any, bool) { return pick(d, of), true }
}

func record(d *drawer, _ site, _ object) (any, bool) {
	return object{"id": fmt.Sprint(d.next()), "email": "ada@example.com", "phone": "+15550100", "note": d.plainText()}, true
}

func minutes(d *drawer, _ site, _ object) (any, bool) { return int64(d.between(1, 90)), true }

func numbered(form string) func(*drawer, site, object) (any, bool) {
	return func(d *drawer, _ site, _ object) (any, bool) { return fmt.Sprintf(form, d.next()), true }
}

// numberFor draws a number that no other agent has. Calls leave those that carry
// texts for texts, as long as there are others.
func numberFor(channel string) func(*drawer, site, object) (any, bool) {
	return func(d *drawer, _ site, _ object) (any, bool) {
		i := slices.IndexFunc(d.numbers, func(n number) bool { return n.sms })
		if channel == "call" && len(d.numbers) > 0 {
			i = max(0, slices.IndexFunc(d.numbers, func(n number) bool { return !n.sms }))
		}
		if i < 0 {
			return nil, false
		}
		n := d.numbers[i]
		d.numbers = slices.Delete(slices.Clone(d.numbers), i, i+1)
		return object{"phone_number": n.number}, true
	}
}

// components draws the parts of a message as Meta defines them.
func (d *drawer) components() any {
	body := object{"type": "BODY", "text": d.textWith(true)}
	d.maybe(body, "example", func() any { return object{"body_text": []any{[]any{"Ada", "12"}}} })
	list := []any{body}
	if d.chance(40) {
		list = append([]any{object{"type": "HEADER", "format": "TEXT", "text": d.line()}}, list...)
	}
	if d.chance(40) {
		list = append(list, object{"type": "FOOTER", "text": d.line()})
	}
	if d.chance(30) {
		list = append(list, object{"type": "BUTTONS", "buttons": []any{object{"type": "QUICK_REPLY", "text": d.word()}}})
	}
	return list
}
