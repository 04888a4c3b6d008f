package promote

import (
	"strings"

	"github.com/mihusync/mihusync/schema"
)

// environmentBound are the fields and objects that belong to an environment and
// not to a configuration. Promotion keeps the target's values of them. An
// address pattern keeps whole objects; one with "#" and a path keeps a field.
// Every secret of the schema is kept too.
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

// keeper decides which objects and fields of the target stay.
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

// object says whether an object of the target stays as a whole.
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

// field says whether the target's value of a field stays (kept), and whether the
// source's value would be wrong in another environment (bound).
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
		// The pattern names a field of the object, and not one of a nested
		// object.
		if !strings.Contains(p.addr, "**") && strings.Count(p.addr, "/") != strings.Count(addr, "/") {
			continue
		}
		if (schema.Selection{Only: []string{p.addr}}).Match(addr) {
			return true
		}
	}
	return false
}
