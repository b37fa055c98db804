package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/aqtra/aqtra/pkg/postgres"
	"github.com/aqtra/aqtra/services/workflow/internal/notify"
	"github.com/aqtra/aqtra/services/workflow/internal/store/db"
)

var _ notify.Store = (*Store)(nil)

func noticeOf(r db.WorkflowNotice) notify.Notice {
	return notify.Notice{
		Tenant: r.TenantID, ID: r.ID, User: r.UserID, Key: r.Key, Preview: r.Preview, Run: r.RunID, Component: r.Component, Page: r.Page,
		Entry: r.EntryID, Title: r.Title, Text: r.Body, HTML: r.Html, Shown: r.Shown, CreateTime: r.CreateTime, ReadTime: r.ReadTime,
		Mail: notify.MailState(r.Mail), Address: r.Address, Attempts: int(r.Attempts), MailTime: r.MailTime,
	}
}

func noticesOf(rows []db.WorkflowNotice) []notify.Notice {
	out := make([]notify.Notice, len(rows))
	for i, r := range rows {
		out[i] = noticeOf(r)
	}
	return out
}

// AddNotices implements notify.Store.
func (s *Store) AddNotices(ctx context.Context, tenant string, all []notify.Notice, since time.Time, mails int) error {
	return postgres.Away(s.db.TenantTx(ctx, tenant, func(tx pgx.Tx) error {
		q := db.New(tx)
		added := int64(0)
		for _, n := range all {
			rows, err := q.AddNotice(ctx, db.AddNoticeParams{
				TenantID: tenant, ID: n.ID, UserID: n.User, Key: n.Key, Preview: n.Preview, RunID: n.Run, Component: n.Component, Page: n.Page, EntryID: n.Entry,
				Title: n.Title, Body: n.Text, Html: n.HTML, Shown: n.Shown, CreateTime: n.CreateTime, Mail: int16(n.Mail), Address: n.Address, MailTime: n.MailTime,
			})
			if err != nil {
				return err
			}
			if n.Mail != notify.NoMail {
				added += rows
			}
		}
		if added == 0 {
			return nil
		}
		count, err := q.CountMails(ctx, db.CountMailsParams{TenantID: tenant, Since: since, Bound: int32(mails) + 1})
		if err == nil && count > int64(mails) {
			err = notify.ErrTooMany(mails)
		}
		return err
	}))
}

// Notices implements notify.Store.
func (s *Store) Notices(ctx context.Context, tenant string, f notify.Filter) ([]notify.Notice, error) {
	rows, err := s.tenant(tenant).ListNotices(ctx, db.ListNoticesParams{
		TenantID: tenant, UserID: f.User, Preview: f.Preview, Before: f.Before, Unread: f.Unread, Most: int32(f.Limit),
	})
	return noticesOf(rows), err
}

// CountUnread implements notify.Store.
func (s *Store) CountUnread(ctx context.Context, tenant, user, preview string) (int, error) {
	n, err := s.tenant(tenant).CountUnread(ctx, db.CountUnreadParams{TenantID: tenant, UserID: user, Preview: preview, Bound: notify.Unread})
	return int(n), err
}

// ReadNotices implements notify.Store.
func (s *Store) ReadNotices(ctx context.Context, tenant, user, preview string, ids []string, all bool, now time.Time) (int, error) {
	n, err := s.tenant(tenant).ReadNotices(ctx, db.ReadNoticesParams{
		TenantID: tenant, UserID: user, Preview: preview, Ids: ids, Everything: all, Now: now,
	})
	return int(n), err
}

// ClaimMails implements notify.Store.
func (s *Store) ClaimMails(ctx context.Context, now, until time.Time, n int) ([]notify.Notice, error) {
	rows, err := s.system().ClaimMails(ctx, db.ClaimMailsParams{Now: now, Until: until, Most: int32(n)})
	return noticesOf(rows), err
}

// SetMail implements notify.Store.
func (s *Store) SetMail(ctx context.Context, n notify.Notice, state notify.MailState, next *time.Time, problem string) error {
	return s.tenant(n.Tenant).SetMail(ctx, db.SetMailParams{
		TenantID: n.Tenant, ID: n.ID, Attempts: int32(n.Attempts), Mail: int16(state), MailTime: next, Problem: problem,
	})
}

// DropNotices implements notify.Store.
func (s *Store) DropNotices(ctx context.Context, before time.Time, n int) (int, error) {
	rows, err := s.system().DropNotices(ctx, db.DropNoticesParams{Before: before, Most: int32(n)})
	return int(rows), err
}
