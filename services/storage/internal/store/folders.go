package store

import (
	"context"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/aqtra/aqtra/services/storage/internal/files"
	"github.com/aqtra/aqtra/services/storage/internal/store/db"
)

// maxFolders is how many folders are listed.
const maxFolders = 1000

// Folder is a folder with how many files are in it and below it.
type Folder struct {
	Path  string
	Files int64
}

// Update gives a file another name or folder; what is nil stays.
func (f Files) Update(ctx context.Context, tenant, id string, name, folder *string) (files.File, error) {
	row, err := db.New(f.db.Tenant(tenant)).UpdateFile(ctx, db.UpdateFileParams{TenantID: tenant, ID: id, Name: name, Folder: folder})
	if errors.Is(err, pgx.ErrNoRows) {
		return files.File{}, noFile()
	}
	if err != nil {
		return files.File{}, wrap("change file", classify(err))
	}
	return fileOf(row), nil
}

// Folders lists the folders in a folder, by name.
func (f Files) Folders(ctx context.Context, tenant, parent string) ([]Folder, error) {
	inside := parent
	if inside != "" {
		inside += "/"
	}
	rows, err := db.New(f.db.Tenant(tenant)).ListFolders(ctx, db.ListFoldersParams{TenantID: tenant, Inside: inside, Most: maxFolders})
	if err != nil {
		return nil, wrap("list folders", classify(err))
	}
	list := make([]Folder, len(rows))
	for i, r := range rows {
		list[i] = Folder{Path: inside + r.Name, Files: r.Files}
	}
	return list, nil
}

// MoveFolder gives a folder another path and returns how many files moved; none, unless what is below it stays within the bounds.
func (f Files) MoveFolder(ctx context.Context, tenant, from, to string) (moved int64, err error) {
	err = f.db.TenantTx(ctx, tenant, func(tx pgx.Tx) error {
		q := db.New(tx)
		deepest, err := q.DeepestBelow(ctx, db.DeepestBelowParams{TenantID: tenant, Path: from})
		if err != nil {
			return err
		}
		names := int(deepest.Names) - strings.Count(from, "/") - 1
		if to != "" {
			names += strings.Count(to, "/") + 1
		}
		if names > files.MaxFolders || int(deepest.Bytes)-len(from)+len(to) > files.MaxFolder {
			return files.TooDeep("to")
		}
		moved, err = q.MoveFolder(ctx, db.MoveFolderParams{TenantID: tenant, Path: from, Target: to})
		return err
	})
	return moved, wrap("move folder", classify(err))
}
