package schema

// table is the table of kinds. Operation ids are those of mihu/openapi.yaml.
var table = []*Kind{
	{Name: "availability_types", Label: "availability type", Def: "#AvailabilityType", ID: "uuid",
		Calls: crud("AvailabilityType", "AvailabilityTypes"), File: "availability_types.cue"},
	{Name: "schedules", Label: "schedule", Def: "#Schedule", ID: "uuid",
		Calls: crud("Schedule", "Schedules"), File: "schedule-*.cue"},
	{Name: "contact_fields", Label: "contact field", Def: "#ContactField", ID: "key", Special: KeyedByName,
		Calls: including("all", crud("ContactField", "ContactFields")), File: "contact_fields.cue"},
	{Name: "contact_tags", Label: "contact tag", Def: "#ContactTag", ID: "uuid",
		Calls: including("all", crud("ContactTag", "ContactTags")), File: "contact_tags.cue"},
	{Name: "pipeline_stages", Label: "pipeline stage", Def: "#PipelineStage", ID: "uuid",
		Calls: including("all", crud("PipelineStage", "PipelineStages")), File: "pipeline_stages.cue"},
	{Name: "campaign_rules", Label: "campaign rule", Def: "#CampaignRule", ID: "uuid",
		Calls: crud("CampaignRule", "CampaignRules"), File: "campaign_rules.cue"},
	{Name: "templates", Label: "WhatsApp template", Def: "#Template", ID: "uuid", Special: Immutable,
		Calls: Calls{List: "listTemplates", Get: "getTemplate", Create: "createTemplate", Delete: "deleteTemplate"}, File: "template-*.cue"},
	{Name: "evaluate", Label: "evaluate default", Def: "#Evaluate", Shape: Singleton, Special: Setting,
		Calls: Calls{Get: "getEvaluateDefault", Update: "updateEvaluateDefault"}, File: "evaluate.cue"},
	{Name: "memorize", Label: "memorize default", Def: "#Memorize", Shape: Singleton, Special: Setting,
		Calls: Calls{Get: "getMemorizeDefault", Update: "updateMemorizeDefault"}, File: "memorize.cue"},
	{Name: "agents", Label: "agent", Def: "#Agent", ID: "agent_uuid",
		Calls: crud("Agent", "Agents"), File: "agent-*.cue"},
	{Name: "flows", Label: "flow", Def: "#Flow", ID: "uuid", Special: Flow,
		Calls: crud("Flow", "Flows"), File: "flow-*.cue"},

	{Name: "trigger", Label: "trigger", Parent: "flows", Def: "#Trigger", Shape: InFlow, ID: "uuid", Calls: steps},
	{Name: "steps", Label: "step", Parent: "flows", Def: "#Step", Shape: InFlow, ID: "uuid", Calls: steps},

	{Name: "intents", Label: "intent", Parent: "agents", Def: "#Intent", ID: "intent_uuid", Section: "intents", System: "is_system",
		Calls: crud("Intent", "Intents")},
	{Name: "action", Label: "intent action", Parent: "intents", Def: "#IntentAction", Shape: Singleton, Special: Action,
		Calls: Calls{Get: "getIntentEvent", Update: "setIntentEvent"}},
	{Name: "procedures", Label: "procedure", Parent: "agents", Def: "#Procedure", ID: "uuid", Section: "procedures", InCreate: true,
		Calls: Calls{Create: "addProcedure", Update: "updateProcedure", Delete: "deleteProcedure"}},
	{Name: "training", Label: "training row", Parent: "agents", Def: "#Training", ID: "uuid", Section: "training", InCreate: true,
		Calls: Calls{Create: "addTraining", Update: "updateTraining", Delete: "deleteTraining"}},
	{Name: "webhooks", Label: "webhook", Parent: "agents", Def: "#Webhook", ID: "webhook_uuid", Section: "webhooks", Limit: 5,
		Calls: crud("Webhook", "Webhooks")},
	{Name: "routing_rules", Label: "routing rule", Parent: "agents", Def: "#RoutingRule", ID: "uuid", Section: "routing_rules", InCreate: true,
		Calls: Calls{Create: "addRoutingRule", Update: "updateRoutingRule", Delete: "deleteRoutingRule"}},
	{Name: "guard_rules", Label: "guard rule", Parent: "agents", Def: "#GuardRule", ID: "uuid", Section: "guard_rules", InCreate: true,
		Calls: Calls{Create: "addGuardRule", Update: "updateGuardRule", Delete: "deleteGuardRule"}},
	{Name: "appointments", Label: "appointment settings", Parent: "agents", Def: "#Appointments", Shape: Singleton, Special: Section, Section: "appointments", InCreate: true,
		Calls: Calls{Update: "replaceAppointments"}},
	{Name: "channels", Label: "channel bindings", Parent: "agents", Def: "#Channels", Shape: Singleton, Special: Bindings},
	{Name: "evaluate", Label: "evaluate override", Parent: "agents", Def: "#AgentEvaluate", Shape: Singleton, Special: Override,
		Calls: Calls{Get: "getAgentEvaluate", Create: "assignAgentEvaluate", Update: "updateAgentEvaluate", Delete: "deleteAgentEvaluate"}},
	{Name: "memorize", Label: "memorize override", Parent: "agents", Def: "#AgentMemorize", Shape: Singleton, Special: Override,
		Calls: Calls{Get: "getAgentMemorize", Create: "assignAgentMemorize", Update: "updateAgentMemorize", Delete: "deleteAgentMemorize"}},

	{Name: "voices", Label: "voice", Shape: Catalog, ID: "uuid", Title: "name", Calls: Calls{List: "listVoices"}},
	{Name: "apps", Label: "flow app", Shape: Catalog, ID: "uid", Title: "name", Named: true, Calls: Calls{List: "listFlowApps"}},
	{Name: "connections", Label: "app connection", Shape: Catalog, ID: "uuid", Title: "label", Calls: Calls{List: "listConnections"}},
	{Name: "phone_numbers", Label: "phone number", Shape: Catalog, ID: "phone_number_uuid", Title: "number", Calls: Calls{List: "listPhoneNumbers"}},
	{Name: "whatsapp_accounts", Label: "WhatsApp account", Shape: Catalog, ID: "waba_id", Title: "waba_id", Calls: Calls{List: "listWabas"}},
}

// steps are the calls of triggers and steps alike.
var steps = Calls{Get: "getStep", Create: "addStep", Update: "updateStep", Delete: "deleteStep"}

// crud names the five calls of a plain kind by the contract's convention.
func crud(one, many string) Calls {
	return Calls{List: "list" + many, Get: "get" + one, Create: "create" + one, Update: "update" + one, Delete: "delete" + one}
}

// including asks List for objects that it would leave out by default.
func including(which string, c Calls) Calls {
	c.Query = map[string]string{"include": which}
	return c
}
