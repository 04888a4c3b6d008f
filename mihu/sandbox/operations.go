package sandbox

import "slices"

// operations are all operations that the sandbox answers.
func (s *Sandbox) operations() []*operation {
	ops := slices.Concat(
		agentOperations(), sectionOperations(), voiceOperations(), intentOperations(), webhookOperations(),
		numberOperations(), settingsOperations(evaluateSettings), settingsOperations(memorizeSettings), memorizeFieldOperations(),
		flowOperations(), campaignOperations(), templateOperations(), catalogOperations())
	for _, r := range resources() {
		ops = append(ops, r.operations()...)
	}
	return ops
}
