package schema

// table is the table of kinds. Its operation ids are those of mihu/openapi.yaml.
var table = []*Kind{
	{Name: "availability_types", Label: "availability type", Def: "#AvailabilityType", ID: "uuid",
		Calls: crud("AvailabilityType", "AvailabilityTypes"), File: "availability_types.cue"},
	{Name: "schedules", Label: "schedule", Def: "#Schedule", ID: "uuid",
		Calls: crud("Schedule", "Schedules"), File: "schedule-*.cue", Beyond: "appointments"},
	{Name: "contact_fields", Label: "contact field", Def: "#ContactField", ID: "key", Lifecycle: KeyedByName,
		Calls: including("all", crud("ContactField", "ContactFields")), File: "contact_fields.cue"},
	{Name: "contact_tags", Label: "contact tag", Def: "#ContactTag", ID: "uuid",
		Calls: including("all", crud("ContactTag", "ContactTags")), File: "contact_tags.cue", Beyond: "contacts"},
	{Name: "pipeline_stages", Label: "pipeline stage", Def: "#PipelineStage", ID: "uuid",
		Calls: including("all", crud("PipelineStage", "PipelineStages")), File: "pipeline_stages.cue", Beyond: "contacts"},
	{Name: "campaign_rules", Label: "campaign rule", Def: "#CampaignRule", ID: "uuid",
		Calls: crud("CampaignRule", "CampaignRules"), File: "campaign_rules.cue", Beyond: "campaigns"},
	{Name: "templates", Label: "WhatsApp template", Def: "#Template", ID: "uuid", Lifecycle: Immutable,
		Calls: Calls{List: "listTemplates", Get: "getTemplate", Create: "createTemplate", Delete: "deleteTemplate"}, File: "template-*.cue"},
	{Name: "evaluate", Label: "evaluate default", Def: "#Evaluate", Shape: Singleton, Semantics: DefaultSemantics,
		Calls: Calls{Get: "getEvaluateDefault", Update: "updateEvaluateDefault"}, File: "evaluate.cue"},
	{Name: "memorize", Label: "memorize default", Def: "#Memorize", Shape: Singleton, Semantics: DefaultSemantics,
		Calls: Calls{Get: "getMemorizeDefault", Update: "updateMemorizeDefault",
			ReadRows: "listMemorizeDefaultContactFields", WriteRows: "updateMemorizeDefaultContactFields"}, File: "memorize.cue"},
	{Name: "agents", Label: "agent", Def: "#Agent", ID: "agent_uuid",
		Calls: tuned(crud("Agent", "Agents")), File: "agent-*.cue", Beyond: "campaigns and tables"},
	{Name: "flows", Label: "flow", Def: "#Flow", ID: "uuid", Semantics: FlowSemantics,
		Calls: published("deployFlow", "undeployFlow", crud("Flow", "Flows")), File: "flow-*.cue"},

	{Name: "trigger", Label: "trigger", Parent: "flows", Def: "#Trigger", Shape: InFlow, ID: "uuid", Calls: steps},
	{Name: "steps", Label: "step", Parent: "flows", Def: "#Step", Shape: InFlow, ID: "uuid", Calls: steps},

	{Name: "intents", Label: "intent", Parent: "agents", Def: "#Intent", ID: "intent_uuid", Section: "intents", System: "is_system",
		Calls: crud("Intent", "Intents")},
	{Name: "action", Label: "intent action", Parent: "intents", Def: "#IntentAction", Shape: Singleton, Lifecycle: Drafted,
		Calls: Calls{Get: "getIntentEvent", Update: "setIntentEvent", Publish: "publishIntentEvent"}},
	{Name: "procedures", Label: "procedure", Parent: "agents", Def: "#Procedure", ID: "uuid", Section: "procedures", InCreate: true,
		Calls: Calls{Create: "addProcedure", Update: "updateProcedure", Delete: "deleteProcedure"}},
	{Name: "training", Label: "training row", Parent: "agents", Def: "#Training", ID: "uuid", Section: "training", InCreate: true,
		Calls: Calls{Create: "addTraining", Update: "updateTraining", Delete: "deleteTraining"}},
	{Name: "webhooks", Label: "webhook", Parent: "agents", Def: "#Webhook", ID: "webhook_uuid", Section: "webhooks",
		Calls: crud("Webhook", "Webhooks")},
	{Name: "routing_rules", Label: "routing rule", Parent: "agents", Def: "#RoutingRule", ID: "uuid", Section: "routing_rules", InCreate: true,
		Calls: Calls{Create: "addRoutingRule", Update: "updateRoutingRule", Delete: "deleteRoutingRule"}},
	{Name: "guard_rules", Label: "guard rule", Parent: "agents", Def: "#GuardRule", ID: "uuid", Section: "guard_rules", InCreate: true,
		Calls: Calls{Create: "addGuardRule", Update: "updateGuardRule", Delete: "deleteGuardRule"}},
	{Name: "appointments", Label: "appointment settings", Parent: "agents", Def: "#Appointments", Shape: Singleton, Lifecycle: Whole, Section: "appointments", InCreate: true,
		Calls: Calls{Update: "replaceAppointments"}},
	{Name: "channels", Label: "channel bindings", Parent: "agents", Def: "#Channels", Shape: Singleton, Lifecycle: Bound, Calls: Calls{Get: "getAgentChannels", Bind: channels}},
	{Name: "evaluate", Label: "evaluate override", Parent: "agents", Def: "#AgentEvaluate", Shape: Singleton, In: "settings.evaluation", Semantics: OverrideSemantics,
		Calls: Calls{Get: "getAgentEvaluate", Create: "assignAgentEvaluate", Update: "updateAgentEvaluate", Delete: "deleteAgentEvaluate",
			Reset: "resetAgentEvaluate", Reassign: "reassignAgentEvaluate"}},
	{Name: "memorize", Label: "memorize override", Parent: "agents", Def: "#AgentMemorize", Shape: Singleton, In: "settings.memorize", Semantics: OverrideSemantics,
		Calls: Calls{Get: "getAgentMemorize", Create: "assignAgentMemorize", Update: "updateAgentMemorize", Delete: "deleteAgentMemorize",
			Reset: "resetAgentMemorize", Reassign: "reassignAgentMemorize",
			ReadRows: "listAgentMemorizeContactFields", WriteRows: "updateAgentMemorizeContactFields"}, ResetCreates: true},

	{Name: "voices", Label: "voice", Shape: Catalog, ID: "uuid", Title: "name", Tells: []string{"language", "gender", "accent"}, Calls: Calls{List: "listVoices"}},
	{Name: "apps", Label: "flow app", Shape: Catalog, ID: "uid", Title: "name", Named: true, Calls: Calls{List: "listFlowApps"}},
	{Name: "connections", Label: "app connection", Shape: Catalog, ID: "uuid", Title: "label", Within: AppsKind, OwnerKey: "app.uid", Calls: Calls{List: "listConnections"}},
	{Name: "phone_numbers", Label: "phone number", Shape: Catalog, ID: "phone_number_uuid", Title: "number", Calls: Calls{List: "listPhoneNumbers"}},
	{Name: "languages", Label: "language", Shape: Catalog, ID: "code", Title: "code", Calls: Calls{List: "listLanguages"}},
	{Name: "timezones", Label: "time zone", Shape: Catalog, ID: "value", Title: "value", Calls: Calls{List: "listTimezones"}},
	{Name: "memory_fields", Label: "active contact field", Shape: Catalog, ID: "field_id", Title: "field_id", Surely: "b_email", Adds: "contact_fields",
		Calls: Calls{List: "listMemorizeContactFields"}},
	{Name: "voice_speeds", Label: "speed", Shape: Catalog, ID: "value", Title: "value", Surely: "normal", Of: "voices", Calls: Calls{List: "listVoiceSpeeds"}},
	{Name: "app_triggers", Label: "trigger", Shape: Catalog, ID: "key", Title: "key", Of: AppsKind, Calls: Calls{List: "listAppTriggers"}},
	{Name: "app_actions", Label: "action", Shape: Catalog, ID: "key", Title: "key", Of: AppsKind, Calls: Calls{List: "listAppActions"}},
	{Name: "tables", Label: "table", Shape: Catalog, ID: "uuid", Title: "name", Calls: Calls{List: "listData"}},
	{Name: "whatsapp_accounts", Label: "WhatsApp account", Shape: Catalog, ID: "waba_id", Title: "waba_id", Calls: Calls{List: "listWabas"}},
}

// steps are the calls of triggers and of steps.
var steps = Calls{Get: "getStep", Create: "addStep", Update: "updateStep", Delete: "deleteStep", Test: "testStep"}

// channels are the calls that bind and unbind a channel (C7, C8). No call unbinds the
// call channel [index]. A number that the workspace brought along has a call of its
// own [doc].
var channels = map[string]BindCalls{
	"call":             {Bind: "provisionCall", BindExternal: "assignTrunk"},
	"sms":              {Bind: "assignSMS", Unbind: "unbindSMS", Needs: "sms"},
	"whatsapp":         {Unbind: "unbindWhatsApp"},
	"whatsapp_calling": {Unbind: "unbindWhatsAppCalling"},
	"messenger":        {Unbind: "unbindMessenger"},
	"instagram":        {Unbind: "unbindInstagram"},
}

// tuned adds the call that lists the fields which tune an agent's voice.
func tuned(c Calls) Calls {
	c.Tuning = "getVoiceAdvanced"
	return c
}

// published adds the calls that make an object live and take it down.
func published(publish, retract string, c Calls) Calls {
	c.Publish, c.Retract = publish, retract
	return c
}

// crud returns the five calls of a plain kind, by the contract's naming
// convention.
func crud(one, many string) Calls {
	return Calls{List: "list" + many, Get: "get" + one, Create: "create" + one, Update: "update" + one, Delete: "delete" + one}
}

// including makes List ask for objects that it leaves out by default.
func including(which string, c Calls) Calls {
	c.Query = map[string]string{"include": which}
	return c
}
