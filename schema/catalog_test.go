package schema_test

import (
	"slices"
	"testing"

	"github.com/mihusync/mihusync/schema"
)

func indexOf(kind string, items ...map[string]any) *schema.CatalogIndex {
	c := schema.NewCatalogIndex(schema.CatalogOf(kind))
	for _, item := range items {
		c.Add(item)
	}
	return c
}

// TestVoicesOfOneName tells voices apart by what people see, and by an id only where
// they see no difference.
func TestVoicesOfOneName(t *testing.T) {
	voice := func(id, name, language, gender string, accent any) map[string]any {
		return map[string]any{"uuid": id, "name": name, "language": language, "gender": gender, "accent": accent}
	}
	c := indexOf("voices",
		voice("1", "Nova", "en-GB", "female", "british"), voice("2", "Nova", "de", "female", nil), voice("3", "Aria", "en", "female", "american"),
		voice("4", "Kim", "en", "female", "american"), voice("5", "Kim", "en", "female", "british"),
		voice("6", "Bo", "en", "male", "irish"), voice("7", "Bo", "en", "male", "irish"))
	for id, want := range map[string]string{
		"1": "Nova (en-GB, female)", "2": "Nova (de, female)", "3": "Aria",
		"4": "Kim (en, female, american)", "5": "Kim (en, female, british)", "6": "", "7": "",
	} {
		if got := c.Name(id, ""); got != want {
			t.Errorf("%s is named %q, want %q", id, got, want)
		}
	}
	for name, want := range map[string][]string{
		"Nova": {"1", "2"}, "Nova (en-GB, female)": {"1"}, "Nova (en-GB)": {"1"}, "Nova (en-GB, female, british)": {"1"},
		"Aria (en, female)": {"3"}, "Kim (en, female)": {"4", "5"}, "Nova (fr, female)": nil, "(en)": nil,
	} {
		got := c.Find(name, "")
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%q means %v, want %v", name, got, want)
		}
	}
}

// TestLabelWithinAnApp looks for connections in their app, as far as the service
// shows it.
func TestLabelWithinAnApp(t *testing.T) {
	conn := func(id, label string, app any) map[string]any {
		return map[string]any{"uuid": id, "label": label, "app": app}
	}
	c := indexOf("connections", conn("1", "Acme", map[string]any{"uid": "slack"}), conn("2", "Acme", map[string]any{"uid": "zoho"}), conn("3", "Other", nil))
	for _, tc := range []struct {
		name, within string
		want         []string
	}{{"Acme", "slack", []string{"1"}}, {"Acme", "zoho", []string{"2"}}, {"Acme", "", []string{"1", "2"}}, {"Acme", "notion", nil}, {"Other", "slack", []string{"3"}}} {
		if got := c.Find(tc.name, tc.within); !slices.Equal(got, tc.want) {
			t.Errorf("%s in %q: %v, want %v", tc.name, tc.within, got, tc.want)
		}
	}
	if got := c.Name("1", ""); got != "" {
		t.Errorf("without its app the connection has the name %q", got)
	}
}
