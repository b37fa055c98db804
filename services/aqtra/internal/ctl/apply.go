package ctl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
)

// ErrDiffers says that a folder and an installation differ, when only that was asked.
var ErrDiffers = errors.New("the installation differs")

// Apply says how a folder is applied.
type Apply struct {
	// Check changes nothing.
	Check bool
	// Prune removes components and parts that the folder does not have.
	Prune bool
	// Publish makes the components live, accepting these losses of data.
	Publish bool
	Losses  []string
	// Agree asks whoever is there to agree to the plan that was shown.
	Agree func() (bool, error)
}

// pollEvery is how often a publication is looked at.
const pollEvery = 500 * time.Millisecond

// Apply makes an installation's components be those of a folder. A component that was changed by somebody else after the plan was
// made is refused, and those after it are not touched.
func (c *Client) Apply(ctx context.Context, dir string, a Apply, out io.Writer) error {
	local, err := readAll(dir)
	if err != nil {
		return err
	}
	if len(local) == 0 {
		return fmt.Errorf("%s has no folder with a component.yaml", dir)
	}
	changes, err := c.plan(ctx, local, a.Prune)
	if err != nil {
		return err
	}
	for _, ch := range changes {
		for _, line := range ch.words {
			fmt.Fprintf(out, "%s: %s\n", ch.id, line)
		}
	}
	switch {
	case len(changes) == 0:
		fmt.Fprintln(out, "nothing to change")
	case a.Check:
		return ErrDiffers
	}
	if a.Check {
		return nil
	}
	if len(changes) > 0 {
		agreed, err := a.Agree()
		if err != nil {
			return err
		}
		if !agreed {
			fmt.Fprintln(out, "nothing was changed")
			return nil
		}
	}
	for _, ch := range changes {
		if err := c.carryOut(ctx, ch); err != nil {
			return fmt.Errorf("%s: %w", ch.id, err)
		}
		fmt.Fprintf(out, "%s: done\n", ch.id)
	}
	if a.Publish {
		return c.publish(ctx, local, a.Losses, out)
	}
	return nil
}

func (c *Client) carryOut(ctx context.Context, ch change) error {
	var err error
	switch {
	case ch.next == nil:
		_, err = c.components.DeleteComponent(ctx, &libraryv1.DeleteComponentRequest{Component: ch.id, Etag: ch.etag})
	case ch.etag == "":
		_, err = c.components.CreateComponent(ctx, &libraryv1.CreateComponentRequest{Component: ch.next})
	default:
		ch.next.Etag = ch.etag
		_, err = c.components.UpdateComponent(ctx, &libraryv1.UpdateComponentRequest{Component: ch.next, UpdateMask: &fieldmaskpb.FieldMask{
			Paths: []string{"display_name", "description", "model", "pages", "dataflows", "workflows", "scripts", "settings"},
		}})
	}
	return said(err)
}

// publish makes those of the components live that are not yet.
func (c *Client) publish(ctx context.Context, local []*libraryv1.Component, losses []string, out io.Writer) error {
	req := &libraryv1.CreatePublicationRequest{ConfirmLosses: losses}
	for _, l := range local {
		now, err := c.get(ctx, l.GetId())
		if err != nil {
			return fmt.Errorf("%s: %w", l.GetId(), err)
		}
		if now.GetPublishedRevision() != now.GetRevision() {
			req.Components = append(req.Components, l.GetId())
		}
	}
	if len(req.GetComponents()) == 0 {
		fmt.Fprintln(out, "everything is live already")
		return nil
	}
	p, err := c.publications.CreatePublication(ctx, req)
	if err != nil {
		return fmt.Errorf("publish: %w", said(err))
	}
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	for {
		if p, err = c.publications.GetPublication(ctx, &libraryv1.GetPublicationRequest{Publication: p.GetId()}); err != nil {
			return fmt.Errorf("publish: %w", said(err))
		}
		switch p.GetState() {
		case libraryv1.PublicationState_PUBLICATION_STATE_SUCCEEDED:
			fmt.Fprintf(out, "published %d components: %s\n", len(req.GetComponents()), p.GetMessage())
			return nil
		case libraryv1.PublicationState_PUBLICATION_STATE_FAILED:
			return fmt.Errorf("publish: %s", p.GetMessage())
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}
