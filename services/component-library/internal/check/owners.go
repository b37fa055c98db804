package check

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"

	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/component-library/internal/engine"
)

// Owners are the services that know what dataflows, workflows and scripts may hold. An error means that the owner could
// not answer; what is wrong in a definition is a problem.
type Owners interface {
	CheckDataflow(ctx context.Context, c *libraryv1.Component, id string, others []*libraryv1.Component) (Answer, error)
	CheckWorkflow(ctx context.Context, c *libraryv1.Component, id string, others []*libraryv1.Component) (Answer, error)
	CheckSource(ctx context.Context, source string) (Answer, error)
}

// Answer is what an owner found.
type Answer struct {
	Problems   []*catalogv1.Problem
	References []*catalogv1.Reference
	// StepTypes are the types of what the steps of a dataflow give, as text, by step.
	StepTypes map[string]string
}

// weight is what keeping the answer costs.
func (a Answer) weight() int64 { return 1 + int64(len(a.Problems)+len(a.References))/16 }

const (
	// atOnce is how many questions to owners are under way at once.
	atOnce = 4
	// cacheEntries is how many answers are kept, or fewer that have much to tell.
	cacheEntries = 4096
)

// job is one part to ask its owner about.
type job struct {
	service, component, path string
	dataflow                 string // its id, if it is one
	key                      string
	ask                      func(context.Context, Owners) (Answer, error)
}

// stripped is the universe as owners see it, without what they never look at, and its hash.
type stripped struct {
	byID map[string]*libraryv1.Component
	hash string
}

// strip leaves out page documents, and for all but the component in question also the documents of workflows and the
// sources of scripts: an owner needs to know that they are there.
func (u *universe) strip() *stripped {
	if u.stripped != nil {
		return u.stripped
	}
	s := &stripped{byID: make(map[string]*libraryv1.Component, len(u.all))}
	h := sha256.New()
	for _, c := range u.all {
		// Only the lists that are changed are copied: documents are large and shared.
		v := &libraryv1.Component{
			Id: c.GetId(), Uid: c.GetUid(), DisplayName: c.GetDisplayName(), Model: c.GetModel(), Dataflows: c.GetDataflows(), Settings: c.GetSettings(),
		}
		for _, p := range c.GetPages() {
			v.Pages = append(v.Pages, &libraryv1.Page{Id: p.GetId(), Title: p.GetTitle(), Roles: p.GetRoles()})
		}
		for _, w := range c.GetWorkflows() {
			v.Workflows = append(v.Workflows, &libraryv1.Workflow{Id: w.GetId(), Title: w.GetTitle(), Roles: w.GetRoles()})
		}
		for _, p := range c.GetScripts() {
			v.Scripts = append(v.Scripts, &libraryv1.Script{Id: p.GetId(), Title: p.GetTitle(), Roles: p.GetRoles()})
		}
		b, err := proto.MarshalOptions{Deterministic: true}.Marshal(v)
		if err != nil { // not UTF-8, which nothing that was decoded from the wire is
			b = fmt.Appendf(nil, "%s %d", c.GetUid(), c.GetRevision())
		}
		h.Write(b)
		s.byID[c.GetId()] = v
	}
	s.hash = string(h.Sum(nil))
	u.stripped = s
	return s
}

// with returns the view of one component with its own workflows and scripts in full, and the views of all others.
func (s *stripped) with(c *libraryv1.Component) (own *libraryv1.Component, others []*libraryv1.Component) {
	v := s.byID[c.GetId()]
	own = &libraryv1.Component{
		Id: v.GetId(), Uid: v.GetUid(), DisplayName: v.GetDisplayName(), Model: v.GetModel(), Pages: v.GetPages(), Dataflows: v.GetDataflows(),
		Workflows: c.GetWorkflows(), Scripts: c.GetScripts(), Settings: v.GetSettings(),
	}
	for id, o := range s.byID {
		if id != c.GetId() {
			others = append(others, o)
		}
	}
	slices.SortFunc(others, func(a, b *libraryv1.Component) int { return strings.Compare(a.GetId(), b.GetId()) })
	return own, others
}

func ownerJobs(u *universe, c *libraryv1.Component) []job {
	var jobs []job
	if len(c.GetDataflows())+len(c.GetWorkflows()) > 0 {
		s := u.strip()
		own, others := s.with(c)
		base := hash(s.hash, encoded(own))
		for _, d := range c.GetDataflows() {
			jobs = append(jobs, job{
				service: "dataflow", component: c.GetId(), path: "dataflows/" + d.GetId(), dataflow: d.GetId(), key: hash("dataflow", base, d.GetId()),
				ask: func(ctx context.Context, o Owners) (Answer, error) {
					return o.CheckDataflow(ctx, own, d.GetId(), others)
				},
			})
		}
		for _, w := range c.GetWorkflows() {
			jobs = append(jobs, job{
				service: "workflow", component: c.GetId(), path: "workflows/" + w.GetId(), key: hash("workflow", base, w.GetId()),
				ask: func(ctx context.Context, o Owners) (Answer, error) {
					return o.CheckWorkflow(ctx, own, w.GetId(), others)
				},
			})
		}
	}
	for _, p := range c.GetScripts() {
		jobs = append(jobs, job{
			service: "python-runner", component: c.GetId(), path: "scripts/" + p.GetId(), key: hash("script", p.GetSource()),
			ask: func(ctx context.Context, o Owners) (Answer, error) { return o.CheckSource(ctx, p.GetSource()) },
		})
	}
	return jobs
}

func encoded(c proto.Message) string {
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(c)
	if err != nil {
		return prototext.Format(c)
	}
	return string(b)
}

// hash joins parts so that no two lists of parts look alike.
func hash(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return string(h.Sum(nil))
}

// ask answers the jobs from the cache or by their owners, and adds the answers to res in the order of the jobs.
func (k *Checker) ask(ctx context.Context, jobs []job, res *engine.CheckResult) error {
	answers, failed := make([]Answer, len(jobs)), make([]error, len(jobs))
	var g errgroup.Group
	g.SetLimit(atOnce)
	for i, j := range jobs {
		if a, ok := k.cache.Get(j.key); ok {
			answers[i] = a
			continue
		}
		g.Go(func() error {
			answers[i], failed[i] = j.ask(ctx, k.owners)
			if failed[i] == nil {
				k.cache.Add(j.key, answers[i], answers[i].weight())
			}
			return nil
		})
	}
	_ = g.Wait() // the functions report in failed
	if err := context.Cause(ctx); err != nil && slices.ContainsFunc(failed, func(err error) bool { return err != nil }) {
		return err
	}
	for i, j := range jobs {
		if failed[i] != nil {
			k.unavailable(ctx, j, failed[i], res)
			continue
		}
		for _, p := range answers[i].Problems {
			p = proto.CloneOf(p)
			p.Component = j.component
			if p.GetSeverity() == 0 {
				p.Severity = catalogv1.Severity_SEVERITY_ERROR
			}
			if !strings.HasPrefix(p.GetPath(), j.path) {
				p.Path = strings.TrimSuffix(j.path+"/"+p.GetPath(), "/")
			}
			res.Problems = append(res.Problems, p)
		}
		for _, ref := range answers[i].References {
			ref = proto.CloneOf(ref)
			ref.Component = j.component
			res.References = append(res.References, ref)
		}
		for _, step := range slices.Sorted(maps.Keys(answers[i].StepTypes)) {
			if answers[i].StepTypes[step] == "any" {
				continue
			}
			res.StepTypes = append(res.StepTypes, &libraryv1.StepType{Dataflow: j.dataflow, Step: step, Type: answers[i].StepTypes[step]})
		}
	}
	return nil
}

func (k *Checker) unavailable(ctx context.Context, j job, err error, res *engine.CheckResult) {
	if !errors.Is(err, context.Canceled) {
		k.log.WarnContext(ctx, "definition not checked by its owner", "service", j.service, "error", err)
	}
	res.Problems = append(res.Problems, &catalogv1.Problem{
		Severity: catalogv1.Severity_SEVERITY_WARNING, Reason: "not-checked", Component: j.component, Path: j.path,
		Message: fmt.Sprintf("could not be checked: %s is not available", j.service),
	})
	if !slices.Contains(res.Unavailable, j.service) {
		res.Unavailable = append(res.Unavailable, j.service)
	}
}
