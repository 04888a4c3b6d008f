package promote

import (
	"strings"

	"github.com/mihusync/mihusync/schema"
)

// What belongs to an environment rather than to a configuration: promotion leaves
// it as the target has it. A pattern is an address pattern, which keeps whole
// objects, or one with "#" and the path of a field. Secrets are kept wherever the
// schema marks them.
var environmentBound = [...]string{
	"agents/*#custom_llm_url",
	"agents/*/webhooks/*#url",
	"agents/*/intents/*#webhook.url",
	"agents/*/intents/*/action#webhook.url",
	"agents/*/intents/*/action#connection",
	"agents/*/routing_rules/*#destination.phone_number",
	"agents/*/routing_rules/*#destination.extension",
	"agents/*/guard_rules/*#destination.phone_number",
	"agents/*/guard_rules/*#destination.extension",
	"agents/*/channels",
	"flows/*/steps/*#connection",
	"templates/*#account",
}

// keeper decides what stays as the target has it.
type keeper struct{ bound, asked []keepPattern }

type keepPattern struct{ addr, field string }

func newKeeper(asked []string) (*keeper, error) {
	k := &keeper{}
	for _, p := range environmentBound {
		k.bound = append(k.bound, parseKeep(p))
	}
	for _, p := range asked {
		one := parseKeep(p)
		if err := (schema.Selection{Only: []string{one.addr}}).Check(); err != nil {
			return nil, err
		}
		k.asked = append(k.asked, one)
	}
	return k, nil
}

func parseKeep(p string) keepPattern {
	addr, field, _ := strings.Cut(p, "#")
	return keepPattern{addr, field}
}

// object says whether an object stays as a whole.
func (k *keeper) object(addr string) bool {
	for _, list := range [][]keepPattern{k.bound, k.asked} {
		for _, p := range list {
			if p.field == "" && (schema.Selection{Only: []string{p.addr}}).Match(addr) {
				return true
			}
		}
	}
	return false
}

// field says whether a field stays, and whether its value could not serve another
// environment.
func (k *keeper) field(addr, path string, f *schema.Field) (kept, bound bool) {
	if f != nil && f.IsSecret() || matchField(k.bound, addr, path) {
		return true, true
	}
	return matchField(k.asked, addr, path), false
}

func matchField(list []keepPattern, addr, path string) bool {
	for _, p := range list {
		if p.field == "" || p.field != path && !strings.HasPrefix(path, p.field+".") {
			continue
		}
		// A field is one of the object named, not of what is nested in it.
		if !strings.Contains(p.addr, "**") && strings.Count(p.addr, "/") != strings.Count(addr, "/") {
			continue
		}
		if (schema.Selection{Only: []string{p.addr}}).Match(addr) {
			return true
		}
	}
	return false
}
