package secondopinion

import (
	"regexp"
	"strings"
	"testing"
)

// A webhook's secret cannot be read, so only the journal can tell that it is another.
func TestARotatedSecretShows(t *testing.T) {
	p := start(t, New(Plain(), 1))
	dir := p.committed(t, strings.ReplaceAll(hooked, "ROLE", "Help"))
	p.must(t, 0, dir, "apply", "--yes", dir)
	rotated := regexp.MustCompile(`(?s)agents/support/webhooks/crm.{0,200}(secret|rotated|value)`)
	tells := func(r result) bool { return rotated.MatchString(r.out + r.errout) }
	if r := p.must(t, 0, dir, "plan", dir); tells(r) {
		t.Errorf("nothing was rotated: %v", r)
	}
	env := p.env
	p.env = append(env[:len(env):len(env)], "CRM=canary-other")
	if r := p.run(t, dir, "plan", dir); !tells(r) {
		t.Errorf("the secret of agents/support/webhooks/crm was rotated, and the plan does not say it: %v", r)
	}
	// With another token the digest says nothing.
	p.mu.Lock()
	p.Token = "another-token"
	p.mu.Unlock()
	p.env = append(env[:len(env):len(env)], "MIHU_API_TOKEN=another-token")
	if r := p.run(t, dir, "plan", dir); strings.Contains(r.out, "webhooks/crm  update") || strings.Contains(r.out+r.errout, "rotated") || strings.Contains(r.out+r.errout, "changed since") {
		t.Errorf("after a change of the token a secret is told to be changed: %v", r)
	}
}
