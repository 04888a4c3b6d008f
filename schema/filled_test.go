package schema

import "testing"

// TestFilledAgain takes the value that a service fills in for null, and no other.
func TestFilledAgain(t *testing.T) {
	agent := KindOf("agents").Fields
	greeting := agent.Lookup("settings").Lookup("voice").Lookup("interaction").Lookup("inbound_first_message")
	threshold := KindOf("agents").Child("intents").Fields.Lookup("confidence_threshold")
	for _, c := range []struct {
		field *Field
		live  any
		want  bool
	}{
		{agent.Lookup("language"), "en", true}, {agent.Lookup("language"), "de", false}, {agent.Lookup("language"), nil, false},
		{agent.Lookup("role"), "en", false}, {threshold, 0.7, true}, {threshold, 0.2, false},
		{greeting, "Hello, this is Desk.", true}, {greeting, "Hello.", false}, {greeting, nil, false},
	} {
		if got := c.field.FilledAgain(c.live, "", "Desk"); got != c.want {
			t.Errorf("%s: %v is %v", c.field.Name, c.live, got)
		}
	}
}
