// Package notify is the function "notify": it tells people something, in the app and by e-mail.
package notify

import (
	"context"
	"errors"
	"slices"
	"strings"

	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	"github.com/aqtra/aqtra/services/workflow/internal/task"
)

// Bounds of a notice, in bytes.
const (
	maxTitle = 300
	maxText  = 10_000
)

var channels = []string{"all", "app", "email"}

// Message is what people are told.
type Message struct {
	// Users are ids or e-mail addresses of users of the tenant, Roles those whose members are told as well.
	Users, Roles []string
	Title, Text  string
	// HTML is the mail's second form; empty for none.
	HTML string
	// Page of the run's component that the notice leads to; empty for none.
	Page string
	// App and Email say where it is told. With Must, it is an error that the installation sends no e-mail.
	App, Email, Must bool
}

// Sender tells people. When Send returns, the message is stored for everybody; a repeated key is sent once. It returns how many are
// told.
type Sender interface {
	Send(ctx context.Context, run task.Run, m Message, key string) (int, error)
}

// Kind is the function. Sender is needed to run, not to check.
type Kind struct{ Sender Sender }

// Spec describes it.
func (Kind) Spec() *catalogv1.Spec {
	return &catalogv1.Spec{
		Type: "notify", Group: "Functions", Title: "Notify people",
		Summary: "Tells people of this organization something, in the app and by e-mail, and goes on. The output is {recipients}: how many are told.",
		Params: []*catalogv1.Param{
			{Name: "title", Title: "Title", Kind: catalogv1.ParamKind_PARAM_KIND_TEXT, Required: true, Help: "Subject of the mail, such as ${ 'Invoice ' + input.number }."},
			{Name: "text", Title: "Text", Kind: catalogv1.ParamKind_PARAM_KIND_TEXT, Help: "Plain text."},
			{Name: "users", Title: "Users", Kind: catalogv1.ParamKind_PARAM_KIND_JSON, Help: "Ids or e-mail addresses of users."},
			{Name: "roles", Title: "Roles", Kind: catalogv1.ParamKind_PARAM_KIND_ROLES, Help: "Roles whose members are told."},
			{Name: "channel", Title: "Where", Kind: catalogv1.ParamKind_PARAM_KIND_ENUM, Options: channels, Help: "all: in the app, and by e-mail where the installation sends any."},
			{Name: "page", Title: "Page", Kind: catalogv1.ParamKind_PARAM_KIND_PAGE, Help: "A page of the component that the notice opens, with the run's entry."},
			{
				Name: "template", Title: "Template of the mail", Kind: catalogv1.ParamKind_PARAM_KIND_TEXT,
				Help: "HTML with {{name}} for a value and {{#list}}..{{/list}} for each of a list (mustache). Values are escaped.",
			},
			{Name: "values", Title: "Values of the template", Kind: catalogv1.ParamKind_PARAM_KIND_JSON, Help: "{\"name\": \"${ user.name }\"}"},
		},
	}
}

type body struct {
	sender                            Sender
	title, text, users, roles, values *task.Template
	template                          *template
	channel, page                     string
}

// Compile implements task.Kind.
func (k Kind) Compile(c *task.Compiler, with map[string]any) task.Body {
	b := &body{
		sender: k.Sender, channel: "all",
		title: c.Template("title", with["title"]), text: c.Template("text", with["text"]),
		users: c.Template("users", with["users"]), roles: c.Template("roles", with["roles"]), values: c.Template("values", with["values"]),
	}
	c.ReferRoles("roles", with["roles"])
	if with["users"] == nil && with["roles"] == nil {
		c.Problem("users", "missing-param", "nobody is told: name users or roles")
	}
	if v, set := with["channel"]; set {
		if b.channel = c.Text("channel", v); b.channel != "" && !slices.Contains(channels, b.channel) {
			c.Problem("channel", "invalid-param", "\"channel\" is one of %s", strings.Join(channels, ", "))
		}
	}
	if with["page"] != nil {
		b.page = c.Page("page", c.Text("page", with["page"]))
	}
	if with["template"] != nil {
		var err error
		if b.template, err = parse(c.Text("template", with["template"])); err != nil {
			c.Problem("template", "invalid-param", "%s", err)
		}
		if b.channel == "app" {
			c.Problem("template", "invalid-param", "\"template\" is for mails, and this notice is only shown in the app")
		}
	} else if with["values"] != nil {
		c.Problem("values", "invalid-param", "\"values\" belongs to a template")
	}
	return b
}

// Step implements task.Body.
func (b *body) Step(ctx context.Context, x *task.Exec) (task.Next, error) {
	args := map[string]any{}
	for name, text := range map[string]struct {
		t     *task.Template
		limit int
	}{"title": {b.title, maxTitle}, "text": {b.text, maxText}} {
		v, err := text.t.Text(ctx, x.Vars, name, text.limit)
		if err != nil {
			return task.Next{}, err
		}
		args[name] = v
	}
	if args["title"] == "" {
		return task.Next{}, task.NewError("validation", "the title is empty")
	}
	for name, t := range map[string]*task.Template{"users": b.users, "roles": b.roles} {
		list, err := task.People(ctx, x.Vars, t, name)
		if err != nil {
			return task.Next{}, err
		}
		args[name] = texts(list)
	}
	if b.template != nil {
		html, err := b.html(ctx, x)
		if err != nil {
			return task.Next{}, err
		}
		args["html"] = html
	}
	return task.Next{Kind: task.Call, Args: args}, nil
}

func (b *body) html(ctx context.Context, x *task.Exec) (string, error) {
	values, err := b.values.Eval(ctx, x.Vars)
	if err != nil {
		return "", err
	}
	return b.template.render(values)
}

func texts(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}

// Target implements task.Caller.
func (b *body) Target() string { return b.channel + " " + b.page }

// Call implements task.Caller.
func (b *body) Call(ctx context.Context, args any, key string) (any, error) {
	run, ok := task.RunOf(ctx)
	if !ok {
		return nil, errors.New("a notice belongs to a run")
	}
	m, _ := args.(map[string]any)
	n := Message{Page: b.page, App: b.channel != "email", Email: b.channel != "app", Must: b.channel == "email"}
	n.Title, _ = m["title"].(string)
	n.Text, _ = m["text"].(string)
	n.HTML, _ = m["html"].(string)
	n.Users, n.Roles = list(m["users"]), list(m["roles"])
	told, err := b.sender.Send(ctx, run, n, key)
	if err != nil {
		return nil, err
	}
	return map[string]any{"recipients": int64(told)}, nil
}

func list(v any) []string {
	items, _ := v.([]any)
	out := make([]string, 0, len(items))
	for _, item := range items {
		if s, ok := item.(string); ok {
			out = append(out, s)
		}
	}
	return out
}
