package sandbox

import (
	"fmt"
	"strings"
)

// submitTemplate checks a new template as Meta would and leaves it pending,
// because approval is asynchronous [index]. Name and language are unique in an
// account [doc]. The 422 for a second one is an assumption (O7).
func submitTemplate(c *call, v, _ map[string]any) error {
	body := ""
	for i, it := range list(v, "components") {
		comp := it.(map[string]any)
		switch kind := text(comp, "type"); kind {
		case "BODY":
			body = text(comp, "text")
			if body == "" {
				return invalid(fmt.Sprintf("components.%d.text", i), "A BODY needs a text")
			}
		case "HEADER", "FOOTER", "BUTTONS":
		default:
			if c.beyond() {
				continue
			}
			return invalid(fmt.Sprintf("components.%d.type", i), "The type of a component must be one of HEADER, BODY, FOOTER, BUTTONS")
		}
	}
	if body == "" && !c.beyond() {
		return invalid("components", "The components need a BODY") // (S3)
	}
	for _, o := range c.s.state.of("templates").order {
		if o.v["waba_id"] == v["waba_id"] && o.v["name"] == v["name"] && o.v["language"] == v["language"] {
			return invalid("name", "A template with this name and language exists in this account")
		}
	}
	v["status"] = "PENDING"
	v["content"] = body
	v["type"] = "whatsapp"
	v["template_id"] = metaID(c.newID())
	v["phone_number"] = c.s.catalog.wabas[text(v, "waba_id")]
	return nil
}

// metaID returns a number like the ids that Meta gives to templates.
func metaID(uuid string) string {
	var n uint64
	for _, r := range strings.ReplaceAll(uuid, "-", "")[:15] {
		n = n*16 + uint64(strings.IndexRune("0123456789abcdef", r))
	}
	return fmt.Sprintf("%015d", n%1_000_000_000_000_000)
}

func templateHandlers() handlers {
	return handlers{
		"syncTemplate":  syncTemplate,
		"syncTemplates": syncTemplates,
	}
}

// syncTemplate refreshes one template. A pending one is approved by then.
func syncTemplate(c *call) (*reply, error) {
	v, err := c.find("templates", "Template", c.params[0])
	if err != nil {
		return nil, err
	}
	v = approve(c, c.params[0], v)
	return &reply{message: "Template synced successfully", data: c.view(v)}, nil
}

func syncTemplates(c *call) (*reply, error) {
	body := map[string]any{}
	if err := c.fill(c.op.in, body, c.body, "", true); err != nil {
		return nil, err
	}
	n := 0
	for _, o := range c.s.state.of("templates").order {
		if o.v["waba_id"] == body["waba_id"] {
			approve(c, o.id, o.v)
			n++
		}
	}
	return &reply{message: "Templates synced successfully", data: map[string]any{"waba_id": body["waba_id"], "synced": n}}, nil
}

func approve(c *call, id string, v map[string]any) map[string]any {
	if text(v, "status") != "PENDING" {
		return v
	}
	v = clone(v)
	v["status"] = "APPROVED"
	v["updated_at"] = c.stamp()
	c.put("templates", id, v)
	return v
}
