package sandbox

import (
	"net/http"
	"strings"

	"github.com/mihusync/mihusync/schema/tree"
)

// testStep runs a step. Unless the flow is deployed, a test that persists stores
// last_test and sets the status active.
func testStep(c *call) (*reply, error) {
	return c.editFlow(func(flow map[string]any) (*reply, error) {
		step, i, err := c.step(flow)
		if err != nil {
			return nil, err
		}
		body := map[string]any{}
		if err := c.fill(c.op.in, body, c.body, "", true); err != nil {
			return nil, err
		}
		app := c.s.catalog.app(text(step, "app_uid"))
		if app == nil {
			return nil, untestable("app_uid", "The step has no app")
		}
		var result map[string]any
		if text(step, "kind") == "trigger" {
			result, err = c.testTrigger(app, step, body)
		} else {
			result, err = c.testAction(flow, app, step, i, body)
		}
		if err != nil {
			return nil, err
		}
		if flag(body, "persist") && text(flow, "status") != deployed {
			step["last_test"] = map[string]any{"data": tree.Copy(result["data"])}
			step["status"] = active
		}
		return &reply{data: result}, nil
	})
}

func untestable(field, why string) *fault { return withCode("step_test_failed", invalid(field, why)) }

// testTrigger uses the sample of the body, else the newest record of the
// trigger's source. Without a record it answers 404 with "samples": [] [doc]. A
// sandbox has records only if Variants.SourceRecords is set.
func (c *call) testTrigger(app *app, step, body map[string]any) (map[string]any, error) {
	event := app.trigger(text(step, "trigger_key"))
	if event == nil {
		return nil, untestable("trigger_key", "The step has no trigger")
	}
	if err := c.ready(app, event, step, sub(step, "config")); err != nil {
		return nil, err
	}
	result := map[string]any{"kind": "trigger", "dry_run": flag(body, "dry_run"), "duration_ms": int64(12),
		"resolved": map[string]any{}, "samples": []any{}, "selected": nil}
	if data := sub(body, "data"); data != nil {
		result["data"] = data
		return result, nil
	}
	sample := named(c.s.state.ids.seed, "sample", app.name, event.key)
	if want := text(body, "sample_uuid"); !c.s.opts.Variants.SourceRecords || want != "" && want != sample {
		f := &fault{status: http.StatusNotFound, code: "no_samples", message: "No samples", details: "The source of the trigger has no such record"}
		f.data = map[string]any{"samples": []any{}}
		return nil, f
	}
	row := map[string]any{"sample_uuid": sample, "label": "Latest record", "timestamp": "2025-01-15T09:00:00Z"}
	result["data"], result["selected"], result["samples"] = tree.Copy(event.record), row, []any{row}
	return result, nil
}

// testAction runs a read-only action, and tries a destructive one as a dry run
// unless the body asks for live. end_call and transfer_call never run [doc].
func (c *call) testAction(flow map[string]any, app *app, step map[string]any, i int, body map[string]any) (map[string]any, error) {
	event := app.action(text(step, "action_key"))
	if event == nil {
		return nil, untestable("action_key", "The step has no action")
	}
	config, _ := tree.Copy(step["config"]).(map[string]any)
	if config == nil {
		config = map[string]any{}
	}
	for k, v := range sub(body, "config_override") {
		config[k] = v
	}
	if err := c.ready(app, event, step, config); err != nil {
		return nil, err
	}
	if d := dangling(config, i+1); d != "" {
		return nil, untestable("config", "The reference "+d+" leads nowhere")
	}
	dry := event.bound || flag(body, "dry_run") || event.destructive && !flag(body, "live")
	resolved := rewrite(config, func(s string) string { return resolve(flow, sub(body, "input_data"), s) })
	return map[string]any{"kind": "action", "dry_run": dry, "data": tree.Copy(event.record), "duration_ms": int64(8),
		"resolved": resolved, "selected": nil, "samples": []any{}}, nil
}

// ready returns an error if the step cannot run: it misses its connection, its
// agent, or a required field of the config.
func (c *call) ready(app *app, event *appEvent, step, config map[string]any) error {
	if err := c.s.catalog.checkConnection(app, text(step, "app_connection_uuid")); err != nil {
		return err
	}
	if app.name == agentsApp && text(step, "agent_uuid") == "" {
		return untestable("agent_uuid", "The step has no agent")
	}
	var lacking []string
	for _, h := range event.config {
		if v := config[h.key]; h.required && (v == nil || v == "") {
			lacking = append(lacking, h.key)
		}
	}
	if lacking != nil {
		return untestable("config."+lacking[0], "The config lacks "+strings.Join(lacking, ", "))
	}
	return nil
}

// resolve replaces a reference by the input of the test. Without one it uses the
// result of the other step's last test.
func resolve(flow, input map[string]any, ref string) string {
	n, field := readRef(ref)
	if n < 1 || n > len(steps(flow)) {
		return ref
	}
	field = strings.TrimPrefix(field, ".")
	var v any = sub(sub(steps(flow)[n-1].(map[string]any), "last_test"), "data")
	if own, ok := input[strings.Trim(ref, "{} ")]; ok {
		v, field = own, ""
	}
	if field != "" {
		for key := range strings.SplitSeq(field, ".") {
			m, _ := v.(map[string]any)
			v = m[key]
		}
	}
	if s, ok := v.(string); ok {
		return s
	}
	if v == nil {
		return ""
	}
	e := encoder{}
	e.value(v)
	return string(e.buf)
}
