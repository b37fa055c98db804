// Package apidoc serves aqtra.apidoc.v1: the OpenAPI document of a tenant's own apps. It is the general document, which knows
// every operation but no app, made special for each live component: its name stands in the paths, its fields in the schemas,
// and what the caller may not use is left out.
package apidoc

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/grpc"

	"github.com/aqtra/aqtra/pkg/principal"
	"github.com/aqtra/aqtra/pkg/releases"
	apidocv1 "github.com/aqtra/aqtra/proto/gen/aqtra/apidoc/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
)

// keptBytes bounds the definitions that are kept in memory.
const keptBytes = 32 << 20

// Service makes documents.
type Service struct {
	apidocv1.UnimplementedApiDocumentsServer
	general  general
	releases *releases.Cache[*libraryv1.Release]
}

// New takes the general document, as JSON, and the component library.
func New(document []byte, library grpc.ClientConnInterface) (*Service, error) {
	g, err := readGeneral(document)
	if err != nil {
		return nil, err
	}
	same := func(r *libraryv1.Release) (*libraryv1.Release, error) { return r, nil }
	return &Service{general: g, releases: releases.NewBytes(library, keptBytes, same)}, nil
}

// Register adds the service to a server.
func (s *Service) Register(r grpc.ServiceRegistrar) { apidocv1.RegisterApiDocumentsServer(r, s) }

// GetApiDocument implements aqtra.apidoc.v1.ApiDocuments.
func (s *Service) GetApiDocument(ctx context.Context, _ *apidocv1.GetApiDocumentRequest) (*apidocv1.ApiDocument, error) {
	release, err := s.releases.Current(ctx)
	if err != nil {
		return nil, err
	}
	p, _ := principal.From(ctx)
	text, err := json.Marshal(s.general.document(release, p))
	if err != nil {
		return nil, fmt.Errorf("encode the document: %w", err)
	}
	return &apidocv1.ApiDocument{Release: release.GetId(), Openapi: text}, nil
}

const about = `The API of your own apps, as they are live: what you may use of them, with the fields that they have. The whole API,
with everything that is not about one app, is at /v1/docs.

Sign in with an API key as "Authorization: Bearer". Numbers with decimals are strings, so that no digit is lost; an empty value
is null. Fields that are not known are refused.`

// part is a kind of thing in a component that is run by its name.
type part struct {
	id, title string
	roles     []string
}

// parts are what a component has, by the variable that names one in a path.
func parts(c *libraryv1.Component) map[string][]part {
	out := map[string][]part{}
	for _, d := range c.GetDataflows() {
		out["dataflow"] = append(out["dataflow"], part{d.GetId(), d.GetTitle(), d.GetRoles()})
	}
	for _, w := range c.GetWorkflows() {
		out["workflow"] = append(out["workflow"], part{w.GetId(), w.GetTitle(), w.GetRoles()})
	}
	for _, s := range c.GetScripts() {
		out["script"] = append(out["script"], part{s.GetId(), s.GetTitle(), s.GetRoles()})
	}
	return out
}

// runs are the operations on a part, by the variable. Tests of drafts are not for integrators.
func runs() map[string]string {
	return map[string]string{
		"dataflow": "/v1/components/{component}/dataflows/{dataflow}:run",
		"workflow": "/v1/components/{component}/workflows/{workflow}:start",
		"script":   "/v1/components/{component}/scripts/{script}:run",
	}
}

// document describes a release to somebody.
func (g general) document(release *libraryv1.Release, p principal.Principal) object {
	w := &writer{general: g, paths: object{}, schemas: object{}}
	var tags []any
	for _, c := range release.GetComponents() {
		before := len(w.paths)
		w.component(c, p)
		if len(w.paths) > before {
			tags = append(tags, object{"name": c.GetId(), "description": strings.TrimSpace(c.GetDisplayName() + "\n\n" + c.GetDescription())})
		}
	}
	w.close()
	return object{
		"openapi": g.doc["openapi"], "servers": g.doc["servers"], "tags": tags, "paths": w.paths,
		"info":       object{"title": "Aqtra: your apps", "version": release.GetId(), "description": about},
		"components": object{"schemas": w.schemas, "responses": g.part("responses"), "securitySchemes": g.part("securitySchemes")},
		"security":   g.doc["security"],
	}
}

// component adds the operations of one component.
func (w *writer) component(c *libraryv1.Component, p principal.Principal) {
	if len(c.GetModel().GetFields()) > 0 && sees(c, p) {
		for _, path := range w.general.entryPaths {
			w.add(c, path, "", part{}, p)
		}
	}
	for variable, all := range parts(c) {
		for _, one := range all {
			if p.MayUse(one.roles) {
				w.add(c, runs()[variable], variable, one, p)
			}
		}
	}
}

// sees reports whether there is an entry that somebody might see, as access rules decide.
func sees(c *libraryv1.Component, p principal.Principal) bool {
	rules := c.GetSettings().GetAccess()
	return len(rules) == 0 || p.IsAdmin() || slices.ContainsFunc(rules, func(r *libraryv1.AccessRule) bool {
		return slices.Contains(p.Roles, r.GetRole()) && slices.Contains(r.GetOperations(), libraryv1.Operation_OPERATION_READ)
	})
}
