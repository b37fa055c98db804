package rpc

import (
	"context"
	"strconv"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/aqtra/aqtra/pkg/paging"
	"github.com/aqtra/aqtra/pkg/principal"
	notifyv1 "github.com/aqtra/aqtra/proto/gen/aqtra/notify/v1"
	"github.com/aqtra/aqtra/services/workflow/internal/notify"
)

// Notices serves aqtra.notify.v1.Notices.
type Notices struct {
	notifyv1.UnimplementedNoticesServer
	Desk *notify.Desk
}

// ListNotices implements the service.
func (s *Notices) ListNotices(ctx context.Context, req *notifyv1.ListNoticesRequest) (*notifyv1.ListNoticesResponse, error) {
	who, err := principal.Caller(ctx)
	if err != nil {
		return nil, err
	}
	size, err := paging.Size(req.GetPageSize(), 100)
	if err != nil {
		return nil, err
	}
	pages := paging.Of(who.Tenant, "notices", who.Subject, strconv.FormatBool(req.GetUnread()))
	before, err := pages.Text(req.GetPageToken())
	if err != nil {
		return nil, err
	}
	all, more, unread, err := s.Desk.List(ctx, who, req.GetUnread(), before, size)
	if err != nil {
		return nil, err
	}
	resp := &notifyv1.ListNoticesResponse{UnreadCount: int32(unread)}
	for _, n := range all {
		resp.Notices = append(resp.Notices, &notifyv1.Notice{
			Id: n.ID, Title: n.Title, Text: n.Text, Component: n.Component, Page: n.Page, Entry: n.Entry, Run: n.Run,
			CreateTime: timestamppb.New(n.CreateTime), ReadTime: moment(n.ReadTime),
		})
	}
	if more {
		resp.NextPageToken = pages.Token(all[len(all)-1].ID)
	}
	return resp, nil
}

// ReadNotices implements the service.
func (s *Notices) ReadNotices(ctx context.Context, req *notifyv1.ReadNoticesRequest) (*notifyv1.ReadNoticesResponse, error) {
	who, err := principal.Caller(ctx)
	if err != nil {
		return nil, err
	}
	return &notifyv1.ReadNoticesResponse{}, s.Desk.Read(ctx, who, req.GetNotices(), req.GetAll())
}
