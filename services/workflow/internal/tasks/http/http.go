// Package http is the function "http" of the standard: it calls a web address.
package http

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/aqtra/aqtra/pkg/egress"
	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/value"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	"github.com/aqtra/aqtra/services/workflow/internal/task"
)

const (
	// maxAnswer is how large an answer may be, in bytes.
	maxAnswer = task.MaxValue
	// maxAddress and maxHeaders bound what is sent, beside the body.
	maxAddress = 8 << 10
	maxHeaders = 100
	// shown is how much of an answer an error shows, in bytes.
	shown = 500
)

var methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

// Kind is the function. Client is needed to run, not to check.
type Kind struct{ Client *http.Client }

// Spec describes it.
func (Kind) Spec() *catalogv1.Spec {
	return &catalogv1.Spec{
		Type: "http", Group: "Functions", Title: "Call a web address",
		Summary: "Sends a request and gives the answer's content, JSON as values. It carries the header Idempotency-Key, the same in every attempt. " +
			"Answers of other than 2xx are errors with their status.",
		Params: []*catalogv1.Param{
			{Name: "method", Title: "Method", Kind: catalogv1.ParamKind_PARAM_KIND_ENUM, Required: true, Options: methods},
			{Name: "endpoint", Title: "Address", Kind: catalogv1.ParamKind_PARAM_KIND_TEXT, Required: true, Help: "Such as https://api.example.com/orders, or ${ 'https://..' + input.id }."},
			{Name: "headers", Title: "Headers", Kind: catalogv1.ParamKind_PARAM_KIND_JSON, Help: "{\"Accept\": \"application/json\"}. Secrets do not belong here: everybody who may edit the workflow sees them."},
			{Name: "query", Title: "Query", Kind: catalogv1.ParamKind_PARAM_KIND_JSON, Help: "{\"page\": 1}"},
			{Name: "body", Title: "Body", Kind: catalogv1.ParamKind_PARAM_KIND_JSON, Help: "Sent as JSON; a text is sent as it is when the header Content-Type says another type."},
			{Name: "output", Title: "Output", Kind: catalogv1.ParamKind_PARAM_KIND_ENUM, Options: []string{"content", "response", "raw"}, Help: "content; response gives status and headers as well; raw gives the content in base64."},
			{Name: "redirect", Title: "Accept redirects", Kind: catalogv1.ParamKind_PARAM_KIND_JSON, Help: "true takes an answer of 3xx as it is. None is followed."},
		},
	}
}

type body struct {
	client                         *http.Client
	method, output                 string
	endpoint, headers, query, body *task.Template
	redirect                       bool
}

// Compile implements task.Kind.
func (k Kind) Compile(c *task.Compiler, with map[string]any) task.Body {
	b := &body{client: k.Client, method: strings.ToUpper(c.Text("method", with["method"])), output: "content"}
	if b.method != "" && !slices.Contains(methods, b.method) {
		c.Problem("method", "invalid-param", "\"method\" is one of %s", strings.Join(methods, ", "))
	}
	endpoint, at := with["endpoint"], "endpoint"
	if m, ok := endpoint.(map[string]any); ok {
		if !c.Into("endpoint").Keys(m, "endpoint", []string{"uri"}) {
			return b
		}
		endpoint, at = m["uri"], "endpoint/uri"
	}
	b.endpoint = c.Template(at, endpoint)
	if v, literal := b.endpoint.Literal(); literal {
		text, _ := v.(string)
		if _, err := address(text); err != nil {
			c.Problem(at, "invalid-param", "%s", err)
		}
	}
	b.headers, b.query, b.body = c.Template("headers", with["headers"]), c.Template("query", with["query"]), c.Template("body", with["body"])
	if v, set := with["output"]; set {
		if b.output = c.Text("output", v); b.output != "" && !slices.Contains([]string{"content", "response", "raw"}, b.output) {
			c.Problem("output", "invalid-param", "\"output\" is content, response or raw")
		}
	}
	if v, set := with["redirect"]; set {
		redirect, ok := v.(bool)
		if !ok {
			c.Problem("redirect", "invalid-param", "\"redirect\" is true or false")
		}
		b.redirect = redirect
	}
	return b
}

// address checks a web address.
func address(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || len(text) > maxAddress || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "":
		return nil, errors.New("the address must begin with https:// or http:// and a host")
	case u.User != nil:
		return nil, errors.New("the address must not hold a user or password")
	}
	return u, nil
}

// Step implements task.Body.
func (b *body) Step(ctx context.Context, x *task.Exec) (task.Next, error) {
	endpoint, err := b.endpoint.Text(ctx, x.Vars, "endpoint", maxAddress)
	if err != nil {
		return task.Next{}, err
	}
	u, err := address(endpoint)
	if err != nil {
		return task.Next{}, task.NewError("validation", "%s", err)
	}
	query, err := texts(ctx, x, b.query, "query")
	if err != nil {
		return task.Next{}, err
	}
	if len(query) > 0 {
		all := u.Query()
		for name, v := range query {
			all.Set(name, v.(string))
		}
		u.RawQuery = all.Encode()
	} else {
		u.RawQuery = escaped(u.RawQuery)
	}
	headers, err := texts(ctx, x, b.headers, "headers")
	if err != nil {
		return task.Next{}, err
	}
	content, err := b.body.Eval(ctx, x.Vars)
	return task.Next{Kind: task.Call, Args: map[string]any{"uri": u.String(), "headers": headers, "body": content}}, err
}

// escaped writes what must not stand in a query the way that it may: the line of a request ends at a space.
func escaped(query string) string {
	var out strings.Builder
	for i := range len(query) {
		if b := query[i]; b <= ' ' || b > '~' {
			fmt.Fprintf(&out, "%%%02X", b)
		} else {
			out.WriteByte(b)
		}
	}
	return out.String()
}

// texts evaluates an object of texts.
func texts(ctx context.Context, x *task.Exec, t *task.Template, name string) (map[string]any, error) {
	v, err := t.Eval(ctx, x.Vars)
	if err != nil || v == nil {
		return map[string]any{}, err
	}
	m, ok := v.(map[string]any)
	if !ok || len(m) > maxHeaders {
		return nil, task.NewError("validation", "%s must be an object of at most %d texts", name, maxHeaders)
	}
	out := make(map[string]any, len(m))
	for key, item := range m {
		text, ok := plain(item)
		if !ok || len(text) > maxAddress {
			return nil, task.NewError("validation", "%s.%.50s must be a text, number or time", name, key)
		}
		out[key] = text
	}
	return out, nil
}

// plain writes a text, number, time or truth value.
func plain(v any) (string, bool) {
	if text, ok := task.TextOf(v); ok {
		return text, true
	}
	switch v.(type) {
	case nil, []any, map[string]any, []byte:
		return "", false
	}
	b, err := value.ToJSON(v)
	return strings.Trim(string(b), `"`), err == nil
}

// Target implements task.Caller.
func (b *body) Target() string { return b.method + " " + b.output }

// Call implements task.Caller.
func (b *body) Call(ctx context.Context, args any, key string) (any, error) {
	m, _ := args.(map[string]any)
	req, err := b.request(ctx, m, key)
	if err != nil {
		return nil, err
	}
	res, err := b.client.Do(req)
	if err != nil {
		return nil, b.failed(ctx, req, err)
	}
	defer func() { _ = res.Body.Close() }() // it was read, or is not wanted
	data, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, b.failed(ctx, req, err)
	case len(data) > maxAnswer:
		return nil, task.NewError("communication", "the answer of %s is larger than %d bytes", req.URL.Host, maxAnswer)
	}
	if res.StatusCode/100 != 2 && (!b.redirect || res.StatusCode/100 != 3) {
		e := task.NewError("communication", "%s %s answered %s%s", req.Method, req.URL.Host, res.Status, excerpt(data))
		e.Status, e.Title = res.StatusCode, http.StatusText(res.StatusCode)
		return nil, e
	}
	return b.answer(req, res, data)
}

func (b *body) request(ctx context.Context, m map[string]any, key string) (*http.Request, error) {
	uri, _ := m["uri"].(string)
	headers, _ := m["headers"].(map[string]any)
	kind := ""
	for name, v := range headers {
		if text, ok := v.(string); ok && http.CanonicalHeaderKey(name) == "Content-Type" {
			kind = text
		}
	}
	var content []byte
	if m["body"] != nil {
		text, isText := m["body"].(string)
		media, _, _ := mime.ParseMediaType(kind)
		if isText && kind != "" && !isJSON(media) {
			content = []byte(text)
		} else {
			var err error
			if content, err = value.ToJSON(m["body"]); err != nil {
				return nil, task.NewError("validation", "the body cannot be written as JSON: %s", err)
			}
			if kind == "" {
				kind = "application/json"
			}
		}
	}
	req, err := http.NewRequestWithContext(ctx, b.method, uri, bytes.NewReader(content))
	if err != nil {
		return nil, task.NewError("validation", "the address cannot be called")
	}
	req.Header.Set("User-Agent", "aqtra")
	req.Header.Set("Idempotency-Key", key)
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		text, _ := headers[name].(string)
		req.Header.Set(name, text)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	return req, nil
}

// failed tells what went wrong on the way. What never arrived, or may arrive twice, is tried again.
func (b *body) failed(ctx context.Context, req *http.Request, err error) error {
	var refused *net.OpError
	dialed := errors.As(err, &refused) && refused.Op == "dial"
	repeatable := dialed || slices.Contains([]string{"GET", "HEAD", "PUT", "DELETE", "OPTIONS"}, b.method)
	var dns *net.DNSError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &dns) && dns.IsNotFound:
		return task.NewError("communication", "%s: no such host", req.URL.Host)
	case errors.Is(err, egress.ErrRefused):
		return task.NewError("authorization", "%s: %s", req.URL.Host, egress.ErrRefused)
	case strings.Contains(err.Error(), "net/http: invalid header"):
		return task.NewError("validation", "a header has characters that it must not have")
	case repeatable:
		return fault.Unavailable(faultv1.Reason_REASON_SERVICE_UNAVAILABLE, fmt.Sprintf("%s cannot be reached: %s", req.URL.Host, reason(err)))
	default:
		return task.NewError("communication", "%s: %s; whether it was received is not known", req.URL.Host, reason(err))
	}
}

// reason is the innermost error, without addresses.
func reason(err error) string {
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return "no such host"
	}
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return err.Error()
}

func (b *body) answer(req *http.Request, res *http.Response, data []byte) (any, error) {
	var content any
	media, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	switch {
	case b.output == "raw":
		content = base64.StdEncoding.EncodeToString(data)
	case isJSON(media) && len(bytes.TrimSpace(data)) > 0:
		v, err := value.FromJSON(data)
		if err != nil {
			return nil, task.NewError("communication", "the answer of %s is no JSON: %s", req.URL.Host, err)
		}
		content = v
	case len(data) > 0:
		if !utf8.Valid(data) || !task.Storable(string(data)) {
			return nil, task.NewError("communication", "the answer of %s is no text; use the output raw", req.URL.Host)
		}
		content = string(data)
	}
	if b.output != "response" {
		return content, nil
	}
	headers := map[string]any{}
	for name, values := range res.Header {
		if text := strings.Join(values, ", "); task.Storable(text) {
			headers[strings.ToLower(name)] = text
		}
	}
	return map[string]any{
		"request":    map[string]any{"method": req.Method, "uri": req.URL.String()},
		"statusCode": int64(res.StatusCode), "headers": headers, "content": content,
	}, nil
}

func isJSON(media string) bool {
	return media == "application/json" || strings.HasSuffix(media, "+json")
}

// excerpt is the beginning of an answer that is text.
func excerpt(data []byte) string {
	text := strings.TrimSpace(string(data[:min(len(data), shown)]))
	if text == "" || !task.Storable(strings.ToValidUTF8(text, "")) || strings.HasPrefix(text, "<") {
		return ""
	}
	return ": " + strings.ToValidUTF8(text, "")
}
