package setup

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/config"
)

const (
	// account is where Kubernetes puts the token of a pod's service account.
	account = "/var/run/secrets/kubernetes.io/serviceaccount"

	maxAnswer   = 16 << 20 // bytes of an answer of the API
	apiTimeout  = 15 * time.Second
	apiPatience = time.Minute // with an API that is away
	apiPause    = time.Second
)

// secret is the part of a Kubernetes secret that we read and write; encoding/json knows bytes as base64, as Kubernetes does.
type secret struct {
	APIVersion string            `json:"apiVersion"`
	Kind       string            `json:"kind"`
	Metadata   metadata          `json:"metadata"`
	Type       string            `json:"type,omitempty"`
	Data       map[string][]byte `json:"data"`
}

type metadata struct {
	Name            string            `json:"name"`
	Namespace       string            `json:"namespace,omitempty"`
	ResourceVersion string            `json:"resourceVersion,omitempty"`
	Labels          map[string]string `json:"labels,omitempty"`
	Annotations     map[string]string `json:"annotations,omitempty"`
	Finalizers      []string          `json:"finalizers,omitempty"`
	OwnerReferences []json.RawMessage `json:"ownerReferences,omitempty"`
}

// errConflict says that somebody else was faster: the secret exists already, or has changed since it was read.
var errConflict = errors.New("somebody else changed the secret")

// kube reads and writes the secrets of one namespace.
type kube struct {
	http      *http.Client
	base      string // scheme, host and port
	namespace string
	tokenFile string
	clk       clock.Clock
}

// newKube finds the API as every pod does: from its environment and from the folder of its service account.
func newKube(namespace, dir string, lookup config.Lookup, clk clock.Clock) (*kube, error) {
	host, _ := lookup("KUBERNETES_SERVICE_HOST")
	port, _ := lookup("KUBERNETES_SERVICE_PORT")
	if host == "" || port == "" {
		return nil, errors.New("KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set: this command works only in a pod")
	}
	ca, err := os.ReadFile(filepath.Join(dir, "ca.crt"))
	if err != nil {
		return nil, fmt.Errorf("the pod has no service account token (automountServiceAccountToken): %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(ca) {
		return nil, fmt.Errorf("%s holds no certificate", filepath.Join(dir, "ca.crt"))
	}
	return &kube{
		http: &http.Client{Timeout: apiTimeout, Transport: &http.Transport{
			TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS13, RootCAs: roots}, ForceAttemptHTTP2: true,
		}},
		base: "https://" + net.JoinHostPort(host, port), namespace: namespace, tokenFile: filepath.Join(dir, "token"), clk: clk,
	}, nil
}

func (k *kube) path(name string) string {
	p := "/api/v1/namespaces/" + url.PathEscape(k.namespace) + "/secrets"
	if name != "" {
		p += "/" + url.PathEscape(name)
	}
	return p
}

// get returns a secret, nil when there is none.
func (k *kube) get(ctx context.Context, name string) (*secret, error) {
	var s secret
	status, err := k.do(ctx, http.MethodGet, k.path(name), nil, &s)
	if status == http.StatusNotFound {
		return nil, nil
	}
	return &s, err
}

func (k *kube) create(ctx context.Context, s secret) error {
	s.Metadata.Namespace = k.namespace
	_, err := k.do(ctx, http.MethodPost, k.path(""), s, nil)
	return err
}

// update replaces the secret if it is still at the version that s was read at.
func (k *kube) update(ctx context.Context, s secret) error {
	_, err := k.do(ctx, http.MethodPut, k.path(s.Metadata.Name), s, nil)
	return err
}

// delete is done as well when there is no such secret.
func (k *kube) delete(ctx context.Context, name string) error {
	status, err := k.do(ctx, http.MethodDelete, k.path(name), nil, nil)
	if status == http.StatusNotFound {
		return nil
	}
	return err
}

func (k *kube) list(ctx context.Context, labels string) ([]secret, error) {
	var answer struct{ Items []secret }
	_, err := k.do(ctx, http.MethodGet, k.path("")+"?"+url.Values{"labelSelector": {labels}}.Encode(), nil, &answer)
	return answer.Items, err
}

// do asks until there is an answer that counts, for at most apiPatience. It may repeat a request that was carried out: whoever
// writes finds errConflict then, reads again and sees that all is done.
func (k *kube) do(ctx context.Context, method, path string, in, out any) (status int, err error) {
	ctx, cancel := context.WithTimeout(ctx, apiPatience)
	defer cancel()
	end := k.clk.Now().Add(apiPatience)
	for {
		var again bool
		status, again, err = k.once(ctx, method, path, in, out)
		if !again {
			return status, err
		}
		if !k.clk.Now().Before(end) || clock.Sleep(ctx, k.clk, apiPause) != nil {
			return status, fmt.Errorf("the Kubernetes API at %s cannot be reached: %w", k.base, err)
		}
	}
}

func (k *kube) once(ctx context.Context, method, path string, in, out any) (status int, again bool, err error) {
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return 0, false, fmt.Errorf("write secret: %w", err)
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, k.base+path, body)
	if err != nil {
		return 0, false, fmt.Errorf("ask the Kubernetes API: %w", err)
	}
	token, err := os.ReadFile(k.tokenFile) // Kubernetes replaces it now and then
	if err != nil {
		return 0, false, fmt.Errorf("the pod has no service account token (automountServiceAccountToken): %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	req.Header.Set("Accept", "application/json")
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := k.http.Do(req)
	if err != nil {
		var ue *url.Error
		if errors.As(err, &ue) {
			err = ue.Err
		}
		return 0, true, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return resp.StatusCode, true, err
	}
	if resp.StatusCode/100 != 2 {
		again, err = k.refusal(method, resp.StatusCode, text)
		return resp.StatusCode, again, err
	}
	if out != nil {
		if err := json.Unmarshal(text, out); err != nil {
			return resp.StatusCode, false, fmt.Errorf("the Kubernetes API at %s gave an answer that is not a secret", k.base)
		}
	}
	return resp.StatusCode, false, nil
}

// refusal makes an error of an answer that is none.
func (k *kube) refusal(method string, status int, text []byte) (again bool, err error) {
	var said struct{ Message string }
	if json.Unmarshal(text, &said) != nil || said.Message == "" {
		said.Message = http.StatusText(status)
	}
	switch {
	case status == http.StatusConflict:
		return false, errConflict
	case status == http.StatusForbidden:
		return false, fmt.Errorf("the service account of this pod may not %s secrets in the namespace %s (RBAC): %s",
			map[string]string{http.MethodGet: "get or list", http.MethodPost: "create", http.MethodPut: "update", http.MethodDelete: "delete"}[method],
			k.namespace, said.Message)
	case status == http.StatusUnauthorized:
		return false, fmt.Errorf("the Kubernetes API at %s does not accept the token of this pod's service account", k.base)
	}
	return status >= 500 || status == http.StatusTooManyRequests, fmt.Errorf("the Kubernetes API refuses to %s secrets: %d %s", method, status, said.Message)
}
