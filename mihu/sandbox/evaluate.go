package sandbox

// feature is one analyzer of conversations.
type feature struct{ id, title, factory string }

// evaluateFeatures are exactly ten, in this order [doc]. Their factory
// descriptions are made up.
var evaluateFeatures = []feature{
	{"sentiment_analyzer", "Sentiment", "Say whether the contact's mood is positive, neutral or negative."},
	{"emotion_detection", "Emotion", "Name the emotion that prevails in the conversation."},
	{"intensity_strength_levels", "Intensity", "Rate how strong the emotion is."},
	{"intent_action_sentiment", "Intent", "Say what the contact wants to achieve."},
	{"intent_labels", "Intent labels", "Give the conversation short topic labels."},
	{"knowledge_gap", "Knowledge gap", "List questions that could not be answered."},
	{"human_escalation_detection", "Human escalation", "Say whether a human is needed."},
	{"contextual_sentiment", "Contextual sentiment", "Follow the mood through the conversation."},
	{"customer_satisfaction_score", "Satisfaction", "Estimate the contact's satisfaction from 1 to 10."},
	{promptFeature, "Success", "Say whether the conversation reached its goal."},
}

// promptFeature takes a prompt instead of a description [doc].
const promptFeature = "success_evaluation_prompt"

func evaluateFactory(language string) map[string]any {
	channel := func() map[string]any {
		m := map[string]any{}
		for _, f := range evaluateFeatures {
			m[f.id] = map[string]any{"enabled": true, "description": f.factory}
			if f.id == promptFeature {
				sub(m, f.id)["prompt"] = "The conversation is a success when the contact's request is settled."
			}
		}
		return m
	}
	return map[string]any{
		"is_active": true,
		"sessionization": map[string]any{"session_mode": "sliding_timeout", "timeout_minutes": int64(30),
			"report_language": language, "summary_prompt": "Summarize the conversation in three sentences."},
		"text":  channel(),
		"voice": channel(),
	}
}

// listEvaluateFeatures answers a fixed catalog [index]. The keys of its rows are
// made up.
func listEvaluateFeatures(c *call) (*reply, error) {
	var out []any
	for _, f := range evaluateFeatures {
		out = append(out, map[string]any{"id": f.id, "name": f.title})
	}
	p, err := paged(c, out, func(v any) any { return v })
	if err != nil {
		return nil, err
	}
	return &reply{message: "Evaluate features retrieved successfully", page: p}, nil
}
