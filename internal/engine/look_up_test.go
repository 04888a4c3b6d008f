package engine_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/mihusync/mihusync/internal/engine"
	"github.com/mihusync/mihusync/internal/testkit/service"
	"github.com/mihusync/mihusync/mihu/sandbox"
	"github.com/mihusync/mihusync/plan/field"
)

// refused returns the problems of a plan that must not come about, in one text.
func (w *world) refused(body string) string {
	w.Helper()
	_, err := engine.Plan(context.Background(), w.client.Reader(), w.load(body), engine.PlanOptions{})
	if err == nil {
		w.Fatalf("a plan was made of %s", body)
	}
	if len(w.writes) > 0 {
		w.Errorf("planning wrote %v", w.writes)
	}
	return strings.Join(service.Problems(w.T, err), "\n")
}

// asked counts the requests of a plan for a path that begins as given.
func (w *world) asked(prefix string) int {
	n := 0
	for _, path := range w.gets {
		if strings.HasPrefix(path, prefix) {
			n++
		}
	}
	return n
}

// TestValuesThatTheServiceOffers refuses what the service's own lists do not have, for
// objects that exist and for new ones, before the first write.
func TestValuesThatTheServiceOffers(t *testing.T) {
	w := newWorld(t)
	w.apply(`agents: old: {language: "de", timezone: "UTC"}`)
	w.writes = nil
	for _, test := range []struct{ files, want string }{
		{`agents: old: language: "xx"`, `agents/old: the service has no language "xx"`},
		{`agents: new: language: "xx"`, `agents/new: the service has no language "xx"`},
		{`agents: old: settings: voice: voice_profile: language: "xx"`, `agents/old: the service has no language "xx"`},
		{`agents: old: timezone: "Europe/Berln"`, `agents/old: the service has no time zone "Europe/Berln"`},
		{`agents: new: timezone: "Europe/Berln"`, `agents/new: the service has no time zone "Europe/Berln"`},
	} {
		if got := w.refused(test.files); got != test.want {
			t.Errorf("%s: %s, want %s", test.files, got, test.want)
		}
	}
	both := w.refused(`agents: {old: language: "xx", new: timezone: "Mars/Olympus"}`)
	if !strings.Contains(both, "xx") || !strings.Contains(both, "Mars/Olympus") {
		t.Errorf("the plan says %s", both)
	}
}

// TestLooksUpOnce asks for a list once in a run, and not for values that stay.
func TestLooksUpOnce(t *testing.T) {
	w := newWorld(t)
	w.apply(`agents: {a: {language: "de", timezone: "UTC"}, b: {language: "de", timezone: "UTC"}}`)
	w.gets = nil
	w.plan(`agents: {a: {language: "de", timezone: "UTC", role: "x"}, b: {timezone: "UTC", role: "y"}}`, engine.PlanOptions{})
	if n := w.asked("/languages") + w.asked("/timezones"); n != 0 {
		t.Errorf("values that stay were looked up in %d requests", n)
	}
	w.gets = nil
	w.plan(`agents: {a: language: "tr", b: language: "fr", c: {language: "es", timezone: "UTC"}}`, engine.PlanOptions{})
	for _, path := range w.gets {
		if n := w.asked(path); n != 1 {
			t.Errorf("%s was asked for %d times", path, n)
		}
	}
	if w.asked("/languages") == 0 || w.asked("/timezones") == 0 {
		t.Errorf("the lists were not read: %v", w.gets)
	}
}

// TestListThatIsNotKnown plans without a list that the service refuses, does not have,
// fails to answer, or answers in a form that nobody described.
func TestListThatIsNotKnown(t *testing.T) {
	for _, answer := range []struct {
		status int
		body   string
	}{
		{http.StatusForbidden, `{"success": false, "message": "no"}`}, {http.StatusNotFound, `{}`}, {http.StatusInternalServerError, ``},
		{http.StatusOK, `{"data": {"de": "German"}}`}, {http.StatusOK, `{"data": [{"iso": "de"}]}`}, {http.StatusOK, `{"data": []}`}, {http.StatusOK, `{"data": null}`},
	} {
		w := variantWorld(t, 1, sandbox.Variants{})
		w.answers = map[string]fixed{"/languages": {answer.status, answer.body}}
		p := w.plan(`agents: a: language: "de"`, engine.PlanOptions{})
		if len(p.Ops) != 1 || !slices.ContainsFunc(p.Warnings, func(n field.Note) bool { return n.Code == "not known" && slices.Contains(n.Addrs, "agents/a") }) {
			t.Errorf("%v: %d writes, warnings %v", answer, len(p.Ops), p.Warnings)
		}
	}
}

// TestListOfTexts takes a list of texts for what it means.
func TestListOfTexts(t *testing.T) {
	w := newWorld(t)
	w.answers = map[string]fixed{"/languages": {http.StatusOK, `{"data": ["de", "en"]}`}}
	w.plan(`agents: a: language: "de"`, engine.PlanOptions{})
	if got := w.refused(`agents: a: language: "fr"`); !strings.Contains(got, `"fr"`) {
		t.Errorf("the plan says %s", got)
	}
}
