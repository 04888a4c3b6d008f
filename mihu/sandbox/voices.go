package sandbox

// addVoices fills the voice library. Two voices share a name, so that a name can
// be ambiguous. The models differ in the fields that tune them.
func (cat *catalog) addVoices(seed uint64) {
	expressive := &voiceModel{fast: true, fields: []tuning{
		{"stability", "number", 0, 1, 0.5}, {"similarity", "number", 0, 1, 0.75}, {"style", "number", 0, 1, int64(0)},
		{"speed", "number", 0.7, 1.2, int64(1)}, {"speaker_boost", "boolean", 0, 0, true}}}
	swift := &voiceModel{fast: true, fields: []tuning{
		{"stability", "number", 0, 1, 0.5}, {"similarity", "number", 0, 1, 0.75}, {"speed", "number", 0.5, 1.5, int64(1)}}}
	classic := &voiceModel{fields: []tuning{{"speed", "number", 0.25, 4, int64(1)}}}
	for _, v := range [...]struct {
		name, language, gender, accent string
		model                          *voiceModel
	}{
		{"Aria", "en", "female", "american", expressive},
		{"Marcus", "en", "male", "british", expressive},
		{"Elif", "tr", "female", "istanbul", expressive},
		{"Jonas", "de", "male", "standard", swift},
		{"Camille", "fr", "female", "parisian", swift},
		{"Sofia", "es", "female", "castilian", expressive},
		{"Sofia", "en", "female", "american", classic},
		{"Kenji", "ja", "male", "tokyo", classic},
		{"Priya", "en", "female", "indian", swift},
		{"Lucas", "pt", "male", "brazilian", classic},
	} {
		id := named(seed, "voice", v.name, v.language, v.accent)
		row := map[string]any{"uuid": id, "name": v.name, "language": v.language, "gender": v.gender, "accent": v.accent}
		cat.voices = append(cat.voices, row)
		cat.byVoice[id] = row
		cat.models[id] = v.model
	}
}

func (cat *catalog) addLocales() {
	for _, l := range [...][2]string{
		{"en", "English"}, {"tr", "Turkish"}, {"de", "German"}, {"fr", "French"}, {"es", "Spanish"}, {"it", "Italian"},
		{"pt", "Portuguese"}, {"nl", "Dutch"}, {"pl", "Polish"}, {"ar", "Arabic"}, {"ja", "Japanese"}, {"hi", "Hindi"},
	} {
		cat.languages = append(cat.languages, map[string]any{"code": l[0], "name": l[1]})
		cat.codes[l[0]] = true
	}
	for _, z := range [...][2]string{
		{"UTC", "Coordinated Universal Time"},
		{"America/New_York", "New York (Eastern)"}, {"America/Chicago", "Chicago (Central)"},
		{"America/Denver", "Denver (Mountain)"}, {"America/Los_Angeles", "Los Angeles (Pacific)"},
		{"America/Sao_Paulo", "São Paulo"}, {"Europe/London", "London"}, {"Europe/Berlin", "Berlin"},
		{"Europe/Paris", "Paris"}, {"Europe/Madrid", "Madrid"}, {"Europe/Istanbul", "Istanbul"},
		{"Asia/Dubai", "Dubai"}, {"Asia/Kolkata", "Kolkata"}, {"Asia/Tokyo", "Tokyo"}, {"Australia/Sydney", "Sydney"},
	} {
		cat.timezones = append(cat.timezones, map[string]any{"value": z[0], "label": z[1]})
		cat.zones[z[0]] = true
	}
}
