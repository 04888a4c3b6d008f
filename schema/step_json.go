package schema

import (
	"encoding/json"
	"fmt"
)

// MarshalJSON writes a step in the form of saved plans.
func (s *Step) MarshalJSON() ([]byte, error) {
	out := stepJSON{ID: s.ID, UUID: s.UUID, Position: s.Position, Status: s.Status, Trigger: s.IsTrigger(), Then: s.Then, Else: s.Else}
	var err error
	if out.Fields, err = json.Marshal(EncodeValue(s.Fields)); err != nil {
		return nil, err
	}
	if len(s.Extra) > 0 {
		if out.Extra, err = json.Marshal(EncodeValue(s.Extra)); err != nil {
			return nil, err
		}
	}
	if len(s.Unknown) > 0 {
		if out.Unknown, err = json.Marshal(EncodeValue(s.Unknown)); err != nil {
			return nil, err
		}
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what [Step.MarshalJSON] writes.
func (s *Step) UnmarshalJSON(data []byte) error {
	var in stepJSON
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	*s = Step{Kind: StepKind(), ID: in.ID, UUID: in.UUID, Position: in.Position, Status: in.Status, Fields: map[string]any{}, Then: in.Then, Else: in.Else}
	if in.Trigger {
		s.Kind = TriggerKind()
	}
	for _, part := range []struct {
		to   *map[string]any
		from json.RawMessage
	}{{&s.Fields, in.Fields}, {&s.Extra, in.Extra}, {&s.Unknown, in.Unknown}} {
		if part.from == nil {
			continue
		}
		v, err := UnmarshalValue(part.from)
		if err != nil {
			return fmt.Errorf("step %s: %w", in.ID, err)
		}
		m, ok := v.(map[string]any)
		if !ok {
			return fmt.Errorf("step %s: this is no object", in.ID)
		}
		*part.to = m
	}
	return nil
}
