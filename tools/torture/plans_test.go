package torture_test

import "github.com/aqtra/aqtra/tools/torture/check"

// plans is what a run of each workflow of testdata/app.yaml does.
func plans() map[string]check.Plan {
	const succeeded, failed = "SUCCEEDED", "FAILED"
	return map[string]check.Plan{
		"order": {State: succeeded, Timers: 1, Entries: 1, Steps: []check.Step{
			{Name: "reserve"}, {Name: "left", After: []string{"reserve"}}, {Name: "right", After: []string{"reserve"}},
			{Name: "line", Rounds: 3, After: []string{"left", "right"}}, {Name: "done", After: []string{"line"}},
		}},
		"approval": {State: succeeded, Answers: 1, Steps: []check.Step{{Name: "tell", Said: true}}},
		"event":    {State: succeeded, Signals: 1, Steps: []check.Step{{Name: "begin"}, {Name: "heard", After: []string{"begin"}, Said: true}}},
		"flaky":    {State: succeeded, Timers: refusals, Steps: []check.Step{{Name: "shaky", Refused: refusals}, {Name: "after", After: []string{"shaky"}}}},
		"naps":     {State: succeeded, Timers: 3, Steps: []check.Step{{Name: "awake"}}},
		"undo": {State: failed, Steps: []check.Step{
			{Name: "book"}, {Name: "pay", Hopeless: true, After: []string{"book"}}, {Name: "unbook", After: []string{"pay"}},
		}},
	}
}
