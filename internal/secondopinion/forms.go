package secondopinion

import "math/rand/v2"

// Forms chooses how the service answers where no source says it. The zero value
// is not a service; take Plain, Each or Draw.
type Forms struct {
	// NoAction answers the read of an action that an intent does not have:
	// "404", "null", "{}" or "[]".
	NoAction string
	// Unset shows a text or object without a value: "missing", "null", "empty"
	// ("", {} and []) or "brackets" ("", and [] for objects too).
	Unset string
	// Mirrors shows read-only relations: schedules, counts and an owner on agents,
	// an integer id and the availability type on schedules, ids elsewhere.
	Mirrors bool
	// BindingsKey is where an agent shows its channels: "" for nowhere, or a key.
	BindingsKey string
	// BindingsMap shows them as a map by channel instead of a list.
	BindingsMap bool
	// Nested shows intents and webhooks inside the agent as well.
	Nested bool
	// OverridesInAgent fills settings.evaluation and settings.memorize.
	OverridesInAgent bool
	// RowsKey names the rows of an agent's channels; RowsMap shows a row's
	// channels as a snapshot instead of a list of names.
	RowsKey string
	RowsMap bool
	// TuningMap, TuningKey, TuningDeep and TuningValue shape GET voice-advanced.
	TuningMap   bool
	TuningKey   string
	TuningDeep  bool
	TuningValue string
	// RefillNull fills a field again that is set to null.
	RefillNull bool
	// ShuffleTies changes the order of items with equal order on every read.
	ShuffleTies bool
	// Twins gives the catalogs two entries of one name.
	Twins bool
	// Beyond accepts, and a live workspace has, values outside the known lists.
	Beyond bool
	// Envelope is "E1", "E2" or "between".
	Envelope string
	// Pager shapes lists of unknown shape: "P1", "P2" or "P3". AgentPager says
	// where the agents' pager stands: "pagination", "beside" or "none". PageCap
	// is the most rows of a page where the pager tells the pages.
	Pager      string
	AgentPager string
	PageCap    int
	// FieldsPager shapes the lists of contact-field flags, likewise.
	FieldsPager string
	// CreateStatus is 200 or 201. DeleteBody says whether a delete answers one,
	// ActionBody whether publish and assign do.
	CreateStatus int
	DeleteBody   bool
	ActionBody   bool
	// Strict refuses keys that no source names, in every object.
	Strict bool
	// NeedName refuses a PATCH of an agent or intent without its name, as the
	// shared schema flags it.
	NeedName bool
	// Token shows an intent's auth_token: "plain" or "masked".
	Token string
	// ErrorIn is "error" or "data".
	ErrorIn string
	// System gives every new agent an intent of the service's own.
	System bool
	// BranchHead lets a step be put at the head of a branch that has steps.
	BranchHead bool
	// RenumberDrafts puts a step back to draft when its references are rewritten.
	RenumberDrafts bool
	// Records gives triggers a record to test with.
	Records bool
	// OverridesHidden shows interruption overrides only while they act.
	OverridesHidden bool
	// BoughtOnly makes call provisioning refuse an external number, which has an
	// endpoint of its own. It is not drawn: one test is about it.
	BoughtOnly bool
	// Speeds names the key of a voice's speeds, "" for plain texts.
	Speeds string
	// State is the key under which a connection shows whether it is active: "" for
	// nowhere, "status" or "state" for a text, "is_active" for a flag.
	State string
	// DeepMirrors shows ids inside list members, too. It is not drawn: a strict
	// service refuses a replacement that carries them, once.
	DeepMirrors bool
}

// Plain is the service as the examples of the documents show it.
func Plain() Forms {
	return Forms{
		NoAction: "404", Unset: "null", RowsKey: "phone_numbers", TuningKey: "field", TuningValue: "value",
		Envelope: "E1", Pager: "P3", FieldsPager: "P3", AgentPager: "pagination", PageCap: 100, CreateStatus: 201,
		DeleteBody: true, ActionBody: true, Token: "plain", ErrorIn: "error", BranchHead: true, Records: true, Speeds: "value",
	}
}

// Named is a service that differs from Plain in one form.
type Named struct {
	Name  string
	Forms Forms
}

// choices are the forms that Each and Draw choose from.
func choices() []struct {
	name   string
	values []func(*Forms)
} {
	flag := func(set func(*Forms, bool)) []func(*Forms) {
		return []func(*Forms){func(f *Forms) { set(f, true) }, func(f *Forms) { set(f, false) }}
	}
	word := func(set func(*Forms, string), words ...string) []func(*Forms) {
		out := make([]func(*Forms), len(words))
		for i, w := range words {
			out[i] = func(f *Forms) { set(f, w) }
		}
		return out
	}
	return []struct {
		name   string
		values []func(*Forms)
	}{
		{"NoAction", word(func(f *Forms, w string) { f.NoAction = w }, "404", "null", "{}", "[]")},
		{"Unset", word(func(f *Forms, w string) { f.Unset = w }, "missing", "null", "empty", "brackets")},
		{"Mirrors", flag(func(f *Forms, b bool) { f.Mirrors = b })},
		{"BindingsKey", word(func(f *Forms, w string) { f.BindingsKey = w }, "", "channel_bindings", "channels", "bindings")},
		{"BindingsMap", flag(func(f *Forms, b bool) {
			f.BindingsMap = b
			if b && f.BindingsKey == "" {
				f.BindingsKey = "channels"
			}
		})},
		{"Nested", flag(func(f *Forms, b bool) { f.Nested = b })},
		{"OverridesInAgent", flag(func(f *Forms, b bool) { f.OverridesInAgent = b })},
		{"RowsKey", word(func(f *Forms, w string) { f.RowsKey = w }, "phone_numbers", "items", "numbers")},
		{"RowsMap", flag(func(f *Forms, b bool) { f.RowsMap = b })},
		{"TuningMap", flag(func(f *Forms, b bool) { f.TuningMap = b })},
		{"TuningKey", word(func(f *Forms, w string) { f.TuningKey = w }, "field", "key", "name")},
		{"TuningDeep", flag(func(f *Forms, b bool) { f.TuningDeep = b })},
		{"TuningValue", word(func(f *Forms, w string) { f.TuningValue = w }, "value", "current_value")},
		{"RefillNull", flag(func(f *Forms, b bool) { f.RefillNull = b })},
		{"Twins", flag(func(f *Forms, b bool) { f.Twins = b })},
		{"ShuffleTies", flag(func(f *Forms, b bool) { f.ShuffleTies = b })},
		{"Beyond", flag(func(f *Forms, b bool) { f.Beyond = b })},
		{"Envelope", word(func(f *Forms, w string) { f.Envelope = w }, "E1", "E2", "between")},
		{"Pager", word(func(f *Forms, w string) { f.Pager = w }, "P1", "P2", "P3")},
		{"FieldsPager", word(func(f *Forms, w string) { f.FieldsPager = w }, "P1", "P2", "P3")},
		{"AgentPager", word(func(f *Forms, w string) { f.AgentPager = w }, "pagination", "beside", "none")},
		{"PageCap", []func(*Forms){func(f *Forms) { f.PageCap = 2 }, func(f *Forms) { f.PageCap = 100 }}},
		{"CreateStatus", []func(*Forms){func(f *Forms) { f.CreateStatus = 200 }, func(f *Forms) { f.CreateStatus = 201 }}},
		{"DeleteBody", flag(func(f *Forms, b bool) { f.DeleteBody = b })},
		{"ActionBody", flag(func(f *Forms, b bool) { f.ActionBody = b })},
		{"Strict", flag(func(f *Forms, b bool) { f.Strict = b })},
		{"NeedName", flag(func(f *Forms, b bool) { f.NeedName = b })},
		{"Token", word(func(f *Forms, w string) { f.Token = w }, "plain", "masked")},
		{"ErrorIn", word(func(f *Forms, w string) { f.ErrorIn = w }, "error", "data")},
		{"System", flag(func(f *Forms, b bool) { f.System = b })},
		{"BranchHead", flag(func(f *Forms, b bool) { f.BranchHead = b })},
		{"RenumberDrafts", flag(func(f *Forms, b bool) { f.RenumberDrafts = b })},
		{"Records", flag(func(f *Forms, b bool) { f.Records = b })},
		{"OverridesHidden", flag(func(f *Forms, b bool) { f.OverridesHidden = b })},
		{"Speeds", word(func(f *Forms, w string) { f.Speeds = w }, "value", "speed", "key", "")},
		{"State", word(func(f *Forms, w string) { f.State = w }, "", "status", "state", "is_active")},
	}
}

// Each gives one service for every value of every form, all else as in Plain.
func Each() []Named {
	out := []Named{{"Plain", Plain()}}
	for _, c := range choices() {
		for i, set := range c.values {
			f := Plain()
			set(&f)
			if f != Plain() {
				out = append(out, Named{c.name + "#" + string(rune('0'+i)), f})
			}
		}
	}
	return out
}

// Draw gives a mix of all forms, the same for the same seed.
func Draw(seed uint64) Forms {
	r := rand.New(rand.NewPCG(seed, 0x6d696875))
	f := Plain()
	for _, c := range choices() {
		c.values[r.IntN(len(c.values))](&f)
	}
	return f
}
