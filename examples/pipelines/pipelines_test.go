// Package pipelines tests that the ready pipelines hang together: what they call
// exists, and what keeps applies apart is there. Their shell parts run in
// testdata/script/pipeline.txtar.
package pipelines

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

type workflow struct {
	On          any            `yaml:"on"`
	Permissions map[string]any `yaml:"permissions"`
	Concurrency struct {
		Group            string `yaml:"group"`
		CancelInProgress bool   `yaml:"cancel-in-progress"`
	} `yaml:"concurrency"`
	Jobs map[string]struct {
		Timeout int    `yaml:"timeout-minutes"`
		Steps   []step `yaml:"steps"`
	} `yaml:"jobs"`
}

type step struct {
	Uses string            `yaml:"uses"`
	Run  string            `yaml:"run"`
	With map[string]any    `yaml:"with"`
	Env  map[string]string `yaml:"env"`
}

type action struct {
	Inputs map[string]struct {
		Required bool `yaml:"required"`
	} `yaml:"inputs"`
	Runs struct {
		Using string `yaml:"using"`
		Steps []step `yaml:"steps"`
	} `yaml:"runs"`
}

func decode(t *testing.T, file string, into any) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(data, into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

// places are where the scripts lie when the files are installed as the docs say.
var places = regexp.MustCompile(`(?:\.github/actions/mihusync|\$GITHUB_ACTION_PATH|\$SCRIPTS)/([a-z/-]+\.sh)`)

// scripts checks that the scripts which a command calls exist and can be executed,
// and returns them.
func scripts(t *testing.T, where, command string) []string {
	t.Helper()
	var names []string
	for _, m := range places.FindAllStringSubmatch(command, -1) {
		info, err := os.Stat(m[1])
		switch {
		case err != nil:
			t.Errorf("%s calls %s, which is not there", where, m[1])
		case info.Mode()&0o111 == 0:
			t.Errorf("%s calls %s, which cannot be executed", where, m[1])
		}
		names = append(names, m[1])
	}
	return names
}

func TestWorkflows(t *testing.T) {
	var a action
	decode(t, "action.yml", &a)
	files, err := filepath.Glob("github/*.yml")
	if err != nil || len(files) != 4 {
		t.Fatalf("%v %v", files, err)
	}
	used := map[string]bool{}
	for _, file := range files {
		var w workflow
		decode(t, file, &w)
		if w.On == nil || w.Permissions == nil || w.Concurrency.Group == "" {
			t.Errorf("%s: it has to say when it runs, what it may do and what it excludes", file)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".yml")
		if stops := w.Concurrency.CancelInProgress; stops && (name == "mihu-apply" || name == "mihu-backup") {
			t.Errorf("%s: a newer run must not stop one that writes", file)
		}
		for job, j := range w.Jobs {
			if j.Timeout == 0 {
				t.Errorf("%s: %s may run for ever", file, job)
			}
			for _, s := range j.Steps {
				if strings.Contains(s.Run, "${{") {
					t.Errorf("%s: what others can write must come by the environment: %s", file, s.Run)
				}
				scripts(t, file, s.Run)
				if s.Uses != "./.github/actions/mihusync" {
					continue
				}
				used[s.With["command"].(string)] = true
				for given := range s.With {
					if _, known := a.Inputs[given]; !known {
						t.Errorf("%s: the action has no input %s", file, given)
					}
				}
				for input, i := range a.Inputs {
					if _, given := s.With[input]; i.Required && !given {
						t.Errorf("%s: the action needs %s", file, input)
					}
				}
				if s.Env["MIHU_API_TOKEN"] == "" {
					t.Errorf("%s: %v has no token", file, s.With)
				}
			}
		}
	}
	for _, command := range []string{"plan", "apply", "drift", "backup"} {
		if !used[command] {
			t.Errorf("no workflow uses %s", command)
		}
	}
}

// TestSavedPlanTravels compares the names under which one workflow keeps the plan and
// the other one finds it.
func TestSavedPlanTravels(t *testing.T) {
	var plan, apply workflow
	decode(t, "github/mihu-plan.yml", &plan)
	decode(t, "github/mihu-apply.yml", &apply)
	steps := plan.Jobs["plan"].Steps
	kept := steps[len(steps)-1].With
	fetch := slices.IndexFunc(apply.Jobs["apply"].Steps, func(s step) bool { return strings.Contains(s.Run, "reviewed-plan.sh") })
	if want := `"$GITHUB_SHA" mihu-plan.yml ` + kept["name"].(string) + " " + filepath.Dir(kept["path"].(string)); fetch < 0 || !strings.HasSuffix(apply.Jobs["apply"].Steps[fetch].Run, want) {
		t.Errorf("the plan is kept as %v, and fetched otherwise", kept)
	}
}

func TestAction(t *testing.T) {
	var a action
	decode(t, "action.yml", &a)
	var called []string
	for _, s := range a.Runs.Steps {
		if strings.Contains(s.Run, "${{") {
			t.Errorf("what others can write must come by the environment: %s", s.Run)
		}
		called = append(called, scripts(t, "action.yml", s.Run)...)
	}
	if want := []string{"plan.sh", "apply.sh", "drift.sh", "backup.sh"}; a.Runs.Using != "composite" || !slices.Equal(called, want) {
		t.Errorf("it calls %v, want %v", called, want)
	}
}

func TestGitLab(t *testing.T) {
	jobs := map[string]any{}
	decode(t, "gitlab/gitlab-ci.yml", &jobs)
	var called []string
	for _, name := range []string{"mihu-plan", "mihu-apply", "mihu-replan", "mihu-reapply", "mihu-drift", "mihu-backup"} {
		job, ok := jobs[name].(map[string]any)
		if !ok {
			t.Fatalf("there is no job %s", name)
		}
		for _, line := range job["script"].([]any) {
			called = append(called, scripts(t, name, line.(string))...)
		}
		if job["extends"] != ".mihusync" || job["rules"] == nil {
			t.Errorf("%s has to have mihusync, and rules", name)
		}
		if strings.HasSuffix(name, "apply") && (job["resource_group"] != "mihu-production" || job["interruptible"] == true) {
			t.Errorf("nothing keeps %s from running twice at once", name)
		}
	}
	for _, want := range []string{"plan.sh", "apply.sh", "drift.sh", "backup.sh", "gitlab/note.sh", "gitlab/reviewed-plan.sh"} {
		if !slices.Contains(called, want) {
			t.Errorf("no job calls %s", want)
		}
	}
}
