package samples

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/rpc"
	"github.com/aqtra/aqtra/pkg/value"
	dataflowv1 "github.com/aqtra/aqtra/proto/gen/aqtra/dataflow/v1"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	identityv1 "github.com/aqtra/aqtra/proto/gen/aqtra/identity/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	samplesv1 "github.com/aqtra/aqtra/proto/gen/aqtra/samples/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
	workflowv1 "github.com/aqtra/aqtra/proto/gen/aqtra/workflow/v1"
)

// stepFunc does one thing, or finds it done.
type stepFunc func(ctx context.Context, w *worker) error

// step is one part of an installation.
type step struct {
	what string // for people
	do   stepFunc
}

// Times of one step.
const (
	stepTimeout = 75 * time.Second
	chunk       = 64 << 10
)

// stepsOf lists what installing a sample takes, in order.
func stepsOf(sample *samplesv1.Sample) []step {
	var steps []step
	add := func(what string, do stepFunc) { steps = append(steps, step{what, do}) }
	for _, c := range sample.GetComponents() {
		add("component "+c.GetId(), func(ctx context.Context, w *worker) error { return w.createComponent(ctx, c) })
	}
	// After the components: where one of that name was there before, a role would grant rights on what is not the sample's.
	for _, role := range sample.GetRoles() {
		add("role "+role.GetId(), func(ctx context.Context, w *worker) error { return w.createRole(ctx, role) })
	}
	add("publication", func(ctx context.Context, w *worker) error { return w.publish(ctx) })
	for i, a := range sample.GetActions() {
		key := fmt.Sprintf("sample/%s/%d", sample.GetId(), i)
		add(describeAction(a), func(ctx context.Context, w *worker) error { return w.act(ctx, a, key) })
	}
	return steps
}

func describeAction(a *samplesv1.SampleAction) string {
	switch {
	case a.GetRunDataflow() != nil:
		return "dataflow " + a.GetRunDataflow().GetComponent() + "/" + a.GetRunDataflow().GetTarget()
	case a.GetStartWorkflow() != nil:
		return "workflow " + a.GetStartWorkflow().GetComponent() + "/" + a.GetStartWorkflow().GetTarget()
	default:
		return "file " + a.GetUploadFile().GetName()
	}
}

// asSubject gives a context that acts for the person who installs, in the release that is live now.
func (w *worker) asSubject(ctx context.Context) (context.Context, context.CancelFunc, error) {
	ctx, cancel := context.WithTimeout(ctx, stepTimeout)
	live, err := libraryv1.NewReleasesClient(w.Peers.Conn("component-library")).GetActiveRelease(ctx, &libraryv1.GetActiveReleaseRequest{Tenant: w.row.TenantID})
	if err != nil {
		cancel()
		return nil, nil, err
	}
	token, err := w.Delegate(ctx, &identityv1.DelegateRequest{
		Tenant: w.row.TenantID, Subject: w.row.Subject, Roles: w.row.Roles, Release: live.GetRelease(), Run: "sample/" + w.sample.GetId(),
		Audience: []string{"gateway", "component-library", "storage", "dataflow", "workflow", "python-runner"},
	})
	if err != nil {
		cancel()
		return nil, nil, err
	}
	return rpc.WithToken(ctx, token.GetToken()), cancel, nil
}

func (w *worker) createRole(ctx context.Context, role *identityv1.Role) error {
	ctx, cancel, err := w.asSubject(ctx)
	if err != nil {
		return err
	}
	defer cancel()
	_, err = identityv1.NewUsersClient(w.Peers.Conn("gateway")).CreateRole(ctx, &identityv1.CreateRoleRequest{Role: role})
	if err != nil && !fault.Has(err, faultv1.Reason_REASON_ROLE_EXISTS) {
		return err
	}
	return nil
}

func (w *worker) createComponent(ctx context.Context, c *libraryv1.Component) error {
	ctx, cancel, err := w.asSubject(ctx)
	if err != nil {
		return err
	}
	defer cancel()
	_, err = libraryv1.NewComponentsClient(w.Peers.Conn("component-library")).CreateComponent(ctx, &libraryv1.CreateComponentRequest{Component: c})
	if fault.Has(err, faultv1.Reason_REASON_COMPONENT_EXISTS) {
		return w.ours(ctx, c)
	}
	return err
}

// ours is an error unless the component that is there was made by this sample.
func (w *worker) ours(ctx context.Context, c *libraryv1.Component) error {
	there, err := libraryv1.NewComponentsClient(w.Peers.Conn("component-library")).GetComponent(ctx, &libraryv1.GetComponentRequest{Component: c.GetId(), Revision: 1})
	if err != nil {
		return err
	}
	if !sameComponent(there, c) {
		return fault.AlreadyExists(faultv1.Reason_REASON_COMPONENT_EXISTS,
			fmt.Sprintf("there is a component %q already that is not the sample's; the sample needs the name, so delete yours first or install the sample in another organization", c.GetId()))
	}
	return nil
}

// sameComponent reports whether a first revision is what the sample made, whatever the server assigned.
func sameComponent(there, want *libraryv1.Component) bool {
	there, want = proto.CloneOf(there), proto.CloneOf(want)
	for _, c := range []*libraryv1.Component{there, want} {
		for _, f := range c.GetModel().GetFields() {
			f.Id = ""
		}
	}
	return there.GetDisplayName() == want.GetDisplayName() && len(there.GetDataflows()) == len(want.GetDataflows()) &&
		proto.Equal(&libraryv1.ObjectModel{Fields: there.GetModel().GetFields()}, &libraryv1.ObjectModel{Fields: want.GetModel().GetFields()})
}

// publish makes the sample's components live and waits until they are. Whoever comes after a crash finds the publication by
// its request id; a new attempt makes another one.
func (w *worker) publish(ctx context.Context) error {
	ctx, cancel, err := w.asSubject(ctx)
	if err != nil {
		return err
	}
	defer cancel()
	var ids []string
	for _, c := range w.sample.GetComponents() {
		ids = append(ids, c.GetId())
	}
	client := libraryv1.NewPublicationsClient(w.Peers.Conn("component-library"))
	publication, err := client.CreatePublication(ctx, &libraryv1.CreatePublicationRequest{
		Components: ids, RequestId: fmt.Sprintf("sample/%s/publication/%d", w.sample.GetId(), w.row.Attempt),
	})
	if err != nil {
		return err
	}
	stream, err := client.WatchPublication(ctx, &libraryv1.GetPublicationRequest{Publication: publication.GetId()})
	if err != nil {
		return err
	}
	for {
		got, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		publication = got
	}
	if publication.GetState() != libraryv1.PublicationState_PUBLICATION_STATE_SUCCEEDED {
		return fault.FailedPrecondition(faultv1.Reason_REASON_PUBLICATION_HAS_PROBLEMS, publication.GetMessage())
	}
	return nil
}

func (w *worker) act(ctx context.Context, a *samplesv1.SampleAction, key string) error {
	ctx, cancel, err := w.asSubject(ctx)
	if err != nil {
		return err
	}
	defer cancel()
	switch action := a.GetAction().(type) {
	case *samplesv1.SampleAction_UploadFile:
		return w.upload(ctx, action.UploadFile)
	case *samplesv1.SampleAction_RunDataflow:
		call := action.RunDataflow
		input, entry, err := w.input(ctx, call)
		if err != nil {
			return err
		}
		_, err = dataflowv1.NewDataflowsClient(w.Peers.Conn("dataflow")).RunDataflow(ctx, &dataflowv1.RunDataflowRequest{
			Component: call.GetComponent(), Dataflow: call.GetTarget(), Input: input, Entry: entry, RequestId: key,
		})
		return err
	case *samplesv1.SampleAction_StartWorkflow:
		call := action.StartWorkflow
		input, entry, err := w.input(ctx, call)
		if err != nil {
			return err
		}
		_, err = workflowv1.NewRunsClient(w.Peers.Conn("workflow")).StartRun(ctx, &workflowv1.StartRunRequest{
			Component: call.GetComponent(), Workflow: call.GetTarget(), Input: input, Entry: entry, BusinessKey: call.GetBusinessKey(), RequestId: key,
		})
		return err
	default:
		return fmt.Errorf("sample %s has an action of unknown kind", w.sample.GetId())
	}
}

func (w *worker) upload(ctx context.Context, f *samplesv1.SampleFile) error {
	content := w.Service.files[w.sample.GetId()+"/"+f.GetName()]
	stream, err := storagev1.NewFilesClient(w.Peers.Conn("storage")).UploadFile(ctx)
	if err != nil {
		return err
	}
	header := &storagev1.UploadHeader{Name: f.GetName(), ContentType: f.GetContentType(), Size: int64(len(content))}
	err = stream.Send(&storagev1.UploadFileRequest{Part: &storagev1.UploadFileRequest_Header{Header: header}})
	for err == nil && len(content) > 0 {
		n := min(len(content), chunk)
		err = stream.Send(&storagev1.UploadFileRequest{Part: &storagev1.UploadFileRequest_Chunk{Chunk: content[:n]}})
		content = content[n:]
	}
	if err != nil && !errors.Is(err, io.EOF) { // the reason of an EOF comes with the answer
		return err
	}
	file, err := stream.CloseAndRecv()
	if err != nil {
		return err
	}
	w.files[f.GetName()] = file.GetId()
	return nil
}

// input is what a call gets: the sample's own input with the ids of files, and the entry that the call is about.
func (w *worker) input(ctx context.Context, call *samplesv1.SampleCall) (*typev1.Value, string, error) {
	v, _, err := value.FromProto(call.GetInput())
	if err != nil {
		return nil, "", err
	}
	v = w.fileIDs(v)
	entry := ""
	if call.GetEntryFilter() != "" {
		got, err := storagev1.NewEntriesClient(w.Peers.Conn("storage")).ListEntries(ctx, &storagev1.ListEntriesRequest{
			Component: call.GetComponent(), Filter: call.GetEntryFilter(), PageSize: 1,
		})
		if err != nil {
			return nil, "", err
		}
		if len(got.GetEntries()) == 0 {
			return nil, "", fault.NotFound(faultv1.Reason_REASON_ENTRY_NOT_FOUND, "the sample's entry is not there: "+call.GetEntryFilter())
		}
		entry = got.GetEntries()[0].GetId()
		fields, _ := v.(map[string]any)
		merged := map[string]any{"entry": value.Ref(entry)}
		for k, field := range fields {
			merged[k] = field
		}
		v = merged
	}
	wire, err := value.ToProto(v)
	return wire, entry, err
}

// fileIDs replaces {"$file": name} by the file's id.
func (w *worker) fileIDs(v any) any {
	switch v := v.(type) {
	case map[string]any:
		if name, ok := v["$file"].(string); ok && len(v) == 1 {
			return value.File(w.files[name])
		}
		m := make(map[string]any, len(v))
		for k, item := range v {
			m[k] = w.fileIDs(item)
		}
		return m
	case []any:
		l := make([]any, len(v))
		for i, item := range v {
			l[i] = w.fileIDs(item)
		}
		return l
	default:
		return v
	}
}
