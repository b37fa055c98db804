package live

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/value"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/engine"
	"github.com/aqtra/aqtra/services/dataflow/internal/recording"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

// replayTime bounds the replays of one request.
const replayTime = 2 * time.Second

// ReplayRequest names a live dataflow and what would replace it.
type ReplayRequest struct {
	Tenant, Release, Component, Dataflow string
	Candidate                            *libraryv1.Component
	Others                               []*libraryv1.Component
}

// Replayed is a recorded run that was gone through twice.
type Replayed struct {
	Time    time.Time
	Outcome libraryv1.ReplayOutcome
	// Step and Text say what differs, see aqtra.library.v1.ReplayedRun.
	Step, Text string
}

// Replay goes through recorded runs of a dataflow with the live definition and with a candidate, both with the recorded answers
// of other services, and tells which do something else. Nothing has an effect. A note says why there are none or fewer.
func (e *Engine) Replay(ctx context.Context, r ReplayRequest) ([]Replayed, string, error) {
	recordings, err := e.deps.Recordings.List(ctx, r.Tenant, r.Component, r.Dataflow)
	if err != nil || len(recordings) == 0 {
		return nil, "", err
	}
	live, err := e.releases.Get(ctx, r.Tenant, r.Release)
	if err != nil {
		return nil, "", fmt.Errorf("load live release: %w", err)
	}
	clk := &clock.Instant{Clock: e.deps.Clock}
	was := &replayed{component: r.Component, release: e.releaseAt(clk, live.components)}
	is := &replayed{component: r.Candidate.GetId(), release: e.releaseAt(clk, append([]*libraryv1.Component{r.Candidate}, r.Others...))}
	if was.graph, err = was.release.graph(was.component, r.Dataflow); err != nil {
		return nil, "", err
	}
	if is.graph, err = is.release.graph(is.component, r.Dataflow); err != nil {
		return nil, "the dataflow has problems", nil // the check tells them
	}
	limited, cancel := context.WithTimeout(ctx, replayTime)
	defer cancel()
	var out []Replayed
	for _, content := range recordings {
		one, err := e.replay(limited, clk, was, is, content)
		switch {
		case ctx.Err() != nil:
			return nil, "", ctx.Err()
		case limited.Err() != nil:
			return out, fmt.Sprintf("there was time for %d of %d runs", len(out), len(recordings)), nil
		case err != nil:
			return nil, "", err
		}
		out = append(out, one)
	}
	return out, "", nil
}

// replayed is one side of a replay.
type replayed struct {
	component string
	release   *release
	graph     *engine.Graph
}

// play is how one side went.
type play struct {
	marks []mark
	// effects are what it would have changed; end is what it gave, or why it failed, encoded.
	effects []string
	end     string
	failed  bool
	// unknown is the step that asked for something that was not recorded.
	unknown string
}

// mark is what a step did.
type mark struct {
	step, what string
}

func (e *Engine) replay(ctx context.Context, clk *clock.Instant, was, is *replayed, content []byte) (Replayed, error) {
	player, err := recording.NewPlayer(content)
	if err != nil {
		return Replayed{}, err
	}
	before, err := e.play(ctx, clk, was, player)
	if err != nil {
		return Replayed{}, err
	}
	out := Replayed{Time: player.Run.Time, Outcome: libraryv1.ReplayOutcome_REPLAY_OUTCOME_UNKNOWN}
	if before.unknown != "" || before.failed { // what is recorded went well
		out.Text = "it was made by another version of the dataflow"
		return out, nil
	}
	if player, err = player.Again(); err != nil {
		return Replayed{}, err
	}
	after, err := e.play(ctx, clk, is, player)
	if err != nil {
		return Replayed{}, err
	}
	out.Outcome, out.Step, out.Text = before.compare(after)
	return out, nil
}

// play runs a dataflow with what was recorded.
func (e *Engine) play(ctx context.Context, clk *clock.Instant, side *replayed, player *recording.Player) (*play, error) {
	clk.At = player.Run.Time
	deps := e.deps
	deps.Clock, deps.Reach = clk, player.Reach()
	calls := &calls{deps: deps, release: side.release, user: player.Run.User}
	out := &play{}
	env := calls.env(Request{Component: side.component, Input: player.Run.Input, Entry: player.Run.Entry})
	result, err := side.graph.Follow(ctx, env, clk.Now, func(r *step.Report, items []step.Item, err error) {
		made := slices.Sorted(slices.Values(player.Effects[len(out.effects):])) // a step may do several at once, in any order
		what := fmt.Sprintf("%q %s", made, digest(items))
		if err != nil {
			what += failure(err)
		}
		out.marks = append(out.marks, mark{r.Step, what})
		out.effects = append(out.effects, made...)
		if player.Unknown && out.unknown == "" {
			out.unknown = r.Step
		}
	})
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		out.end, out.failed = failure(err), true
	default:
		list := []any{result.Output}
		for _, a := range result.Actions {
			list = append(list, a.Type, a.Params)
		}
		out.end = encoded(list)
	}
	return out, nil
}

func digest(items []step.Item) string {
	list := make([]any, len(items))
	for i, item := range items {
		list[i] = item.Fields
	}
	return encoded(list)
}

// encoded stands for values: equal ones are encoded alike.
func encoded(list []any) string {
	p, err := value.ToProto(list)
	if err != nil {
		return err.Error()
	}
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(p)
	if err != nil {
		return err.Error()
	}
	sum := sha256.Sum256(b)
	return string(sum[:])
}

// failure tells errors apart, without the step that they name.
func failure(err error) string {
	if f, ok := fault.As(err); ok {
		return f.Reason.String() + " " + fmt.Sprint(f.Violations)
	}
	return "failed"
}

// compare says how another play of the same run differs.
func (p *play) compare(next *play) (outcome libraryv1.ReplayOutcome, at, text string) {
	i := 0
	for i < min(len(p.effects), len(next.effects)) && p.effects[i] == next.effects[i] {
		i++
	}
	other := i < len(next.effects) // it changes something else
	switch {
	case next.unknown != "" && !other:
		return libraryv1.ReplayOutcome_REPLAY_OUTCOME_UNKNOWN, next.unknown, fmt.Sprintf("step %q asks for something that was not recorded", next.unknown)
	case !other && i == len(p.effects) && p.end == next.end:
		return libraryv1.ReplayOutcome_REPLAY_OUTCOME_SAME, "", ""
	}
	at = p.diverges(next)
	switch {
	case next.failed && next.unknown == "":
		text = fmt.Sprintf("it fails in step %q", next.marks[len(next.marks)-1].step)
	case other || i < len(p.effects):
		text = "it changes other data"
	default:
		text = "it gives another result"
	}
	if at != "" {
		text = fmt.Sprintf("from step %q on: %s", at, text)
	}
	return libraryv1.ReplayOutcome_REPLAY_OUTCOME_DIFFERENT, at, text
}

// diverges is the first step that does not do what the step of the same name did, or that is new.
func (p *play) diverges(next *play) string {
	was := map[string]string{}
	for _, m := range p.marks {
		was[m.step] = m.what
	}
	for _, m := range next.marks {
		if what, ok := was[m.step]; !ok || what != m.what {
			return m.step
		}
	}
	return ""
}
