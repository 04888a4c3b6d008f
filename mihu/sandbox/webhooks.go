package sandbox

import (
	"slices"
)

// maxWebhooks is the largest number of webhooks of an agent [index].
const maxWebhooks = 5

func webhookHandlers() handlers {
	return handlers{
		"listWebhooks":  listWebhooks,
		"createWebhook": createWebhook,
		"getWebhook":    getWebhook,
		"updateWebhook": updateWebhook,
		"deleteWebhook": deleteWebhook,
	}
}

func (c *call) webhook(agent map[string]any) (map[string]any, int, error) {
	its := list(agent, "webhooks")
	i := indexOf(its, "webhook_uuid", c.params[1])
	if i < 0 {
		return nil, 0, missing("Webhook")
	}
	return its[i].(map[string]any), i, nil
}

func webhookReply(c *call, v map[string]any, created bool) *reply {
	return &reply{data: c.view(v), created: created}
}

func listWebhooks(c *call) (*reply, error) {
	agent, err := c.agent()
	if err != nil {
		return nil, err
	}
	hooks := c.s.arrange(list(agent, "webhooks"), false, "webhook_uuid")
	p, err := paged(c, hooks, func(it any) any { return c.view(it.(map[string]any)) })
	if err != nil {
		return nil, err
	}
	return &reply{page: p}, nil
}

func getWebhook(c *call) (*reply, error) {
	agent, err := c.agent()
	if err != nil {
		return nil, err
	}
	v, _, err := c.webhook(agent)
	if err != nil {
		return nil, err
	}
	return webhookReply(c, v, false), nil
}

func createWebhook(c *call) (*reply, error) {
	return c.editAgent(func(agent map[string]any) (*reply, error) {
		its := list(agent, "webhooks")
		v := map[string]any{}
		if err := c.fill(c.op.in, v, c.body, "", true); err != nil {
			return nil, err
		}
		if len(its) >= maxWebhooks {
			return nil, conflict("webhook_limit_reached", "An agent has at most 5 webhooks")
		}
		settleSecret(v)
		v["webhook_uuid"] = c.newID()
		v["created_at"], v["updated_at"] = c.stamp(), c.stamp()
		agent["webhooks"] = append(its, v)
		return webhookReply(c, v, true), nil
	})
}

func updateWebhook(c *call) (*reply, error) {
	return c.editAgent(func(agent map[string]any) (*reply, error) {
		v, _, err := c.webhook(agent)
		if err != nil {
			return nil, err
		}
		if err := c.fill(c.op.in, v, c.body, "", false); err != nil {
			return nil, err
		}
		settleSecret(v)
		v["updated_at"] = c.stamp()
		return webhookReply(c, v, false), nil
	})
}

// settleSecret sets has_secret, which is all that answers show of the secret. An
// empty secret clears the stored one [index].
func settleSecret(v map[string]any) {
	v["has_secret"] = text(v, "secret_key") != ""
}

func deleteWebhook(c *call) (*reply, error) {
	return c.editAgent(func(agent map[string]any) (*reply, error) {
		_, i, err := c.webhook(agent)
		if err != nil {
			return nil, err
		}
		agent["webhooks"] = slices.Delete(list(agent, "webhooks"), i, i+1)
		return &reply{}, nil
	})
}
